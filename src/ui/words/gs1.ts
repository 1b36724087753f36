/** Fields of GS1 symbols in words, and codes with their control characters to be seen. */
import { say } from './say.ts'

const shared: Readonly<Record<string, string>> = { '00': 'SSCC', '01': 'GTIN' }
/** The application identifiers a shop meets; others show their number. */
const worded = ['02', '10', '11', '13', '15', '17', '21', '30', '37', '240', '400', '414'] as const

/** The last digit of these identifiers says how many decimals the value has (GS1 General Specifications, 3.6). */
const netWeightIdentifier = /^310[0-6]$/
const priceIdentifier = /^392[0-9]$/

export function gs1Word(identifier: string): string {
  const known = worded.find((candidate) => candidate === identifier)
  if (known !== undefined) return say(`common.gs1.${known}`)
  if (netWeightIdentifier.test(identifier)) return say('common.gs1.weight')
  if (priceIdentifier.test(identifier)) return say('common.gs1.price')
  return shared[identifier] ?? `(${identifier})`
}

export function gs1Text(identifier: string, value: string): string {
  const weight = netWeightIdentifier.test(identifier)
  if (!weight && !priceIdentifier.test(identifier)) return visible(value)
  const decimals = Number(identifier.slice(3))
  const digits = value.padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/^0+(?=\d)/, '')
  const text = decimals === 0 ? whole : `${whole}.${digits.slice(-decimals)}`
  return weight ? `${text} kg` : text
}

const groupSeparator = 0x1d

/** Control characters by name or number, so that a separator in a code can be seen. */
export function visible(code: string): string {
  return code.replace(/[\x00-\x1f]/g, (character) => {
    const number = character.charCodeAt(0)
    return number === groupSeparator ? '<GS>' : `<${number.toString(16).padStart(2, '0')}>`
  })
}
