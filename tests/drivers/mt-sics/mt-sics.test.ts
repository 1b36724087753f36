/** MT-SICS scales, and those with the Ohaus commands: the codec held to the manuals' lines, and the driver against its twin. */
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { AnswerFramer } from '../../../src/drivers/scales/common/framer.ts'
import {
  answerBytesMax,
  parseOhaus,
  parseSics,
  recogniseLine,
  request,
} from '../../../src/drivers/scales/mt-sics/codec.ts'
import { mtSics } from '../../../src/drivers/scales/mt-sics/driver.ts'
import { createMtSicsTwin, type MtSicsTwinOptions } from '../../../src/drivers/scales/mt-sics/twin.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { bytes, onABench } from '../../support/scale-on-a-bench.ts'

const open = (
  settings: Record<string, unknown> = {},
  twin: Partial<MtSicsTwinOptions> = {},
  chunk?: number,
) => onABench(mtSics, (clock) => createMtSicsTwin({ clock, ...twin }), settings, { chunkBytesMax: chunk })
const sics = (text: string) => parseSics(bytes(`${text}\r\n`))
const ohaus = (text: string) => parseOhaus(bytes(`${text}\r\n`))

describe('the codec', () => {
  it('[SICS1] requests are lines', () => {
    expect(String.fromCharCode(...request('TA 0.250 kg'))).toBe('TA 0.250 kg\r\n')
  })

  it.each([
    ['S S     100.00 g', { kind: 'weight', weight: '100.00', unit: 'g', stable: true }],
    ['S D      1.235 kg', { kind: 'weight', weight: '1.235', unit: 'kg', stable: false }],
    ['S S     -0.50 lb', { kind: 'weight', weight: '-0.50', unit: 'lb' }],
    ['S S       43.6 oz', { kind: 'weight', weight: '43.6', unit: 'oz' }],
    ['S I', { kind: 'busy' }],
    ['S +', { kind: 'over' }],
    ['S -', { kind: 'under' }],
    ['Z A', { kind: 'taken', command: 'Z' }],
    ['T S      0.250 kg', { kind: 'taken', command: 'T', weight: '0.250', unit: 'kg' }],
    ['TA A      0.250 kg', { kind: 'taken', command: 'TA', weight: '0.250' }],
    ['TAC A', { kind: 'taken', command: 'TAC' }],
    ['TA L', { kind: 'error', error: 'EL' }],
    ['ES', { kind: 'error', error: 'ES' }],
    ['I4 A "B021002593"', { kind: 'text', command: 'I4', text: 'B021002593' }],
  ])('[SICS2] %j', (text, answer) => {
    expect(sics(text)).toMatchObject(answer)
  })

  it.each(['S S  1.0 ct', 'S S  1000 mg', 'S S  1.0', 'S S', 'S S  1.2.3 g', 'X S 1 g', ''])(
    '[SICS2] %j is no weight',
    (text) => {
      expect(sics(text).kind).toBe('invalid')
    },
  )

  it.each([
    ['      1.235 kg', { weight: '1.235', stable: true, net: false }],
    ['      1.235 kg ?', { stable: false }],
    ['-     0.005 kg   NET', { weight: '-0.005', net: true }],
    ['  1235 g ? N', { weight: '1235', unit: 'g', stable: false, net: true }],
    ['  1.235 kg   B/G', { net: false }],
  ])('[SICS11] %j', (text, answer) => {
    expect(ohaus(text)).toMatchObject({ kind: 'weight', ...answer })
  })

  it('[SICS12] any bytes give an answer or none', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...'SDITZAL+-? 0.1kgN"\r\n'), maxLength: 200 }).map(bytes),
    )
    fc.assert(
      fc.property(soup, (data) => {
        const framer = new AnswerFramer({ recognise: recogniseLine, frameBytesMax: answerBytesMax })
        for (const frame of framer.push(data)) {
          expect(frame.length).toBeLessThanOrEqual(answerBytesMax)
          expect(parseSics(frame).kind).toBeTypeOf('string')
          expect(parseOhaus(frame).kind).toBeTypeOf('string')
        }
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('reading', () => {
  it.each([
    ['kg', '1.235'],
    ['g', '1235'],
    ['lb', '2.72'],
    ['oz', '43.6'],
  ] as const)('[SICS2] what lies on it, in %s', async (unit, weight) => {
    for (const chunk of [1, 6, 100]) {
      const { twin, weighing, device } = open({}, { unit }, chunk)
      await device.start()
      twin.order({ order: 'load', grams: 1_235 })
      expect(await weighing.read()).toMatchObject({ weight, unit, stable: true, tare: false })
    }
  })

  it('[SICS2] nothing in milligrams', async () => {
    const { clock, device } = open({}, { unit: 'mg' })
    expect(await codeOf(settled(clock, device.start()))).toBe('answer_invalid')
  })

  it('[SICS3] waits for rest, and never asks with S', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'load', grams: 1_000 })
    twin.order({ order: 'motion', on: true })
    const reading = weighing.read()
    await clock.advance(1_000)
    twin.order({ order: 'motion', on: false })
    expect((await settled(clock, reading)).weight).toBe('1.000')
    twin.order({ order: 'motion', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    expect(twin.received).not.toContain('S')
  })

  it('[SICS4] over, under, and busy', async () => {
    const { twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'load', grams: 15_001 })
    expect(await codeOf(weighing.read())).toBe('scale_over')
    twin.order({ order: 'load', grams: -400 })
    expect(await codeOf(weighing.read())).toBe('scale_under')
    const {
      clock,
      wire,
      device: busy,
    } = onABench(mtSics, () => undefined, {
      motionMsMax: 0,
      askIdentity: false,
    })
    wire.onBytes(() => wire.write(bytes('S I\r\n')))
    await settled(clock, busy.start())
    expect(await codeOf(settled(clock, busy.weighing?.read() ?? expect.unreachable()))).toBe('scale_motion')
  })

  it('[SICS5] asks for the tare, and once only where there is no such command', async () => {
    const one = open()
    await one.device.start()
    one.twin.order({ order: 'load', grams: 500 })
    await settled(one.clock, one.weighing.tare({}, newAttempt()))
    expect(await one.weighing.read()).toMatchObject({ weight: '0.000', tare: true })
    const zero = open({}, { level: 0 })
    await zero.device.start()
    for (let count = 0; count < 3; count++) expect(await zero.weighing.read()).toMatchObject({ tare: false })
    expect(zero.twin.received.filter((text) => text === 'TA')).toHaveLength(1)
    const never = open({ askTare: false })
    await never.device.start()
    await never.weighing.read()
    expect(never.twin.received).not.toContain('TA')
  })

  it('[SICS5] an error that noise made is not taken for a scale without a tare', async () => {
    const { clock, device, weighing, wire } = onABench(mtSics, () => undefined, { askIdentity: false })
    const tares = ['ET', 'TA A      0.250 kg', 'ES', 'TA A      0.250 kg']
    wire.onBytes((data) =>
      wire.write(bytes(`${data[0] === 0x54 ? (tares.shift() ?? 'ES') : 'S S      1.000 kg'}\r\n`)),
    )
    await settled(clock, device.start())
    expect(await settled(clock, weighing.read())).toMatchObject({ weight: '1.000', tare: true })
    expect(tares).toEqual([])
  })

  it('[SICS8] tells model and serial number, and works without', async () => {
    const { device, details } = open()
    await device.start()
    expect(details).toMatchObject({ serial: 'B021002593', model: 'ICS425 15.000 kg', unit: 'kg' })
    const { wire, device: other, weighing, details: none } = onABench(mtSics, () => undefined)
    wire.onBytes((data) =>
      wire.write(bytes(String.fromCharCode(...data) === 'SI\r\n' ? 'S S      1.000 kg\r\n' : 'ES\r\n')),
    )
    await other.start()
    expect(await weighing.read()).toMatchObject({ weight: '1.000', tare: false })
    expect(none).not.toHaveProperty('serial')
  })

  it('[SICS9] proves a lost answer gone with I4', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'silent', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
    twin.order({ order: 'silent', on: false })
    expect((await weighing.read()).weight).toBe('0.000')
    expect(twin.received.slice(-3)).toEqual(['I4', 'SI', 'TA'])
  })
})

describe('zero and tare', () => {
  const done = (confirmed: boolean) => ({ state: 'done', outcome: { confirmed } })

  it('[SICS6] are done when the scale says so', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'load', grams: 50 })
    expect(await settled(clock, weighing.zero(newAttempt()))).toEqual(done(true))
    twin.order({ order: 'load', grams: 1_050 })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual(done(true))
    expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({
      error: { code: 'scale_not_zeroed' },
    })
    expect(await settled(clock, weighing.tare({ weight: '0' }, newAttempt()))).toEqual(done(true))
    expect(await weighing.read()).toMatchObject({ weight: '1.000', tare: false })
  })

  it('[SICS6] wait with the scale for rest, within adjustMsMax', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.order({ order: 'motion', on: true })
    const zeroing = weighing.zero(newAttempt())
    await clock.advance(1_500)
    twin.order({ order: 'motion', on: false })
    expect(await settled(clock, zeroing)).toEqual(done(true))
    twin.order({ order: 'motion', on: true })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toMatchObject({
      error: { code: 'tare_refused' },
    })
    const hasty = open({ adjustMsMax: 500 })
    await hasty.device.start()
    hasty.twin.order({ order: 'motion', on: true })
    expect(await settled(hasty.clock, hasty.weighing.zero(newAttempt()))).toMatchObject({ state: 'unknown' })
  })

  it('[SICS7] a known tare goes out in the unit of the scale', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    expect(await settled(clock, weighing.tare({ weight: '0.25' }, newAttempt()))).toEqual(done(true))
    expect(twin.received.at(-1)).toBe('TA 0.25 kg')
    expect(await settled(clock, weighing.tare({ weight: '99' }, newAttempt()))).toMatchObject({
      error: { code: 'tare_refused' },
    })
    const coarse = open({}, { unit: 'lb' })
    await coarse.device.start()
    expect(await settled(coarse.clock, coarse.weighing.tare({ weight: '0.125' }, newAttempt()))).toEqual(
      done(false),
    )
  })
})

describe('the Ohaus commands', () => {
  it.each(['IP', 'P'] as const)('[SICS11] weigh, zero and tare, asked with %s', async (ohausRequest) => {
    const { clock, twin, weighing, device } = open({ dialect: 'ohaus', ohausRequest }, { dialect: 'ohaus' })
    await device.start()
    twin.order({ order: 'load', grams: 50 })
    expect(await weighing.read()).toMatchObject({ weight: '0.050', unit: 'kg', tare: false })
    const done = { state: 'done', outcome: { confirmed: true } }
    expect(await settled(clock, weighing.zero(newAttempt()))).toEqual(done)
    twin.order({ order: 'load', grams: 1_050 })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual(done)
    twin.order({ order: 'load', grams: 2_050 })
    expect(await weighing.read()).toMatchObject({ weight: '1.000', tare: true })
    expect(await settled(clock, weighing.tare({ weight: '0' }, newAttempt()))).toEqual(done)
    expect(await weighing.tare({ weight: '0.1' }, newAttempt())).toMatchObject({
      error: { code: 'payload_unsupported' },
    })
    twin.order({ order: 'motion', on: true })
    expect(await settled(clock, weighing.tare({}, newAttempt()))).toMatchObject({ state: 'failed' })
    expect(twin.received).toContain(ohausRequest)
  })
})

describe('finding it', () => {
  it('[SICS10] the probe finds it behind what another probe left', async () => {
    const { clock, twin, transport } = open()
    await transport.write(bytes('W\r\x05S11\r'))
    const asked = mtSics.probe?.(transport, { clock, answerMsMax: 300 }) ?? expect.unreachable()
    expect(await settled(clock, asked)).toEqual({ serial: 'B021002593', certain: true })
    expect(twin.received).toEqual(['W\r\x05S11\rI4', 'I4'])
  })

  it('its twin refuses orders that are not for a scale, and every profile is read', () => {
    expect(() => open().twin.order({ order: 'scan', code: '1' })).toThrowError(/params_invalid/)
    const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
    const { profiles, problems } = loadProfiles(folder, [mtSics])
    expect(problems.filter((problem) => problem.includes('/mt-sics/'))).toEqual([])
    expect(profiles.filter(({ driver }) => driver === 'mt-sics')).toHaveLength(6)
  })
})
