/** The twin's own barcode maker: checks what a printer checks, and gives the widths of bars and spaces. */

/** Bars and spaces in turn, a bar first, and the text that people read; or what is wrong with the data. */
export type Barcode = { elements: number[]; text: string } | { wrong: string }

/** Epson draws wide elements of Code 39, ITF and Codabar about two and a half times the narrow ones. */
const wideRatio = 2.5

/** `module` is the width of the narrowest element in dots. */
export function encodeBarcode(symbology: string, data: Uint8Array, module: number): Barcode {
  const text = String.fromCharCode(...data)
  switch (symbology) {
    case 'upca':
      return upcA(text, module)
    case 'upce':
      return upcE(text, module)
    case 'ean13':
      return ean13(text, module)
    case 'ean8':
      return ean8(text, module)
    case 'code39':
      return code39(text, module)
    case 'itf':
      return itf(text, module)
    case 'codabar':
      return codabar(text, module)
    case 'code128':
      return code128(data, module)
    case 'gs1-128':
      return gs1(text, module)
    default:
      return { wrong: `${symbology} is not modelled` }
  }
}

const digitsL = ['3211', '2221', '2122', '1411', '1132', '1231', '1114', '1312', '1213', '3112']
const parity13 = [
  'LLLLLL',
  'LLGLGG',
  'LLGGLG',
  'LLGGGL',
  'LGLLGG',
  'LGGLLG',
  'LGGGLL',
  'LGLGLG',
  'LGLGGL',
  'LGGLGL',
]
/** Parity of UPC-E under number system 0, by check digit; E is G. */
const parityE = [
  'GGGLLL',
  'GGLGLL',
  'GGLLGL',
  'GGLLLG',
  'GLGGLL',
  'GLLGGL',
  'GLLLGG',
  'GLGLGL',
  'GLGLLG',
  'GLLGLG',
]

/** The check digit of EAN and UPC: weights 3 and 1 from the right. */
export function checkDigit(digits: string): string {
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}

/** The whole number with its check digit, or what is wrong. */
function checked(text: string, length: number): string | { wrong: string } {
  if (!/^\d*$/.test(text)) return { wrong: 'not only digits' }
  if (text.length === length - 1) return text + checkDigit(text)
  if (text.length !== length) return { wrong: `${text.length} digits` }
  return checkDigit(text.slice(0, -1)) === text.at(-1) ? text : { wrong: 'check digit' }
}

function scaled(widths: string, module: number): number[] {
  return [...widths].map((width) => Number(width) * module)
}

function digit(char: string, set: string): string {
  const widths = digitsL[Number(char)]!
  return set === 'G' ? [...widths].reverse().join('') : widths
}

function upcEan(left: string, parity: string, right: string): string {
  return `111${[...left].map((char, i) => digit(char, parity[i]!)).join('')}11111${[...right].map((char) => digit(char, 'R')).join('')}111`
}

function ean13(text: string, module: number): Barcode {
  const number = checked(text, 13)
  if (typeof number !== 'string') return number
  const widths = upcEan(number.slice(1, 7), parity13[Number(number[0])]!, number.slice(7))
  return { elements: scaled(widths, module), text: number }
}

function upcA(text: string, module: number): Barcode {
  const number = checked(text, 12)
  if (typeof number !== 'string') return number
  return { elements: scaled(upcEan(number.slice(0, 6), 'LLLLLL', number.slice(6)), module), text: number }
}

function ean8(text: string, module: number): Barcode {
  const number = checked(text, 8)
  if (typeof number !== 'string') return number
  return { elements: scaled(upcEan(number.slice(0, 4), 'LLLL', number.slice(4)), module), text: number }
}

/** UPC-E's six digits spread out to the eleven of UPC-A (number system 0). */
function expandUpcE(six: string): string {
  const [a, b, c, d, e, last] = [...six] as [string, string, string, string, string, string]
  if (last <= '2') return `0${a}${b}${last}0000${c}${d}${e}`
  if (last === '3') return `0${a}${b}${c}00000${d}${e}`
  if (last === '4') return `0${a}${b}${c}${d}00000${e}`
  return `0${a}${b}${c}${d}${e}0000${last}`
}

function upcE(text: string, module: number): Barcode {
  if (!/^\d+$/.test(text)) return { wrong: 'not only digits' }
  let six = text
  let check: string | undefined
  if (text.length === 11 || text.length === 12) {
    const found = findUpcE(text.slice(0, 11))
    if (found === undefined) return { wrong: 'cannot be shortened to UPC-E' }
    six = found
    check = text[11]
  } else if (text.length === 7 || text.length === 8) {
    if (text[0] !== '0') return { wrong: 'number system is not 0' }
    six = text.slice(1, 7)
    check = text[7]
  } else if (text.length !== 6) return { wrong: `${text.length} digits` }
  const right = checkDigit(expandUpcE(six))
  if (check !== undefined && check !== right) return { wrong: 'check digit' }
  const parity = parityE[Number(right)]!
  const widths = `111${[...six].map((char, i) => digit(char, parity[i]!)).join('')}111111`
  return { elements: scaled(widths, module), text: `0${six}${right}` }
}

/** The six digits that spread out to these eleven, if there are any. */
function findUpcE(eleven: string): string | undefined {
  const pick = (from: number, to: number) => eleven.slice(from, to)
  const last = eleven[10]
  const tries = [
    `${pick(1, 3)}${pick(8, 11)}${eleven[3]}`,
    `${pick(1, 4)}${pick(9, 11)}3`,
    `${pick(1, 5)}${last}4`,
    `${pick(1, 6)}${last}`,
  ]
  return tries.find((six) => expandUpcE(six) === eleven)
}

function narrowWide(bits: string, module: number): number[] {
  return [...bits].map((bit) => (bit === '1' ? Math.round(module * wideRatio) : module))
}

const code39Chars = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*'
const code39Bits =
  '000110100 100100001 001100001 101100000 000110001 100110000 001110000 000100101 100100100 001100100 ' +
  '100001001 001001001 101001000 000011001 100011000 001011000 000001101 100001100 001001100 000011100 ' +
  '100000011 001000011 101000010 000010011 100010010 001010010 000000111 100000110 001000110 000010110 ' +
  '110000001 011000001 111000000 010010001 110010000 011010000 010000101 110000100 011000100 010101000 ' +
  '010100010 010001010 000101010 010010100'

function code39(text: string, module: number): Barcode {
  const inner = text.replace(/^\*|\*$/g, '')
  if (inner === '') return { wrong: 'no data' }
  if (!/^[0-9A-Z\-. $/+%]*$/.test(inner)) return { wrong: 'a character that Code 39 has not' }
  const bits = code39Bits.split(' ')
  const elements = [...`*${inner}*`].flatMap((char, i) => {
    const widths = narrowWide(bits[code39Chars.indexOf(char)]!, module)
    return i === 0 ? widths : [module, ...widths]
  })
  return { elements, text: `*${inner}*` }
}

const itfDigits = ['00110', '10001', '01001', '11000', '00101', '10100', '01100', '00011', '10010', '01010']

function itf(text: string, module: number): Barcode {
  if (!/^\d+$/.test(text)) return { wrong: 'not only digits' }
  if (text.length % 2 !== 0) return { wrong: 'an odd number of digits' }
  let bits = '0000'
  for (let i = 0; i < text.length; i += 2) {
    const bars = itfDigits[Number(text[i])]!
    const spaces = itfDigits[Number(text[i + 1])]!
    for (let k = 0; k < 5; k++) bits += bars[k]! + spaces[k]!
  }
  return { elements: narrowWide(`${bits}100`, module), text }
}

const codabarChars = '0123456789-$:/.+ABCD'
const codabarBits =
  '0000011 0000110 0001001 1100000 0010010 1000010 0100001 0100100 0110000 1001000 0001100 0011000 ' +
  '1000101 1010001 1010100 0010101 0011010 0101001 0001011 0001110'

function codabar(text: string, module: number): Barcode {
  const upper = text.toUpperCase()
  if (!/^[A-D][0-9\-$:/.+]+[A-D]$/.test(upper)) return { wrong: 'not start, data, stop of Codabar' }
  const bits = codabarBits.split(' ')
  const elements = [...upper].flatMap((char, i) => {
    const widths = narrowWide(bits[codabarChars.indexOf(char)]!, module)
    return i === 0 ? widths : [module, ...widths]
  })
  return { elements, text: upper }
}

const code128Widths =
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 ' +
  '113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 ' +
  '212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 ' +
  '113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 ' +
  '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 ' +
  '241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 ' +
  '214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 ' +
  '211232'
const code128Stop = '2331112'
const codeValues = { A: 101, B: 100, C: 99 } as const
const startValues = { A: 103, B: 104, C: 105 } as const
type CodeSet = keyof typeof codeValues
const fnc1 = 102

function drawCode128(values: readonly number[], text: string, module: number): Barcode {
  const widths = code128Widths.split(' ')
  const sum = values.reduce((total, value, i) => total + value * Math.max(1, i), 0)
  const all = [...values, sum % 103].map((value) => widths[value]!).join('') + code128Stop
  return { elements: scaled(all, module), text }
}

/** Value of a special `{1` to `{4` or `{S` in a code set; undefined where the set has none. */
function special(char: string, set: CodeSet): number | undefined {
  if (char === '1') return fnc1
  if (set === 'C') return undefined
  const inSet: Record<string, number> = { '2': 97, '3': 96, '4': set === 'A' ? 101 : 100, S: 98 }
  return inSet[char]
}

function valueIn(set: CodeSet, byte: number): number | undefined {
  if (set === 'C') return byte <= 99 ? byte : undefined
  if (set === 'A') return byte < 0x20 ? byte + 64 : byte < 0x60 ? byte - 32 : undefined
  return byte >= 0x20 && byte < 0x80 ? byte - 32 : undefined
}

/** Epson's notation: `{A`, `{B`, `{C` select a set, set C takes one byte 0 to 99 for two digits, `{{` is a brace. */
function code128(data: Uint8Array, module: number): Barcode {
  const isSet = (char: string): char is CodeSet => char === 'A' || char === 'B' || char === 'C'
  const first = String.fromCharCode(data[1] ?? 0)
  if (data[0] !== 0x7b || !isSet(first)) return { wrong: 'does not begin with {A, {B or {C' }
  let set: CodeSet = first
  let shifted: CodeSet | undefined
  const values: number[] = [startValues[set]]
  let text = ''
  for (let i = 2; i < data.length; i++) {
    const byte = data[i]!
    const brace = byte === 0x7b
    const next = brace ? String.fromCharCode(data[++i] ?? 0) : ''
    if (brace && next !== '{') {
      const value = isSet(next) && next !== set ? codeValues[next] : special(next, set)
      if (value === undefined) return { wrong: `{${next} in code set ${set}` }
      values.push(value)
      if (isSet(next)) set = next
      else if (next === 'S') shifted = set === 'A' ? 'B' : 'A'
      continue
    }
    const value: number | undefined = valueIn(shifted ?? set, byte)
    if (value === undefined) return { wrong: `byte ${byte} in code set ${shifted ?? set}` }
    values.push(value)
    text += set === 'C' ? String(byte).padStart(2, '0') : byte < 0x20 ? ' ' : String.fromCharCode(byte)
    shifted = undefined
  }
  if (values.length === 1) return { wrong: 'no data' }
  return drawCode128(values, text, module)
}

/** GS1-128 as Epson takes it: start and FNC1 come by themselves, `{1` is a separator, parentheses are only read. */
function gs1(text: string, module: number): Barcode {
  const plain = text.replace(/[() ]/g, '')
  if (plain.replace(/\{1/g, '') === '') return { wrong: 'no data' }
  const values: number[] = []
  let set: 'B' | 'C' = /^\d\d/.test(plain) ? 'C' : 'B'
  values.push(startValues[set], fnc1)
  for (let i = 0; i < plain.length; ) {
    if (plain.startsWith('{1', i)) {
      values.push(fnc1)
      i += 2
      continue
    }
    const run = /^\d*/.exec(plain.slice(i))![0].length
    const wanted = set === 'C' ? (run >= 2 ? 'C' : 'B') : run >= 4 && run % 2 === 0 ? 'C' : 'B'
    if (wanted !== set) values.push(codeValues[wanted])
    set = wanted
    const value: number | undefined =
      set === 'C' ? Number(plain.slice(i, i + 2)) : valueIn('B', plain.charCodeAt(i))
    if (value === undefined) return { wrong: `the character ${JSON.stringify(plain[i])}` }
    values.push(value)
    i += set === 'C' ? 2 : 1
  }
  return drawCode128(values, text.replace(/\{1/g, ''), module)
}
