/** The settings of the door that speaks QZ Tray's WebSocket. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

const portsSchema = z.array(z.int().min(1).max(65_535)).max(8)

export const qzSection = z
  .strictObject({
    ...gateShape,
    console: z
      .boolean()
      .default(false)
      .describe(
        'Let in the pages that the console allows as well, without a token; others that ask are listed there.',
      ),
    ports: portsSchema.default([8182]).describe('Ports of plain ws, as QZ Tray has them.'),
    tlsPorts: portsSchema
      .default([8181])
      .describe('Ports of wss, with the certificate of https. Pages served by https use these.'),
    printer: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .describe('Id or name of the default printer. Left out: the first.'),
    certificates: z
      .array(z.string().min(1).max(1_000))
      .max(50)
      .default([])
      .describe(
        'PEM files, or SHA-256 fingerprints in hex, of certificates whose signature every request needs. None: no request needs one.',
      ),
  })
  .prefault({})

export type QzSettings = z.infer<typeof qzSection>
