/** Jobs where two things happen at once: the rules of docs/jobs.md hold whichever comes first. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver, DriverContext, OpenDevice, PreparedPrint } from '../../src/drivers/driver.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { jobLimits, type PrintPayload } from '../../src/protocol/job.ts'

import type { JobPatch, JobRow, Store } from '../../src/store/store.ts'
import { cashier, HubBench, openOwnedStore } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

const outcome = (promise: Promise<{ state: string }>): Promise<string> =>
  promise.then(
    ({ state }) => state,
    (error: unknown) => (error instanceof HubError ? error.code : String(error)),
  )

async function withPrinter() {
  bench = await HubBench.start()
  const twin = await bench.printer('one')
  return { bench, twin, device: 'printer-1' }
}

/** A real store whose job writes can be held or refused, as a slow or full disk does. */
class SlowDisk {
  /** How many more changes of jobs it takes. */
  room = Number.POSITIVE_INFINITY
  readonly #held: { insert?: Promise<void>; update?: Promise<void> } = {}
  #release = () => {}

  hold(write: 'insert' | 'update'): void {
    this.#held[write] = new Promise((resolve) => {
      this.#release = () => {
        delete this.#held[write]
        resolve()
      }
    })
  }

  release(): void {
    this.#release()
  }

  async start(): Promise<HubBench> {
    const started = await HubBench.start({ parts: { openStore: () => this.#open() } })
    bench = started
    return started
  }

  async #open(): Promise<Store> {
    const store = await openOwnedStore(':memory:')
    const insert = store.jobs.insert.bind(store.jobs)
    const update = store.jobs.update.bind(store.jobs)
    store.jobs.insert = async (row: JobRow) => {
      await this.#held.insert
      return insert(row)
    }
    store.jobs.update = async (id: string, patch: JobPatch) => {
      await this.#held.update
      if (this.room-- <= 0) throw new HubError('store_unavailable', { reason: 'the disk is full' })
      return update(id, patch)
    }
    return store
  }
}

let prepared = 0
/** The line printer, whose prints are large when they are made ready. */
function bigPrinter(bytes: number) {
  const open = (context: DriverContext<never>): OpenDevice => {
    const device = linePrinterDriver.open(context)
    const { printing } = device
    if (printing === undefined) return device
    const prepare = (payload: PrintPayload, jobId: string) => {
      prepared++
      return { ...(printing.prepare(payload, jobId) as PreparedPrint), bytes }
    }
    return {
      capabilities: device.capabilities,
      start: () => device.start(),
      stop: () => device.stop(),
      printing: { ...printing, prepare },
    }
  }
  const driver = { ...linePrinterDriver, id: 'big-printer', open } as Driver
  return { driver, profiles: [{ ...linePrinterProfile, driver: driver.id }] }
}

describe('the same job again', () => {
  it('[J2] is answered after a restart although its expiry is over, its device away or removed', async () => {
    const { bench: first, device } = await withPrinter()
    const expiresAt = new Date(first.clock.now() + 2_000).toISOString()
    const drawer = { id: 'd', device, kind: 'drawer.open', payload: {} } as const
    await first.print(device, 'a', 'x', { expiresAt })
    await first.call('job.submit', drawer, cashier)
    await first.settle()
    await first.stop()
    await first.clock.advance(5_000)
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect(await outcome(bench.print(device, 'a', 'x', { expiresAt }))).toBe('done')
    expect(await outcome(bench.call('job.submit', drawer, cashier))).toBe('done')
    expect(await outcome(bench.print(device, 'a', 'other', { expiresAt }))).toBe('job_conflict')
    await bench.call('device.remove', { id: device })
    expect(await outcome(bench.print(device, 'a', 'x'))).toBe('done')
    expect(await outcome(bench.print(device, 'new', 'x'))).toBe('device_unknown')
  })

  it('[J2] twice at once after a restart answers both', async () => {
    const { bench: first, device } = await withPrinter()
    await first.print(device, 'a', 'x')
    await first.settle()
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const again = [
      bench.print(device, 'a', 'x'),
      bench.print(device, 'a', 'x'),
      bench.print(device, 'a', 'y'),
    ]
    expect(await Promise.all(again.map(outcome))).toEqual(['done', 'done', 'job_conflict'])
  })
})

describe('many jobs at once', () => {
  it('[J5] the limit holds for jobs that come at the same time', async () => {
    const { bench, device } = await withPrinter()
    bench.unplug('one')
    await bench.settle()
    const all = Array.from({ length: jobLimits.queueJobsMax + 100 }, (_, number) =>
      outcome(bench.print(device, `j${number}`)),
    )
    const outcomes = await Promise.all(all)
    expect(outcomes.filter((state) => state === 'pending')).toHaveLength(jobLimits.queueJobsMax)
    expect(outcomes.filter((code) => code === 'queue_full')).toHaveLength(100)
  })

  it('[J7] a job does not pass one that is being recorded while the printer gets free', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    twin.behaviour = 'hold'
    await hub.print('printer-1', 'a')
    await hub.settle()
    // The end of the first is recorded, the second is still on its way to the disk.
    const ended = hub.call('job.wait', { id: 'a', ms: 1_000 })
    disk.hold('insert')
    const second = hub.print('printer-1', 'b')
    await hub.settle()
    twin.behaviour = 'ok'
    twin.release()
    expect((await ended).state).toBe('done')
    const third = hub.print('printer-1', 'c')
    await hub.settle()
    disk.release()
    await Promise.all([second, third])
    await hub.settle()
    expect(twin.printed).toEqual(['a', 'b', 'c'])
  })
})

describe('memory', () => {
  it.each([
    [64 * 1024, 1],
    [64 * 1024 + 1, 2],
  ])('a waiting print of %i bytes made of a few letters is made ready %i times', async (bytes, times) => {
    const hub = await HubBench.start({ drivers: [bigPrinter(bytes)] })
    bench = hub
    prepared = 0
    await hub.call('device.add', { class: 'printer', driver: 'big-printer', port: 'memory:big' })
    await hub.print('printer-1', 'a')
    const twin = hub.plug('big')
    await hub.clock.advance(60_000)
    expect(twin.printed).toEqual(['a'])
    expect(prepared).toBe(times)
  })
})

describe('doubts', () => {
  it('[J16] nothing new is sent until the device has answered, and not for ever when it never does', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    await bench.print(device, 'b')
    twin.behaviour = 'ok'
    twin.inquiry = 'hold'
    bench.plug('one')
    await bench.clock.advance(4_000)
    expect(twin.heard).toEqual(['P a', 'Q a'])
    await bench.clock.advance(40_000)
    expect((await bench.call('job.get', { id: 'b' })).state).toBe('done')
  })

  it('[J16] is asked again when the link was lost on the question', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    twin.behaviour = 'ok'
    bench.unplug('one')
    await bench.clock.advance(70_000)
    twin.inquiry = 'drop'
    bench.plug('one')
    await bench.clock.advance(40_000)
    expect(twin.asked.length).toBeGreaterThan(0)
    twin.inquiry = 'Y'
    await bench.clock.advance(40_000)
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'done',
      outcome: { settledBy: 'inquiry' },
    })
  })

  it('[J16] after a stop in good order the device is asked as well', async () => {
    const { bench: first, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await first.print(device, 'a')
    await first.settle()
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const next = bench.plug('one')
    next.inquiry = 'Y'
    await bench.clock.advance(40_000)
    expect(next.askedWith).toEqual(['before'])
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('done')
  })

  it('[J16] what a counter says after another print is no proof for the one before it', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    await bench.clock.advance(5_001)
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    twin.behaviour = 'ok'
    await bench.print(device, 'b')
    await bench.clock.advance(5_000)
    expect(twin.asked).toEqual(['a'])
    expect(twin.askedWith).toEqual([''])
  })

  it('[J17] of two rulings at once the first one counts', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    const both = (['done', 'failed'] as const).map((ruling) =>
      outcome(bench.call('job.settle', { id: 'a', outcome: ruling })),
    )
    expect(await Promise.all(both)).toEqual(['done', 'job_not_unknown'])
    await bench.settle()
    const told = bench.events.filter(({ topic }) => topic === 'job.changed')
    expect(told.map(({ data }) => (data as { state: string }).state)).toEqual(['running', 'unknown', 'done'])
  })
})

describe('a slow or full disk', () => {
  it('[J12] a job that is cancelled while its start is being recorded is not sent', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    hub.unplug('one')
    await hub.settle()
    await hub.print('printer-1', 'a')
    disk.hold('update')
    hub.plug('one')
    await hub.clock.advance(1_000)
    const cancelled = hub.call('job.cancel', { id: 'a' })
    await hub.settle()
    disk.release()
    await hub.settle()
    expect(await cancelled).toMatchObject({ state: 'failed', error: { code: 'job_cancelled' } })
    expect(twin.printed).toEqual([])
  })

  it('[J8] a job that expires while its start is being recorded is not sent', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    hub.unplug('one')
    await hub.settle()
    await hub.print('printer-1', 'a', 'x', { expiresAt: new Date(hub.clock.now() + 3_000).toISOString() })
    disk.hold('update')
    hub.plug('one')
    await hub.clock.advance(3_500)
    disk.release()
    await hub.settle()
    expect((await hub.call('job.get', { id: 'a' })).state).toBe('expired')
    expect(twin.printed).toEqual([])
  })

  it('[J12] [J22] a job cancelled while the disk is full ends, counts no attempts, and is recorded later', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    hub.unplug('one')
    await hub.settle()
    await hub.print('printer-1', 'a')
    disk.room = 0
    hub.plug('one')
    await hub.clock.advance(5_000)
    expect(hub.hub.health().status).toBe('degraded')
    expect(await hub.call('job.get', { id: 'a' })).toMatchObject({ state: 'pending', attempts: 0 })
    const cancelled = hub.call('job.cancel', { id: 'a' })
    await hub.settle()
    expect((await cancelled).state).toBe('failed')
    expect((await hub.call('job.list', {})).jobs[0]?.state).toBe('pending')
    disk.room = Number.POSITIVE_INFINITY
    await hub.clock.advance(2_100)
    expect((await hub.call('job.list', {})).jobs[0]).toMatchObject({
      state: 'failed',
      error: { code: 'job_cancelled' },
    })
    expect(hub.hub.health().status).toBe('ready')
    expect(twin.printed).toEqual([])
  })

  it('[J22] an outcome that the disk did not take is recorded when it works again', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    twin.behaviour = 'hold'
    await hub.print('printer-1', 'a')
    await hub.settle()
    disk.room = 0
    twin.release()
    await hub.settle()
    expect((await hub.call('job.get', { id: 'a' })).state).toBe('done')
    expect((await hub.call('job.list', {})).jobs[0]?.state).toBe('running')
    disk.room = Number.POSITIVE_INFINITY
    await hub.clock.advance(2_100)
    expect((await hub.call('job.list', {})).jobs[0]?.state).toBe('done')
  })
})

describe('a full disk and a lost link', () => {
  it('[J11] a job whose way back cannot be recorded waits all the same, and is printed once', async () => {
    const disk = new SlowDisk()
    const hub = await disk.start()
    const twin = await hub.printer('one')
    hub.unplug('one')
    await hub.settle()
    await hub.print('printer-1', 'a')
    disk.hold('update')
    hub.plug('one')
    await hub.clock.advance(1_000)
    hub.unplug('one')
    await hub.settle()
    disk.room = 1
    disk.release()
    await hub.settle()
    expect(twin.printed).toEqual([])
    expect(await hub.call('job.get', { id: 'a' })).toMatchObject({
      state: 'pending',
      waitingFor: 'device_absent',
    })
    disk.room = Number.POSITIVE_INFINITY
    hub.plug('one')
    await hub.clock.advance(40_000)
    expect(twin.printed).toEqual(['a'])
    expect((await hub.call('job.list', {})).jobs[0]).toMatchObject({ state: 'done', attempts: 2 })
  })
})

describe('stopping', () => {
  it('[J21] leaves no timer behind', async () => {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    await bench.printer('two')
    await bench.call('device.backup', { id: 'printer-1', backup: 'printer-2' })
    await bench.clock.advance(10_000)
    twin.behaviour = 'hold'
    await bench.print('printer-1', 'a')
    await bench.print('printer-1', 'b')
    await bench.settle()
    await bench.stop()
    // The five seconds of the test driver itself.
    await bench.clock.advance(5_001)
    expect(bench.clock.pending).toBe(0)
  })
})

describe('a removed device', () => {
  it('fails what waits, and what is put back after it', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    await bench.print(device, 'b')
    await bench.settle()
    await bench.call('device.remove', { id: device })
    await bench.settle()
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect(await bench.call('job.get', { id: 'b' })).toMatchObject({
      state: 'failed',
      error: { code: 'device_unknown' },
    })
  })

  it('asks the next device of its id nothing', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'drop'
    await bench.print(device, 'a')
    await bench.settle()
    await bench.call('device.remove', { id: device })
    const next = await bench.printer('two')
    await bench.clock.advance(70_000)
    expect((await bench.call('device.list', {})).devices.map(({ id }) => id)).toEqual([device])
    expect(next.asked).toEqual([])
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
  })
})

describe('evidence', () => {
  it('[J16] of an attempt that sent nothing is not taken for that of the next one', async () => {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    twin.forgetful = true
    twin.behaviour = 'drop'
    twin.inquiry = '?'
    const printed = bench.print('printer-1', 'a')
    bench.unplug('one')
    await printed
    await bench.clock.advance(100)
    expect((await bench.call('job.get', { id: 'a' })).attempts).toBeGreaterThan(0)
    bench.plug('one')
    await bench.clock.advance(60_000)
    expect((await bench.call('job.get', { id: 'a' })).state).toBe('unknown')
    expect(twin.askedWith.length).toBeGreaterThan(0)
    expect(new Set(twin.askedWith)).toEqual(new Set(['']))
  })
})
