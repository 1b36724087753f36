/** The settings of the door that speaks Odoo's hardware proxy. */
import { z } from 'zod'
import { gateShape } from '../gate.ts'

const nameSchema = z.string().min(1).max(80)

const stationSchema = z.strictObject({
  /** Port of the hub that the point of sale speaks to. */
  port: z.int().min(1).max(65_535),
  /** Ids or names; left out: the first of the class, and of scanners all. */
  printer: nameSchema.optional(),
  scanner: nameSchema.optional(),
  scale: nameSchema.optional(),
  display: nameSchema.optional(),
})

export const odooSection = z
  .strictObject({
    ...gateShape,
    stations: z
      .array(stationSchema)
      .max(100)
      .default([])
      .meta({ readOnly: true })
      .describe(
        'Which devices belong to the port that a point of sale speaks to. Without a row: the first of each class, all scanners.',
      ),
  })
  .prefault({})

export type OdooSettings = z.infer<typeof odooSection>
export type Station = Partial<Omit<z.infer<typeof stationSchema>, 'port'>>
