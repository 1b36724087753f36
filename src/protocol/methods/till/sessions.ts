/** Sessions of a register, cash moves, X and Z. */
import { z } from 'zod'
import { moneySchema, noteSchema, tillIdSchema, tillLimits } from '../../till/amounts.ts'
import { approvalSchema, loginField } from '../../till/people.ts'
import { cashMoveSchema, coinsSchema, sessionReportSchema, sessionSchema } from '../../till/session.ts'
import { emptySchema, everyone, method, sellers } from '../method.ts'

export const sessionMethods = {
  'till.session.open': method(
    sellers,
    'Open a register with counted cash. The id makes it safe to ask again',
    z.strictObject({
      ...loginField,
      id: tillIdSchema,
      register: tillIdSchema,
      counted: moneySchema.min(0),
      coins: coinsSchema.optional(),
      note: noteSchema.optional(),
    }),
    sessionSchema,
  ),
  'till.session.get': method(
    everyone,
    'The open session of a register, or null, and the cash that the next opening should find',
    z.strictObject({ register: tillIdSchema }),
    z.strictObject({ session: sessionSchema.nullable(), openingExpected: moneySchema }),
  ),
  'till.session.list': method(
    everyone,
    'Sessions, newest first',
    z.strictObject({
      register: tillIdSchema.optional(),
      limit: z.int().min(1).max(tillLimits.pageMax).default(50),
      before: z.string().max(64).optional(),
    }),
    z.strictObject({ sessions: z.array(sessionSchema), next: z.string().optional() }),
  ),
  'till.session.report': method(
    everyone,
    'X of an open session, Z of a closed one; expected cash is null to those who may not see it before counting',
    z.strictObject({ ...loginField, session: tillIdSchema }),
    sessionReportSchema,
  ),
  'till.session.print': method(
    sellers,
    'Print the X or Z report on the printer of the register, as the job `job`',
    z.strictObject({ ...loginField, session: tillIdSchema, job: tillIdSchema }),
    z.strictObject({ job: tillIdSchema }),
  ),
  'till.session.close': method(
    sellers,
    'Close with what was counted. A difference beyond the authorised one needs a manager, logged in or approving',
    z.strictObject({
      ...loginField,
      session: tillIdSchema,
      /** Of cash, and of other methods where they were counted. */
      counts: z.array(z.strictObject({ method: tillIdSchema, counted: moneySchema })).max(50),
      coins: coinsSchema.optional(),
      note: noteSchema.optional(),
      /** The difference was seen and is accepted: without it a difference is answered, not closed with. */
      acceptDifference: z.boolean().default(false),
      approval: approvalSchema.optional(),
    }),
    sessionReportSchema,
  ),
  'till.cash.move': method(
    sellers,
    'Put cash in (positive) or take it out (negative), with a reason; prints a slip. More out than should be there needs a manager, logged in or approving. The id makes it safe to ask again',
    z.strictObject({
      ...loginField,
      id: tillIdSchema,
      session: tillIdSchema,
      amount: moneySchema.refine((amount) => amount !== 0, 'is zero'),
      reason: z.string().trim().min(1).max(200),
      print: z.boolean().default(true),
      approval: approvalSchema.optional(),
    }),
    cashMoveSchema,
  ),
  'till.drawer.open': method(
    sellers,
    'Open the drawer without a sale, with a reason that is kept',
    z.strictObject({
      ...loginField,
      id: tillIdSchema,
      register: tillIdSchema,
      reason: z.string().trim().min(1).max(200),
    }),
    emptySchema,
  ),
} as const
