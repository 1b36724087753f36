/** Traces: the bytes between the hub and a device, as `tillbridge trace` records and replays them. */
import { z } from 'zod'

/** First line of a trace file. */
export const traceHeaderSchema = z.strictObject({
  /** Version of the format. */
  trace: z.literal(1),
  device: z.string(),
  driver: z.string(),
  profile: z.string(),
  port: z.string(),
  /** What the driver was opened with, secrets struck out. */
  settings: z.record(z.string(), z.unknown()),
  startedAt: z.iso.datetime(),
})
export type TraceHeader = z.infer<typeof traceHeaderSchema>

/** The lines after it. `t`: ms since the start of the trace. */
export const traceEntrySchema = z.discriminatedUnion('dir', [
  /** Bytes to (`out`) and from (`in`) the device in hex; card data is masked, its length kept. */
  z.strictObject({ t: z.number(), dir: z.enum(['out', 'in']), hex: z.string() }),
  /** The port was opened or lost. */
  z.strictObject({ t: z.number(), dir: z.literal('port'), open: z.boolean(), reason: z.string().optional() }),
  /** What the driver told the hub: `scan`, `weight`, `faults`, `details`, `drawer`, or answered: `read`. */
  z.strictObject({ t: z.number(), dir: z.literal('told'), what: z.string(), data: z.unknown() }),
])
export type TraceEntry = z.infer<typeof traceEntrySchema>
