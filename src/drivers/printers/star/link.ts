/** The conversation with one Star printer over one open transport: its status as it is known now, and the ends of documents. */
import type { DriverFault } from '../../driver.ts'
import type { Conversation, Pending } from '../common/run/conversation.ts'
import { OpenLink } from '../common/run/open-link.ts'
import { askCounter, askStatus } from './commands.ts'
import { ReplyParser, type Report } from './replies.ts'
import { etbCounts, faultsOf, type StarStatus, statusOf, unknownStatus } from './status.ts'

export const linkLimits = {
  /** Ends whose confirmation is still awaited; the oldest is forgotten first. */
  endsMax: 256,
} as const

/** Ids of documents go from 1 to this; 0 asks for the counter. */
const idsMax = 0xffff

export class StarLink extends OpenLink implements Conversation {
  readonly #parser = new ReplyParser()
  /** Documents whose echo is awaited, by id. */
  readonly #marks = new Map<number, Pending<true>>()
  /** Counts of ETB that are awaited, in order. */
  #counts: { count: number; pending: Pending<true> }[] = []
  /** Somebody else's ETBs may still be in the printer: those of an earlier connection, or of raw bytes. */
  #othersCount = true
  #status: StarStatus = unknownStatus
  #statuses = 0
  #asked = 0
  #lastId = 0
  #reportsByItself = false
  /** The print end counter as the last echo told it. */
  documentCount: number | undefined
  #counterAnswers = 0
  /** Called after each status. */
  onStatus: (status: StarStatus) => void = () => {}

  get status(): StarStatus {
    return this.#status
  }

  get faults(): DriverFault[] {
    return faultsOf(this.#status)
  }

  get reportsByItself(): boolean {
    return this.#reportsByItself
  }

  /**
   * Asks for the status. Any status that comes in after the question answers it, for they all have one form. Never sent in the
   * midst of a job, where it would be data.
   */
  async look(until: number): Promise<boolean> {
    while (this.inBody) {
      if (this.lost !== undefined || this.now >= until) return false
      await this.news(until)
    }
    if (this.lost !== undefined) return false
    const before = this.#statuses
    this.#asked++
    this.post(askStatus)
    while (this.#statuses === before && this.lost === undefined && this.now < until) {
      await this.news(until)
    }
    return this.#statuses > before
  }

  /** Asks for the print end counter, in its turn with the data. undefined: no answer until then. */
  async askDocumentCount(until: number): Promise<number | undefined> {
    const before = this.#counterAnswers
    this.post(askCounter(0))
    while (this.#counterAnswers === before && this.lost === undefined && this.now < until) {
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

  /** Whether the ETB counter may still move by anything but the next job. */
  get countsOwed(): boolean {
    return this.#othersCount || this.#counts.length > 0
  }

  /** Whether the print end counter may. */
  get marksOwed(): boolean {
    return this.#marks.size > 0
  }

  /** Gives up the counts that are still awaited. Until `countsSettled` the counter may move by them. */
  forgetCounts(): void {
    for (const { pending } of this.#counts) pending.dropped = true
    this.#counts = []
    this.#othersCount = true
  }

  countsSettled(): void {
    this.#othersCount = false
  }

  protected received(bytes: Uint8Array, at: number): void {
    for (const report of this.#parser.push(bytes, at)) {
      // Given up on what was just told: what comes behind it is not believed.
      if (this.lost !== undefined) return
      this.#take(report)
    }
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
        this.noise(report.bytes)
        break
    }
  }

  #marked(id: number): void {
    const pending = this.#marks.get(id)
    if (pending === undefined) return
    pending.answer = true
    // One printer, one queue: what stood before it will not come any more.
    for (const [earlier, left] of this.#marks) {
      this.#marks.delete(earlier)
      if (earlier === id) break
      left.dropped = true
    }
  }

  #setStatus(status: StarStatus): void {
    const lostData = status.overflowed && !this.#status.overflowed
    this.#status = status
    // What ran over is not on the paper, whatever is said of the end of the rest.
    if (lostData && (this.inBody || this.#marks.size > 0 || this.#counts.length > 0)) {
      this.giveUp('its buffer ran over, so data is lost')
      return
    }
    const reached = this.#counts.findIndex(({ count }) => count === status.ended)
    // Those before it are ended too: one printer, one queue.
    for (const { pending } of this.#counts.splice(0, reached + 1)) pending.answer = true
    this.onStatus(status)
  }
}
