/** Figures for Prometheus: what a person who watches many shops wants to be woken for. */
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Store } from '../store/store.ts'
import type { Devices } from './devices/devices.ts'
import type { Events } from './events.ts'
import type { Health } from './health.ts'

interface Sources {
  version: string
  health: Health
  clients: () => number
  queued: (device: string) => number
  /** Undefined until the hub has come up. */
  running: () => { devices: Devices; events: Events; store: Store } | undefined
}

interface Figures {
  registry: Registry
  jobs: Counter<'kind' | 'state'>
  jobSeconds: Histogram<'kind'>
}

/** The library is loaded with the first figure that somebody needs: an idle hub that nobody watches does without. */
export class Monitoring {
  readonly #sources: Sources
  #figures: Promise<Figures> | undefined

  constructor(sources: Sources) {
    this.#sources = sources
  }

  jobEnded(kind: string, state: string, seconds: number): void {
    void this.#load().then(({ jobs, jobSeconds }) => {
      jobs.inc({ kind, state })
      jobSeconds.observe({ kind }, seconds)
    })
  }

  async text(): Promise<{ contentType: string; body: string }> {
    const { registry } = await this.#load()
    return { contentType: registry.contentType, body: await registry.metrics() }
  }

  /** Lets go of the observers that the default figures hold. */
  stop(): void {
    void this.#figures?.then(({ registry }) => registry.clear())
  }

  #load(): Promise<Figures> {
    this.#figures ??= import('prom-client').then((library) => createFigures(library, this.#sources))
    return this.#figures
  }
}

function createFigures(
  { Counter, collectDefaultMetrics, Gauge, Histogram, Registry }: typeof import('prom-client'),
  sources: Sources,
): Figures {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = <L extends string>(
    name: string,
    help: string,
    collect: (gauge: Gauge<L>) => void,
    labelNames: L[] = [],
  ) =>
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers,
      collect() {
        collect(this)
      },
    })

  gauge('tillbridge_build_info', 'Version of the hub', (info) => info.set({ version: sources.version }, 1), [
    'version',
  ])
  gauge(
    'tillbridge_health',
    '1 for the present status',
    (health) => {
      for (const status of ['starting', 'ready', 'degraded'] as const)
        health.set({ status }, sources.health.current().status === status ? 1 : 0)
    },
    ['status'],
  )
  gauge('tillbridge_clients', 'Open WebSocket connections', (clients) => clients.set(sources.clients()))
  gauge('tillbridge_event_seq', 'Number of the last announced event', (seq) =>
    seq.set(sources.running()?.events.seq ?? 0),
  )
  gauge(
    'tillbridge_device_up',
    '1 when the device can work',
    (up) => {
      up.reset()
      for (const unit of sources.running()?.devices.units() ?? [])
        up.set({ device: unit.id, class: unit.driver.class }, unit.able ? 1 : 0)
    },
    ['device', 'class'],
  )
  gauge(
    'tillbridge_jobs_waiting',
    'Jobs waiting or running',
    (waiting) => {
      waiting.reset()
      for (const unit of sources.running()?.devices.units() ?? [])
        waiting.set({ device: unit.id }, sources.queued(unit.id))
    },
    ['device'],
  )
  for (const [name, key, help] of [
    ['tillbridge_store_commits_total', 'commits', 'Commits of the store'],
    ['tillbridge_store_operations_total', 'operations', 'Operations in those commits'],
  ] as const) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(sources.running()?.store.stats[key] ?? 0)
      },
    })
  }
  const jobs = new Counter({
    name: 'tillbridge_jobs_total',
    help: 'Ended jobs by kind and outcome',
    labelNames: ['kind', 'state'],
    registers,
  })
  const jobSeconds = new Histogram({
    name: 'tillbridge_job_duration_seconds',
    help: 'From acceptance to the end of a job',
    labelNames: ['kind'],
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 120],
    registers,
  })
  return { registry, jobs, jobSeconds }
}
