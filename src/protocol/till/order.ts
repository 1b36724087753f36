/** Orders: drafts that all tills share, and paid orders, which never change. */
import { z } from 'zod'
import {
  discountSchema,
  moneySchema,
  noteSchema,
  priceSchema,
  quantitySchema,
  tillIdSchema,
  tillLimits,
  tillNameSchema,
} from './amounts.ts'
import { taxSchema } from './catalogue.ts'

const at = z.iso.datetime()

/** A line as a till sends it. What it leaves out, the hub finds: name, price, taxes. */
export const lineInputSchema = z.strictObject({
  id: tillIdSchema,
  product: tillIdSchema,
  quantity: quantitySchema,
  /** A price set by hand; absent for the price of the pricelist at this moment. */
  price: priceSchema.optional(),
  /** In percent. */
  discount: discountSchema.default('0'),
  /** For the customer, printed. */
  note: noteSchema.optional(),
  /** For the kitchen. */
  internalNote: noteSchema.optional(),
  course: z.int().min(1).max(20).optional(),
  lots: z.array(z.string().min(1).max(60)).max(tillLimits.lotsMax).default([]),
  /** Of `till.weigh`: the quantity is what the scale gave. */
  weighing: tillIdSchema.optional(),
  /** A line that brings back what was sold; quantity is negative. */
  refundOf: z.strictObject({ order: tillIdSchema, line: tillIdSchema }).optional(),
})
export type LineInput = z.input<typeof lineInputSchema>

export const orderInputSchema = z.strictObject({
  /** Made with the cart, by the till. */
  id: tillIdSchema,
  register: tillIdSchema,
  table: tillIdSchema.nullable().default(null),
  guests: z.int().min(0).max(1_000).default(0),
  customer: tillIdSchema.nullable().default(null),
  /** Absent: the customer's, else the register's. */
  pricelist: tillIdSchema.nullable().optional(),
  fiscalPosition: tillIdSchema.nullable().optional(),
  /** Off the whole order, in percent, after the discounts of lines. */
  discount: discountSchema.default('0'),
  /** In minor units. */
  tip: z.int().min(0).max(tillLimits.amountMax).default(0),
  /** A name for a parked order. */
  label: z.string().max(60).optional(),
  note: noteSchema.optional(),
  internalNote: noteSchema.optional(),
  lines: z.array(lineInputSchema).max(tillLimits.linesMax).default([]),
})
export type OrderInput = z.input<typeof orderInputSchema>
export type ParsedOrderInput = z.output<typeof orderInputSchema>

/** A line with everything worked out. Money in minor units. */
export const orderLineSchema = z.strictObject({
  id: tillIdSchema,
  /** discount: the share of the order's discount of one combination of taxes. */
  kind: z.enum(['item', 'discount', 'tip']),
  product: tillIdSchema,
  name: tillNameSchema,
  category: tillIdSchema.nullable(),
  unit: tillIdSchema,
  quantity: quantitySchema,
  price: priceSchema,
  /** list: of the pricelist. manual: set by hand. original: of the order that it refunds. */
  priceKind: z.enum(['list', 'manual', 'original']),
  /** What one costs without pricelist, discount or hand, for the receipt's saving. */
  listPrice: priceSchema,
  discount: discountSchema,
  /** Ids after groups and the fiscal position, in the order of their computing. */
  taxes: z.array(tillIdSchema),
  net: moneySchema,
  tax: moneySchema,
  gross: moneySchema,
  note: noteSchema.optional(),
  internalNote: noteSchema.optional(),
  course: z.int().optional(),
  lots: z.array(z.string()),
  weighing: tillIdSchema.optional(),
  refundOf: z.strictObject({ order: tillIdSchema, line: tillIdSchema }).optional(),
})
export type OrderLine = z.infer<typeof orderLineSchema>

export const totalsSchema = z.strictObject({
  net: moneySchema,
  tax: moneySchema,
  /** net + tax: before cash rounding. */
  total: moneySchema,
  /** total + rounding is due, when the whole order is rounded; 0 where only cash is. */
  rounding: moneySchema,
  taxes: z.array(
    z.strictObject({
      tax: tillIdSchema,
      name: z.string(),
      label: z.string().optional(),
      base: moneySchema,
      amount: moneySchema,
    }),
  ),
  /** What lines and order saved against list prices, taxes included. */
  discounts: moneySchema,
  tip: moneySchema,
})
export type Totals = z.infer<typeof totalsSchema>

export const paymentInputSchema = z.strictObject({
  id: tillIdSchema,
  method: tillIdSchema,
  /** What was handed over; negative for money paid back. */
  amount: moneySchema,
  /** What the terminal printed. */
  reference: z.string().max(100).optional(),
  /** The payment job of a terminal of the hub. */
  job: tillIdSchema.optional(),
})
export type PaymentInput = z.infer<typeof paymentInputSchema>

export const paymentSchema = z.strictObject({
  ...paymentInputSchema.shape,
  /** A negative row in cash, made by the hub. */
  change: z.boolean(),
})
export type Payment = z.infer<typeof paymentSchema>

/** The definitions that the figures were made with: an order explains itself for ever. */
export const orderRulesSchema = z.strictObject({
  currency: z.string(),
  currencyDigits: z.int(),
  taxRounding: z.enum(['per-tax', 'per-line']),
  pricelist: tillIdSchema.nullable(),
  fiscalPosition: tillIdSchema.nullable(),
  taxes: z.array(taxSchema),
})
export type OrderRules = z.infer<typeof orderRulesSchema>

const orderShape = {
  id: tillIdSchema,
  register: tillIdSchema,
  session: tillIdSchema,
  table: tillIdSchema.nullable(),
  guests: z.int(),
  customer: tillIdSchema.nullable(),
  label: z.string().optional(),
  note: noteSchema.optional(),
  internalNote: noteSchema.optional(),
  discount: discountSchema,
  rules: orderRulesSchema,
  lines: z.array(orderLineSchema),
  totals: totalsSchema,
  createdAt: at,
  /** Who put the last line in: an employee, or the name of the client where there are none. */
  employee: z.string(),
  /** Name of the client. */
  till: z.string(),
}

export const draftSchema = z.strictObject({
  ...orderShape,
  state: z.literal('draft'),
  /** Rises with every change. */
  version: z.int().positive(),
  /** A short number for people, 1 to 999; it comes round again. */
  tracking: z.int(),
  updatedAt: at,
  /** Who has it open, until when; others may look, not change. */
  held: z.strictObject({ by: z.string(), client: z.string(), until: at }).nullable(),
  /** What the kitchen has been told. */
  kitchen: z.strictObject({
    sentAt: at.nullable(),
    sent: z.record(tillIdSchema, quantitySchema),
    fired: z.array(z.int()),
  }),
  /** How often the bill was printed. */
  bills: z.int(),
})
export type Draft = z.infer<typeof draftSchema>

/** What the ledger holds of a paid order; number and reference are given by the store with it. */
export const paidOrderSchema = z.strictObject({
  ...orderShape,
  state: z.literal('paid'),
  /** Of this register, without gaps; never given twice. */
  number: z.int().positive(),
  /** `BOX-REGISTER-NNNNNN`: on the receipt. */
  reference: z.string(),
  refund: z.boolean(),
  payments: z.array(paymentSchema),
  /** Handed over, change taken off; equals what was due. */
  paid: moneySchema,
  change: moneySchema,
  /** Difference between total and paid because of cash rounding. */
  cashRounding: moneySchema,
  paidAt: at,
  /** Who agreed to a price, a discount, a refund or a payment that whoever took the payment may not do alone; absent where nobody had to. */
  approvedBy: z.string().optional(),
  /** Paid without the hub in this session, which was closed before the order came; `session` is the one that it counts in. */
  lateFor: tillIdSchema.optional(),
  invoice: z.boolean(),
})
export type PaidOrder = z.infer<typeof paidOrderSchema>

/** A paid order as it is answered: with what happened to it since. */
export const soldOrderSchema = z.strictObject({
  ...paidOrderSchema.shape,
  ledger: z.strictObject({ seq: z.int(), hash: z.string() }),
  /** Receipts printed, the first one counted. */
  prints: z.int(),
  invoice: z.boolean(),
  /** Line to how much of it came back. */
  refunded: z.record(tillIdSchema, quantitySchema),
  /** Upstream to how far it is. */
  sync: z.record(z.string(), z.enum(['queued', 'sent', 'verified', 'parked'])),
})
export type SoldOrder = z.infer<typeof soldOrderSchema>

/** In lists and events. */
export const orderSummarySchema = z.strictObject({
  id: tillIdSchema,
  state: z.enum(['draft', 'paid', 'cancelled']),
  register: tillIdSchema,
  session: tillIdSchema,
  table: tillIdSchema.nullable(),
  customer: tillIdSchema.nullable(),
  label: z.string().nullable(),
  tracking: z.int().nullable(),
  reference: z.string().nullable(),
  total: moneySchema,
  refund: z.boolean(),
  version: z.int(),
  heldBy: z.string().nullable(),
  employee: z.string(),
  at,
})
export type OrderSummary = z.infer<typeof orderSummarySchema>
