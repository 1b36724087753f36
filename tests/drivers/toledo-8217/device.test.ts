/** The scale as a device: zero, tare, live view, faults, start and probe. */
import { describe, expect, it } from 'vitest'
import type { AttemptResult } from '../../../src/drivers/driver.ts'
import { toledo8217 } from '../../../src/drivers/scales/toledo-8217/driver.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { type Bench, openScale } from './bench.ts'

const done = (confirmed: boolean) => ({ state: 'done', outcome: { confirmed } })
const ended = (result: AttemptResult) =>
  result.state === 'done' ? result : [result.state, (result.error as { code?: string }).code]

async function started(
  settings: Record<string, unknown> = {},
  twin: Parameters<typeof openScale>[1] = {},
): Promise<Bench> {
  const bench = openScale(settings, twin)
  await bench.device.start()
  return bench
}

async function zero({ clock, weighing }: Bench, attempt = newAttempt()) {
  return ended(await settled(clock, weighing.zero(attempt)))
}

async function tare({ clock, weighing }: Bench, weight?: string, attempt = newAttempt()) {
  return ended(await settled(clock, weighing.tare(weight === undefined ? {} : { weight }, attempt)))
}

describe('zero', () => {
  it('[TOL13] is confirmed when the scale shows zero after it', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 200 })
    expect(await zero(bench)).toEqual(done(true))
    expect((await bench.weighing.read()).weight).toBe('0.000')
    bench.twin.order({ order: 'load', grams: 1_200 })
    expect((await bench.weighing.read()).weight).toBe('1.000')
  })

  it('[TOL13] is refused outside the capture range, at the edge', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 305 })
    expect(await zero(bench)).toEqual(['failed', 'scale_not_zeroed'])
    bench.twin.order({ order: 'load', grams: 300 })
    expect(await zero(bench)).toEqual(done(true))
  })

  it('[TOL13] is refused while a tare is taken off and while the load moves', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 200 })
    expect(await tare(bench)).toEqual(done(true))
    expect(await zero(bench)).toEqual(['failed', 'scale_not_zeroed'])
    expect(await tare(bench, '0')).toEqual(done(true))
    bench.twin.order({ order: 'motion', on: true })
    expect(await zero(bench)).toEqual(['failed', 'scale_not_zeroed'])
  })

  it('[TOL13] of a scale that falls silent is unknown: it may have happened', async () => {
    const bench = await started()
    const attempt = newAttempt('job-1', () => bench.twin.order({ order: 'silent', on: true }))
    expect(await zero(bench, attempt)).toEqual(['unknown', 'answer_timeout'])
    expect(attempt.sent).toBe(1)
  })

  it('[TOL13] stopped before it was sent has failed, and after it is unknown', async () => {
    const bench = await started()
    const before = newAttempt()
    before.abort()
    expect(await zero(bench, before)).toEqual(['failed', 'stopping'])
    expect(before.sent).toBe(0)
    expect(bench.twin.received).not.toContain(0x5a)
    const after = newAttempt()
    bench.twin.fault({ kind: 'slow', ms: 500 })
    const result = bench.weighing.zero(after)
    await settle()
    after.abort()
    expect(ended(await settled(bench.clock, result))).toEqual(['unknown', 'job_outcome_unknown'])
  })
})

describe('tare', () => {
  it('[TOL14] of the load is confirmed when the scale shows a net zero, and weights are net from then on', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 250 })
    expect(await tare(bench)).toEqual(done(true))
    bench.twin.order({ order: 'load', grams: 1_250 })
    expect(await bench.weighing.read()).toMatchObject({ weight: '1.000', tare: true })
  })

  it('[TOL14] of an empty scale, of a moving one, or where tare is not enabled, is refused', async () => {
    const bench = await started({ motionMsMax: 400 })
    expect(await tare(bench)).toEqual(['failed', 'tare_refused'])
    bench.twin.order({ order: 'load', grams: 250 })
    bench.twin.order({ order: 'motion', on: true })
    expect(await tare(bench)).toEqual(['failed', 'tare_refused'])
    const locked = await started({}, { twin: { tareEnabled: false } })
    locked.twin.order({ order: 'load', grams: 250 })
    expect(await tare(locked)).toEqual(['failed', 'tare_refused'])
    expect(await tare(locked, '0.100')).toEqual(['failed', 'tare_refused'])
  })

  it('[TOL14] a scale that already has a tare and refuses the new one is not believed', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 250 })
    expect(await tare(bench)).toEqual(done(true))
    bench.twin.order({ order: 'load', grams: 1_000 })
    bench.twin.order({ order: 'motion', on: true })
    const again = bench.weighing.tare({}, newAttempt())
    await bench.clock.advance(400)
    bench.twin.order({ order: 'motion', on: false })
    expect(ended(await settled(bench.clock, again))).toEqual(['failed', 'tare_refused'])
  })

  it('[TOL14] of an empty scale that has a tare already is refused', async () => {
    const bench = await started()
    expect(await tare(bench, '0.100')).toEqual(done(true))
    expect(await tare(bench)).toEqual(['failed', 'tare_refused'])
  })

  it('[TOL12] given as a number, on a scale that has another one already, is not confirmed', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 1_000 })
    expect(await tare(bench, '0.100')).toEqual(done(true))
    bench.twin.order({ order: 'motion', on: true })
    const again = bench.weighing.tare({ weight: '0.500' }, newAttempt())
    await bench.clock.advance(400)
    bench.twin.order({ order: 'motion', on: false })
    expect(ended(await settled(bench.clock, again))).toEqual(['unknown', 'job_outcome_unknown'])
    expect((await bench.weighing.read()).weight).toBe('0.900')
    expect(await tare(bench, '0.500')).toEqual(done(false))
  })

  it('[TOL12] given as a number is five digits in the form of the unit', async () => {
    const kilograms = await started()
    expect(await tare(kilograms, '0.250')).toEqual(done(true))
    expect(String.fromCharCode(...kilograms.twin.received)).toContain('T00250\r')
    kilograms.twin.order({ order: 'load', grams: 1_000 })
    expect(await kilograms.weighing.read()).toMatchObject({ weight: '0.750', tare: true })
    const pounds = await started({}, { twin: { unit: 'lb' } })
    expect(await tare(pounds, '0.25')).toEqual(done(true))
    expect(String.fromCharCode(...pounds.twin.received)).toContain('T00025\r')
  })

  it('[TOL12] that the form cannot hold, or the model cannot take, is refused before anything is sent', async () => {
    const bench = await started()
    const attempt = newAttempt()
    expect(await tare(bench, '100', attempt)).toEqual(['failed', 'payload_unsupported'])
    const loadOnly = await started({ presetTare: 'none' })
    expect(await tare(loadOnly, '0.100', attempt)).toEqual(['failed', 'payload_unsupported'])
    expect(attempt.sent).toBe(0)
  })

  it('[TOL15] "0" clears, in any spelling, and a moving scale that keeps its tare is not believed', async () => {
    const bench = await started({ motionMsMax: 400 })
    for (const nothing of ['0', '0.0', '0.000']) {
      bench.twin.order({ order: 'load', grams: 250 })
      expect(await tare(bench)).toEqual(done(true))
      expect(await tare(bench, nothing)).toEqual(done(true))
      expect(await bench.weighing.read()).toMatchObject({ weight: '0.250', tare: false })
    }
    expect(await tare(bench)).toEqual(done(true))
    bench.twin.order({ order: 'motion', on: true })
    expect(await tare(bench, '0')).toEqual(['failed', 'tare_refused'])
  })

  it('[TOL14] works on a scale that wants T without CR', async () => {
    const bench = await started({ tareEnd: 'none' })
    bench.twin.order({ order: 'load', grams: 250 })
    expect(await tare(bench)).toEqual(done(true))
    expect(bench.twin.received.filter((byte) => byte === 0x0d)).toHaveLength(0)
  })

  it('[TOL8] a read during a tare waits its turn and is net', async () => {
    const bench = await started()
    bench.twin.order({ order: 'load', grams: 250 })
    const taring = bench.weighing.tare({}, newAttempt())
    const reading = bench.weighing.read()
    await settled(bench.clock, taring)
    expect(await settled(bench.clock, reading)).toMatchObject({ weight: '0.000', tare: true })
  })
})

describe('the live view', () => {
  it('[TOL16] asks only while it is on, and tells changes only', async () => {
    const bench = await started({ watchMs: 200 })
    const asked = () => bench.twin.received.length
    await bench.clock.advance(5_000)
    const idle = asked()
    bench.weighing.watch(true)
    bench.weighing.watch(true)
    await bench.clock.advance(2_000)
    expect(asked() - idle).toBe(11)
    expect(bench.weights.map(({ weight }) => weight)).toEqual(['0.000'])
    bench.twin.order({ order: 'load', grams: 500 })
    await bench.clock.advance(1_000)
    bench.twin.order({ order: 'motion', on: true })
    await bench.clock.advance(1_000)
    bench.twin.order({ order: 'motion', on: false })
    await bench.clock.advance(1_000)
    expect(bench.weights.map(({ weight }) => weight)).toEqual(['0.000', '0.500'])
    bench.weighing.watch(false)
    const stopped = asked()
    bench.twin.order({ order: 'load', grams: 900 })
    await bench.clock.advance(5_000)
    expect(asked()).toBe(stopped)
    expect(bench.weights).toHaveLength(2)
  })

  it('[TOL16] switched off and on again while a question is open, it asks no faster', async () => {
    const bench = await started({ watchMs: 200 })
    for (let times = 0; times < 5; times++) {
      bench.weighing.watch(true)
      bench.weighing.watch(false)
    }
    bench.weighing.watch(true)
    await bench.clock.advance(100)
    const before = bench.twin.received.length
    await bench.clock.advance(2_000)
    expect(bench.twin.received.length - before).toBe(10)
  })
})

describe('health', () => {
  it('[TOL17] an idle scale is asked every 10 s, and one timer is all that runs', async () => {
    const bench = await started()
    const before = bench.twin.received.length
    expect(bench.clock.pending).toBe(1)
    await bench.clock.advance(60_000)
    expect(bench.twin.received.length - before).toBe(6)
    expect(bench.clock.pending).toBe(1)
    expect(bench.faultCodes).toEqual([])
  })

  it('[TOL17] a scale that is switched off shows within 15 s, and its return within 5 s', async () => {
    const bench = await started()
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(15_000)
    expect(bench.faultCodes).toEqual([['not_responding']])
    bench.twin.order({ order: 'silent', on: false })
    await bench.clock.advance(5_000)
    expect(bench.faultCodes).toEqual([['not_responding'], []])
  })

  it('[TOL17] a scale without echo mode is found again too', async () => {
    const bench = await started({}, { twin: { echoMode: false } })
    bench.twin.order({ order: 'silent', on: true })
    await bench.clock.advance(15_000)
    bench.twin.order({ order: 'silent', on: false })
    await bench.clock.advance(5_000)
    expect(bench.faultCodes).toEqual([['not_responding'], []])
  })

  it('[TOL17] one lost answer is no fault', async () => {
    const bench = await started()
    bench.twin.fault({ kind: 'drop', answers: 1 })
    expect(await codeOf(settled(bench.clock, bench.weighing.read()))).toBe('answer_timeout')
    await bench.weighing.read()
    expect(bench.faultCodes).toEqual([])
  })

  it('[TOL17] answers in another language are a fault of the scale', async () => {
    const bench = await started()
    bench.twin.fault({ kind: 'garble', answers: 7 })
    expect(await codeOf(settled(bench.clock, bench.weighing.read()))).toBe('answer_invalid')
    expect(bench.faultCodes).toEqual([['scale_error']])
    await settled(bench.clock, bench.weighing.read())
    expect(bench.faultCodes).toEqual([['scale_error'], []])
  })
})

describe('start and probe', () => {
  it('[TOL18] start is content with any answer: a loaded or moving scale is a working scale', async () => {
    const bench = openScale()
    bench.twin.order({ order: 'load', grams: 20_000 })
    bench.twin.order({ order: 'motion', on: true })
    await bench.device.start()
    expect(bench.faultCodes).toEqual([])
    const empty = await started()
    expect(empty.details).toEqual({ unit: 'kg', decimals: 3 })
  })

  it('[TOL18] start fails when nothing answers, or another language does', async () => {
    const silent = openScale()
    silent.twin.order({ order: 'silent', on: true })
    expect(await codeOf(settled(silent.clock, silent.device.start()))).toBe('answer_timeout')
    const garbled = openScale()
    garbled.twin.fault({ kind: 'garble', answers: 100 })
    expect(await codeOf(settled(garbled.clock, garbled.device.start()))).toBe('answer_invalid')
  })

  it('[TOL18] start frees a scale that was left in echo mode', async () => {
    const bench = openScale()
    await bench.transport.write(Uint8Array.of(0x45))
    await settled(bench.clock, bench.device.start())
    expect((await bench.weighing.read()).weight).toBe('0.000')
  })

  it('[TOL6] a 7-bit line behind an 8-bit adapter is read', async () => {
    const bench = await started({}, { twin: { parityBit: true } })
    bench.twin.order({ order: 'load', grams: 1_500 })
    expect((await bench.weighing.read()).weight).toBe('1.500')
  })

  it('[TOL19] the probe knows the language by its echo, and leaves the scale as it was', async () => {
    const { clock, twin, transport, device, weighing } = openScale()
    twin.order({ order: 'load', grams: 500 })
    const answer = await toledo8217.probe?.(transport, { clock, answerMsMax: 300 })
    expect(answer).toEqual({ certain: true })
    expect(String.fromCharCode(...twin.received)).toBe('EhelloF')
    await device.start()
    expect((await weighing.read()).weight).toBe('0.500')
  })

  it('[TOL19] the probe gives up after its time, on silence and on another language', async () => {
    const clock = new TestClock()
    const [silent] = memoryPair('silent')
    const probing = toledo8217.probe?.(silent, { clock, answerMsMax: 300 })
    await clock.advance(299)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(await probing).toBeUndefined()
    const [other, end] = memoryPair('other')
    end.onBytes(() => end.write(Uint8Array.from([0x0a, 0x3f, 0x0d, 0x03])))
    expect(
      await settled(clock, Promise.resolve(toledo8217.probe?.(other, { clock, answerMsMax: 300 }))),
    ).toBeUndefined()
  })

  it('[TOL19] the probe is not sure of a scale without echo mode, and knows nothing of what sends all back', async () => {
    const { clock, twin, transport } = openScale({}, { twin: { echoMode: false } })
    const asked = toledo8217.probe?.(transport, { clock, answerMsMax: 300 })
    expect(await settled(clock, Promise.resolve(asked))).toEqual({ certain: false })
    expect(String.fromCharCode(...twin.received)).toBe('EhelloF')
    const [loop, end] = memoryPair('loop')
    end.onBytes((bytes) => end.write(bytes))
    const probing = toledo8217.probe?.(loop, { clock, answerMsMax: 300 })
    expect(await settled(clock, Promise.resolve(probing))).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('[TOL20] the twin refuses what the hardware refuses: lower case and unknown bytes do nothing', async () => {
    const { twin, transport } = openScale()
    const answers: string[] = []
    transport.onBytes((bytes) => answers.push(String.fromCharCode(...bytes)))
    twin.order({ order: 'load', grams: 100 })
    for (const text of ['w', 'z', 'X', '\x00', '5'])
      await transport.write(Uint8Array.from(text, (c) => c.charCodeAt(0)))
    await settle()
    expect(answers).toEqual(Array.from({ length: 5 }, () => '\x02?@\r'))
    expect(() => twin.order({ order: 'scan', code: '1' })).toThrowError(/params_invalid/)
  })
})
