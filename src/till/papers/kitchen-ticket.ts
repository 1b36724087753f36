/** What the kitchen is told: large, only what changed, what is not wanted any more in white on black. */
import type { Block } from '../../protocol/receipt.ts'
import type { KitchenTicket } from '../parts.ts'
import {
  clean,
  cleanLines,
  ending,
  labelled,
  large,
  largeLabelled,
  mark,
  paperLimits,
  rule,
  text,
} from './blocks.ts'
import type { Desk } from './desk.ts'

type Change = KitchenTicket['changes'][number]

/** `at` is ms since 1970. */
export function kitchenPaper(ticket: KitchenTicket, at: number, desk: Desk): Block[] {
  const { draft, kitchen, fire, by } = ticket
  const { words, format } = desk
  return [
    text(clean(kitchen.name), 'center', true),
    ...(draft.table === null ? [] : [large(`${words.table} ${clean(desk.table(draft.table))}`)]),
    ...largeLabelled(words.tracking, String(draft.tracking)),
    ...(draft.label === undefined ? [] : [large(clean(draft.label))]),
    ...(draft.guests > 0 ? labelled(words.guests, String(draft.guests), true) : []),
    ...labelled(clean(desk.nameOf(by)), format.time(at)),
    ...(fire === undefined ? [] : [rule, mark(words.fire), large(`${words.course} ${fire}`)]),
    ...(ticket.changes.length === 0 ? [] : [rule, ...changeRows(ticket.changes, desk)]),
    ...orderNote(draft.internalNote),
    ...ending,
  ]
}

/** In the order of courses, what has none first; in each what is to be made, then what is not any more. */
function changeRows(changes: readonly Change[], desk: Desk): Block[] {
  const courses = [...new Set(changes.map(({ course }) => course ?? 0))].sort((a, b) => a - b)
  // A block for each note is more than a document holds when there are very many.
  const apart = changes.length <= paperLimits.rowsMax
  return courses.flatMap((course) => {
    const own = changes.filter((change) => (change.course ?? 0) === course)
    const gone = own.filter(isGone)
    return [
      ...(course > 0 ? [text(`-- ${desk.words.course} ${course} --`, 'center', true)] : []),
      ...own.filter((change) => !isGone(change)).flatMap((change) => changeBlocks(change, apart, desk)),
      ...(gone.length > 0 ? [mark(desk.words.kitchenCancelled, 'left')] : []),
      ...gone.flatMap((change) => changeBlocks(change, apart, desk)),
    ]
  })
}

function isGone({ quantity }: Change): boolean {
  return quantity.startsWith('-')
}

function changeBlocks(change: Change, apart: boolean, { format }: Desk): Block[] {
  const { name, quantity, note = '' } = change
  const gone = isGone(change)
  const what = `${gone ? '' : '+'}${format.decimal(quantity)} x ${clean(name)}`
  const told = note.trim() === '' ? '' : `> ${cleanLines(note)}`
  const look = { size: 2, bold: true, ...(gone ? { invert: true } : {}) }
  if (told === '' || apart) {
    const block: Block = { type: 'text', text: what, ...look }
    return told === '' ? [block] : [block, text(told, 'left', true)]
  }
  return [{ type: 'text', text: `${what}\n${told}`, ...look }]
}

function orderNote(note: string | undefined): Block[] {
  return note === undefined || note.trim() === '' ? [] : [rule, text(cleanLines(note), 'left', true)]
}
