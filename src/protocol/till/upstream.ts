/** Orders on their way home: what waits for an upstream, and what it refused. */
import { z } from 'zod'
import { tillIdSchema } from './amounts.ts'

export const outboxStateSchema = z.enum(['queued', 'sent', 'verified', 'parked'])
export type OutboxState = z.infer<typeof outboxStateSchema>

export const outboxKindSchema = z.enum([
  'customer',
  'session.opened',
  'order',
  'invoice',
  'cash',
  'session.closed',
])
export type OutboxKind = z.infer<typeof outboxKindSchema>

export const outboxItemSchema = z.strictObject({
  upstream: z.string(),
  /** Of the ledger entry. */
  seq: z.int(),
  kind: outboxKindSchema,
  /** Id of the order, session, move or customer. */
  id: tillIdSchema,
  state: outboxStateSchema,
  attempts: z.int(),
  /** Why it was refused, in the words of the upstream. */
  reason: z.string().nullable(),
  /** What the upstream calls it. */
  remote: z.string().nullable(),
  nextAt: z.iso.datetime().nullable(),
})
export type OutboxItem = z.infer<typeof outboxItemSchema>

export const upstreamStatusSchema = z.strictObject({
  upstream: z.string(),
  kind: z.string(),
  /** waiting: tried in vain, trying again. */
  state: z.enum(['idle', 'sending', 'waiting', 'stopped']),
  /** Of all that was recorded since it is there. */
  sold: z.int(),
  sent: z.int(),
  verified: z.int(),
  parked: z.int(),
  lastSuccessAt: z.iso.datetime().nullable(),
  problem: z.string().nullable(),
})
export type UpstreamStatus = z.infer<typeof upstreamStatusSchema>
