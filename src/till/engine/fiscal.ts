/** Which taxes a line bears: those of the product, changed by the fiscal position, groups opened, in the order of computing. */
import { HubError } from '../../protocol/errors.ts'
import type { FiscalPosition, Tax } from '../../protocol/till/catalogue.ts'

/**
 * By sequence, then id; a group stands where it is and its children, sorted alike, take its place. A position maps the taxes of
 * the product as they are, once, before groups are opened. Throws `till_unknown` for a tax that is not there and `till_invalid`
 * for a group that holds itself.
 */
export function resolveTaxes(
  taxes: readonly string[],
  position: FiscalPosition | null,
  taxOf: (id: string) => Tax | undefined,
): Tax[] {
  const found = new Map<string, Tax>()
  open(mapped(taxes, position), taxOf, [], found)
  return [...found.values()]
}

/** null as list of a position removes every tax. */
function mapped(taxes: readonly string[], position: FiscalPosition | null): string[] {
  if (position === null) return [...taxes]
  const { taxes: rows } = position
  if (rows === null) return []
  return taxes.flatMap((id) => {
    const own = rows.filter((row) => row.from === id)
    return own.length === 0 ? [id] : own.flatMap((row) => row.to)
  })
}

function open(
  ids: readonly string[],
  taxOf: (id: string) => Tax | undefined,
  above: readonly string[],
  found: Map<string, Tax>,
): void {
  const taxes = ids.map((id) => {
    const tax = taxOf(id)
    if (tax === undefined) throw new HubError('till_unknown', { kind: 'tax', id })
    return tax
  })
  for (const tax of taxes.sort(bySequence)) {
    if (tax.kind !== 'group') found.set(tax.id, tax)
    else if (above.includes(tax.id)) {
      const reason = `the group holds itself: ${[...above, tax.id].join(' > ')}`
      throw new HubError('till_invalid', { path: `tax.${tax.id}.children`, reason })
    } else open(tax.children, taxOf, [...above, tax.id], found)
  }
}

const bySequence = (a: Tax, b: Tax) => a.sequence - b.sequence || compareIds(a.id, b.id)

/** Numbers as numbers, as upstreams count their ids; everything else by its characters. */
export function compareIds(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
    const difference = BigInt(a) - BigInt(b)
    if (difference !== 0n) return difference < 0n ? -1 : 1
  }
  return a < b ? -1 : a > b ? 1 : 0
}
