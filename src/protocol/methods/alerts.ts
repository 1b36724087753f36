/** What is wrong with the shop, at a glance. */
import { z } from 'zod'
import { alertSchema } from '../alert.ts'
import { emptySchema, everyone, method } from './method.ts'

export const alertMethods = {
  'alert.list': method(
    everyone,
    'Alerts that are raised now, the oldest first',
    emptySchema,
    z.strictObject({
      alerts: z.array(alertSchema),
      /** From when the list is whole: until then, alerts of the run before may not be raised again yet. */
      wholeFrom: z.iso.datetime(),
    }),
  ),
} as const
