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
import type { IppDocument, IppPages } from './pages.ts'
import type { IppSettings } from './settings.ts'

export const printTimes = {
  /** Pause between questions how a job is getting on: printers tell of it only to who asks, in ms. */
  followMs: 1_000,
  /** Pause between tries on a printer that is busy with the job of somebody else, or has a fault, in ms. */
  retryMs: 2_000,
} as const

/** Numbers of jobs whose outcome may still be asked for on this connection. */
const jobsKeptMax = 256

export interface IppParts {
  context: DriverContext<IppSettings>
  client: IppClient
  pages: IppPages
  /** What the printer said at the start. */
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
    return this.#parts.pages.prepare(payload, this.#parts.facts())
  }

  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult> {
    const run = this.#last.then(() => this.#print(prepared as IppDocument, attempt))
    this.#last = run.catch(() => undefined)
    return run.finally(() => attempt.waiting(undefined))
  }

  /** The printer that has the job: another one on the same address knows nothing of it. */
  evidence(): string | undefined {
    const { uuid } = this.#parts.facts()
    return uuid === undefined ? undefined : `ipp ${uuid}`
  }

  async inquire(jobId: string, evidence: string): Promise<'done' | 'failed' | undefined> {
    if (evidence !== this.evidence()) return undefined
    const job = await this.#find(jobId)
    if (job?.state === jobStates.completed) return 'done'
    return job !== undefined && isFailed(job) ? 'failed' : undefined
  }

  async #find(jobId: string): Promise<JobFacts | undefined> {
    const { client } = this.#parts
    const known = this.#jobIds.get(jobId)
    if (known !== undefined) {
      const answer = await client.ask((options) => getJob(options, known))
      return readJobs(answer)[0]
    }
    for (const which of ['completed', 'not-completed'] as const) {
      const jobs = readJobs(await client.ask((options) => getJobs(options, which)))
      const found = jobs.filter(({ name }) => name === jobId)
      if (found.length > 0) return found.find(({ state }) => state === jobStates.completed) ?? found[0]
    }
    return undefined
  }

  async #print(document: IppDocument, attempt: Attempt): Promise<AttemptResult> {
    const { settings } = this.#parts.context
    const ticket: JobTicket = {
      name: attempt.jobId,
      format: document.format,
      copies: document.copies,
      ...(document.onOurPaper && settings.sendMedia ? { media: settings.paper } : {}),
      ...(settings.sides === undefined ? {} : { sides: settings.sides }),
    }
    const known = this.#parts.facts().operations
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
      await client.ask((options) => cancelJob(options, id)).catch(() => undefined)
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
    return succeeded(answer) ? id : failed(this.#refused(answer))
  }

  async #inOneStep(
    ticket: JobTicket,
    document: IppDocument,
    attempt: Attempt,
  ): Promise<number | AttemptResult> {
    const { client } = this.#parts
    let sent = false
    const answer = await this.#outcomeOf(
      this.#whenFree(attempt, (signal) => {
        if (!sent) attempt.sending()
        sent = true
        return client.ask(
          (options) => printJob(options, ticket, document.data),
          clientLimits.documentMsMax,
          signal,
        )
      }),
    )
    if (answer instanceof HubError) return sent ? this.#unknown(answer) : failed(answer)
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
      if (answer instanceof HubError) lost = answer
      else {
        lost = undefined
        const job = readJobs(answer)[0]
        if (job === undefined) return this.#unknown(this.#refused(answer))
        if (job.state === jobStates.completed)
          return { state: 'done', outcome: { confirmed: true, copies: document.copies, printerJob: id } }
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

const isFailed = ({ state }: JobFacts): boolean => state === jobStates.canceled || state === jobStates.aborted
