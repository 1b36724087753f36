/** What scale drivers share, its pure parts: exact weights and the framer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AnswerFramer,
  either,
  enclosed,
  fixed,
  single,
  textLine,
} from '../../../src/drivers/scales/common/framer.ts'
import {
  decimalsOf,
  digitsOf,
  inOunces,
  isMoreThan,
  isNegative,
  isSameWeight,
  isZero,
  normalWeight,
  weightCharsMax,
  withPoint,
} from '../../../src/drivers/scales/common/weights.ts'
import { weightSchema } from '../../../src/protocol/device.ts'
import { bytes } from '../../support/scale-on-a-bench.ts'

describe('weights', () => {
  it.each([
    ['+00.500', '0.500'],
    ['  1.5', '1.5'],
    ['-0.200', '-0.200'],
    ['- 1', '-1'],
    ['-0.000', '0.000'],
    ['.5', '0.5'],
    ['00013.', '13'],
    ['', undefined],
    ['.', undefined],
    ['-', undefined],
    ['1.2.3', undefined],
    ['1e3', undefined],
    ['------', undefined],
    ['1'.repeat(weightCharsMax), '1'.repeat(weightCharsMax)],
    ['1'.repeat(weightCharsMax + 1), undefined],
  ])('[SCALE11] %j is %j', (text, weight) => {
    expect(normalWeight(text)).toBe(weight)
  })

  it('[SCALE11] any text is a weight of the protocol or none', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789.-+ ') }))
    fc.assert(
      fc.property(texts, (text) => {
        const weight = normalWeight(text)
        if (weight !== undefined) expect(weightSchema.shape.weight.safeParse(weight).success).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('[SCALE11] digits and the weight that they stand for are the same, both ways', () => {
    fc.assert(
      fc.property(fc.nat(99_999), fc.integer({ min: 0, max: 4 }), (number, decimals) => {
        const digits = String(number).padStart(5, '0')
        const weight = withPoint(digits, decimals) ?? expect.unreachable('five digits hold four decimals')
        expect(digitsOf(weight, 5, decimals)).toBe(digits)
        expect(Number(weight)).toBeCloseTo(number / 10 ** decimals, 6)
        expect(decimalsOf(weight)).toBe(decimals)
      }),
    )
    expect(withPoint('123', 3)).toBeUndefined()
    expect(withPoint('12x4', 3)).toBeUndefined()
    expect(digitsOf('1.2345', 5, 3)).toBeUndefined()
    expect(digitsOf('100.000', 5, 3)).toBeUndefined()
    expect(digitsOf('99.9990', 5, 3)).toBe('99999')
  })

  it('[SCALE11] comparing is exact where floats are not', () => {
    expect(isMoreThan('15.000', '15')).toBe(false)
    expect(isMoreThan('15.001', '15')).toBe(true)
    expect(isMoreThan('9.999', '15')).toBe(false)
    expect(isMoreThan('-1', '0.001')).toBe(false)
    expect(isSameWeight('0.3', '0.300')).toBe(true)
    expect(isSameWeight('-0.3', '0.3')).toBe(false)
    expect([isZero('0.000'), isZero('-0.0'), isZero('0.001')]).toEqual([true, true, false])
    expect([isNegative('-0.001'), isNegative('-0.000'), isNegative('1')]).toEqual([true, false, false])
  })

  it('[SCALE11] pounds and ounces are ounces', () => {
    expect(inOunces('2', '05.3')).toBe('37.3')
    expect(inOunces('0', '0.0')).toBe('0.0')
    expect(inOunces('x', '1')).toBeUndefined()
    expect(inOunces('1', 'x')).toBeUndefined()
  })
})

describe('the framer', () => {
  const ack = 0x06
  const shapes = either(
    single(ack),
    fixed([0x01, undefined, undefined, 0x04]),
    enclosed(0x02, 0x03, 1),
    textLine(0x0a, [0x0d]),
  )
  const framer = (frameBytesMax = 8) => new AnswerFramer({ recognise: shapes, frameBytesMax })
  const texts = (frames: Uint8Array[]) => frames.map((frame) => String.fromCharCode(...frame))

  it('[SCALE12] finds control bytes, fixed frames, enclosed ones with a check byte, and lines', () => {
    expect(texts(framer().push(bytes('\x06\x01\x04\x06\x04\x02ab\x03\x03x\r\n\x06')))).toEqual([
      '\x06',
      '\x01\x04\x06\x04',
      '\x02ab\x03\x03',
      'x\r\n',
      '\x06',
    ])
  })

  it('[SCALE12] a frame of frameBytesMax is found, a longer one is not, and what follows is', () => {
    const frame = (inside: number) => `\x02${'a'.repeat(inside)}\x03!`
    const only = () => new AnswerFramer({ recognise: enclosed(0x02, 0x03, 1), frameBytesMax: 8 })
    expect(texts(only().push(bytes(frame(5))))).toEqual([frame(5)])
    expect(texts(only().push(bytes(frame(6) + frame(1))))).toEqual([frame(1)])
  })

  it('[SCALE12] looks under a parity bit and leaves it in the frame', () => {
    const masked = new AnswerFramer({ recognise: enclosed(0x0a, 0x03), frameBytesMax: 8, mask: 0x7f })
    expect(masked.push(Uint8Array.of(0x8a, 0xb0, 0x83))).toEqual([Uint8Array.of(0x8a, 0xb0, 0x83)])
  })

  it('[SCALE12] any bytes do no harm, and the cut makes no difference', () => {
    const soup = fc.array(fc.constantFrom(0x01, 0x02, 0x03, 0x04, 0x06, 0x0a, 0x0d, 0x41, 0xff), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(soup, fc.integer({ min: 1, max: 7 }), (all, size) => {
        const whole = framer().push(Uint8Array.from(all))
        const cutter = framer()
        const pieces: Uint8Array[] = []
        for (let at = 0; at < all.length; at += size)
          pieces.push(...cutter.push(Uint8Array.from(all.slice(at, at + size))))
        expect(pieces).toEqual(whole)
        for (const frame of whole) expect(frame.length).toBeLessThanOrEqual(8)
      }),
      { numRuns: 500 },
    )
  })

  it('[SCALE12] forgets a frame that has begun', () => {
    const cut = framer()
    cut.push(bytes('\x02ab'))
    expect(cut.inFrame).toBe(true)
    cut.reset()
    expect(cut.inFrame).toBe(false)
    expect(texts(cut.push(bytes('\x06')))).toEqual(['\x06'])
  })
})
