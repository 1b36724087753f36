/** The conversation with a label printer that is asked for its status: one question at a time, each with its own answer. */
import type { DriverClock, DriverFault, DriverLog } from '../../driver.ts'
import type { Transport } from '../../transports/transport.ts'
import type { Conversation, Pending } from './run/conversation.ts'
import { OpenLink } from './run/open-link.ts'

/** What a label printer says of itself. */
export interface LabelStatus {
  readonly faults: readonly DriverFault[]
  /** True while labels wait or are printed. */
  readonly busy: boolean
}

export type LabelAnswer =
  | { readonly kind: 'status'; readonly status: LabelStatus }
  | { readonly kind: 'identity'; readonly text: string }
  /** Said without being asked: a print command was carried out, or refused with a code. */
  | { readonly kind: 'printed' }
  | { readonly kind: 'refused'; readonly code: string }

/** Reads what comes in. It is told what is asked for, because some answers are a single byte. */
export interface LabelReader {
  expect(kind: 'status' | 'identity'): void
  /** Any bytes, in any pieces; never throws, keeps a bounded tail. */
  push(bytes: Uint8Array): LabelAnswer[]
}

/** The questions of one label language. None of them prints or moves anything. */
export interface LabelQuestions {
  readonly status: Uint8Array
  readonly identity: Uint8Array
}

/**
 * How the end of a job is known. `idle`: it said that it was at work, and then its counters that nothing is left. `printing-seen`: it said that it was printing, and
 * then that it was not. `acks`: it acknowledges each print command. `status`, `none`: not at all.
 */
export type LabelCompletion = 'idle' | 'printing-seen' | 'acks' | 'status' | 'none'

export const labelLinkLimits = {
  /** Pause between questions while a job is printed: shorter than the shortest label takes, in ms. */
  followMs: 100,
  /** Answers in a row that have to say that nothing is left: a counter may be read between two labels. */
  idleAnswers: 2,
  /** A printer that was never at work for so long after the data may have passed them over, in ms. */
  neverBusyMs: 2_000,
} as const

/** What a printer let know of a job: that it printed, or only that it has nothing to do. */
export type LabelWord = 'printed' | 'idle'

interface Asked {
  readonly kind: 'status' | 'identity'
  answer: LabelAnswer | undefined
}

export class LabelLink extends OpenLink implements Conversation {
  readonly reportsByItself = false
  readonly #questions: LabelQuestions
  readonly #reader: LabelReader
  #asked: Asked | undefined
  #faults: readonly DriverFault[] = []
  #printed = 0
  /** Called after each answer about the status. */
  onStatus: (status: LabelStatus) => void = () => {}

  constructor(parts: {
    transport: Transport
    clock: DriverClock
    log?: DriverLog
    questions: LabelQuestions
    reader: LabelReader
  }) {
    super(parts.transport, parts.clock, parts.log)
    this.#questions = parts.questions
    this.#reader = parts.reader
  }

  get faults(): readonly DriverFault[] {
    return this.#faults
  }

  async look(until: number): Promise<boolean> {
    return (await this.ask('status', until)) !== undefined
  }

  /**
   * Asks one question, after the one under way. A question that is not answered stays under way until it is, so that a late
   * answer is never taken for that to a later question. undefined: no answer until then, or the link is lost.
   */
  async ask(kind: Asked['kind'], until: number): Promise<LabelAnswer | undefined> {
    while (this.#asked !== undefined || this.inBody) {
      if (this.lost !== undefined || this.now >= until) return undefined
      await this.news(until)
    }
    if (this.lost !== undefined) return undefined
    const asked: Asked = { kind, answer: undefined }
    this.#asked = asked
    this.#reader.expect(kind)
    this.post(this.#questions[kind])
    while (asked.answer === undefined && this.lost === undefined && this.now < until) {
      await this.news(until)
    }
    return asked.answer
  }

  /** The question under way is not one that this printer answers. */
  forget(): void {
    this.#asked = undefined
  }

  /**
   * Watches a job whose last bytes are about to leave. The answer is set once the printer has said how it stands; nothing is
   * asked any more once it is dropped. `acks`: print commands in the job.
   */
  follow(completion: LabelCompletion, acks: number): Pending<LabelWord> {
    const pending: Pending<LabelWord> = { answer: undefined, dropped: false }
    void this.#follow(pending, completion, this.#printed + acks)
    return pending
  }

  async #follow(pending: Pending<LabelWord>, completion: LabelCompletion, acks: number): Promise<void> {
    let [idle, seenBusy] = [0, false]
    let asking: number | undefined
    const over = () => pending.dropped || this.lost !== undefined
    while (!over()) {
      const answer = await this.ask('status', Number.POSITIVE_INFINITY)
      if (answer?.kind !== 'status' || over()) return
      const { busy, faults } = answer.status
      const now = this.now
      asking ??= now
      seenBusy ||= busy
      const waits = busy || faults.some((fault) => fault.blocking)
      if (waits) asking = now
      idle = waits || (completion === 'printing-seen' && !seenBusy) ? 0 : idle + 1
      if (completion === 'acks' && this.#printed < acks) idle = 0
      const sure = completion !== 'idle' || seenBusy
      if (idle >= labelLinkLimits.idleAnswers && (sure || now - asking >= labelLinkLimits.neverBusyMs)) {
        pending.answer = sure ? 'printed' : 'idle'
        this.wake()
        return
      }
      const next = this.now + labelLinkLimits.followMs
      while (!over() && this.now < next) await this.news(next)
    }
  }

  protected received(bytes: Uint8Array): void {
    for (const answer of this.#reader.push(bytes)) this.#take(answer)
  }

  #take(answer: LabelAnswer): void {
    if (answer.kind === 'printed') this.#printed += 1
    else if (answer.kind === 'refused') this.giveUp(`the printer refused a command with code ${answer.code}`)
    else if (this.lost === undefined && this.#asked?.kind === answer.kind) {
      this.#asked.answer = answer
      this.#asked = undefined
      if (answer.kind !== 'status') return
      this.#faults = answer.status.faults
      this.onStatus(answer.status)
    }
  }
}
