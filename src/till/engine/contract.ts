/** What the engine takes and gives. Pure: runs in browser and hub. Money in minor units, everything else decimal text. */
import type {
  CashRounding,
  CatalogueKind,
  CatalogueThing,
  PaymentMethod,
  Shop,
  Tax,
} from '../../protocol/till/catalogue.ts'
import type { OrderLine, Payment, PaymentInput, Totals } from '../../protocol/till/order.ts'

/** Kinds of which everything is at hand; products and customers are looked up beforehand. */
export type SmallKind = Exclude<CatalogueKind, 'product' | 'customer'>

/** What the engine asks of the catalogue, of the hub or in the browser. */
export interface CatalogueView {
  readonly shop: Shop
  get<K extends SmallKind>(kind: K, id: string): CatalogueThing<K> | undefined
  /** The category and those above it, the nearest first. */
  lineage(category: string | null): readonly string[]
}

/** A line whose price and taxes are decided; what is left is arithmetic. */
export type PricedLine = Omit<OrderLine, 'net' | 'tax' | 'gross'>

export interface OrderTerms {
  /** Every tax that a line names; groups are resolved already. */
  taxes: readonly Tax[]
  currencyDigits: number
  taxRounding: 'per-tax' | 'per-line'
  /** Off the whole order in percent: becomes lines of kind `discount`, one for each combination of taxes. */
  discount: string
  /** What those lines are called, and the product that they count for. */
  discountLine: { product: string; name: string }
  /** In minor units, taxes included; a line of kind `tip`. */
  tip: number
  tipLine: { product: string; name: string; taxes: readonly string[] }
  /** Rounds the total when not `cashOnly`. */
  cashRounding: CashRounding | null
}

export interface ComputedOrder {
  /** The lines given, then those of discount and tip. */
  lines: OrderLine[]
  totals: Totals
}

export interface SettleTerms {
  /** total + rounding of the order; negative for a refund. */
  due: number
  cashRounding: CashRounding | null
  /** Of all payments, by id. */
  methods: ReadonlyMap<string, PaymentMethod>
  /** Where change goes: the first cash method of the register; undefined when it has none. */
  changeMethod: PaymentMethod | undefined
  changeId: string
  /** For the sentences of errors: without it they speak of minor units. */
  currencyDigits?: number
  currency?: string
}

export interface Settled {
  /** Those given and the change, which is a negative row in cash. */
  payments: Payment[]
  /** Sum of all rows. */
  paid: number
  /** What was handed back, not negative. */
  change: number
  /** paid - due: what cash rounding gave or took. */
  cashRounding: number
}

export type Settle = (payments: readonly PaymentInput[], terms: SettleTerms) => Settled
