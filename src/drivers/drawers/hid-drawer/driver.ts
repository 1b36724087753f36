/** Driver for cash drawers with a USB plug of their own that speak HID, by reports that the settings tell. */
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DrawerKicking,
  type DriverContext,
  defineDriver,
  type OpenDevice,
} from '../../driver.ts'
import { openReport, senseOf } from './codec.ts'
import { type HidDrawerSettings, hidDrawerSettings } from './settings.ts'

export const hidDrawer = defineDriver<HidDrawerSettings>({
  id: 'hid-drawer',
  name: 'USB cash drawers (HID)',
  class: 'drawer',
  transports: ['hid', 'memory'],
  settings: hidDrawerSettings,
  capabilities: ['drawer'],
  // No probe and no match: what a strange HID device does with a report is not to be found out by sending it one.
  open: (context) => new HidDrawer(context),
})

type Ending = 'open' | 'late' | 'aborted' | 'over'

class HidDrawer implements OpenDevice, DrawerKicking {
  readonly capabilities = ['drawer'] as const
  readonly drawer: DrawerKicking = this
  readonly #context: DriverContext<HidDrawerSettings>
  readonly #waiters = new Set<(ending: Ending) => void>()
  #stopped = false
  #stopReason = 'the drawer was let go'
  /** As the drawer last said; undefined while it has said nothing. */
  #isOpen: boolean | undefined
  /** Reports about the drawer since the device was opened. */
  #heard = 0

  constructor(context: DriverContext<HidDrawerSettings>) {
    this.#context = context
  }

  /** Listens. A drawer need not say anything before it moves. */
  async start(): Promise<void> {
    if (this.#stopped) return
    const { transport } = this.#context
    transport.onBytes((report) => this.#take(report))
    void transport.closed.then(({ reason }) => {
      this.#stopReason = reason
      void this.stop()
    })
  }

  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#endWaits('over')
  }

  /**
   * Done and confirmed when the drawer said that it is open; done without its word when it never says anything. Closed
   * after the command: `drawer_stuck`. Silent although it spoke before, or lost: unknown.
   */
  async openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult> {
    const { settings, device } = this.#context
    const drawer = payload.drawer ?? 1
    const report = openReport(settings, drawer)
    if (report === undefined) {
      const reason = `the report that opens drawer ${drawer} is not known; set openReport${drawer === 2 ? '2' : ''}`
      return failed(new HubError('payload_unsupported', { path: 'drawer', device, reason }))
    }
    if (this.#stopped) return failed(this.#closedError())
    if (settings.openVia === 'feature' && this.#context.transport.hid === undefined) {
      const reason = 'its port takes no feature reports'
      return failed(new HubError('payload_unsupported', { path: 'drawer', device, reason }))
    }
    if (attempt.signal.aborted) return failed(new HubError('stopping'))
    attempt.sending()
    const before = { heard: this.#heard, isOpen: this.#isOpen }
    // A report that comes in while the command is still leaving counts, too.
    const watching = settings.sense === 'none' ? undefined : this.#untilOpen(attempt.signal)
    try {
      await this.#send(report)
    } catch (error) {
      watching?.cancel()
      return { state: 'unknown', error: toHubError(error) }
    }
    if (watching === undefined) return done(false)
    return this.#verdict(await watching.ending, before)
  }

  #verdict(ending: Ending, before: { heard: number; isOpen: boolean | undefined }): AttemptResult {
    const { device } = this.#context
    if (ending === 'open') return done(true)
    if (ending === 'over') return { state: 'unknown', error: this.#closedError() }
    if (ending === 'aborted')
      return { state: 'unknown', error: new HubError('job_outcome_unknown', { device }) }
    // It has never said anything: nothing says that the settings of its sensing are right.
    if (this.#heard === 0) return done(false)
    if (this.#heard > before.heard) return failed(new HubError('drawer_stuck', { device }))
    // It was open already, as far as it said, and need not say so again.
    if (before.isOpen === true) return done(false)
    // It is stuck, or has fallen silent.
    return { state: 'unknown', error: new HubError('job_outcome_unknown', { device }) }
  }

  async #send(report: Uint8Array): Promise<void> {
    const { transport, settings } = this.#context
    if (settings.openVia === 'output') await transport.write(report)
    else await transport.hid?.sendFeature(report)
  }

  /** Waits for a report that says open, for `openMsMax`. */
  #untilOpen(signal: AbortSignal): { ending: Promise<Ending>; cancel: () => void } {
    const { clock, settings } = this.#context
    const { promise, resolve } = Promise.withResolvers<Ending>()
    const end = (ending: Ending) => {
      this.#waiters.delete(end)
      cancelTimer()
      signal.removeEventListener('abort', abort)
      resolve(ending)
    }
    const abort = () => end('aborted')
    const cancelTimer = clock.after(settings.openMsMax, () => end('late'))
    signal.addEventListener('abort', abort, { once: true })
    this.#waiters.add(end)
    return { ending: promise, cancel: () => end('late') }
  }

  #take(report: Uint8Array): void {
    if (this.#stopped) return
    const isOpen = senseOf(report, this.#context.settings)
    if (isOpen === undefined) return
    this.#heard++
    const changed = isOpen !== this.#isOpen
    this.#isOpen = isOpen
    if (isOpen) this.#endWaits('open')
    if (changed) this.#context.listener.drawer(isOpen)
  }

  #endWaits(ending: Ending): void {
    for (const end of [...this.#waiters]) end(ending)
  }

  #closedError(): HubError {
    return new HubError('port_closed', { port: this.#context.transport.port, reason: this.#stopReason })
  }
}

const done = (confirmed: boolean): AttemptResult => ({ state: 'done', outcome: { confirmed } })
const failed = (error: HubError): AttemptResult => ({ state: 'failed', error })
