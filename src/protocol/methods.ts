/** Every method of the hub: its params, its result, who may call it. One table serves WebSocket, HTTP and documents. */
import { z } from 'zod'
import {
  deviceAddSchema,
  deviceIdSchema,
  deviceNameSchema,
  deviceSchema,
  portSchema,
  weightSchema,
} from './device.ts'
import { positionSchema, topicPatternSchema } from './event.ts'
import {
  displayShowPayloadSchema,
  jobIdSchema,
  jobLimits,
  jobSchema,
  jobSettleOutcomeSchema,
  jobStateSchema,
  jobSubmitSchema,
} from './job.ts'

import { traceEntrySchema, traceHeaderSchema } from './trace.ts'

export const protocolName = 'tillbridge.v1'

export const roleSchema = z.enum(['cashier', 'technician', 'monitor'])
export type Role = z.infer<typeof roleSchema>

export const leaseLimits = { leaseMsMin: 100, leaseMsMax: 10 * 60_000 } as const
export const subscriptionsMax = 64

const emptySchema = z.strictObject({})
const byDeviceSchema = z.strictObject({ device: deviceIdSchema })
const byIdSchema = z.strictObject({ id: deviceIdSchema })
const byJobSchema = z.strictObject({ id: jobIdSchema })
const leaseSchema = z.strictObject({
  lease: z.string(),
  expiresAt: z.iso.datetime(),
  /** Rises with every grant on the device, also across restarts of the hub. */
  fence: z.int().positive(),
})
const clientNameSchema = z.string().trim().min(1).max(80)

/** Orders to a twin: what a hand would do to the real thing. */
export const demoOrderSchema = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('plug'), on: z.boolean() }),
  z.strictObject({ order: z.literal('paper'), state: z.enum(['full', 'low', 'out']) }),
  z.strictObject({ order: z.literal('cover'), open: z.boolean() }),
  z.strictObject({ order: z.literal('drawer'), open: z.boolean() }),
  z.strictObject({ order: z.literal('clear_paper') }),
  /** Load in grams. */
  z.strictObject({ order: z.literal('load'), grams: z.int().min(-5_000).max(50_000) }),
  z.strictObject({ order: z.literal('motion'), on: z.boolean() }),
  z.strictObject({
    order: z.literal('scan'),
    code: z.string().min(1).max(500),
    /** AIM identifier that the scanner sends before the code, `]E0`. */
    aim: z
      .string()
      .regex(/^\][A-Za-z][0-9A-Za-z]$/)
      .optional(),
  }),
  z.strictObject({ order: z.literal('silent'), on: z.boolean() }),
  /**
   * What a bad cable or a dying device does to answers: changes bytes, stops half-way, comes seconds late, or loses the
   * wire at the next request. `none` heals.
   */
  z.strictObject({
    order: z.literal('fault'),
    fault: z.enum(['none', 'garble', 'half_answer', 'slow', 'drop']),
  }),
])
export type DemoOrder = z.infer<typeof demoOrderSchema>

interface MethodEntry<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly summary: string
  readonly params: P
  readonly result: R
  /** Roles that may call it; technician may call everything. */
  readonly roles: readonly Role[]
  /** True for what only makes sense on a connection that stays (WebSocket). */
  readonly socketOnly?: boolean
}

const everyone: readonly Role[] = ['cashier', 'technician', 'monitor']
const sellers: readonly Role[] = ['cashier', 'technician']
const technicians: readonly Role[] = ['technician']

const method = <P extends z.ZodType, R extends z.ZodType>(
  roles: readonly Role[],
  summary: string,
  params: P,
  result: R,
  options: { socketOnly?: boolean } = {},
): MethodEntry<P, R> => ({ roles, summary, params, result, ...options })

export const methods = {
  hello: method(
    everyone,
    'First request on a connection: who the client is and where it left off',
    z.strictObject({
      token: z.string().max(200),
      client: clientNameSchema,
      resume: positionSchema.optional(),
    }),
    z.strictObject({
      hub: z.string(),
      version: z.string(),
      epoch: z.string(),
      seq: z.int().min(0),
      role: roleSchema,
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

  'device.list': method(
    everyone,
    'All devices',
    emptySchema,
    z.strictObject({ devices: z.array(deviceSchema) }),
  ),
  'device.get': method(everyone, 'One device', byIdSchema, deviceSchema),
  'device.add': method(technicians, 'Accept a device on a port', deviceAddSchema, deviceSchema),
  'device.rename': method(
    technicians,
    'Give a device another name',
    z.strictObject({ id: deviceIdSchema, name: deviceNameSchema }),
    deviceSchema,
  ),
  'device.enable': method(technicians, 'Switch a device on', byIdSchema, deviceSchema),
  'device.disable': method(technicians, 'Switch a device off', byIdSchema, deviceSchema),
  'device.test': method(
    technicians,
    'Print a test ticket, read a weight, or say what can be tried by hand',
    byIdSchema,
    z.strictObject({ ok: z.boolean(), message: z.string(), job: z.string().optional() }),
  ),
  'device.remove': method(technicians, 'Forget a device', byIdSchema, emptySchema),
  'device.backup': method(
    technicians,
    'Name the printer that takes over when this one cannot print; null for none',
    z.strictObject({ id: deviceIdSchema, backup: deviceIdSchema.nullable() }),
    deviceSchema,
  ),
  'port.list': method(
    technicians,
    'Ports that discovery found',
    emptySchema,
    z.strictObject({ ports: z.array(portSchema) }),
  ),
  'port.probe': method(
    technicians,
    'Ask a port what is there by read-only questions. A thing that does not know them may print or show them; a drawer that opens at any character opens',
    z.strictObject({ port: z.string().min(1).max(400), driver: z.string().max(64).optional() }),
    portSchema,
  ),
  'port.scan': method(
    technicians,
    'Look for printers on the LAN by opening port 9100 of each address; sends nothing to them',
    /** IPv4 network of at most 1024 addresses, `192.168.1.0/24`; default: the networks that the hub is in. */
    z.strictObject({ network: z.string().max(40).optional() }),
    z.strictObject({ ports: z.array(portSchema), asked: z.int() }),
  ),
  'port.teach.start': method(
    technicians,
    'Find out which keyboard is a scanner: shows a code that only a scanner can type',
    z.strictObject({ ms: z.int().min(5_000).max(120_000) }),
    z.strictObject({
      teach: z.string(),
      code: z.string(),
      /** The code as a picture to be scanned from the screen. */
      svg: z.string(),
      expiresAt: z.iso.datetime(),
    }),
  ),
  'port.teach.wait': method(
    technicians,
    'Answers the port whose keyboard typed the code, with its layout; an error when the time is over',
    z.strictObject({ teach: z.string().max(64) }),
    portSchema,
  ),
  'device.trace': method(
    technicians,
    'The bytes between hub and device, both ways, from now on; ask again with `next` as `after`',
    z.strictObject({
      id: deviceIdSchema,
      after: z.int().min(0).optional(),
      /** Greets the device anew, so that the trace holds the whole conversation and can be replayed. */
      fresh: z.boolean().optional(),
      /** How long to wait for bytes. */
      ms: z.int().min(0).max(60_000).default(0),
    }),
    z.strictObject({
      trace: traceHeaderSchema,
      entries: z.array(traceEntrySchema),
      next: z.int(),
      /** Entries that were dropped because nobody asked for them in time. */
      lost: z.int(),
    }),
  ),
  'display.attach': method(
    everyone,
    'This connection shows a customer display from now on: what it shows, and the pictures for idle times',
    byDeviceSchema,
    z.strictObject({
      name: z.string(),
      revision: z.int(),
      document: displayShowPayloadSchema.nullable(),
      pictures: z.array(z.string()),
    }),
    { socketOnly: true },
  ),
  'display.shown': method(
    everyone,
    'This connection has painted a revision',
    z.strictObject({ device: deviceIdSchema, revision: z.int().min(0) }),
    emptySchema,
    { socketOnly: true },
  ),
  'driver.list': method(
    technicians,
    'Drivers with their profiles',
    emptySchema,
    z.strictObject({
      drivers: z.array(
        z.strictObject({
          id: z.string(),
          class: z.string(),
          name: z.string(),
          transports: z.array(z.string()),
          profiles: z.array(z.strictObject({ id: z.string(), name: z.string() })),
        }),
      ),
    }),
  ),

  'lease.acquire': method(
    sellers,
    'Take the right to use a device alone until a time',
    z.strictObject({
      device: deviceIdSchema,
      ms: z.int().min(leaseLimits.leaseMsMin).max(leaseLimits.leaseMsMax),
    }),
    leaseSchema,
  ),
  'lease.renew': method(
    sellers,
    'Keep a lease for longer',
    z.strictObject({
      lease: z.string().max(64),
      ms: z.int().min(leaseLimits.leaseMsMin).max(leaseLimits.leaseMsMax),
    }),
    leaseSchema,
  ),
  'lease.release': method(
    sellers,
    'Give a lease back',
    z.strictObject({ lease: z.string().max(64) }),
    emptySchema,
  ),

  'job.submit': method(
    sellers,
    'Ask a device to do something. The id makes it safe to ask again',
    jobSubmitSchema,
    jobSchema,
  ),
  'job.get': method(everyone, 'One job', byJobSchema, jobSchema),
  'job.list': method(
    everyone,
    'Jobs, newest first',
    z.strictObject({
      device: deviceIdSchema.optional(),
      state: jobStateSchema.optional(),
      limit: z.int().min(1).max(jobLimits.listMax).optional(),
      /** `next` of the answer before. */
      before: z.string().max(64).optional(),
    }),
    z.strictObject({ jobs: z.array(jobSchema), next: z.string().optional() }),
  ),
  'job.cancel': method(sellers, 'Drop a job of which nothing was sent', byJobSchema, jobSchema),
  'job.settle': method(
    sellers,
    'Say what really happened to a job whose outcome is unknown',
    z.strictObject({ id: jobIdSchema, outcome: jobSettleOutcomeSchema }),
    jobSchema,
  ),
  'job.wait': method(
    sellers,
    'Answers when the job has ended, or after `ms` with the job as it is',
    z.strictObject({ id: jobIdSchema, ms: z.int().min(0).max(jobLimits.waitMsMax) }),
    jobSchema,
  ),

  'scale.read': method(
    everyone,
    'A fresh weight, or an error. Never an old value',
    z.strictObject({
      device: deviceIdSchema,
      /** For a scale that computes prices: the price for one unit of weight. */
      unitPrice: z
        .string()
        .regex(/^\d{1,6}(\.\d{1,4})?$/, 'is not a decimal price')
        .optional(),
    }),
    weightSchema,
  ),

  'pair.code': method(
    technicians,
    'Make a short-lived code with which a till can pair itself',
    z.strictObject({ role: roleSchema, name: clientNameSchema.optional() }),
    z.strictObject({ code: z.string(), expiresAt: z.iso.datetime() }),
  ),
  'token.list': method(
    technicians,
    'Paired clients',
    emptySchema,
    z.strictObject({
      tokens: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          role: roleSchema,
          createdAt: z.iso.datetime(),
          lastUsedAt: z.iso.datetime().nullable(),
        }),
      ),
    }),
  ),
  'token.revoke': method(
    technicians,
    'Take a token back; its connections close',
    z.strictObject({ id: z.string().max(64) }),
    emptySchema,
  ),

  'hub.info': method(
    everyone,
    'Version, health, limits and counters of the hub',
    emptySchema,
    z.strictObject({
      hub: z.string(),
      /** As the configuration calls it, for people. */
      name: z.string(),
      version: z.string(),
      status: z.enum(['starting', 'ready', 'degraded']),
      reasons: z.array(z.string()),
      startedAt: z.iso.datetime(),
      epoch: z.string(),
      seq: z.int(),
      clients: z.int(),
      demo: z.boolean(),
    }),
  ),

  'demo.order': method(
    technicians,
    'Do to a demo device what a hand would do to a real one',
    z.strictObject({ device: deviceIdSchema, order: demoOrderSchema }),
    emptySchema,
  ),
  'demo.paper': method(
    everyone,
    'What the demo printer has on its paper, as a picture',
    byDeviceSchema,
    z.strictObject({ svg: z.string(), revision: z.int(), drawerOpen: z.boolean() }),
  ),
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

export const pairRequestSchema = z.strictObject({ code: z.string().min(1).max(32), name: clientNameSchema })
export const pairResultSchema = z.strictObject({ token: z.string(), role: roleSchema })
export const healthSchema = z.looseObject({
  status: z.enum(['starting', 'ready', 'degraded']),
  version: z.string(),
  hub: z.string(),
  reasons: z.array(z.string()).optional(),
})
