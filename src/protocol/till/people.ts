/** People at the till: employees, what they may do, and who has logged in. */
import { z } from 'zod'
import { barcodeSchema, tillIdSchema, tillNameSchema } from './amounts.ts'

/**
 * minimal: sells at given prices, takes payment. cashier: also opens, moves cash, refunds, gives discounts, changes prices,
 * makes customers, closes within the authorised difference. manager: everything, also closing with any difference.
 */
export const rightSchema = z.enum(['minimal', 'cashier', 'manager'])
export type Right = z.infer<typeof rightSchema>

export const pinSchema = z.string().regex(/^\d{4,12}$/, 'is not 4 to 12 digits')

/** As it is told to others: never the PIN or the badge. */
export const employeeSchema = z.strictObject({
  id: tillIdSchema,
  name: tillNameSchema,
  right: rightSchema,
  active: z.boolean(),
  hasPin: z.boolean(),
  hasBadge: z.boolean(),
})
export type Employee = z.infer<typeof employeeSchema>

export const employeePutSchema = z.strictObject({
  id: tillIdSchema,
  name: tillNameSchema,
  right: rightSchema,
  active: z.boolean().default(true),
  /** null takes it away; absent leaves it. */
  pin: pinSchema.nullable().optional(),
  badge: barcodeSchema.nullable().optional(),
})

export const loginSchema = z.strictObject({
  /** To be sent with what the employee does, as `login`. */
  login: z.string(),
  employee: employeeSchema,
  register: tillIdSchema,
})
export type Login = z.infer<typeof loginSchema>

/** Somebody with more rights who agrees on the spot, without logging in. */
export const approvalSchema = z.strictObject({
  employee: tillIdSchema.optional(),
  pin: pinSchema.optional(),
  badge: barcodeSchema.optional(),
})
export type Approval = z.infer<typeof approvalSchema>
/** Secret of a log-in; left out where there are no employees. */
export const loginField = { login: z.string().max(64).optional() } as const
