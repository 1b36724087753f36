/** The figures that shops are watched by: what they say of devices, queues, disk and loop, and what a reading costs. */
import { mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { delayLimits, delaySamples, EventLoopDelay } from '../../src/hub/monitoring/event-loop-delay.ts'
import { TestClock } from '../support/clock.ts'
import { type BenchOptions, HubBench, openOwnedStore } from '../support/hub-bench.ts'
import { HubProcess } from '../support/hub-process.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const act of undo.splice(0).reverse()) await act()
})

async function benchOf(options: BenchOptions = {}): Promise<HubBench> {
  const bench = await HubBench.start(options)
  undo.push(() => bench.end())
  return bench
}

/** The value of a series, written as Prometheus does; undefined when it is not there. */
function figureIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const figuresOf = async (bench: HubBench) => {
  const { body } = await bench.hub.metrics()
  return (series: string) => figureIn(body, `tillbridge_${series}`)
}

/** The same store, which notes what it is asked for: `ledger.length`. */
function watched<T extends object>(part: T, asked: string[], path = ''): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      const full = `${path}${String(name)}`
      if (typeof value === 'function')
        return (...args: unknown[]) => {
          asked.push(full)
          return Reflect.apply(value, target, args)
        }
      const isPart = typeof value === 'object' && value !== null && full !== 'stats'
      return isPart ? watched(value, asked, `${full}.`) : value
    },
  })
}

describe('devices and their queues', () => {
  it('[MO2] tell the present state of each device alone, its faults by code, and alerts', async () => {
    const bench = await benchOf({ clock: new TestClock(Date.UTC(2026, 11, 1)) })
    const twin = await bench.printer('one')
    const state = (name: string) => `device_state{device="printer-1",class="printer",state="${name}"}`
    const fault = (code: string) => `device_fault{device="printer-1",class="printer",code="${code}"}`
    let figure = await figuresOf(bench)
    expect([figure(state('ready')), figure(state('faulty')), figure(fault('paper_out'))]).toEqual([
      1,
      0,
      undefined,
    ])
    twin.faults('paper_out', 'cover_open')
    await bench.clock.advance(6_000)
    figure = await figuresOf(bench)
    expect([figure(state('ready')), figure(state('faulty'))]).toEqual([0, 1])
    expect([figure(fault('paper_out')), figure(fault('cover_open'))]).toEqual([1, 1])
    expect(figure('alerts{kind="paper_out",severity="critical"}')).toBe(1)
    twin.faults()
    await bench.clock.advance(6_000)
    figure = await figuresOf(bench)
    expect([figure(state('ready')), figure(fault('paper_out'))]).toEqual([1, undefined])
    expect(figure('alerts{kind="paper_out",severity="critical"}')).toBeUndefined()
  })

  it('[MO2] tell how many jobs wait, how old the oldest is, and how many wait for a ruling', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    twin.behaviour = 'hold'
    await bench.print('printer-1', 'a')
    await bench.clock.advance(2_000)
    await bench.print('printer-1', 'b')
    await bench.clock.advance(2_000)
    let figure = await figuresOf(bench)
    expect(figure('jobs_waiting{device="printer-1"}')).toBe(2)
    expect(figure('jobs_oldest_seconds{device="printer-1"}')).toBe(4)
    expect(figure('jobs_unknown')).toBe(0)
    bench.unplug('one')
    await bench.clock.advance(1_000)
    figure = await figuresOf(bench)
    expect([figure('jobs_unknown'), figure('jobs_waiting{device="printer-1"}')]).toEqual([1, 1])
    expect(figure('jobs_oldest_seconds{device="printer-1"}')).toBe(3)
    expect(figure('jobs_total{kind="print",state="unknown"}')).toBe(1)
    await bench.call('job.settle', { id: 'a', outcome: 'done' })
    await bench.call('job.cancel', { id: 'b' })
    figure = await figuresOf(bench)
    expect([figure('jobs_unknown'), figure('jobs_oldest_seconds{device="printer-1"}')]).toEqual([0, 0])
  })

  it('[MO3] tell how long jobs took, by kind and outcome', async () => {
    const bench = await benchOf()
    const twin = await bench.printer('one')
    twin.behaviour = 'hold'
    await bench.print('printer-1', 'a')
    await bench.clock.advance(700)
    bench.twins.get('one')?.release()
    await bench.settle()
    const figure = await figuresOf(bench)
    const bucket = (le: string) => `job_duration_seconds_bucket{le="${le}",kind="print",state="done"}`
    expect([figure(bucket('0.5')), figure(bucket('1')), figure(bucket('+Inf'))]).toEqual([0, 1, 1])
    expect(figure('job_duration_seconds_sum{kind="print",state="done"}')).toBeCloseTo(0.7)
  })
})

describe('the box', () => {
  it('[MO4] tells the sizes of its databases and its disk, its ledger, its certificate and its last backup, also after a restart', async () => {
    const bench = await benchOf()
    const figure = await figuresOf(bench)
    for (const [name, ending] of [
      ['store_bytes', ''],
      ['store_wal_bytes', '-wal'],
    ] as const) {
      const { size } = statSync(join(bench.dir, `books.db${ending}`))
      expect([name, figure(`${name}{database="books"}`)]).toEqual([name, size])
    }
    const [free = 0, all = 0] = [figure('disk_free_bytes'), figure('disk_bytes')]
    expect(free).toBeGreaterThan(0)
    expect(all).toBeGreaterThan(free)
    expect(figure('backup_timestamp_seconds')).toBeUndefined()
    expect(figure('ledger_entries_total')).toBe(0)
  })

  it('[MO4] [MO8] as a process: a token of a monitor reads them, and a backup is known when the hub starts again', async () => {
    const hub = await HubProcess.start()
    undo.push(() => hub.end())
    const cookie = await hub.setUp()
    const token = await hub.token('monitor')
    const read = async (url: string) =>
      (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).text()
    const before = await read(hub.url)
    expect(figureIn(before, 'tillbridge_backup_timestamp_seconds')).toBeUndefined()
    const end = figureIn(before, 'tillbridge_certificate_expiration_timestamp_seconds{certificate="leaf"}')
    expect(end).toBeGreaterThan(Date.now() / 1_000)
    const asked = await fetch(`${hub.url}/api/v1/backup`, {
      method: 'POST',
      headers: { cookie, origin: hub.url, 'x-tillbridge': '1', 'content-type': 'application/json' },
      body: JSON.stringify({ passphrase: 'a passphrase of its own' }),
    })
    expect(asked.status).toBe(200)
    await asked.arrayBuffer()
    const known = figureIn(await read(hub.url), 'tillbridge_backup_timestamp_seconds')
    expect(known).toBeGreaterThan(0)
    await hub.stop()
    const again = await HubProcess.start({ dir: hub.dir })
    undo.push(() => again.end())
    const recalled = figureIn(await read(again.url), 'tillbridge_backup_timestamp_seconds') ?? 0
    // The audit log tells when it was begun.
    expect(Math.abs(recalled - (known ?? 0))).toBeLessThan(60)
  })

  it('[MO7] a reading asks the store for its counts only, however much has been sold', async () => {
    const asked: string[] = []
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-monitoring-'))
    const upstream = { name: 'office', type: 'webhook', url: 'https://office.invalid/', secretEnv: 'NONE' }
    const bench = await benchOf({
      config: { till: { upstreams: [upstream] } },
      parts: { openStore: async () => watched(await openOwnedStore(dir), asked) },
      dir,
    })
    await bench.printer('one')
    await bench.print('printer-1', 'a')
    await bench.settle()
    await bench.hub.metrics()
    asked.length = 0
    await bench.hub.metrics()
    expect(asked.sort()).toEqual(['ledger.length', 'till.outbox.status'])
  })
})

describe('the delay of the event loop', () => {
  it('[MO5] is a histogram that only rises, whoever reads it, and counts what held the loop up', async () => {
    const delay = new EventLoopDelay()
    undo.push(() => delay.stop())
    const read = async () => {
      const { values } = (await delay.metric.get()) as unknown as { values: { value: number }[] }
      return values.map(({ value }) => value)
    }
    const hold = async () => {
      // Once to begin the measure, then in its way.
      for (let times = 0; times < 3; times++) {
        await new Promise((resolve) => setTimeout(resolve, delayLimits.resolutionMs))
        const until = performance.now() + 120
        while (performance.now() < until);
        await turn()
      }
    }
    await hold()
    const first = await read()
    await hold()
    const second = await read()
    // Two readings in a row say the same: nothing is begun anew.
    const [count = 0, before = 0] = [second.at(-1), first.at(-1)]
    expect(count).toBeGreaterThan(before)
    expect(second.every((value, index) => value >= (first[index] ?? 0))).toBe(true)
    const slow = count - (second[delayLimits.buckets.indexOf(0.05)] ?? 0)
    expect(slow).toBeGreaterThanOrEqual(2)
  })

  it('[MO5] counts exactly what was at most the bound of each bucket, the wait that was meant taken off', () => {
    const ms = [20, 21, 24, 25, 26, 45, 46, 70, 500, 5_000]
    const sorted = ms.map((each) => each * 1e6)
    const histogram = {
      count: ms.length,
      mean: sorted.reduce((sum, each) => sum + each, 0) / ms.length,
      percentile: (share: number) => sorted[Math.round((share / 100) * ms.length) - 1] ?? Number.NaN,
    }
    const samples = delaySamples(histogram).map(({ value }) => value)
    // At most 5, 10, 25, 50, 100, 250, 1000 ms late, all, the sum in s, the count.
    expect(samples.slice(0, 8)).toEqual([4, 5, 6, 8, 8, 8, 9, 10])
    expect(samples[8]).toBeCloseTo(5.777 - 0.2)
    expect(samples[9]).toBe(10)
    expect(delaySamples({ ...histogram, count: 0, mean: Number.NaN }).every(({ value }) => value === 0)).toBe(
      true,
    )
  })
})
