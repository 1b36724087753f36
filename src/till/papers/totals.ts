/** What stands below the lines of an order: total, rounding, payments, and the table of taxes. */
import type { Block } from '../../protocol/receipt.ts'
import type { PaidOrder } from '../../protocol/till/order.ts'
import { clean, labelled, largeLabelled, rule, small, table, tableFits, text } from './blocks.ts'
import type { Desk } from './desk.ts'
import { type AnyOrder, showsNet, taxMarks, taxName } from './lines.ts'

/** Subtotal where it says something, and the total in large type. */
export function totalRows(order: AnyOrder, desk: Desk): Block[] {
  const { words, format } = desk
  const { totals, lines } = order
  const blocks: Block[] = []
  if (showsNet(order)) {
    blocks.push(...labelled(words.subtotal, format.amount(totals.net)))
    blocks.push(...labelled(words.tax, format.amount(totals.tax)))
  } else if (lines.some(({ kind }) => kind !== 'item')) {
    const items = lines.filter(({ kind }) => kind === 'item').reduce((sum, { gross }) => sum + gross, 0)
    blocks.push(...labelled(words.subtotal, format.amount(items)))
  }
  return [...blocks, ...largeLabelled(words.total, format.money(totals.total))]
}

/** Rounding and what is left to pay, when it is not the total. */
export function roundingRows(total: number, due: number, { words, format }: Desk): Block[] {
  if (due === total) return []
  return [
    ...labelled(words.rounding, format.amount(due - total)),
    ...labelled(words.toPay, format.money(due), true),
  ]
}

export function paymentRows(order: PaidOrder, desk: Desk): Block[] {
  const { words, format } = desk
  const blocks: Block[] = []
  for (const { change, method, amount, reference } of order.payments) {
    if (change) continue
    blocks.push(...labelled(clean(desk.method(method)), format.amount(amount)))
    if (reference !== undefined && reference.trim() !== '') {
      blocks.push(small(`  ${words.reference} ${clean(reference)}`))
    }
  }
  if (order.change !== 0) blocks.push(...labelled(words.change, format.amount(order.change), true))
  return blocks
}

export function savingRows({ totals }: AnyOrder, { words, format }: Desk): Block[] {
  return [
    ...(totals.tip === 0 ? [] : labelled(words.tipIncluded, format.amount(totals.tip))),
    ...(totals.discounts > 0 ? labelled(words.discounts, format.amount(totals.discounts)) : []),
  ]
}

/** Base and tax of each tax, with the marks of the lines. */
export function taxTable(order: AnyOrder, desk: Desk): Block[] {
  const { totals, rules } = order
  if (totals.taxes.length === 0) return []
  const marks = taxMarks(order)
  const taxes = totals.taxes.map(({ tax, name, base, amount }) => ({
    name: withMark(
      marks.get(tax)!,
      taxName(
        rules.taxes.find(({ id }) => id === tax),
        name,
        desk,
      ),
    ),
    base,
    amount,
  }))
  return [rule, ...taxRows(taxes, totals.tax, desk)]
}

/** A table where it fits; with very large figures each on a line of its own. */
export function taxRows(
  taxes: readonly { name: string; base: number; amount: number }[],
  total: number,
  { words, format }: Desk,
): Block[] {
  const head = [words.rate, words.net, words.tax]
  const rows = taxes.map(({ name, base, amount }) => [name, format.amount(base), format.amount(amount)])
  const sum = taxes.length > 1 ? [[words.sum, '', format.amount(total)]] : []
  if (tableFits([head, ...rows, ...sum])) return table(head, [...rows, ...sum])
  return [
    ...rows.flatMap(([name, base, amount]) => [
      text(name!, 'left', true),
      ...labelled(`  ${words.net}`, base!),
      ...labelled(`  ${words.tax}`, amount!),
    ]),
    ...(taxes.length > 1 ? labelled(words.tax, format.amount(total), true) : []),
  ]
}

/** "A 21 %" of mark A and name "21 %"; the name alone when it begins so. */
function withMark(mark: string, name: string): string {
  const said = name.startsWith(`${mark} `) || (mark.length > 1 && name.includes(mark))
  return name === mark || said ? name : `${mark} ${name}`
}
