/** The figures themselves. Every label is of a closed set, or a device or upstream of the shop; none grows with what was sold. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { deviceStateSchema } from '../../protocol/device.ts'
import { endedStates, jobKindSchema } from '../../protocol/job.ts'
import { boxFigures } from './box-figures.ts'
import type { Figures, Sources } from './monitoring.ts'

/** Of Node's own, those whose names break the conventions: gauges that end like counters. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

/** From a drawer that opens at once to a receipt that waited an hour for paper, in s. */
const jobBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600]

/** Makes the figures of one registry; what is asked for at each reading is handed to `collect`. */
export class FigureMaker {
  readonly registry = new Registry()
  readonly #registers = [this.registry]

  gauge<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (set: (labels: Partial<Record<L, string>>, value: number) => void) => void | Promise<void>,
  ): void {
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers: this.#registers,
      async collect() {
        const found: [Partial<Record<L, string>>, number][] = []
        await collect((labels, value) => found.push([labels, value]))
        // In one go: two readings at once must not meet half a list.
        this.reset()
        // Without labels it would be 0 now, which is not the same as not known.
        if (labelNames.length === 0) this.remove()
        for (const [labels, value] of found) this.set(labels, value)
      },
    })
  }

  /** A sum that something else counts. */
  counter<L extends string = never>(
    name: string,
    help: string,
    labelNames: readonly L[],
    collect: (set: (labels: Partial<Record<L, string>>, value: number) => void) => void | Promise<void>,
  ): void {
    new Counter<L>({
      name,
      help,
      labelNames,
      registers: this.#registers,
      async collect() {
        const found: [Partial<Record<L, string>>, number][] = []
        await collect((labels, value) => found.push([labels, value]))
        this.reset()
        for (const [labels, value] of found) this.inc(labels, value)
      },
    })
  }
}

export function createFigures(sources: Sources): Figures {
  const maker = new FigureMaker()
  const { registry } = maker
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const stopBox = boxFigures(maker, sources)
  deviceFigures(maker, sources)
  const jobs = new Counter({
    name: 'tillbridge_jobs_total',
    help: 'Ended jobs by kind and outcome',
    labelNames: ['kind', 'state'],
    registers,
  })
  // There from the start, so that the first job of a kind is a rise as well.
  for (const kind of jobKindSchema.options) for (const state of endedStates) jobs.inc({ kind, state }, 0)
  const jobSeconds = new Histogram({
    name: 'tillbridge_job_duration_seconds',
    help: 'From acceptance to the end of a job',
    labelNames: ['kind', 'state'],
    buckets: jobBuckets,
    registers,
  })
  const stop = () => {
    stopBox()
    registry.clear()
  }
  return { registry, jobs, jobSeconds, stop }
}

function deviceFigures(maker: FigureMaker, { clock, running }: Sources): void {
  const units = () => [...(running()?.devices.units() ?? [])]
  const labelsOf = (unit: { id: string; driver: { class: string } }) => ({
    device: unit.id,
    class: unit.driver.class,
  })
  maker.gauge('tillbridge_device_up', '1 when the device can work', ['device', 'class'], (set) => {
    for (const unit of units()) set(labelsOf(unit), unit.able ? 1 : 0)
  })
  maker.gauge(
    'tillbridge_device_state',
    '1 for the present state of the device',
    ['device', 'class', 'state'],
    (set) => {
      for (const unit of units())
        for (const state of deviceStateSchema.options)
          set({ ...labelsOf(unit), state }, unit.state === state ? 1 : 0)
    },
  )
  maker.gauge(
    'tillbridge_device_fault',
    '1 for each fault that the device has now',
    ['device', 'class', 'code'],
    (set) => {
      for (const unit of units())
        for (const { code } of unit.snapshot().faults) set({ ...labelsOf(unit), code }, 1)
    },
  )
  maker.gauge('tillbridge_jobs_waiting', 'Jobs waiting or running', ['device'], (set) => {
    for (const { id } of units()) set({ device: id }, running()?.jobs.queued(id).jobs ?? 0)
  })
  maker.gauge(
    'tillbridge_jobs_oldest_seconds',
    'Age of the oldest job that waits or runs; 0 when there is none',
    ['device'],
    (set) => {
      for (const { id } of units()) {
        const since = running()?.jobs.queued(id).since
        set({ device: id }, since === undefined ? 0 : Math.max(0, clock.now() - since) / 1000)
      }
    },
  )
  maker.gauge('tillbridge_jobs_unknown', 'Jobs that wait for a ruling on their outcome', [], (set) => {
    const unknown = running()?.unknownJobs
    if (unknown !== undefined) set({}, unknown.count)
  })
}
