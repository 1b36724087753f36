/** Finding out what a scanner is programmed for: a code that is typed differently on every keyboard, and who typed it. */
import { keyReader, type ReadKeys } from './key-reports.ts'
import { type LayoutId, layouts } from './layouts.ts'
import type { HidKeyboardScannerSettings } from './settings.ts'
import { type Stroke, Strokes } from './strokes.ts'
import { Typing, type TypingOptions } from './typing.ts'

export const teachingLimits = {
  /** Strokes that a typist remembers; older ones are forgotten. */
  strokesMax: 512,
  randomDigits: 4,
} as const

/**
 * Every two layouts of ours have one of these on different keys, except Swiss German and Swiss French, which have the same
 * ASCII, and the Nordic ones, which differ in `\` and `|` only. All of them are in Code 128.
 */
const telling = ['y', 'z', 'q', 'w', 'a', 'm', 'A', '-', '/', ';', '+', "'", '<', '@'] as const

/**
 * A code to be printed as Code 128 and scanned: the telling characters and some digits, shuffled. `random` gives `n` whole
 * numbers of at least 8 bits (bytes), as a system's source of randomness does.
 */
export function teachingCode(random: (n: number) => readonly number[]): string {
  const digits = random(teachingLimits.randomDigits).map((number) => String(number % 10))
  const characters = [...telling, ...digits]
  const order = random(characters.length)
  for (let left = characters.length - 1; left > 0; left--) {
    const other = (order[left] ?? 0) % (left + 1)
    const swapped = characters[left] as string
    characters[left] = characters[other] as string
    characters[other] = swapped
  }
  return characters.join('')
}

/** The settings under which a scanner's keys spell a code. */
export type Spelling = Pick<HidKeyboardScannerSettings, 'layout' | 'capsLock' | 'capsLockKeys'>

export interface Typist {
  /** Takes an input report of the keyboard. */
  feed(report: Uint8Array): void
  /**
   * Layouts under which a line typed since the last `clear` is the code; those that cannot be told apart come together, and all
   * of them when the scanner types ALT codes.
   */
  spells(code: string): LayoutId[]
  /** The same with Caps Lock, as settings of a device. */
  spellings(code: string): Spelling[]
  clear(): void
}

const capsLocks: readonly Omit<Spelling, 'layout'>[] = [
  { capsLock: 'off', capsLockKeys: 'letters' },
  { capsLock: 'on', capsLockKeys: 'letters' },
  { capsLock: 'on', capsLockKeys: 'all' },
]

/** Listens to one keyboard. `descriptor`: its report descriptor, empty when the system does not tell. */
export function createTypist(descriptor: Uint8Array): Typist {
  const read: ReadKeys = keyReader(descriptor)
  const tracker = new Strokes()
  let strokes: Stroke[] = []
  // Asked again after each report, of which most let a key go.
  let last: { code: string; spellings: Spelling[] } | undefined
  const spellings = (code: string): Spelling[] => {
    if (last?.code === code) return last.spellings
    const found = layouts.flatMap(({ id }) => {
      const caps = capsLocks.find((each) => spellsUnder(strokes, { layout: id, ...each }, code))
      return caps === undefined ? [] : [{ layout: id, ...caps }]
    })
    last = { code, spellings: found }
    return found
  }
  return {
    feed(report) {
      const state = read(report)
      if (state === undefined) return
      const added = tracker.take(state)
      if (added.length === 0) return
      last = undefined
      strokes.push(...added)
      if (strokes.length > teachingLimits.strokesMax) strokes = strokes.slice(-teachingLimits.strokesMax)
    },
    spells: (code) => spellings(code).map(({ layout }) => layout),
    spellings,
    clear() {
      strokes = []
      last = undefined
    },
  }
}

/** True when one of the lines typed is the code, with or without STX and an AIM identifier before it. */
function spellsUnder(strokes: readonly Stroke[], { layout, ...caps }: Spelling, code: string): boolean {
  const options: TypingOptions = { ...caps, deadKeys: 'compose', altPage: 'cp437', gsKeys: [] }
  const found = layouts.find(({ id }) => id === layout)
  if (found === undefined || code === '') return false
  const typing = new Typing(found, options)
  const text = strokes.map((stroke) => typing.type(stroke)).join('') + typing.flush()
  return text
    .split(/[\r\n\t]/)
    .some(
      (line) => line.endsWith(code) && /^\x02?(\][A-Za-z][0-9A-Za-z])?$/.test(line.slice(0, -code.length)),
    )
}
