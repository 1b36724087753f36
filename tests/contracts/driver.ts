/** The contract suite of drivers: what every device language must keep, whatever it says on the wire. */
import { describe, expect, it } from 'vitest'
import type { OpenDevice, Twin } from '../../src/drivers/driver.ts'
import type { Capability } from '../../src/protocol/device.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { settle, TestClock } from '../support/clock.ts'
import { type AnyDriver, type DriverBench, newAttempt, openBench } from '../support/driver-bench.ts'

/** Longest start of a device, in virtual ms: after it the start has failed with a code. */
export const startMsMax = 30_000
/** Longest time, in virtual ms, between a stop and the end of the start that it cut short. */
export const stopMsMax = 100
/** Within this time, in virtual ms, a scale that says nothing is an error. */
export const weightMsMax = 500
/** Longest time, in virtual ms, from giving a job up to its end. */
export const abortMsMax = 500
const probeMsMax = 1_000
const stepMs = 25
/** Microtasks within which a twin in memory has been greeted. */
const greetingTurns = 400

export interface DriverContractOptions {
  driver: AnyDriver
  createTwin: (clock: TestClock) => Twin
  /** Settings of the profile under test; the driver's defaults fill the rest. */
  settings?: Record<string, unknown>
  /** True for devices that only talk and never answer (scanners): silence is no failure there. */
  oneWay?: boolean
  /** What a probe must not change; default: what the twin has on its paper. */
  stateOf?: (twin: Twin) => unknown
}

/** The parts of an open device that a capability stands for. Scanning and the rest have none: they come by the listener. */
const partOf: Partial<Record<Capability, keyof OpenDevice>> = {
  printing: 'printing',
  drawer: 'drawer',
  weighing: 'weighing',
  displaying: 'displaying',
}

/** Rules of the suite, so that a test can count them. */
export const driverRules = [
  'DRV1',
  'DRV2',
  'DRV3',
  'DRV4',
  'DRV5',
  'DRV6',
  'DRV7',
  'DRV8',
  'DRV9',
  'DRV10',
  'DRV11',
  'DRV12',
  'DRV13',
  'DRV14',
  'DRV15',
] as const

/** Faults that every twin obeys, and drivers must live with. */
export const answerFaults = ['silent', 'garble', 'half_answer', 'slow'] as const
/** Longest time, in virtual ms, until a job on a faulty device is given up by whoever waits for it. */
const patienceMs = 90_000

interface Bench extends DriverBench<Twin> {
  /** Calls of the listener, by name. */
  heard: string[]
  /** What the driver handed over to be sent, in bytes, whether it has left or not. */
  sent: () => number
}

function bench(options: DriverContractOptions, before?: { twin: Twin; clock: TestClock }): Bench {
  const { driver, createTwin, settings = {} } = options
  const heard: string[] = []
  const hear = (name: string) => () => void heard.push(name)
  const open = openBench(driver, (clock) => before?.twin ?? createTwin(clock), {
    settings,
    profile: { settings },
    timed: true,
    listener: {
      faults: hear('faults'),
      details: hear('details'),
      scan: hear('scan'),
      drawer: hear('drawer'),
      weight: hear('weight'),
    },
    ...(before === undefined ? {} : { clock: before.clock }),
  })
  return { ...open, heard, sent: () => open.writes.reduce((bytes, { length }) => bytes + length, 0) }
}

const unsettled = 'it did not settle'
type Ended<T> = { ms: number; value?: T; error?: unknown }

/** Moves time until the promise settles; answers how long that took. */
async function ending<T>(clock: TestClock, promise: Promise<T>, msMax: number): Promise<Ended<T>> {
  const begun = clock.monotonic()
  let ended: Ended<T> | undefined
  promise.then(
    (value) => {
      ended = { ms: clock.monotonic() - begun, value }
    },
    (error: unknown) => {
      ended = { ms: clock.monotonic() - begun, error }
    },
  )
  await settle()
  while (ended === undefined && clock.monotonic() - begun <= msMax) await clock.advance(stepMs)
  return ended ?? { ms: msMax, error: unsettled }
}

async function started(
  options: DriverContractOptions,
  before?: { twin: Twin; clock: TestClock },
): Promise<Bench> {
  const open = bench(options, before)
  const { error } = await ending(open.clock, open.device.start(), startMsMax)
  expect(error).toBeUndefined()
  return open
}

/** Stops a device while it starts; answers how the start ended, having checked that nothing is sent or told after it. */
async function stoppedDuringStart(open: Bench, wait: () => Promise<void>): Promise<unknown> {
  const { clock, device, twin, heard, sent } = open
  const starting = device.start()
  starting.catch(() => {})
  await wait()
  await device.stop()
  const before = { sent: sent(), heard: heard.length }
  const { error } = await ending(clock, starting, stopMsMax)
  expect(error).not.toBe(unsettled)
  await clock.advance(startMsMax)
  expect({ sent: sent(), heard: heard.length }).toEqual(before)
  twin.stop()
  expect(clock.pending).toBe(0)
  return error
}

function give(twin: Twin, fault: (typeof answerFaults)[number] | 'drop'): void {
  twin.order(fault === 'silent' ? { order: 'silent', on: true } : { order: 'fault', fault })
}

function heal(twin: Twin): void {
  twin.order({ order: 'silent', on: false })
  twin.order({ order: 'fault', fault: 'none' })
}

/** How the main work of a device ended: `told` by the device itself, `done` without its word, or not done. */
type Worked = 'told' | 'done' | 'not done'

/** Lets the device do what it is for: weigh, print, show or open. undefined: it only talks. */
async function work(open: Bench): Promise<Worked | undefined> {
  const { device, clock } = open
  const { weighing, printing, displaying, drawer } = device
  const attempt = newAttempt()
  // Workers that draw take real time, which the clock of the test knows nothing of.
  const prepared = await printing?.prepare({ text: 'one line' }, 'job-1')
  const giveUp = clock.after(patienceMs, () => attempt.abort())
  const job = async (): Promise<Worked | undefined> => {
    if (weighing !== undefined) {
      await weighing.read({ unitPrice: '1.00' })
      return 'told'
    }
    const result =
      printing !== undefined && prepared !== undefined
        ? await printing.print(prepared, attempt)
        : displaying !== undefined
          ? await displaying.show({ lines: ['one line'] }, attempt)
          : await drawer?.openDrawer({}, attempt)
    if (result === undefined) return undefined
    if (result.state !== 'done') return 'not done'
    return result.outcome.confirmed === true ? 'told' : 'done'
  }
  const { value, error } = await ending(clock, job(), patienceMs + 10_000)
  giveUp()
  expect(error).not.toBe(unsettled)
  return error === undefined ? value : 'not done'
}

/** Bytes of every value, then a run that looks like answers cut short. */
const garbage = [
  Uint8Array.from({ length: 256 }, (_, value) => value),
  new Uint8Array(5_000).fill(0x41),
  Uint8Array.of(0x02),
  Uint8Array.of(0xff, 0x00, 0x1d, 0x1b, 0x10, 0x0d, 0x0a, 0x03),
]

export function driverContract(options: DriverContractOptions): void {
  const { driver, oneWay = false } = options
  const stateOf = options.stateOf ?? ((twin: Twin) => twin.paper?.() ?? null)

  describe(`driver: ${driver.id}`, () => {
    it('[DRV1] no settings are a working set, and unknown ones are refused', () => {
      expect(driver.settings.safeParse({}).success).toBe(true)
      expect(driver.settings.safeParse({ 'no such setting': 1 }).success).toBe(false)
      expect(driver.transports).toContain('memory')
    })

    it('[DRV2] an open device has the capabilities it names, and no more than the driver has', async () => {
      const { device } = await started(options)
      expect(device.capabilities.length).toBeGreaterThan(0)
      expect(driver.capabilities).toEqual(expect.arrayContaining([...device.capabilities]))
      for (const [capability, part] of Object.entries(partOf) as [Capability, keyof OpenDevice][]) {
        expect([capability, device[part] !== undefined]).toEqual([
          capability,
          device.capabilities.includes(capability),
        ])
      }
    })

    it('[DRV3] opening does nothing: no byte, no timer, no listener called', async () => {
      const { clock, heard, sent } = bench(options)
      await settle()
      expect({ bytes: sent(), timers: clock.pending, heard }).toEqual({
        bytes: 0,
        timers: 0,
        heard: [],
      })
    })

    it('[DRV4] stop is safe before start, twice, and at once; it leaves the transport open and no timer behind', async () => {
      const never = bench(options)
      await never.device.stop()
      const { clock, transport, device, twin } = await started(options)
      await Promise.all([device.stop(), device.stop()])
      await device.stop()
      await expect(transport.write(new Uint8Array(0))).resolves.toBeUndefined()
      twin.stop()
      expect(clock.pending).toBe(0)
    })

    const moments: [when: string, wait: (clock: TestClock) => Promise<void>][] = [
      ['at once', () => Promise.resolve()],
      ['after the first question', () => settle()],
      ['while it waits for the answer', (clock) => clock.advance(stepMs)],
    ]
    it.each(moments)(
      '[DRV5] stop during start, %s: the start ends with the port still open, and nothing is sent or told any more',
      async (_, wait) => {
        const open = bench(options)
        if (!oneWay) open.twin.order({ order: 'silent', on: true })
        const error = await stoppedDuringStart(open, () => wait(open.clock))
        if (!oneWay) expect(error).toBeInstanceOf(HubError)
      },
    )

    it('[DRV5] stop at any moment of a greeting that goes well: the same', async () => {
      let [cutShort, started] = [0, 0]
      for (let turns = 0; turns < greetingTurns; turns++) {
        const open = bench(options)
        const error = await stoppedDuringStart(open, async () => {
          for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        })
        if (error !== undefined) expect(error).toBeInstanceOf(HubError)
        if (error === undefined) started++
        else cutShort++
      }
      expect(cutShort + started).toBe(greetingTurns)
      // The sweep reaches from before the greeting to after it.
      expect(started).toBeGreaterThan(0)
      // A greeting of one question has this many moments between its write and its end.
      if (!oneWay) expect(cutShort).toBeGreaterThanOrEqual(5)
    })

    it.skipIf(oneWay)('[DRV6] a device that says nothing fails the start with a code, in time', async () => {
      const { clock, device, twin } = bench(options)
      twin.order({ order: 'silent', on: true })
      const { error, ms } = await ending(clock, device.start(), startMsMax)
      expect(error).toBeInstanceOf(HubError)
      expect(error).toMatchObject({ code: expect.stringMatching(/^answer_(timeout|invalid)$/) })
      expect(ms).toBeLessThanOrEqual(startMsMax)
    })

    it('[DRV7] garbage on the wire does no harm, and the device answers after it', async () => {
      const { clock, transport, device, wire } = await started(options)
      let open = true
      void transport.closed.then(() => {
        open = false
      })
      for (const bytes of garbage) {
        wire.write(bytes)
        await clock.advance(1_000)
      }
      expect(open).toBe(true)
      await device.stop()
      const again = await started(options)
      for (const bytes of garbage) again.wire.write(bytes)
      await again.clock.advance(1_000)
      await expect(again.transport.write(new Uint8Array(0))).resolves.toBeUndefined()
    })

    it('[DRV8] a lost wire fails the start with a code, and a started device stops without a trace', async () => {
      const early = bench(options)
      if (!oneWay) {
        early.twin.order({ order: 'silent', on: true })
        const starting = early.device.start()
        early.wire.close()
        const { error } = await ending(early.clock, starting, startMsMax)
        expect(error).toBeInstanceOf(HubError)
      }
      const { clock, transport, device, wire, twin } = await started(options)
      wire.close()
      expect(await transport.closed).toMatchObject({ by: 'lost' })
      await clock.advance(startMsMax)
      await device.stop()
      twin.stop()
      expect(clock.pending).toBe(0)
    })

    it('[DRV9] a probe finds the twin and changes nothing of it; of a silent one it knows nothing, in time', async () => {
      if (driver.probe === undefined) {
        expect(driver.probe).toBeUndefined()
        return
      }
      const { clock, transport, twin } = bench(options)
      const before = structuredClone(stateOf(twin))
      const asked = driver.probe(transport, { clock, answerMsMax: probeMsMax })
      const { value, error } = await ending(clock, asked, 20 * probeMsMax)
      expect(error).toBeUndefined()
      expect(value).toBeDefined()
      expect(stateOf(twin)).toEqual(before)
      const silent = bench(options)
      silent.twin.order({ order: 'silent', on: true })
      const unanswered = driver.probe(silent.transport, { clock: silent.clock, answerMsMax: probeMsMax })
      const quiet = await ending(silent.clock, unanswered, 20 * probeMsMax)
      expect(quiet.error).toBeUndefined()
      expect(quiet.value).toBeUndefined()
      silent.twin.stop()
      expect(silent.clock.pending).toBe(0)
    })

    it.skipIf(oneWay).each(answerFaults)(
      '[DRV11] with the fault %s nothing is believed that was not said, and healed it works again',
      async (fault) => {
        const open = await started(options)
        give(open.twin, fault)
        const begun = open.clock.monotonic()
        expect(await work(open)).not.toBe('told')
        if (open.device.weighing !== undefined && fault === 'silent') {
          expect(open.clock.monotonic() - begun).toBeLessThanOrEqual(weightMsMax)
        }
        await open.device.stop()
        heal(open.twin)
        await open.clock.advance(startMsMax)
        const again = await started(options, open)
        expect(await work(again)).not.toBe('not done')
      },
    )

    it('[DRV12] a cable pulled in the middle of the work ends it with a known outcome, and plugged in it works again', async () => {
      const open = await started(options)
      give(open.twin, 'drop')
      expect(await work(open)).not.toBe('told')
      await open.device.stop()
      await open.transport.close()
      heal(open.twin)
      const again = await started(options, open)
      expect(await work(again)).not.toBe('not done')
    })

    it('[DRV15] a print is prepared by an instance that was never started, and printed by one that was', async () => {
      const preparer = bench(options).device.printing
      const open = await started(options)
      expect(preparer === undefined).toBe(open.device.printing === undefined)
      const { printing } = open.device
      if (preparer === undefined || printing === undefined) return
      const prepared = await preparer.prepare({ text: 'one line' }, 'job-1')
      const { value } = await ending(open.clock, printing.print(prepared, newAttempt()), patienceMs)
      expect(value).toMatchObject({ state: 'done' })
    })

    it('[DRV14] a job that is given up ends at once, also on a device that says nothing', async () => {
      const open = await started(options)
      const { printing, displaying, drawer } = open.device
      const attempt = newAttempt()
      const prepared = await printing?.prepare({ text: 'one line' }, 'job-1')
      if (!oneWay) open.twin.order({ order: 'silent', on: true })
      const job =
        prepared !== undefined && printing !== undefined
          ? printing.print(prepared, attempt)
          : (displaying?.show({ lines: ['one line'] }, attempt) ?? drawer?.openDrawer({}, attempt))
      if (job === undefined) return
      await open.clock.advance(50)
      attempt.abort()
      const { error, ms } = await ending(open.clock, job, patienceMs)
      expect(error).not.toBe(unsettled)
      expect(ms).toBeLessThanOrEqual(abortMsMax)
    })

    it('[DRV13] two hundred plugs leave no timer and no listener behind', async () => {
      const clock = new TestClock()
      const twin = options.createTwin(clock)
      for (let plug = 0; plug < 200; plug++) {
        const { device, wire, transport } = await started(options, { twin, clock })
        if (plug % 2 === 0) wire.close()
        await device.stop()
        await transport.close()
      }
      twin.stop()
      expect(clock.pending).toBe(0)
    })

    it('[DRV10] after stop nothing is told', async () => {
      const { clock, device, heard, wire } = await started(options)
      await device.stop()
      const told = heard.length
      for (const bytes of garbage) wire.write(bytes)
      await clock.advance(startMsMax)
      expect(heard.length).toBe(told)
    })
  })
}
