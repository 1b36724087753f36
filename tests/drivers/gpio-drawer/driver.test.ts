/** A drawer on pins: the lines of text, and what is believed of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeAnswer } from '../../../src/drivers/drawers/gpio-drawer/codec.ts'
import { gpioDrawer } from '../../../src/drivers/drawers/gpio-drawer/driver.ts'
import { gpioDrawerLimits } from '../../../src/drivers/drawers/gpio-drawer/settings.ts'
import {
  createGpioDrawerTwin,
  type GpioDrawerTwinOptions,
} from '../../../src/drivers/drawers/gpio-drawer/twin.ts'
import { gpioLimits } from '../../../src/drivers/transports/gpio.ts'
import { TestClock } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { confirmed, openBench, startedDrawer } from '../displays/bench.ts'

const bench = (settings: Record<string, unknown> = {}, twin: Partial<GpioDrawerTwinOptions> = {}) =>
  openBench(gpioDrawer, (clock) => createGpioDrawerTwin({ clock, ...twin }), settings)

const opened = (settings: Record<string, unknown> = {}, twin: Partial<GpioDrawerTwinOptions> = {}) =>
  startedDrawer(gpioDrawer, (clock) => createGpioDrawerTwin({ clock, ...twin }), settings)

const lines = (writes: readonly Uint8Array[]) => Buffer.concat(writes).toString()

describe('jobs', () => {
  it('[GDR1] a pulse of pulseMs is sent, at most 200 ms by the settings, the port and the twin alike', async () => {
    const { kick, writes, twin } = await opened({ pulseMs: 150 })
    await kick()
    expect(lines(writes)).toBe('sense\npulse 150\n')
    expect(twin.pulses).toEqual([150])
    expect(gpioDrawer.settings.safeParse({ pulseMs: 200 }).success).toBe(true)
    expect(gpioDrawer.settings.safeParse({ pulseMs: 201 }).success).toBe(false)
    expect(gpioDrawerLimits.pulseMsMax).toBe(gpioLimits.pulseMsMax)
  })

  it('[GDR2] is confirmed when the sense line tells that it is open, stuck when it does not within openMsMax', async () => {
    const { kick, drawer, twin, clock } = await opened()
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: true } })
    expect(drawer).toEqual([false, true])
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: false, wasOpen: true } })
    twin.order({ order: 'drawer', open: false })
    await clock.advance(10)
    twin.stuck = true
    const before = clock.monotonic()
    expect(await kick()).toMatchObject({ state: 'failed', error: { code: 'drawer_stuck' } })
    expect(clock.monotonic() - before).toBe(1_620)
  })

  it('[GDR2] one that is pushed shut again at once has opened all the same', async () => {
    const { kicking, wire, twin, clock } = await opened()
    twin.stuck = true
    const kicked = kicking.openDrawer({}, newAttempt())
    await clock.advance(50)
    wire.write(new TextEncoder().encode('level 1\nlevel 0\n'))
    expect(confirmed(await settled(clock, kicked))).toBe(true)
  })

  it('[GDR3] without a sense line the pulse is done, unconfirmed', async () => {
    const { kick, drawer, details } = await opened({}, { sensed: false })
    expect(details).toEqual({ sensed: false })
    expect(await kick()).toEqual({ state: 'done', outcome: { confirmed: false } })
    expect(drawer).toEqual([])
  })

  it('[GDR4] an error of the port fails the job; no answer makes it unknown', async () => {
    const { kick, twin } = await opened({ answerMsMax: 500 })
    twin.refusal = 'the line is used by another program'
    expect(await kick()).toMatchObject({
      state: 'failed',
      error: { code: 'device_faulty', context: { fault: 'the line is used by another program' } },
    })
    twin.order({ order: 'silent', on: true })
    twin.refusal = undefined
    expect(await kick()).toMatchObject({
      state: 'unknown',
      error: { code: 'answer_timeout', context: { ms: 620 } },
    })
  })

  it('[GDR5] there is no second drawer on one line', async () => {
    const { kick, writes } = await opened()
    const attempt = newAttempt()
    expect(confirmed(await kick({ drawer: 2 }, attempt))).toBe('payload_unsupported')
    expect([lines(writes), attempt.sent]).toEqual(['sense\n', 0])
    expect(confirmed(await kick({ drawer: 1 }))).toBe(true)
  })

  it('[GDR6] an opening by key is told, and the level of an open drawer is a setting', async () => {
    const { twin, drawer, clock } = await opened({ openLevel: 0 })
    expect(drawer).toEqual([true])
    twin.order({ order: 'drawer', open: true })
    await clock.advance(1)
    expect(drawer).toEqual([true, false])
  })

  it('[GDR7] a port that does not answer fails the start; nothing is sent after a stop; a loss is unknown', async () => {
    const mute = bench()
    mute.twin.order({ order: 'silent', on: true })
    expect(await codeOf(settled(mute.clock, mute.device.start()))).toBe('answer_timeout')
    const lost = await opened()
    lost.twin.order({ order: 'fault', fault: 'drop' })
    expect(await lost.kick()).toMatchObject({ state: 'unknown' })
    const stopped = await opened()
    await stopped.device.stop()
    expect(confirmed(await stopped.kick())).toBe('port_closed')
    expect(lines(stopped.writes)).toBe('sense\n')
  })
})

describe('lines of text', () => {
  it('[GDR8] are read as they are, and anything else is nothing', () => {
    const read = (text: string) => decodeAnswer(new TextEncoder().encode(text))
    expect(read('level 1')).toEqual({ kind: 'level', level: 1 })
    expect(read('level 0')).toEqual({ kind: 'level', level: 0 })
    expect(read('level none')).toEqual({ kind: 'level', level: undefined })
    expect(read('pulsed')).toEqual({ kind: 'pulsed' })
    expect(read('error it burns')).toEqual({ kind: 'error', text: 'it burns' })
    for (const text of ['', 'level', 'level 2', 'Pulsed', 'error', 'pulsed 1'])
      expect(read(text)).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const kind = decodeAnswer(bytes)?.kind
        expect([undefined, 'level', 'pulsed', 'error']).toContain(kind)
      }),
    )
  })

  it('[GDR9] the simulated drawer obeys the orders of a drawer and refuses others', () => {
    const twin = createGpioDrawerTwin({ clock: new TestClock() })
    twin.order({ order: 'drawer', open: true })
    expect(twin.paper().drawerOpen).toBe(true)
    expect(() => twin.order({ order: 'paper', state: 'out' })).toThrow(/params_invalid/)
  })
})
