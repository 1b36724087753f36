/** Decisions about a document that need no page: its direction, its sizes, its columns. */
import type { DisplayShowPayload } from '../../protocol/job.ts'

/** Letters with a direction: Hebrew, Arabic and their neighbours, then every other letter. */
const firstStrong = /([\u0590-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc])|\p{L}/u

/** Where the text begins: by the first letter of what the customer reads first, as `dir=auto` does for one element. */
export function directionOf(document: DisplayShowPayload): 'ltr' | 'rtl' {
  const { items = [], lines = [], message, total } = document
  const texts = [...items.map(({ text }) => text), message, total?.label, ...lines]
  for (const text of texts) {
    const letter = firstStrong.exec(text ?? '')
    if (letter !== null) return letter[1] === undefined ? 'ltr' : 'rtl'
  }
  return 'ltr'
}

/** `huge` for a word of thanks, `small` for what must be read. */
export function messageSize(text: string, alone: boolean): 'huge' | 'large' | 'medium' | 'small' {
  const room = alone ? 1 : 2
  const characters = text.length * room
  if (characters <= 24) return 'huge'
  if (characters <= 70) return 'large'
  return characters <= 200 ? 'medium' : 'small'
}

/** A line for a display of letters is set with spaces: `Coffee      2.50` is two columns. */
export function splitLine(line: string): readonly [start: string, end: string | undefined] {
  const [, start, end] = /^(.*\S) {2,}(\S.*)$/.exec(line.trim()) ?? []
  return start === undefined ? [line.trim(), undefined] : [start, end]
}

/** Characters of the widest line as it will be set. */
export function widestLine(lines: readonly string[]): number {
  return Math.max(
    0,
    ...lines.map((line) => {
      const [start, end] = splitLine(line)
      return start.length + (end === undefined ? 0 : end.length + 2)
    }),
  )
}
