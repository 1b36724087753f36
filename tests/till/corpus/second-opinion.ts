/**
 * The figures of an order a second time: with a decimal library, in its own way, from the rules alone. Shares nothing with the
 * engine but the words of the wire. Taxes of a line arrive in the order of their computing. Written from the reference on calculation;
 * where that leaves a choice, docs/till-money.md makes it.
 */
import { Decimal } from 'decimal.js'
import type { Outcome, WorkedLine, WorkedOrder, WorkedTax } from './worked-order.ts'

const D = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP })
const decimal = (value: Decimal.Value) => new D(value)
const sum = (values: readonly Decimal[]) => values.reduce((total, value) => total.plus(value), decimal(0))
const add = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** A third times three is one: what eighty digits cannot say is put right at the fiftieth before a tie is judged. */
const whole = (value: Decimal) =>
  value.toDecimalPlaces(50).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber() + 0

interface Worked {
  line: WorkedLine
  taxes: readonly WorkedTax[]
  refund: boolean
  /** Minor units, not rounded but in the per-line way. */
  amounts: Decimal[]
  bases: Decimal[]
  net: Decimal
}

export function secondOpinion(asked: WorkedOrder): Outcome {
  const order = withoutGroups(asked)
  const scale = decimal(10).pow(order.digits)
  const taxOf = new Map(order.taxes.map((tax) => [tax.id, tax]))
  const work = (line: WorkedLine) => workLine(line, taxOf, scale, order.rounding === 'per-line')
  const discounts = discountLines(order, taxOf)
  const tips: WorkedLine[] =
    (order.tip ?? 0) === 0
      ? []
      : [
          {
            id: '~tip',
            quantity: '1',
            price: decimal(order.tip ?? 0)
              .div(scale)
              .toString(),
            taxes: order.tipTaxes ?? [],
          },
        ]
  const worked = [...order.lines, ...discounts, ...tips].map(work)
  const figures = order.rounding === 'per-line' ? eachForItself(worked) : together(worked)
  const rows = new Map<string, { tax: string; base: number; amount: number }>()
  for (const { taxes, amounts, bases } of figures) {
    taxes.forEach((tax, index) => {
      const row = rows.get(tax) ?? { tax, base: 0, amount: 0 }
      row.base += bases[index] ?? 0
      row.amount += amounts[index] ?? 0
      rows.set(tax, row)
    })
  }
  const lines = figures.map(({ id, net, amounts }) => {
    const tax = add(amounts)
    return { id, net, tax, gross: net + tax }
  })
  const net = add(lines.map((line) => line.net))
  const tax = add(lines.map((line) => line.tax))
  const total = net + tax
  const rounding =
    order.cashRounding === undefined || order.cashRounding.cashOnly
      ? 0
      : roundTo(total, order.cashRounding) - total
  const isDiscount = (id: string) => id.startsWith('~discount')
  return {
    lines: lines.filter(({ id }) => !id.startsWith('~')),
    discounts: lines
      .filter(({ id }) => isDiscount(id))
      .map(({ id, ...rest }) => ({
        taxes: discounts.find((line) => line.id === id)?.taxes.join(' ') ?? '',
        ...rest,
      })),
    taxes: [...rows.values()],
    net,
    tax,
    total,
    rounding,
    tip: order.tip ?? 0,
    saved: savings(order, total),
    ...(order.payments !== undefined && { settled: settled(order, total + rounding) }),
  }
}

/** 2.2 step 3: groups are flattened, their members in sequence. */
function withoutGroups(order: WorkedOrder): WorkedOrder {
  const groups = new Map(order.taxes.filter(({ kind }) => kind === 'group').map((tax) => [tax.id, tax]))
  if (groups.size === 0) return order
  const place = (id: string) => order.taxes.find((tax) => tax.id === id)?.sequence ?? 0
  const opened = (ids: readonly string[]): string[] =>
    [...ids]
      .sort((a, b) => place(a) - place(b))
      .flatMap((id) => {
        const group = groups.get(id)
        return group === undefined ? [id] : opened(group.children ?? [])
      })
  return { ...order, lines: order.lines.map((line) => ({ ...line, taxes: opened(line.taxes) })) }
}

/** 2.2: price after discount is not rounded; quantity times it is the base, rounded now only per line. */
function workLine(
  line: WorkedLine,
  taxOf: ReadonlyMap<string, WorkedTax>,
  scale: Decimal,
  perLine: boolean,
): Worked {
  const taxes = line.taxes.map((id) => taxOf.get(id)!)
  const after = decimal(line.price)
    .times(decimal(100).minus(line.discount ?? 0))
    .div(100)
  const exact = decimal(line.quantity).times(after).times(scale)
  const keep = (value: Decimal) => (perLine ? decimal(whole(value)) : value)
  const base = keep(exact)
  const amounts = taxes.map(() => decimal(0))
  const bases = taxes.map(() => base)
  /** Whether the tax at this place is computed already: its base may still move, its amount not. */
  const done = taxes.map(() => false)
  const taxable = taxes.map(() => base)
  const shift = (place: number, by: Decimal) => {
    bases[place] = bases[place]!.plus(by)
    if (!done[place]) taxable[place] = taxable[place]!.plus(by)
  }
  const tell = (batch: readonly number[]) => {
    const [first, last] = [batch[0]!, batch.at(-1)!]
    for (const place of batch) {
      const tax = taxes[place]!
      const amount = amounts[place]!
      for (let other = 0; other < taxes.length; other++) {
        if (other >= first && other <= last) continue
        if (tax.included) {
          // What is in the price belongs to no base before it, and behind it only to those that it raises.
          if (other < first) shift(other, amount.negated())
          else if (!tax.affectsBase || taxes[other]!.baseAffected === false) shift(other, amount.negated())
        } else if (tax.affectsBase && other > last && (taxes[other]!.baseAffected ?? true))
          shift(other, amount)
      }
    }
    if (taxes[first]!.included) {
      const all = sum(batch.map((place) => amounts[place]!))
      for (const place of batch) bases[place] = bases[place]!.minus(all)
    }
  }
  const sign = Math.sign(decimal(line.price).toNumber()) || 1
  taxes.forEach((tax, place) => {
    if (tax.kind !== 'fixed') return
    amounts[place] = keep(decimal(line.quantity).times(tax.amount).times(scale).times(sign))
    done[place] = true
    tell([place])
  })
  const batches = batchesOf(taxes)
  for (const batch of [
    ...batches.filter(([place]) => taxes[place!]!.included).reverse(),
    ...batches.filter(([place]) => !taxes[place!]!.included),
  ]) {
    const rates = sum(batch.map((place) => decimal(taxes[place]!.amount).div(100)))
    for (const place of batch) {
      const { kind, included, amount } = taxes[place]!
      const part = taxable[place]!.times(amount).div(100)
      if (kind === 'percent') amounts[place] = keep(included ? part.div(rates.plus(1)) : part)
      else amounts[place] = keep(included ? part : part.div(decimal(1).minus(rates)))
    }
    for (const place of batch) done[place] = true
    tell(batch)
  }
  const inside = sum(amounts.filter((_, place) => taxes[place]!.included))
  // Reverse charge is computed and taken off again.
  const due = amounts.map((amount, place) => (taxes[place]!.reverseCharge ? decimal(0) : amount))
  const value = decimal(line.quantity).times(line.price)
  const refund = value.isZero() ? decimal(line.quantity).lt(0) : value.lt(0)
  return { line, taxes, refund, amounts: due, bases, net: base.minus(inside) }
}

/**
 * 2.2 step 3: neighbours of the same type, the same "included" and the same "affects base" are computed together - but never a
 * tax with one whose base it raises (step 6).
 */
function batchesOf(taxes: readonly WorkedTax[]): number[][] {
  const batches: number[][] = []
  taxes.forEach((tax, place) => {
    if (tax.kind === 'fixed') return
    const before = place === 0 ? undefined : taxes[place - 1]
    const together =
      before !== undefined &&
      before.kind === tax.kind &&
      (before.included ?? false) === (tax.included ?? false) &&
      (before.affectsBase ?? false) === (tax.affectsBase ?? false) &&
      !(before.affectsBase && (tax.baseAffected ?? true))
    if (together) batches.at(-1)!.push(place)
    else batches.push([place])
  })
  return batches
}

interface Rounded {
  id: string
  taxes: string[]
  amounts: number[]
  bases: number[]
  net: number
}

/** 2.3 per line: everything is whole already. */
function eachForItself(worked: readonly Worked[]): Rounded[] {
  return worked.map(({ line, amounts, bases, net }) => ({
    id: line.id,
    taxes: line.taxes,
    amounts: amounts.map(whole),
    bases: bases.map(whole),
    net: whole(net),
  }))
}

/**
 * 2.3 per tax: sums by (tax, refund) are rounded, and the cents that are over go to the lines, the largest first. A side of the
 * order, sold or returned, whose taxes are all in the price keeps the sum of its price tags; any other the sum without taxes.
 */
function together(worked: readonly Worked[]): Rounded[] {
  const rounded = eachForItself(worked)
  for (const refund of [false, true]) {
    const places = worked.flatMap((work, place) => (work.refund === refund ? [place] : []))
    const columns = new Map<string, { place: number; index: number }[]>()
    for (const place of places) {
      worked[place]!.taxes.forEach(({ id }, index) => {
        columns.set(id, [...(columns.get(id) ?? []), { place, index }])
      })
    }
    const left = [...columns].map(([id, members]) => {
      const raw = members.map(({ place, index }) => worked[place]!.amounts[index]!)
      const cents = deal(raw, places.length === 0 ? [] : members.map(({ place }) => worked[place]!))
      members.forEach(({ place, index }, at) => {
        rounded[place]!.amounts[index] = cents[at]!
      })
      const tax = worked[members[0]!.place]!.taxes.find((candidate) => candidate.id === id)!
      return !(tax.included ?? false) && add(cents) !== 0
    })
    const onTop = left.includes(true)
    const side = places.map((place) => worked[place]!)
    const nets = side.map(({ net }) => net)
    const tags = side.map(({ net, amounts }) => net.plus(sum(amounts)))
    const kept = deal(onTop ? nets : tags, side)
    places.forEach((place, at) => {
      rounded[place]!.net = kept[at]! - (onTop ? 0 : add(rounded[place]!.amounts))
    })
    // The table's bases are sums as well, and what one line of them is told by is of no matter: the first one carries it.
    for (const members of columns.values()) {
      const base = sum(members.map(({ place, index }) => worked[place]!.bases[index]!))
      const amount = sum(members.map(({ place, index }) => worked[place]!.amounts[index]!))
      const { place, index } = members[0]!
      const included = worked[place]!.taxes[index]!.included ?? false
      const owed = add(members.map((member) => rounded[member.place]!.amounts[member.index]!))
      for (const member of members) rounded[member.place]!.bases[member.index] = 0
      rounded[place]!.bases[index] = included ? whole(base.plus(amount)) - owed : whole(base)
    }
  }
  return rounded
}

/** Each rounded, and the cents that the rounded sum has more or less given one by one: largest first, then by taxes, then by place. */
function deal(raw: readonly Decimal[], owners: readonly Worked[]): number[] {
  const cents = raw.map(whole)
  const over = whole(sum(raw)) - add(cents)
  const order = raw
    .map((value, at) => ({
      at,
      size: value.abs().toDecimalPlaces(40),
      taxes: owners[at]!.line.taxes.join(' '),
    }))
    // The tip is what the customer said, whatever the other lines leave over.
    .filter(({ at }) => owners[at]!.line.id !== '~tip')
    .sort((a, b) => b.size.cmp(a.size) || (a.taxes < b.taxes ? -1 : a.taxes > b.taxes ? 1 : a.at - b.at))
  for (let turn = 0; turn < Math.abs(over); turn++) cents[order[turn % order.length]!.at]! += Math.sign(over)
  return cents
}

/**
 * 2.4: one negative line for each combination of taxes, in percent of what the goods cost after their own discounts; the tip and
 * fixed taxes are not reduced. The price has six decimals at most.
 */
function discountLines(
  { discount = '0', lines }: WorkedOrder,
  taxOf: ReadonlyMap<string, WorkedTax>,
): WorkedLine[] {
  if (decimal(discount).isZero()) return []
  const combinations = new Map<string, { taxes: string[]; amount: Decimal }>()
  for (const line of lines) {
    const rest = line.taxes.filter((id) => taxOf.get(id)!.kind !== 'fixed')
    // A fee, and the taxes on it, are owed whatever the goods cost: what counts is the tag that would leave the same without it.
    const { net } = workLine(line, taxOf, decimal(1), false)
    const unit = workLine(
      { ...line, quantity: '1', price: '1', discount: '0', taxes: rest },
      taxOf,
      decimal(1),
      false,
    )
    const key = line.taxes.join(' ')
    const found = combinations.get(key) ?? {
      taxes: rest,
      amount: decimal(0),
    }
    found.amount = found.amount.plus(net.div(unit.net))
    combinations.set(key, found)
  }
  return [...combinations]
    .map(([key, { taxes, amount }]) => ({
      id: `~discount ${key}`,
      quantity: '1',
      price: amount.times(discount).div(-100).toDecimalPlaces(40).toDecimalPlaces(6).toFixed(),
      taxes,
    }))
    .filter(({ price }) => !decimal(price).isZero())
}

/** 2.4: what lines and order save against list prices, taxes included: the same goods at list prices cost that much more. */
function savings(order: WorkedOrder, total: number): number {
  const { discount, payments, cashRounding, ...rest } = order
  const lines = order.lines.map(({ discount: _, price, listPrice = price, ...line }) => ({
    ...line,
    price: decimal(listPrice).gt(price) ? listPrice : price,
  }))
  const isDear = JSON.stringify(lines) === JSON.stringify(order.lines) && discount === undefined
  return isDear ? 0 : secondOpinion({ ...rest, lines }).total - total
}

/** 2.5: away from zero and toward it are mirrored for what is paid back. */
export function roundTo(amount: number, { step, method }: NonNullable<WorkedOrder['cashRounding']>): number {
  const modes = { up: Decimal.ROUND_UP, down: Decimal.ROUND_DOWN, nearest: Decimal.ROUND_HALF_UP } as const
  return decimal(amount).div(step).toDecimalPlaces(0, modes[method]).times(step).toNumber() + 0
}

/** 2.5 and 2.6: cards exactly, cash rounds what they leave; what is over goes back in cash. */
function settled(order: WorkedOrder, due: number): NonNullable<Outcome['settled']> {
  const payments = order.payments ?? []
  const of = (kind: string) =>
    add(payments.filter((payment) => payment.kind === kind).map(({ amount }) => amount))
  const rest = due - of('card')
  const inCash = order.cashRounding?.cashOnly === true ? roundTo(rest, order.cashRounding) : rest
  const change = of('cash') - inCash
  return { paid: of('card') + inCash, change: Math.abs(change), cashRounding: inCash - rest }
}
