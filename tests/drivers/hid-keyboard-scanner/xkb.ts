/** How a scanner types on a keyboard, by somebody else's word: libxkbcommon, and the key codes of Linux. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
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

/** One run for all layouts: a program a character would be thousands. */
const script = fileURLToPath(new URL('xkb.py', import.meta.url))
const layoutIds = Object.keys(xkbNames) as LayoutId[]
const answers: unknown = JSON.parse(
  execFileSync('python3', [script, ...layoutIds.map((id) => xkbNames[id].join(':'))], { encoding: 'utf8' }),
)
type Answer = [code: number, level: number, keysym: string, point: number]
const known = new Map(
  layoutIds.map((id, index) => {
    const places = new Map<string, XkbPlace[]>()
    for (const [code, level, keysym, point] of (answers as Answer[][])[index] ?? []) {
      const usage = usages.get(code - 8)
      if (usage === undefined) continue
      const what = point === 0 ? keysym : String.fromCodePoint(point)
      places.set(what, [...(places.get(what) ?? []), { usage, level }])
    }
    return [id, places]
  }),
)

/** Where a character (or, with `dead_` and a name, a dead key) is on a keyboard; the keys of letters and signs only. */
export function placesOf(layout: LayoutId, what: string): XkbPlace[] {
  return [...(known.get(layout)?.get(what) ?? [])]
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
