/** The engine's numbers: exact decimals, and rounding where it is asked for. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  compare,
  divide,
  fromInteger,
  fromMinor,
  multiply,
  parseDecimal,
  type RoundingMethod,
  roundToDigits,
  roundToInteger,
  roundToStep,
  subtract,
  sum,
  toText,
} from '../../src/till/engine/decimal.ts'
import { spread, toMinor } from '../../src/till/engine/rounding.ts'

const round = (text: string, digits: number, method?: RoundingMethod) =>
  toText(roundToDigits(parseDecimal(text), digits, method), digits, digits)

describe('decimals', () => {
  it('[M1] add, multiply and divide without losing anything', () => {
    expect(compare(add(parseDecimal('0.1'), parseDecimal('0.2')), parseDecimal('0.3'))).toBe(0)
    const third = divide(parseDecimal('10'), parseDecimal('3'))
    expect(toText(multiply(third, fromInteger(3)), 6)).toBe('10')
    expect(toText(sum([third, third, third]), 6)).toBe('10')
    expect(toText(divide(parseDecimal('1'), parseDecimal('-8')), 6)).toBe('-0.125')
  })

  it('[M1] text goes in and comes out', () => {
    for (const text of ['0', '12', '-0.5', '1.99', '0.000001', '-123456789.123456'])
      expect(toText(parseDecimal(text), 6)).toBe(text)
    expect(toText(parseDecimal('1.990'), 6)).toBe('1.99')
    expect(toText(parseDecimal('2'), 2, 2)).toBe('2.00')
    expect(toText(parseDecimal('-0.004'), 2)).toBe('0')
    expect(toText(fromMinor(-1205, 2), 2, 2)).toBe('-12.05')
    expect(toText(parseDecimal('15'), 0)).toBe('15')
  })

  it.each(['', '1.', '.5', '1e3', '+1', '1,5', ' 1', 'NaN', '--1', '1'.repeat(31)])(
    '[M1] %j is no decimal number',
    (text) => {
      expect(() => parseDecimal(text, 'lines.3.price')).toThrow(
        expect.objectContaining({
          code: 'till_invalid',
          context: expect.objectContaining({ path: 'lines.3.price' }),
        }),
      )
    },
  )

  it('[M1] sums of fractions do not depend on their order', () => {
    const fraction = fc
      .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 1, max: 4_000 }))
      .map(([n, d]) => ({ n, d: BigInt(d) }))
    fc.assert(
      fc.property(fc.array(fraction, { maxLength: 30 }), (values) => {
        const there = sum(values)
        expect(compare(there, sum(values.toReversed()))).toBe(0)
        expect(compare(subtract(there, there), fromInteger(0))).toBe(0)
      }),
    )
  })
})

describe('rounding', () => {
  it.each([
    ['1.005', '1.01', '1.01', '1.00'],
    ['2.675', '2.68', '2.68', '2.67'],
    ['-1.005', '-1.01', '-1.01', '-1.00'],
    ['1.004', '1.00', '1.01', '1.00'],
    ['-1.004', '-1.00', '-1.01', '-1.00'],
    ['1.00', '1.00', '1.00', '1.00'],
    ['0.0049999', '0.00', '0.01', '0.00'],
  ])('[M2] %s to two digits', (text, nearest, up, down) => {
    expect([round(text, 2), round(text, 2, 'up'), round(text, 2, 'down')]).toEqual([nearest, up, down])
  })

  it('[M2] to a step', () => {
    const step = (text: string, method?: RoundingMethod) =>
      toText(roundToStep(parseDecimal(text), parseDecimal('0.05'), method), 2, 2)
    expect([step('19.92'), step('19.92', 'up'), step('19.975')]).toEqual(['19.90', '19.95', '20.00'])
  })

  it('[M2] what is rounded is the opposite of its opposite, and never half a unit away', () => {
    const half = { n: 1n, d: 2n }
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n, max: 10n ** 9n }), (n, d) => {
        const rounded = roundToInteger({ n, d })
        expect(roundToInteger({ n: -n, d })).toBe(-rounded)
        const off = subtract({ n, d }, fromInteger(rounded))
        expect(compare(off.n < 0n ? { n: -off.n, d: off.d } : off, half)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it('[M4] money ends at its limit', () => {
    expect(toMinor(parseDecimal('10000000000'), 2)).toBe(1_000_000_000_000)
    expect(() => toMinor(parseDecimal('10000000000.01'), 2, 'lines.0')).toThrow(
      expect.objectContaining({
        code: 'till_invalid',
        context: expect.objectContaining({ path: 'lines.0' }),
      }),
    )
  })

  it('[M17] cents go to the largest first, then by taxes and position, and around again', () => {
    const share = (raw: string, key = '', exact = false) => ({ raw: parseDecimal(raw), key, exact })
    expect(spread(-2, [share('1'), share('-3'), share('2')])).toEqual([0, -1, -1])
    expect(spread(1, [share('1', 'b'), share('1', 'a'), share('1', 'a')])).toEqual([0, 1, 0])
    expect(spread(3, [share('1'), share('2')])).toEqual([1, 2])
    expect(spread(1, [share('0.33333333'), { ...share('0'), raw: { n: 1n, d: 3n } }])).toEqual([0, 1])
    expect(spread(2, [share('9', '', true), share('1')])).toEqual([0, 2])
    expect(spread(1, [share('9', '', true)])).toEqual([1])
    expect(spread(0, [share('1')])).toEqual([0])
    expect(spread(5, [])).toEqual([])
  })
})
