/**
 * Tells a scanner that acts as a keyboard from a person: its keys come fast and end with Enter or Tab. Keys are held back for as long
 * as it may be a scan, and given back when it was a person. Pure: whoever feeds it brings the time.
 */

export const wedgeLimits = {
  /** Longest time between two keys of a scan, in ms. No hand is that fast four times in a row. */
  keyMsMax: 35,
  /** Shortest code. */
  charsMin: 4,
  /** Longest code: what the hub takes. */
  charsMax: 200,
  /** Digits by their place that make a code of a scanner which was set for another layout. */
  misplacedMin: 4,
} as const

export interface WedgeKey {
  key: string
  code: string
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
  shiftKey: boolean
}

export interface Wedged<K> {
  /** A person's keys that were held back: to be done now, in their order. */
  back: readonly K[]
  /** The key itself is not to be done after that: it is held back, or was given back with the others, or is the end of a scan. */
  held: boolean
  /** A code, whole. */
  scan?: string
}

interface Held<K> {
  key: K
  character: string
}

const groupSeparator = '\x1d'
const modifiers: ReadonlySet<string> = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock'])

export class Wedge<K extends WedgeKey> {
  #held: Held<K>[] = []
  #last = Number.NEGATIVE_INFINITY

  /** When what is held is a person's after all, if no key comes: `expire` is due then. null: nothing is held. */
  get until(): number | null {
    return this.#held.length === 0 ? null : this.#last + wedgeLimits.keyMsMax
  }

  /** `at` in ms, of any clock that only goes forward: the event's own time, which waiting in a queue does not change. */
  feed(key: K, at: number): Wedged<K> {
    // Shift before a capital: part of the next key.
    if (modifiers.has(key.key)) return { back: [], held: false }
    const back = this.expire(at)
    const character = characterOf(key, this.#held.length > 0)
    if (character !== undefined) {
      this.#held.push({ key, character })
      this.#last = at
      // No code is that long: somebody leans on the keyboard.
      return { back: this.#held.length > wedgeLimits.charsMax ? this.#giveBack() : back, held: true }
    }
    const ends = (key.key === 'Enter' || key.key === 'Tab') && !key.ctrlKey && !key.altKey && !key.metaKey
    if (ends && this.#held.length >= wedgeLimits.charsMin) {
      const scan = textOf(this.#held)
      this.#held = []
      return { back, held: true, scan }
    }
    return { back: [...back, ...this.#giveBack()], held: false }
  }

  /** Gives keys back that no other key followed in time. */
  expire(now: number): readonly K[] {
    return now - this.#last > wedgeLimits.keyMsMax ? this.#giveBack() : []
  }

  #giveBack(): readonly K[] {
    const keys = this.#held.map(({ key }) => key)
    this.#held = []
    return keys
  }
}

/** Scanners send the separator of GS1 codes as Ctrl+]. AltGr is Ctrl and Alt to some browsers. */
function characterOf({ altKey, ctrlKey, key, metaKey }: WedgeKey, running: boolean): string | undefined {
  if (running && ctrlKey && !altKey && key === ']') return groupSeparator
  const chord = metaKey || ctrlKey !== altKey
  return [...key].length === 1 && !chord ? key : undefined
}

/**
 * As it was typed; but where digits stand above (AZERTY) and the scanner does not know, `&é"'` come for `1234`: then the places of the
 * keys tell the digits.
 */
function textOf(held: readonly Held<WedgeKey>[]): string {
  const text = held.map(({ character }) => character).join('')
  const places = held.map(({ key }) => (key.shiftKey ? undefined : /^Digit(\d)$/.exec(key.code)?.[1]))
  const misplaced = places.filter((digit) => digit !== undefined).length >= wedgeLimits.misplacedMin
  if (!misplaced || /\d/.test(text)) return text
  return held.map(({ character }, at) => places[at] ?? character).join('')
}
