/** Rows of the contract from and to the records that cross to the database: null for absent, JSON as text. */
import type {
  AuditRecord,
  OriginRecord,
  PairCodeRecord,
  TokenChange,
  TokenRecord,
  UserRecord,
} from './access.ts'
import type { DeviceRecord } from './books.ts'
import type { JobChange, JobColumn, JobRecord, StoredJob } from './jobs.ts'
import type {
  AccessStore,
  AuditRow,
  DeviceRow,
  JobPatch,
  JobRow,
  OriginRow,
  PairCodeRow,
  TokenRow,
  UserRow,
} from './store.ts'

const parsed = <T>(text: string): T => JSON.parse(text) as T
const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value))

export function jobRow(job: StoredJob): JobRow {
  return {
    id: job.id,
    device: job.device,
    kind: job.kind as JobRow['kind'],
    payload: job.payload,
    fingerprint: job.fingerprint,
    state: job.state as JobRow['state'],
    ...(job.outcome !== null && { outcome: parsed<NonNullable<JobRow['outcome']>>(job.outcome) }),
    ...(job.error !== null && { error: parsed<NonNullable<JobRow['error']>>(job.error) }),
    attempts: job.attempts,
    createdAt: job.createdAt,
    expiresAt: job.expiresAt,
    ...(job.finishedAt !== null && { finishedAt: job.finishedAt }),
    ...(job.movedFrom !== null && { movedFrom: job.movedFrom }),
    client: job.client,
    ...(job.evidence !== null && { evidence: job.evidence }),
  }
}

export function jobRecord(row: JobRow): JobRecord {
  return {
    id: row.id,
    device: row.device,
    kind: row.kind,
    fingerprint: row.fingerprint,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    finishedAt: row.finishedAt ?? null,
    movedFrom: row.movedFrom ?? null,
    client: row.client,
    outcome: jsonOrNull(row.outcome),
    error: jsonOrNull(row.error),
    evidence: row.evidence ?? null,
  }
}

/** Fields that an explicit undefined clears. */
const clearable = ['outcome', 'error', 'finishedAt', 'movedFrom', 'evidence'] as const
const required = ['device', 'state', 'attempts'] as const

export function jobChanges(patch: JobPatch): JobChange[] {
  const changes: [JobColumn, string | number | null][] = []
  for (const field of required) {
    const value = patch[field]
    if (value !== undefined) changes.push([field, value])
  }
  for (const field of clearable) {
    if (!(field in patch)) continue
    const value = patch[field]
    changes.push([field, typeof value === 'object' ? JSON.stringify(value) : (value ?? null)])
  }
  return changes
}

export function tokenRow({ lastUsedAt, lastUsedFrom, devices, ...token }: TokenRecord): TokenRow {
  return {
    ...token,
    ...(lastUsedAt !== null && { lastUsedAt }),
    ...(lastUsedFrom !== null && { lastUsedFrom }),
    ...(devices !== null && { devices: parsed<string[]>(devices) }),
  }
}

export function tokenRecord(row: TokenRow): TokenRecord {
  return {
    ...row,
    lastUsedAt: row.lastUsedAt ?? null,
    lastUsedFrom: row.lastUsedFrom ?? null,
    devices: jsonOrNull(row.devices),
  }
}

export function tokenChange({ name, devices }: Parameters<AccessStore['changeToken']>[1]): TokenChange {
  return {
    ...(name !== undefined && { name }),
    ...(devices !== undefined && { devices: jsonOrNull(devices ?? undefined) }),
  }
}

export function pairCodeRow({ name, devices, ...code }: PairCodeRecord): PairCodeRow {
  return {
    ...code,
    ...(name !== null && { name }),
    ...(devices !== null && { devices: parsed<string[]>(devices) }),
  }
}

export function pairCodeRecord(row: PairCodeRow): PairCodeRecord {
  return { ...row, name: row.name ?? null, devices: jsonOrNull(row.devices) }
}

export function userRow({ lastLoginAt, lastLoginFrom, ...user }: UserRecord): UserRow {
  return {
    ...user,
    ...(lastLoginAt !== null && { lastLoginAt }),
    ...(lastLoginFrom !== null && { lastLoginFrom }),
  }
}

export function userRecord(row: UserRow): UserRecord {
  return { ...row, lastLoginAt: row.lastLoginAt ?? null, lastLoginFrom: row.lastLoginFrom ?? null }
}

export function originRow({ allowed, lastSeenAt, lastSeenFrom, ...origin }: OriginRecord): OriginRow {
  return {
    ...origin,
    allowed: allowed === 1,
    ...(lastSeenAt !== null && { lastSeenAt }),
    ...(lastSeenFrom !== null && { lastSeenFrom }),
  }
}

export function originRecord(row: OriginRow): OriginRecord {
  return {
    ...row,
    allowed: row.allowed ? 1 : 0,
    lastSeenAt: row.lastSeenAt ?? null,
    lastSeenFrom: row.lastSeenFrom ?? null,
  }
}

export function auditRow({ detail, ...entry }: AuditRecord): AuditRow {
  return { ...entry, detail: parsed<AuditRow['detail']>(detail) }
}

export function deviceRow({ settings, disabled, backup, ...device }: DeviceRecord): DeviceRow {
  const row = { ...device, settings: parsed<DeviceRow['settings']>(settings), disabled: disabled === 1 }
  return backup === null ? row : { ...row, backup }
}

export function deviceRecord({ settings, disabled, backup, ...device }: DeviceRow): DeviceRecord {
  return {
    ...device,
    settings: JSON.stringify(settings),
    disabled: disabled ? 1 : 0,
    backup: backup ?? null,
  }
}
