/** How an ESC/POS printer says that it has printed: GS ( H with an id behind each copy, GS r 1 in its turn, or never. */
import type { DriverContext } from '../../driver.ts'
import { joined } from '../../imaging/joined.ts'
import { withAutoStatus } from '../common/run/auto-status.ts'
import type { Pending, Stop } from '../common/run/conversation.ts'
import type { Fencing, PrintCopies, RunParts } from '../common/run/print-run.ts'
import type { PrinterLink } from './link.ts'
import { askPaperInTurn, askProcess, autoStatusOn, processId, reset } from './questions.ts'
import type { EscposSettings } from './settings.ts'

export const fencingLimits = {
  /** Wait for answers that an earlier job left open, before the next job is sent. */
  settleMsMax: 2_000,
  /** Quiet after which no further answer is expected. */
  quietMs: 500,
  /** Questions that raw bytes may hold, beyond which nobody can tell whose answer is whose: such a job is sent unconfirmed. */
  rawQuestionsMax: 1_000,
} as const

export type Completion = EscposSettings['completion']

/** What printing and the drawer share with the rest of the device. */
export interface PrinterParts extends RunParts {
  context: DriverContext<EscposSettings>
  link: PrinterLink
  /** As the profile says, or `none` where the printer has shown that it does not answer. */
  completion(): Completion
  /** Serial number, when the printer told it. */
  serial(): string | undefined
}

type FencingParts = Pick<PrinterParts, 'context' | 'link' | 'completion'>

export class EscposFencing implements Fencing {
  readonly #parts: FencingParts

  constructor(parts: FencingParts) {
    this.#parts = parts
  }

  confirms(job: PrintCopies): boolean {
    return this.#completionOf(job) !== 'none'
  }

  #completionOf(job: PrintCopies): Completion {
    const completion = this.#parts.completion()
    const lost = completion === 'status-after-data' && job.questions > fencingLimits.rawQuestionsMax
    return lost ? 'none' : completion
  }

  /**
   * Answers that an earlier job left open must not be taken for ours: asks once more and lets everything come in. When
   * nothing comes the link is out of step and given up, which costs nothing, for nothing was sent.
   */
  async settle(stop: () => Stop | undefined): Promise<Stop | undefined> {
    const { context, link } = this.#parts
    if (this.#parts.completion() !== 'status-after-data' || link.bytesOwed === 0) return stop()
    const asked = context.clock.monotonic()
    const owed = link.bytesOwed
    const ours = link.expectByte()
    link.post(askPaperInTurn)
    while (ours.answer === undefined && stop() === undefined) {
      const heard = link.bytesOwed <= owed
      const quietAt = heard ? link.lastHeardAt + fencingLimits.quietMs : asked + fencingLimits.settleMsMax
      if (context.clock.monotonic() >= quietAt) {
        if (!heard) link.giveUp('answers are out of step')
        break
      }
      await link.news(quietAt)
    }
    link.forgetInTurn()
    return stop()
  }

  /** Answers to questions of the job's own may be left over; they come in one go and must not be taken for the next job's. */
  async quiet(job: PrintCopies): Promise<void> {
    const { context, link } = this.#parts
    if (job.questions === 0 || this.#completionOf(job) !== 'status-after-data') return
    while (link.lost === undefined && context.clock.monotonic() < link.lastHeardAt + fencingLimits.quietMs) {
      await link.news(link.lastHeardAt + fencingLimits.quietMs)
    }
  }

  fenced(
    copy: Uint8Array,
    job: PrintCopies,
  ): { body: Uint8Array; announce: (() => Pending<unknown>) | undefined } {
    const { context, link } = this.#parts
    const body = context.settings.status === 'asb' ? withAutoStatus(copy, { reset, autoStatusOn }) : copy
    switch (this.#completionOf(job)) {
      case 'process-id': {
        const id = link.unusedProcessId(() => processId(context.newId()))
        return { body: joined([body, askProcess(id)]), announce: () => link.expectProcess(id) }
      }
      case 'status-after-data': {
        // Each question in the data may bring an answer ahead of ours. Asked once more often than that, and all of these
        // answers in, at least one of them is ours.
        const asked = Array<Uint8Array>(1 + job.questions).fill(askPaperInTurn)
        const announce = () => asked.map(() => link.expectByte()).at(-1)!
        return { body: joined([body, ...asked]), announce }
      }
      case 'none':
        return { body, announce: undefined }
    }
  }
}
