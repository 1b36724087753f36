/** Driver for cash drawers on a serial line: APG, MMF, Glancetron, IBM, ACODE, and all that open at any character. */
import { HubError } from '../../../protocol/errors.ts'
import type { DrawerOpenPayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type DrawerKicking,
  defineDriver,
  type OpenDevice,
} from '../../driver.ts'
import { DrawerState, sprangOpen } from '../common/drawer-state.ts'
import { type Context, createSensor, type Sensor } from './sensors.ts'
import { type SerialDrawerSettings, serialDrawerLimits, serialDrawerSettings } from './settings.ts'

export const serialDrawer = defineDriver<SerialDrawerSettings>({
  id: 'serial-drawer',
  name: 'Cash drawers on a serial port',
  class: 'drawer',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: serialDrawerSettings,
  capabilities: ['drawer'],
  // No probe: most of these drawers open at whatever they are asked.
  open: (context) => new SerialDrawer(context),
})

class SerialDrawer implements OpenDevice, DrawerKicking {
  readonly capabilities = ['drawer'] as const
  readonly drawer: DrawerKicking = this
  readonly #context: Context
  readonly #state: DrawerState
  readonly #sensor: Sensor | undefined
  #started = false
  #stopped = false
  /** A job waits for the drawer: it is looked at more often. */
  #hurry = false
  #looking = false
  /** Commands that were sent: a look that began before one says nothing about after it. */
  #commands = 0
  /** The fault that the sensor does not answer was told. */
  #mute = false
  #cancelPoll: () => void = () => {}

  constructor(context: Context) {
    this.#context = context
    this.#state = new DrawerState(context.clock, (open) => context.listener.drawer(open))
    this.#sensor = createSensor(context)
  }

  /**
   * Throws `answer_timeout` when a drawer that can be asked does not answer, `settings_invalid` when it is to be sensed by a
   * modem line that the port has not.
   */
  async start(): Promise<void> {
    const { transport, settings, device } = this.#context
    transport.onBytes((bytes) => this.#sensor?.take(bytes, (open) => this.#state.set(open)))
    void transport.closed.then(() => this.stop())
    // Settles while the port is open, and tells why it is closed: there may be nothing else to find out by.
    await transport.write(new Uint8Array(0))
    if (this.#sensor !== undefined) {
      await this.#sensor.start()
      const open = this.#stopped || !this.#sensor.polled ? undefined : await this.#sensor.look()
      if (open === undefined && this.#sensor.polled && !this.#stopped)
        throw new HubError('answer_timeout', { device, ms: settings.answerMsMax })
      this.#state.set(open)
    }
    if (this.#stopped) throw this.#closedError()
    this.#started = true
    this.#planLook()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelPoll()
    this.#sensor?.stop()
    this.#state.stop()
  }

  async openDrawer(payload: DrawerOpenPayload, attempt: Attempt): Promise<AttemptResult> {
    const { clock, device, settings, transport } = this.#context
    const command = payload.drawer === 2 ? settings.open2 : settings.open
    if (command === undefined) {
      const context = { path: 'drawer', device, reason: 'it has one drawer; set open2 for a second' }
      return { state: 'failed', error: new HubError('payload_unsupported', context) }
    }
    if (this.#stopped || attempt.signal.aborted) return { state: 'failed', error: this.#closedError() }
    const { open: wasOpen, openings } = this.#state
    const before = transport.bytesWritten
    attempt.sending()
    this.#commands++
    try {
      await transport.write(Uint8Array.from(command))
    } catch (error) {
      if (transport.bytesWritten === before) return { state: 'failed', error: error as HubError }
      const lost = new HubError('job_outcome_unknown', { device, reason: 'link_lost' }, error)
      return { state: 'unknown', error: lost }
    }
    // The sensor of a line with two drawers tells of the first.
    if (this.#sensor === undefined || payload.drawer === 2)
      return { state: 'done', outcome: { confirmed: false } }
    if (wasOpen === true) return { state: 'done', outcome: { confirmed: false, wasOpen: true } }
    const options = { clock, msMax: settings.openMsMax, device, openings }
    return this.#watched(() => sprangOpen(this.#state, attempt, options))
  }

  /** Looks often while a job waits: somebody may shut the drawer again within a moment. */
  async #watched(wait: () => Promise<AttemptResult>): Promise<AttemptResult> {
    this.#hurry = true
    // What was known before the command says nothing about after it.
    this.#state.set(undefined)
    this.#planLook()
    try {
      return await wait()
    } finally {
      this.#hurry = false
    }
  }

  #planLook(): void {
    // A look under way plans the next one.
    if (this.#stopped || !this.#started || this.#looking || this.#sensor?.polled !== true) return
    const ms = this.#hurry ? serialDrawerLimits.waitPollMs : this.#context.settings.pollMs
    this.#cancelPoll()
    this.#cancelPoll = this.#context.clock.after(ms, () => void this.#look())
  }

  async #look(): Promise<void> {
    this.#looking = true
    const commands = this.#commands
    const open = await this.#sensor?.look()
    this.#looking = false
    if (this.#stopped) return
    // A job that waits would not know a sensor that says nothing from a drawer that is shut.
    this.#state.set(commands === this.#commands ? open : undefined)
    this.#tellMute(open === undefined)
    this.#planLook()
  }

  /** Not blocking: a drawer can be opened without being seen. */
  #tellMute(mute: boolean): void {
    if (mute === this.#mute) return
    this.#mute = mute
    const message = 'The drawer does not tell whether it is open. Check its cable.'
    this.#context.listener.faults(mute ? [{ code: 'not_responding', blocking: false, message }] : [])
  }

  #closedError(): HubError {
    return new HubError('port_closed', { port: this.#context.transport.port, reason: 'the hub stops' })
  }
}
