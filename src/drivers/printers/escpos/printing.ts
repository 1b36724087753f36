/** The printing capability: jobs made ready, printed one at a time, and inquired after when their outcome is not known. */
import type { PrintPayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult, PreparedPrint, Printing } from '../../driver.ts'
import type { EncodedPrint } from '../common/layout/encoder.ts'
import { type PrintCopies, PrintRun } from '../common/run/print-run.ts'
import { SentJobs, sentLimits } from '../common/run/sent-jobs.ts'
import type { EscposEncoder } from './codec.ts'
import { judge, readEvidence, writeEvidence } from './evidence.ts'
import type { PrinterParts } from './fencing.ts'
import { askCuts } from './identity.ts'

/** What `prepare` hands to `print`: the bytes of each copy. */
interface PrintBody extends PreparedPrint, PrintCopies {
  /** Cuts of all copies together; absent for raw bytes. */
  readonly cuts?: number
}

/** Counts for the printer's whole life. */
const defaultCutCounter = 178

export class EscposPrinting implements Printing {
  readonly #parts: PrinterParts
  readonly #encoder: EscposEncoder
  readonly #sent = new SentJobs()
  #cuts: number | undefined
  #counts: boolean

  constructor(parts: PrinterParts, encoder: EscposEncoder) {
    this.#parts = parts
    this.#encoder = encoder
    this.#counts = parts.context.settings.cutCounter
  }

  prepare(payload: PrintPayload): PreparedPrint | Promise<PreparedPrint> {
    const ready = ({ cuts, substituted, pulses: _, ...body }: EncodedPrint): PrintBody => {
      // Nobody has looked for cuts in raw bytes.
      const known = payload.raw === undefined ? { cuts: cuts * body.copies.length } : {}
      return { ...body, ...known, ...(substituted.length > 0 ? { substituted } : {}) }
    }
    const encoded = this.#encoder.prepare(payload)
    return encoded instanceof Promise ? encoded.then(ready) : ready(encoded)
  }

  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult> {
    const { turns, context } = this.#parts
    return turns.attempt(attempt, context.transport.port, async () => {
      const body = prepared as PrintBody
      const sent = this.#sent.begin(attempt.jobId, body.copies.length)
      this.#cuts = undefined
      const result = await new PrintRun(this.#parts, body, attempt, sent).run()
      if (result.state === 'done') await this.readCuts()
      return result
    })
  }

  /** Reads the cut counter where there is one. For a printer that is idle and online. */
  async readCuts(): Promise<void> {
    const { context, link } = this.#parts
    if (!this.#counts || link.lost !== undefined || link.blocking !== undefined) return
    this.#cuts = await askCuts(link, context.clock, this.#counterNumber())
    // Asked in vain it would hold up every job to come.
    if (this.#cuts === undefined && link.blocking === undefined) this.#counts = false
    else context.listener.details({ cuts: this.#cuts ?? null })
  }

  evidence(prepared: PreparedPrint): string | undefined {
    const { cuts: jobCuts } = prepared as PrintBody
    if (this.#cuts === undefined || jobCuts === undefined) return undefined
    const serial = this.#parts.serial()
    return writeEvidence({
      cuts: this.#cuts,
      counter: this.#counterNumber(),
      ...(serial === undefined ? {} : { serial }),
      jobCuts,
    })
  }

  inquire(jobId: string, evidence: string): Promise<'done' | 'failed' | undefined> {
    return this.#parts.turns.take(async () => {
      if (await this.#confirmedLate(jobId)) return 'done'
      const before = readEvidence(evidence)
      if (before === undefined) return undefined
      await this.readCuts()
      if (this.#cuts === undefined) return undefined
      const now = { cuts: this.#cuts, counter: this.#counterNumber(), serial: this.#parts.serial() }
      return judge(before, now)
    })
  }

  /** Whether every copy was confirmed on this connection, if need be after a short wait. */
  #confirmedLate(jobId: string): Promise<boolean> {
    const { context, link } = this.#parts
    const until = context.clock.monotonic() + sentLimits.inquiryMsMax
    return this.#sent.confirmed(jobId, (fence) => link.answerOf(fence, until))
  }

  #counterNumber(): number {
    const quirk = this.#parts.context.profile.quirks.find(({ name }) => name === 'cut_counter_number')
    return typeof quirk?.value === 'number' ? quirk.value : defaultCutCounter
  }
}
