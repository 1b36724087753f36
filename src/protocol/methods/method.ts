/** What an entry of the table of methods says, and the shapes that several entries share. */
import { z } from 'zod'
import type { Role } from '../access.ts'
import { deviceIdSchema } from '../device.ts'

export interface MethodEntry<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly summary: string
  readonly params: P
  readonly result: R
  /** Roles that may call it. What a technician may, an owner may. */
  readonly roles: readonly Role[]
  /** True for what only makes sense on a connection that stays (WebSocket). */
  readonly socketOnly?: boolean
  /** True for an administrative act: the audit log tells who did it. */
  readonly audited?: boolean
}

export const everyone: readonly Role[] = ['cashier', 'technician', 'monitor', 'owner']
export const sellers: readonly Role[] = ['cashier', 'technician', 'owner']
export const technicians: readonly Role[] = ['technician', 'owner']
export const owners: readonly Role[] = ['owner']

export const emptySchema = z.strictObject({})
export const byDeviceSchema = z.strictObject({ device: deviceIdSchema })
export const byIdSchema = z.strictObject({ id: deviceIdSchema })
export const idSchema = z.string().min(1).max(64)

/** Last in an entry: an administrative act. */
export const audited = { audited: true } as const

export const method = <P extends z.ZodType, R extends z.ZodType>(
  roles: readonly Role[],
  summary: string,
  params: P,
  result: R,
  options: { socketOnly?: boolean; audited?: boolean } = {},
): MethodEntry<P, R> => ({ roles, summary, params, result, ...options })
