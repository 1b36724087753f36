/** Methods of the till. Rules: docs/till.md. */
import { catalogueMethods } from './till/catalogue.ts'
import { orderMethods } from './till/orders.ts'
import { peopleMethods } from './till/people.ts'
import { reportMethods } from './till/reports.ts'
import { sessionMethods } from './till/sessions.ts'

export const tillMethods = {
  ...catalogueMethods,
  ...peopleMethods,
  ...sessionMethods,
  ...orderMethods,
  ...reportMethods,
} as const
