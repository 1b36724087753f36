/**
 * The conversation with one printer over one open transport: questions and their answers, the status as it is known now, and
 * news to wait for. It prints nothing by itself.
 */
import type { DriverClock, DriverFault, DriverLog } from '../../driver.ts'
import type { Transport } from '../../transports/transport.ts'
import { type Conversation, conversationLimits, type Pending } from '../common/run/conversation.ts'
import { OpenLink } from '../common/run/open-link.ts'
import { askNow } from './questions.ts'
import { type RealTimeQuestion, ReplyParser, type Report } from './replies.ts'
import {
  faultsOf,
  type PrinterStatus,
  type RealTimeAnswers,
  statusOfAuto,
  unknownStatus,
  withRealTime,
} from './status.ts'

export const linkLimits = {
  /** Longest wait for the answer to a real-time question on an idle printer. */
  answerMsMax: conversationLimits.answerMsMax,
  /** A printer that was busy answers what it was asked meanwhile within this time. */
  lateAnswerMs: 500,
  /** Process ids whose answers are still awaited; the oldest is forgotten first. */
  processIdsMax: 256,
} as const

const infoHeader = 0x5f
const processHeader = 0x37
/** The identifier after the header of a process id answer (Epson reference, GS ( H function 48). */
const processIdentifier = '"'

/**
 * Answers of one kind in the order of their questions. Nothing in a byte says which question it answers, so while several
 * wait an answer is kept aside: only when all of them are answered is each known to be its own.
 */
class InTurn<T> {
  readonly #waiting: Pending<T>[] = []
  #aside: { pending: Pending<T>; value: T }[] = []

  get owed(): number {
    return this.#waiting.length
  }

  ask(): Pending<T> {
    const pending: Pending<T> = { answer: undefined, dropped: false }
    this.#waiting.push(pending)
    return pending
  }

  take(value: T): void {
    const pending = this.#waiting.shift()
    if (pending === undefined) return
    this.#aside.push({ pending, value })
    if (this.#waiting.length > 0) return
    for (const answered of this.#aside) answered.pending.answer = answered.value
    this.#aside = []
  }

  /** Nothing that waits will be answered, and nobody can say whose the answers kept aside were. */
  forget(): void {
    for (const pending of this.#waiting) pending.dropped = true
    for (const { pending } of this.#aside) pending.dropped = true
    this.#waiting.length = 0
    this.#aside = []
  }
}

export class PrinterLink extends OpenLink implements Conversation {
  readonly #parser = new ReplyParser()
  readonly #bytes = new InTurn<number>()
  readonly #infos = new InTurn<string>()
  readonly #processIds = new Map<string, Pending<true>>()
  #realTime: { question: RealTimeQuestion; answer: number | undefined } | undefined
  #status: PrinterStatus = unknownStatus
  #autoReports = 0
  /** Called after each change of the status. */
  onStatus: (status: PrinterStatus) => void = () => {}
  /** Real-time questions besides the first that this printer answers. */
  readonly #others: readonly RealTimeQuestion[]

  constructor(
    transport: Transport,
    clock: DriverClock,
    log?: DriverLog,
    others: readonly RealTimeQuestion[] = [],
  ) {
    super(transport, clock, log)
    this.#others = others
  }

  get status(): PrinterStatus {
    return this.#status
  }

  get faults(): DriverFault[] {
    return faultsOf(this.#status)
  }

  /** True once the printer has sent automatic status. */
  get reportsByItself(): boolean {
    return this.#autoReports > 0
  }

  /** One-byte answers that are still to come. */
  get bytesOwed(): number {
    return this.#bytes.owed
  }

  /**
   * One DLE EOT question. Only one is ever under way, because nothing in an answer says which question it answers; one that
   * is not answered stays under way until it is, or until `forgetRealTime`. Never sent in the midst of a job: printers look
   * for it in images too. undefined: no answer until `until`, or lost.
   */
  async askRealTime(question: RealTimeQuestion, until: number): Promise<number | undefined> {
    while (this.#realTime !== undefined || this.inBody) {
      if (this.lost !== undefined || this.now >= until) return undefined
      await this.news(until)
    }
    if (this.lost !== undefined) return undefined
    const asked: { question: RealTimeQuestion; answer: number | undefined } = { question, answer: undefined }
    this.#realTime = asked
    this.#parser.expectRealTime(question)
    this.post(askNow(question))
    while (asked.answer === undefined && this.lost === undefined && this.now < until) {
      await this.news(until)
    }
    return asked.answer
  }

  /** The question under way will not be answered; what still comes for it is noise. */
  forgetRealTime(): void {
    this.#realTime = undefined
    this.#parser.forgetRealTime()
    this.wake()
  }

  /**
   * Asks for the status: `first` always, the others when it tells of a change or a fault stands. The answers count together,
   * or not at all when automatic status came in between. False: no answer.
   */
  async refresh(others: readonly RealTimeQuestion[], until: number, all: boolean): Promise<boolean> {
    const reportsBefore = this.#autoReports
    const answers: RealTimeAnswers = {}
    const printer = await this.askRealTime(1, until)
    if (printer === undefined) return false
    answers[1] = printer
    const changed = withRealTime(this.#status, answers).offline !== this.#status.offline
    if (all || changed || this.blocking !== undefined) {
      for (const question of others) {
        const answer = await this.askRealTime(question, until)
        if (answer === undefined) return false
        answers[question] = answer
      }
    }
    if (this.#autoReports === reportsBefore) {
      this.#setStatus(withRealTime(this.#status, answers))
      // Whoever waits was woken by the answers, before they were put together.
      this.wake()
    }
    return true
  }

  look(until: number, { afresh = false, brief = false } = {}): Promise<boolean> {
    if (afresh) return this.#answersNow(until)
    return this.refresh(brief ? [] : this.#others, until, !brief && !this.reportsByItself)
  }

  /**
   * Whether it answers a question that is asked now. One under way has a moment to be answered, then it is given up, and what may
   * still come for it is counted off: one question more is asked, and of these answers no status is made.
   */
  async #answersNow(until: number): Promise<boolean> {
    const given = Math.min(until, this.now + linkLimits.lateAnswerMs)
    while (this.#realTime !== undefined && this.lost === undefined && this.now < given) {
      await this.news(given)
    }
    if (this.#realTime === undefined) return (await this.askRealTime(1, until)) !== undefined
    this.forgetRealTime()
    for (let asked = 0; asked < 2; asked++) {
      if ((await this.askRealTime(1, until)) === undefined) return false
    }
    return true
  }

  /** Announces a question with a one-byte answer in its turn (GS r); the caller writes it. */
  expectByte(): Pending<number> {
    this.#parser.expectByte()
    return this.#bytes.ask()
  }

  /** Announces a question answered by a 5Fh block in its turn (GS I 65.., GS g 2); the caller writes it. */
  expectInfo(): Pending<string> {
    return this.#infos.ask()
  }

  /** Announces a process id; the caller writes it after the data that it marks. */
  expectProcess(id: string): Pending<true> {
    const pending: Pending<true> = { answer: undefined, dropped: false }
    this.#processIds.set(id, pending)
    for (const oldest of this.#processIds.keys()) {
      if (this.#processIds.size <= linkLimits.processIdsMax) break
      this.#processIds.delete(oldest)
    }
    return pending
  }

  /** A process id that nobody waits for. */
  unusedProcessId(make: () => string): string {
    let id = make()
    while (this.#processIds.has(id)) id = make()
    return id
  }

  forgetInTurn(): void {
    this.#bytes.forget()
    this.#infos.forget()
    this.#parser.forgetBytes()
    this.wake()
  }

  protected received(bytes: Uint8Array, at: number): void {
    for (const report of this.#parser.push(bytes, at)) this.#take(report)
  }

  #take(report: Report): void {
    switch (report.kind) {
      case 'auto':
        this.#autoReports++
        this.#setStatus(statusOfAuto(report.bytes))
        break
      case 'realtime':
        if (this.#realTime !== undefined) this.#realTime.answer = report.value
        this.#realTime = undefined
        break
      case 'byte':
        this.#bytes.take(report.value)
        break
      case 'block':
        this.#takeBlock(report.header, report.text)
        break
      case 'noise':
        this.noise(report.bytes)
        break
      case 'flow':
        break
    }
  }

  #takeBlock(header: number, text: string): void {
    if (header === infoHeader) this.#infos.take(text)
    else if (header === processHeader && text.startsWith(processIdentifier)) {
      const pending = this.#processIds.get(text.slice(1))
      if (pending === undefined) return
      pending.answer = true
      this.#processIds.delete(text.slice(1))
    }
  }

  #setStatus(status: PrinterStatus): void {
    this.#status = status
    this.onStatus(status)
  }
}
