/** The receipt of a sale or a refund, and its duplicates. */
import type { Block } from '../../protocol/receipt.ts'
import type { Customer } from '../../protocol/till/catalogue.ts'
import type { SoldOrder } from '../../protocol/till/order.ts'
import {
  clean,
  cleanLines,
  doubleRule,
  ending,
  gap,
  labelled,
  large,
  mark,
  rule,
  small,
  text,
} from './blocks.ts'
import type { Desk } from './desk.ts'
import { codes, customerRows, shopFoot, shopHead } from './head.ts'
import { orderLines } from './lines.ts'
import { paymentRows, roundingRows, savingRows, taxTable, totalRows } from './totals.ts'

export interface ReceiptFacts {
  customer: Customer | undefined
  /** References of what it refunds; empty for a sale, or when they are not known. */
  refundOf: readonly string[]
  /** Which duplicate it is, from 1, and when it is printed (ms since 1970); undefined for the original. */
  duplicate: { number: number; at: number } | undefined
}

/** Characters of the hash on paper: enough to find the entry and to see that it is the same. */
const hashChars = 12

export function receiptPaper(order: SoldOrder, facts: ReceiptFacts, desk: Desk): Block[] {
  const { words, format } = desk
  const marks = duplicateMark(facts, desk)
  return [
    ...marks,
    ...(marks.length > 0 ? [gap] : []),
    ...shopHead(desk),
    text(order.refund ? words.refund : words.receipt, 'center', true),
    large(order.reference),
    ...(facts.refundOf.length === 0
      ? []
      : [text(`${words.refundOf} ${facts.refundOf.join(', ')}`, 'center', true)]),
    text(format.time(order.paidAt), 'center'),
    ...orderFacts(order, desk),
    ...customerRows(facts.customer, order.invoice, desk),
    rule,
    ...orderLines(order, desk),
    ...orderNote(order),
    rule,
    ...totalRows(order, desk),
    ...roundingRows(order.totals.total, order.paid, desk),
    ...paymentRows(order, desk),
    ...savingRows(order, desk),
    ...taxTable(order, desk),
    doubleRule,
    small(`${words.ledger} ${order.ledger.seq} ${order.ledger.hash.slice(0, hashChars)}`, 'center'),
    ...codes(order.id, order.reference, desk),
    ...shopFoot(desk),
    ...(marks.length > 0 ? [gap] : []),
    ...marks,
    ...ending,
  ]
}

/** Who, where, for whom: the rows between the number and the lines. */
export function orderFacts(
  order: Pick<SoldOrder, 'employee' | 'table' | 'guests' | 'label'>,
  desk: Desk,
): Block[] {
  const { words } = desk
  const blocks = desk.register === undefined ? [] : labelled(words.register, clean(desk.register.name))
  blocks.push(...labelled(words.servedBy, clean(desk.nameOf(order.employee))))
  if (order.table !== null) blocks.push(...labelled(words.table, clean(desk.table(order.table))))
  if (order.guests > 0) blocks.push(...labelled(words.guests, String(order.guests)))
  if (order.label !== undefined && order.label.trim() !== '') {
    blocks.push(...labelled(words.tracking, clean(order.label)))
  }
  return blocks
}

/** What the customer wants of the whole order. */
export function orderNote({ note }: Pick<SoldOrder, 'note'>): Block[] {
  return note === undefined || note.trim() === '' ? [] : [gap, text(cleanLines(note))]
}

function duplicateMark({ duplicate }: ReceiptFacts, { words, format }: Desk): Block[] {
  if (duplicate === undefined) return []
  return [
    mark(`${words.duplicate} ${duplicate.number}`),
    text(`${words.duplicateAt}\n${format.time(duplicate.at)}`, 'center'),
  ]
}
