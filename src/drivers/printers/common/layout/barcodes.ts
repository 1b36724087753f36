/** Barcode data checked and made ready for GS k, with the reason when a symbology cannot hold it. */

import type { Symbology } from '../../../../protocol/receipt.ts'
import { checkDigit } from '../../../framing/gs1.ts'
import { predefinedChars } from '../../../framing/gs1-table.ts'

export interface ReadyBarcode {
  /** Number of the symbology in GS k's second form. */
  readonly system: number
  readonly data: Uint8Array
  /** Width of the symbol in modules, without quiet zones. */
  readonly modules: number
}

/** Why the data does not go: part of a sentence. */
export interface BarcodeRefusal {
  readonly reason: string
}

/** GS k holds as many bytes. */
const dataBytesMax = 255

export function prepareBarcode(symbology: Symbology, data: string): ReadyBarcode | BarcodeRefusal {
  switch (symbology) {
    case 'ean13':
      return checkDigits(data, 13, 67, 95)
    case 'ean8':
      return checkDigits(data, 8, 68, 67)
    case 'upca':
      return checkDigits(data, 12, 65, 95)
    case 'upce':
      return upcE(data)
    case 'code39':
      return code39(data)
    case 'itf':
      return interleaved(data)
    case 'code128':
      return code128(data)
    case 'gs1-128':
      return gs1(data)
  }
}

/** EAN and UPC: a missing check digit is added, a wrong one refused with the right one. */
function checkDigits(
  data: string,
  length: number,
  system: number,
  modules: number,
): ReadyBarcode | BarcodeRefusal {
  if (!/^\d+$/.test(data)) return { reason: 'it holds digits only' }
  if (data.length !== length && data.length !== length - 1) {
    return { reason: `it has ${length - 1} digits and a check digit; this has ${data.length}` }
  }
  const right = checkDigit(data.slice(0, length - 1))
  if (data.length === length && data[length - 1] !== right) {
    return { reason: `the check digit is ${data[length - 1]}; the right one is ${right}` }
  }
  return { system, data: ascii(data.slice(0, length - 1) + right), modules }
}

/** 6 digits, 7 with the number system 0, 8 with the check digit too, or a UPC-A of 11 or 12 that can be shortened. */
function upcE(data: string): ReadyBarcode | BarcodeRefusal {
  if (!/^\d+$/.test(data)) return { reason: 'it holds digits only' }
  const short = data.length >= 6 && data.length <= 8
  if (!short && data.length !== 11 && data.length !== 12) {
    return {
      reason: `it has 6 to 8 digits, or 11 or 12 of a UPC-A that can be shortened; this has ${data.length}`,
    }
  }
  const full = short ? expandUpcE(data.length === 6 ? data : data.slice(1, 7)) : data.slice(0, 11)
  const system = data.length === 6 ? '0' : data[0]!
  if (system !== '0') return { reason: 'its number system is 0' }
  const right = checkDigit(full)
  const given = data.length === 8 || data.length === 12 ? data.at(-1) : undefined
  if (given !== undefined && given !== right) {
    return { reason: `the check digit is ${given}; the right one is ${right}` }
  }
  if (!short && !canShorten(full)) return { reason: 'this UPC-A has too few zeros to be shortened' }
  // Printers take the whole number and shorten it themselves.
  return { system: 66, data: ascii(full + right), modules: 51 }
}

/** The 11 digits of the UPC-A that six digits stand for (GS1 General Specifications, 5.2.2.4). */
function expandUpcE(six: string): string {
  const [a, b, c, d, e, last] = six as unknown as [string, string, string, string, string, string]
  if (last <= '2') return `0${a}${b}${last}0000${c}${d}${e}`
  if (last === '3') return `0${a}${b}${c}00000${d}${e}`
  if (last === '4') return `0${a}${b}${c}${d}00000${e}`
  return `0${a}${b}${c}${d}${e}0000${last}`
}

function canShorten(full: string): boolean {
  return (
    /^0\d\d[0-2]0000\d{3}$/.test(full) ||
    /^0\d{3}00000\d\d$/.test(full) ||
    /^0\d{4}00000\d$/.test(full) ||
    /^0\d{5}0000[5-9]$/.test(full)
  )
}

/** The eight digits of a UPC-E out of the twelve of the UPC-A that it stands for. */
export function shortUpcE(full: string): string {
  const [, a, b, c, d, e, ...rest] = full as unknown as string[]
  const [, , h, i, j, check] = rest
  const six = /^0\d\d[0-2]0000/.test(full)
    ? [a, b, h, i, j, c]
    : /^0\d{3}00000/.test(full)
      ? [a, b, c, i, j, '3']
      : /^0\d{4}00000/.test(full)
        ? [a, b, c, d, j, '4']
        : [a, b, c, d, e, j]
  return `0${six.join('')}${check}`
}

function code39(data: string): ReadyBarcode | BarcodeRefusal {
  const stray = data.match(/[^0-9A-Z $%+\-./]/u)
  if (stray !== null)
    return { reason: `it holds digits, capital letters, space and $ % + - . /, not ${stray[0]}` }
  if (data.length > dataBytesMax) return { reason: `it holds at most ${dataBytesMax} characters here` }
  // Six narrow and three wide elements of three modules, and a gap; the printer adds start and stop.
  return { system: 69, data: ascii(data), modules: (data.length + 2) * 16 - 1 }
}

function interleaved(data: string): ReadyBarcode | BarcodeRefusal {
  if (!/^\d+$/.test(data)) return { reason: 'it holds digits only' }
  if (data.length % 2 !== 0) return { reason: `it holds an even number of digits; this has ${data.length}` }
  if (data.length > dataBytesMax - 1) return { reason: `it holds at most ${dataBytesMax - 1} digits here` }
  // Three narrow and two wide bars of three modules a digit, a start of four and a stop of five.
  return { system: 70, data: ascii(data), modules: data.length * 9 + 9 }
}

/** One step of a Code 128: a function, or a character. */
type Code128Symbol = number | 'FNC1'

function code128(data: string): ReadyBarcode | BarcodeRefusal {
  const symbols: Code128Symbol[] = []
  for (const char of data) {
    const code = char.codePointAt(0)!
    if (code > 0x7f) return { reason: `it holds ASCII characters only, not ${char}` }
    symbols.push(code)
  }
  return encode128(symbols)
}

/** Identifiers whose whole value ends in a check digit. */
const checkDigitIdentifiers: ReadonlySet<string> = new Set([
  '00',
  '01',
  '02',
  '03',
  '410',
  '411',
  '412',
  '413',
  '414',
  '415',
])

/** `(01)09521234543213(10)ABC`: FNC1 first, and after each element of variable length that is not the last. */
function gs1(data: string): ReadyBarcode | BarcodeRefusal {
  const elements = [...data.matchAll(/\((\d{2,4})\)([^()]+)/gu)]
  const read = elements.map(([whole]) => whole).join('')
  if (elements.length === 0 || read !== data) {
    return { reason: 'it is written with its identifiers in brackets, like (01)09521234543213(10)ABC' }
  }
  const symbols: Code128Symbol[] = ['FNC1']
  for (const [index, [, identifier = '', value = '']] of elements.entries()) {
    const wrong = gs1Fault(identifier, value)
    if (wrong !== undefined) return { reason: `(${identifier}) ${wrong}` }
    for (const char of identifier + value) symbols.push(char.charCodeAt(0))
    const fixed = predefinedChars[identifier.slice(0, 2)] !== undefined
    if (!fixed && index < elements.length - 1) symbols.push('FNC1')
  }
  return encode128(symbols)
}

function gs1Fault(identifier: string, value: string): string | undefined {
  // The 82 characters of GS1 General Specifications, figure 7.11-1; brackets cannot be told from those of identifiers.
  const stray = value.match(/[^!"%&'*+,\-./0-9:;<=>?A-Z_a-z]/u)
  if (stray !== null) return `cannot hold the character ${stray[0]}`
  const length = predefinedChars[identifier.slice(0, 2)]
  if (length !== undefined) {
    const wanted = length - identifier.length
    if (value.length !== wanted || !/^\d+$/.test(value)) return `has ${wanted} digits`
  } else if (value.length > 90) {
    return 'has at most 90 characters'
  }
  if (checkDigitIdentifiers.has(identifier)) {
    const right = checkDigit(value.slice(0, -1))
    if (value.at(-1) !== right) return `has the check digit ${value.at(-1)}; the right one is ${right}`
  }
  return undefined
}

/** Modules of one symbol character, and of the start, check and stop characters together. */
const modulesOfSymbol = 11
const modulesAround = 35

type CodeSet = 'A' | 'B' | 'C'

/**
 * Symbols as GS k 73 wants them: `{A`, `{B`, `{C` choose the set, `{S` borrows one character from the other of A and B,
 * `{1` is FNC1, `{{` a brace; in set C a byte is a pair of digits. Takes the shortest way there is.
 */
function encode128(symbols: readonly Code128Symbol[]): ReadyBarcode | BarcodeRefusal {
  const setFor = planSets(symbols)
  const bytes: number[] = []
  let set: CodeSet | undefined
  let count = 0
  for (let at = 0; at < symbols.length; ) {
    const wanted = setFor(at, set)
    if (wanted !== set) {
      bytes.push(0x7b, wanted.charCodeAt(0))
      // The first choice is the start character, which is counted with the frame.
      if (set !== undefined) count += 1
      set = wanted
    }
    const symbol = symbols[at]!
    const { taken, cost } = stepOf(symbols, at, set)
    if (symbol === 'FNC1') bytes.push(0x7b, 0x31)
    else if (set === 'C') bytes.push((symbol - 48) * 10 + (symbols[at + 1] as number) - 48)
    else {
      if (cost === 2) bytes.push(0x7b, 0x53)
      if (symbol === 0x7b) bytes.push(0x7b)
      bytes.push(symbol)
    }
    count += cost
    at += taken
  }
  if (bytes.length > dataBytesMax) {
    return { reason: `it is too long: ${bytes.length} bytes for the printer, of ${dataBytesMax}` }
  }
  return { system: 73, data: Uint8Array.from(bytes), modules: count * modulesOfSymbol + modulesAround }
}

/** What can be said from `at` while in a set: how much of the data it takes, and how many symbols it costs. */
function stepOf(
  symbols: readonly Code128Symbol[],
  at: number,
  set: CodeSet,
): { taken: number; cost: number } {
  const isDigit = (symbol: Code128Symbol | undefined) =>
    typeof symbol === 'number' && symbol >= 48 && symbol <= 57
  const symbol = symbols[at]!
  if (symbol === 'FNC1') return { taken: 1, cost: 1 }
  if (set === 'C') {
    const pair = isDigit(symbol) && isDigit(symbols[at + 1])
    return pair ? { taken: 2, cost: 1 } : { taken: 1, cost: Number.POSITIVE_INFINITY }
  }
  const own = set === 'A' ? symbol < 0x60 : symbol >= 0x20
  return { taken: 1, cost: own ? 1 : 2 }
}

/**
 * Answers the set to be in at a position, coming from another: the one with the fewest symbols to the end, which is
 * worked out from the end backwards.
 */
function planSets(symbols: readonly Code128Symbol[]): (at: number, from: CodeSet | undefined) => CodeSet {
  const sets: readonly CodeSet[] = ['B', 'C', 'A']
  // costs[at][set]: symbols from `at` to the end when the printer is in `set` there.
  const costs: Record<CodeSet, number>[] = Array.from({ length: symbols.length + 1 }, () => ({
    A: 0,
    B: 0,
    C: 0,
  }))
  const staying = (at: number, set: CodeSet): number => {
    const { taken, cost } = stepOf(symbols, at, set)
    return cost === Number.POSITIVE_INFINITY ? cost : cost + costs[at + taken]![set]
  }
  const best = (at: number, from: CodeSet | undefined): CodeSet => {
    let chosen: CodeSet = from ?? 'B'
    let least = staying(at, chosen)
    for (const set of sets) {
      const cost = staying(at, set) + (from === undefined || set === from ? 0 : 1)
      if (cost < least) {
        least = cost
        chosen = set
      }
    }
    return chosen
  }
  for (let at = symbols.length - 1; at >= 0; at--) {
    for (const from of sets) {
      const set = best(at, from)
      costs[at]![from] = staying(at, set) + (set === from ? 0 : 1)
    }
  }
  return best
}

function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}
