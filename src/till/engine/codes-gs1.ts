/** The few GS1 element strings that a till sells by: product, lot, serial number, quantity, weight and price. */

export interface Gs1Reading {
  /** 14 digits. */
  gtin: string
  lot?: string
  serial?: string
  quantity?: string
  measure?: 'kg' | 'count'
  /** Of one unit. */
  price?: string
}

const separator = '\x1d'
/** Characters of identifier and value where the first two digits fix them (GS1 General Specifications, figure 7.8.5-2). */
const fixedChars: Readonly<Record<string, number>> = {
  ...{ '00': 20, '01': 16, '02': 16, '03': 16, '04': 18, '20': 4, '41': 16 },
  ...{ '11': 8, '12': 8, '13': 8, '14': 8, '15': 8, '16': 8, '17': 8, '18': 8, '19': 8 },
  ...{ '31': 10, '32': 10, '33': 10, '34': 10, '35': 10, '36': 10 },
}

/** Undefined when it is not GS1 or names no product; then the shop's own rules read it. */
export function readGs1(code: string): Gs1Reading | undefined {
  const elements = code.startsWith('(') ? readBracketed(code) : readElements(code)
  const gtin = elements?.get('01') ?? elements?.get('02')
  if (elements === undefined || gtin === undefined || !/^\d{14}$/.test(gtin)) return undefined
  const reading: Gs1Reading = { gtin }
  const lot = elements.get('10')
  const serial = elements.get('21')
  if (lot !== undefined) reading.lot = lot
  if (serial !== undefined) reading.serial = serial
  const weight = scaled(elements, '310')
  const count = elements.get('30') ?? elements.get('37')
  if (weight !== undefined) Object.assign(reading, { quantity: weight.text, measure: 'kg' })
  else if (count !== undefined && /^\d{1,8}$/.test(count) && Number(count) > 0)
    Object.assign(reading, { quantity: String(Number(count)), measure: 'count' })
  const price = scaled(elements, '392')
  if (price !== undefined) reading.price = weight === undefined ? price.text : perUnit(price, weight)
  return reading
}

interface Scaled {
  digits: bigint
  decimals: number
  text: string
}

/** `310n` and the like: the last digit of the identifier is the number of decimals. Undefined for none and for zero. */
function scaled(elements: ReadonlyMap<string, string>, stem: string): Scaled | undefined {
  for (let decimals = 0; decimals <= 6; decimals++) {
    const value = elements.get(`${stem}${decimals}`)
    if (value === undefined || !/^\d{1,15}$/.test(value) || BigInt(value) === 0n) continue
    return { digits: BigInt(value), decimals, text: pointed(BigInt(value), decimals) }
  }
  return undefined
}

/** The label's price is for what was packed: of one kg it is that much, to six decimals, which gives the same cents back. */
function perUnit(price: Scaled, weight: Scaled): string {
  const dividend = price.digits * 10n ** BigInt(6 + weight.decimals)
  const divisor = weight.digits * 10n ** BigInt(price.decimals)
  return pointed((dividend * 2n + divisor) / (divisor * 2n), 6)
}

function pointed(digits: bigint, decimals: number): string {
  const text = String(digits).padStart(decimals + 1, '0')
  return decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`
}

/** As people write it: `(01)09501101530003(10)AB-1`. */
function readBracketed(code: string): Map<string, string> | undefined {
  if (!/^(\(\d{2,4}\)[^()]+)+$/.test(code)) return undefined
  return new Map([...code.matchAll(/\((\d{2,4})\)([^()]+)/g)].map(([, ai = '', value = '']) => [ai, value]))
}

/** As scanners send it, with or without the symbology identifier. Undefined when it does not read to its end. */
function readElements(code: string): Map<string, string> | undefined {
  let rest = code.replace(/^\][CdQeJ]\d/, '').replace(/^\x1d/, '')
  // Without a mark of GS1 only what begins with a product and goes on is taken for it: 01… may be any code.
  if (rest === code && !/^0[12]\d{14}./.test(code)) return undefined
  const elements = new Map<string, string>()
  while (rest !== '') {
    const length = identifierChars(rest)
    const fixed = fixedChars[rest.slice(0, 2)]
    const stop = rest.indexOf(separator)
    const end = fixed ?? (stop < 0 ? rest.length : stop)
    const value = rest.slice(length, end)
    if (length === 0 || value === '' || rest.length < end || value.includes(separator)) return undefined
    elements.set(rest.slice(0, length), value)
    rest = rest.slice(end).replace(/^\x1d/, '')
  }
  return elements
}

/** How long the identifier is that a text begins with; 0 for none. */
function identifierChars(text: string): number {
  if (/^(0[0-4]|1[0-9]|2[0-2]|30|37|9[0-9])/.test(text)) return 2
  if (/^(23[0-9]|24[0-9]|25[0-9]|40[0-3]|41[0-7]|42[0-7]|71[0-9])/.test(text)) return 3
  return /^(3[1-69]\d\d|43\d\d|7[02]\d\d|8[0-2]\d\d)/.test(text) ? 4 : 0
}
