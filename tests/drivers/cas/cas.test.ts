/** CAS scales and indicators: the codec held to the manuals' frames, and the driver against its twin. */
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import {
  type Answer,
  blockCheck,
  casLimits,
  parseAp1,
  parseLine,
  recogniseAp1,
  recogniseLine,
} from '../../../src/drivers/scales/cas/codec.ts'
import { cas } from '../../../src/drivers/scales/cas/driver.ts'
import { type CasTwinOptions, createCasTwin } from '../../../src/drivers/scales/cas/twin.ts'
import { AnswerFramer } from '../../../src/drivers/scales/common/framer.ts'
import { settle } from '../../support/clock.ts'
import { codeOf, newAttempt, settled } from '../../support/driver-bench.ts'
import { bytes, onABench } from '../../support/scale-on-a-bench.ts'

const open = (settings: Record<string, unknown> = {}, twin: Partial<CasTwinOptions> = {}, chunk?: number) =>
  onABench(cas, (clock) => createCasTwin({ clock, ...twin }), settings, { chunkBytesMax: chunk })

/** A block as the manuals have it, the check byte counted here by hand. */
function block(content: string): string {
  let check = 0
  for (const byte of bytes(content)) check ^= byte
  return `\x02${content}${String.fromCharCode(check)}\x03`
}
const ap1 = (text: string) => parseAp1(bytes(text), 2)
const framesOf = (recognise: typeof recogniseAp1, data: Uint8Array) =>
  new AnswerFramer({ recognise, frameBytesMax: casLimits.answerBytesMax }).push(data)

describe('the codec', () => {
  it('[CAS2] the check byte is the XOR of the block', () => {
    expect(blockCheck(bytes('S 01.235kg'))).toBe(
      [...'S 01.235kg'].reduce((sum, c) => sum ^ c.charCodeAt(0), 0),
    )
    expect(ap1(`\x01${block('S 01.235kg')}\x04`)).toMatchObject({
      kind: 'weight',
      weight: '1.235',
      unit: 'kg',
    })
    for (let bit = 0; bit < 8; bit++) {
      const frame = bytes(`\x01${block('S 01.235kg')}\x04`)
      frame[5] = (frame[5] ?? 0) ^ (1 << bit)
      expect(parseAp1(frame, 2).kind).toBe('invalid')
    }
  })

  it('[CAS3] a check byte that looks like ETX or EOT does not end the frame', () => {
    // Eight digits give every check byte from 0 to 15, control bytes among them.
    const looks = new Set<number>()
    for (let total = 0; total < 1_000; total++) {
      const digits = String(total * 7).padStart(8, '0')
      const frame = bytes(`\x01${block(digits)}${block('S 01.235kg')}${block(digits)}\x04`)
      looks.add(frame[10] ?? 0)
      expect(framesOf(recogniseAp1, frame)).toEqual([frame])
    }
    expect([...looks].sort((a, b) => a - b).slice(0, 7)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  it.each([
    [`U 01.235kg`, { stable: false, weight: '1.235' }],
    [`S-00.005kg`, { weight: '-0.005' }],
    [`SF^^^^^^kg`, { over: true }],
    [`S   2.72lb`, { weight: '2.72', unit: 'lb' }],
  ])('[CAS4] %j', (content, answer) => {
    expect(ap1(`\x01${block(content)}\x04`)).toMatchObject({ kind: 'weight', ...answer })
  })

  it.each(['X 01.235kg', 'S+01.235kg', 'S 01.235tn', 'S 0 .2 5kg', 'S       kg'])(
    '[CAS4] %j is no weight',
    (content) => {
      expect(ap1(`\x01${block(content)}\x04`).kind).toBe('invalid')
    },
  )

  it.each([
    ['00001604', '00001299', '16.04', '12.99'],
    ['   16.04', '   12.99', '16.04', '12.99'],
    ['       4', '       1', '0.04', '0.01'],
  ])('[CAS5] total %j and unit price %j', (total, price, told, unitPrice) => {
    const frame = `\x01${block(total)}${block('S 01.235kg')}${block(price)}\x04`
    expect(framesOf(recogniseAp1, bytes(frame))).toHaveLength(1)
    expect(ap1(frame)).toMatchObject({ kind: 'weight', weight: '1.235', unitPrice, total: told })
  })

  it('[CAS5] a price that is none spoils the whole', () => {
    expect(ap1(`\x01${block('12x45678')}${block('S 01.235kg')}${block('00001299')}\x04`).kind).toBe('invalid')
  })

  it.each([
    ['ST,GS,1\xc5, 00013.5 kg\r\n', { weight: '13.5', stable: true, net: false, zero: true }],
    ['US,NT,1\xa2,-00013.5 kg\r\n', { weight: '-13.5', stable: false, net: true, zero: false }],
    ['OL,GS,1\xa4,         kg\r\n', { over: true }],
    ['ST,GS,\r\n, 00013.5  g\r\n', { weight: '13.5', unit: 'g' }],
  ])('[CAS8] %j', (text, answer) => {
    const [frame, more] = framesOf(recogniseLine, bytes(text))
    expect(more).toBeUndefined()
    expect(parseLine(frame ?? expect.unreachable())).toMatchObject({ kind: 'weight', ...answer })
  })

  it('[CAS9] answers to commands', () => {
    const read = (text: string): Answer[] => framesOf(recogniseLine, bytes(text)).map(parseLine)
    expect(read('01MZ\r\n!\r\n?\r\n')).toEqual([
      { kind: 'taken', command: '01MZ' },
      { kind: 'refused', known: true },
      { kind: 'refused', known: false },
    ])
  })

  it('[CAS11] any bytes give an answer or none', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .string({ unit: fc.constantFrom(...'\x01\x02\x03\x04\x06\x15S U-F01.kg\r\n,TGNO'), maxLength: 120 })
        .map(bytes),
    )
    const shaped = fc
      .string({ unit: fc.constantFrom(...'SU -F0123.kglboz'), minLength: 10, maxLength: 10 })
      .map((content) => bytes(`\x01${block(content)}\x04`))
    fc.assert(
      fc.property(fc.oneof(soup, shaped), (data) => {
        for (const [recognise, read] of [
          [recogniseAp1, (frame: Uint8Array) => parseAp1(frame, 2)],
          [recogniseLine, parseLine],
        ] as const)
          for (const frame of framesOf(recognise, data)) expect(read(frame).kind).toBeTypeOf('string')
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('AP-1', () => {
  it('[CAS1] ENQ, then DC1, for each weight, however the bytes are cut', async () => {
    for (const chunk of [1, 4, 100]) {
      const { twin, weighing, device } = open({}, {}, chunk)
      await device.start()
      for (const grams of [1_235, 0, 14_999]) {
        twin.order({ order: 'load', grams })
        expect(await weighing.read()).toMatchObject({ weight: (grams / 1_000).toFixed(3), stable: true })
        expect(twin.received.slice(-2)).toEqual(['\x05', '\x11'])
      }
    }
  })

  it('[CAS1] NAK is asked again, three times', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.naks = 3
    twin.received.length = 0
    expect((await weighing.read()).weight).toBe('0.000')
    expect(twin.received.join('')).toBe('\x05\x05\x05\x05\x11')
    twin.naks = 1_000
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_invalid')
  })

  it('[CAS2] a weight with a wrong check byte is asked for again', async () => {
    const { clock, twin, weighing, device } = open()
    await device.start()
    twin.badChecks = 1
    twin.order({ order: 'load', grams: 1_000 })
    expect((await settled(clock, weighing.read())).weight).toBe('1.000')
    twin.badChecks = 1_000
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_invalid')
  })

  it('[CAS4] motion, overload and a negative weight are errors of their own', async () => {
    const { clock, twin, weighing, device } = open({ motionMsMax: 0 })
    await device.start()
    twin.order({ order: 'motion', on: true })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_motion')
    twin.order({ order: 'motion', on: false })
    twin.order({ order: 'load', grams: 15_001 })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_over')
    twin.order({ order: 'load', grams: -5 })
    expect(await codeOf(settled(clock, weighing.read()))).toBe('scale_under')
  })

  it('[CAS5] tells the price and the total of the scale', async () => {
    const { twin, weighing, device } = open({ price: true }, { unitPrice: 1_299 })
    await device.start()
    twin.order({ order: 'load', grams: 1_235 })
    expect(await weighing.read()).toMatchObject({ weight: '1.235', unitPrice: '12.99', total: '16.04' })
    expect(twin.received.at(-1)).toBe('\x12')
  })

  it('[CAS6] refuses zero and tare with nothing sent', async () => {
    const { twin, weighing, device } = open()
    await device.start()
    twin.received.length = 0
    for (const result of [await weighing.zero(newAttempt()), await weighing.tare({}, newAttempt())])
      expect(result).toMatchObject({ state: 'failed', error: { code: 'payload_unsupported' } })
    expect(twin.received).toEqual([])
  })
})

describe('an indicator', () => {
  const stream = { dialect: 'stream22' } as const

  it('[CAS7] that streams is believed only with a line that began after the question', async () => {
    const { clock, wire, weighing, device } = onABench(cas, () => undefined, { ...stream, latencyMs: 20 })
    const line = (weight: string) => bytes(`ST,GS,1\xc4, ${weight} kg\r\n`)
    const say = async (data: Uint8Array) => {
      wire.write(data)
      await settle()
    }
    const starting = device.start()
    await clock.advance(30)
    await say(line('000.000'))
    await starting
    // Begun before the question, ended after it.
    await say(line('001.000').slice(0, 10))
    const reading = weighing.read()
    await clock.advance(50)
    await say(line('001.000').slice(10))
    await say(line('002.000'))
    expect((await reading).weight).toBe('2.000')
    // Came at once: it may have waited in the adapter.
    const next = weighing.read()
    await clock.advance(19)
    await say(line('003.000'))
    await clock.advance(1)
    await say(line('004.000'))
    expect((await next).weight).toBe('4.000')
  })

  it('[CAS7] that streams weighs, is silent within the time, and has no commands', async () => {
    const { clock, twin, weighing, device } = open(stream, { ...stream, commands: 'none' })
    await settled(clock, device.start())
    for (const grams of [1_000, 2_500]) {
      twin.order({ order: 'load', grams })
      expect((await settled(clock, weighing.read())).weight).toBe((grams / 1_000).toFixed(3))
    }
    twin.order({ order: 'silent', on: true })
    const begun = clock.monotonic()
    expect(await codeOf(settled(clock, weighing.read()))).toBe('answer_timeout')
    expect(clock.monotonic() - begun).toBeLessThanOrEqual(510)
    expect(await weighing.zero(newAttempt())).toMatchObject({ error: { code: 'payload_unsupported' } })
    await device.stop()
    twin.stop()
  })

  it.each(['nt500', 'nt570'] as const)(
    '[CAS9] with the commands of %s weighs, zeroes and tares',
    async (commands) => {
      const { clock, twin, weighing, device } = open({ ...stream, commands }, { ...stream, commands })
      await device.start()
      twin.order({ order: 'load', grams: 50 })
      expect(await weighing.read()).toMatchObject({ weight: '0.050', zero: false, tare: false })
      const done = { state: 'done', outcome: { confirmed: true } }
      expect(await settled(clock, weighing.zero(newAttempt()))).toEqual(done)
      twin.order({ order: 'load', grams: 1_050 })
      expect(await settled(clock, weighing.tare({}, newAttempt()))).toEqual(done)
      twin.order({ order: 'load', grams: 2_050 })
      expect(await weighing.read()).toMatchObject({ weight: '1.000', tare: true })
      expect(await settled(clock, weighing.zero(newAttempt()))).toMatchObject({
        error: { code: 'scale_not_zeroed' },
      })
      twin.order({ order: 'motion', on: true })
      expect(await settled(clock, weighing.tare({}, newAttempt()))).toMatchObject({
        error: { code: 'tare_refused' },
      })
      expect(await weighing.tare({ weight: '0.1' }, newAttempt())).toMatchObject({
        error: { code: 'payload_unsupported' },
      })
    },
  )
})

describe('finding it', () => {
  const probe = async (bench: ReturnType<typeof open>) =>
    settled(
      bench.clock,
      cas.probe?.(bench.transport, { clock: bench.clock, answerMsMax: 300 }) ?? expect.unreachable(),
    )

  it('[CAS10] the probe knows AP-1 by its check byte and a stream by its lines', async () => {
    expect(await probe(open())).toEqual({ certain: true })
    const streaming = open({}, { dialect: 'stream22', commands: 'none' })
    expect(await probe(streaming)).toEqual({ certain: true })
    streaming.twin.stop()
  })

  it('[CAS10] an ACK alone is not enough', async () => {
    const { clock, transport, wire } = onABench(cas, () => undefined)
    wire.onBytes(([first]) => wire.write(bytes(first === 0x05 ? '\x06' : '\x02100123\x05\x03')))
    const asked = cas.probe?.(transport, { clock, answerMsMax: 300 }) ?? expect.unreachable()
    expect(await settled(clock, asked)).toBeUndefined()
  })

  it('its twin refuses orders that are not for a scale, and every profile is read', () => {
    expect(() => open().twin.order({ order: 'scan', code: '1' })).toThrowError(/params_invalid/)
    const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
    const { profiles, problems } = loadProfiles(folder, [cas])
    expect(problems.filter((problem) => problem.includes('/cas/'))).toEqual([])
    expect(profiles.filter(({ driver }) => driver === 'cas')).toHaveLength(8)
  })
})
