/** Alerts: troubles that last, so that somebody should come and look. Derived from what is, and gone when it is mended. */
import { z } from 'zod'
import { deviceIdSchema, faultCodeSchema } from './device.ts'

/** Faults that say that a device is not there: of these an alert tells as `device_gone`. */
export const goneFaults = ['not_responding', 'port_unavailable'] as const

/** A fault of a device by its code, or what else may be wrong with the box. */
export const alertKindSchema = z.enum([
  ...faultCodeSchema.exclude(goneFaults).options,
  'device_gone',
  'jobs_unknown',
  'disk_low',
  'certificate_ending',
  'clock_wrong',
  'store_degraded',
  'hub_degraded',
])
export type AlertKind = z.infer<typeof alertKindSchema>

/** `critical`: something does not work now, or soon. `warning`: look at it today. */
export const alertSeveritySchema = z.enum(['warning', 'critical'])
export type AlertSeverity = z.infer<typeof alertSeveritySchema>

export const alertSchema = z.strictObject({
  /** The same for the same trouble, also after a restart: the kind, and behind a point what it is about. */
  id: z.string().regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9._-]+)?$/),
  kind: alertKindSchema,
  severity: alertSeveritySchema,
  /** The device that it is about; absent when it is the box. */
  device: deviceIdSchema.optional(),
  /** Since when, as far as the hub has seen it since its start. */
  since: z.iso.datetime(),
  /** What is wrong, for a person. */
  message: z.string(),
})
export type Alert = z.infer<typeof alertSchema>

export const clearedAlertSchema = alertSchema.extend({ clearedAt: z.iso.datetime() })
export type ClearedAlert = z.infer<typeof clearedAlertSchema>
