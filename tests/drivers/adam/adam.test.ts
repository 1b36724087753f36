/** Adam scales, and lines like A&D: what silence means above all, and that an old weight is never told. */
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import {
  answerBytesMax,
  parseHeaded,
  parseLabel,
  recogniseLine,
} from '../../../src/drivers/scales/adam/codec.ts'
import { adam } from '../../../src/drivers/scales/adam/driver.ts'
import { type AdamTwinOptions, createAdamTwin } from '../../../src/drivers/scales/adam/twin.ts'
import { AnswerFramer } from '../../../src/drivers/scales/common/framer.ts'
import { settle } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { bytes, onABench } from '../../support/scale-on-a-bench.ts'

const open = (settings: Record<string, unknown> = {}, twin: Partial<AdamTwinOptions> = {}, chunk?: number) =>
  onABench(adam, (clock) => createAdamTwin({ clock, loadGrams: 1_000, ...twin }), settings, {
    chunkBytesMax: chunk,
  })

describe('the codec', () => {
  it.each([
    ['  0.500kg', '0.500', 'kg'],
    ['Net:  12.50 lb', '12.50', 'lb'],
    ['G    1235 g', '1235', 'g'],
  ])('[ADAM1] %j is %s %s', (text, weight, unit) => {
    expect(parseLabel(bytes(`${text}\r\n`))).toMatchObject({ kind: 'weight', weight, unit })
  })

  it.each(['ID: 42', '12/01/2026', 'Tare 0.100kg', 'U.W. 0.010 g', '5 pcs', 'kg', '0.5kg extra'])(
    '[ADAM1] %j is another line of the label',
    (text) => {
      expect(parseLabel(bytes(`${text}\r\n`))).toBeUndefined()
    },
  )

  it.each([
    ['ST,+00123.45  g', { weight: '123.45', unit: 'g', state: 'stable', net: undefined }],
    ['US,-00001.235 kg', { weight: '-1.235', unit: 'kg', state: 'moving' }],
    ['OL,+9999999  g', { state: 'over' }],
    ['ST,NT,+  1.235kg', { weight: '1.235', net: true }],
    ['ST,GS   0.256kg', { weight: '0.256', net: false }],
  ])('[ADAM7] %j', (text, answer) => {
    expect(parseHeaded(bytes(`${text}\r\n`))).toMatchObject({ kind: 'weight', ...answer })
  })

  it.each(['QT,+00000012 g', 'ST,+1 PC', '1.000 kg', 'ST,'])('[ADAM7] %j is no weight', (text) => {
    expect(parseHeaded(bytes(`${text}\r\n`)).kind).toBe('invalid')
  })

  it('[ADAM11] any bytes give an answer or none', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...'STUOLNG,+-01. kg\r\n'), maxLength: 200 }).map(bytes),
    )
    fc.assert(
      fc.property(soup, (data) => {
        const framer = new AnswerFramer({ recognise: recogniseLine, frameBytesMax: answerBytesMax })
        for (const frame of framer.push(data)) {
          expect(frame.length).toBeLessThanOrEqual(answerBytesMax)
          expect(['weight', undefined, 'invalid']).toContain(parseLabel(frame)?.kind)
          expect(parseHeaded(frame).kind).toBeTypeOf('string')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a scale that keeps silent', () => {
  it('[ADAM1] tells a new weight, behind the heading of its label', async () => {
    for (const chunk of [1, 5, 100]) {
      const { twin, weighing, device } = open({}, { heading: 'Scale 7\r\nID: 42\r\n' }, chunk)
      await device.start()
      twin.order({ order: 'load', grams: 500 })
      expect(await weighing.read()).toMatchObject({ weight: '0.500', unit: 'kg' })
    }
  })

  it('[ADAM2] is an error in time; [ADAM3] the weight of before is never told', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    for (const grams of [1_000, 0]) {
      twin.order({ order: 'load', grams })
      const begun = clock.monotonic()
      expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
      expect(clock.monotonic() - begun).toBeLessThanOrEqual(510)
      await clock.advance(1_000)
    }
    twin.order({ order: 'load', grams: 750 })
    expect((await settled(clock, weighing.read())).weight).toBe('0.750')
  })

  it('[ADAM3] also when its answers come late', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'fault', fault: 'slow' })
    for (let grams = 2_000; grams < 6_000; grams += 1_000) {
      twin.order({ order: 'load', grams })
      expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
      await clock.advance(600)
    }
  })

  it('[ADAM2] is zero where that is set', async () => {
    const { clock, weighing, device } = open({ silenceMeans: 'zero', unit: 'lb' })
    await settled(clock, device.start())
    expect(await settled(clock, weighing.read())).toMatchObject({ weight: '0', unit: 'lb' })
  })

  it('[ADAM4] is no fault while idle, and may be opened when that is set', async () => {
    const { clock, device, faults } = open({ silentStart: true }, { loadGrams: 0 })
    await settled(clock, device.start())
    await clock.advance(120_000)
    expect(faults).toEqual([])
    const strict = open({}, { loadGrams: 0 })
    expect(await codeOf(settled(strict.clock, strict.device.start()))).toBe('answer_timeout')
  })

  it('[ADAM5] is asked by the live view every newMeasureDelay', async () => {
    const { clock, twin, weighing, device, weights } = open()
    await device.start()
    twin.received.length = 0
    weighing.watch(true)
    await clock.advance(4_000)
    expect(twin.received).toEqual(['P'])
    twin.order({ order: 'load', grams: 250 })
    await clock.advance(2_000)
    expect(twin.received).toEqual(['P', 'P'])
    expect(weights.map(({ weight }) => weight)).toEqual(['0.250'])
  })

  it('[ADAM6] is left alone after a lost answer, and asked once then', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
    await clock.advance(600)
    twin.order({ order: 'load', grams: 300 })
    twin.received.length = 0
    expect((await weighing.read()).weight).toBe('0.300')
    expect(twin.received).toEqual(['P'])
  })

  it('[ADAM9] zeroes and tares without a word: done, not confirmed', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    const done = { state: 'done', outcome: { confirmed: false } }
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual(done)
    expect(await settled(clock, weighing.zero(newAttempt()))).toEqual(done)
    expect(twin.received.slice(-2)).toEqual(['T', 'Z'])
    expect(await weighing.tare({ weight: '0' }, newAttempt())).toMatchObject({
      error: { code: 'payload_unsupported' },
    })
  })
})

describe('lines like A&D', () => {
  it('[ADAM7] are read when asked for, with motion and overload as errors', async () => {
    const { clock, twin, weighing, device } = open(
      { dialect: 'headed', request: 'Q', motionMsMax: 0 },
      { dialect: 'headed', request: 'Q' },
    )
    await device.start()
    for (const grams of [1_000, 1_000, 0]) {
      twin.order({ order: 'load', grams })
      expect((await weighing.read()).weight).toBe((grams / 1_000).toFixed(3))
    }
    twin.order({ order: 'motion', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    twin.order({ order: 'motion', on: false })
    twin.order({ order: 'load', grams: 15_001 })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_over')
  })

  it('[ADAM9] zero is judged by the weight after it', async () => {
    const { clock, twin, weighing, device } = open(
      { dialect: 'headed', request: 'Q' },
      { dialect: 'headed', request: 'Q' },
    )
    await device.start()
    expect(await settled(clock, weighing.zero(newAttempt()))).toEqual({
      state: 'done',
      outcome: { confirmed: true },
    })
    twin.order({ order: 'load', grams: 2_000 })
    twin.order({ order: 'motion', on: true })
    const zeroing = weighing.zero(newAttempt())
    await clock.advance(500)
    twin.order({ order: 'motion', on: false })
    expect(await settled(clock, zeroing)).toMatchObject({
      state: 'failed',
      error: { code: 'scale_not_zeroed' },
    })
  })

  it('[ADAM8] that come all the time are believed from the question on', async () => {
    const { clock, wire, weighing, device } = onABench(adam, () => undefined, {
      dialect: 'headed',
      request: 'none',
    })
    const say = async (text: string) => {
      wire.write(bytes(text))
      await settle()
    }
    const starting = device.start()
    await clock.advance(30)
    await say('ST,+0000.000 kg\r\n')
    await starting
    await say('ST,+0001.')
    const reading = weighing.read()
    await clock.advance(30)
    await say('000 kg\r\nST,+0002.000 kg\r\n')
    expect((await reading).weight).toBe('2.000')
  })
})

describe('finding it', () => {
  it('[ADAM10] the probe is last of all and never certain', async () => {
    const { clock, transport } = open()
    const asked = adam.probe?.(transport, { clock, answerMsMax: 300 }) ?? expect.unreachable()
    expect(await settled(clock, asked)).toEqual({ certain: false })
    expect(adam.probeRank).toBeGreaterThan(90)
    const deaf = open()
    await deaf.transport.write(bytes('EhelloF\x05'))
    const behind =
      adam.probe?.(deaf.transport, { clock: deaf.clock, answerMsMax: 300 }) ?? expect.unreachable()
    expect(await settled(deaf.clock, behind)).toEqual({ certain: false })
    const empty = open({}, { loadGrams: 0 })
    const silent =
      adam.probe?.(empty.transport, { clock: empty.clock, answerMsMax: 300 }) ?? expect.unreachable()
    expect(await settled(empty.clock, silent)).toBeUndefined()
  })

  it('its twin refuses orders that are not for a scale, and every profile is read', () => {
    expect(() => open().twin.order({ order: 'scan', code: '1' })).toThrowError(/params_invalid/)
    const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
    const { profiles, problems } = loadProfiles(folder, [adam])
    expect(problems.filter((problem) => problem.includes('/adam/'))).toEqual([])
    expect(profiles.filter(({ driver }) => driver === 'adam')).toHaveLength(5)
  })
})
