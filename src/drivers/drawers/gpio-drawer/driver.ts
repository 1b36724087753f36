/** Driver for a cash drawer on pins of the box: a relay or transistor on one line, the drawer's switch on another. */
import { HubError } from '../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DrawerKicking,
  type DriverContext,
  defineDriver,
  type OpenDevice,
} from '../../driver.ts'
import { DelimiterFramer } from '../../framing/delimiter.ts'
import { DrawerState, sprangOpen } from '../common/drawer-state.ts'
import { decodeAnswer, type GpioAnswer, pulseRequest, senseRequest } from './codec.ts'
import { type GpioDrawerSettings, gpioDrawerLimits, gpioDrawerSettings } from './settings.ts'

export const gpioDrawer = defineDriver<GpioDrawerSettings>({
  id: 'gpio-drawer',
  name: 'Cash drawer on pins of the box',
  class: 'drawer',
  transports: ['gpio', 'memory'],
  settings: gpioDrawerSettings,
  capabilities: ['drawer'],
  open: (context) => new GpioDrawer(context),
})

class GpioDrawer implements OpenDevice, DrawerKicking {
  readonly capabilities = ['drawer'] as const
  readonly drawer: DrawerKicking = this
  readonly #context: DriverContext<GpioDrawerSettings>
  readonly #state: DrawerState
  readonly #framer = new DelimiterFramer({
    delimiters: [[0x0a]],
    frameBytesMax: gpioDrawerLimits.lineBytesMax,
  })
  #stopped = false
  #sensed = false
  #wait: { wants: (answer: GpioAnswer) => boolean; settle: (answer?: GpioAnswer) => void } | undefined

  constructor(context: DriverContext<GpioDrawerSettings>) {
    this.#context = context
    this.#state = new DrawerState(context.clock, (open) => context.listener.drawer(open))
  }

  /** Asks for the sense line. Throws `answer_timeout` when the port does not answer. */
  async start(): Promise<void> {
    const { transport, settings, device } = this.#context
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(() => this.stop())
    // Tells why a port is closed that is closed already.
    await transport.write(new Uint8Array(0))
    if (this.#stopped) throw this.#closedError()
    const answer = await this.#ask(senseRequest, settings.answerMsMax, ({ kind }) => kind === 'level')
    if (this.#stopped) throw this.#closedError()
    if (answer === undefined) throw new HubError('answer_timeout', { device, ms: settings.answerMsMax })
    this.#context.listener.details({ sensed: this.#sensed })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wait?.settle()
    this.#state.stop()
  }

  async openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult> {
    const { clock, device, settings, transport } = this.#context
    if (payload.drawer === 2) {
      const context = { path: 'drawer', device, reason: 'one line opens one drawer' }
      return { state: 'failed', error: new HubError('payload_unsupported', context) }
    }
    if (this.#stopped || attempt.signal.aborted) return { state: 'failed', error: this.#closedError() }
    const { open: wasOpen, openings } = this.#state
    const before = transport.bytesWritten
    const msMax = settings.pulseMs + settings.answerMsMax
    const abort = () => this.#wait?.settle()
    attempt.signal.addEventListener('abort', abort, { once: true })
    attempt.sending()
    try {
      const wants = ({ kind }: GpioAnswer) => kind === 'pulsed' || kind === 'error'
      const answer = await this.#ask(pulseRequest(settings.pulseMs), msMax, wants)
      if (answer?.kind === 'error') {
        const failed = new HubError('device_faulty', { device, fault: answer.text })
        return { state: 'failed', error: failed }
      }
      if (answer === undefined) return this.#unanswered(msMax, attempt.signal.aborted)
    } catch (error) {
      if (transport.bytesWritten === before) return { state: 'failed', error: error as HubError }
      const lost = new HubError('job_outcome_unknown', { device, reason: 'link_lost' }, error)
      return { state: 'unknown', error: lost }
    } finally {
      attempt.signal.removeEventListener('abort', abort)
    }
    // That the pin was pulsed does not say that a drawer hangs on it.
    if (!this.#sensed) return { state: 'done', outcome: { confirmed: false } }
    if (wasOpen === true) return { state: 'done', outcome: { confirmed: false, wasOpen: true } }
    return sprangOpen(this.#state, attempt, { clock, msMax: settings.openMsMax, device, openings })
  }

  #unanswered(ms: number, givenUp: boolean): AttemptResult {
    const { device } = this.#context
    const error =
      this.#stopped || givenUp
        ? new HubError('job_outcome_unknown', { device, reason: givenUp ? 'stopped' : 'link_lost' })
        : new HubError('answer_timeout', { device, ms })
    return { state: 'unknown', error }
  }

  /** The first answer that is wanted; undefined after `msMax` or at a stop. Throws what the transport throws. */
  async #ask(
    request: Uint8Array,
    msMax: number,
    wants: (answer: GpioAnswer) => boolean,
  ): Promise<GpioAnswer | undefined> {
    const { promise, resolve } = Promise.withResolvers<GpioAnswer | undefined>()
    const cancel = this.#context.clock.after(msMax, () => resolve(undefined))
    const wait = { wants, settle: resolve }
    this.#wait = wait
    try {
      await this.#context.transport.write(request)
      return await promise
    } finally {
      cancel()
      if (this.#wait === wait) this.#wait = undefined
    }
  }

  #take(bytes: Uint8Array): void {
    for (const line of this.#framer.push(bytes)) {
      const answer = this.#stopped ? undefined : decodeAnswer(line)
      if (answer === undefined) continue
      if (answer.kind === 'level') {
        this.#sensed = answer.level !== undefined
        this.#state.set(
          answer.level === undefined ? undefined : answer.level === this.#context.settings.openLevel,
        )
      }
      if (this.#wait?.wants(answer)) this.#wait.settle(answer)
    }
  }

  #closedError(): HubError {
    return new HubError('port_closed', { port: this.#context.transport.port, reason: 'the hub stops' })
  }
}
