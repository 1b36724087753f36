/** The cash drawer on the printer's connector: kicked by the printer, and sensed where its switch is wired. */
import type { FaultCode } from '../../../../protocol/device.ts'
import { type ErrorCode, errorTable, HubError } from '../../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../../protocol/job.ts'
import type { Attempt, AttemptResult, DrawerKicking, DriverContext, DriverFault } from '../../../driver.ts'
import { type Conversation, conversationLimits } from './conversation.ts'
import { givenUp, Turns } from './turns.ts'

export const drawerTimes = {
  /** Within this time after the pulse the switch has to show that the drawer sprang open. */
  openMsMax: 1_000,
  /** Pause between questions for the switch, on a printer that does not report by itself. */
  askEveryMs: 100,
} as const

/**
 * Faults with which a printer is offline and obeys the real-time pulse. In an error status (cutter, head) it is ignored°: the
 * Clover TH82 specification p. 20 says so in the words that most makers share.
 */
const offlineFaults: ReadonlySet<FaultCode> = new Set(['paper_out', 'cover_open', 'offline'])

const failed = (error: HubError): AttemptResult => ({ state: 'failed', error })

/** What the drawer needs of the settings of a printer. */
export interface DrawerSettings {
  /** Whether live status is to be had; `none`: it is not asked for. */
  readonly status: string
  /** The printer has a pulse that it obeys at once, also while it is offline. */
  readonly drawerRealTime: boolean
}

export interface DrawerParts {
  context: DriverContext<DrawerSettings>
  link: Conversation
  turns: Turns
  /** The bytes of a pulse in its turn, or of one that is obeyed at once. */
  pulse(drawer: number, now: boolean): Uint8Array
  /** As the switch shows it; undefined while it is not known, or no switch is wired. */
  isOpen(): boolean | undefined
}

export class PrinterDrawer implements DrawerKicking {
  readonly #parts: DrawerParts
  /** A pulse during a pulse is ignored by the printer, so real-time ones wait for each other. */
  readonly #beside = new Turns()

  constructor(parts: DrawerParts) {
    this.#parts = parts
  }

  opensDespite(fault: FaultCode): boolean {
    return this.#parts.context.settings.drawerRealTime && offlineFaults.has(fault)
  }

  async openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult> {
    const { link, turns } = this.#parts
    const drawer = payload.drawer ?? 1
    const wake = () => link.wake()
    attempt.signal.addEventListener('abort', wake)
    try {
      // A print that waits for paper has the turn until there is some.
      const past = this.#fault === undefined ? undefined : await this.#openBeside(drawer, attempt)
      if (past !== undefined) return past
      const { port } = this.#parts.context.transport
      return await turns.attempt(attempt, port, () => this.#openInTurn(drawer, attempt))
    } finally {
      attempt.signal.removeEventListener('abort', wake)
    }
  }

  async #openInTurn(drawer: number, attempt: Attempt): Promise<AttemptResult> {
    const { link } = this.#parts
    if (!(await this.#answers()) && link.lost === undefined)
      link.giveUp(`no answer within ${conversationLimits.answerMsMax} ms`)
    const ended = this.#ended(attempt)
    if (ended !== undefined) return ended
    // A pulse in the buffer of a printer without paper would open the drawer when the paper is loaded, with nobody there.
    if (this.#barrier !== undefined) return failed(this.#faultError(this.#barrier))
    return this.#pulse(drawer, this.#fault !== undefined, attempt)
  }

  /**
   * The real-time pulse while a fault stands, whoever has the turn. The answer to the question before it proves that the
   * printer has read all that was sent: behind data that it does not take, the pulse would come when the paper is loaded.
   * undefined: the fault is mended, so that it is a matter of turns.
   */
  #openBeside(drawer: number, attempt: Attempt): Promise<AttemptResult | undefined> {
    return this.#beside.take(async () => {
      const { link } = this.#parts
      const before = this.#fault
      if (before === undefined) return undefined
      // Within a job's bytes it would be data. Silence is not death here: the job may stand before the question.
      const answers = !link.inBody && (await this.#answers())
      const ended = this.#ended(attempt)
      if (ended !== undefined) return ended
      if (!answers) return failed(this.#faultError(before))
      if (this.#fault === undefined) return undefined
      if (this.#barrier !== undefined || link.inBody)
        return failed(this.#faultError(this.#barrier ?? this.#fault))
      return this.#pulse(drawer, true, attempt)
    })
  }

  /** Asks for the status as it is now; false when no answer comes. */
  #answers(): Promise<boolean> {
    const { context, link } = this.#parts
    if (context.settings.status === 'none') return Promise.resolve(true)
    const until = context.clock.monotonic() + conversationLimits.answerMsMax
    return link.look(until)
  }

  #ended(attempt: Attempt): AttemptResult | undefined {
    const { context, link } = this.#parts
    if (link.lost !== undefined) return failed(link.closedError())
    return attempt.signal.aborted ? givenUp(context.transport.port) : undefined
  }

  async #pulse(drawer: number, now: boolean, attempt: Attempt): Promise<AttemptResult> {
    const { context, link } = this.#parts
    const wasOpen = this.#parts.isOpen()
    const bytesBefore = context.transport.bytesWritten
    attempt.sending()
    try {
      await link.write(this.#parts.pulse(drawer, now))
    } catch (error) {
      if (context.transport.bytesWritten === bytesBefore) return failed(error as HubError)
      return this.#unknown('link_lost', error)
    }
    return this.#sensed(wasOpen, attempt)
  }

  async #sensed(wasOpen: boolean | undefined, attempt: Attempt): Promise<AttemptResult> {
    const { context, link } = this.#parts
    const until = context.clock.monotonic() + drawerTimes.openMsMax
    if (wasOpen === true) return { state: 'done', outcome: { confirmed: false, wasOpen: true } }
    while (wasOpen === false && !this.#parts.isOpen() && context.clock.monotonic() < until) {
      if (link.lost !== undefined) return this.#unknown('link_lost', link.closedError())
      if (attempt.signal.aborted) return this.#unknown('stopped')
      if (!link.reportsByItself) await link.look(until, { brief: true })
      if (this.#parts.isOpen()) break
      const next = link.reportsByItself ? until : context.clock.monotonic() + drawerTimes.askEveryMs
      await link.news(Math.min(next, until))
    }
    return { state: 'done', outcome: { confirmed: wasOpen === false && this.#parts.isOpen() === true } }
  }

  /** The first fault that keeps it from printing. */
  get #fault(): DriverFault | undefined {
    return this.#parts.link.blocking
  }

  /** The first fault that keeps the drawer shut. */
  get #barrier(): DriverFault | undefined {
    return this.#parts.link.faults.find(({ blocking, code }) => blocking && !this.opensDespite(code))
  }

  #faultError(fault: DriverFault): HubError {
    const device = this.#parts.context.device
    return fault.code in errorTable && fault.code !== 'port_unavailable'
      ? new HubError(fault.code as ErrorCode, { device })
      : new HubError('device_faulty', { device, fault: fault.code })
  }

  #unknown(reason: string, cause?: unknown): AttemptResult {
    const context = { device: this.#parts.context.device, reason }
    return { state: 'unknown', error: new HubError('job_outcome_unknown', context, cause) }
  }
}
