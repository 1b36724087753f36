/**
 * Reads GS1 data: element strings out of a symbol, and GS1 Digital Link addresses. Pure and total: whatever it is given, it
 * answers and never throws. Rules [GS1-n] in README.md.
 */
import { type Gs1Part, gs1Table, linkAliases, linkKeys, predefinedChars } from './gs1-table.ts'

/** FNC1 as scanners send it between element strings. */
export const groupSeparator = '\x1d'

export const gs1Limits = {
  /** Longest text looked at, in characters. The largest symbols hold less. */
  textCharsMax: 8_000,
} as const

/** Application identifiers with their values, raw: dates stay `YYMMDD`, decimals stay digits (see `gs1Decimal`). */
export type Gs1Elements = Record<string, string>

export type Gs1Result = { ok: true; elements: Gs1Elements } | { ok: false; reason: string }

const sets: Readonly<Record<Gs1Part['set'], RegExp>> = {
  n: /^[0-9]*$/,
  x: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  y: /^[#\-/0-9A-Z]*$/,
  z: /^[-0-9A-Z_a-z]*={0,2}$/,
}

const malformed = (reason: string): Gs1Result => ({ ok: false, reason })

/** The mod-10 check digit of the digits before it (GS1 General Specifications, 7.9). undefined when they are not digits. */
export function checkDigit(digits: string): string | undefined {
  if (!/^\d+$/.test(digits)) return undefined
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1
    sum += weight * (digits.charCodeAt(index) - 48)
  }
  return String((10 - (sum % 10)) % 10)
}

/** True for digits whose last one is the check digit of the others: GTIN, SSCC, GLN. */
export function hasCheckDigit(digits: string): boolean {
  return digits.length > 1 && checkDigit(digits.slice(0, -1)) === digits.slice(-1)
}

/**
 * Element strings as a scanner sends them: identifier, value, and `groupSeparator` after a value whose length is not
 * predefined. A separator at the beginning or after a predefined length is let pass.
 */
export function parseElementStrings(text: string): Gs1Result {
  if (text.length > gs1Limits.textCharsMax) return malformed('it is too long')
  const elements: Gs1Elements = {}
  let rest = text.startsWith(groupSeparator) ? text.slice(1) : text
  if (rest === '') return malformed('it is empty')
  while (rest !== '') {
    const ai = identifierAt(rest)
    if (ai === undefined) return malformed(`${printable(rest.slice(0, 4))} is not an application identifier`)
    const fixed = predefinedChars[rest.slice(0, 2)]
    const separator = rest.indexOf(groupSeparator)
    const end = fixed ?? (separator < 0 ? rest.length : separator)
    const value = rest.slice(ai.length, end)
    const problem = put(elements, ai, value)
    if (problem !== undefined) return malformed(problem)
    rest = rest.slice(end)
    if (rest.startsWith(groupSeparator)) rest = rest.slice(1)
  }
  return { ok: true, elements }
}

/**
 * A GS1 Digital Link address: `https://HOST/…/01/09521234543213/10/LOT?17=261231`. Keys in the query that are not
 * application identifiers are left out. GTIN-8, -12 and -13 in place of a GTIN-14 are filled up with zeros.
 */
export function parseDigitalLink(text: string): Gs1Result {
  if (text.length > gs1Limits.textCharsMax) return malformed('it is too long')
  const [, path, query = ''] = /^https?:\/\/[^/?#\s]+(\/[^?#\s]*)(?:\?([^#\s]*))?(?:#.*)?$/is.exec(text) ?? []
  if (path === undefined) return malformed('it is not a web address with a path')
  const all = path.split('/').slice(1)
  const segments = all.slice(0, 1 + all.findLastIndex((segment) => segment !== ''))
  // Only the end may be GS1 data: however long an address is, little of it is looked at.
  for (let start = Math.max(0, segments.length - 2 * linkPairsMax); start + 1 < segments.length; start++) {
    const pairs = pathPairs(segments.slice(start))
    if (pairs !== undefined) return readLink(pairs, query)
  }
  return malformed('its path has no GS1 key')
}

/** GS1 data in whichever form a text has it. */
export function parseGs1(text: string): Gs1Result {
  return /^https?:/i.test(text) ? parseDigitalLink(text) : parseElementStrings(text)
}

/**
 * The number that a decimal identifier means, as a decimal string: (`3103`, `001750`) is `1.750`. The last digit of the
 * identifier says how many decimals; 391n and 393n begin with a currency, which is left off (see `gs1Currency`).
 * undefined for identifiers that are not decimal, or a value that is not one of theirs.
 */
export function gs1Decimal(ai: string, value: string): string | undefined {
  if (!/^(3[1-6]\d|39[0-5])\d$/.test(ai) || validate(ai, value) !== undefined) return undefined
  const decimals = Number(ai.slice(-1))
  const digits = hasCurrency(ai) ? value.slice(3) : value
  const padded = digits.padStart(decimals + 1, '0')
  const whole = padded.slice(0, padded.length - decimals).replace(/^0+(?=\d)/, '')
  return decimals === 0 ? whole : `${whole}.${padded.slice(-decimals)}`
}

/** The ISO 4217 number of the currency of 391n and 393n: `978`. */
export function gs1Currency(ai: string, value: string): string | undefined {
  return hasCurrency(ai) && validate(ai, value) === undefined ? value.slice(0, 3) : undefined
}

const hasCurrency = (ai: string): boolean => /^39[13]\d$/.test(ai)

/** Identifiers have 2 to 4 digits and none begins another, so the first that fits is the one. */
function identifierAt(text: string): string | undefined {
  return [2, 3, 4].map((chars) => text.slice(0, chars)).find((candidate) => gs1Table.has(candidate))
}

/** Adds an element; answers what is wrong with it. The same identifier may come twice, but not with two values. */
function put(elements: Gs1Elements, ai: string, value: string): string | undefined {
  const problem = validate(ai, value)
  if (problem !== undefined) return `(${ai}) ${problem}`
  if (Object.hasOwn(elements, ai) && elements[ai] !== value)
    return `(${ai}) comes twice with different values`
  elements[ai] = value
  return undefined
}

/** What is wrong with a value, or undefined: length, characters, check digit. */
function validate(ai: string, value: string): string | undefined {
  const parts = gs1Table.get(ai)
  if (parts === undefined) return 'is not an application identifier'
  let rest = value
  for (const part of parts) {
    if (rest === '' && part.optional) break
    const text = rest.slice(0, part.charsMax)
    if (text.length < part.charsMin) return 'is too short'
    if (!sets[part.set].test(text)) return 'has a character that is not allowed'
    if (part.checked && !hasCheckDigit(text)) return 'has a wrong check digit'
    rest = rest.slice(text.length)
  }
  return rest === '' ? undefined : 'is too long'
}

type Pair = readonly [ai: string, value: string]

/** A key and the most qualifiers that any may have. */
const linkPairsMax =
  1 + Math.max(...Object.values(linkKeys).flatMap((orders) => orders.map(({ length }) => length)))

/** The key and qualifiers of a path that begins with a key, or undefined when it is none. */
function pathPairs(segments: readonly string[]): readonly Pair[] | undefined {
  if (segments.length % 2 !== 0) return undefined
  const pairs: Pair[] = []
  for (let index = 0; index < segments.length; index += 2) {
    const name = segments[index] as string
    const ai = Object.hasOwn(linkAliases, name) ? (linkAliases[name] as string) : name
    pairs.push([ai, segments[index + 1] as string])
  }
  const key = (pairs[0] as Pair)[0]
  if (!Object.hasOwn(linkKeys, key)) return undefined
  const qualifiers = pairs.slice(1).map(([ai]) => ai)
  return linkKeys[key]?.some((allowed) => isInOrder(qualifiers, allowed)) === true ? pairs : undefined
}

function isInOrder(some: readonly string[], all: readonly string[]): boolean {
  let from = 0
  return some.every((item) => {
    const at = all.indexOf(item, from)
    from = at + 1
    return at >= 0
  })
}

function readLink(path: readonly Pair[], query: string): Gs1Result {
  const elements: Gs1Elements = {}
  const asked = query
    .split(/[&;]/)
    .map((pair): Pair => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)])
    .filter(([ai]) => gs1Table.has(ai))
  for (const [ai, encoded] of [...path, ...asked]) {
    const value = percentDecode(encoded)
    if (value === undefined) return malformed(`(${ai}) is not percent-encoded right`)
    const problem = put(
      elements,
      ai,
      ai === '01' && /^(\d{8}|\d{12,13})$/.test(value) ? value.padStart(14, '0') : value,
    )
    if (problem !== undefined) return malformed(problem)
  }
  return { ok: true, elements }
}

function percentDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** For a reason that a person may read: control characters made visible. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '.')
}
