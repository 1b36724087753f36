/** Letters of displays: which characters a code page has, and the nearest spelling of those that it has not. */

/** Stands where a code page spells nothing. */
const nothing = '\0'

const frame437 = '░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀'
const frame850 = '░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤'
const greek437 = 'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0'
const latin850 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»'
const end850 = '┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\xad±‗¾¶§÷¸°¨·¹³²■\xa0'

/** Bytes 80h to FFh of the DOS pages; the IBM registry of code pages has them. */
const dosPages = {
  cp437: `ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»${frame437}${greek437}`,
  cp850: `${latin850}${frame850}ðÐÊËÈıÍÎÏ${end850}`,
  cp858: `${latin850}${frame850}ðÐÊËÈ€ÍÎÏ${end850}`,
  cp852:
    'ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤' +
    'đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\xad˝˛ˇ˘§÷¸°¨˙űŘř■\xa0',
  cp860: `ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»${frame437}${greek437}`,
  cp863: `ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»${frame437}${greek437}`,
  cp865: `ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤${frame437}${greek437}`,
} as const

export const codePages = [
  'ascii',
  'cp437',
  'cp850',
  'cp852',
  'cp858',
  'cp860',
  'cp863',
  'cp865',
  'cp866',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'katakana',
] as const
export type CodePage = (typeof codePages)[number]

/** Bytes 80h to FFh of a page as characters, `nothing` where it has none. */
function upperHalf(page: CodePage): string {
  if (page === 'ascii') return ''
  // JIS X 0201: what displays put beside the katakana differs from maker to maker.
  if (page === 'katakana')
    return Array.from({ length: 96 }, (_, index) =>
      index < 33 ? nothing : String.fromCharCode(0xff40 + index),
    ).join('')
  if (page !== 'cp866' && !page.startsWith('windows-')) return dosPages[page as keyof typeof dosPages]
  const bytes = Uint8Array.from({ length: 128 }, (_, index) => 128 + index)
  const text = new TextDecoder(page === 'cp866' ? 'ibm866' : page).decode(bytes)
  // The Encoding Standard fills gaps with C1 controls.
  return text.replace(/[\x80-\x9f\ufffd]/g, nothing)
}

/** Nearest spellings of letters that do not fall apart into a base letter and accents. */
const nearest = new Map<string, string>(
  Object.entries({
    '€': 'EUR',
    '£': 'GBP',
    '¥': 'JPY',
    '₹': 'INR',
    ß: 'ss',
    ẞ: 'SS',
    æ: 'ae',
    Æ: 'AE',
    œ: 'oe',
    Œ: 'OE',
    ø: 'o',
    Ø: 'O',
    ł: 'l',
    Ł: 'L',
    đ: 'd',
    Đ: 'D',
    ð: 'd',
    Ð: 'D',
    þ: 'th',
    Þ: 'Th',
    ı: 'i',
    ħ: 'h',
    Ħ: 'H',
    '×': 'x',
    '÷': '/',
    '⁄': '/',
    '°': 'o',
    '№': 'No',
    '©': '(c)',
    '®': '(r)',
    '•': '*',
    '·': '.',
    '«': '"',
    '»': '"',
    '“': '"',
    '”': '"',
    '„': '"',
    '‘': "'",
    '’': "'",
    '‚': "'",
    '´': "'",
    '‐': '-',
    '‑': '-',
    '–': '-',
    '—': '-',
    '−': '-',
    '、': ',',
    '。': '.',
    '・': '.',
    ー: '-',
  }),
)
const latinOf = (letters: string, spellings: string): void => {
  const spelt = spellings.split(' ')
  Array.from(letters).forEach((letter, index) => {
    const text = spelt[index] as string
    nearest.set(letter, text)
    const upper = letter.toUpperCase()
    if (upper !== letter && upper.length === 1)
      nearest.set(upper, text.charAt(0).toUpperCase() + text.slice(1))
  })
}
latinOf(
  'абвгдежзийклмнопрстуфхцчшщъыьэюяёєіїґў',
  'a b v g d e zh z i j k l m n o p r s t u f h c ch sh shch  y  e yu ya e ye i i g u',
)
latinOf('αβγδεζηθικλμνξοπρστυφχψως', 'a v g d e z i th i k l m n x o p r s t y f ch ps o s')

const halfWidthOf = (() => {
  const map = new Map<string, string>([
    ['\u3099', '\uff9e'],
    ['\u309a', '\uff9f'],
  ])
  for (let code = 0xff61; code <= 0xff9d; code++) {
    const half = String.fromCharCode(code)
    map.set(half.normalize('NFKC'), half)
  }
  return map
})()

const isControl = (code: number): boolean => code < 0x20 || (code >= 0x7f && code < 0xa0)

/** Spells text in the letters of one code page: one byte, one cell a character. */
export class Letters {
  readonly #bytes = new Map<string, number>()
  readonly #katakana: boolean

  constructor(page: CodePage) {
    this.#katakana = page === 'katakana'
    for (let byte = 0x20; byte < 0x7f; byte++) this.#bytes.set(String.fromCharCode(byte), byte)
    for (const [index, character] of Array.from(upperHalf(page)).entries())
      if (![nothing, '\xad', '\xa0'].includes(character)) this.#bytes.set(character, 128 + index)
  }

  /**
   * The same text in characters that the page has: the character itself, its base letter, its nearest spelling, or `?`.
   * Control characters and line ends become blanks; what is invisible falls away.
   */
  spell(text: string): string {
    let spelt = ''
    for (const character of text.normalize('NFC')) spelt += this.#one(character)
    return spelt
  }

  /** Bytes of a text that `spell` gave. */
  encode(spelt: string): Uint8Array {
    return Uint8Array.from(spelt, (character) => this.#bytes.get(character) ?? 0x3f)
  }

  #one(character: string): string {
    if (this.#bytes.has(character)) return character
    if (isControl(character.codePointAt(0) ?? 0) || /\p{Zs}|[\u2028\u2029]/u.test(character)) return ' '
    if (/\p{Cf}|[\ufe00-\ufe0f]/u.test(character)) return ''
    const kana = this.#katakana ? this.#kana(character) : undefined
    if (kana !== undefined) return kana
    const known = nearest.get(character)
    if (known !== undefined) return known
    const bare = character.normalize('NFKD').replace(/\p{M}/gu, '')
    if (bare === character) return /\p{M}/u.test(character) ? '' : '?'
    return Array.from(bare, (part) => (this.#bytes.has(part) ? part : (nearest.get(part) ?? '?'))).join('')
  }

  /** Hiragana are spelt as katakana; a sound mark takes a cell of its own. */
  #kana(character: string): string | undefined {
    const parts = Array.from(character.normalize('NFD'), (part) => {
      const code = part.charCodeAt(0)
      const katakana = code >= 0x3041 && code <= 0x3096 ? String.fromCharCode(code + 0x60) : part
      return halfWidthOf.get(katakana)
    })
    return parts.includes(undefined) ? undefined : parts.join('')
  }
}
