/** Events: numbered facts, announced after they are recorded. */
import { z } from 'zod'
import { alertSchema, clearedAlertSchema } from './alert.ts'
import { deviceSchema, scanSchema, weightSchema } from './device.ts'
import { displayShowPayloadSchema, jobSchema } from './job.ts'
import { orderSummarySchema } from './till/order.ts'
import { cashMoveSchema, sessionSchema } from './till/session.ts'
import { upstreamStatusSchema } from './till/upstream.ts'

export { topicMatches } from './topics.ts'

/** Every topic with the shape of its data. */
export const eventSchemas = {
  'device.added': deviceSchema,
  /** The whole device after a change of state, faults, name, details. */
  'device.changed': deviceSchema,
  'device.removed': z.strictObject({ id: z.string() }),
  scan: scanSchema,
  'scale.weight': weightSchema,
  /** `job`: the job that opened it; without one it was opened by key or force, and `drawer.forced` follows. */
  'drawer.opened': z.strictObject({ job: z.string().optional(), reason: z.string().optional() }),
  'drawer.closed': z.strictObject({}),
  /** A drawer opened that no job had asked to open. */
  'drawer.forced': z.strictObject({}),
  /** What a browser display shows from now on; null is the idle screen. */
  'display.changed': z.strictObject({ revision: z.int(), document: displayShowPayloadSchema.nullable() }),
  'job.changed': jobSchema,
  'port.found': z.strictObject({ url: z.string(), label: z.string() }),
  'port.lost': z.strictObject({ url: z.string() }),
  'hub.health': z.strictObject({
    status: z.enum(['starting', 'ready', 'degraded']),
    reasons: z.array(z.string()),
  }),
  /** A trouble has lasted; told again when its severity or sentence is another one. */
  'alert.raised': alertSchema,
  /** It has been mended for a while. */
  'alert.cleared': clearedAlertSchema,
  /** Tokens, users, sessions, origins or codes are not what they were: ask again. */
  'access.changed': z.strictObject({ what: z.enum(['tokens', 'users', 'sessions', 'origins', 'codes']) }),
  /** A page of an origin that is not on the list wanted to use the hub. */
  'origin.seen': z.strictObject({ origin: z.string() }),
  /** The certificate or the addresses of the hub are not what they were. */
  'network.changed': z.strictObject({}),
  /** A draft was saved, held, let go, cancelled or paid: the hub tells all tills. */
  'till.order.changed': orderSummarySchema,
  'till.session.changed': sessionSchema,
  'till.cash.moved': cashMoveSchema,
  /** Things of the catalogue, employees or the shop are not what they were: ask for what is newer than what you have. */
  'till.catalogue.changed': z.strictObject({ kind: z.string(), revision: z.int() }),
  'till.outbox.changed': upstreamStatusSchema,
  'demo.paper': z.strictObject({ revision: z.int() }),
} as const

export type EventTopic = keyof typeof eventSchemas
export const eventTopics = Object.keys(eventSchemas) as EventTopic[]
export type EventData<T extends EventTopic> = z.infer<(typeof eventSchemas)[T]>

/** A topic, or a family of them: `device.*`, `*`. */
export const topicPatternSchema = z
  .string()
  .regex(/^(\*|[a-z]+(\.[a-z]+)*(\.\*)?)$/, 'is not a topic or topic.*')

export const eventSchema = z.strictObject({
  seq: z.int().positive(),
  topic: z.string(),
  device: z.string().optional(),
  at: z.iso.datetime(),
  data: z.unknown(),
})
export interface HubEvent<T extends EventTopic = EventTopic> {
  seq: number
  topic: T
  device?: string
  at: string
  data: EventData<T>
}

/** A position in the stream of events. An epoch ends when numbered events may have been lost. */
export const positionSchema = z.strictObject({ epoch: z.string().max(64), seq: z.int().min(0) })
export type Position = z.infer<typeof positionSchema>
