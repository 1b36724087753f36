/** The conversation with one Star printer over one open transport: its status as it is known now, and the ends of documents. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverClock, DriverFault, DriverLog } from '../../driver.ts'
import type { CloseReason, Transport } from '../../transports/transport.ts'
import type { Conversation, Pending } from '../common/run/conversation.ts'
import { askCounter, askStatus } from './commands.ts'
import { ReplyParser, type Report } from './replies.ts'
import { etbCounts, faultsOf, type StarStatus, statusOf, unknownStatus } from './status.ts'

export const linkLimits = {
  /** Ends whose confirmation is still awaited; the oldest is forgotten first. */
  endsMax: 256,
} as const

/** Ids of documents go from 1 to this; 0 asks for the counter. */
const idsMax = 0xffff

export class StarLink implements Conversation {
  readonly #transport: Transport
  readonly #clock: DriverClock
  readonly #log: DriverLog | undefined
  readonly #parser = new ReplyParser()
  /** Documents whose echo is awaited, by id. */
  readonly #marks = new Map<number, Pending<true>>()
  /** Counts of ETB that are awaited, in order. */
  #counts: { count: number; pending: Pending<true> }[] = []
  #waiters: (() => void)[] = []
  #status: StarStatus = unknownStatus
  #statuses = 0
  #asked = 0
  #lost: CloseReason | undefined
  #lastHeardAt = Number.NEGATIVE_INFINITY
  #inBody = false
  #lastId = 0
  #reportsByItself = false
  /** The print end counter as the last echo told it. */
  documentCount: number | undefined
  #counterAnswers = 0
  /** Called after each status. */
  onStatus: (status: StarStatus) => void = () => {}

  constructor(transport: Transport, clock: DriverClock, log?: DriverLog) {
    this.#transport = transport
    this.#clock = clock
    this.#log = log
  }

  start(): void {
    this.#transport.onBytes((bytes) => this.#receive(bytes))
    void this.#transport.closed.then((reason) => this.#lose(reason))
  }

  get status(): StarStatus {
    return this.#status
  }

  get faults(): DriverFault[] {
    return faultsOf(this.#status)
  }

  get blocking(): DriverFault | undefined {
    return this.faults.find((fault) => fault.blocking)
  }

  get reportsByItself(): boolean {
    return this.#reportsByItself
  }

  get inBody(): boolean {
    return this.#inBody
  }

  set inBody(on: boolean) {
    this.#inBody = on
    if (!on) this.wake()
  }

  get lost(): CloseReason | undefined {
    return this.#lost
  }

  get lastHeardAt(): number {
    return this.#lastHeardAt
  }

  news(until?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let cancel: () => void = () => {}
    if (until !== undefined) cancel = this.#clock.after(until - this.#clock.monotonic(), () => resolve())
    this.#waiters.push(() => {
      cancel()
      resolve()
    })
    return promise
  }

  wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  /** Lets go: ends every question, and nothing is sent from here on. The transport stays open. */
  stop(): void {
    this.#lose({ by: 'ours', reason: 'the device was let go' })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#lost !== undefined) throw this.closedError()
    await this.#transport.write(bytes)
  }

  /** Writes without waiting; a failure shows as the loss of the link. */
  post(bytes: Uint8Array): void {
    this.write(bytes).catch(() => undefined)
  }

  giveUp(reason: string): void {
    this.#log?.warn({ port: this.#transport.port, reason }, 'printer link given up')
    this.#lose({ by: 'ours', reason })
    void this.#transport.close()
  }

  closedError(): HubError {
    return new HubError('port_closed', {
      port: this.#transport.port,
      reason: this.#lost?.reason ?? 'it was closed',
    })
  }

  /**
   * Asks for the status. Any status that comes in after the question answers it, for they all have one form. Never sent in the
   * midst of a job, where it would be data.
   */
  async look(until: number): Promise<boolean> {
    while (this.#inBody) {
      if (this.#lost !== undefined || this.#clock.monotonic() >= until) return false
      await this.news(until)
    }
    if (this.#lost !== undefined) return false
    const before = this.#statuses
    this.#asked++
    this.post(askStatus)
    while (this.#statuses === before && this.#lost === undefined && this.#clock.monotonic() < until) {
      await this.news(until)
    }
    return this.#statuses > before
  }

  /** Asks for the print end counter, in its turn with the data. undefined: no answer until then. */
  async askDocumentCount(until: number): Promise<number | undefined> {
    const before = this.#counterAnswers
    this.post(askCounter(0))
    while (this.#counterAnswers === before && this.#lost === undefined && this.#clock.monotonic() < until) {
      await this.news(until)
    }
    return this.#counterAnswers > before ? this.documentCount : undefined
  }

  /** An id that no awaited document has. */
  nextId(): number {
    do this.#lastId = (this.#lastId % idsMax) + 1
    while (this.#marks.has(this.#lastId))
    return this.#lastId
  }

  /** Ids go on from here: those of another connection may still be echoed. */
  beginIdsAt(seed: number): void {
    this.#lastId = seed % idsMax
  }

  /** Announces a document's end; the caller writes it. */
  expectMark(id: number): Pending<true> {
    const pending: Pending<true> = { answer: undefined, dropped: false }
    this.#marks.set(id, pending)
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= linkLimits.endsMax) break
      this.#marks.delete(oldest)
    }
    return pending
  }

  /** The count that the next ETB brings, after those that are still awaited. */
  nextCount(): number {
    return ((this.#counts.at(-1)?.count ?? this.#status.ended ?? 0) + 1) % etbCounts
  }

  /** Announces that the ETB counter will reach a count; the caller writes the ETB. */
  expectCount(count: number): Pending<true> {
    const pending: Pending<true> = { answer: undefined, dropped: false }
    this.#counts.push({ count, pending })
    this.#counts = this.#counts.slice(-(etbCounts - 1))
    return pending
  }

  /** Gives up the counts that are still awaited; false when there are none. */
  forgetCounts(): boolean {
    const owed = this.#counts
    this.#counts = []
    for (const { pending } of owed) pending.dropped = true
    return owed.length > 0
  }

  /** Waits for an end. undefined: not until then, or it cannot come any more. */
  async answerOf<T>(pending: Pending<T>, until: number): Promise<T | undefined> {
    while (pending.answer === undefined && !pending.dropped && this.#lost === undefined) {
      if (this.#clock.monotonic() >= until) return undefined
      await this.news(until)
    }
    return pending.answer
  }

  #receive(bytes: Uint8Array): void {
    this.#lastHeardAt = this.#clock.monotonic()
    for (const report of this.#parser.push(bytes, this.#lastHeardAt)) this.#take(report)
    this.wake()
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'status':
        this.#statuses++
        if (this.#asked > 0) this.#asked--
        else this.#reportsByItself = true
        this.#setStatus(statusOf(report.bytes))
        break
      case 'mark':
        this.documentCount = report.counter
        if (report.update) this.#marked(report.id)
        else this.#counterAnswers++
        break
      case 'noise':
        this.#log?.debug({ port: this.#transport.port, bytes: report.bytes }, 'noise from printer')
        break
    }
  }

  #marked(id: number): void {
    const pending = this.#marks.get(id)
    if (pending === undefined) return
    pending.answer = true
    this.#marks.delete(id)
  }

  #setStatus(status: StarStatus): void {
    this.#status = status
    const reached = this.#counts.findIndex(({ count }) => count === status.ended)
    // Those before it are ended too: one printer, one queue.
    for (const { pending } of this.#counts.splice(0, reached + 1)) pending.answer = true
    this.onStatus(status)
  }

  #lose(reason: CloseReason): void {
    this.#lost ??= reason
    this.wake()
  }
}
