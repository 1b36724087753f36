/** Drawers on a serial line: what opens them, and what is believed of the ways in which they tell. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AnswerFinder } from '../../../src/drivers/drawers/serial-drawer/codec.ts'
import { serialDrawer } from '../../../src/drivers/drawers/serial-drawer/driver.ts'
import { serialDrawerLimits } from '../../../src/drivers/drawers/serial-drawer/settings.ts'
import {
  createSerialDrawerTwin,
  type SerialDrawerTwinOptions,
} from '../../../src/drivers/drawers/serial-drawer/twin.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { openSerial } from '../../../src/drivers/transports/serial.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { TestClock } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { MemoryWire } from '../../support/twin-memory.ts'
import { ttyTwin } from '../../support/twin-pty.ts'
import { confirmed, hex, openOn, startedDrawer } from '../displays/bench.ts'

const glancetron = { sense: 'query', open: [0x1b, 0x34] }

const opened = (settings: Record<string, unknown> = {}, twin: Partial<SerialDrawerTwinOptions> = {}) =>
  startedDrawer(serialDrawer, (clock) => createSerialDrawerTwin({ clock, ...twin }), settings)

describe('without a sensor', () => {
  it('[SDR1] BEL opens it, unconfirmed, and nothing at all is sent before that', async () => {
    const { kick, writes, twin, clock } = await opened()
    await clock.advance(10_000)
    expect(writes).toEqual([])
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: false } })
    expect(hex(writes[0])).toBe('07')
    await clock.advance(100)
    expect([twin.open, twin.kicks]).toEqual([true, 1])
  })

  it('[SDR2] other bytes and a second drawer are settings; a second that is not set is refused before sending', async () => {
    const { kick, writes } = await opened({ open: [0x1b, 0x07] })
    expect(confirmed(await kick({ drawer: 1 }))).toBe(false)
    const attempt = newAttempt()
    expect(confirmed(await kick({ drawer: 2 }, attempt))).toBe('payload_unsupported')
    expect([writes.map(hex), attempt.sent]).toEqual([['1b07'], 0])
    const two = await opened({ ...glancetron, open2: [0x1b, 0x35] }, { kind: 'glancetron' })
    // Its sensor tells of the first drawer only.
    expect(confirmed(await two.kick({ drawer: 2 }))).toBe(false)
    expect(two.writes.map(hex)).toContain('1b35')
  })

  it('[SDR3] a cable that is pulled before a byte left fails the job; nothing is sent after a stop or an abort', async () => {
    const { kick, wire, device, writes } = await opened()
    const attempt = newAttempt()
    attempt.abort()
    expect(confirmed(await kick({}, attempt))).toBe('port_closed')
    wire.pause(true)
    const kicked = kick()
    wire.close()
    expect(await kicked).toMatchObject({ state: 'failed', error: { code: 'port_closed' } })
    const sent = writes.length
    await device.stop()
    expect(confirmed(await kick())).toBe('port_closed')
    expect(writes.length).toBe(sent)
  })
})

it('[SDR5] a look that began before the command does not say that the drawer is stuck', async () => {
  const settings = { ...glancetron, pollMs: 1_000, answerMsMax: 5_000, openMsMax: 300 }
  const { kicking, wire, clock } = await opened(settings, { kind: 'glancetron' })
  const asked: string[] = []
  wire.onBytes((bytes) => void asked.push(hex(bytes)))
  await clock.advance(1_000)
  expect(asked).toEqual(['1b3a'])
  const kicked = kicking.openDrawer({}, newAttempt())
  await clock.advance(10)
  wire.write(Uint8Array.from([0x1b, 0x34, 0x41]))
  expect(await settled(clock, kicked)).toMatchObject({ state: 'unknown' })
})

describe.each([
  ['cts', { sense: 'cts' }, 'any'],
  ['dsr', { sense: 'dsr' }, 'any'],
  ['query', glancetron, 'glancetron'],
] as const)('sensed by %s', (_, settings, kind) => {
  it('[SDR4] is confirmed when the sensor sees it open, and the opening is told', async () => {
    const { kick, drawer } = await opened(settings, { kind })
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: true } })
    expect(drawer).toEqual([false, true])
  })

  it('[SDR4] also when it is pushed shut again at once: a job looks every 50 ms', async () => {
    const { kicking, twin, clock } = await opened({ ...settings, pollMs: 10_000 }, { kind })
    const kicked = kicking.openDrawer({}, newAttempt())
    await clock.advance(140)
    twin.order({ order: 'drawer', open: false })
    expect(confirmed(await settled(clock, kicked))).toBe(true)
  })

  it('[SDR5] has failed as drawer_stuck when the sensor says that it is shut still', async () => {
    const { kick, twin, clock } = await opened(settings, { kind })
    twin.stuck = true
    const before = clock.monotonic()
    expect(await kick()).toMatchObject({ state: 'failed', error: { code: 'drawer_stuck' } })
    expect(clock.monotonic() - before).toBe(1_500)
    expect(twin.kicks).toBe(1)
  })

  it('[SDR6] tells an opening and a shutting that nobody asked for, within pollMs', async () => {
    const { twin, drawer, clock } = await opened(settings, { kind })
    twin.order({ order: 'drawer', open: true })
    await clock.advance(260)
    expect(drawer).toEqual([false, true])
    await clock.advance(5_000)
    twin.order({ order: 'drawer', open: false })
    await clock.advance(260)
    expect(drawer).toEqual([false, true, false])
  })

  it('[SDR7] that was open before is done, unconfirmed', async () => {
    const { kick, twin, clock } = await opened(settings, { kind })
    twin.order({ order: 'drawer', open: true })
    await clock.advance(300)
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: false, wasOpen: true } })
  })

  it('[SDR8] whose sensor falls silent is a fault that blocks nothing, and the job is unknown', async () => {
    const { kick, twin, faults, clock } = await opened(settings, { kind })
    twin.order({ order: 'silent', on: true })
    await clock.advance(2_000)
    expect(faults.at(-1)).toMatchObject([{ code: 'not_responding', blocking: false }])
    expect(await kick()).toMatchObject({ state: 'unknown', error: { code: 'answer_timeout' } })
    expect(twin.kicks).toBe(1)
    twin.order({ order: 'silent', on: false })
    twin.order({ order: 'drawer', open: false })
    await clock.advance(serialDrawerLimits.doubtMs + 1_000)
    expect(faults.at(-1)).toEqual([])
    expect(confirmed(await kick())).toBe(true)
  })

  it('[SDR9] that is aborted or loses its cable while it waits is unknown', async () => {
    const first = await opened(settings, { kind })
    first.twin.stuck = true
    const attempt = newAttempt()
    const kicked = first.kicking.openDrawer({}, attempt)
    await first.clock.advance(100)
    attempt.abort()
    expect(await settled(first.clock, kicked, 100)).toMatchObject({ state: 'unknown' })
    const second = await opened(settings, { kind })
    second.twin.stuck = true
    const lost = second.kicking.openDrawer({}, newAttempt())
    await second.clock.advance(100)
    second.wire.close()
    expect(await settled(second.clock, lost, 100)).toMatchObject({ state: 'unknown' })
  })
})

describe('modem lines', () => {
  it('[SDR10] the level of an open drawer is a setting, because it is the cable’s', async () => {
    const { twin, drawer, clock } = await opened({ sense: 'cts', openLine: 'off' })
    expect(drawer).toEqual([true])
    twin.order({ order: 'drawer', open: true })
    await clock.advance(300)
    expect(drawer).toEqual([true, false])
  })

  it('[SDR10] a port without modem lines refuses the setting, and says which', async () => {
    const clock = new TestClock()
    const [transport] = memoryPair('plain')
    const device = openOn(serialDrawer, transport, clock, { sense: 'dsr' })
    await expect(device.start()).rejects.toMatchObject({
      code: 'settings_invalid',
      context: { path: 'sense' },
    })
  })

  it('[SDR10] a pty has none: the same over a real tty, where an unsensed drawer opens', async () => {
    const twin = createSerialDrawerTwin({ clock: systemClock })
    onTestFinished(() => twin.stop())
    const tty = await ttyTwin(twin)
    onTestFinished(() => tty.stop())
    const transport = await openSerial(
      parsePortUrl(`serial:${tty.path}`),
      systemClock,
      serialDrawer.portDefaults,
    )
    onTestFinished(() => transport.close())
    expect(await codeOf(openOn(serialDrawer, transport, systemClock, { sense: 'cts' }).start())).toBe(
      'settings_invalid',
    )
    const device = openOn(serialDrawer, transport, systemClock, {})
    await device.start()
    expect(twin.kicks).toBe(0)
    expect(confirmed((await device.drawer?.openDrawer({}, newAttempt())) as never)).toBe(false)
    await expect.poll(() => twin.open).toBe(true)
    expect(twin.kicks).toBe(1)
  })
})

describe('questions', () => {
  it('[SDR11] an answer that comes too late is not believed, nor is anything until the line was quiet for 10 s', async () => {
    const { twin, kick, clock } = await opened(glancetron, { kind: 'glancetron' })
    twin.order({ order: 'drawer', open: true })
    twin.order({ order: 'fault', fault: 'slow' })
    await clock.advance(400)
    twin.order({ order: 'fault', fault: 'none' })
    twin.order({ order: 'drawer', open: false })
    twin.stuck = true
    // The answer "open" to a question from before is on its way and comes in during the job.
    await clock.advance(4_000)
    expect(await kick()).toMatchObject({ state: 'unknown', error: { code: 'answer_timeout' } })
    await clock.advance(serialDrawerLimits.doubtMs + 1_000)
    expect(await kick()).toMatchObject({ state: 'failed', error: { code: 'drawer_stuck' } })
  })

  it('[SDR11] a stray answer puts the next question off', async () => {
    const { twin, clock, writes } = await opened(glancetron, { kind: 'glancetron' })
    twin.order({ order: 'fault', fault: 'slow' })
    // Asked at 250 ms, given up at 750 ms, and the answer comes in at 5.25 s.
    await clock.advance(1_000)
    const asked = writes.length
    twin.order({ order: 'fault', fault: 'none' })
    await clock.advance(14_000)
    expect(writes.length).toBe(asked)
    await clock.advance(1_000)
    expect(writes.length).toBeGreaterThan(asked)
  })

  it('[SDR8] a job in the middle of a question does not take it for a lost one', async () => {
    const { twin, clock, kicking, faults } = await opened(glancetron, { kind: 'glancetron' })
    twin.order({ order: 'silent', on: true })
    await clock.advance(260)
    const kicked = kicking.openDrawer({}, newAttempt())
    await clock.advance(200)
    expect(faults).toEqual([])
    await clock.advance(300)
    expect(faults).toHaveLength(1)
    expect(confirmed(await settled(clock, kicked))).toBe('answer_timeout')
  })

  it('[SDR12] answers are found however the line cuts them and whatever stands between them', () => {
    const answers = { open: [0x1b, 0x34, 0x42], closed: [0x1b, 0x34, 0x41] }
    const noise = fc.array(
      fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x1b),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, fc.boolean())), fc.integer({ min: 1, max: 7 }), (parts, step) => {
        const bytes = parts.flatMap(([before, open]) => [
          ...before,
          ...(open ? answers.open : answers.closed),
        ])
        const finder = new AnswerFinder(answers)
        const told: boolean[] = []
        for (let at = 0; at < bytes.length; at += step)
          told.push(...finder.push(Uint8Array.from(bytes.slice(at, at + step))))
        expect(told).toEqual(parts.map(([, open]) => open))
      }),
    )
    const finder = new AnswerFinder(answers)
    finder.push(Uint8Array.of(0x1b, 0x34))
    finder.reset()
    expect(finder.push(Uint8Array.of(0x42))).toEqual([])
  })

  it('[SDR12] whatever comes in, finding answers never fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const finder = new AnswerFinder({ open: [1], closed: [2, 1, 2] })
        expect(finder.push(bytes).length).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })
})

describe('a stream', () => {
  const acode = { sense: 'stream' }

  it('[SDR13] a byte tells that it is open, a pause of streamGapMs that it was shut', async () => {
    const { kick, twin, drawer, clock } = await opened(acode, { kind: 'acode' })
    expect(drawer).toEqual([])
    expect(confirmed(await kick())).toBe(true)
    await clock.advance(5_000)
    expect(drawer).toEqual([true])
    twin.order({ order: 'drawer', open: false })
    await clock.advance(650)
    expect(drawer).toEqual([true])
    await clock.advance(450)
    expect(drawer).toEqual([true, false])
  })

  it('[SDR13] silence proves nothing: a job that is followed by none is unknown', async () => {
    const { kick, twin, clock } = await opened(acode, { kind: 'acode' })
    twin.stuck = true
    expect(await kick()).toMatchObject({ state: 'unknown', error: { code: 'answer_timeout' } })
    // Nor does it after the drawer was seen to be shut.
    twin.order({ order: 'drawer', open: true })
    await clock.advance(100)
    twin.order({ order: 'drawer', open: false })
    await clock.advance(2_000)
    expect(await kick()).toMatchObject({ state: 'unknown', error: { code: 'answer_timeout' } })
  })
})

describe('the simulated drawer', () => {
  it('[SDR14] obeys the orders of a drawer and refuses others', () => {
    const twin = createSerialDrawerTwin({ clock: new TestClock() })
    const told: number[] = []
    twin.onPaper = (revision) => told.push(revision)
    twin.order({ order: 'drawer', open: true })
    expect(twin.paper()).toMatchObject({ drawerOpen: true, revision: 1 })
    expect(told).toEqual([1])
    expect(() => twin.order({ order: 'scan', code: 'x' })).toThrow(/params_invalid/)
  })

  it('[SDR14] opens at nothing but its command', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        const twin = createSerialDrawerTwin({ clock: new TestClock(), kind: 'glancetron' })
        const wire = new MemoryWire()
        twin.attach(wire)
        wire.send(bytes)
        let kicks = 0
        for (let at = 0; at < bytes.length; at++) {
          if (bytes[at] !== 0x1b) continue
          if (bytes[at + 1] === 0x34) kicks++
          at++
        }
        expect(twin.kicks).toBe(kicks)
      }),
    )
  })
})
