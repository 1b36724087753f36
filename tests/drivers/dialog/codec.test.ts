/** The Checkout Dialog codec, held to the byte strings of the manuals and to somebody else's division. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerPair,
  checksumsRequest,
  codecLimits,
  correctionWord,
  decodeWeighing,
  orderRequest,
  parseAnswer,
  requests,
} from '../../../src/drivers/scales/dialog/codec.ts'
import { DialogLanguage } from '../../../src/drivers/scales/dialog/language.ts'
import { dialogSettings } from '../../../src/drivers/scales/dialog/settings.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const framed = (body: string) => bytes(`\x02${body}\x03`)
const answer = (body: string) => parseAnswer(framed(body), true)
const format = { unit: 'auto', priceDecimals: 2, totalDecimals: 2, totalTolerance: 0 } as const

function weighing(body: string, price: string, change: Partial<Parameters<typeof decodeWeighing>[2]> = {}) {
  const read = answer(`02\x1b${body}`)
  return read.kind === 'weighing' ? decodeWeighing(read, price, { ...format, ...change }) : read
}

describe('requests', () => {
  it('[DLG1] are records between STX and ETX behind EOT, with the fields of their number', () => {
    expect(hex(orderRequest({ price: '001299' }))).toBe('0402' + '3031' + '1b' + '303031323939' + '1b' + '03')
    expect(orderRequest({ price: '001299', tare: '0250' })).toEqual(bytes('\x04\x0203\x1b001299\x1b0250\x03'))
    expect(orderRequest({ price: '001299', text: 'Apples' })).toEqual(
      bytes('\x04\x0204\x1b001299\x1bApples\x03'),
    )
    expect(orderRequest({ price: '01299', tare: '0250', text: 'Apples' })).toEqual(
      bytes('\x04\x0205\x1b01299\x1b0250\x1bApples\x03'),
    )
    expect(hex(requests.result)).toBe('0405')
    expect(hex(requests.status)).toBe('0402303803')
  })

  it('[DLG7] the answer to a challenge is pairs of four and four upper-case hex digits', () => {
    const pair = { checksum: 0x4711, correction: 0xf336 }
    expect(checksumsRequest([pair])).toEqual(bytes('\x04\x0210\x1b4711F336\x03'))
    expect(checksumsRequest([pair, { checksum: 0xa, correction: 0 }])).toEqual(
      bytes('\x04\x0210\x1b4711F336000A0000\x03'),
    )
  })
})

describe('answers', () => {
  it('[DLG2] the weighing of the manual: 1.500 kg at 12.99 is 19.49', () => {
    expect(weighing('3\x1b01500\x1b001299\x1b001949', '001299')).toEqual({
      weight: '1.500',
      unit: 'kg',
      unitPrice: '12.99',
      total: '19.49',
    })
  })

  it.each([
    ['1\x1b00272\x1b001000\x1b002720', '001000', { weight: '2.72', unit: 'lb', total: '27.20' }],
    ['2\x1b02725\x1b001000\x1b002725', '001000', { weight: '2.725', unit: 'lb', total: '27.25' }],
    ['3\x1b01500\x1b01299\x1b001949', '001299', { weight: '1.500', unit: 'kg', total: '19.49' }],
  ])('[DLG2] %j is read', (body, price, read) => {
    expect(weighing(body, price)).toMatchObject(read)
  })

  it.each([
    ['another price', '3\x1b01500\x1b001298\x1b001949', {}],
    ['a total one off with no tolerance', '3\x1b01500\x1b001299\x1b001950', {}],
    ['pounds where kilograms are set', '1\x1b00150\x1b001299\x1b001949', { unit: 'kg' }],
    ['pounds and ounces', '0\x1b01500\x1b001299\x1b001949', {}],
  ] as const)('[DLG2] %s is no weighing', (_, body, change) => {
    expect(weighing(body, '001299', change)).toHaveProperty('reason')
  })

  it('[DLG2] a total may be off by the tolerance and no more; without one every total is believed', () => {
    const off = (total: string, totalTolerance: number | undefined) =>
      'reason' in (weighing(`3\x1b01500\x1b001299\x1b${total}`, '001299', { totalTolerance }) as object)
    expect([off('001954', 5), off('001955', 5), off('001943', 5), off('001942', 5)]).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(off('999999', undefined)).toBe(false)
  })

  it.each([
    ['09\x1b21', { kind: 'status', code: '21' }],
    ['11\x1b1', { kind: 'verdict', valid: true }],
    ['11\x1b0', { kind: 'verdict', valid: false }],
    ['11\x1b2A7', { kind: 'challenge', z1: 10, z2: 7 }],
    ['11\x1b2;2', { kind: 'challenge', z1: 11, z2: 2 }],
  ])('[DLG7] %j is read', (body, read) => {
    expect(answer(body)).toEqual(read)
  })

  it.each([
    '',
    '02',
    '09\x1b2',
    '11\x1b3',
    '11\x1b2A',
    '11\x1b2AG',
    '01\x1b001299\x1b',
    '02\x1b3\x1b0150\x1b001299\x1b001949',
  ])('[DLG10] %j is no answer', (body) => {
    expect(answer(body).kind).toBe('invalid')
  })

  it('[DLG10] reads answers with odd parity on bit 7, and refuses bytes that differ in parity', () => {
    const odd = (byte: number) => (byte.toString(2).replaceAll('0', '').length % 2 === 0 ? byte | 0x80 : byte)
    const sent = framed('09\x1b21').map(odd)
    expect(sent.some((byte) => byte > 0x7f)).toBe(true)
    expect(parseAnswer(sent, true)).toEqual({ kind: 'status', code: '21' })
    expect(parseAnswer(sent.with(4, (sent[4] ?? 0) ^ 0x80), true).kind).toBe('invalid')
    expect(parseAnswer(sent, false).kind).toBe('invalid')
  })

  it('[DLG10] any bytes are an answer or none, never a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (noise, strip) => {
        expect(parseAnswer(noise, strip).kind).toBeTypeOf('string')
        expect(parseAnswer(framed(String.fromCharCode(...noise)), strip).kind).toBeTypeOf('string')
      }),
    )
  })

  it('[DLG10] the framer keeps no more than its limit, and finds a record behind any noise that ends', () => {
    const settings = dialogSettings.parse({})
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (noise) => {
        const { ear } = new DialogLanguage({ settings } as never, {} as never)
        for (const piece of noise) for (const frame of ear.framer.push(piece)) ear.parse(frame)
        ear.framer.reset()
        const frames = ear.framer.push(framed('09\x1b00'))
        expect(frames.map((frame) => ear.parse(frame))).toEqual([{ kind: 'status', code: '00' }])
      }),
    )
    const { ear } = new DialogLanguage({ settings } as never, {} as never)
    const longest = framed('9'.repeat(codecLimits.recordBytesMax - 2))
    expect(ear.framer.push(longest)).toHaveLength(1)
    expect(ear.framer.push(framed('9'.repeat(codecLimits.recordBytesMax - 1)))).toHaveLength(0)
  })

  it('[DLG2] what a scale would write for any weight and price is read back to the digit', () => {
    const digits = (count: number) => fc.integer({ min: 0, max: 10 ** count - 1 })
    fc.assert(
      fc.property(digits(5), digits(4), (grams, cents) => {
        const total = (BigInt(grams) * BigInt(cents) * 2n + 1000n) / 2000n
        const write = (value: bigint | number, count: number) => String(value).padStart(count, '0')
        const read = weighing(
          `3\x1b${write(grams, 5)}\x1b${write(cents, 6)}\x1b${write(total, 6)}`,
          write(cents, 6),
        )
        const decimal = (value: bigint | number, decimals: number) =>
          `${BigInt(value) / 10n ** BigInt(decimals)}.${write(BigInt(value) % 10n ** BigInt(decimals), decimals)}`
        expect(read).toEqual({
          weight: decimal(grams, 3),
          unit: 'kg',
          unitPrice: decimal(cents, 2),
          total: decimal(total, 2),
        })
      }),
    )
  })
})

describe('checksums', () => {
  /** Python 3.11, `binascii.crc_hqx(bytes, 0)`: CRC with the polynomial 11021 over two bytes is this very remainder. */
  it.each([
    [0x0000, 0x0000],
    [0x0001, 0x1021],
    [0x4711, 0x964b],
    [0x3132, 0x20b5],
    [0xffff, 0x1d0f],
  ])('[DLG7] the correction of %i by 11021 is what Python computes', (checksum, correction) => {
    expect(correctionWord(checksum, 0x11021)).toBe(correction)
  })

  it('[DLG7] checksum · 2^16 less the correction is divided by the polynomial without a rest', () => {
    const word = fc.integer({ min: 0, max: 0xffff })
    fc.assert(
      fc.property(word, word, (checksum, low) => {
        const polynomial = 0x10000 + low
        // Multiplies back: some quotient times the polynomial, without carries, gives checksum · 2^16 + correction.
        let rest = BigInt(checksum) * 0x10000n + BigInt(correctionWord(checksum, polynomial))
        for (let bit = 31n; bit >= 16n; bit--)
          if ((rest >> bit) & 1n) rest ^= BigInt(polynomial) << (bit - 16n)
        expect(rest).toBe(0n)
      }),
    )
  })

  it('[DLG7] the checksum is turned left by the first number, the correction right by the second, or as set', () => {
    const turned = (z1: number, z2: number, rotation: 'left-right' | 'right-left' | 'none') => {
      const { checksum, correction } = answerPair(0x8001, 0x11021, { z1, z2 }, rotation)
      return [checksum, correction].map((value) => value.toString(16).padStart(4, '0'))
    }
    const plain = correctionWord(0x8001, 0x11021).toString(16).padStart(4, '0')
    expect(turned(0, 0, 'left-right')).toEqual(['8001', plain])
    expect(turned(4, 8, 'none')).toEqual(['8001', plain])
    expect(turned(1, 4, 'left-right')).toEqual(['0003', plain.slice(3) + plain.slice(0, 3)])
    expect(turned(1, 4, 'right-left')).toEqual(['c000', plain.slice(1) + plain.slice(0, 1)])
  })
})
