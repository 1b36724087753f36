/** Weights and prices inside codes: what a label says comes out again, and nothing else does. */
import { readFileSync } from 'node:fs'
import bwipjs from 'bwip-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/hub/config.ts'
import { scanPresetNames, scanPresets } from '../../src/hub/devices/scan-presets.ts'
import {
  applyScanRules,
  priceCheckDigit,
  type ScanRule,
  scanningSchema,
  scanRuleSchema,
  scanRules,
} from '../../src/hub/devices/scan-rules.ts'
import { type Scan, scanSchema } from '../../src/protocol/device.ts'
import { HubError } from '../../src/protocol/errors.ts'

/** The check digit as bwip-js computes it: it draws a code without one and says what it drew. */
function withCheckDigit(digits: string): string {
  const found = Array.from({ length: 10 }, (_, digit) => `${digits}${digit}`).filter((code) => {
    try {
      bwipjs.raw({ bcid: code.length === 12 ? 'upca' : 'ean13', text: code })
      return true
    } catch {
      return false
    }
  })
  expect(found).toHaveLength(1)
  return found[0] ?? ''
}

const rule = (fields: object): ScanRule => scanRuleSchema.parse({ name: 'test', kind: 'weight', ...fields })
const read = (code: string, rules: readonly ScanRule[], symbology?: string): Scan['item'] =>
  applyScanRules({ code, ...(symbology === undefined ? {} : { symbology }) }, rules).item

/** A label by a rule: the article's digits and the value, as a scale prints it. */
function label(
  { pattern }: ScanRule,
  article: number,
  value: number,
): { code: string; article: string; value: string } {
  const count = (signs: RegExp) => Array.from(pattern).filter((sign) => signs.test(sign)).length
  const digits = String(value % 10 ** count(/[ND]/)).padStart(count(/[ND]/), '0')
  const [articles, values] = [String(article % 10 ** count(/\./)).padStart(count(/\./), '0'), digits].map(
    (text) => [...text],
  )
  const body = Array.from(pattern.replace(/C$/, ''), (sign) =>
    sign === '.'
      ? articles?.shift()
      : sign === 'P'
        ? priceCheckDigit(digits)
        : /[ND]/.test(sign)
          ? values?.shift()
          : sign,
  ).join('')
  return { code: pattern.endsWith('C') ? withCheckDigit(body) : body, article: body, value: digits }
}

describe('rules', () => {
  it.each([
    ['de', '2912345017507', { rule: 'de-weight', key: '2912345000004', weight: '1.750', unit: 'kg' }],
    ['odoo', '2112345003450', { rule: 'odoo-weight', key: '2112345000008', weight: '0.345', unit: 'kg' }],
    ['odoo', '2312345012340', { rule: 'odoo-price', key: '2312345000002', price: '12.34' }],
    ['odoo', '2215', { rule: 'odoo-discount', key: '2200', discount: '15' }],
    ['odoo', '4006381333931', undefined],
  ] as const)('[SR3] %s: %s', (preset, code, item) => {
    expect(read(code, scanRules({ rules: [], presets: [preset] }))).toEqual(item)
  })

  it.each(scanPresetNames)('[SR11] what %s puts into a code comes out again', (preset) => {
    const rules = scanRules({ rules: [], presets: [preset] })
    expect(rules).toHaveLength(scanPresets[preset].length)
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.nat({ max: 999_999 }),
        fc.integer({ min: 1, max: 99_999 }),
        (each, article, number) => {
          const { code, value } = label(each, article, number)
          const item = read(code, rules)
          if (/^0+$/.test(value)) {
            expect(item).toBeUndefined()
            return
          }
          const decimals = each.pattern.replace(/[^D]/g, '').length
          const told = item?.[each.kind]
          expect(item?.rule).toBe(each.name)
          expect(told?.replace('.', '')).toBe(value.replace(new RegExp(`^0+(?=\\d{${decimals + 1}})`), ''))
          expect(told?.split('.')[1]?.length ?? 0).toBe(decimals)
          expect(item?.key).toBe(label(each, article, 0).code)
          expect(scanSchema.safeParse({ code, item }).success).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('[SR1] the own rules come first, and the first that fits decides', () => {
    const own = { name: 'own', pattern: '29.....NNNDDC', kind: 'price' }
    const rules = scanRules(scanningSchema.parse({ rules: [own], presets: ['de', 'ch'] }))
    expect(rules.map(({ name }) => name)).toEqual(['own', 'de-price', 'de-weight', 'ch-price', 'ch-weight'])
    expect(read('2912345017507', rules)).toMatchObject({ rule: 'own', price: '17.50' })
    expect(read('2112345003450', rules)).toMatchObject({ rule: 'ch-price' })
  })

  it('[SR2] a wrong check digit is no item, and no later rule is asked', () => {
    const rules = [
      rule({ pattern: '20.....PNNDDC', kind: 'price' }),
      rule({ pattern: '20......NNDDC', kind: 'price' }),
    ]
    const good = label(rules[0] as ScanRule, 12_345, 2_875).code
    expect(good.slice(7, 12)).toBe('92875')
    expect(read(good, rules)).toMatchObject({ price: '28.75' })
    for (let digit = 0; digit < 10; digit++) {
      const code = withCheckDigit(`${good.slice(0, 7)}${digit}${good.slice(8, 12)}`)
      expect(read(code, rules) === undefined, code).toBe(digit !== 9)
      const wrong = good.slice(0, 12) + String(digit)
      expect(read(wrong, rules) === undefined).toBe(wrong !== good)
    }
  })

  it('[SR4] a value of zero is no item', () => {
    const rules = scanRules({ rules: [], presets: ['de'] })
    expect(read('2912345000004', rules)).toBeUndefined()
    expect(withCheckDigit('291234500000')).toBe('2912345000004')
  })

  it('[SR5] a value has the decimals of its pattern', () => {
    const by = (pattern: string, code: string) => read(code, [rule({ pattern, kind: 'quantity' })])?.quantity
    expect(by('9.NNN', '91007')).toBe('7')
    expect(by('9.NND', '91007')).toBe('0.7')
    expect(by('9.DDD', '91007')).toBe('0.007')
    expect(by('9.NNN', '91990')).toBe('990')
  })

  it('[SR6] EAN and UPC for patterns with a check digit of the code, any symbology for others, or those named', () => {
    const withC = [rule({ pattern: '29.....NNDDDC' })]
    const weighed = '2912345017507'
    const told = (rules: ScanRule[], code: string) =>
      ['ean13', 'code128', 'qr', undefined].map((symbology) => read(code, rules, symbology) !== undefined)
    expect(told(withC, weighed)).toEqual([true, false, false, true])
    expect(told([rule({ pattern: '29.....NNDDD' })], weighed.slice(0, 12))).toEqual([true, true, true, true])
    const named = [rule({ pattern: '29.....NNDDDC', symbologies: ['code128'] })]
    expect(told(named, weighed)).toEqual([false, true, false, false])
  })

  it('[SR7] UPC-A with and without its 0, whichever of them the rule and the scanner have', () => {
    const [us] = scanRules({ rules: [], presets: ['us'] })
    const { code } = label(us as ScanRule, 12_345, 1_299)
    const long = rule({ name: 'long', pattern: '02.....PNNDDC', kind: 'price' })
    for (const [scanned, symbology] of [
      [code, 'upca'],
      [`0${code}`, 'ean13'],
      [code, undefined],
      [`0${code}`, undefined],
    ] as const) {
      expect(read(scanned, [us as ScanRule], symbology)).toMatchObject({ price: '12.99' })
      expect(read(scanned, [us as ScanRule], symbology)?.key).toMatch(/^2\d{11}$/)
      expect(read(scanned, [long], symbology)?.key).toMatch(/^02\d{11}$/)
    }
    expect(read(`1${code}`, [us as ScanRule])).toBeUndefined()
  })

  it('[SR8] the price check digits are those of the GS1 General Specifications', () => {
    expect(priceCheckDigit('2875')).toBe('9')
    expect(priceCheckDigit('14685')).toBe('6')
    expect([priceCheckDigit('123'), priceCheckDigit('12a4'), priceCheckDigit('123456')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    // One digit wrong is always found: that is what it is for.
    for (let price = 0; price < 10_000; price += 7) {
      const digits = String(price).padStart(4, '0')
      const wrong = `${digits.slice(0, 2)}${(Number(digits[2]) + 1) % 10}${digits[3]}`
      expect(priceCheckDigit(wrong)).not.toBe(priceCheckDigit(digits))
    }
  })

  it('[SR1] codes that are no digits, and no rules, leave a scan as it is', () => {
    const rules = scanRules({ rules: [], presets: [...scanPresetNames] })
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (code) => {
        const scan = applyScanRules({ code }, rules)
        expect(scan.code).toBe(code)
        if (!/^\d+$/.test(code)) expect(scan.item).toBeUndefined()
        expect(applyScanRules({ code }, [])).toEqual({ code })
      }),
    )
  })
})

describe('GS1 data', () => {
  const gtin = '09521234543213'
  it.each([
    [
      { '01': '95212345432130', '3103': '001750' },
      { key: '95212345432130', weight: '1.750', unit: 'kg' },
    ],
    [
      { '01': gtin, '3202': '000250' },
      { key: gtin.slice(1), weight: '2.50', unit: 'lb' },
    ],
    [
      { '01': gtin, '3922': '1299' },
      { key: gtin.slice(1), price: '12.99' },
    ],
    [
      { '01': gtin, '3932': '9781299' },
      { key: gtin.slice(1), price: '12.99' },
    ],
    [
      { '01': gtin, '3100': '000002', '3922': '500', '30': '08' },
      { key: gtin.slice(1), weight: '2', unit: 'kg', price: '5.00', quantity: '8' },
    ],
    [
      { '02': gtin, '37': '24' },
      { key: gtin.slice(1), quantity: '24' },
    ],
    [{ '01': gtin, '3103': '000000' }, undefined],
    [{ '01': gtin, '10': 'LOT' }, undefined],
    [{ '3103': '001750' }, undefined],
  ])('[SR9] %j', (gs1, item) => {
    const scan = { code: '2912345017507', symbology: 'gs1-databar', gs1 }
    const rules = scanRules({ rules: [], presets: ['de'] })
    expect(applyScanRules(scan, rules).item).toEqual(
      item === undefined ? undefined : { rule: 'gs1', ...item },
    )
  })
})

describe('the configuration', () => {
  it.each([
    ['21.....', 'is not digits'],
    ['NN21DD', 'is not digits'],
    ['21DDNN', 'is not digits'],
    ['21CNNDD', 'is not digits'],
    ['21..xNNDDC', 'is not digits'],
    ['21P.PNNDDC', 'two P'],
    ['21..PNNDC', 'not of 4 or 5 digits'],
    ['21NNNNNNNNN', 'more than 8 digits'],
    ['2NN', 'fewer than 4'],
  ])('[SR10] the pattern %s is refused', (pattern, reason) => {
    const scanning = { rules: [{ name: 'x', pattern, kind: 'price' }] }
    let error: unknown
    try {
      parseConfig({ scanning }, 'tillbridge.toml')
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(HubError)
    expect(error).toMatchObject({
      code: 'config_invalid',
      context: { path: 'scanning.rules[0].pattern', reason: expect.stringContaining(reason) },
    })
  })

  it('[SR10] limits at their edge', () => {
    const ok = (pattern: string) => scanRuleSchema.safeParse({ name: 'x', pattern, kind: 'price' }).success
    expect([ok('21NNNNNNNN'), ok('21NNNNNNNNN')]).toEqual([true, false])
    expect([ok(`${'.'.repeat(30)}NN`), ok(`${'.'.repeat(31)}NN`)]).toEqual([true, false])
    const many = (count: number) => ({
      rules: Array.from({ length: count }, () => ({ name: 'x', pattern: '21NN', kind: 'price' })),
    })
    expect([
      scanningSchema.safeParse(many(100)).success,
      scanningSchema.safeParse(many(101)).success,
    ]).toEqual([true, false])
  })

  it('[SR1] the page has the presets as they are', () => {
    const page = readFileSync(new URL('../../docs/scanning.md', import.meta.url), 'utf8')
    for (const name of scanPresetNames) {
      expect(page).toContain(`\`${name}\``)
      for (const { pattern } of scanPresets[name]) expect(page).toContain(`\`${pattern}\``)
    }
  })
})
