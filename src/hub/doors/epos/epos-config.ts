/** The settings of the door that speaks Epson's ePOS-Print. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

const nameSchema = z.string().min(1).max(80)

const rowSchema = z
  .strictObject({
    /** Of the request: `local_printer` where the till lets nobody choose. */
    devid: z.string().min(1).max(100).optional(),
    /** Port of the hub that the till speaks to. */
    port: z.int().min(1).max(65_535).optional(),
    /** Name of the hub that the till speaks to. */
    host: z.string().min(1).max(253).optional(),
    /** Id or name. */
    printer: nameSchema,
  })
  .refine(({ devid, host, port }) => devid !== undefined || host !== undefined || port !== undefined, {
    message: 'needs devid, port or host',
  })

export const eposSection = z
  .strictObject({
    ...gateShape,
    printer: nameSchema
      .optional()
      .describe('Id or name of the printer for tills that name none. Left out: the first.'),
    printers: z
      .array(rowSchema)
      .max(100)
      .default([])
      .meta({ readOnly: true })
      .describe(
        'Which printer is meant by the devid, the port or the host name that a till speaks to; the first row that fits.',
      ),
  })
  .prefault({})

export type EposSettings = z.infer<typeof eposSection>
