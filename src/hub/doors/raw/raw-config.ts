/** The settings of the door that takes raw bytes for printers. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

const portSchema = z.strictObject({
  port: z.int().min(1).max(65_535),
  /** Id or name. */
  printer: z.string().min(1).max(80),
})

export const rawSection = z
  .strictObject({
    sources: gateShape.sources,
    pauseMs: z
      .int()
      .min(100)
      .max(60_000)
      .default(2_000)
      .describe('On a connection that stays open, a receipt ends when nothing has come for so long, in ms.'),
    ports: z
      .array(portSchema)
      .max(100)
      .default([])
      .refine((all) => new Set(all.map(({ port }) => port)).size === all.length, 'holds a port twice')
      .meta({ readOnly: true })
      .describe('Ports that take bytes in the language of a printer, as its own port 9100 does.'),
  })
  .prefault({})

export type RawSettings = z.infer<typeof rawSection>
