/** People at the till: logging in, and who is employed. */
import { z } from 'zod'
import { barcodeSchema, tillIdSchema } from '../../till/amounts.ts'
import { employeePutSchema, employeeSchema, loginField, loginSchema, pinSchema } from '../../till/people.ts'
import { audited, emptySchema, everyone, method, sellers } from '../method.ts'

export const peopleMethods = {
  'till.employee.list': method(
    everyone,
    'Who is employed, by name',
    emptySchema,
    z.strictObject({ employees: z.array(employeeSchema) }),
  ),
  'till.employee.put': method(
    sellers,
    'Add or change an employee. Needs a manager or a technician; the first one may be made by any technician',
    z.strictObject({ ...loginField, employee: employeePutSchema }),
    employeeSchema,
    audited,
  ),
  'till.employee.remove': method(
    sellers,
    'Remove an employee and end their log-ins; what they sold keeps their name',
    z.strictObject({ ...loginField, id: tillIdSchema }),
    emptySchema,
    audited,
  ),
  'till.login': method(
    sellers,
    'Log in at a register: by choosing a name and typing its PIN, or by badge, and the PIN where one is set',
    z.strictObject({
      register: tillIdSchema,
      employee: tillIdSchema.optional(),
      pin: pinSchema.optional(),
      badge: barcodeSchema.optional(),
    }),
    loginSchema,
  ),
  'till.logout': method(sellers, 'End a log-in', z.strictObject({ login: z.string().max(64) }), emptySchema),
} as const
