/** What comes back of a paid order: its lines turned round, at what was paid for them. */
import { HubError } from '../../protocol/errors.ts'
import type { OrderLine, PaidOrder } from '../../protocol/till/order.ts'
import type { PricedLine } from './contract.ts'
import {
  absolute,
  add,
  compare,
  divide,
  fromInteger,
  multiply,
  negate,
  one,
  parseDecimal,
  type Rational,
  roundToDigits,
  sign,
  subtract,
  toText,
  zero,
} from './decimal.ts'
import { quantityText } from './quantity.ts'

export interface RefundWish {
  line: string
  /** How much of it comes back now, above zero. */
  quantity: string
  /** Which of its lots; left out: all of them when all of it comes back. */
  lots?: readonly string[] | undefined
}

export type RefundedOrder = Pick<PaidOrder, 'id' | 'refund' | 'lines'> & {
  rules: Pick<PaidOrder['rules'], 'currencyDigits' | 'taxes'>
}

/**
 * Lines of the order that brings goods back: those of the original with the sign turned, under their own ids. `wanted` left out:
 * everything that has not come back yet. `alreadyBack`: line to how much came back before. The discount of the order comes back
 * in proportion, so that several refunds add up to all of it; the tip only with the last of the goods. Compute them without a
 * discount or tip of their own. Throws `refund_exceeded`, `till_unknown`, and `till_invalid` for what cannot come back.
 */
export function refundLines(
  order: RefundedOrder,
  wanted: readonly RefundWish[] | undefined,
  alreadyBack: Readonly<Record<string, string>>,
): PricedLine[] {
  if (order.refund)
    throw new HubError('till_invalid', {
      path: 'order',
      reason: 'a refund cannot come back; sell the goods anew',
    })
  const goods = order.lines.filter(isReturnable).map((line) => goodsOf(order.id, line, alreadyBack[line.id]))
  const items =
    wanted === undefined
      ? goods.filter(({ left }) => sign(left) > 0).map(whole)
      : chosen(order, goods, wanted)
  const now = new Map(items.map(({ id, quantity }) => [id, absolute(parseDecimal(quantity))]))
  const after = goods.map((good) => ({ ...good, back: add(good.back, now.get(good.line.id) ?? zero) }))
  const discounts = order.lines
    .filter(({ kind }) => kind === 'discount')
    .flatMap((line) => mirroredDiscount(line, goods, after, order.rules))
  const isLast = items.length > 0 && after.every(({ back, sold }) => compare(back, sold) === 0)
  const tips = isLast ? order.lines.filter(({ kind }) => kind === 'tip') : []
  return [...items, ...discounts, ...tips.map((line) => mirrored(line, negate(parseDecimal(line.quantity))))]
}

interface Goods {
  order: string
  line: OrderLine
  /** Sizes, not negative: a line that was negative itself comes back the other way round. */
  sold: Rational
  back: Rational
  left: Rational
}

/** What came back from another order is no sale that could be undone here. */
const isReturnable = ({ kind, refundOf }: OrderLine) => kind === 'item' && refundOf === undefined

function goodsOf(order: string, line: OrderLine, alreadyBack: string | undefined): Goods {
  const sold = absolute(parseDecimal(line.quantity))
  const back = absolute(parseDecimal(alreadyBack ?? '0', 'alreadyBack'))
  return { order, line, sold, back, left: subtract(sold, back) }
}

function chosen(order: RefundedOrder, goods: readonly Goods[], wanted: readonly RefundWish[]): PricedLine[] {
  const seen = new Set<string>()
  return wanted.map(({ line: id, quantity, lots }, index) => {
    const path = `lines.${index}`
    const good = goods.find(({ line }) => line.id === id)
    if (good === undefined) {
      if (!order.lines.some((line) => line.id === id))
        throw new HubError('till_unknown', { kind: 'line', id, path: `${path}.line` })
      const reason = `the line ${id} does not come back by itself: name goods that were sold`
      throw new HubError('till_invalid', { path, reason })
    }
    if (seen.has(id)) throw new HubError('till_invalid', { path, reason: `the line ${id} is named twice` })
    seen.add(id)
    const size = parseDecimal(quantity, `${path}.quantity`)
    if (sign(size) <= 0)
      throw new HubError('till_invalid', { path: `${path}.quantity`, reason: 'is not above zero' })
    if (compare(size, good.left) > 0)
      throw new HubError('refund_exceeded', { line: good.line.name, left: quantityText(good.left) })
    return part(good, size, lots, path)
  })
}

const whole = (good: Goods): PricedLine => part(good, good.left, undefined, 'lines')

function part(
  { order, line, sold }: Goods,
  size: Rational,
  lots: readonly string[] | undefined,
  path: string,
): PricedLine {
  const foreign = lots?.find((lot) => !line.lots.includes(lot))
  if (foreign !== undefined)
    throw new HubError('till_invalid', {
      path: `${path}.lots`,
      reason: `${foreign} was not sold with this line`,
    })
  const isAll = compare(size, sold) === 0
  const turned = mirrored(line, sign(parseDecimal(line.quantity)) < 0 ? size : negate(size))
  // Which of several lots a part is of, only whoever takes it back can tell.
  return {
    ...turned,
    refundOf: { order, line: line.id },
    lots: [...(lots ?? (isAll || line.lots.length === 1 ? line.lots : []))],
  }
}

/** Without what was for the kitchen and the scale: nothing is cooked or weighed again. */
function mirrored(line: OrderLine, quantity: Rational): PricedLine {
  const { net, tax, gross, internalNote, course, weighing, refundOf, ...kept } = line
  return { ...kept, quantity: quantityText(quantity), priceKind: 'original' }
}

/**
 * The share of a discount that the goods had which come back now: what belongs to everything that is back after it, less what
 * belonged to what was back before, each rounded to the currency, so that the parts add up to the discount itself.
 */
function mirroredDiscount(
  line: OrderLine,
  before: readonly Goods[],
  after: readonly Goods[],
  { currencyDigits: digits, taxes }: RefundedOrder['rules'],
): PricedLine[] {
  const price = parseDecimal(line.price)
  // A discount bears no fixed taxes, whatever the goods do.
  const fixed = new Set(taxes.filter(({ kind }) => kind === 'fixed').map(({ id }) => id))
  const upTo = (goods: readonly Goods[]) => {
    const share = shareOf(line, goods, fixed)
    return compare(share, one) === 0 ? price : roundToDigits(multiply(price, share), digits)
  }
  const now = subtract(upTo(after), upTo(before))
  if (sign(now) === 0) return []
  const turned = mirrored(line, negate(parseDecimal(line.quantity)))
  return [{ ...turned, price: toText(now, 6, digits) }]
}

/** 0 to 1, by what the goods cost; of the whole order where no goods with the same taxes are left to tell. */
function shareOf(discount: OrderLine, goods: readonly Goods[], fixed: ReadonlySet<string>): Rational {
  const combination = discount.taxes.join(' ')
  const same = goods.filter(({ line }) => line.taxes.filter((id) => !fixed.has(id)).join(' ') === combination)
  const told = same.length > 0 ? same : goods
  const all = told.reduce((total, { line }) => add(total, fromInteger(line.gross)), zero)
  if (sign(all) === 0) return told.every(({ back, sold }) => compare(back, sold) === 0) ? one : zero
  const back = told.map(({ line, back, sold }) =>
    sign(sold) === 0 ? zero : multiply(fromInteger(line.gross), divide(back, sold)),
  )
  return divide(back.reduce(add, zero), all)
}
