/** The gift receipt: what was bought and where, without a price. */
import type { Block } from '../../protocol/receipt.ts'
import type { SoldOrder } from '../../protocol/till/order.ts'
import { clean, ending, large, rule, small, text } from './blocks.ts'
import type { Desk } from './desk.ts'
import { shopFoot, shopHead } from './head.ts'
import { noteLines, unitOf } from './lines.ts'

export function giftPaper(order: SoldOrder, desk: Desk): Block[] {
  const { words, format } = desk
  const items = order.lines.filter(({ kind }) => kind === 'item')
  const quantities = items.map((line) => {
    const unit = unitOf(line, desk)
    return `${format.decimal(line.quantity)} ${unit ?? 'x'}`
  })
  const width = Math.max(1, ...quantities.map((quantity) => quantity.length))
  return [
    ...shopHead(desk),
    text(words.gift, 'center', true),
    large(order.reference),
    text(format.time(order.paidAt), 'center'),
    rule,
    ...items.map((line, index): Block => {
      const name = [clean(line.name), ...noteLines(line, desk).map((note) => `  ${note}`)].join('\n')
      return {
        type: 'row',
        columns: [
          { text: quantities[index]!, width, align: 'right' },
          { text: name, flex: 1 },
        ],
      }
    }),
    rule,
    small(words.giftNote, 'center'),
    { type: 'qr', data: order.reference, align: 'center', module: 5 },
    ...shopFoot(desk),
    ...ending,
  ]
}
