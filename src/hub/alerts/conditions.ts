/** What is wrong now, as far as it is worth an alert: a list made of the present state alone. */
import { type AlertKind, type AlertSeverity, goneFaults } from '../../protocol/alert.ts'
import type { Device } from '../../protocol/device.ts'
import { dayMs, tlsLimits } from '../tls/tls-limits.ts'
import type { AlertSettings } from './alert-config.ts'

export const conditionLimits = {
  /** With less the next backup or update fails, in MiB. */
  diskCriticalMiB: 200,
  /** So many days before its end nobody waits for the authority any more. */
  certificateCriticalDays: 3,
  /** Once there is an alert of the disk, so much more has to be free for it to go, in parts of the limit. */
  diskMargin: 0.1,
} as const

const mebibyte = 1_024 * 1_024

export interface Condition {
  id: string
  kind: AlertKind
  severity: AlertSeverity
  device?: string
  message: string
  /** Since when, in ms since 1970, where that is known. */
  since?: number
  /** How long it has to last before anybody is told, in ms. */
  afterMs: number
}

export interface State {
  devices: readonly Device[]
  unknownJobs: ReadonlyMap<string, { jobs: number; since: number }>
  /** What is wrong with the parts of the hub. */
  health: ReadonlyMap<string, string>
  /** Undefined when it cannot be told. */
  diskFreeBytes: number | undefined
  /** ms since 1970; undefined where https is not served. */
  certificateEnds: number | undefined
  now: number
  /** Whether there is such an alert already. */
  raised: (id: string) => boolean
}

export function conditionsOf(state: State, settings: AlertSettings): Condition[] {
  return [
    ...state.devices.flatMap((device) => ofDevice(device, settings)),
    ...ofJobs(state, settings),
    ...ofHealth(state, settings),
    ...ofDisk(state, settings),
    ...ofCertificate(state, settings),
    ...ofClock(state, settings),
  ]
}

/** A page that shows the customer display is opened and closed as people like. */
const isPage = ({ port }: Device): boolean => port.startsWith('page:')
const saysGone: ReadonlySet<string> = new Set(goneFaults)

function ofDevice(device: Device, { faultMs, goneMs }: AlertSettings): Condition[] {
  const { faults, id, name, state } = device
  if (state === 'disabled' || isPage(device)) return []
  const there = faults.filter(({ code }) => !saysGone.has(code))
  const away = state === 'absent' || state === 'connecting' || there.length < faults.length
  const found = there.map(
    ({ blocking, code, message, since }): Condition => ({
      id: `${code}.${id}`,
      kind: code as AlertKind,
      severity: blocking ? 'critical' : 'warning',
      device: id,
      message: `${name}: ${message}`,
      since: Date.parse(since),
      afterMs: faultMs,
    }),
  )
  if (!away) return found
  const message = `${name} is not there. Look at its power and its cable.`
  return [
    ...found,
    {
      id: `device_gone.${id}`,
      kind: 'device_gone',
      severity: 'critical',
      device: id,
      message,
      afterMs: goneMs,
    },
  ]
}

function ofJobs({ devices, now, unknownJobs }: State, { unknownMs }: AlertSettings): Condition[] {
  return [...unknownJobs].map(([device, { jobs, since }]) => {
    const name = devices.find(({ id }) => id === device)?.name ?? device
    const what = jobs === 1 ? `a job on ${name} was` : `${jobs} jobs on ${name} were`
    return {
      id: `jobs_unknown.${device}`,
      kind: 'jobs_unknown',
      severity: 'warning',
      device,
      message: `Nobody knows whether ${what} done. Look, and say so on the console.`,
      since,
      afterMs: Math.max(0, since + unknownMs - now),
    }
  })
}

const storeParts: ReadonlySet<string> = new Set(['store', 'events'])

function ofHealth({ health }: State, { faultMs }: AlertSettings): Condition[] {
  return [...health].map(([part, message]) => {
    const kind = storeParts.has(part) ? 'store_degraded' : 'hub_degraded'
    const severity = part === 'store' ? 'critical' : 'warning'
    return {
      id: `${kind}.${part.replace(/[^A-Za-z0-9._-]/g, '-')}`,
      kind,
      severity,
      message,
      afterMs: faultMs,
    }
  })
}

function ofDisk({ diskFreeBytes, raised }: State, { diskFreeMiB, faultMs }: AlertSettings): Condition[] {
  if (diskFreeBytes === undefined) return []
  const margin = raised('disk_low') ? 1 + conditionLimits.diskMargin : 1
  const free = diskFreeBytes / mebibyte
  if (free >= diskFreeMiB * margin) return []
  const isCritical = free < Math.min(conditionLimits.diskCriticalMiB, diskFreeMiB)
  const limit = isCritical ? Math.min(conditionLimits.diskCriticalMiB, diskFreeMiB) : diskFreeMiB
  return [
    {
      id: 'disk_low',
      kind: 'disk_low',
      severity: isCritical ? 'critical' : 'warning',
      message: `Less than ${limit} MiB is free on the disk of the hub.`,
      afterMs: faultMs,
    },
  ]
}

function ofCertificate(
  { certificateEnds, now }: State,
  { certificateDays, faultMs }: AlertSettings,
): Condition[] {
  if (certificateEnds === undefined || certificateEnds - now >= certificateDays * dayMs) return []
  const isOver = certificateEnds <= now
  const isCritical = certificateEnds - now < conditionLimits.certificateCriticalDays * dayMs
  const day = new Date(certificateEnds).toISOString().slice(0, 10)
  return [
    {
      id: 'certificate_ending',
      kind: 'certificate_ending',
      severity: isCritical ? 'critical' : 'warning',
      message: `The certificate of the hub ${isOver ? 'ended' : 'ends'} on ${day}. Renew it.`,
      afterMs: faultMs,
    },
  ]
}

function ofClock({ now }: State, { faultMs }: AlertSettings): Condition[] {
  if (now >= tlsLimits.earliestMs) return []
  const day = new Date(now).toISOString().slice(0, 10)
  return [
    {
      id: 'clock_wrong',
      kind: 'clock_wrong',
      severity: 'warning',
      message: `The clock of the hub is wrong: it says ${day}. Receipts and certificates go by it.`,
      afterMs: faultMs,
    },
  ]
}
