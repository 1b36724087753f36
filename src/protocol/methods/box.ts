/** The box itself: what it is, its names and certificates, its log, its configuration. */
import { z } from 'zod'
import { deviceIdSchema } from '../device.ts'
import { audited, emptySchema, everyone, method, owners, technicians } from './method.ts'

export const logLevelSchema = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
export type LogLevel = z.infer<typeof logLevelSchema>
export const logNumbers = {
  /** Lines kept for reading. */
  linesMax: 2_000,
  pageMax: 500,
} as const

export const qrNumbers = {
  /** Characters of an address in a QR code: more than any address of a hub has, and drawn at once. */
  charsMax: 300,
} as const

export const logLineSchema = z.strictObject({
  /** Rises by one with each line. */
  seq: z.int(),
  at: z.iso.datetime(),
  level: logLevelSchema,
  message: z.string(),
  device: z.string().optional(),
  /** The other fields of the line, without secrets. */
  fields: z.record(z.string(), z.unknown()),
})
export type LogLine = z.infer<typeof logLineSchema>

const networkSchema = z.strictObject({
  /** The name before `.local`. */
  name: z.string(),
  /** Names and addresses under which the hub answers; anything else in a Host header is refused. */
  hosts: z.array(z.string()),
  addresses: z.array(z.strictObject({ address: z.string(), interface: z.string() })),
  /** False when the hub listens on loopback only. */
  reachable: z.boolean(),
  /** Addresses to type into a browser, the best first. */
  urls: z.array(z.string()),
  httpPort: z.int(),
  httpsPort: z.int().nullable(),
  /** Which connections may carry a token or a password. */
  tokensOver: z.enum(['https', 'any']),
})

const certificateSchema = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  /** Names and addresses it is for. */
  names: z.array(z.string()),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  /** SHA-256 of the certificate, `AB:CD:…`. */
  fingerprint: z.string(),
})

const tlsSchema = z.strictObject({
  mode: z.enum(['own', 'files', 'acme']),
  /** What browsers are shown; null when https is not served. */
  leaf: certificateSchema.nullable(),
  /** The root that tills install; null unless the mode is `own`. */
  root: certificateSchema.extend({ permitted: z.array(z.string()) }).nullable(),
  /** Names of the hub that the root may not vouch for: a new root would, and every till would have to install it. */
  uncovered: z.array(z.string()),
  /** When the leaf is made anew by itself; null when that is somebody else's work. */
  renewsAt: z.iso.datetime().nullable(),
  /** What is wrong, for a person. */
  problem: z.string().nullable(),
})

const configSchema = z.strictObject({
  /** The file that changes are written to. */
  file: z.string(),
  /** Paths, such as `hub.name`, whose value in the file is not what the hub runs with: they need a restart. */
  restart: z.array(z.string()),
  /** What the hub would start with now, secrets struck out. */
  values: z.record(z.string(), z.unknown()),
  /** Paths that a flag or an environment variable decides, whatever the file says. */
  overridden: z.array(z.string()),
  /** JSON Schema of the file, draft 2020-12: type, default, range and description of each setting. */
  schema: z.record(z.string(), z.unknown()),
})

export const boxMethods = {
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
  'hub.restart': method(
    technicians,
    'Stop and start again within the same process; connections close with 1012 and come back',
    emptySchema,
    emptySchema,
    audited,
  ),

  'network.info': method(technicians, 'Names, addresses and ports of the hub', emptySchema, networkSchema),
  'network.qr': method(
    everyone,
    'An address as a QR code, to be opened on a phone',
    z.strictObject({ url: z.string().min(1).max(qrNumbers.charsMax) }),
    /** A picture with its quiet zone, black on white. */
    z.strictObject({ svg: z.string() }),
  ),

  'tls.info': method(
    technicians,
    'The certificate that browsers are shown, and its root',
    emptySchema,
    tlsSchema,
  ),
  'tls.renew': method(
    technicians,
    'Make or fetch the leaf certificate anew now',
    emptySchema,
    tlsSchema,
    audited,
  ),
  'tls.root.renew': method(
    owners,
    'Make a new root: every till has to install it again',
    emptySchema,
    tlsSchema,
    audited,
  ),

  'log.read': method(
    technicians,
    'Lines of the log; ask again with `next` as `after`',
    z.strictObject({
      /** Only lines after this one; the newest page when left out. */
      after: z.int().min(0).optional(),
      /** This level and above. */
      level: logLevelSchema.optional(),
      device: deviceIdSchema.optional(),
      /** Only lines that contain this text, whatever its case. */
      text: z.string().max(100).optional(),
      /** How long to wait for a line. */
      ms: z.int().min(0).max(60_000).default(0),
    }),
    z.strictObject({
      lines: z.array(logLineSchema),
      next: z.int(),
      /** Lines after `after` that were dropped before they were asked for. */
      lost: z.int(),
      /** Level of the hub, and of devices that have one of their own. */
      level: logLevelSchema,
      devices: z.record(z.string(), logLevelSchema),
    }),
  ),
  'log.level': method(
    technicians,
    'Log more or less until the next start: the hub, or one device (null: as the hub)',
    z.strictObject({ device: deviceIdSchema.optional(), level: logLevelSchema.nullable() }),
    emptySchema,
    audited,
  ),

  'config.get': method(
    technicians,
    'The configuration and what is not in force yet',
    emptySchema,
    configSchema,
  ),
  'config.set': method(
    technicians,
    'Change settings in the file, which is checked first and kept as a copy; most need a restart',
    z.strictObject({
      changes: z
        .array(
          z.strictObject({
            /** Such as `hub.name`. */
            path: z.string().min(1).max(100),
            /** null goes back to the default. */
            value: z.unknown(),
          }),
        )
        .min(1)
        .max(100),
    }),
    configSchema,
    audited,
  ),
} as const
