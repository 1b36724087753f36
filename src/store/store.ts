/** The store contract: durable rows behind promises. The main thread never waits on the disk. */
import type { Role, UserRole } from '../protocol/access.ts'
import type { ErrorRecord } from '../protocol/errors.ts'
import type { JobKind, JobOutcome, JobState } from '../protocol/job.ts'
import type { TillStore } from './till/contract.ts'

export type * from './till/catalogue-contract.ts'
export type * from './till/contract.ts'

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
  /** Entries of the audit log kept: administrative acts, and apart from them what was refused. */
  auditActsMax: 10_000,
  auditRefusalsMax: 5_000,
  auditAgeMsMax: 400 * 24 * 3_600_000,
  /** Sessions of the console kept; of more, those that were used least lately go. */
  sessionsMax: 200,
  /** Open pairing codes kept; each one more makes guessing one easier. Of more, those that end soonest go. */
  pairCodesMax: 20,
  /** Log-ins of one employee at the tills kept; of more, the oldest go. */
  loginsMax: 10,
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
  /** Part of id, client, kind, device or error code, whatever its case. */
  text?: string | undefined
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
  /** Address it was last used from. */
  lastUsedFrom?: string
  /** The devices the client is held to; absent for all. */
  devices?: readonly string[]
}

export interface PairCodeRow {
  /** SHA-256 of the code in hex. */
  hash: string
  role: Role
  name?: string
  devices?: readonly string[]
  expiresAt: number
}

/** Names of users are one when their keys are: case does not matter, nor in which way Unicode writes a letter. */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase()

/** A person who may use the console. Names are one when they differ by case only. */
export interface UserRow {
  id: string
  name: string
  role: UserRole
  /** What a password is compared with, in a form that names its method. */
  password: string
  createdAt: number
  lastLoginAt?: number
  lastLoginFrom?: string
}

export interface SessionRow {
  /** SHA-256 of the secret in hex. */
  hash: string
  id: string
  /** Id of the user; the session goes with it. */
  user: string
  createdAt: number
  lastUsedAt: number
  from: string
  agent: string
  /** When it ends in any case. */
  expiresAt: number
}

export interface OriginRow {
  origin: string
  /** False for one that wanted in and was refused. */
  allowed: boolean
  lastSeenAt?: number
  lastSeenFrom?: string
  refused: number
}

export interface AuditRow {
  /** Rises with each entry. */
  id: number
  at: number
  who: string | null
  role: Role | null
  from: string | null
  act: string
  detail: Record<string, unknown>
  /** `done`, the code of an error, or null while it is under way. */
  result: string | null
  count: number
}

export interface AuditFilter {
  /** Part of act, who or address, whatever its case. */
  text?: string | undefined
  before?: number | undefined
  limit: number
}

export interface AccessStore {
  insertToken(row: TokenRow): Promise<void>
  tokenByHash(hash: string): Promise<TokenRow | undefined>
  tokens(): Promise<TokenRow[]>
  /** Written with the next commit, not waited for by anybody. */
  touchToken(id: string, at: number, from?: string): Promise<void>
  /** Absent fields stay; `devices` null lifts the hold. Rejects with `token_unknown`. */
  changeToken(id: string, change: { name?: string; devices?: readonly string[] | null }): Promise<TokenRow>
  /** Answers false when there was none. */
  deleteToken(id: string): Promise<boolean>
  /** Drops the soonest to end beyond `pairCodesMax`. */
  insertPairCode(row: PairCodeRow): Promise<void>
  /** Takes the code out, so that it works once; undefined when unknown or expired. Drops expired ones. */
  takePairCode(hash: string, now: number): Promise<PairCodeRow | undefined>
  /** Drops every open code: too many wrong tries. Answers how many. */
  clearPairCodes(): Promise<number>

  users(): Promise<UserRow[]>
  userByName(name: string): Promise<UserRow | undefined>
  /** Rejects with `user_exists`. */
  insertUser(row: UserRow): Promise<void>
  /** Rejects with `user_unknown`, `user_exists`, `owner_last`. */
  changeUser(id: string, change: Partial<Pick<UserRow, 'name' | 'role' | 'password'>>): Promise<UserRow>
  /** Its sessions go with it. Rejects with `user_unknown`, `owner_last`. */
  deleteUser(id: string): Promise<void>
  userLoggedIn(id: string, at: number, from: string): Promise<void>
  /**
   * Uses up the code whose hash is kept under `codeKey` of the small values, and makes the owner, or makes the user of this
   * name an owner with this password and ends its sessions; in one step. undefined when the code is another one.
   */
  setUpOwner(codeKey: string, codeHash: string, row: UserRow): Promise<UserRow | undefined>

  /** Drops what has expired by `createdAt`, and the least used beyond `sessionsMax`. Answers the ids that went. */
  insertSession(row: SessionRow): Promise<string[]>
  sessionByHash(hash: string): Promise<SessionRow | undefined>
  sessions(): Promise<SessionRow[]>
  /** Written with the next commit, not waited for by anybody. */
  touchSession(id: string, at: number): Promise<void>
  deleteSession(id: string): Promise<boolean>
  /** Ends the sessions of a user, but the one named. Answers their ids. */
  deleteSessionsOf(user: string, but?: string): Promise<string[]>
  /** Answers how many there were. */
  clearSessions(): Promise<number>

  origins(): Promise<OriginRow[]>
  /** Inserts or replaces. */
  putOrigin(row: OriginRow): Promise<void>
  deleteOrigin(origin: string): Promise<boolean>

  /** Answers the id. A refusal is counted against `auditRefusalsMax`, everything else against `auditActsMax`. */
  appendAudit(row: Omit<AuditRow, 'id'>, refusal?: boolean): Promise<number>
  finishAudit(id: number, result: string): Promise<void>
  countAudit(id: number, count: number): Promise<void>
  /** Newest first, at most `limit`. */
  audit(filter: AuditFilter): Promise<AuditRow[]>
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

/** A money entry. Append-only, hash-chained and signed; corrections are new entries. */
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
  /** The first and the last entry of a time, in ms since 1970, from the first up to and without the second; undefined for none. */
  span(from: number, until: number): Promise<{ first: number; last: number } | undefined>
  /** Signatures over entries behind `seq`, in order. */
  seals(seq: number, limit: number): Promise<LedgerSeal[]>
  /** How many entries there are. */
  length(): Promise<number>
  /** Public keys that signed, in the order of their first entry. */
  keys(): Promise<LedgerKeyRow[]>
  /** Recomputes the chain and checks the signatures. `broken` is the first entry that is not what it was, with the reason. */
  verify(): Promise<LedgerProof>
}

/** One for each commit that appended something. */
export interface LedgerSeal {
  seq: number
  /** Id of the key. */
  key: string
  /** Ed25519 over the hash of the entry (its hex text), in base64. */
  signature: string
}

export interface LedgerKeyRow {
  /** The first half of the SHA-256 of the public key (DER), in hex. */
  id: string
  /** In PEM. */
  publicKey: string
  /** The ledger entry that tells of it. */
  since: number
}

export interface LedgerProof {
  entries: number
  /** Hash of the last entry. */
  head: string
  broken?: { seq: number; reason: string }
  /** Ids of the keys that signed. */
  keys: string[]
}

/** Jobs, access, devices, ledger, till: `books.db`, synchronous=FULL, group commit in a worker. */
export interface Store {
  readonly jobs: JobStore
  readonly access: AccessStore
  readonly devices: DeviceStore
  readonly ledger: LedgerStore
  readonly till: TillStore
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
  /** Events of one topic, newest first, at most `limit`. */
  newest(topic: string, limit: number): Promise<EventRow[]>
  /** The last event of each job in the newest `limit` job events: job id to state, for catching up after a crash. */
  lastJobStates(limit: number): Promise<Map<string, JobState>>
  close(): Promise<void>
}
