/** Scanned codes: patterns of the shop, EAN and UPC, GS1; and quantities in their units. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NomenclatureRule } from '../../src/protocol/till/catalogue.ts'
import { checkDigit, defaultCodeRules, readCode } from '../../src/till/engine/codes.ts'
import { convert, roundQuantity } from '../../src/till/engine/quantity.ts'
import { unit } from './engine-shop-support.ts'

const by = (
  pattern: string,
  kind: NomenclatureRule['kind'] = 'product',
  more: Partial<NomenclatureRule> = {},
) => [{ id: 'r', sequence: 1, kind, pattern, encoding: 'any' as const, ...more }]
/** The likeliest meaning, with the likeliest of its look-ups. */
function first(code: string) {
  const [reading] = readCode(code, defaultCodeRules)
  const { lookups = [], ...rest } = reading ?? {}
  return { ...rest, lookup: lookups[0] }
}
const ean = (digits: string) => digits + checkDigit(digits)

describe('patterns', () => {
  it('[M67] weight and price are taken out, and the check digit is made anew', () => {
    expect(first('2112345003450')).toEqual({
      kind: 'product',
      lookup: '2112345000008',
      quantity: '0.345',
      measure: 'kg',
    })
    expect(first('2312345012340')).toEqual({
      kind: 'product',
      lookup: '2312345000002',
      quantity: '1',
      price: '12.34',
    })
  })

  it('[M67] patterns fit the beginning: letters, any character, the rest', () => {
    const fits = (pattern: string, code: string) => readCode(code, by(pattern)).length > 0
    expect(fits('AB.1', 'ABX1')).toBe(true)
    expect(fits('AB.1', 'ABX1 and more')).toBe(true)
    expect(fits('AB.1', 'ABX2')).toBe(false)
    expect(fits('AB.1', 'ABX')).toBe(false)
    expect(fits('.*', 'anything')).toBe(true)
    expect(fits('A.*', 'B')).toBe(false)
  })

  it('[M67] a value has whole digits, decimals, or both; letters in its place fit nothing', () => {
    const quantity = (pattern: string, code: string) => readCode(code, by(pattern, 'quantity'))[0]?.quantity
    expect(quantity('Q{NNN}', 'Q012')).toBe('12')
    expect(quantity('Q{DD}', 'Q25')).toBe('0.25')
    expect(quantity('Q{NNDD}-', 'Q0150-')).toBe('1.50')
    expect(quantity('Q{NNN}', 'Q1')).toBeUndefined()
    expect(quantity('Q{NNN}', 'Q1a2')).toBeUndefined()
    expect(readCode('Q012', by('Q{NNN}', 'quantity'))[0]?.lookups).toEqual(['Q000'])
  })

  it('[M67] a pattern that makes no sense fits nothing', () => {
    for (const pattern of ['{NN', 'NN}', '{}', '{DN}', '{N}{D}', '{X}'])
      expect(readCode('12345', by(pattern, 'quantity'))).toEqual([])
  })

  it('[M67] a rule for EAN-13 wants one with its check digit; UPC-A is one', () => {
    const read = (code: string) =>
      readCode(code, by('00.....{NNNDD}', 'price', { encoding: 'ean13' }))[0]?.price
    const upc = ean('01234501234')
    expect(read(ean('001234501234'))).toBe('12.34')
    expect(read(upc)).toBe('12.34')
    expect(read(`${upc.slice(0, -1)}${(Number(upc.slice(-1)) + 1) % 10}`)).toBeUndefined()
    expect(readCode(ean('1234567'), by('12', 'customer', { encoding: 'ean8' }))).toHaveLength(1)
    expect(readCode('12345678', by('12', 'customer', { encoding: 'ean8' }))).toHaveLength(0)
  })

  it('[M67] every weight comes out as it went in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999 }),
        fc.integer({ min: 0, max: 99_999 }),
        (grams, number) => {
          const five = String(number).padStart(5, '0')
          const [first] = readCode(ean(`21${five}${String(grams).padStart(5, '0')}`), defaultCodeRules)
          expect(first?.lookups[0]).toBe(ean(`21${five}00000`))
          expect(Math.round(Number(first?.quantity) * 1_000)).toBe(grams)
        },
      ),
    )
  })
})

describe('meanings', () => {
  it('[M68] several rules, several meanings, by sequence', () => {
    const code = ean('041196910123')
    expect(readCode(code, defaultCodeRules).map(({ kind }) => kind)).toEqual(['employee', 'product'])
  })

  it('[M68] zeros for a value are the product itself', () => {
    expect(first('2112345000008')).toEqual({ kind: 'product', lookup: '2112345000008' })
    expect(first('2312345000002')).toEqual({ kind: 'product', lookup: '2312345000002' })
  })

  it('[M71] the rules of a shop without rules', () => {
    const first = (code: string) => readCode(code, [])[0]
    expect(first('042123')).toEqual({ kind: 'customer', lookups: ['042123'] })
    expect(first('041123')).toEqual({ kind: 'employee', lookups: ['041123'] })
    expect(first('22501234')).toEqual({ kind: 'discount', lookups: [], discount: '50' })
    expect(first('ABC-1')).toEqual({ kind: 'product', lookups: ['ABC-1'] })
    expect(readCode('SHOP1-2-000123', [])).toEqual([
      { kind: 'product', lookups: ['SHOP1-2-000123'] },
      { kind: 'receipt', lookups: ['SHOP1-2-000123'] },
    ])
    expect(readCode('x250', by('x{NNN}', 'discount'))[0]?.discount).toBe('100')
  })
})

describe('the same number in other symbols', () => {
  const lookups = (code: string) => [...(readCode(code, by('.*'))[0]?.lookups ?? [])].sort()

  it('[M69] UPC-A and EAN-13, EAN-8 and its long forms, GTIN-14 of one piece', () => {
    const upc = ean('03600029145')
    expect(lookups(upc)).toEqual([`00${upc}`, `0${upc}`, upc])
    expect(lookups(`0${upc}`)).toEqual(lookups(upc))
    expect(lookups(`00${upc}`)).toEqual(lookups(upc))
    const eight = ean('9638507')
    expect(lookups(eight)).toContain(`00000${eight}`)
    expect(lookups(`00000${eight}`)).toContain(eight)
    const case14 = ean('1541009501234')
    expect(lookups(case14)).toEqual([case14])
  })

  it('[M69] a wrong check digit is no such number', () => {
    expect(lookups('036000291453')).toEqual(['036000291453'])
  })
})

describe('GS1', () => {
  const gtin = ean('0950110153000')
  const plain = gtin.slice(1)

  it('[M70] product, lot, serial and count, with and without the mark of the symbol', () => {
    const code = `01${gtin}17271231\x1d10AB-1\x1d2112345\x1d3012`
    const expected = { kind: 'product', lot: 'AB-1', serial: '12345', quantity: '12', measure: 'count' }
    for (const prefix of ['', ']C1', ']d2', ']Q3', '\x1d']) {
      const [first] = readCode(prefix + code, [])
      expect(first).toMatchObject(expected)
      expect(first?.lookups).toContain(plain)
    }
    expect(readCode(`(01)${gtin}(10)AB-1(21)12345(30)12`, [])[0]).toMatchObject(expected)
  })

  it('[M70] weight in kg and the price of what was packed become the price of one kg', () => {
    expect(readCode(`01${gtin}3103000345`, [])[0]).toMatchObject({ quantity: '0.345', measure: 'kg' })
    const [priced] = readCode(`01${gtin}31030003453922426`, [])
    expect(priced).toMatchObject({ quantity: '0.345', price: '12.347826' })
    expect(Math.round(0.345 * Number(priced?.price) * 100)).toBe(426)
    expect(readCode(`01${gtin}31030003003922200`, [])[0]).toMatchObject({ price: '6.666667' })
    const [only] = readCode(`01${gtin}39221234`, [])
    expect(only).toMatchObject({ price: '12.34' })
    expect(only).not.toHaveProperty('quantity')
  })

  it('[M70] without a product, or not read to its end, the rules of the shop read it', () => {
    const kinds = (code: string) => readCode(code, []).map(({ kind, lookups }) => `${kind} ${lookups.join()}`)
    expect(kinds(']C110AB-1')).toEqual(['product ]C110AB-1'])
    expect(kinds(']C101123')).toEqual(['product ]C101123'])
    expect(kinds(`]C101${gtin}6512`)).toEqual([`product ]C101${gtin}6512`])
    expect(kinds('(01)123')).toEqual(['product (01)123'])
  })

  it('[M70] whatever is scanned, reading never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.string({ maxLength: 20 }), (code, pattern) => {
        expect(Array.isArray(readCode(code, by(pattern, 'weight')))).toBe(true)
        expect(Array.isArray(readCode(`]C1${code}`, []))).toBe(true)
      }),
    )
  })
})

describe('quantities', () => {
  it('[M72] to the step of the unit, half away from zero', () => {
    const kg = unit({ rounding: '0.001' })
    expect(roundQuantity('0.3454', kg)).toBe('0.345')
    expect(roundQuantity('0.3455', kg)).toBe('0.346')
    expect(roundQuantity('-0.3455', kg)).toBe('-0.346')
    expect(roundQuantity('2.5', unit())).toBe('3')
    expect(roundQuantity('7', unit({ rounding: '6' }))).toBe('6')
    expect(roundQuantity('0.123456', unit({ rounding: '0' }))).toBe('0.123456')
  })

  it('[M72] units of one category convert, others do not', () => {
    const dozen = unit({ id: 'dozen', name: 'dozen', factor: '12', rounding: '0.01' })
    const gram = unit({ id: 'g', name: 'g', category: 'weight', factor: '0.001' })
    const kg = unit({ id: 'kg', name: 'kg', category: 'weight', rounding: '0.001' })
    expect(convert('2', dozen, unit())).toBe('24')
    expect(convert('7', unit(), dozen)).toBe('0.58')
    expect(convert('345', gram, kg)).toBe('0.345')
    expect(() => convert('1', kg, unit())).toThrow(/kg \(weight\) does not convert into piece.*till_invalid/)
    expect(() => convert('1', unit({ factor: '0' }), unit())).toThrow(/till_invalid/)
  })
})
