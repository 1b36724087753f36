/** Works an order in hand out with the engine. What cannot be is left out and said; it never throws. */
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Product, Register } from '../../../protocol/till/catalogue.ts'
import type { OrderLine, OrderRules, ParsedOrderInput, Totals } from '../../../protocol/till/order.ts'
import type { CatalogueView } from '../../../till/engine/contract.ts'
import { nameOf } from '../../../till/engine/lines.ts'
import type { Pricer } from '../../../till/engine/price.ts'
import { workOut } from '../../../till/engine/work-out.ts'
import { sentenceOf } from '../../parts/error-words.ts'
import type { CartLine, CartState, Worked } from '../contract.ts'
import { parsedInput } from './state.ts'

export interface WorkingParts {
  catalogue: CatalogueView
  pricer: Pricer
  register: Register | undefined
  /** Products of the lines of discount and tip, where the shop has them. */
  extra: readonly Product[]
  /** ms since 1970. */
  now: number
}

export function workedOf(state: CartState, parts: WorkingParts): Worked {
  const { draft, refund } = state
  if (refund && draft !== null) {
    const { lines, rules, totals } = draft
    return { lines, totals, rules, due: totals.total + totals.rounding, problem: null }
  }
  let asked: Asked = { lines: state.lines, pricelist: true, fiscalPosition: true }
  let first: { error: HubError; line: string | undefined } | undefined
  for (;;) {
    try {
      const worked = tried(state, asked, parts)
      const lines = withRest(state, worked.lines)
      const { rules, totals } = worked
      if (state.lines.length === 0) prepare(rules.pricelist, parts)
      const due = totals.total + totals.rounding
      return { lines, totals, rules, due, problem: first === undefined ? null : told(first) }
    } catch (thrown) {
      const error = toHubError(thrown)
      const next = without(asked, error)
      first ??= { error, line: next.line }
      if (next.asked === undefined) return nothing(state, parts, told(first))
      asked = next.asked
    }
  }
}

/** While nothing is in the cart yet, and nobody waits. */
function prepare(pricelist: string | null, { catalogue, pricer }: WorkingParts): void {
  const list = pricelist === null ? undefined : catalogue.get('pricelist', pricelist)
  if (list !== undefined) pricer.prepare(list)
}

/** What is still tried: lines that can be worked out, pricelist and fiscal position as long as they can. */
interface Asked {
  lines: readonly CartLine[]
  pricelist: boolean
  fiscalPosition: boolean
}

function tried(state: CartState, { fiscalPosition, lines, pricelist }: Asked, parts: WorkingParts) {
  const { catalogue, extra, now, pricer, register } = parts
  if (register === undefined)
    throw new HubError('till_unknown', { kind: 'register', id: state.register, path: 'register' })
  const input: ParsedOrderInput = {
    ...parsedInput({ ...state, lines }),
    ...(!pricelist && { pricelist: null }),
    ...(!fiscalPosition && { fiscalPosition: null }),
  }
  const products = new Map(lines.map(({ product }) => [product.id, product]))
  const before = state.draft ?? undefined
  const order = { input, register, customer: state.customer, products, extra, before, now }
  return workOut(order, { catalogue, pricer })
}

/** Without what the error names; undefined when nothing is left that could be. */
function without(
  asked: Asked,
  { context }: HubError,
): { asked: Asked | undefined; line: string | undefined } {
  const path = String(context.path ?? '')
  const at = /^lines\.(\d+)/.exec(path)
  const line = at === null ? undefined : asked.lines[Number(at[1])]
  if (line !== undefined)
    return { asked: { ...asked, lines: asked.lines.filter((each) => each !== line) }, line: line.id }
  if (path.startsWith('pricelist') && asked.pricelist)
    return { asked: { ...asked, pricelist: false }, line: undefined }
  if (path.startsWith('fiscalPosition') && asked.fiscalPosition)
    return { asked: { ...asked, fiscalPosition: false }, line: undefined }
  return { asked: undefined, line: undefined }
}

const told = ({ error, line }: { error: HubError; line: string | undefined }): Worked['problem'] => ({
  code: error.code,
  text: sentenceOf(error),
  ...(line !== undefined && { line }),
})

/** Lines that could not be worked out stand in their places, and cost nothing. */
function withRest({ lines }: CartState, worked: readonly OrderLine[]): readonly OrderLine[] {
  const items = worked.filter(({ kind }) => kind === 'item')
  if (items.length === lines.length) return worked
  const known = new Map(items.map((line) => [line.id, line]))
  return [
    ...lines.map((line) => known.get(line.id) ?? unpriced(line)),
    ...worked.filter(({ kind }) => kind !== 'item'),
  ]
}

function unpriced({ discount, id, lots, price, product, quantity }: CartLine): OrderLine {
  return {
    ...{ id, kind: 'item', product: product.id, name: nameOf(product), category: product.category },
    ...{ unit: product.unit, quantity, price: price ?? '0', priceKind: 'manual', listPrice: price ?? '0' },
    ...{ discount, taxes: [], net: 0, tax: 0, gross: 0, lots: [...lots] },
  }
}

function nothing(state: CartState, { catalogue }: WorkingParts, problem: Worked['problem']): Worked {
  const { currency, currencyDigits, taxRounding } = catalogue.shop
  const rules: OrderRules = {
    ...{ currency, currencyDigits, taxRounding, pricelist: null, fiscalPosition: null, taxes: [] },
  }
  const totals: Totals = { net: 0, tax: 0, total: 0, rounding: 0, taxes: [], discounts: 0, tip: 0 }
  return { lines: withRest(state, []), totals, rules, due: 0, problem }
}
