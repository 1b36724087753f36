/** Orders: drafts shared by all tills, paying, refunds, what is printed of them. */
import { z } from 'zod'
import { deviceIdSchema } from '../../device.ts'
import { moneySchema, priceSchema, quantitySchema, tillIdSchema, tillLimits } from '../../till/amounts.ts'
import {
  draftSchema,
  orderInputSchema,
  orderSummarySchema,
  paymentInputSchema,
  soldOrderSchema,
} from '../../till/order.ts'
import { approvalSchema, loginField } from '../../till/people.ts'
import { emptySchema, everyone, method, sellers } from '../method.ts'

const byOrder = { id: tillIdSchema } as const
/** The version that the till knows; 0 for an order that is not on the hub yet. */
const versionField = { version: z.int().min(0) } as const

export const orderMethods = {
  'till.order.save': method(
    sellers,
    'Save a draft; it is on all tills. Answers it with everything worked out',
    z.strictObject({ ...loginField, ...versionField, order: orderInputSchema }),
    draftSchema,
  ),
  'till.order.compute': method(
    sellers,
    'Work an order out without saving it',
    z.strictObject({ ...loginField, order: orderInputSchema }),
    draftSchema.pick({ id: true, lines: true, totals: true, rules: true }),
  ),
  'till.order.get': method(
    everyone,
    'A draft, or a paid order',
    z.strictObject(byOrder),
    z.strictObject({ draft: draftSchema.optional(), sold: soldOrderSchema.optional() }),
  ),
  'till.order.list': method(
    everyone,
    'Orders, newest first',
    z.strictObject({
      state: z.enum(['draft', 'paid']),
      register: tillIdSchema.optional(),
      session: tillIdSchema.optional(),
      table: tillIdSchema.optional(),
      customer: tillIdSchema.optional(),
      /** Reference or the end of it, tracking number, label, or name of a customer. */
      text: z.string().trim().min(1).max(tillLimits.searchCharsMax).optional(),
      total: moneySchema.optional(),
      from: z.iso.datetime().optional(),
      until: z.iso.datetime().optional(),
      limit: z.int().min(1).max(tillLimits.pageMax).default(50),
      before: z.string().max(64).optional(),
    }),
    z.strictObject({ orders: z.array(orderSummarySchema), next: z.string().optional() }),
  ),
  'till.order.hold': method(
    sellers,
    'Hold a draft for this client, so that no other till changes or pays it meanwhile; again to hold it longer',
    z.strictObject({ ...loginField, ...byOrder, ms: z.int().min(1_000).max(tillLimits.holdMsMax) }),
    draftSchema,
  ),
  'till.order.release': method(sellers, 'Let a draft go', z.strictObject(byOrder), emptySchema),
  'till.order.cancel': method(
    sellers,
    'Cancel a draft. Its number for people is not used again today, and the ledger tells of what was in it',
    z.strictObject({
      ...loginField,
      ...byOrder,
      ...versionField,
      reason: z.string().trim().max(200).optional(),
    }),
    emptySchema,
  ),
  'till.order.pay': method(
    sellers,
    'Pay a draft, or an order sent along. On the disk, numbered, chained and signed when this answers; then the receipt prints',
    z.strictObject({
      ...loginField,
      ...byOrder,
      /** The draft's; left out when `order` is sent. */
      version: z.int().min(0).optional(),
      order: orderInputSchema.optional(),
      payments: z.array(paymentInputSchema).max(tillLimits.paymentsMax),
      /** The total that the customer was told; another one is an error. */
      expectedTotal: moneySchema,
      invoice: z.boolean().default(false),
      /** Default: as the register says. */
      print: z.boolean().optional(),
      /** A number out of a block that the till had reserved, for what was sold without the hub. */
      number: z.int().positive().optional(),
      /** When it was paid, if that was without the hub. */
      paidAt: z.iso.datetime().optional(),
      approval: approvalSchema.optional(),
    }),
    soldOrderSchema,
  ),
  'till.order.refund': method(
    sellers,
    'Make a draft that brings lines of a paid order back, at what was paid for them',
    z.strictObject({
      ...loginField,
      /** Of the new draft. */
      id: tillIdSchema,
      register: tillIdSchema,
      order: tillIdSchema,
      /** Left out: everything that has not come back yet. */
      lines: z
        .array(
          z.strictObject({
            line: tillIdSchema,
            quantity: quantitySchema,
            lots: z.array(z.string()).max(500).optional(),
          }),
        )
        .max(tillLimits.linesMax)
        .optional(),
    }),
    draftSchema,
  ),
  'till.order.invoice': method(
    sellers,
    'Ask for an invoice of a paid order, for a customer',
    z.strictObject({ ...loginField, ...byOrder, customer: tillIdSchema }),
    soldOrderSchema,
  ),
  'till.order.print': method(
    sellers,
    'Print: the bill of a draft; of a paid order its receipt, marked and counted as a duplicate from the second on, or a gift receipt without prices',
    z.strictObject({
      ...loginField,
      ...byOrder,
      what: z.enum(['receipt', 'gift', 'bill']),
      /** Id of the print job: the same again prints nothing. */
      job: tillIdSchema,
      printer: deviceIdSchema.optional(),
    }),
    z.strictObject({ job: tillIdSchema, prints: z.int() }),
  ),
  'till.weigh': method(
    sellers,
    'Weigh a product now: a fresh net weight from the scale of the register, with its price',
    z.strictObject({
      ...loginField,
      id: tillIdSchema,
      register: tillIdSchema,
      product: tillIdSchema,
      /** In the unit of the product. */
      tare: quantitySchema.default('0'),
      device: deviceIdSchema.optional(),
    }),
    z.strictObject({
      weighing: tillIdSchema,
      gross: quantitySchema,
      tare: quantitySchema,
      net: quantitySchema,
      price: priceSchema,
      total: moneySchema,
    }),
  ),
  'till.number.reserve': method(
    sellers,
    'A block of receipt numbers for a till that may have to sell without the hub; unused ones are told in the ledger and never given again',
    z.strictObject({
      ...loginField,
      id: tillIdSchema,
      register: tillIdSchema,
      count: z.int().min(1).max(tillLimits.reserveMax),
    }),
    z.strictObject({ from: z.int().positive(), until: z.int().positive(), prefix: z.string() }),
  ),

  'till.order.split': method(
    sellers,
    'Take lines, or parts of them, out of a draft into a new one: for a bill that is shared',
    z.strictObject({
      ...loginField,
      ...byOrder,
      ...versionField,
      /** Of the new draft. */
      into: tillIdSchema,
      lines: z
        .array(z.strictObject({ line: tillIdSchema, quantity: quantitySchema }))
        .min(1)
        .max(tillLimits.linesMax),
    }),
    z.strictObject({ left: draftSchema, taken: draftSchema }),
  ),
  'till.order.merge': method(
    sellers,
    'Put all lines of one draft into another; the first one is gone',
    z.strictObject({ ...loginField, from: tillIdSchema, into: tillIdSchema }),
    draftSchema,
  ),
  'till.order.transfer': method(
    sellers,
    'Move a draft to another table; null for none',
    z.strictObject({ ...loginField, ...byOrder, ...versionField, table: tillIdSchema.nullable() }),
    draftSchema,
  ),
  'till.order.kitchen': method(
    sellers,
    'Tell the kitchen what changed since it was told last; with `course` also that this course is wanted now',
    z.strictObject({ ...loginField, ...byOrder, ...versionField, course: z.int().min(1).max(20).optional() }),
    z.strictObject({ draft: draftSchema, jobs: z.array(tillIdSchema) }),
  ),
} as const
