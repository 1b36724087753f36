/** Bills that are shared, and bills that are put together. */
import { HubError } from '../../protocol/errors.ts'
import type { OrderLine } from '../../protocol/till/order.ts'
import { add, compare, parseDecimal, sign, subtract } from './decimal.ts'
import { quantityText } from './quantity.ts'

/** What of a line matters here: inputs of lines and worked out lines both do. */
type Line = Pick<OrderLine, 'id' | 'product' | 'quantity' | 'lots'> &
  Partial<Omit<OrderLine, 'id' | 'product' | 'quantity' | 'lots'>>

/**
 * Takes quantities of lines out. Both parts keep the ids of the lines. No quantity is lost or made: left + taken is what was
 * there. Throws `till_unknown` for a line that is not there and `till_invalid` for more than it has, and for a part of what was
 * weighed, comes back, or has lots that do not count its pieces: those move whole.
 */
export function splitLines<T extends Line>(
  lines: readonly T[],
  wanted: readonly { line: string; quantity: string }[],
): { left: T[]; taken: T[] } {
  const taken = new Map<string, T>()
  const left = new Map(lines.map((line) => [line.id, line]))
  for (const [index, { line: id, quantity }] of wanted.entries()) {
    const path = `lines.${index}`
    const line = left.get(id)
    if (taken.has(id)) throw new HubError('till_invalid', { path, reason: `the line ${id} is named twice` })
    if (line === undefined) throw new HubError('till_unknown', { kind: 'line', id })
    const parts = cut(line, quantity, `${path}.quantity`)
    taken.set(id, parts.taken)
    if (parts.left === undefined) left.delete(id)
    else left.set(id, parts.left)
  }
  return { left: [...left.values()], taken: lines.flatMap(({ id }) => taken.get(id) ?? []) }
}

function cut<T extends Line>(line: T, quantity: string, path: string): { left?: T; taken: T } {
  const refuse = (reason: string) => new HubError('till_invalid', { path, reason })
  const [all, part] = [parseDecimal(line.quantity, path), parseDecimal(quantity, path)]
  const rest = subtract(all, part)
  if (sign(part) !== sign(all) || (sign(rest) !== 0 && sign(rest) !== sign(all)))
    throw refuse(`the line ${line.id} has ${line.quantity}`)
  if (sign(rest) === 0) return { taken: line }
  if (line.weighing !== undefined) throw refuse(`the line ${line.id} was weighed as a whole`)
  if (line.refundOf !== undefined) throw refuse(`the line ${line.id} comes back as a whole`)
  const pieces = Number(quantity)
  if (line.lots.length > 0 && (!Number.isInteger(pieces) || line.lots.length !== Number(line.quantity)))
    throw refuse(`the line ${line.id} has lots that are not one for each piece`)
  return {
    taken: { ...line, quantity: quantityText(part), lots: line.lots.slice(0, pieces) },
    left: { ...line, quantity: quantityText(rest), lots: line.lots.slice(pieces) },
  }
}

/**
 * Puts the lines of `from` behind those of `into`. A line that is the same thing at the same price, discount and notes joins the
 * one that is there. `moved` tells under which id each line of `from` is now; an id that is taken gets an ending.
 */
export function mergeLines<T extends Line>(
  into: readonly T[],
  from: readonly T[],
): { lines: T[]; moved: ReadonlyMap<string, string> } {
  const lines = [...into]
  const ids = new Set(lines.map(({ id }) => id))
  const moved = new Map<string, string>()
  for (const line of from) {
    const place = into.findIndex((candidate) => isSame(candidate, line))
    const same = lines[place]
    if (same !== undefined) {
      const quantity = add(parseDecimal(same.quantity), parseDecimal(line.quantity))
      lines[place] = { ...same, quantity: quantityText(quantity) }
      moved.set(line.id, same.id)
      continue
    }
    const id = freeId(line.id, ids)
    ids.add(id)
    moved.set(line.id, id)
    lines.push({ ...line, id })
  }
  return { lines, moved }
}

const mustEqual = [
  'kind',
  'product',
  'price',
  'priceKind',
  'unit',
  'discount',
  'note',
  'internalNote',
  'course',
] as const satisfies readonly (keyof Line)[]

function isSame(a: Line, b: Line): boolean {
  if (
    [a, b].some((line) => line.lots.length > 0 || line.weighing !== undefined || line.refundOf !== undefined)
  )
    return false
  // What is sold and what comes back stay two lines: each is seen on the receipt.
  const signs = [a, b].map(({ quantity }) => sign(parseDecimal(quantity)))
  return signs[0] === signs[1] && mustEqual.every((key) => sameText(a[key], b[key]))
}

/** "10" and "10.00" are the same price. */
function sameText(a: string | number | undefined, b: string | number | undefined): boolean {
  if (a === b) return true
  const decimal = /^-?\d{1,9}(\.\d{1,6})?$/
  if (typeof a !== 'string' || typeof b !== 'string' || !decimal.test(a) || !decimal.test(b)) return false
  return compare(parseDecimal(a), parseDecimal(b)) === 0
}

/** At most 64 characters, as every id. */
function freeId(id: string, taken: ReadonlySet<string>): string {
  let free = id
  for (let number = 2; taken.has(free); number++) {
    const ending = `.${number}`
    free = id.slice(0, 64 - ending.length) + ending
  }
  return free
}
