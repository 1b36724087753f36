/** The queue of one device: one job at a time, in order of acceptance, only while the device can take it. A drawer may go past. */
import type { Attempt, AttemptResult, OpenDevice } from '../../drivers/driver.ts'
import { HubError, toHubError } from '../../protocol/errors.ts'
import { type JobKind, type JobPayload, jobLimits } from '../../protocol/job.ts'
import type { Clock } from '../clock.ts'
import type { DeviceUnit } from '../devices/device-unit.ts'
import type { JobEntry } from './job-entry.ts'

/** Kinds that are done now or not at all: nobody wants a drawer to open when the cable is back. */
const nowOrNever: ReadonlySet<string> = new Set([
  'drawer.open',
  'display.show',
  'display.clear',
  'scale.zero',
  'scale.tare',
])

export const queueLimits = {
  /** How long a device that is back may take to tell of its doubtful jobs before new ones go on. */
  askMsMax: 30_000,
} as const

/** Whether a job of this kind could be done now, the queue aside. */
export function canTakeNow(unit: DeviceUnit, kind: JobKind): boolean {
  return unit.able || (kind === 'drawer.open' && unit.drawerAble)
}

/** What a queue asks of the jobs service. */
export interface QueueOwner {
  readonly clock: Clock
  unit(device: string): DeviceUnit | undefined
  /** Records that the job is running, before the device sees it. */
  markRunning(entry: JobEntry): Promise<void>
  /** Records and announces how it ended. */
  end(entry: JobEntry, result: AttemptResult | { state: 'expired'; error: Error }): Promise<void>
  /** Records that nothing was sent and the job waits again. */
  putBack(entry: JobEntry): Promise<void>
  /** Something visible changed that is not recorded (what it waits for). */
  waitingChanged(entry: JobEntry): void
  prepare(entry: JobEntry, unit: DeviceUnit): Promise<void>
  /** Asks the device about jobs of unknown outcome before anything new is sent. */
  settleDoubts(unit: DeviceUnit): Promise<void>
}

export class JobQueue {
  readonly device: string
  readonly pending: JobEntry[] = []
  /** Jobs that are being recorded: they wait here in a moment, before all that come after them. */
  arriving = 0
  running: JobEntry | undefined
  /** A drawer that opens past a print which waits for paper, the one job that may run beside another. */
  #beside: JobEntry | undefined
  readonly #owner: QueueOwner
  #cancelExpiry: (() => void) | undefined
  #stopped = false
  #removed = false
  /** The present question about doubtful jobs; one of a connection before this one does not count. */
  #asking: object | undefined
  #cancelAsking = () => {}
  #idle: (() => void)[] = []

  constructor(device: string, owner: QueueOwner) {
    this.device = device
    this.#owner = owner
  }

  get length(): number {
    return this.pending.length + this.#underWay.length
  }

  /** When the oldest of them was accepted, in ms since 1970. */
  get since(): number | undefined {
    const all = [...this.pending, ...this.#underWay]
    return all.length === 0 ? undefined : Math.min(...all.map(({ row }) => row.createdAt))
  }

  get #underWay(): JobEntry[] {
    return [this.running, this.#beside].filter((entry) => entry !== undefined)
  }

  /** True when a job that comes now may run at once: recorded as running in the same commit as its arrival. */
  get free(): boolean {
    const idle = !this.#stopped && this.#asking === undefined && this.length + this.arriving === 0
    return idle && this.#owner.unit(this.device)?.able === true
  }

  get full(): boolean {
    return this.length + this.arriving >= jobLimits.queueJobsMax
  }

  /** Takes a job whose row says `running` already: it was recorded so on arrival, `free` was true then. */
  runNow(entry: JobEntry): void {
    this.running = entry
    void this.#run(entry, true)
  }

  add(entry: JobEntry): void {
    if (this.#removed) return void this.#endRemoved(entry)
    this.pending.push(entry)
    this.wake()
  }

  /** The device was removed: nothing that waits here will ever run, nor what is still put back. */
  remove(): void {
    this.#removed = true
    this.#cancelExpiry?.()
    this.#cancelAsking()
    for (const entry of this.pending.splice(0)) void this.#endRemoved(entry)
  }

  /** Takes a pending job out; undefined when it is not waiting here. */
  take(id: string): JobEntry | undefined {
    const index = this.pending.findIndex((entry) => entry.row.id === id)
    return index < 0 ? undefined : this.pending.splice(index, 1)[0]
  }

  /** Something changed: the device, the queue, or time. */
  wake(): void {
    if (this.#stopped || this.#removed) return
    this.#dropExpired()
    const unit = this.#owner.unit(this.device)
    if (unit?.able !== true) {
      this.#dropNowOrNever(unit)
      this.#openBeside(unit)
    }
    this.#setExpiryTimer()
    this.#showWaiting()
    if (unit?.able !== true || this.#asking !== undefined || this.#underWay.length > 0) return
    const next = this.pending.shift()
    if (next === undefined) return
    this.running = next
    void this.#run(next, false)
  }

  /** On a device that cannot print, a drawer that can open does not wait for the prints: they wait for paper, begun or not. */
  #openBeside(unit: DeviceUnit | undefined): void {
    if (unit === undefined || this.#asking !== undefined || this.#beside !== undefined) return
    const next = this.pending.find(({ row }) => row.kind === 'drawer.open' && canTakeNow(unit, row.kind))
    if (next === undefined) return
    this.take(next.row.id)
    this.#beside = next
    void this.#run(next, false)
  }

  /** The device is there again: doubts first, then the queue. */
  async deviceOnline(unit: DeviceUnit): Promise<void> {
    this.#cancelAsking()
    const question = {}
    this.#asking = question
    let cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = this.#owner.clock.after(queueLimits.askMsMax, resolve)
    })
    this.#cancelAsking = cancel
    await Promise.race([this.#owner.settleDoubts(unit), late])
    cancel()
    if (this.#asking !== question) return
    this.#asking = undefined
    this.wake()
  }

  /** Ends what runs as it stands and takes no more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelExpiry?.()
    this.#cancelAsking()
    if (this.#underWay.length === 0) return
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve))
    for (const entry of this.#underWay) {
      entry.abortedBy ??= 'stop'
      entry.abort?.abort()
    }
    await idle
  }

  async #run(entry: JobEntry, recorded: boolean): Promise<void> {
    try {
      await this.#attempt(entry, recorded)
    } catch {
      // The owner has reported what could not be recorded; the queue goes on with what comes.
    } finally {
      this.#ended(entry)
    }
  }

  #ended(entry: JobEntry): void {
    if (this.running === entry) this.running = undefined
    else this.#beside = undefined
    const unit = this.#owner.unit(this.device)
    unit?.jobEnded(entry.row.id)
    if (unit !== undefined && this.length === 0) unit.busy = false
    if (this.#underWay.length === 0) for (const resolve of this.#idle.splice(0)) resolve()
    this.wake()
  }

  async #attempt(entry: JobEntry, recorded: boolean): Promise<void> {
    const unit = this.#owner.unit(this.device)
    if (unit === undefined)
      return this.#owner.end(entry, failed(new HubError('device_unknown', { device: this.device })))
    unit.busy = true
    entry.waitingFor = undefined
    entry.abort = new AbortController()
    entry.abortedBy = undefined
    try {
      if (entry.prepared === undefined || entry.preparedFor !== unit) await this.#owner.prepare(entry, unit)
    } catch (error) {
      return this.#owner.end(entry, failed(toHubError(error)))
    }
    if (recorded) await entry.recorded
    else await this.#owner.markRunning(entry)
    const open = unit.online
    // Cancelled, expired or stopped while it was being recorded.
    const result = entry.abort.signal.aborted
      ? failed(new HubError('stopping'))
      : open === undefined
        ? failed(new HubError('device_absent', { device: this.device }))
        : await act(entry, open, this.#attemptOf(entry))
    if (result.state === 'failed' && !entry.sent) return this.#nothingSent(entry, result)
    return this.#owner.end(entry, result)
  }

  /** A failure before the first byte: the job goes back to the head of the queue, unless its time is over. */
  async #nothingSent(entry: JobEntry, result: AttemptResult & { state: 'failed' }): Promise<void> {
    if (wasCancelled(entry)) return this.#owner.end(entry, cancelled(entry))
    if (entry.abortedBy === 'expiry' || entry.row.expiresAt <= this.#owner.clock.now())
      return this.#owner.end(entry, {
        state: 'expired',
        error: new HubError('job_expired', { id: entry.row.id }),
      })
    const code = toHubError(result.error).code
    const mayWait = entry.abortedBy === 'stop' || retriable.has(code)
    if (!mayWait || (nowOrNever.has(entry.row.kind) && entry.abortedBy !== 'stop'))
      return this.#owner.end(entry, result)
    await this.#owner.putBack(entry)
    entry.abort = undefined
    // Cancelled while that was being recorded.
    if (wasCancelled(entry)) return this.#owner.end(entry, cancelled(entry))
    if (this.#removed) return this.#endRemoved(entry)
    this.pending.unshift(entry)
  }

  #endRemoved(entry: JobEntry): Promise<void> {
    return this.#owner.end(entry, failed(notAble(this.device, undefined)))
  }

  #attemptOf(entry: JobEntry): Attempt {
    return {
      jobId: entry.row.id,
      sending: () => {
        entry.sent = true
        if (mayOpenDrawer(entry))
          this.#owner.unit(this.device)?.drawerAsked(entry.row.id, drawerReason(entry))
      },
      waiting: (forWhat) => {
        if (entry.waitingFor === forWhat) return
        entry.waitingFor = forWhat
        this.#owner.waitingChanged(entry)
      },
      signal: (entry.abort as AbortController).signal,
    }
  }

  #dropExpired(): void {
    const now = this.#owner.clock.now()
    for (const entry of this.pending.filter(({ row }) => row.expiresAt <= now)) {
      this.pending.splice(this.pending.indexOf(entry), 1)
      void this.#owner
        .end(entry, { state: 'expired', error: new HubError('job_expired', { id: entry.row.id }) })
        .catch(() => {})
    }
    for (const entry of this.#underWay) {
      if (entry.sent || entry.row.expiresAt > now) continue
      entry.abortedBy ??= 'expiry'
      entry.abort?.abort()
    }
  }

  #dropNowOrNever(unit: DeviceUnit | undefined): void {
    const hopeless = ({ row }: JobEntry) =>
      nowOrNever.has(row.kind) && (unit === undefined || !canTakeNow(unit, row.kind))
    for (const entry of this.pending.filter(hopeless)) {
      this.pending.splice(this.pending.indexOf(entry), 1)
      void this.#owner.end(entry, failed(notAble(this.device, unit))).catch(() => {})
    }
  }

  #setExpiryTimer(): void {
    this.#cancelExpiry?.()
    this.#cancelExpiry = undefined
    let earliest = Number.POSITIVE_INFINITY
    for (const { row } of this.pending) earliest = Math.min(earliest, row.expiresAt)
    for (const { row, sent } of this.#underWay) if (!sent) earliest = Math.min(earliest, row.expiresAt)
    if (earliest === Number.POSITIVE_INFINITY) return
    // setTimeout holds 31 bits; a longer wait simply looks again.
    const ms = Math.min(Math.max(0, earliest - this.#owner.clock.now()), 2 ** 30)
    this.#cancelExpiry = this.#owner.clock.after(ms + 1, () => this.wake())
  }

  #showWaiting(): void {
    const unit = this.#owner.unit(this.device)
    for (const entry of this.pending) {
      const waitingFor = unit === undefined || canTakeNow(unit, entry.row.kind) ? undefined : unit.waitingFor
      if (entry.waitingFor === waitingFor) continue
      entry.waitingFor = waitingFor
      this.#owner.waitingChanged(entry)
    }
  }
}

/** Failures of the wire before anything was sent: the device may be back in a moment. */
const retriable: ReadonlySet<string> = new Set([
  'device_absent',
  'port_closed',
  'port_unavailable',
  'write_timeout',
  'answer_timeout',
  'device_busy',
  'paper_out',
  'cover_open',
  'cutter_jam',
])

/** Asked anew after each wait: somebody may have cancelled it meanwhile. */
const wasCancelled = (entry: JobEntry): boolean => entry.abortedBy === 'cancel'

export const cancelled = ({ row }: JobEntry): AttemptResult & { state: 'failed' } =>
  failed(new HubError('job_cancelled', { id: row.id }))

const failed = (error: Error): AttemptResult & { state: 'failed' } => ({ state: 'failed', error })

export function notAble(device: string, unit: DeviceUnit | undefined): HubError {
  if (unit === undefined) return new HubError('device_unknown', { device })
  if (unit.row.disabled) return new HubError('device_disabled', { device })
  const fault = unit.online === undefined ? undefined : unit.blockingFault
  return fault === undefined
    ? new HubError('device_absent', { device })
    : new HubError('device_faulty', { device, fault: fault.code })
}

/** Hands the job to the capability of its kind. What is thrown counts by whether anything was sent. */
async function act(entry: JobEntry, open: OpenDevice, attempt: Attempt): Promise<AttemptResult> {
  try {
    return await dispatch(entry, open, attempt)
  } catch (error) {
    return entry.sent ? { state: 'unknown', error: toHubError(error) } : failed(toHubError(error))
  }
}

function dispatch(entry: JobEntry, open: OpenDevice, attempt: Attempt): Promise<AttemptResult> {
  switch (entry.row.kind) {
    case 'print':
      if (open.printing === undefined || entry.prepared === undefined) throw lacks(entry)
      return open.printing.print(entry.prepared, attempt)
    case 'drawer.open':
      if (open.drawer === undefined) throw lacks(entry)
      return open.drawer.openDrawer(entry.payload as JobPayload['drawer.open'], attempt)
    case 'scale.zero':
      if (open.weighing === undefined) throw lacks(entry)
      return open.weighing.zero(attempt)
    case 'scale.tare':
      if (open.weighing === undefined) throw lacks(entry)
      return open.weighing.tare(entry.payload as JobPayload['scale.tare'], attempt)
    case 'display.show':
      if (open.displaying === undefined) throw lacks(entry)
      return open.displaying.show(entry.payload as JobPayload['display.show'], attempt)
    case 'display.clear':
      if (open.displaying === undefined) throw lacks(entry)
      return open.displaying.clear(attempt)
    default:
      // No driver has these capabilities yet; submit refuses them before they get here.
      throw lacks(entry)
  }
}

/** Raw bytes may hold any command; what is not known is no theft. */
function mayOpenDrawer({ row, payload }: JobEntry): boolean {
  if (row.kind === 'drawer.open') return true
  if (row.kind !== 'print') return false
  const { openDrawer, raw, receipt } = payload as JobPayload['print']
  return (
    openDrawer === true || raw !== undefined || receipt?.blocks.some(({ type }) => type === 'pulse') === true
  )
}

const drawerReason = ({ row, payload }: JobEntry): string | undefined =>
  row.kind === 'drawer.open' ? (payload as JobPayload['drawer.open']).reason : undefined

const lacks = (entry: JobEntry): HubError =>
  new HubError('capability_missing', { device: entry.row.device, kind: entry.row.kind })
