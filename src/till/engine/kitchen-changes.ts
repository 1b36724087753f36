/** What the kitchen is not told yet: for each of its places only what changed since it was told last. */
import type { Kitchen } from '../../protocol/till/catalogue.ts'
import type { OrderLine } from '../../protocol/till/order.ts'
import { parseDecimal, type Rational, sign, subtract, zero } from './decimal.ts'
import { quantityText } from './quantity.ts'

type Line = Pick<OrderLine, 'id' | 'name' | 'quantity' | 'category'> &
  Partial<Pick<OrderLine, 'kind' | 'note' | 'internalNote' | 'course' | 'refundOf'>>

export interface KitchenChange {
  line: string
  name: string
  /** Positive: to be made. Negative: not any more. */
  quantity: string
  note?: string
  course?: number
}

export interface KitchenQuestion {
  lines: readonly Line[]
  /** Lines that were told and are not in the order any more, as they were. */
  gone?: readonly Line[]
  /** Line to the quantity that was told last. */
  sent: Readonly<Record<string, string>>
  kitchens: readonly Kitchen[]
  /** A category and those above it, the nearest first. */
  lineage: (category: string | null) => readonly string[]
}

/** Kitchens with nothing new are left out. `sent` is what is known there once all of it was told. */
export function kitchenChanges({ lines, gone = [], sent, kitchens, lineage }: KitchenQuestion): {
  changes: { kitchen: Kitchen; changes: KitchenChange[] }[]
  sent: Record<string, string>
} {
  const known: Record<string, string> = {}
  const byKitchen = new Map(kitchens.map((kitchen) => [kitchen, [] as KitchenChange[]]))
  const current = new Set(lines.map(({ id }) => id))
  const all = [
    ...lines.map((line) => ({ line, wanted: wantedOf(line) })),
    ...gone.filter(({ id }) => !current.has(id)).map((line) => ({ line, wanted: zero })),
  ]
  for (const { line, wanted } of all) {
    const above = lineage(line.category)
    const told = kitchens.filter(({ categories }) => categories.some((category) => above.includes(category)))
    if (told.length === 0) continue
    const change = subtract(wanted, parseDecimal(sent[line.id] ?? '0', 'sent'))
    if (sign(wanted) !== 0) known[line.id] = quantityText(wanted)
    if (sign(change) === 0) continue
    for (const kitchen of told) byKitchen.get(kitchen)?.push(changeOf(line, change))
  }
  const changes = [...byKitchen]
    .filter(([, list]) => list.length > 0)
    .map(([kitchen, list]) => ({ kitchen, changes: list }))
  return { changes, sent: known }
}

/** What comes back is not cooked, and neither are discounts and tips. */
function wantedOf(line: Line): Rational {
  if ((line.kind ?? 'item') !== 'item' || line.refundOf !== undefined) return zero
  const quantity = parseDecimal(line.quantity, 'quantity')
  return sign(quantity) > 0 ? quantity : zero
}

function changeOf({ id, name, note, internalNote, course }: Line, change: Rational): KitchenChange {
  const text = [internalNote, note].filter((part) => part !== undefined && part !== '').join(' / ')
  return {
    line: id,
    name,
    quantity: quantityText(change),
    ...(text !== '' && { note: text }),
    ...(course !== undefined && { course }),
  }
}
