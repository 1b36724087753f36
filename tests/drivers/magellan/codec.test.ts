/** The Magellan codec, held to messages that public drivers of the interface are tested with. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeLabel,
  decodeWeight,
  labelOf,
  parseAnswer,
  request,
  textOf,
  zeroWeight,
} from '../../../src/drivers/scales/magellan/codec.ts'
import { MagellanLanguage } from '../../../src/drivers/scales/magellan/language.ts'
import { magellanSettings } from '../../../src/drivers/scales/magellan/settings.ts'
import { createMagellanTwin } from '../../../src/drivers/scales/magellan/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { MemoryWire } from '../../support/twin-memory.ts'

const settings = magellanSettings.parse({})
const scanOf = (message: string, change: Record<string, unknown> = {}) => {
  const changed = magellanSettings.parse(change)
  const label = labelOf(message, changed)
  return label === undefined ? undefined : decodeLabel(label, changed)
}
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

describe('requests', () => {
  it('[MAG1] have the start and end that are set', () => {
    expect(latin1(request('S14', settings))).toBe('S14\r')
    expect(latin1(request('S334', magellanSettings.parse({ start: 'STX', end: 'ETX' })))).toBe('\x02334\x03')
    expect(latin1(request('S11', magellanSettings.parse({ start: '', end: 'CRLF' })))).toBe('11\r\n')
  })
})

describe('answers', () => {
  // Weights and states as in the tests of a public driver of the interface (Crystals Set Retail, DataParserParamTest).
  it.each([
    ['S14498765', { kind: 'weight', digits: '98765' }],
    ['S14400195', { kind: 'weight', digits: '00195' }],
    ['S1440272', { kind: 'weight', digits: '0272' }],
    ['S140', { kind: 'not_zeroed' }],
    ['S141', { kind: 'motion' }],
    ['S142', { kind: 'over' }],
    ['S143', { kind: 'zero' }],
    ['S14300000', { kind: 'zero' }],
    ['S145', { kind: 'under' }],
  ])('[MAG3] %s is read', (message, answer) => {
    expect(parseAnswer(message, settings)).toEqual(answer)
  })

  it.each([
    'S149',
    'S14',
    'S1',
    'S144',
    'S144123',
    'S144123456',
    'S1441a45',
    'S14300500',
    'S1101235',
    'S08F4006381333931',
    'X14401235',
    '',
  ])('[MAG4] %j is no answer to S14', (message) => {
    expect(parseAnswer(message, settings).kind).toBe('invalid')
  })

  it('[MAG3] S11 is answered by digits alone', () => {
    const s11 = magellanSettings.parse({ ask: 'S11' })
    expect(parseAnswer('S1101235', s11)).toEqual({ kind: 'weight', digits: '01235' })
    expect(parseAnswer('S110272', s11)).toEqual({ kind: 'weight', digits: '0272' })
    expect(parseAnswer('S14401235', s11).kind).toBe('invalid')
  })

  it.each([
    ['01235', {}, { weight: '1.235', unit: 'kg' }],
    ['0272', {}, { weight: '2.72', unit: 'lb' }],
    ['0272', { unit: 'kg' }, { reason: expect.any(String) }],
    ['01235', { unit: 'lb' }, { reason: expect.any(String) }],
    ['0272', { unit: 'kg', decimals: 3 }, { weight: '0.272', unit: 'kg' }],
    ['00272', { unit: 'lb', decimals: 2 }, { weight: '2.72', unit: 'lb' }],
    ['01235', { decimals: 2 }, { weight: '12.35', unit: 'kg' }],
  ])('[MAG2] %s with %j is %j', (digits, change, decoded) => {
    expect(decodeWeight(digits, magellanSettings.parse(change))).toEqual(decoded)
  })

  it('[MAG2] zero has the decimals of its unit', () => {
    expect([zeroWeight('kg', 'auto'), zeroWeight('lb', 'auto'), zeroWeight('kg', 0)]).toEqual([
      { weight: '0.000', unit: 'kg' },
      { weight: '0.00', unit: 'lb' },
      { weight: '0', unit: 'kg' },
    ])
  })
})

describe('labels', () => {
  // Codes and their marks as in the same tests, and in Datalogic's table of label formats (A0609…, R4…).
  it.each([
    ['S08F9900000521431', { code: '9900000521431', symbology: 'ean13' }],
    ['S08FF46218636', { code: '46218636', symbology: 'ean8' }],
    ['S08A060992011187', { code: '060992011187', symbology: 'upca' }],
    ['S08A06099201118712', { code: '06099201118712', symbology: 'upca-addon2' }],
    ['S08A06099201118712345', { code: '06099201118712345', symbology: 'upca-addon5' }],
    ['S08E01234565', { code: '01234565', symbology: 'upce' }],
    ['S08B11234567890', { code: '1234567890', symbology: 'code39' }],
    ['S08B21234567892', { code: '1234567892', symbology: 'itf' }],
    ['S08B30105000190075501', { code: '0105000190075501', symbology: 'code128' }],
    ['S08Dm12345ABCDEF', { code: '12345ABCDEF', symbology: 'datamatrix' }],
    ['S08QR12345ABCDEF', { code: '12345ABCDEF', symbology: 'qr' }],
    // The manual's own example, whose check digit is wrong: a code, and no GS1 data.
    ['S08R40101044123456789', { code: '0101044123456789', symbology: 'gs1-databar' }],
    ['S08F123', { code: '123' }],
    ['S08X9900000521431', { code: 'X9900000521431' }],
    ['S084006381333931', { code: '4006381333931', symbology: 'ean13' }],
    ['S08\ufeffQR', { code: '\ufeffQR' }],
  ])('[MAG7] %s is %j', (message, scan) => {
    expect(scanOf(message)).toEqual(scan)
  })

  it.each(['S08', 'S08F', 'S08FF', 'S08B1', 'S08QR', 'S08]e0', 'S0', 'F4006381333931', 'S14400195'])(
    '[MAG7] %s is no scan',
    (message) => {
      expect(scanOf(message)).toBeUndefined()
    },
  )

  it('[MAG7] marks and prefix are settings; without a prefix all that is no answer is a label', () => {
    expect(scanOf('S08*A-1', { codeIds: { '*': 'code39' } })).toEqual({ code: 'A-1', symbology: 'code39' })
    expect(scanOf('F4006381333931', { label: '' })).toEqual({ code: '4006381333931', symbology: 'ean13' })
    expect(scanOf('S14400195', { label: '' })).toBeUndefined()
  })

  it('[MAG8] GS1 data are read by mark, by separator and in a link', () => {
    expect(scanOf('S08R40109506000134352')).toEqual({
      code: '0109506000134352',
      symbology: 'gs1-databar',
      gs1: { '01': '09506000134352' },
    })
    expect(scanOf('S08]C110ABC\x1d3103001750')).toMatchObject({ gs1: { '10': 'ABC', '3103': '001750' } })
    expect(scanOf('S08B310ABC~3103001750', { gsCharacters: ['~'] })).toMatchObject({ gs1: { '10': 'ABC' } })
    expect(scanOf('S08QRhttps://id.gs1.org/01/09506000134352')).toMatchObject({
      gs1: { '01': '09506000134352' },
    })
    expect(scanOf('S08B30105000190075501')).not.toHaveProperty('gs1')
  })

  it('[MAG7] text is UTF-8 where it is that, one byte a character where not, seven bits where set', () => {
    expect(textOf(new TextEncoder().encode('S08QRJalapeño'), false)).toBe('S08QRJalapeño')
    expect(textOf(Uint8Array.of(0x53, 0xe9), false)).toBe('Sé')
    expect(textOf(Uint8Array.of(0xd3, 0x31, 0xb4), true)).toBe('S14')
  })

  it('[MAG4] [MAG10] no message is both a label and a weight, and none makes decoding throw', () => {
    const message = fc.oneof(
      fc.integer({ min: 0, max: 99_999 }).map((grams) => `S144${String(grams).padStart(5, '0')}`),
      fc.string({ maxLength: 40 }),
      fc
        .tuple(fc.constantFrom('S08', 'S14', 'S144', 'S11', 'S'), fc.string({ maxLength: 20 }))
        .map((parts) => parts.join('')),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => textOf(bytes, false)),
    )
    fc.assert(
      fc.property(message, fc.constantFrom('08', ''), (text, prefix) => {
        const isAnswer = parseAnswer(text, settings).kind !== 'invalid'
        const label = labelOf(text, { ...settings, label: prefix })
        expect(isAnswer && label !== undefined).toBe(false)
        if (label !== undefined) decodeLabel(label, settings)
      }),
    )
  })

  it('[MAG10] a label up to the limit is kept, a longer one dropped, and the next is whole', () => {
    const { ear } = new MagellanLanguage({
      settings: { ...settings, labelBytesMax: 16 },
      clock: new TestClock(),
    } as never)
    const push = (text: string) => ear.framer.push(new TextEncoder().encode(text)).map(latin1)
    expect(push(`S08${'9'.repeat(13)}\r`)).toEqual([`S08${'9'.repeat(13)}`])
    expect(push(`S08${'9'.repeat(14)}\r`)).toEqual([])
    expect(push('S08F1\r')).toEqual(['S08F1'])
  })

  it('[MAG2] [MAG13] what the twin sends for any load is read back to the division', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 15_000 }), (grams) => {
        const twin = createMagellanTwin({ clock: new TestClock() })
        const wire = new MemoryWire()
        twin.attach(wire)
        twin.order({ order: 'load', grams })
        wire.send(request('S14', settings))
        const answer = parseAnswer(latin1(Uint8Array.from(wire.answers)).slice(0, -1), settings)
        if (answer.kind !== 'weight') return expect.unreachable(answer.kind)
        expect(decodeWeight(answer.digits, settings)).toEqual({
          weight: (Math.round(grams / 5) / 200).toFixed(3),
          unit: 'kg',
        })
      }),
    )
  })
})
