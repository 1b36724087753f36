/** The Star driver: greets a receipt printer, learns how it says that it is done, and offers printing and the cash drawer. */
import type { Capability } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import {
  type Driver,
  type DriverClock,
  type DriverContext,
  type DriverFault,
  defineDriver,
  type OpenDevice,
  type ProbeAnswer,
} from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import type { Transport } from '../../transports/transport.ts'
import { Bytes } from '../common/layout/bytes.ts'
import { conversationLimits } from '../common/run/conversation.ts'
import { PrinterDrawer } from '../common/run/drawer.ts'
import { Turns } from '../common/run/turns.ts'
import { Watch } from '../common/run/watch.ts'
import { StarEncoder } from './codec.ts'
import { autoStatusOn, pulse, pulseNow, reset } from './commands.ts'
import { type Completion, StarFencing } from './fencing.ts'
import { StarLink } from './link.ts'
import { type StarParts, StarPrinting } from './printing.ts'
import { type StarSettings, starSettingsSchema } from './settings.ts'
import { drawerOpen, faultsOf, type StarStatus } from './status.ts'

export const greetLimits = {
  /** Longest wait for a first sign of life; the question is repeated once, half way. */
  helloMsMax: 2_600,
  /** Longest wait for the print end counter, which is asked for twice. */
  questionMsMax: 1_000,
  questionTries: 2,
} as const

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power and its cable.',
}

class StarDevice implements OpenDevice {
  readonly capabilities: readonly Capability[]
  readonly printing: StarPrinting
  readonly drawer?: PrinterDrawer
  readonly #context: DriverContext<StarSettings>
  readonly #link: StarLink
  readonly #turns = new Turns()
  readonly #watch: Watch
  #completion: Completion
  #introduced = false
  #stopped = false
  #faults = '[]'
  #drawerOpen: boolean | undefined

  constructor(context: DriverContext<StarSettings>, imaging: Imaging) {
    const { settings, transport, clock } = context
    this.#context = context
    this.#completion = settings.completion
    this.#link = new StarLink(transport, clock, context.log)
    this.#watch = new Watch(this.#link, clock, () => this.#die())
    const completion = () => this.#completion
    const parts: StarParts = {
      context,
      link: this.#link,
      turns: this.#turns,
      watch: this.#watch,
      fencing: new StarFencing({ context, link: this.#link, completion }),
      completion,
    }
    this.printing = new StarPrinting(parts, new StarEncoder(settings, imaging))
    if (settings.drawer) {
      this.drawer = new PrinterDrawer({
        ...parts,
        pulse: (drawer, now) => pulseBytes(settings, drawer === 2 ? 2 : 1, now),
        isOpen: () => this.#isOpen(this.#link.status),
      })
    }
    this.capabilities = settings.drawer ? ['printing', 'drawer'] : ['printing']
  }

  async start(): Promise<void> {
    const { settings, transport, listener, clock } = this.#context
    this.#link.onStatus = (status) => this.#told(status)
    this.#link.beginIdsAt(clock.now())
    this.#link.start()
    if (settings.status !== 'none') {
      await this.#greet()
      if (settings.status === 'asb') this.#link.post(autoStatusOn)
    }
    await this.#introduceWhenOnline()
    if (this.#link.lost !== undefined) {
      throw new HubError('port_closed', { port: transport.port, reason: this.#link.lost.reason })
    }
    listener.details({
      columns: settings.columnsA,
      widthDots: settings.widthDots,
      mode: settings.mode,
      completion: this.#completion,
      status: settings.status,
    })
    if (settings.status !== 'none' && !this.#stopped) this.#watch.start()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.#watch.stop()
    this.#link.onStatus = () => {}
    this.#link.stop()
    return Promise.resolve()
  }

  /** Throws `answer_timeout` when it says nothing. */
  async #greet(): Promise<void> {
    const { clock, device } = this.#context
    if (await greeted(this.#link, clock, greetLimits.helloMsMax)) return
    if (this.#link.lost !== undefined) throw this.#link.closedError()
    throw new HubError('answer_timeout', { device, ms: greetLimits.helloMsMax })
  }

  /** What is answered in its turn with the data waits until the printer is online: offline it answers nothing. */
  async #introduceWhenOnline(): Promise<void> {
    if (this.#introduced || this.#stopped || this.#link.blocking !== undefined) return
    this.#introduced = true
    await this.#turns.take(() => this.#testCompletion())
  }

  /**
   * An older model knows no ESC GS ETX, and one with a short status has no counter. Waiting for either would end every job as
   * unknown, so it gets the next best that it has, and the card shows it.
   */
  async #testCompletion(): Promise<void> {
    const { device, log, listener, settings } = this.#context
    const completion = await this.#bestCompletion()
    // Nothing is proved by a printer that went away or offline: it is asked again when it is back.
    if (completion === undefined) this.#introduced = false
    if (completion === undefined || completion === this.#completion) return
    this.#completion = completion
    listener.details({ completion })
    log.warn({ device, completion }, 'the printer does not say when it is done as its profile says')
    // What it took for letters must not stand in front of raw bytes, which bring no reset of their own.
    if (settings.mode !== 'graphic') this.#link.post(reset)
    if (settings.status === 'asb') this.#link.post(autoStatusOn)
  }

  async #bestCompletion(): Promise<Completion | undefined> {
    const { clock, settings } = this.#context
    const link = this.#link
    if (settings.completion === 'none') return 'none'
    for (let tries = 0; settings.completion === 'document' && tries < greetLimits.questionTries; tries++) {
      const count = await link.askDocumentCount(clock.monotonic() + greetLimits.questionMsMax)
      if (count !== undefined) return 'document'
      if (link.lost !== undefined || link.blocking !== undefined) return undefined
    }
    const counts = link.status.ended !== undefined && settings.status !== 'none'
    return counts && !settings.shared ? 'etb' : 'none'
  }

  #told(status: StarStatus): void {
    const faults = faultsOf(status)
    const text = JSON.stringify(faults)
    if (text !== this.#faults) {
      this.#faults = text
      this.#context.listener.faults(faults)
    }
    this.#toldDrawer(status)
    if (!this.#introduced && this.#watch.running) void this.#introduceWhenOnline()
    this.#watch.again()
  }

  #toldDrawer(status: StarStatus): void {
    const { settings, listener } = this.#context
    const open = settings.drawer ? this.#isOpen(status) : undefined
    if (open === undefined || open === this.#drawerOpen) return
    // What it is at the start is a fact, not an event.
    if (this.#drawerOpen !== undefined) listener.drawer(open)
    this.#drawerOpen = open
    listener.details({ drawer_open: open })
  }

  #isOpen(status: StarStatus): boolean | undefined {
    const { drawerSense, drawerOpenLevel } = this.#context.settings
    return drawerSense ? drawerOpen(status, drawerOpenLevel) : undefined
  }

  #die(): void {
    if (this.#stopped) return
    this.#context.listener.faults([notResponding])
    this.#link.giveUp(`no answer within ${conversationLimits.answerMsMax} ms`)
  }
}

function pulseBytes(settings: StarSettings, drawer: 1 | 2, now: boolean): Uint8Array {
  if (now) return pulseNow(drawer)
  const out = new Bytes()
  pulse(out, drawer, settings.drawerPulseOnMs, settings.drawerPulseOffMs)
  return out.slice()
}

/** Whether the printer tells its status. Asked twice, for the first bytes on a port that was just opened may get lost. */
async function greeted(link: StarLink, clock: DriverClock, msMax: number): Promise<boolean> {
  const start = clock.monotonic()
  if (await link.look(start + msMax / 2)) return true
  return link.look(start + msMax)
}

/** ESC ACK SOH are control characters that other languages skip; only a Star printer answers with a status of this form. */
async function probe(
  transport: Transport,
  tools: { clock: DriverClock; answerMsMax: number },
): Promise<ProbeAnswer | undefined> {
  const link = new StarLink(transport, tools.clock)
  link.start()
  const answered = await greeted(link, tools.clock, tools.answerMsMax)
  return answered ? { maker: 'Star', certain: true } : undefined
}

/** What the driver needs besides its context. `imaging` draws what a printer's own letters cannot spell. */
export interface StarDriverParts {
  imaging: Imaging
}

export function createStarDriver({ imaging }: StarDriverParts): Driver<StarSettings> {
  return defineDriver({
    id: 'star',
    name: 'Star receipt printers',
    class: 'printer',
    transports: ['tcp', 'serial', 'usb', 'memory'],
    portDefaults: { baud: '9600', format: '8N1' },
    match: [{ usb: '0519:*', usbInterface: '07:*:*' }],
    settings: starSettingsSchema,
    capabilities: ['printing', 'drawer'],
    probe,
    open: (context) => new StarDevice(context, imaging),
  })
}
