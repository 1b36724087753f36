/** The cash drawer on the printer's connector: kicked by the printer, and sensed where its switch is wired. */
import type { FaultCode } from '../../../protocol/device.ts'
import { type ErrorCode, errorTable, HubError } from '../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult, DrawerKicking, DriverFault } from '../../driver.ts'
import { linkLimits } from './link.ts'
import type { PrinterParts } from './print-run.ts'
import { kick, kickNow } from './questions.ts'
import { drawerOpen, faultsOf } from './status.ts'
import { Turns } from './turns.ts'

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

export class EscposDrawer implements DrawerKicking {
  readonly #parts: PrinterParts
  /** A pulse during a pulse is ignored by the printer, so real-time ones wait for each other. */
  readonly #beside = new Turns()

  constructor(parts: PrinterParts) {
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
      return past ?? (await turns.take(() => this.#openInTurn(drawer, attempt)))
    } finally {
      attempt.signal.removeEventListener('abort', wake)
    }
  }

  async #openInTurn(drawer: number, attempt: Attempt): Promise<AttemptResult> {
    const { link } = this.#parts
    if (!(await this.#answers()) && link.lost === undefined)
      link.giveUp(`no answer within ${linkLimits.answerMsMax} ms`)
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
    const { context, link, watch } = this.#parts
    if (context.settings.status === 'none') return Promise.resolve(true)
    const until = context.clock.monotonic() + linkLimits.answerMsMax
    return link.refresh(watch.others, until, !link.reportsByItself)
  }

  #ended(attempt: Attempt): AttemptResult | undefined {
    const { context, link } = this.#parts
    if (link.lost !== undefined) return failed(link.closedError())
    if (!attempt.signal.aborted) return undefined
    return failed(new HubError('port_closed', { port: context.transport.port, reason: 'the hub stops' }))
  }

  async #pulse(drawer: number, now: boolean, attempt: Attempt): Promise<AttemptResult> {
    const { context, link } = this.#parts
    const { drawerPulseOnMs, drawerPulseOffMs } = context.settings
    const wasOpen = this.#isOpen()
    const bytesBefore = context.transport.bytesWritten
    attempt.sending()
    try {
      await link.write(
        now ? kickNow(drawer, drawerPulseOnMs) : kick(drawer, drawerPulseOnMs, drawerPulseOffMs),
      )
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
    while (wasOpen === false && !this.#isOpen() && context.clock.monotonic() < until) {
      if (link.lost !== undefined) return this.#unknown('link_lost', link.closedError())
      if (attempt.signal.aborted) return this.#unknown('stopped')
      if (!link.reportsByItself) await link.refresh([], until, false)
      if (this.#isOpen()) break
      const next = link.reportsByItself ? until : context.clock.monotonic() + drawerTimes.askEveryMs
      await link.news(Math.min(next, until))
    }
    return { state: 'done', outcome: { confirmed: wasOpen === false && this.#isOpen() === true } }
  }

  #isOpen(): boolean | undefined {
    const { link, context } = this.#parts
    if (!context.settings.drawerSense) return undefined
    return drawerOpen(link.status, context.settings.drawerOpenLevel)
  }

  /** The first fault that keeps it from printing. */
  get #fault(): DriverFault | undefined {
    return this.#parts.link.blocking
  }

  /** The first fault that keeps the drawer shut. */
  get #barrier(): DriverFault | undefined {
    return faultsOf(this.#parts.link.status).find(
      ({ blocking, code }) => blocking && !this.opensDespite(code),
    )
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
