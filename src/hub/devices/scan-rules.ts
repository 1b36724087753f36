/** Codes that carry a weight or a price: rules of the shop that take it out. Rules in docs/scanning.md. */
import { z } from 'zod'
import type { Scan } from '../../protocol/device.ts'
import { type ScanPreset, scanPresetNames, scanPresets } from './scan-presets.ts'

export const scanRuleLimits = {
  rulesMax: 100,
  patternCharsMin: 4,
  patternCharsMax: 32,
  /** Longest value inside a code, in digits. */
  valueDigitsMax: 8,
  symbologiesMax: 20,
} as const

/**
 * One character for one digit of the code: a digit is itself, `.` any digit of the article, `N` a digit of the value before
 * its point and `D` one after it, `P` the price check digit, `C` at the end the check digit of the whole.
 */
const patternSchema = z
  .string()
  .min(scanRuleLimits.patternCharsMin)
  .max(scanRuleLimits.patternCharsMax)
  .regex(
    /^[0-9.P]*(N+D*|D+)[0-9.P]*C?$/,
    'is not digits, dots and one run of N and D, with C at the end only',
  )
  .refine((pattern) => (/[ND]+/.exec(pattern)?.[0].length ?? 0) <= scanRuleLimits.valueDigitsMax, {
    message: `has a value of more than ${scanRuleLimits.valueDigitsMax} digits`,
  })
  .refine((pattern) => !pattern.includes('P') || /^[^P]*P[^P]*$/.test(pattern), { message: 'has two P' })
  .refine((pattern) => !pattern.includes('P') || [4, 5].includes(pattern.replace(/[^ND]/g, '').length), {
    message: 'has a P beside a value that is not of 4 or 5 digits',
  })

export const scanRuleSchema = z.strictObject({
  name: z.string().trim().min(1).max(60),
  pattern: patternSchema,
  kind: z.enum(['weight', 'price', 'quantity', 'discount']),
  /** Of a weight. */
  unit: z.enum(['kg', 'g', 'lb', 'oz']).default('kg'),
  /** Only codes of these, by the names that scans have. Without it: EAN and UPC for patterns with `C`, any for others. */
  symbologies: z.array(z.string().min(1).max(40)).max(scanRuleLimits.symbologiesMax).exactOptional(),
})
export type ScanRule = z.infer<typeof scanRuleSchema>

export const scanningSchema = z.strictObject({
  rules: z
    .array(scanRuleSchema)
    .max(scanRuleLimits.rulesMax)
    .default([])
    .meta({ readOnly: true })
    .describe(
      "The shop's own rules are tried first. N and D: digits of the value before and after its point; C: the check digit.",
    ),
  presets: z
    .array(z.enum(scanPresetNames))
    .default([])
    .describe(
      'Rules for codes with a weight or a price inside that are common in a country: "us", "gb", "de", "ch", "se", "no", "fi", "it", "fr", or "odoo" for the nomenclature that Odoo begins with. docs/scanning.md has them.',
    ),
})
export type Scanning = z.infer<typeof scanningSchema>

/** All rules in the order in which they are tried. */
export function scanRules({ rules, presets }: Scanning): ScanRule[] {
  const preset = (name: ScanPreset) => scanPresets[name].map((rule) => scanRuleSchema.parse(rule))
  return [...rules, ...presets.flatMap(preset)]
}

/** The scan with the article, weight, price … that it stands for; as it is when no rule fits or a check digit is wrong. */
export function applyScanRules(scan: Scan, rules: readonly ScanRule[]): Scan {
  const item = scan.gs1 === undefined ? itemByRule(scan, rules) : itemOfGs1(scan.gs1)
  return item === undefined ? scan : { ...scan, item }
}

type Item = NonNullable<Scan['item']>

/** The first rule whose digits fit is the one: what its check digits do not confirm is no item, whatever other rules say. */
function itemByRule(scan: Scan, rules: readonly ScanRule[]): Item | undefined {
  if (!/^\d+$/.test(scan.code)) return undefined
  for (const rule of rules) {
    const code = fits(rule, scan)
    if (code !== undefined) return itemOf(rule, code)
  }
  return undefined
}

const retail = ['ean13', 'upca', 'ean8']

/** The code in the length of the pattern, when the pattern fits it. UPC-A is EAN-13 with a 0 in front, either way round. */
function fits({ pattern, symbologies }: ScanRule, { code, symbology }: Scan): string | undefined {
  const wanted = symbologies ?? (pattern.endsWith('C') && symbology !== undefined ? retail : undefined)
  const names = symbology === 'ean13' || symbology === 'upca' ? ['ean13', 'upca'] : [symbology ?? '']
  if (wanted !== undefined && !names.some((name) => wanted.includes(name))) return undefined
  const forms = [code]
  if (pattern.endsWith('C') && code.length === 12) forms.push(`0${code}`)
  if (pattern.endsWith('C') && code.length === 13 && code.startsWith('0')) forms.push(code.slice(1))
  return forms.find((form) => form.length === pattern.length && hasShape(pattern, form))
}

function hasShape(pattern: string, code: string): boolean {
  return Array.from(pattern).every((sign, index) => !/\d/.test(sign) || sign === code[index])
}

function itemOf({ name, pattern, kind, unit }: ScanRule, code: string): Item | undefined {
  const digitsOf = (signs: RegExp) =>
    Array.from(code)
      .filter((_, index) => signs.test(pattern[index] ?? ''))
      .join('')
  const value = digitsOf(/[ND]/)
  if (pattern.endsWith('C') && mod10(code.slice(0, -1)) !== code.slice(-1)) return undefined
  if (pattern.includes('P') && priceCheckDigit(value) !== digitsOf(/P/)) return undefined
  // Nothing weighs nothing: this is the article's own code, on a shelf label perhaps.
  if (/^0+$/.test(value)) return undefined
  const article = Array.from(code, (digit, index) =>
    /[NDPC]/.test(pattern[index] ?? '') ? '0' : digit,
  ).join('')
  const key = pattern.endsWith('C') ? article.slice(0, -1) + mod10(article.slice(0, -1)) : article
  const number = decimal(value, digitsOf(/D/).length)
  return { rule: name, key, [kind]: number, ...(kind === 'weight' ? { unit } : {}) }
}

/** Net weight (310n kg, 320n lb), price (392n, 393n with its currency taken off) and count (30, 37) beside a GTIN (01, 02). */
function itemOfGs1(gs1: NonNullable<Scan['gs1']>): Item | undefined {
  const gtin = gs1['01'] ?? gs1['02']
  if (gtin === undefined) return undefined
  const valueAt = (ai: RegExp, skip = 0): string | undefined => {
    const [name = '', value = ''] = Object.entries(gs1).find(([candidate]) => ai.test(candidate)) ?? []
    return decimalOf(value.slice(skip), Number(name.slice(-1)))
  }
  const kilograms = valueAt(/^310\d$/)
  const weight = kilograms ?? valueAt(/^320\d$/)
  const price = valueAt(/^392\d$/) ?? valueAt(/^393\d$/, 3)
  const quantity = decimalOf(gs1['30'] ?? gs1['37'] ?? '', 0)
  if (weight === undefined && price === undefined && quantity === undefined) return undefined
  return {
    rule: 'gs1',
    // A catalogue has the code as it is on the package: 13 digits, unless the first of 14 means something.
    key: gtin.replace(/^0(?=\d{13}$)/, ''),
    ...(weight === undefined ? {} : { weight, unit: kilograms === undefined ? 'lb' : 'kg' }),
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
  }
}

/** undefined for nothing: no digits, or zero. */
const decimalOf = (digits: string, decimals: number): string | undefined =>
  /^0*$/.test(digits) ? undefined : decimal(digits, decimals)

/** (`01750`, 3) is `1.750`. */
function decimal(digits: string, decimals: number): string {
  const padded = digits.padStart(decimals + 1, '0')
  const whole = padded.slice(0, padded.length - decimals).replace(/^0+(?=\d)/, '')
  return decimals === 0 ? whole : `${whole}.${padded.slice(-decimals)}`
}

/** The check digit of EAN and UPC (GS1 General Specifications, 7.9). */
function mod10(digits: string): string {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}

/** What each digit counts, by the names of GS1 General Specifications, 7.9.2. */
const twoMinus = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7]
const three = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7]
const fivePlus = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
const fiveMinus = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1]

/** The check digit of a price of 4 or 5 digits; undefined for other lengths. */
export function priceCheckDigit(price: string): string | undefined {
  const tables =
    price.length === 4
      ? [twoMinus, twoMinus, three, fiveMinus]
      : price.length === 5
        ? [fivePlus, twoMinus, fiveMinus, fivePlus, twoMinus]
        : undefined
  if (tables === undefined || !/^\d+$/.test(price)) return undefined
  const sum = tables.reduce((total, table, index) => total + (table[Number(price[index])] ?? 0), 0)
  return String(price.length === 4 ? (sum * 3) % 10 : fiveMinus.indexOf((10 - (sum % 10)) % 10))
}
