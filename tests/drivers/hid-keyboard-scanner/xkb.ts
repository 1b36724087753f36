/** How a scanner types on a keyboard, by somebody else's word: xkbcli of libxkbcommon, and the key codes of Linux. */
import { execFileSync } from 'node:child_process'
import type { LayoutId } from '../../../src/drivers/scanners/hid-keyboard-scanner/layouts.ts'
import type { TwinKey } from '../../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'

export const xkbNames: Readonly<Record<LayoutId, readonly string[]>> = {
  us: ['us'],
  gb: ['gb'],
  de: ['de'],
  'ch-de': ['ch'],
  'ch-fr': ['ch', 'fr'],
  fr: ['fr', 'azerty'],
  be: ['be'],
  es: ['es', 'winkeys'],
  it: ['it', 'winkeys'],
  se: ['se'],
  fi: ['fi', 'winkeys'],
  dk: ['dk', 'winkeys'],
  no: ['no', 'winkeys'],
}

/** Key codes of Linux for the usages 04 to 38, as its HID driver has them. */
const linuxCodes = [
  30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2,
  3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53,
]
const usages = new Map<number, number>([[86, 0x64]])
linuxCodes.forEach((code, index) => {
  if (!usages.has(code)) usages.set(code, 0x04 + index)
})

const modifiersOf = [0, 0x02, 0x40, 0x42]

export interface XkbPlace {
  usage: number
  /** 0 plain, 1 shift, 2 AltGr, 3 both. */
  level: number
}

const known = new Map<string, XkbPlace[]>()

function ask(question: readonly string[]): string {
  try {
    return execFileSync('xkbcli', ['how-to-type', ...question], { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    // It has no such key.
    return ''
  }
}

/** Where a character (or, with `dead_` and a name, a dead key) is on a keyboard; the keys of letters and signs only. */
export function placesOf(layout: LayoutId, what: string): XkbPlace[] {
  const key = `${layout} ${what}`
  const before = known.get(key)
  if (before !== undefined) return before
  const [name = '', variant] = xkbNames[layout]
  const point = what.codePointAt(0)?.toString(16) ?? ''
  // A sign may stand in a keyboard by its name or by its number in Unicode.
  const asked = what.startsWith('dead_')
    ? [['--keysym', what]]
    : [
        [`0x${point}`],
        ...(point.length > 2 ? [['--keysym', `U${point.toUpperCase().padStart(4, '0')}`]] : []),
      ]
  const options = ['--layout', name, ...(variant === undefined ? [] : ['--variant', variant])]
  const answer = asked.map((question) => ask([...options, ...question])).join('\n')
  const places = [...answer.matchAll(/^(\d+)\s+\w{4}\s.*?\s([1-4])\s+\[([^\]]*)\]\s*$/gm)].flatMap(
    ([, code, level, modifiers]) => {
      const usage = usages.get(Number(code) - 8)
      return usage === undefined || modifiers?.includes('Lock') === true
        ? []
        : [{ usage, level: Number(level) - 1 }]
    },
  )
  known.set(key, places)
  return places
}

const deadNames: Readonly<Record<string, string>> = {
  '\u0300': 'grave',
  '\u0301': 'acute',
  '\u0302': 'circumflex',
  '\u0303': 'tilde',
  '\u0308': 'diaeresis',
  '\u0327': 'cedilla',
  '\u030c': 'caron',
}
const spacing: Readonly<Record<string, string>> = {
  '`': 'grave',
  '´': 'acute',
  '^': 'circumflex',
  '~': 'tilde',
  '¨': 'diaeresis',
}

/** Where a sign is printed on the keyboard, where xkb has it on another key as well. */
const printedOn: Partial<Record<LayoutId, Readonly<Record<string, number>>>> = { it: { '@': 0x33 } }

/** The keys of a character, dead keys included; undefined when the keyboard has none. */
export function keysOn(layout: LayoutId): (character: string) => readonly TwinKey[] | undefined {
  const press = (what: string): TwinKey | undefined => {
    const places = placesOf(layout, what).sort((a, b) => a.level - b.level)
    const place = places.find(({ usage }) => usage === printedOn[layout]?.[what]) ?? places[0]
    return place === undefined ? undefined : { key: place.usage, modifiers: modifiersOf[place.level] ?? 0 }
  }
  return (character) => {
    const direct = press(character)
    // Windows has these as dead keys, and scanners type for Windows: a space goes after them.
    const isDeadOnWindows =
      (layout === 'fr' && '~`'.includes(character)) || (layout === 'es' && character === '~')
    if (direct !== undefined) return isDeadOnWindows ? [direct, { key: 0x2c }] : [direct]
    const accent = spacing[character]
    const [base = '', mark = ''] = character.normalize('NFD')
    const dead = press(`dead_${accent ?? deadNames[mark]}`)
    const letter = accent === undefined ? press(base) : { key: 0x2c }
    return dead === undefined || letter === undefined ? undefined : [dead, letter]
  }
}
