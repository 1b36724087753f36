/** Pairing, tokens, users, sessions, origins, the audit log. */
import { z } from 'zod'
import {
  accessNumbers,
  auditEntrySchema,
  clientNameSchema,
  devicesLimitSchema,
  givenPasswordSchema,
  originRecordSchema,
  originSchema,
  pairRoleSchema,
  passwordSchema,
  sessionSchema,
  tokenSchema,
  userNameSchema,
  userRoleSchema,
  userSchema,
} from '../access.ts'
import { audited, emptySchema, everyone, idSchema, method, owners, technicians } from './method.ts'

const byIdSchema = z.strictObject({ id: idSchema })

export const accessMethods = {
  'pair.code': method(
    technicians,
    'Make a short-lived code with which a till can pair itself',
    z.strictObject({
      role: pairRoleSchema,
      name: clientNameSchema.optional(),
      /** Only these devices; all when left out or null. Not for technicians. */
      devices: devicesLimitSchema.optional(),
    }),
    z.strictObject({
      code: z.string(),
      expiresAt: z.iso.datetime(),
      /** The address that pairs a browser by itself, to be shown as a QR code. */
      url: z.string(),
      /** The same as a QR code. */
      svg: z.string(),
    }),
    audited,
  ),
  'pair.cancel': method(technicians, 'Drop every open pairing code', emptySchema, emptySchema, audited),
  'token.list': method(
    technicians,
    'Paired clients',
    emptySchema,
    z.strictObject({ tokens: z.array(tokenSchema) }),
  ),
  'token.change': method(
    technicians,
    'Give a paired client another name, or hold it to other devices; its connections close and come back',
    z.strictObject({
      id: idSchema,
      name: clientNameSchema.optional(),
      devices: devicesLimitSchema.optional(),
    }),
    tokenSchema,
    audited,
  ),
  'token.revoke': method(
    technicians,
    'Take a token back; its connections close',
    byIdSchema,
    emptySchema,
    audited,
  ),

  'user.list': method(
    owners,
    'Users of the console',
    emptySchema,
    z.strictObject({ users: z.array(userSchema) }),
  ),
  'user.add': method(
    owners,
    'Let one more person use the console',
    z.strictObject({ name: userNameSchema, role: userRoleSchema, password: passwordSchema }),
    userSchema,
    audited,
  ),
  'user.change': method(
    owners,
    'Change the name, role or password of a user; its sessions end when role or password change',
    z.strictObject({
      id: idSchema,
      name: userNameSchema.optional(),
      role: userRoleSchema.optional(),
      password: passwordSchema.optional(),
    }),
    userSchema,
    audited,
  ),
  'user.remove': method(owners, 'Remove a user; its sessions end', byIdSchema, emptySchema, audited),
  'user.password': method(
    everyone,
    'Change the own password; the other sessions of the user end',
    z.strictObject({ current: givenPasswordSchema, next: passwordSchema }),
    emptySchema,
    // Anybody may call it: the handler tells the audit log, as an act only of what was changed.
  ),
  'session.list': method(
    owners,
    'Open sessions of the console',
    emptySchema,
    z.strictObject({ sessions: z.array(sessionSchema) }),
  ),
  'session.end': method(owners, 'End a session', byIdSchema, emptySchema, audited),

  'origin.list': method(
    technicians,
    'Origins of web pages that may use the hub, and those that wanted to',
    emptySchema,
    z.strictObject({ origins: z.array(originRecordSchema) }),
  ),
  'origin.allow': method(
    technicians,
    'Let pages of an origin use the hub',
    z.strictObject({ origin: originSchema }),
    originRecordSchema,
    audited,
  ),
  'origin.remove': method(
    technicians,
    'Take an origin off the list, allowed or seen; its connections close',
    z.strictObject({ origin: originSchema }),
    emptySchema,
    audited,
  ),

  'audit.list': method(
    technicians,
    'Administrative acts and refusals, newest first',
    z.strictObject({
      /** Only entries whose act, who or address contains this text. */
      text: z.string().max(100).optional(),
      limit: z.int().min(1).max(accessNumbers.auditPageMax).default(100),
      /** Only entries older than this id: `next` of the answer before. */
      before: z.int().optional(),
    }),
    z.strictObject({ entries: z.array(auditEntrySchema), next: z.int().optional() }),
  ),
} as const
