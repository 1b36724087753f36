/** Jobs: accepts, records, runs and settles requests to devices. Record, act, announce. */
import type { AttemptResult } from '../../drivers/driver.ts'
import { HubError, toHubError } from '../../protocol/errors.ts'
import { type Job, type JobKind, type JobPayload, jobLimits, jobPayloadSchemas } from '../../protocol/job.ts'
import { issueError } from '../../protocol/messages.ts'
import type { ParsedParams, Result } from '../../protocol/methods.ts'
import type { EventLog, JobPatch, JobRow, Store } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import type { Clock } from '../clock.ts'
import type { DeviceUnit } from '../devices/device-unit.ts'
import type { Devices, DeviceWatcher } from '../devices/devices.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { Log } from '../log.ts'
import { leftBehind } from './job-catch-up.ts'
import { JobDoubts } from './job-doubts.ts'
import { doubtful, fingerprintOf, JobEntry, jobOf, repeatedRow } from './job-entry.ts'
import { capabilityOf, isInstant } from './job-kinds.ts'
import { JobMoves } from './job-moves.ts'
import { cancelled, canTakeNow, JobQueue, notAble, type QueueOwner } from './job-queue.ts'
import { JobRecords } from './job-records.ts'
import { JobRulings } from './job-rulings.ts'
import type { Leases } from './leases.ts'

export interface JobSettings {
  /** How long a print may wait when the client names no expiry, in ms. */
  printExpiryMs: number
  /** The same for what is wanted now or never: drawer, display, zero, tare. */
  instantExpiryMs: number
  /** How long a printer has to be unable before its waiting jobs move to its backup. */
  backupAfterMs: number
}

const jobServiceLimits = {
  /** Ended jobs kept in memory for clients that ask again at once. */
  recentMax: 1_000,
  /** Payloads longer than this are read from the store again when their turn comes, so that a long queue stays small. */
  keptPayloadCharsMax: 64 * 1024,
  /** The same for what a short payload became: letters that are drawn, twenty copies. */
  keptPreparedBytesMax: 64 * 1024,
  pruneEveryMs: 3_600_000,
  /** A queue waits so long when the disk does not take that a job runs. */
  diskPauseMs: 1_000,
} as const

interface Tools {
  store: Store
  eventLog: EventLog | undefined
  events: Events
  devices: Devices
  leases: Leases
  health: Health
  clock: Clock
  log: Log
  settings: JobSettings
  /** Told of every ended job, for the metrics. */
  onEnded?: (row: JobRow) => void
  /** Told of every ruling on an unknown outcome. */
  onSettled?: (row: JobRow) => void
}

export class Jobs implements QueueOwner, DeviceWatcher {
  readonly name = 'jobs'
  readonly clock: Clock
  readonly #tools: Tools
  readonly #queues = new Map<string, JobQueue>()
  /** Jobs that are not ended, and the newest that are. */
  readonly #entries = new Map<string, JobEntry>()
  readonly #recent: string[] = []
  readonly #doubts: JobDoubts
  readonly #moves: JobMoves
  readonly #records: JobRecords
  readonly #rulings: JobRulings
  #cancelPrune: (() => void) | undefined
  #stopping = false

  constructor(tools: Tools) {
    this.#tools = tools
    this.clock = tools.clock
    const unit = (device: string) => this.unit(device)
    const row = async (id: string) => this.#entries.get(id)?.row ?? tools.store.jobs.get(id)
    this.#records = new JobRecords(tools)
    this.#doubts = new JobDoubts({
      clock: tools.clock,
      log: tools.log,
      unit,
      row,
      settle: (id, outcome) => this.#rulings.settle(id, outcome, 'inquiry'),
    })
    this.#rulings = new JobRulings({
      row,
      record: (id, patch) => this.#records.update(id, patch),
      settled: (settled) => this.#settled(settled),
    })
    this.#moves = new JobMoves({
      clock: tools.clock,
      afterMs: tools.settings.backupAfterMs,
      unit,
      queue: (device) => this.#queue(device),
      moved: (entry, from, to) => this.#moved(entry, from, to),
    })
  }

  /** Takes up what an earlier run left: running jobs are doubtful, pending ones wait again. */
  async start(): Promise<void> {
    this.#tools.devices.watch(this)
    const { eventLog, events, store } = this.#tools
    const { announced, unheard, ...left } = await leftBehind(store.jobs, eventLog, this.clock.now())
    for (const row of unheard) events.publish('job.changed', jobOf(row), row.device)
    for (const row of left.doubtful) this.#doubts.add(row)
    for (const row of await store.jobs.unended()) {
      const entry = new JobEntry(row)
      row.payload = ''
      this.#entries.set(row.id, entry)
      if (row.state === 'pending' && announced.get(row.id) !== 'pending') this.#publish(entry)
      if (row.state === 'running') {
        entry.sent = true
        this.#doubts.outdate(row.device)
        await this.end(entry, {
          state: 'unknown',
          error: new HubError('job_outcome_unknown', { device: row.device }),
        })
      } else this.#queue(row.device).pending.push(entry)
    }
    for (const queue of this.#queues.values()) {
      const unit = this.unit(queue.device)
      // Not waited for: what devices have to tell must not delay the start.
      if (unit?.online !== undefined) void queue.deviceOnline(unit)
      else queue.wake()
      if (unit !== undefined) this.#moves.plan(unit)
    }
    this.#prune()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#cancelPrune?.()
    this.#moves.stop()
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()))
    this.#doubts.stop()
    await this.#records.stop()
  }

  /** Jobs waiting or running on a device, and when the oldest was accepted. */
  queued(device: string): { jobs: number; since: number | undefined } {
    const queue = this.#queues.get(device)
    return { jobs: queue?.length ?? 0, since: queue?.since }
  }

  async submit(params: ParsedParams<'job.submit'>, caller: Caller): Promise<Job> {
    if (this.#stopping) throw new HubError('stopping')
    const parsed = jobPayloadSchemas[params.kind].safeParse(params.payload)
    if (!parsed.success) throw issueError(parsed.error, ['payload'])
    const fingerprint = fingerprintOf(params.device, params.kind, parsed.data)
    const same = this.#entries.get(params.id)
    if (same !== undefined) return this.#repeated(same, fingerprint)
    try {
      return await this.#submitNew(params, parsed.data as JobPayload[JobKind], fingerprint, caller)
    } catch (error) {
      // Whatever speaks against a new job, a known one is answered: its expiry may be over, its device gone.
      const row = await this.#tools.store.jobs.get(params.id).catch(() => undefined)
      if (row === undefined) throw error
      return repeatedRow(row, fingerprint)
    }
  }

  async #submitNew(
    params: ParsedParams<'job.submit'>,
    payload: JobPayload[JobKind],
    fingerprint: string,
    caller: Caller,
  ): Promise<Job> {
    const unit = this.#tools.devices.mustHave(params.device, capabilityOf[params.kind], params.kind)
    this.#tools.leases.check(params.device, caller, params.lease)
    const now = this.clock.now()
    const expiresAt = this.#expiry(params, now)
    const queue = this.#queue(params.device)
    if (queue.full) throw queueFull(params.device)

    const entry = new JobEntry({
      id: params.id,
      device: params.device,
      kind: params.kind,
      payload: JSON.stringify(payload),
      fingerprint,
      state: 'pending',
      attempts: 0,
      createdAt: now,
      expiresAt,
      client: caller.name,
    })
    entry.payload = payload
    // Known from here on, so that a repeat meanwhile meets it.
    let settle: { resolve: () => void; reject: (error: unknown) => void } = {
      resolve: () => {},
      reject: () => {},
    }
    entry.recorded = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject }
    })
    entry.recorded.catch(() => {})
    this.#entries.set(params.id, entry)
    try {
      if (params.kind === 'print') await this.prepareNow(entry, unit)
      return await this.#accept(entry, unit, queue, settle)
    } catch (error) {
      if (this.#entries.get(params.id) === entry) this.#entries.delete(params.id)
      settle.reject(error)
      throw error
    }
  }

  /** Records the arrival; on an idle device together with the start, in one commit. */
  async #accept(
    entry: JobEntry,
    unit: DeviceUnit,
    queue: JobQueue,
    settle: { resolve: () => void; reject: (error: unknown) => void },
  ): Promise<Job> {
    if (isInstant(entry.row.kind) && !canTakeNow(unit, entry.row.kind)) throw notAble(unit.id, unit)
    // Asked again: others may have come while this one was made ready.
    if (queue.full) throw queueFull(unit.id)
    const atOnce = queue.free
    if (atOnce) {
      this.#setRunning(entry, unit)
      queue.runNow(entry)
    } else queue.arriving++
    try {
      await this.#records.insert(entry.row)
    } finally {
      if (!atOnce) queue.arriving--
    }
    const job = entry.toJob()
    this.#publish(entry)
    settle.resolve()
    if (!atOnce) {
      const { keptPayloadCharsMax, keptPreparedBytesMax } = jobServiceLimits
      const preparedBytes = entry.prepared?.bytes ?? 0
      if (entry.row.payload.length > keptPayloadCharsMax || preparedBytes > keptPreparedBytesMax) {
        entry.payload = undefined
        entry.prepared = undefined
      }
      queue.add(entry)
      this.#moves.plan(unit)
    }
    entry.row.payload = ''
    return job
  }

  async get(id: string): Promise<Job> {
    const entry = await this.#known(id)
    if (entry !== undefined) return entry.toJob()
    const row = await this.#tools.store.jobs.get(id)
    if (row === undefined) throw new HubError('job_unknown', { id })
    return jobOf(row)
  }

  async list(filter: ParsedParams<'job.list'>): Promise<Result<'job.list'>> {
    const { rows, next } = await this.#tools.store.jobs.list({ ...filter, limit: filter.limit ?? 100 })
    const jobs = rows.map((row) => jobOf(row, this.#entries.get(row.id)?.waitingFor))
    return next === undefined ? { jobs } : { jobs, next }
  }

  async cancel(id: string): Promise<Job> {
    const entry = await this.#known(id)
    if (entry === undefined || entry.ended) {
      const job = await this.get(id)
      throw new HubError('job_ended', { id, state: job.state })
    }
    if (this.#queues.get(entry.row.device)?.take(id) !== undefined) {
      await this.end(entry, cancelled(entry))
      return entry.toJob()
    }
    if (entry.sent || entry.abort === undefined) throw new HubError('job_running', { id })
    entry.abortedBy = 'cancel'
    const ended = new Promise<void>((resolve) => entry.onEnd(resolve))
    entry.abort.abort()
    await ended
    return entry.toJob()
  }

  settle(id: string, outcome: 'done' | 'failed'): Promise<Job> {
    return this.#rulings.settle(id, outcome, 'person')
  }

  /** Answers when the job has ended, or after `ms` with the job as it is. */
  async wait(id: string, ms: number): Promise<Job> {
    const entry = await this.#known(id)
    if (entry === undefined || entry.ended || ms === 0) return this.get(id)
    await new Promise<void>((resolve) => {
      const cancelTimer = this.clock.after(ms, () => {
        cancelWait()
        resolve()
      })
      const cancelWait = entry.onEnd(() => {
        cancelTimer()
        resolve()
      })
    })
    return entry.toJob()
  }

  // What queues ask

  unit(device: string): DeviceUnit | undefined {
    return this.#tools.devices.get(device)
  }

  async prepare(entry: JobEntry, unit: DeviceUnit): Promise<void> {
    if (entry.payload === undefined) {
      const text = entry.row.payload || (await this.#tools.store.jobs.get(entry.row.id))?.payload || '{}'
      entry.payload = jobPayloadSchemas[entry.row.kind].parse(JSON.parse(text)) as JobPayload[JobKind]
    }
    if (entry.row.kind === 'print') await this.prepareNow(entry, unit)
  }

  async markRunning(entry: JobEntry): Promise<void> {
    const unit = this.unit(entry.row.device)
    if (unit === undefined) {
      const error = new HubError('device_unknown', { device: entry.row.device })
      await this.end(entry, { state: 'failed', error })
      throw error
    }
    this.#setRunning(entry, unit)
    const { state, attempts, evidence } = entry.row
    try {
      await this.#records.update(
        entry.row.id,
        evidence === undefined ? { state, attempts } : { state, attempts, evidence },
      )
    } catch (error) {
      // Nothing was sent, and the disk still says pending: so does memory, and the queue tries when the disk is back.
      entry.row.state = 'pending'
      entry.row.attempts--
      await this.#pauseForDisk(entry)
      throw error
    }
    this.#publish(entry)
  }

  async #pauseForDisk(entry: JobEntry): Promise<void> {
    if (entry.abortedBy === 'cancel') return this.end(entry, cancelled(entry))
    this.#queue(entry.row.device).pending.unshift(entry)
    await new Promise<void>((resolve) => this.clock.after(jobServiceLimits.diskPauseMs, resolve))
  }

  async end(entry: JobEntry, result: AttemptResult | { state: 'expired'; error: Error }): Promise<void> {
    const { row } = entry
    const patch: JobPatch = { state: result.state, finishedAt: this.clock.now() }
    if (result.state === 'done') patch.outcome = result.outcome
    else if (result.state === 'unknown') patch.error = doubtful(row, toHubError(result.error)).toRecord()
    else patch.error = toHubError(result.error).toRecord()
    Object.assign(row, patch)
    if (result.state === 'unknown') this.#doubts.add(row)
    entry.waitingFor = undefined
    // Clients hear the outcome now, whatever the disk says.
    await this.#records.updateOrLater(row.id, patch)
    this.#publish(entry)
    entry.tellEnded()
    this.#remember(row.id)
    this.#tools.onEnded?.(row)
  }

  async putBack(entry: JobEntry): Promise<void> {
    entry.row.state = 'pending'
    await this.#records.updateOrLater(entry.row.id, { state: 'pending' })
    this.#publish(entry)
  }

  waitingChanged(entry: JobEntry): void {
    this.#publish(entry)
  }

  settleDoubts(unit: DeviceUnit): Promise<void> {
    return this.#doubts.ask(unit)
  }

  // What devices tell

  deviceChanged(unit: DeviceUnit): void {
    this.#queues.get(unit.id)?.wake()
    this.#moves.plan(unit)
    // A backup that is able again takes what waits for it.
    for (const other of this.#tools.devices.units()) if (other.row.backup === unit.id) this.#moves.plan(other)
  }

  deviceOnline(unit: DeviceUnit): void {
    void this.#queue(unit.id).deviceOnline(unit)
  }

  deviceRemoved(id: string): void {
    const queue = this.#queues.get(id)
    this.#queues.delete(id)
    queue?.remove()
    this.#doubts.dropAll(id)
  }

  // Inside

  #expiry(params: ParsedParams<'job.submit'>, now: number): number {
    const { settings } = this.#tools
    if (params.expiresAt === undefined)
      return now + (isInstant(params.kind) ? settings.instantExpiryMs : settings.printExpiryMs)
    const expiresAt = Date.parse(params.expiresAt)
    if (expiresAt <= now) throw new HubError('expiry_invalid', { expiresAt: params.expiresAt })
    return Math.min(expiresAt, now + jobLimits.expiryMsMax)
  }

  async #repeated(entry: JobEntry, fingerprint: string): Promise<Job> {
    if (entry.row.fingerprint !== fingerprint) throw new HubError('job_conflict', { id: entry.row.id })
    try {
      await entry.recorded
    } catch (error) {
      const row = await this.#tools.store.jobs.get(entry.row.id).catch(() => undefined)
      if (row === undefined) throw error
      return repeatedRow(row, fingerprint)
    }
    return entry.toJob()
  }

  /** The job in memory, once it is recorded; undefined for one that is in the store only, or nowhere. */
  async #known(id: string): Promise<JobEntry | undefined> {
    const entry = this.#entries.get(id)
    try {
      await entry?.recorded
    } catch {
      return undefined
    }
    return entry
  }

  async prepareNow(entry: JobEntry, unit: DeviceUnit): Promise<void> {
    const printing = unit.preparer().printing
    if (printing === undefined)
      throw new HubError('capability_missing', { device: unit.id, kind: entry.row.kind })
    const prepared = printing.prepare(entry.payload as JobPayload['print'], entry.row.id)
    entry.prepared = prepared instanceof Promise ? await prepared : prepared
    entry.preparedFor = unit
  }

  #setRunning(entry: JobEntry, unit: DeviceUnit): void {
    entry.row.state = 'running'
    entry.row.attempts++
    entry.waitingFor = undefined
    if (entry.row.kind === 'print') this.#doubts.outdate(unit.id)
    const printing = unit.online?.printing
    const evidence = entry.prepared === undefined ? undefined : printing?.evidence?.(entry.prepared)
    if (evidence !== undefined) entry.row.evidence = evidence
    // What an attempt before this one knew says nothing of this one.
    else if (entry.row.evidence !== undefined) entry.row.evidence = ''
  }

  #settled(row: JobRow): Job {
    const known = this.#entries.get(row.id)
    if (known !== undefined) known.row = row
    this.#doubts.drop(row)
    this.#tools.onSettled?.(row)
    const job = jobOf(row)
    this.#tools.events.publish('job.changed', job, row.device)
    return job
  }

  #queue(device: string): JobQueue {
    let queue = this.#queues.get(device)
    if (queue === undefined) {
      queue = new JobQueue(device, this)
      this.#queues.set(device, queue)
    }
    return queue
  }

  async #moved(entry: JobEntry, from: string, to: string): Promise<void> {
    entry.row.movedFrom = from
    entry.row.device = to
    // Unrecorded it still prints once: after a crash it waits at the first printer again.
    await this.#records.updateOrLater(entry.row.id, { device: to, movedFrom: from })
    this.#publish(entry)
  }

  #publish(entry: JobEntry): void {
    this.#tools.events.publish('job.changed', entry.toJob(), entry.row.device)
  }

  #remember(id: string): void {
    this.#recent.push(id)
    if (this.#recent.length <= jobServiceLimits.recentMax) return
    const oldest = this.#recent.shift()
    if (oldest !== undefined && this.#entries.get(oldest)?.ended === true) this.#entries.delete(oldest)
  }

  #prune(): void {
    if (this.#stopping) return
    void this.#tools.store.jobs.prune(this.clock.now()).catch(() => {})
    this.#cancelPrune = this.clock.after(jobServiceLimits.pruneEveryMs, () => this.#prune())
  }
}

const queueFull = (device: string): HubError =>
  new HubError('queue_full', { device, max: jobLimits.queueJobsMax })
