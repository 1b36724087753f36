/** Every method of the hub: its params, its result, who may call it. One table serves WebSocket, HTTP and documents. */
import { z } from 'zod'
import { clientNameSchema, roleSchema } from './access.ts'
import { positionSchema, topicPatternSchema } from './event.ts'
import { accessMethods } from './methods/access.ts'
import { alertMethods } from './methods/alerts.ts'
import { boxMethods } from './methods/box.ts'
import { demoMethods } from './methods/demo.ts'
import { deviceMethods } from './methods/devices.ts'
import { jobMethods } from './methods/jobs.ts'
import { emptySchema, everyone, type MethodEntry, method } from './methods/method.ts'
import { tillMethods } from './methods/till.ts'

export { pairRequestSchema, pairResultSchema, type Role, roleSchema } from './access.ts'
export { type DemoOrder, demoOrderSchema } from './methods/demo.ts'
export { leaseLimits } from './methods/jobs.ts'

export const protocolName = 'tillbridge.v1'
export const subscriptionsMax = 64

export const methods = {
  hello: method(
    everyone,
    'First request on a connection: who the client is and where it left off',
    z.strictObject({
      /** Left out by a page of the hub itself whose user has logged in. */
      token: z.string().max(200).optional(),
      client: clientNameSchema,
      resume: positionSchema.optional(),
    }),
    z.strictObject({
      hub: z.string(),
      version: z.string(),
      epoch: z.string(),
      seq: z.int().min(0),
      role: roleSchema,
      /** Name that the hub knows the client by. */
      name: z.string(),
      /** The devices that the client is held to; null for all. */
      devices: z.array(z.string()).nullable(),
      /** Present when the client asked to resume: false when events it missed are gone. */
      resumed: z.boolean().optional(),
    }),
    { socketOnly: true },
  ),
  ping: method(
    everyone,
    'Sign of life for clients that cannot send WebSocket pings',
    emptySchema,
    emptySchema,
  ),
  'event.subscribe': method(
    everyone,
    'Subscribe to topics; replaces the subscription before',
    z.strictObject({ topics: z.array(topicPatternSchema).max(subscriptionsMax) }),
    /** seq: every matching event after it will be sent on this connection. */
    z.strictObject({ seq: z.int().min(0), resumed: z.boolean().optional() }),
    { socketOnly: true },
  ),
  ...deviceMethods,
  ...jobMethods,
  ...accessMethods,
  ...alertMethods,
  ...boxMethods,
  ...demoMethods,
  ...tillMethods,
} as const satisfies Record<string, MethodEntry>

export type MethodName = keyof typeof methods
export const methodNames = Object.keys(methods) as MethodName[]
/** What a client sends: fields with defaults may be left out. */
export type Params<M extends MethodName> = z.input<(typeof methods)[M]['params']>
/** What the hub sees after the schema. */
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]['params']>
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>

export function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name)
}

export const healthSchema = z.looseObject({
  status: z.enum(['starting', 'ready', 'degraded']),
  version: z.string(),
  hub: z.string(),
  reasons: z.array(z.string()).optional(),
})
