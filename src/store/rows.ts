/** Rows of the contract from and to the records that cross to the database: null for absent, JSON as text. */
import type { DeviceRecord, PairCodeRecord, TokenRecord } from './books.ts'
import type { JobChange, JobColumn, JobRecord, StoredJob } from './jobs.ts'
import type { DeviceRow, JobPatch, JobRow, PairCodeRow, TokenRow } from './store.ts'

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

export function tokenRow({ lastUsedAt, ...token }: TokenRecord): TokenRow {
  return lastUsedAt === null ? token : { ...token, lastUsedAt }
}

export function pairCodeRow({ name, ...code }: PairCodeRecord): PairCodeRow {
  return name === null ? code : { ...code, name }
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
