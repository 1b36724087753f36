/** A job in memory: its row, what was made ready for it, and who waits for its end. */
import { createHash } from 'node:crypto'
import type { PreparedPrint } from '../../drivers/driver.ts'
import { HubError } from '../../protocol/errors.ts'
import { endedStates, type Job, type JobKind, type JobPayload } from '../../protocol/job.ts'
import type { JobRow } from '../../store/store.ts'
import { isoTime } from '../clock.ts'

export class JobEntry {
  row: JobRow
  /** Undefined for a job taken up from the store until it is needed. */
  payload: JobPayload[JobKind] | undefined
  prepared: PreparedPrint | undefined
  /** For whom: with other settings a printer is another one. */
  preparedFor: object | undefined
  waitingFor: string | undefined
  /** True from the first byte on: from here a job never goes back to the queue. */
  sent = false
  /** Why the attempt was aborted before anything was sent. */
  abortedBy: 'cancel' | 'expiry' | 'stop' | undefined
  abort: AbortController | undefined
  /** Settles when the row is on the disk; rejects when it could not be recorded. */
  recorded: Promise<void> = Promise.resolve()
  /** The times that never change, as text: each change of the job shows them again. */
  #times: Pick<Job, 'createdAt' | 'expiresAt'> | undefined
  readonly #waiters = new Set<() => void>()
  #told = false

  constructor(row: JobRow) {
    this.row = row
  }

  get ended(): boolean {
    return endedStates.has(this.row.state)
  }

  toJob(): Job {
    const { createdAt, expiresAt } = this.row
    this.#times ??= { createdAt: isoTime(createdAt), expiresAt: isoTime(expiresAt) }
    return jobOf(this.row, this.waitingFor, this.#times)
  }

  /** Calls back once, when the job has ended; at once when it has been told. Answers how to stop waiting. */
  onEnd(callback: () => void): () => void {
    if (this.#told) {
      callback()
      return () => {}
    }
    this.#waiters.add(callback)
    return () => this.#waiters.delete(callback)
  }

  tellEnded(): void {
    this.#told = true
    for (const callback of [...this.#waiters]) callback()
    this.#waiters.clear()
    this.prepared = undefined
    this.payload = undefined
  }
}

export function jobOf(
  row: JobRow,
  waitingFor?: string,
  times: Pick<Job, 'createdAt' | 'expiresAt'> = {
    createdAt: isoTime(row.createdAt),
    expiresAt: isoTime(row.expiresAt),
  },
): Job {
  const job: Job = {
    id: row.id,
    device: row.device,
    kind: row.kind,
    state: row.state,
    attempts: row.attempts,
    ...times,
    client: row.client,
  }
  if (row.outcome !== undefined) job.outcome = row.outcome
  if (row.error !== undefined) job.error = row.error
  if (row.finishedAt !== undefined) job.finishedAt = isoTime(row.finishedAt)
  if (row.movedFrom !== undefined) job.movedFrom = row.movedFrom
  if (waitingFor !== undefined && (row.state === 'pending' || row.state === 'running'))
    job.waitingFor = waitingFor
  return job
}

/** JSON with keys in order, so that the same content is the same text whatever the client's order of fields. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const parts: string[] = []
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key]
    if (field !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalJson(field)}`)
  }
  return `{${parts.join(',')}}`
}

/** What "the same content" means: device, kind and payload. The expiry and the lease may differ. */
export function fingerprintOf(device: string, kind: JobKind, payload: unknown): string {
  return createHash('sha256')
    .update(`${device}\n${kind}\n${canonicalJson(payload)}`)
    .digest('base64url')
}

/** What a repeated submit is answered from the store, or `job_conflict`. */
export function repeatedRow(row: JobRow, fingerprint: string): Job {
  if (row.fingerprint !== fingerprint) throw new HubError('job_conflict', { id: row.id })
  return jobOf(row)
}

/** One code for every unknown outcome; what led to it stays in the context. */
export function doubtful(row: JobRow, cause: HubError): HubError {
  if (cause.code === 'job_outcome_unknown') return cause
  return new HubError('job_outcome_unknown', { device: row.device, reason: cause.code }, cause)
}
