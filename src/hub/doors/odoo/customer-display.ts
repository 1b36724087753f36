/** The cart that a point of sale shows its customer, as the displays of the hub show it. */
import type { DisplayShowPayload } from '../../../protocol/job.ts'
import { jobLimits } from '../../../protocol/job.ts'

type Facts = Readonly<Record<string, unknown>>

/** Of versions 18 and 19: lines with their texts as the point of sale writes them. undefined: there is nothing to show. */
export function shownCart(data: Facts): DisplayShowPayload | undefined {
  const lines = Array.isArray(data.lines) ? (data.lines as unknown[]) : []
  const items = lines.slice(-jobLimits.displayItemsMax).flatMap((line) => itemOf(line))
  const amount = textOf(data.amount, 30)
  const change = Number(data.change)
  const payload: DisplayShowPayload = {
    ...(items.length > 0 && { items }),
    ...(amount !== undefined && items.length > 0 && { total: { amount } }),
    ...(data.finalized === true && {
      message: change > 0 ? `Change: ${textOf(data.change, 30)}` : 'Thank you',
    }),
  }
  return Object.keys(payload).length === 0 ? undefined : payload
}

function itemOf(line: unknown): { text: string; quantity?: string; amount?: string }[] {
  if (typeof line !== 'object' || line === null) return []
  const facts = line as Facts
  const text = textOf(facts.productName, 200)
  if (text === undefined) return []
  const [quantity, amount] = [textOf(facts.qty, 20), textOf(facts.price, 30)]
  return [{ text, ...(quantity !== undefined && { quantity }), ...(amount !== undefined && { amount }) }]
}

function textOf(value: unknown, charsMax: number): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value).trim().slice(0, charsMax)
  return text === '' ? undefined : text
}
