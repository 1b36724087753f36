/** The cash drawer on the printer's connector: kicked by the printer, and sensed where its switch is wired. */
import { type ErrorCode, errorTable, HubError } from '../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult, DrawerKicking, DriverFault } from '../../driver.ts'
import { linkLimits } from './link.ts'
import type { PrinterParts } from './print-run.ts'
import { kick, kickNow } from './questions.ts'
import { drawerOpen } from './status.ts'

export const drawerTimes = {
  /** Within this time after the pulse the switch has to show that the drawer sprang open. */
  openMsMax: 1_000,
  /** Pause between questions for the switch, on a printer that does not report by itself. */
  askEveryMs: 100,
} as const

/** Opens the drawer while the printer is offline, on models that have the real-time pulse. */
const realTimeQuirk = 'drawer_real_time'

export class EscposDrawer implements DrawerKicking {
  readonly #parts: PrinterParts

  constructor(parts: PrinterParts) {
    this.#parts = parts
  }

  openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult> {
    return this.#parts.turns.take(async () => {
      const wake = () => this.#parts.link.wake()
      attempt.signal.addEventListener('abort', wake)
      try {
        return await this.#open(payload.drawer ?? 1, attempt)
      } finally {
        attempt.signal.removeEventListener('abort', wake)
      }
    })
  }

  async #open(drawer: number, attempt: Attempt): Promise<AttemptResult> {
    const { context, link, watch } = this.#parts
    const { settings, clock } = context
    if (settings.status !== 'none') {
      const until = clock.monotonic() + linkLimits.answerMsMax
      const answered = await link.refresh(watch.others, until, !link.reportsByItself)
      if (!answered && link.lost === undefined) link.giveUp(`no answer within ${linkLimits.answerMsMax} ms`)
    }
    if (link.lost !== undefined) return { state: 'failed', error: link.closedError() }
    if (attempt.signal.aborted) {
      const error = new HubError('port_closed', { port: context.transport.port, reason: 'the hub stops' })
      return { state: 'failed', error }
    }
    const fault = link.blocking
    // A pulse in the buffer of a printer without paper would open the drawer when the paper is loaded, with nobody there.
    if (fault !== undefined && !this.#opensOffline())
      return { state: 'failed', error: this.#faultError(fault) }

    const wasOpen = this.#isOpen()
    const pulse =
      fault === undefined
        ? kick(drawer, settings.drawerPulseOnMs, settings.drawerPulseOffMs)
        : kickNow(drawer, settings.drawerPulseOnMs)
    const bytesBefore = context.transport.bytesWritten
    attempt.sending()
    try {
      await link.write(pulse)
    } catch (error) {
      if (context.transport.bytesWritten === bytesBefore) return { state: 'failed', error: error as HubError }
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

  #opensOffline(): boolean {
    return this.#parts.context.profile.quirks.some(
      ({ name, value }) => name === realTimeQuirk && value === true,
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
