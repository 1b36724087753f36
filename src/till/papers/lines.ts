/** The lines of an order on paper: a row each, with what explains the amount below the name. */
import type { Block } from '../../protocol/receipt.ts'
import type { Tax } from '../../protocol/till/catalogue.ts'
import type { Draft, OrderLine, PaidOrder } from '../../protocol/till/order.ts'
import { clean, cleanLines, paperLimits } from './blocks.ts'
import type { Desk } from './desk.ts'
import { millionths, worth } from './exact.ts'

/** What drafts and paid orders have in common on paper. */
export type AnyOrder = Pick<PaidOrder | Draft, 'lines' | 'totals' | 'rules'>

/** Whether amounts are shown without taxes: where no price holds one. */
export function showsNet({ lines, rules }: AnyOrder): boolean {
  const used = new Set(lines.flatMap(({ taxes }) => taxes))
  const taxes = rules.taxes.filter(({ id }) => used.has(id))
  return taxes.length > 0 && !taxes.some(({ included }) => included)
}

/** What stands behind the amounts of a tax: its label, or letters when labels are missing or long. */
export function taxMarks({ totals }: AnyOrder): ReadonlyMap<string, string> {
  const labels = totals.taxes.map(({ label }) => clean(label ?? ''))
  const good = labels.every((label) => label !== '' && label.length <= paperLimits.markCharsMax)
  return new Map(totals.taxes.map(({ tax }, index) => [tax, good ? labels[index]! : letter(index)]))
}

/** A to Z, then A1, B1, … */
function letter(index: number): string {
  return String.fromCharCode(65 + (index % 26)) + (index < 26 ? '' : Math.floor(index / 26))
}

export function orderLines(order: AnyOrder, desk: Desk): Block[] {
  const net = showsNet(order)
  const marks = taxMarks(order)
  const rows = order.lines.map((line) => ({
    text: [clean(line.name), ...details(line, order, net, desk).map((detail) => `  ${detail}`)].join('\n'),
    amount: desk.format.amount(net ? line.net : line.gross),
    mark: line.taxes.map((tax) => marks.get(tax) ?? '').join(''),
  }))
  const amountWidth = Math.max(1, ...rows.map(({ amount }) => amount.length))
  const markWidth = Math.max(0, ...rows.map((row) => row.mark.length))
  // Many taxes on a line would leave no room for its name.
  const marked = markWidth > 0 && markWidth <= paperLimits.markCharsMax
  return rows.map((row) => ({
    type: 'row',
    columns: [
      { text: row.text, flex: 1 },
      { text: row.amount, width: amountWidth, align: 'right' },
      ...(marked ? [{ text: row.mark, width: markWidth }] : []),
    ],
  }))
}

/** What explains a line: how much of it at which price, what was saved, notes and lots. */
function details(line: OrderLine, order: AnyOrder, net: boolean, desk: Desk): string[] {
  const { words, format } = desk
  const lines: string[] = []
  if (line.kind === 'item') {
    const amount = net ? line.net : line.gross
    const { basis, before } = explain(line, amount, order.rules.currencyDigits)
    const unit = unitOf(line, desk)
    if (unit !== undefined || millionths(line.quantity) !== 1_000_000n || basis !== amount) {
      const quantity = format.decimal(line.quantity)
      const many = whole(unit === undefined ? quantity : `${quantity} ${unit}`)
      const one = whole(
        unit === undefined ? format.price(line.price) : `${format.unitPrice(line.price)}/${unit}`,
      )
      const isNet = basis !== amount && basis === line.net
      lines.push(`${many} x ${one}${isNet ? ` ${words.netPrice}` : ''}`)
    }
    if (millionths(line.listPrice) !== millionths(line.price)) {
      lines.push(`${words.insteadOf} ${whole(format.price(line.listPrice))}`)
    }
    if (millionths(line.discount) !== 0n) {
      const saving = basis === undefined ? '' : ` (${whole(format.amount(basis - before))})`
      lines.push(`${words.discount} ${whole(`${format.decimal(line.discount)} %`)}${saving}`)
    }
  }
  lines.push(...noteLines(line, desk))
  return lines
}

/**
 * Which amount of a line its price leads to, the one shown or the one without taxes, and what it was before the discount.
 * A cent may be missing: the last one of a tax goes to one line of many.
 */
function explain(
  line: OrderLine,
  amount: number,
  digits: number,
): { basis: number | undefined; before: number } {
  const worked = worth(line.quantity, line.price, line.discount, digits)
  const basis = [amount, line.net].find((value) => Math.abs(worked - value) <= 1)
  return { basis, before: worth(line.quantity, line.price, '0', digits) }
}

/** A figure with blanks in it that no line ends at: printers print them as blanks. */
function whole(figure: string): string {
  return figure.replaceAll(' ', '\u00a0')
}

/** Notes for the customer, and lots. */
export function noteLines(line: OrderLine, { words }: Desk): string[] {
  const lines: string[] = []
  if (line.lots.length > 0) {
    const shown = line.lots.slice(0, paperLimits.lotsMax).map(clean)
    const rest = line.lots.length - shown.length
    lines.push(`${words.lots} ${shown.join(', ')}${rest > 0 ? ` + ${rest} ${words.more}` : ''}`)
  }
  if (line.note !== undefined && line.note.trim() !== '') lines.push(...cleanLines(line.note).split('\n'))
  return lines
}

/** The unit to print; undefined for pieces. */
export function unitOf(line: OrderLine, desk: Desk): string | undefined {
  const unit = desk.unit(line.unit)
  if (line.unit === 'piece') return undefined
  if (unit === undefined) return line.unit
  return unit.category === 'piece' && millionths(unit.factor) === 1_000_000n ? undefined : clean(unit.name)
}

/** The name of a tax with its rate, as the tax table says it. */
export function taxName(tax: Tax | undefined, name: string, desk: Desk): string {
  const cleaned = clean(name)
  if (tax === undefined || tax.kind === 'fixed' || tax.kind === 'group' || /\d/.test(cleaned)) return cleaned
  return `${cleaned} ${desk.format.decimal(tax.amount)} %`
}
