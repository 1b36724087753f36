/** The printing capability: jobs made ready, printed one at a time, and inquired after when their outcome is not known. */
import type { PrintPayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult, DriverContext, PreparedPrint, Printing } from '../../driver.ts'
import type { EncodedPrint } from '../common/layout/encoder.ts'
import { type PrintCopies, PrintRun, type RunParts } from '../common/run/print-run.ts'
import { SentJobs, sentLimits } from '../common/run/sent-jobs.ts'
import type { StarEncoder } from './codec.ts'
import { type Evidence, judge, readEvidence, writeEvidence } from './evidence.ts'
import type { Completion } from './fencing.ts'
import type { StarLink } from './link.ts'
import type { StarSettings } from './settings.ts'

/** What printing and the drawer share with the rest of the device. */
export interface StarParts extends RunParts {
  context: DriverContext<StarSettings>
  link: StarLink
  completion(): Completion
}

/** What `prepare` hands to `print`: the bytes of each copy. */
interface PrintBody extends PreparedPrint, PrintCopies {}

export class StarPrinting implements Printing {
  readonly #parts: StarParts
  readonly #encoder: StarEncoder
  readonly #sent = new SentJobs()

  constructor(parts: StarParts, encoder: StarEncoder) {
    this.#parts = parts
    this.#encoder = encoder
  }

  prepare(payload: PrintPayload): PreparedPrint | Promise<PreparedPrint> {
    const ready = ({ substituted, cuts: _, pulses: __, ...body }: EncodedPrint): PrintBody => ({
      ...body,
      ...(substituted.length > 0 ? { substituted } : {}),
    })
    const encoded = this.#encoder.prepare(payload)
    return encoded instanceof Promise ? encoded.then(ready) : ready(encoded)
  }

  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult> {
    const { turns, context } = this.#parts
    return turns.attempt(attempt, context.transport.port, () => {
      const body = prepared as PrintBody
      const sent = this.#sent.begin(attempt.jobId, body.copies.length)
      return new PrintRun(this.#parts, body, attempt, sent).run()
    })
  }

  /**
   * The counter as it is known; nothing of a printer that others use too, or of raw bytes with ends of their own. While it may
   * move by something else the evidence is empty, which takes the place of what an earlier attempt has left.
   */
  evidence(prepared: PreparedPrint): string | undefined {
    const { copies, questions } = prepared as PrintBody
    const way = this.#parts.completion()
    if (way === 'none' || questions > 0 || this.#parts.context.settings.shared) return undefined
    const { link } = this.#parts
    if (way === 'etb' ? link.countsOwed : link.marksOwed) return ''
    const count = this.#count(way)
    return count === undefined ? undefined : writeEvidence({ way, count, copies: copies.length })
  }

  inquire(jobId: string, evidence: string): Promise<'done' | 'failed' | undefined> {
    return this.#parts.turns.take(async () => {
      const { context, link } = this.#parts
      const until = context.clock.monotonic() + sentLimits.inquiryMsMax
      if (await this.#sent.confirmed(jobId, (fence) => link.answerOf(fence, until))) return 'done'
      const before = readEvidence(evidence)
      if (before === undefined || context.settings.shared) return undefined
      // What was sent since counts too, and a job that was cut short on this very connection has counted nothing.
      if (this.#sent.has(jobId) || this.#sent.hasOthers(jobId)) return undefined
      return this.#judge(before, until)
    })
  }

  /** Asks until the counter stands where the job brings it, for the printer may still be at it. */
  async #judge(before: Evidence, until: number): Promise<'done' | undefined> {
    const { context, link } = this.#parts
    while (link.lost === undefined && context.clock.monotonic() < until) {
      if (before.way === 'etb') await link.look(until)
      else await link.askDocumentCount(until)
      const count = this.#count(before.way)
      if (count !== undefined && judge(before, count) === 'done') return 'done'
      await link.news(Math.min(until, context.clock.monotonic() + askEveryMs))
    }
    return undefined
  }

  #count(way: Evidence['way']): number | undefined {
    const { link } = this.#parts
    return way === 'etb' ? link.status.ended : link.documentCount
  }
}

/** Pause between questions for a counter. */
const askEveryMs = 500
