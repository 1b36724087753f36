/** Reports, the ledger, and the way to the upstreams. */
import { z } from 'zod'
import { daySchema, moneySchema, quantitySchema, tillIdSchema, tillLimits } from '../../till/amounts.ts'
import { loginField } from '../../till/people.ts'
import { outboxItemSchema, outboxStateSchema, upstreamStatusSchema } from '../../till/upstream.ts'
import { audited, everyone, method, sellers } from '../method.ts'

export const reportDimensionSchema = z.enum([
  'hour',
  'day',
  'product',
  'category',
  'employee',
  'tax',
  'method',
  'register',
])

export const reportMethods = {
  'till.report': method(
    everyone,
    'Sales of days of the shop, live, by one dimension. Needs a cashier',
    z.strictObject({
      ...loginField,
      by: reportDimensionSchema,
      from: daySchema,
      until: daySchema,
      register: tillIdSchema.optional(),
      limit: z.int().min(1).max(tillLimits.pageMax).default(tillLimits.pageMax),
    }),
    z.strictObject({
      /** Largest first; hours and days in their order. `orders` counts those that hold it. */
      rows: z.array(
        z.strictObject({
          key: z.string(),
          name: z.string(),
          orders: z.int(),
          quantity: quantitySchema.nullable(),
          net: moneySchema,
          tax: moneySchema,
          total: moneySchema,
        }),
      ),
      total: z.strictObject({ orders: z.int(), net: moneySchema, tax: moneySchema, total: moneySchema }),
    }),
  ),
  'till.ledger.verify': method(
    everyone,
    'Prove the chain and the signatures of the ledger; `broken` is the first entry that is not what it was',
    z.strictObject({}),
    z.strictObject({
      entries: z.int(),
      head: z.string(),
      broken: z.int().nullable(),
      reason: z.string().nullable(),
      /** Ids of the keys that signed, in their order. */
      keys: z.array(z.string()),
    }),
  ),
  'till.outbox.status': method(
    everyone,
    'How far each upstream is: sold here, sent, verified, parked',
    z.strictObject({}),
    z.strictObject({ upstreams: z.array(upstreamStatusSchema) }),
  ),
  'till.outbox.list': method(
    everyone,
    'What is on its way to an upstream, or parked',
    z.strictObject({
      upstream: z.string().max(64),
      state: outboxStateSchema.optional(),
      limit: z.int().min(1).max(tillLimits.pageMax).default(50),
      before: z.string().max(64).optional(),
    }),
    z.strictObject({ items: z.array(outboxItemSchema), next: z.string().optional() }),
  ),
  'till.outbox.retry': method(
    sellers,
    'Try parked items again: one, or all of an upstream. Needs a manager or a technician',
    z.strictObject({ ...loginField, upstream: z.string().max(64), seq: z.int().positive().optional() }),
    z.strictObject({ retried: z.int() }),
    audited,
  ),
} as const
