/** Print jobs over IPP: made known to the printer before the document leaves, followed to their end, and asked for after a loss. */
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import type {
  Attempt,
  AttemptResult,
  DriverContext,
  DriverFault,
  PreparedPrint,
  Printing,
} from '../../driver.ts'
import { clientLimits, type IppClient } from './client.ts'
import type { IppMessage } from './codec.ts'
import {
  cancelJob,
  createJob,
  errorOf,
  getJob,
  getJobs,
  isEnded,
  isFailed,
  isProved,
  type JobFacts,
  type JobTicket,
  jobStates,
  operations,
  type PrinterFacts,
  printJob,
  readJobs,
  sendDocument,
  statusCodes,
  succeeded,
} from './operations.ts'
import type { IppDocument, IppDraft, IppPages } from './pages.ts'
import type { IppSettings } from './settings.ts'

export const printTimes = {
  /** Pause between questions how a job is getting on: printers tell of it only to who asks, in ms. */
  followMs: 1_000,
  /** Pause between tries on a printer that is busy with the job of somebody else, or has a fault, in ms. */
  retryMs: 2_000,
  /** Longest that an inquiry waits for the end of a job that the printer still works at, in ms. */
  inquiryMsMax: 300_000,
} as const

/** Numbers of jobs whose outcome may still be asked for on this connection. */
const jobsKeptMax = 256

export interface IppParts {
  context: DriverContext<IppSettings>
  client: IppClient
  pages: IppPages
  /** What the printer said last. Throws `device_absent` before it said anything. */
  facts(): PrinterFacts
  /** Asks the printer how it is, and tells the hub. Throws what the client throws. */
  look(signal?: AbortSignal): Promise<PrinterFacts>
}

const failed = (error: HubError): AttemptResult => ({ state: 'failed', error })
const aborted = () => failed(new HubError('stopping'))

export class IppPrinting implements Printing {
  readonly #parts: IppParts
  readonly #jobIds = new Map<string, number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: IppParts) {
    this.#parts = parts
  }

  prepare(payload: PrintPayload): PreparedPrint | Promise<PreparedPrint> {
    return this.#parts.pages.prepare(payload)
  }

  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult> {
    const run = this.#last.then(() => this.#print(prepared as IppDraft, attempt))
    this.#last = run.catch(() => undefined)
    return run.finally(() => attempt.waiting(undefined))
  }

  /** The printer that has the job: another one on the same address knows nothing of it. */
  evidence(): string | undefined {
    const { uuid } = this.#parts.facts()
    return uuid === undefined ? undefined : `ipp ${uuid}`
  }

  /**
   * By its number, or by its name on a printer that is the same by its UUID. A job that is still under way is waited for: nobody
   * asks a second time.
   */
  async inquire(jobId: string, evidence: string): Promise<'done' | 'failed' | undefined> {
    const { client, context } = this.#parts
    // What was printed since says nothing against a number that this printer gave on this connection.
    if (evidence !== this.evidence() && !this.#jobIds.has(jobId)) return undefined
    const until = context.clock.monotonic() + printTimes.inquiryMsMax
    for (;;) {
      const job = await this.#find(jobId)
      if (job === undefined) return undefined
      if (isProved(job)) return 'done'
      if (isFailed(job)) return 'failed'
      if (isEnded(job) || client.stopped || context.clock.monotonic() >= until) return undefined
      await client.pause(printTimes.retryMs)
    }
  }

  async #find(jobId: string): Promise<JobFacts | undefined> {
    const { client } = this.#parts
    const known = this.#jobIds.get(jobId)
    if (known !== undefined) return readJobs(await client.ask((options) => getJob(options, known)))[0]
    const named: JobFacts[] = []
    for (const which of ['not-completed', 'completed'] as const) {
      const jobs = readJobs(await client.ask((options) => getJobs(options, which)))
      named.push(...jobs.filter(({ name }) => name === jobId))
    }
    // A job that was tried again has its name more than once; it has failed only when all of them have.
    return named.find((job) => !isEnded(job)) ?? named.find((job) => !isFailed(job)) ?? named[0]
  }

  async #print(draft: IppDraft, attempt: Attempt): Promise<AttemptResult> {
    const { client, context, facts, pages } = this.#parts
    const { settings } = context
    const document = await pages.documentFor(draft, facts(), () => client.pause(0, attempt.signal))
    if (attempt.signal.aborted || client.stopped) return aborted()
    const ticket: JobTicket = {
      name: attempt.jobId,
      format: document.format,
      copies: document.copies,
      ...(document.onOurPaper && settings.sendMedia ? { media: settings.paper } : {}),
      ...(settings.sides === undefined ? {} : { sides: settings.sides }),
    }
    const known = facts().operations
    const inTwo = known.includes(operations.createJob) && known.includes(operations.sendDocument)
    const begun = inTwo
      ? await this.#inTwoSteps(ticket, document, attempt)
      : await this.#inOneStep(ticket, document, attempt)
    return typeof begun === 'number' ? this.#follow(begun, document, attempt) : begun
  }

  /** The printer gives the job a number before it gets the document, so that it can be asked for whatever happens then. */
  async #inTwoSteps(
    ticket: JobTicket,
    document: IppDocument,
    attempt: Attempt,
  ): Promise<number | AttemptResult> {
    const { client } = this.#parts
    const made = await this.#whenFree(attempt, (signal) =>
      client.ask((options) => createJob(options, ticket), clientLimits.answerMsMax, signal),
    )
    if ('state' in made) return made
    const id = readJobs(made)[0]?.id
    if (id === undefined) return failed(this.#invalid('it gave the job no number'))
    this.#remember(attempt.jobId, id)
    if (attempt.signal.aborted) {
      await this.#cancel(id)
      return aborted()
    }
    attempt.sending()
    const { format, data } = document
    const answer = await this.#outcomeOf(
      client.ask(
        (options) => sendDocument(options, id, format, data),
        clientLimits.documentMsMax,
        attempt.signal,
      ),
    )
    // A lost answer says nothing of the document; the job does.
    if (answer instanceof HubError) return this.#parts.client.stopped ? this.#unknown(answer) : id
    if (succeeded(answer)) return id
    // Without its document it would stand in the way of the next.
    await this.#cancel(id)
    return failed(this.#refused(answer))
  }

  /** A goodbye: the printer ends a job without a document by itself, after a while. */
  async #cancel(id: number): Promise<void> {
    const goodbye = this.#parts.client.ask((options) => cancelJob(options, id), clientLimits.goodbyeMsMax)
    await goodbye.catch(() => undefined)
  }

  async #inOneStep(
    ticket: JobTicket,
    document: IppDocument,
    attempt: Attempt,
  ): Promise<number | AttemptResult> {
    const { client } = this.#parts
    // A printer that was busy has said that it has nothing of what was sent.
    let [begun, open] = [false, false]
    const answer = await this.#outcomeOf(
      this.#whenFree(attempt, async (signal) => {
        if (!begun) attempt.sending()
        begun = true
        open = true
        const made = await client.ask(
          (options) => printJob(options, ticket, document.data),
          clientLimits.documentMsMax,
          signal,
        )
        open = false
        return made
      }),
    )
    if (answer instanceof HubError) return open ? this.#unknown(answer) : failed(answer)
    if ('state' in answer) return answer
    const id = readJobs(answer)[0]?.id
    if (id === undefined) return this.#unknown(this.#invalid('it gave the job no number'))
    this.#remember(attempt.jobId, id)
    return id
  }

  /** Sends a request to a printer that has no fault and no job of somebody else, waiting until it is so. */
  async #whenFree(
    attempt: Attempt,
    send: (signal: AbortSignal) => Promise<IppMessage>,
  ): Promise<IppMessage | AttemptResult> {
    const { look, client } = this.#parts
    const { signal } = attempt
    for (;;) {
      const facts = await look(signal)
      const fault = facts.faults.find(({ blocking }) => blocking)
      if (signal.aborted) return aborted()
      attempt.waiting(fault?.code ?? (facts.accepting ? undefined : 'device_busy'))
      if (fault === undefined && facts.accepting) {
        const answer = await send(signal)
        if (succeeded(answer)) return answer
        const busy = answer.code === statusCodes.busy || answer.code === statusCodes.notAccepting
        if (!busy) return failed(this.#refused(answer))
        attempt.waiting('device_busy')
      }
      await client.pause(printTimes.retryMs, signal)
      if (signal.aborted || client.stopped) return aborted()
    }
  }

  /** Asks for the job until it has ended. A fault of the printer stops the clock; it goes on when it is mended. */
  async #follow(id: number, document: IppDocument, attempt: Attempt): Promise<AttemptResult> {
    const { client, context, look } = this.#parts
    const { clock, settings } = context
    let [state, since, lost] = [-1, clock.monotonic(), undefined as HubError | undefined]
    for (;;) {
      const answer = await this.#outcomeOf(
        client.ask((options) => getJob(options, id), clientLimits.answerMsMax, attempt.signal),
      )
      const job = answer instanceof HubError ? undefined : readJobs(answer)[0]
      if (answer instanceof HubError) lost = answer
      else if (job === undefined) {
        // It has forgotten the job; or it has no time for us, and is asked again.
        lost = this.#refused(answer)
        if (isForgotten(answer)) return this.#unknown(lost)
      } else {
        lost = undefined
        if (job.state === jobStates.completed) {
          const confirmed = isProved(job)
          return { state: 'done', outcome: { confirmed, copies: document.copies, printerJob: id } }
        }
        if (isFailed(job)) return failed(this.#ended(job))
        if (job.state !== state) since = clock.monotonic()
        state = job.state
        const fault = await this.#blocking(look, attempt.signal)
        attempt.waiting(fault?.code ?? (state === jobStates.held ? 'device_busy' : undefined))
        if (fault !== undefined) since = clock.monotonic()
      }
      if (attempt.signal.aborted) return this.#unknown(new HubError('stopping'))
      const waited = clock.monotonic() - since
      if (client.stopped || waited >= settings.completionMsMax) return this.#unknown(lost)
      await client.pause(printTimes.followMs, attempt.signal)
    }
  }

  async #blocking(look: IppParts['look'], signal: AbortSignal): Promise<DriverFault | undefined> {
    const facts = await look(signal).catch(() => undefined)
    return facts?.faults.find(({ blocking }) => blocking)
  }

  /** The error instead of throwing it. */
  async #outcomeOf<T>(work: Promise<T>): Promise<T | HubError> {
    try {
      return await work
    } catch (error) {
      return toHubError(error)
    }
  }

  #refused(answer: IppMessage): HubError {
    const { device } = this.#parts.context
    const reason = errorOf(answer)
    if (answer.code === statusCodes.formatUnsupported)
      return new HubError('payload_unsupported', { path: 'payload', device, reason })
    return new HubError('printer_error', { device, reason })
  }

  #ended({ state, reasons }: JobFacts): HubError {
    const { device } = this.#parts.context
    const how = state === jobStates.canceled ? 'canceled' : 'aborted'
    return new HubError('printer_error', { device, reason: `the job was ${how}: ${reasons.join(', ')}` })
  }

  #invalid(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.#parts.context.device, reason })
  }

  #unknown(cause: HubError | undefined): AttemptResult {
    const { device } = this.#parts.context
    return { state: 'unknown', error: new HubError('job_outcome_unknown', { device }, cause) }
  }

  #remember(jobId: string, id: number): void {
    this.#jobIds.delete(jobId)
    this.#jobIds.set(jobId, id)
    for (const oldest of this.#jobIds.keys()) {
      if (this.#jobIds.size <= jobsKeptMax) break
      this.#jobIds.delete(oldest)
    }
  }
}

const isForgotten = (answer: IppMessage): boolean =>
  succeeded(answer) || answer.code === statusCodes.notFound || answer.code === statusCodes.gone
