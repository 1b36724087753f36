/** The bill of a restaurant: what is to be paid, and that it is no receipt. */
import type { Block } from '../../protocol/receipt.ts'
import type { Customer } from '../../protocol/till/catalogue.ts'
import type { Draft } from '../../protocol/till/order.ts'
import { ending, gap, large, mark, rule, small, text } from './blocks.ts'
import type { Desk } from './desk.ts'
import { customerRows, shopFoot, shopHead } from './head.ts'
import { orderLines } from './lines.ts'
import { orderFacts, orderNote } from './receipt.ts'
import { roundingRows, savingRows, taxTable, totalRows } from './totals.ts'

/** `at` is ms since 1970. */
export function billPaper(draft: Draft, customer: Customer | undefined, at: number, desk: Desk): Block[] {
  const { words, format } = desk
  const due = draft.totals.total + draft.totals.rounding
  return [
    ...shopHead(desk),
    mark(words.billMark),
    gap,
    large(`${words.bill} ${draft.tracking}`),
    text(format.time(at), 'center'),
    ...(draft.bills > 1 ? [text(`${words.billPrint} ${draft.bills}`, 'center')] : []),
    ...orderFacts(draft, desk),
    ...customerRows(customer, false, desk),
    rule,
    ...orderLines(draft, desk),
    ...orderNote(draft),
    rule,
    ...totalRows(draft, desk),
    ...roundingRows(draft.totals.total, due, desk),
    ...savingRows(draft, desk),
    ...taxTable(draft, desk),
    rule,
    small(words.billNote, 'center'),
    ...shopFoot(desk),
    gap,
    mark(words.billMark),
    ...ending,
  ]
}
