/** The stream of events: numbers facts, records them, and announces them after that, in order. */
import { errorText } from '../protocol/errors.ts'
import type { EventData, EventTopic } from '../protocol/event.ts'
import type { EventLog, EventRow } from '../store/store.ts'
import type { EventFrame, EventStream } from './api.ts'
import { type Clock, isoTime } from './clock.ts'
import type { Health } from './health.ts'
import type { Log } from './log.ts'

export const eventLimits = {
  /** Events kept in memory for clients that were away for a short while. */
  ringEventsMax: 2_048,
  /** Rows handed to the log in one append. */
  appendRowsMax: 1_000,
  /** How often a log that took no rows is tried again. */
  retryMs: 2_000,
} as const

interface Pending {
  row: EventRow
  frame: EventFrame
}

function frameOf(row: EventRow): EventFrame {
  const device = row.device === undefined ? '' : `"device":${JSON.stringify(row.device)},`
  const text =
    `{"jsonrpc":"2.0","method":"event","params":{"seq":${row.seq},"topic":"${row.topic}",${device}` +
    `"at":"${isoTime(row.at)}","data":${row.data}}}`
  return {
    seq: row.seq,
    topic: row.topic,
    ...(row.device === undefined ? {} : { device: row.device }),
    ...movedFromOf(row),
    frame: Buffer.from(text),
  }
}

/** Quotes inside of JSON texts are escaped, so that this finds the field of the job and nothing that a till wrote. */
function movedFromOf({ topic, data }: EventRow): { movedFrom?: string } {
  const movedFrom = topic === 'job.changed' ? /"movedFrom":"([^"\\]*)"/.exec(data)?.[1] : undefined
  return movedFrom === undefined ? {} : { movedFrom }
}

/**
 * While the log takes no rows (full disk), events go on from memory under an epoch of their own, so that no
 * client is ever told that it missed nothing when it did.
 */
export class Events implements EventStream {
  readonly #clock: Clock
  readonly #log: Log
  readonly #health: Health
  readonly #eventLog: EventLog | undefined
  readonly #listeners = new Set<(event: EventFrame) => void>()
  readonly #ring: EventFrame[] = []
  #epoch: string
  #numbered: number
  #announced: number
  #unrecorded: Pending[] = []
  #flushing: Promise<void> | undefined
  #volatile: boolean
  #retryDue = false
  #cancelRetry: () => void = () => {}
  /** The last announced event. */
  #last: EventRow | undefined

  constructor(tools: {
    clock: Clock
    log: Log
    health: Health
    newId: () => string
    eventLog?: EventLog | undefined
  }) {
    this.#clock = tools.clock
    this.#log = tools.log
    this.#health = tools.health
    this.#eventLog = tools.eventLog
    this.#volatile = tools.eventLog === undefined
    this.#epoch = tools.eventLog?.epoch ?? tools.newId()
    this.#newEpoch = tools.newId
    this.#numbered = tools.eventLog?.lastSeq ?? 0
    this.#announced = this.#numbered
  }

  readonly #newEpoch: () => string

  get epoch(): string {
    return this.#epoch
  }

  get seq(): number {
    return this.#announced
  }

  follow(listener: (event: EventFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Numbers a fact; it is announced when it is recorded. Never throws and never waits. */
  publish<T extends EventTopic>(topic: T, data: EventData<T>, device?: string): void {
    const row: EventRow = {
      seq: ++this.#numbered,
      at: this.#clock.now(),
      topic,
      data: JSON.stringify(data),
      ...(device === undefined ? {} : { device }),
    }
    this.#unrecorded.push({ row, frame: frameOf(row) })
    this.#flushing ??= this.#flush()
  }

  async after(position: { epoch: string; seq: number }, limit: number): Promise<EventFrame[] | undefined> {
    if (position.epoch !== this.#epoch || position.seq > this.#announced) return undefined
    if (position.seq === this.#announced) return []
    const first = this.#ring[0]
    if (first !== undefined && first.seq <= position.seq + 1) {
      const start = position.seq + 1 - first.seq
      return this.#ring.slice(start, start + limit)
    }
    if (this.#volatile || this.#eventLog === undefined) return undefined
    const rows = await this.#eventLog.after(position.seq, limit)
    return rows?.map(frameOf)
  }

  /** Ends what waits for the log to come back. */
  stop(): Promise<void> {
    this.#cancelRetry()
    return this.flush()
  }

  /** Settles when everything published so far is announced. */
  async flush(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
  }

  async #flush(): Promise<void> {
    // Let the turn that published finish first, so that what belongs together is one append.
    await Promise.resolve()
    if (this.#retryDue && this.#last !== undefined) await this.#tryAgain(this.#last)
    while (this.#unrecorded.length > 0) {
      const batch = this.#unrecorded.splice(0, eventLimits.appendRowsMax)
      if (!this.#volatile) await this.#record(batch)
      for (const { row, frame } of batch) {
        this.#last = row
        this.#announce(frame)
      }
    }
    this.#flushing = undefined
  }

  async #record(batch: readonly Pending[]): Promise<void> {
    try {
      await this.#eventLog?.append(batch.map(({ row }) => row))
    } catch (error) {
      const reason = errorText(error)
      this.#log.error({ reason }, 'events cannot be recorded; they go on from memory')
      this.#health.report('events', `Events are kept in memory only: ${reason}`)
      this.#volatile = true
      this.#retryLater()
      this.#epoch = this.#newEpoch()
      // A position that clients got before this moment must not fit the log after a restart.
      this.#numbered += volatileSeqGap
      for (const entry of [...batch, ...this.#unrecorded]) {
        entry.row.seq += volatileSeqGap
        Object.assign(entry.frame, frameOf(entry.row))
      }
      this.#ring.length = 0
    }
  }

  #retryLater(): void {
    this.#cancelRetry = this.#clock.after(eventLimits.retryMs, () => {
      this.#retryDue = true
      this.#flushing ??= this.#flush()
    })
  }

  /** Begins the log again under the epoch that clients know by now, with the last event, so that the numbers go on. */
  async #tryAgain(last: EventRow): Promise<void> {
    this.#retryDue = false
    try {
      await this.#eventLog?.restart(this.#epoch, [last])
      this.#volatile = false
      this.#health.mended('events')
    } catch (error) {
      this.#log.debug({ reason: errorText(error) }, 'events still cannot be recorded')
      this.#retryLater()
    }
  }

  #announce(frame: EventFrame): void {
    this.#announced = frame.seq
    this.#ring.push(frame)
    if (this.#ring.length > eventLimits.ringEventsMax) this.#ring.splice(0, eventLimits.ringEventsMax / 8)
    for (const listener of this.#listeners) {
      try {
        listener(frame)
      } catch (error) {
        this.#log.error({ reason: errorText(error), topic: frame.topic }, 'a listener of events failed')
      }
    }
  }
}

const volatileSeqGap = 1_000_000_000
