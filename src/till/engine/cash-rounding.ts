/** Cash rounding: what an amount becomes where the smallest coins are not used. Amounts in minor units. */
import type { CashRounding } from '../../protocol/till/catalogue.ts'

/** A multiple of the step. What is paid back is mirrored: up is away from zero for a refund too. */
export function roundCash(amount: number, rounding: CashRounding): number {
  const { step, method } = rounding
  const size = Math.abs(amount)
  const rest = size % step
  if (rest === 0) return amount
  const up = method === 'up' || (method === 'nearest' && 2 * rest >= step)
  const rounded = size - rest + (up ? step : 0)
  return amount < 0 && rounded !== 0 ? -rounded : rounded
}

/** What is due of a total, and how far that is from the total: 0 where only cash is rounded, or nothing. */
export function roundTotal(total: number, rounding: CashRounding | null): { due: number; rounding: number } {
  if (rounding === null || rounding.cashOnly) return { due: total, rounding: 0 }
  const due = roundCash(total, rounding)
  return { due, rounding: due - total }
}

/** What cash has to bring when `rest` is left after the methods that pay exactly. */
export const cashDue = (rest: number, rounding: CashRounding | null): number =>
  rounding?.cashOnly ? roundCash(rest, rounding) : rest
