/** The slip that goes with cash put into the drawer or taken out. */
import type { Block } from '../../protocol/receipt.ts'
import type { CashMove } from '../../protocol/till/session.ts'
import { clean, cleanLines, ending, labelled, large, largeLabelled, rule, signature, text } from './blocks.ts'
import type { Desk } from './desk.ts'

export function cashSlip(move: CashMove, desk: Desk): Block[] {
  const { words, format, shop, register } = desk
  return [
    text(clean(shop.name), 'center', true),
    large(move.amount < 0 ? words.cashOut : words.cashIn),
    text(format.time(move.at), 'center'),
    rule,
    ...labelled(words.register, clean(register?.name ?? '')),
    ...labelled(words.by, clean(desk.nameOf(move.by))),
    text(words.reason),
    text(cleanLines(move.reason), 'left', true),
    rule,
    ...largeLabelled(move.amount < 0 ? words.cashOut : words.cashIn, format.money(move.amount)),
    ...signature(words.signature),
    ...ending,
  ]
}
