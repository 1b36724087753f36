/** The store contract: durable rows behind promises. The main thread never waits on the disk. */
import type { ErrorRecord } from '../protocol/errors.ts'
import type { JobKind, JobOutcome, JobState } from '../protocol/job.ts'
import type { Role } from '../protocol/methods.ts'

export const storeLimits = {
  /** Operations taken into one commit. */
  groupOpsMax: 512,
  /** Operations waiting for the worker before new ones are refused with `store_unavailable`. */
  waitingOpsMax: 20_000,
  /** Events kept, counted and by age. */
  eventsMax: 50_000,
  eventAgeMsMax: 24 * 3_600_000,
  /** Ended jobs kept, so that a repeated id finds its job. */
  endedJobsMax: 100_000,
  endedJobAgeMsMax: 30 * 24 * 3_600_000,
} as const

/** Times are ms since 1970. */
export interface JobRow {
  id: string
  device: string
  kind: JobKind
  /** The payload as JSON text. */
  payload: string
  /** Hash of device, kind and payload: what "the same content" means. */
  fingerprint: string
  state: JobState
  outcome?: JobOutcome
  error?: ErrorRecord
  attempts: number
  createdAt: number
  expiresAt: number
  finishedAt?: number
  movedFrom?: string
  client: string
  /** What the driver knew of the device before the attempt, for an inquiry. */
  evidence?: string
}

export type JobPatch = Partial<
  Pick<
    JobRow,
    'device' | 'state' | 'outcome' | 'error' | 'attempts' | 'finishedAt' | 'movedFrom' | 'evidence'
  >
>

export interface JobFilter {
  device?: string | undefined
  state?: JobState | undefined
  limit: number
  /** `next` of the page before. */
  before?: string | undefined
}

/** Every write is on the disk (synchronous=FULL) when its promise resolves, and not at all when it rejects. */
export interface JobStore {
  /** Rejects with HubError `job_conflict` when the id is taken. */
  insert(row: JobRow): Promise<void>
  /** Absent fields stay; an explicit undefined clears. Rejects with `job_unknown` when there is no such row. */
  update(id: string, patch: JobPatch): Promise<void>
  get(id: string): Promise<JobRow | undefined>
  /** Newest first. `next` is absent on the last page. Rows come without their payload (empty text). */
  list(filter: JobFilter): Promise<{ rows: JobRow[]; next?: string }>
  /** Pending and running jobs in order of arrival: what a start has to take up. */
  unended(): Promise<JobRow[]>
  /** Ended jobs that finished at or after `since`, without payloads, oldest first, at most `limit`. */
  endedSince(since: number, limit: number): Promise<JobRow[]>
  /** Drops ended jobs beyond the limits. Answers how many. */
  prune(now: number): Promise<number>
}

export interface TokenRow {
  id: string
  name: string
  role: Role
  /** SHA-256 of the token in hex; the token itself is never stored. */
  hash: string
  createdAt: number
  lastUsedAt?: number
}

export interface PairCodeRow {
  /** SHA-256 of the code in hex. */
  hash: string
  role: Role
  name?: string
  expiresAt: number
}

export interface AccessStore {
  insertToken(row: TokenRow): Promise<void>
  tokenByHash(hash: string): Promise<TokenRow | undefined>
  tokens(): Promise<TokenRow[]>
  /** Written with the next commit, not waited for by anybody. */
  touchToken(id: string, at: number): Promise<void>
  /** Answers false when there was none. */
  deleteToken(id: string): Promise<boolean>
  insertPairCode(row: PairCodeRow): Promise<void>
  /** Takes the code out, so that it works once; undefined when unknown or expired. Drops expired ones. */
  takePairCode(hash: string, now: number): Promise<PairCodeRow | undefined>
  /** Drops every open code: too many wrong tries. */
  clearPairCodes(): Promise<void>
}

/** An accepted device. */
export interface DeviceRow {
  id: string
  name: string
  class: string
  driver: string
  profile: string
  port: string
  /** What finds it again when its port has moved; see PortRecord. */
  fingerprint: string
  settings: Record<string, unknown>
  disabled: boolean
  backup?: string
  createdAt: number
}

export interface DeviceStore {
  all(): Promise<DeviceRow[]>
  /** Inserts or replaces. */
  put(row: DeviceRow): Promise<void>
  delete(id: string): Promise<boolean>
  /** The next fencing number of a device: rises for ever, also when the device is removed and comes back. */
  nextFence(device: string): Promise<number>
}

/** A money entry. Append-only and hash-chained; corrections are new entries. */
export interface LedgerEntry {
  seq: number
  at: number
  kind: string
  /** JSON text. */
  body: string
  /** SHA-256 over the hash before, seq, at, kind and body, in hex. */
  hash: string
}

export interface LedgerStore {
  /** Appends and answers the entry, when it is on the disk. */
  append(kind: string, body: unknown, at: number): Promise<LedgerEntry>
  after(seq: number, limit: number): Promise<LedgerEntry[]>
  /** Recomputes the chain. Answers the first broken seq, or undefined when whole. */
  verify(): Promise<number | undefined>
}

/** Jobs, access, devices, ledger: `books.db`, synchronous=FULL, group commit in a worker. */
export interface Store {
  readonly jobs: JobStore
  readonly access: AccessStore
  readonly devices: DeviceStore
  readonly ledger: LedgerStore
  /** Small values of the hub itself: its id and name. */
  getMeta(key: string): Promise<string | undefined>
  setMeta(key: string, value: string): Promise<void>
  /** Commits so far and operations in them, for the metrics. */
  readonly stats: { commits: number; operations: number; waiting: number }
  /** Settles what is under way and closes. */
  close(): Promise<void>
}

export interface EventRow {
  seq: number
  /** ms since 1970. */
  at: number
  topic: string
  device?: string
  /** JSON text. */
  data: string
}

/**
 * The bounded event log: `events.db`, in a worker of its own so that a scan never waits behind an order's fsync.
 * synchronous=NORMAL: survives kill -9, may lose its tail in a power cut; then a new epoch begins, so that no client is told
 * that it missed nothing.
 */
export interface EventLog {
  /** Changes when numbered events may have been lost. */
  readonly epoch: string
  /** Number of the last recorded event; 0 when none. */
  readonly lastSeq: number
  /** Records rows whose seq continue lastSeq. In the log (visible after kill -9) when it resolves. */
  append(rows: readonly EventRow[]): Promise<void>
  /**
   * Begins a new epoch with these rows, whose numbers need not continue: events were announced meanwhile that the log
   * could not take. What it held before is dropped.
   */
  restart(epoch: string, rows: readonly EventRow[]): Promise<void>
  /** Rows after `seq` in order, at most `limit`; undefined when some of them are gone already. */
  after(seq: number, limit: number): Promise<EventRow[] | undefined>
  /** The last event of each job in the newest `limit` job events: job id to state, for catching up after a crash. */
  lastJobStates(limit: number): Promise<Map<string, JobState>>
  close(): Promise<void>
}
