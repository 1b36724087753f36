/** A USB scale at work: fresh weights, its moods, zero, the live view, and switching itself off. */
import { describe, expect, it } from 'vitest'
import { createUsbHidScaleTwin } from '../../../src/drivers/scales/usb-hid-scale/twin.ts'
import type { DemoOrder } from '../../../src/protocol/methods.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { openScale, startedScale } from './bench.ts'

const load = (grams: number): DemoOrder => ({ order: 'load', grams })
const silent: DemoOrder = { order: 'silent', on: true }

describe('reading', () => {
  it.each(['selectors', 'plain', 'none'] as const)(
    '[UHS4] a weight of a scale with descriptor %s',
    async (descriptor) => {
      const { clock, twin, weighing, details } = await startedScale(
        {},
        { twin: { descriptor, unit: 'kg', exponent: -3 } },
      )
      twin.order(load(1_235))
      expect(await settled(clock, weighing.read())).toEqual({
        weight: '1.235',
        unit: 'kg',
        stable: true,
        tare: false,
        zero: false,
        at: expect.stringMatching(/^2026-01-02T03:04:05/),
      })
      expect(details).toMatchObject({ unit: 'kg', decimals: 3 })
    },
  )

  it('[UHS4] only a report after the question counts, at every moment between two reports', async () => {
    const { clock, twin, weighing } = await startedScale()
    await clock.advance(1_000)
    for (let moment = 0; moment < 250; moment += 25) {
      await clock.advance(moment)
      twin.order(load(100 + moment))
      expect((await settled(clock, weighing.read())).weight).toBe(String(100 + moment))
    }
  })

  it('[UHS4] readers at once share a report; a silent scale fails them within 500 ms, and heals', async () => {
    const { clock, twin, weighing } = await startedScale()
    const both = await settled(clock, Promise.all([weighing.read(), weighing.read()]))
    expect(both[0]).toEqual(both[1])
    twin.order(silent)
    const begun = clock.monotonic()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(500)
    twin.order({ order: 'silent', on: false })
    expect((await settled(clock, weighing.read())).weight).toBe('0')
  })

  it('[UHS5] the weight of before, sent once more after plugging in, is not told', async () => {
    const clock = new TestClock()
    const first = await startedScale({}, { clock, twin: { stale: true } })
    first.twin.order(load(500))
    await clock.advance(600)
    await first.device.stop()
    first.twin.order(load(20))
    const again = await startedScale({ staleReports: 2 }, { clock, from: first.twin })
    expect((await settled(clock, again.weighing.read())).weight).toBe('20')
    await again.device.stop()
    first.twin.order(load(500))
    await clock.advance(600)
    // A scale that sends no stale report costs one report of time, not a wrong weight.
    const wary = await startedScale({ staleReports: 1 }, { clock, from: createUsbHidScaleTwin({ clock }) })
    const begun = clock.monotonic()
    await settled(clock, wary.weighing.read())
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(500)
  })

  it('[UHS5] of more stale reports than one, those after the start are passed over, too', async () => {
    const old = Uint8Array.of(3, 4, 2, 0, 0xf4, 0x01)
    const { clock, wire, weighing } = await startedScale({ staleReports: 2 })
    const read = weighing.read()
    wire.write(old)
    expect((await settled(clock, read)).weight).toBe('0')
    const trusting = await startedScale({ staleReports: 1 })
    const first = trusting.weighing.read()
    trusting.wire.write(old)
    expect((await settled(trusting.clock, first)).weight).toBe('500')
  })

  it('[UHS6] a moving load is waited for, and refused when it does not come to rest', async () => {
    const { clock, twin, weighing } = await startedScale({ motionMsMax: 1_000 })
    twin.order(load(300))
    twin.order({ order: 'motion', on: true })
    const read = weighing.read()
    await clock.advance(800)
    twin.order({ order: 'motion', on: false })
    expect((await settled(clock, read)).weight).toBe('300')
    twin.order({ order: 'motion', on: true })
    const begun = clock.monotonic()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(1_300)
  })

  it('[UHS6] with motionMsMax 0 motion is an error at once; falling silent while moving is a timeout', async () => {
    const { clock, twin, weighing } = await startedScale({ motionMsMax: 0 })
    twin.order({ order: 'motion', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    const patient = await startedScale()
    patient.twin.order({ order: 'motion', on: true })
    const read = codeOf(patient.weighing.read())
    await patient.clock.advance(400)
    patient.twin.order(silent)
    expect(await settled(patient.clock, read)).toBe('answer_timeout')
  })

  it('[UHS7] what the scale cannot weigh is an error with its name', async () => {
    const { clock, twin, weighing } = await startedScale()
    const read = () => codeOf(settled(clock, weighing.read()))
    twin.order(load(10_001))
    expect(await read()).toBe('scale_over')
    twin.order(load(-40))
    expect(await read()).toBe('scale_under')
    const codes: Record<string, string> = {}
    for (const trouble of ['fault', 'calibration', 'rezero'] as const) {
      twin.trouble(trouble)
      codes[trouble] = await read()
    }
    expect(codes).toEqual({
      fault: 'device_faulty',
      calibration: 'device_faulty',
      rezero: 'scale_not_zeroed',
    })
  })

  it('[UHS3] a scale set to another unit is told to be set to one of ours', async () => {
    const { clock, twin, weighing } = await startedScale()
    twin.key('ct', -1)
    await expect(settled(clock, weighing.read())).rejects.toMatchObject({
      code: 'answer_invalid',
      context: { reason: expect.stringContaining('carat') },
    })
    twin.key('oz', -1)
    twin.order(load(119))
    expect(await settled(clock, weighing.read())).toMatchObject({ weight: '4.2', unit: 'oz' })
  })
})

describe('the live view', () => {
  it('[UHS9] tells changes only, while it is on', async () => {
    const { clock, twin, weighing, weights } = await startedScale()
    weighing.watch(true)
    await clock.advance(2_000)
    expect(weights).toHaveLength(1)
    twin.order(load(250))
    await clock.advance(2_000)
    twin.order({ order: 'motion', on: true })
    await clock.advance(2_000)
    expect(weights.map(({ weight, stable, zero }) => [weight, stable, zero])).toEqual([
      ['0', true, true],
      ['250', true, false],
      ['250', false, false],
    ])
    weighing.watch(false)
    twin.order(load(1))
    await clock.advance(2_000)
    expect(weights).toHaveLength(3)
  })

  it('[UHS8] shows a weight below zero, as not stable; nothing for what is no weight', async () => {
    const { clock, twin, weighing, weights } = await startedScale()
    twin.order(load(-40))
    weighing.watch(true)
    await clock.advance(300)
    twin.order(load(20_000))
    await clock.advance(300)
    twin.trouble('fault')
    await clock.advance(300)
    expect(weights).toMatchObject([{ weight: '-40', stable: false, zero: false }])
  })
})

describe('health', () => {
  it('[UHS10] a scale that is loaded, moving or over is a working scale; its class is told', async () => {
    for (const order of [load(20_000), load(-5), { order: 'motion', on: true } as const]) {
      const clock = new TestClock()
      const twin = createUsbHidScaleTwin({ clock })
      twin.order(order)
      const { details } = await startedScale({}, { clock, from: twin })
      expect(details).toMatchObject({ accuracyClass: 'III metric' })
    }
  })

  it('[UHS10] a scale that sends rubbish fails the start with answer_invalid', async () => {
    const { clock, device, wire } = openScale({}, { twin: { descriptor: 'none' } })
    const starting = device.start()
    wire.write(Uint8Array.of(0x56, 0x04, 0x57))
    expect(await codeOf(settled(clock, starting))).toBe('answer_invalid')
  })

  it('[UHS11] silence is a fault after its time, and the next report mends it', async () => {
    const { clock, twin, faultCodes } = await startedScale()
    twin.order(silent)
    await clock.advance(4_500)
    expect(faultCodes).toEqual([])
    await clock.advance(5_500)
    expect(faultCodes).toEqual([['not_responding']])
    twin.order({ order: 'silent', on: false })
    await clock.advance(300)
    expect(faultCodes).toEqual([['not_responding'], []])
  })

  it('[UHS11] with silentMsMax 0 silence is none', async () => {
    const { clock, twin, faultCodes } = await startedScale({ silentMsMax: 0 })
    twin.order(silent)
    await clock.advance(120_000)
    expect(faultCodes).toEqual([])
  })

  it('[UHS11] three unreadable reports, a fault and a calibration are scale_error', async () => {
    const { clock, twin, wire, faultCodes } = await startedScale()
    for (let report = 0; report < 2; report++) wire.write(Uint8Array.of(0x56, 1, 2))
    await settle()
    expect(faultCodes).toEqual([])
    wire.write(Uint8Array.of(0x56, 1, 2))
    await settle()
    expect(faultCodes).toEqual([['scale_error']])
    await clock.advance(300)
    twin.trouble('fault')
    await clock.advance(600)
    twin.trouble('calibration')
    await clock.advance(600)
    twin.trouble(undefined)
    await clock.advance(600)
    expect(faultCodes).toEqual([['scale_error'], [], ['scale_error'], ['scale_error'], []])
  })

  it('[UHS14] a scale that switches itself off ends a read with port_closed, and weighs again when it is back', async () => {
    const { clock, twin, transport, weighing, device } = await startedScale(
      {},
      { twin: { idleOffMs: 180_000 } },
    )
    await clock.advance(179_900)
    const code = codeOf(weighing.read())
    await clock.advance(600)
    // Its last report was before the end: the next question finds it gone.
    expect(['no error', 'port_closed']).toContain(await code)
    expect(await codeOf(settled(clock, weighing.read()))).toBe('port_closed')
    expect(await transport.closed).toMatchObject({ by: 'lost' })
    expect(twin.plugged).toBe(false)
    await device.stop()
    expect(clock.pending).toBe(0)
    twin.order({ order: 'plug', on: true })
    const again = await startedScale({}, { clock, from: twin })
    expect((await settled(clock, again.weighing.read())).weight).toBe('0')
  })
})

describe('zero and tare', () => {
  it.each(['output', 'feature'] as const)(
    '[UHS12] zero by %s report is done when the scale shows zero',
    async (zero) => {
      const { clock, twin, weighing } = await startedScale({}, { twin: { zero } })
      twin.order(load(50))
      const attempt = newAttempt()
      expect(await settled(clock, weighing.zero(attempt))).toEqual({
        state: 'done',
        outcome: { confirmed: true },
      })
      expect(attempt.sent).toBe(1)
      expect(twin.received).toEqual([Uint8Array.of(2, 1)])
      expect((await settled(clock, weighing.read())).weight).toBe('0')
    },
  )

  it('[UHS12] without the usage nothing is sent; report 2 by setting is', async () => {
    const lacking = await startedScale({}, { twin: { zero: 'none' } })
    const attempt = newAttempt()
    expect(await settled(lacking.clock, lacking.weighing.zero(attempt))).toMatchObject({
      state: 'failed',
      error: { code: 'payload_unsupported' },
    })
    const off = await startedScale({ zero: 'none' })
    expect(await off.weighing.zero(attempt)).toMatchObject({ state: 'failed' })
    expect([attempt.sent, lacking.twin.received, off.twin.received]).toEqual([0, [], []])
    const plain = await startedScale({ zero: 'report2' }, { twin: { descriptor: 'none' } })
    expect(await settled(plain.clock, plain.weighing.zero(newAttempt()))).toMatchObject({ state: 'done' })
  })

  it('[UHS12] a scale that goes on and does not zero refused; one that falls silent leaves it unknown', async () => {
    const { clock, twin, weighing } = await startedScale()
    twin.order(load(5_000))
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({
      state: 'failed',
      error: { code: 'scale_not_zeroed' },
    })
    twin.order(silent)
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({
      state: 'unknown',
      error: { code: 'answer_timeout' },
    })
  })

  it('[UHS12] a pulled cable or a stopping hub leaves it unknown; before the command nothing is sent', async () => {
    const { clock, twin, weighing, device } = await startedScale()
    const heavy = load(5_000)
    twin.order(heavy)
    const aborted = newAttempt()
    const zeroing = weighing.zero(aborted)
    await settle()
    aborted.abort()
    expect(await settled(clock, zeroing)).toMatchObject({
      state: 'unknown',
      error: { code: 'job_outcome_unknown' },
    })
    const late = newAttempt()
    late.abort()
    expect(await weighing.zero(late)).toMatchObject({ state: 'failed', error: { code: 'stopping' } })
    const pulled = weighing.zero(newAttempt())
    await settle()
    twin.order({ order: 'plug', on: false })
    expect(await settled(clock, pulled)).toMatchObject({ state: 'unknown', error: { code: 'port_closed' } })
    await device.stop()
    const sent = twin.received.length
    expect(await weighing.zero(late)).toMatchObject({ state: 'failed', error: { code: 'port_closed' } })
    expect([late.sent, twin.received.length]).toEqual([0, sent])
  })

  it('[UHS13] there is no tare, and nothing is sent', async () => {
    const { twin, weighing } = await startedScale()
    const attempt = newAttempt()
    expect(await weighing.tare({ weight: '0.25' }, attempt)).toMatchObject({
      state: 'failed',
      error: { code: 'tare_refused' },
    })
    expect([attempt.sent, twin.received]).toEqual([0, []])
  })
})

describe('the twin', () => {
  it('[UHS16] refuses orders of other devices', () => {
    const twin = createUsbHidScaleTwin({ clock: new TestClock() })
    for (const order of [
      { order: 'paper', state: 'out' },
      { order: 'scan', code: '1' },
      { order: 'clear_paper' },
    ] as const)
      expect(() => twin.order(order)).toThrow(/a scale cannot/)
  })

  it('[UHS16] its descriptor is one that the kernel would take, and its feature reports are as it says', async () => {
    const twin = createUsbHidScaleTwin({ clock: new TestClock() })
    await expect(twin.faces.hid?.getFeature(1, 64)).rejects.toMatchObject({ code: 'port_closed' })
    const { transport } = openScale({}, { from: twin })
    expect(await transport.hid?.getFeature(1, 64)).toHaveLength(7)
    await expect(transport.hid?.getFeature(9, 64)).rejects.toMatchObject({ code: 'answer_timeout' })
  })
})
