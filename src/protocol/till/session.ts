/** Sessions of a register: from the counted cash at its opening to the Z report. */
import { z } from 'zod'
import {
  moneySchema,
  noteSchema,
  quantitySchema,
  tillIdSchema,
  tillLimits,
  tillNameSchema,
} from './amounts.ts'

const at = z.iso.datetime()

/** Coins and notes: value in minor units to how many. */
export const coinsSchema = z
  .record(z.string().regex(/^[1-9]\d{0,8}$/), z.int().min(0).max(1_000_000))
  .refine(
    (coins) => Object.keys(coins).length <= tillLimits.coinsMax,
    `has more than ${tillLimits.coinsMax} kinds`,
  )
export type Coins = z.infer<typeof coinsSchema>

export const sessionSchema = z.strictObject({
  id: tillIdSchema,
  register: tillIdSchema,
  /** Rises by one with each session of the register: the number of its Z report. */
  number: z.int().positive(),
  state: z.enum(['open', 'closed']),
  openedAt: at,
  /** Employee, or name of the client where there are none. */
  openedBy: z.string(),
  /** Counted at the closing before. */
  openingExpected: moneySchema,
  openingCounted: moneySchema,
  openingNote: z.string().optional(),
  closedAt: at.nullable(),
  closedBy: z.string().nullable(),
})
export type Session = z.infer<typeof sessionSchema>

const methodSumSchema = z.strictObject({
  method: tillIdSchema,
  name: tillNameSchema,
  kind: z.enum(['cash', 'card', 'bank', 'account']),
  payments: z.int(),
  /** What came in, change and refunds taken off. */
  amount: moneySchema,
})

const taxSumSchema = z.strictObject({
  tax: tillIdSchema,
  name: z.string(),
  base: moneySchema,
  amount: moneySchema,
})

export const cashMoveSchema = z.strictObject({
  id: tillIdSchema,
  session: tillIdSchema,
  /** Positive in, negative out. */
  amount: moneySchema,
  reason: z.string(),
  at,
  by: z.string(),
  /** Of more than should be in the drawer; absent where nobody had to. */
  approvedBy: z.string().optional(),
})
export type CashMove = z.infer<typeof cashMoveSchema>

/** X at any moment, Z at the closing. */
export const sessionReportSchema = z.strictObject({
  session: sessionSchema,
  at,
  orders: z.int(),
  refunds: z.int(),
  cancelled: z.int(),
  /** Sum of the totals of all paid orders, refunds taken off. */
  total: moneySchema,
  net: moneySchema,
  taxes: z.array(taxSumSchema),
  discounts: moneySchema,
  tips: moneySchema,
  rounding: moneySchema,
  methods: z.array(methodSumSchema),
  cashMoves: z.array(cashMoveSchema),
  /** opening + cash payments + cash in - cash out; null in a blind count that is not over. */
  cashExpected: moneySchema.nullable(),
  duplicates: z.int(),
  /** Sum of all totals of this register since it exists, up to here. */
  grandTotal: moneySchema,
  firstOrder: z.string().nullable(),
  lastOrder: z.string().nullable(),
  /** Orders among them that were paid without the hub in sessions before (`lateFor`), and the sum of their totals; absent for none. */
  late: z.strictObject({ orders: z.int(), total: moneySchema }).optional(),
  /** Only in a Z report. */
  closing: z
    .strictObject({
      counts: z.array(
        z.strictObject({
          method: tillIdSchema,
          expected: moneySchema,
          counted: moneySchema,
          difference: moneySchema,
        }),
      ),
      coins: coinsSchema.nullable(),
      note: noteSchema.nullable(),
      approvedBy: z.string().nullable(),
    })
    .nullable(),
})
export type SessionReport = z.infer<typeof sessionReportSchema>

export const stockSchema = z.strictObject({
  product: tillIdSchema,
  /** At the last sync; null when it was never told. */
  onHand: quantitySchema.nullable(),
  /** Moved since then; sales are negative. */
  moved: quantitySchema,
  syncedAt: at.nullable(),
})
