/** One attempt at one print job: wait for a printer that can print, hand the data over, wait until it says that it is done. */
import { HubError } from '../../../../protocol/errors.ts'
import type { Attempt, AttemptResult, DriverContext } from '../../../driver.ts'
import { type Conversation, conversationLimits, type Pending, type Stop } from './conversation.ts'
import { givenUp, type Turns } from './turns.ts'
import type { Watch } from './watch.ts'

export const runLimits = {
  /** Handed over at once: small enough that a fault is seen before the next piece, at 9600 baud after 2 s. */
  pieceBytesMax: 2 * 1024,
  pieceBytesMin: 64,
  /** Paper of one piece: a printer whose buffer is full takes the next when this is printed, within the transport's time limit. */
  pieceMsMax: 4_000,
  /** A status that is younger than this is not asked for again before a job. */
  freshMsMax: 2_000,
  /** A long job takes its time on the paper: patience on top of `completionMsMax` for each full KB, some 35 lines of text. */
  patienceMsPerKb: 1_000,
} as const

/** What a job needs of the settings of a printer. */
export interface RunSettings {
  /** Whether live status is to be had; `none`: it is not asked for. */
  readonly status: string
  /** Longest silence after the data before the outcome is unknown, while no fault is reported, in ms. */
  readonly completionMsMax: number
}

/** How a printer says that it has printed: the part of a run that depends on the language. */
export interface Fencing {
  /** Whether the end of this job will be confirmed by the printer. */
  confirms(job: PrintCopies): boolean
  /** Lets answers that an earlier job left open come in, so that they are not taken for ours. */
  settle(stop: () => Stop | undefined): Promise<Stop | undefined>
  /** The copy with what asks for its end, and how to announce that question; without one nothing will be confirmed. */
  fenced(
    copy: Uint8Array,
    job: PrintCopies,
  ): { body: Uint8Array; announce?: (() => Pending<unknown>) | undefined }
  /** After the end: answers of the job's own that may be left over come in. */
  quiet(job: PrintCopies): Promise<void>
}

/** What printing shares with the rest of the device. */
export interface RunParts {
  context: DriverContext<RunSettings>
  link: Conversation
  turns: Turns
  watch: Watch
  fencing: Fencing
}

/** The copies of one job, and what the run has to know of them. */
export interface PrintCopies {
  readonly copies: readonly Uint8Array[]
  /** How long the paper of one copy takes on a slow printer. */
  readonly paperMs: number
  /** The most questions that the bytes of a copy may hold of themselves. */
  readonly questions: number
}

/** A job of which data went out; the confirmations of its copies may come late. */
export interface SentJob {
  readonly fences: Pending<unknown>[]
  readonly copies: number
}

/** One attempt at one job. */
export class PrintRun {
  readonly #parts: RunParts
  readonly #job: PrintCopies
  readonly #attempt: Attempt
  readonly #sent: SentJob
  #bytesBefore = 0
  #began = false
  #printed = 0
  #waitingFor: string | undefined

  constructor(parts: RunParts, job: PrintCopies, attempt: Attempt, sent: SentJob) {
    this.#parts = parts
    this.#job = job
    this.#attempt = attempt
    this.#sent = sent
  }

  async run(): Promise<AttemptResult> {
    const { link } = this.#parts
    const wake = () => link.wake()
    this.#attempt.signal.addEventListener('abort', wake)
    try {
      for (const copy of this.#job.copies) {
        const stop = await this.#copy(copy)
        if (stop !== undefined) return this.#stoppedResult(stop)
        this.#printed++
      }
      const confirmed = this.#parts.fencing.confirms(this.#job)
      return { state: 'done', outcome: { confirmed, copies: this.#printed } }
    } finally {
      this.#attempt.signal.removeEventListener('abort', wake)
      this.#parts.watch.closely(false)
      this.#say(undefined)
    }
  }

  async #copy(copy: Uint8Array): Promise<Stop | undefined> {
    const stop = (await this.#untilReady()) ?? (await this.#parts.fencing.settle(() => this.#stop()))
    if (stop !== undefined) return stop
    const fence = await this.#send(copy)
    return 'reason' in fence ? fence : await this.#untilPrinted(fence.pending, copy.length)
  }

  /** Waits until the printer can print, having made sure that it is there at all. */
  async #untilReady(): Promise<Stop | undefined> {
    const { link } = this.#parts
    for (let looked = this.#isFresh(); ; looked = true) {
      if (!looked && !(await this.#look()) && this.#stop() === undefined) {
        link.giveUp(`no answer within ${conversationLimits.answerMsMax} ms`)
      }
      const stop = this.#stop()
      if (stop !== undefined) return stop
      this.#say(link.blocking?.code)
      if (link.blocking === undefined) return undefined
      await link.news()
    }
  }

  #isFresh(): boolean {
    const { context, link } = this.#parts
    if (context.settings.status === 'none') return true
    return link.reportsByItself && context.clock.monotonic() - link.lastHeardAt <= runLimits.freshMsMax
  }

  /** Asks for the status; false when no answer comes. The end of the attempt ends it too. */
  async #look(afresh = false): Promise<boolean> {
    const { context, link } = this.#parts
    const until = context.clock.monotonic() + conversationLimits.answerMsMax
    let answered: boolean | undefined
    void link.look(until, { afresh }).then((result) => {
      answered = result
      link.wake()
    })
    while (answered === undefined && this.#stop() === undefined) await link.news()
    return answered ?? false
  }

  /** Hands one copy over, piece by piece, and with its last piece the question whether it is printed. */
  async #send(copy: Uint8Array): Promise<Stop | { pending: Pending<unknown> | undefined }> {
    const { context, link } = this.#parts
    const { body, announce } = this.#parts.fencing.fenced(copy, this.#job)
    const pieceBytes = this.#pieceBytes(body.length)
    let pending: Pending<unknown> | undefined
    link.inBody = true
    try {
      for (let start = 0; start < body.length; start += pieceBytes) {
        const end = Math.min(start + pieceBytes, body.length)
        const stop = start === 0 ? this.#stop() : await this.#untilMoving()
        if (stop !== undefined) return this.#leftHalf(stop)
        if (!this.#began) {
          this.#began = true
          this.#bytesBefore = context.transport.bytesWritten
          this.#attempt.sending()
        }
        if (end === body.length) pending = announce?.()
        const halted = await this.#handOver(body.subarray(start, end))
        if (halted !== undefined) return this.#leftHalf(halted)
      }
    } finally {
      link.inBody = false
    }
    if (pending !== undefined) this.#sent.fences.push(pending)
    return { pending }
  }

  /** Small pieces where few bytes move much paper: large type, symbols, cuts. */
  #pieceBytes(bytes: number): number {
    const { pieceBytesMin, pieceBytesMax, pieceMsMax } = runLimits
    const share = Math.floor((bytes * pieceMsMax) / Math.max(1, this.#job.paperMs))
    return Math.min(pieceBytesMax, Math.max(pieceBytesMin, share))
  }

  /** A job that ends in its midst leaves a printer that waits for the rest of a command: nothing can follow on this link. */
  #leftHalf(stop: Stop): Stop {
    if (this.#began) this.#parts.link.giveUp('a job was left in its midst')
    return stop
  }

  /** Between pieces: what a printer in trouble does not take must not be written, or the write runs into its time limit. */
  async #untilMoving(): Promise<Stop | undefined> {
    const { link } = this.#parts
    // A printer that has to be asked cannot be asked now, so the last answer would stand for ever.
    while (link.reportsByItself && link.blocking !== undefined && this.#stop() === undefined) {
      this.#say(link.blocking.code)
      await link.news()
    }
    this.#say(undefined)
    return this.#stop()
  }

  async #handOver(piece: Uint8Array): Promise<Stop | undefined> {
    const { link } = this.#parts
    let written: true | HubError | undefined
    link.write(piece).then(
      () => {
        written = true
        link.wake()
      },
      (error: unknown) => {
        written = error instanceof HubError ? error : link.closedError()
        link.wake()
      },
    )
    while (written === undefined && this.#stop() === undefined) {
      if (link.reportsByItself) this.#say(link.blocking?.code)
      await link.news()
    }
    if (written instanceof HubError) return { reason: 'link_lost', error: written }
    return written === undefined ? this.#stop() : undefined
  }

  /** Waits for the printer's word. A fault stops the clock: it goes on when it is mended. */
  async #untilPrinted(pending: Pending<unknown> | undefined, bytes: number): Promise<Stop | undefined> {
    const { context, link, watch } = this.#parts
    if (pending === undefined) return this.#untilHandedOver()
    watch.closely(true)
    const line = Math.floor(bytes / 1024) * runLimits.patienceMsPerKb
    const paper = Math.floor(this.#job.paperMs / 1_000) * 1_000
    const patience = context.settings.completionMsMax + Math.max(line, paper)
    const handedOver = context.clock.monotonic()
    let until = handedOver + patience
    let stalled = false
    for (;;) {
      if (pending.answer !== undefined) {
        const doubt = await this.#doubtful(handedOver)
        if (doubt === undefined) return this.#quiet()
        // Not believed now, it is not believed when somebody asks later either.
        if (doubt.reason === 'no_answer') Object.assign(pending, { answer: undefined, dropped: true })
        return doubt
      }
      const stop = this.#stop()
      if (stop !== undefined) return stop
      const fault = link.blocking
      this.#say(fault?.code)
      if (stalled && fault === undefined) until = context.clock.monotonic() + patience
      stalled = fault !== undefined
      if (!stalled && context.clock.monotonic() >= until) return { reason: 'no_answer', error: undefined }
      await link.news(stalled ? undefined : until)
    }
  }

  /**
   * A word that came seconds late: the paper took that long, or the line does. A printer whose line is slow is not believed,
   * for nobody can tell what its answers belong to; it shows when it is asked for its status.
   */
  async #doubtful(handedOver: number): Promise<Stop | undefined> {
    const { context, link } = this.#parts
    if (context.settings.status === 'none') return undefined
    if (context.clock.monotonic() - handedOver < conversationLimits.answerMsMax) return undefined
    // A question that stayed open while the printer was silent must not stand in the way of this one.
    if (await this.#look(true)) return undefined
    return this.#stop() ?? { reason: 'no_answer', error: link.lost && link.closedError() }
  }

  async #quiet(): Promise<undefined> {
    await this.#parts.fencing.quiet(this.#job)
    return undefined
  }

  /** For printers that never say: one look whether they stopped in the midst of it. */
  async #untilHandedOver(): Promise<Stop | undefined> {
    const { context, link, watch } = this.#parts
    if (context.settings.status === 'none') return this.#stop()
    watch.closely(true)
    await this.#look()
    while (link.blocking !== undefined && this.#stop() === undefined) {
      this.#say(link.blocking.code)
      await link.news()
    }
    return this.#stop()
  }

  #stop(): Stop | undefined {
    const { link } = this.#parts
    if (link.lost !== undefined) return { reason: 'link_lost', error: link.closedError() }
    return this.#attempt.signal.aborted ? { reason: 'stopped', error: undefined } : undefined
  }

  #stoppedResult(stop: Stop): AttemptResult {
    const { context, link } = this.#parts
    if (!this.#began || context.transport.bytesWritten === this.#bytesBefore) {
      if (stop.reason === 'stopped') return givenUp(context.transport.port)
      return { state: 'failed', error: stop.error ?? link.closedError() }
    }
    const error = new HubError(
      'job_outcome_unknown',
      { device: context.device, reason: stop.reason, copiesPrinted: this.#printed },
      stop.error,
    )
    return { state: 'unknown', error }
  }

  #say(waitingFor: string | undefined): void {
    if (this.#waitingFor === waitingFor) return
    this.#waitingFor = waitingFor
    this.#attempt.waiting(waitingFor)
  }
}
