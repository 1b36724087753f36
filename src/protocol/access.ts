/** Who may in, as it crosses the wire: roles, tokens, users, sessions, origins, the audit log. */
import { z } from 'zod'
import { deviceIdSchema } from './device.ts'

/** A user of the console may also be an owner; a paired client never is. */
export const roleSchema = z.enum(['cashier', 'technician', 'monitor', 'owner'])
export type Role = z.infer<typeof roleSchema>
export const pairRoleSchema = z.enum(['cashier', 'technician', 'monitor'])
export const userRoleSchema = z.enum(['owner', 'technician', 'monitor'])
export type UserRole = z.infer<typeof userRoleSchema>

export const accessNumbers = {
  passwordCharsMin: 10,
  passwordCharsMax: 200,
  /** Devices that one client may be held to. */
  devicesMax: 64,
  auditPageMax: 500,
  originsMax: 200,
} as const

export const clientNameSchema = z.string().trim().min(1).max(80)
export const passwordSchema = z
  .string()
  .min(accessNumbers.passwordCharsMin)
  .max(accessNumbers.passwordCharsMax)
/** A password that is only compared: how long it may be says nothing to whoever guesses. */
export const givenPasswordSchema = z.string().max(accessNumbers.passwordCharsMax)
/** Names are compared without regard to case. */
export const userNameSchema = z.string().trim().min(1).max(60)
/** Scheme, host, and port unless it is the usual one, as browsers write it. */
export const originSchema = z
  .string()
  .max(300)
  .regex(/^https?:\/\/[^/?#@\s]+$/, 'is not an origin such as https://pos.example.com')

/** The devices a client is held to; null for all. */
export const devicesLimitSchema = z.array(deviceIdSchema).min(1).max(accessNumbers.devicesMax).nullable()

export const tokenSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  devices: z.array(z.string()).nullable(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  /** Address it was last used from. */
  lastUsedFrom: z.string().nullable(),
  /** Its open connections at this moment. */
  connections: z.int(),
})

export const userSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: userRoleSchema,
  createdAt: z.iso.datetime(),
  lastLoginAt: z.iso.datetime().nullable(),
  lastLoginFrom: z.string().nullable(),
})

export const sessionSchema = z.strictObject({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  from: z.string(),
  /** The browser, in the words of its user agent. */
  agent: z.string(),
  /** True for the session that asks. */
  own: z.boolean(),
})

export const originRecordSchema = z.strictObject({
  origin: z.string(),
  /** `configured`: by the configuration, which alone can take it back. `seen`: it wanted in and was refused. */
  state: z.enum(['configured', 'allowed', 'seen']),
  /** When it was last seen; null when never. */
  lastSeenAt: z.iso.datetime().nullable(),
  lastSeenFrom: z.string().nullable(),
  /** How often it was refused. */
  refused: z.int(),
})

export const auditEntrySchema = z.strictObject({
  id: z.int(),
  at: z.iso.datetime(),
  /** Who did it: a user, a client, `command line of this box`, or null for somebody unknown. */
  who: z.string().nullable(),
  role: roleSchema.nullable(),
  /** Address it came from; null from the box itself. */
  from: z.string().nullable(),
  /** A method, or what was refused: `login`, `pair`, `setup`, `token.refused`, `origin.refused`, `host.refused`, … */
  act: z.string(),
  /** What it was about, without secrets. */
  detail: z.record(z.string(), z.unknown()),
  /** `done`, or the code of the error it was refused with; null while it is under way or after a crash in between. */
  result: z.string().nullable(),
  /** How many of the same were put into this entry. */
  count: z.int(),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** `POST /api/v1/setup`: the code of the set-up ticket, and the first owner. */
export const setUpRequestSchema = z.strictObject({
  code: z.string().min(1).max(32),
  name: userNameSchema,
  password: passwordSchema,
})
/** `POST /api/v1/session`. */
export const loginRequestSchema = z.strictObject({ name: userNameSchema, password: givenPasswordSchema })
/** What both answer; the session itself is a cookie that no script sees. */
export const sessionResultSchema = z.strictObject({
  user: z.string(),
  name: z.string(),
  role: userRoleSchema,
})
/** `GET /api/v1/setup`. */
export const setUpStateSchema = z.strictObject({
  /** True until an owner has set a password. */
  needed: z.boolean(),
  /** Name of the shop's hub. */
  name: z.string(),
  /** Where to go on when this connection may carry no secret; null when it may. */
  secureUrl: z.string().nullable(),
})
/** `GET /api/v1/reach`, which pages of every origin may read: what stands between this page and the hub. */
export const reachSchema = z.strictObject({
  hub: z.string(),
  /** The origin that asked, as the hub saw it; null without one. */
  origin: z.string().nullable(),
  originAllowed: z.boolean(),
  /** Whether this connection may carry a token. */
  tokensAllowed: z.boolean(),
  /** Where https is served, port only; null when it is not. */
  httpsPort: z.int().nullable(),
})

export const pairRequestSchema = z.strictObject({ code: z.string().min(1).max(32), name: clientNameSchema })
export const pairResultSchema = z.strictObject({ token: z.string(), role: roleSchema })
