/** What products and customers are found by, and what is looked for, on the hub and in tills: words without accents and capitals. */
import type { Customer, Product } from './catalogue.ts'

/** How a thing is ranked and found. Each word and each code has a blank before it. */
export interface Findable {
  /** Sorts as it is shown; null is not found. */
  rank: string | null
  names: string
  codes: string
  category: string | null
}

/** One thing that must be found in names or in codes. */
export interface Term {
  name: string
  code: string
}

/** Shorter ones must begin a code: otherwise a letter would be in every e-mail address. */
const insideCodeMin = 3
/** Digits that are grouped with blanks under a barcode. */
const groupedCodeMin = 8

/** Letters that are no letter with an accent to Unicode. */
const lone: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
}
/** Scripts without blanks between words: each character may begin one. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu

/** Small letters without accents, everything else as it is. */
function fold(text: string): string {
  const small = text.toLowerCase()
  // Most text is plain, and this is done for each row of an import.
  if (!/[^\x20-\x7e]/.test(small)) return small
  return small
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[ßæœøłđðþı]/g, (letter) => lone[letter] ?? letter)
}

/** `Coca-Cola 1,5` is ` coca cola 1 5`: a blank before each word. */
function words(text: string): string {
  const parts = fold(text)
    .replace(unspaced, ' $& ')
    .match(/[\p{L}\p{N}]+/gu)
  return parts === null ? '' : ` ${parts.join(' ')}`
}

const compact = (folded: string): string => folded.replace(/[^\p{L}\p{N}]+/gu, '')
const digitsOf = (text: string): string => text.replace(/\D+/g, '')

function codeLine(codes: readonly (string | undefined)[], phone?: string): string {
  const all = new Set<string>()
  for (const code of codes) {
    if (code === undefined) continue
    const folded = fold(code).replace(/\s+/g, '')
    all.add(folded)
    all.add(compact(folded))
  }
  if (phone !== undefined) all.add(digitsOf(phone))
  all.delete('')
  return [...all].map((code) => ` ${code}`).join('')
}

/** Favourites first, then sequence, then name. */
export function findableProduct(product: Product): Findable {
  const { id, name, reference, sequence, favourite, active, category, barcodes, packs, attributes } = product
  const title = words(name)
  return {
    rank: active ? `${favourite ? 0 : 1}${String(sequence).padStart(7, '0')}${title}\u0001${id}` : null,
    names: title + attributes.map(({ value }) => words(value)).join(''),
    codes: codeLine([reference, ...barcodes, ...packs.map(({ barcode }) => barcode)]),
    category,
  }
}

export function findableCustomer(customer: Customer): Findable {
  const { id, name, phone, email, vat, zip, city, barcode, active } = customer
  const title = words(name)
  return {
    rank: active ? `${title}\u0001${id}` : null,
    names: title + words(zip ?? '') + words(city ?? ''),
    codes: codeLine([email, vat, barcode], phone),
    category: null,
  }
}

/** The longest first: it finds the fewest. Empty for a text without a letter or digit. */
export function productTerms(text: string): Term[] {
  const tokens = tokensOf(text)
  const digits = tokens.join('')
  if (tokens.length > 1 && digits.length >= groupedCodeMin && /^\d+$/.test(digits)) return [term(tokens)]
  return sorted(tokens.map((token) => term([token])))
}

/** Digits that stand together are one number: phone numbers are typed with blanks. */
export function customerTerms(text: string): Term[] {
  const terms: Term[] = []
  let number: string[] = []
  const endNumber = () => {
    if (number.length > 0) terms.push(term(number, digitsOf(number.join(''))))
    number = []
  }
  for (const token of tokensOf(text)) {
    if (/^[\d+()/.-]+$/.test(token)) number.push(token)
    else {
      endNumber()
      terms.push(term([token]))
    }
  }
  endNumber()
  return sorted(terms)
}

const tokensOf = (text: string): string[] =>
  fold(text)
    .split(/\s+/)
    .filter((token) => compact(token) !== '')

const sorted = (terms: Term[]): Term[] => terms.sort((a, b) => b.code.length - a.code.length)

function term(tokens: readonly string[], digits?: string): Term {
  // +49 170 and 0170 are the same telephone.
  const code = digits === undefined ? tokens.join('') : digits.replace(/^0+(?=\d{3})/, '')
  return { name: words(tokens.join(' ')), code: code.length < insideCodeMin ? ` ${code}` : code }
}
