/**
 * `node scripts/keyboard-layouts.ts`: writes the tables of keyboard layouts from Debian's xkb-data, by xkbcli of
 * libxkbcommon-tools. A test compares the tables with the same source again.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const tablesFile = 'src/drivers/scanners/hid-keyboard-scanner/layout-tables.ts'

export interface LayoutSource {
  id: string
  name: string
  /** The layout and variant of xkb-data. The variants are those that keep to the keyboards of Windows. */
  xkb: string
  variant?: string
}

export const sources: readonly LayoutSource[] = [
  { id: 'us', name: 'English (United States)', xkb: 'us' },
  { id: 'gb', name: 'English (United Kingdom)', xkb: 'gb' },
  { id: 'de', name: 'German (Germany, Austria)', xkb: 'de' },
  { id: 'ch-de', name: 'German (Switzerland)', xkb: 'ch' },
  { id: 'ch-fr', name: 'French (Switzerland)', xkb: 'ch', variant: 'fr' },
  { id: 'fr', name: 'French (France)', xkb: 'fr', variant: 'azerty' },
  { id: 'be', name: 'Belgian', xkb: 'be' },
  { id: 'es', name: 'Spanish', xkb: 'es', variant: 'winkeys' },
  { id: 'it', name: 'Italian', xkb: 'it', variant: 'winkeys' },
  { id: 'se', name: 'Swedish', xkb: 'se' },
  { id: 'fi', name: 'Finnish', xkb: 'fi', variant: 'winkeys' },
  { id: 'dk', name: 'Danish', xkb: 'dk', variant: 'winkeys' },
  { id: 'no', name: 'Norwegian', xkb: 'no', variant: 'winkeys' },
]

const numbered = (row: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${row}${String(index + 1).padStart(2, '0')}`)

/** Keys by their xkb names, in the rows of the tables. */
export const keyRows: readonly (readonly string[])[] = [
  ['TLDE', ...numbered('AE', 12)],
  numbered('AD', 12),
  [...numbered('AC', 11), 'BKSL'],
  ['LSGT', ...numbered('AB', 10)],
]

const accents: Readonly<Record<string, string>> = {
  grave: '`',
  acute: '´',
  circumflex: '^',
  tilde: '~',
  macron: '¯',
  breve: '˘',
  abovedot: '˙',
  diaeresis: '¨',
  abovering: '˚',
  doubleacute: '˝',
  caron: 'ˇ',
  cedilla: '¸',
  ogonek: '˛',
}

const named =
  'less < greater > ampersand & bar | at @ section § EuroSign € bracketleft [ bracketright ] braceleft { braceright } ' +
  'backslash \\ dollar $ cent ¢ sterling £ notsign ¬ degree ° guillemotleft « guillemotright » ordfeminine ª masculine º ' +
  'yen ¥ underscore _ slash / semicolon ; quotedbl " apostrophe \' question ? plus + minus - period . comma , colon : ' +
  'percent % parenleft ( parenright ) numbersign # exclam ! equal = asterisk * asciitilde ~ asciicircum ^ grave ` acute ´ ' +
  'macron ¯ copyright © registered ® trademark ™ questiondown ¿ exclamdown ¡ periodcentered · mu µ ssharp ß ' +
  'leftsinglequotemark ‘ rightsinglequotemark ’ leftdoublequotemark “ rightdoublequotemark ” singlelowquotemark ‚ ' +
  'doublelowquotemark „ multiply × division ÷ kra ĸ idotless ı eth ð ETH Ð thorn þ THORN Þ eng ŋ ENG Ŋ brokenbar ¦ ' +
  'leftarrow ← uparrow ↑ rightarrow → downarrow ↓ plusminus ± paragraph ¶ lstroke ł Lstroke Ł hstroke ħ Hstroke Ħ ' +
  'dstroke đ tslash ŧ Tslash Ŧ Greek_OMEGA Ω Greek_pi π Greek_PI Π onequarter ¼ onehalf ½ threequarters ¾ oneeighth ⅛ ' +
  'threeeighths ⅜ fiveeighths ⅝ seveneighths ⅞ onesuperior ¹ twosuperior ² threesuperior ³ currency ¤ ellipsis … endash – ' +
  'emdash — schwa ə SCHWA Ə ezh ʒ EZH Ʒ ae æ AE Æ oe œ OE Œ oslash ø Oslash Ø aring å Aring Å adiaeresis ä Adiaeresis Ä ' +
  'odiaeresis ö Odiaeresis Ö udiaeresis ü Udiaeresis Ü ccedilla ç Ccedilla Ç ntilde ñ Ntilde Ñ agrave à egrave è igrave ì ' +
  'ograve ò ugrave ù eacute é permille ‰'
const characters: Readonly<Record<string, string>> = Object.fromEntries(
  named.split(' ').flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1] ?? '']] : [])),
)

/** A cell of a table: the character, `†` and the accent of a dead key, or `∅`. */
function cellOf(keysym: string): string {
  if (keysym.length === 1) return keysym
  const [, hex] = /^U([0-9A-F]{4,5})$/.exec(keysym) ?? []
  if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
  // Accents without a character of their own are on no scanner's keyboard.
  if (keysym.startsWith('dead_')) {
    const accent = accents[keysym.slice('dead_'.length)]
    return accent === undefined ? '∅' : `†${accent}`
  }
  if (keysym === 'NoSymbol') return '∅'
  const character = characters[keysym]
  if (character === undefined) throw new Error(`no character for the keysym ${keysym}`)
  return character
}

export interface LayoutRead {
  /** By level (plain, shift, AltGr, shift and AltGr), then by row. */
  levels: readonly (readonly (readonly string[])[])[]
  /** What the decimal key of the keypad types. */
  decimal: string
}

/** One layout as xkb has it. */
export function readXkb({ xkb, variant }: LayoutSource): LayoutRead {
  const options = [
    'compile-keymap',
    '--layout',
    xkb,
    ...(variant === undefined ? [] : ['--variant', variant]),
  ]
  const keymap = execFileSync('xkbcli', options, { encoding: 'utf8' })
  const symbols = keymap.slice(keymap.indexOf('xkb_symbols'))
  const keysyms = (key: string): string[] => {
    const body = new RegExp(`key <${key}>\\s*\\{([^}]*)\\}`).exec(symbols)?.[1] ?? ''
    const list = /\[([^[\]]*)\]\s*$/.exec(body.trim())?.[1] ?? ''
    return list.split(',').map((keysym) => keysym.trim())
  }
  const levels = [0, 1, 2, 3].map((level) =>
    keyRows.map((row) => row.map((key) => cellOf(keysyms(key)[level] ?? 'NoSymbol'))),
  )
  return { levels, decimal: keysyms('KPDL')[1] === 'KP_Separator' ? ',' : '.' }
}

function write(): void {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`
  const entries = sources.map((source) => {
    const { levels, decimal } = readXkb(source)
    const lines = levels.map((rows) => `[${rows.map((row) => quoted(row.join(' '))).join(',\n')}],`)
    const { id, name } = source
    return `{ id: '${id}', name: ${quoted(name)}, decimal: '${decimal}', levels: [\n${lines.join('\n')}\n] },`
  })
  const text = `/** Keyboard layouts as xkb-data has them. Written by scripts/keyboard-layouts.ts; what Windows has otherwise stands in layouts.ts. */

/**
 * Four levels (plain, shift, AltGr, shift and AltGr) of four rows (TLDE AE01 to AE12, AD01 to AD12, AC01 to AC11 BKSL, LSGT
 * AB01 to AB10). \`†\` and an accent: a dead key. \`∅\`: nothing.
 */
export const layoutTables = [
${entries.join('\n')}
] as const
`
  writeFileSync(tablesFile, text)
  execFileSync('npx', ['biome', 'check', '--write', tablesFile])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) write()
