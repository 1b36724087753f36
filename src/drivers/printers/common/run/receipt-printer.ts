/** A receipt printer of any language on its open link: greeted, watched, its faults and its drawer told. */
import type { Capability } from '../../../../protocol/device.ts'
import { HubError } from '../../../../protocol/errors.ts'
import type { DriverContext, DriverFault, OpenDevice, Printing } from '../../../driver.ts'
import { type Conversation, conversationLimits } from './conversation.ts'
import { type DrawerSettings, PrinterDrawer } from './drawer.ts'
import type { RunSettings } from './print-run.ts'
import { Turns } from './turns.ts'
import { Watch } from './watch.ts'

export const receiptPrinterLimits = {
  /** Longest wait for a first sign of life, in ms; the question is repeated once, half way. */
  helloMsMax: 2_600,
} as const

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power and its cable.',
}

/** What it needs of the settings of a printer. */
export interface ReceiptPrinterSettings extends RunSettings, DrawerSettings {
  readonly drawer: boolean
  /** Whether the drawer's switch is wired at all. */
  readonly drawerSense: boolean
  /** Level of the switch while the drawer is open. */
  readonly drawerOpenLevel: 'high' | 'low'
}

/** A link that tells of each status; nothing is sent before `start` and after `stop`. */
export interface ReceiptLink extends Conversation {
  onStatus: (status: never) => void
  start(): void
  stop(): void
  /** Writes without waiting; a failure shows as the loss of the link. */
  post(bytes: Uint8Array): void
}

export abstract class ReceiptPrinter<Settings extends ReceiptPrinterSettings, Link extends ReceiptLink>
  implements OpenDevice
{
  readonly capabilities: readonly Capability[]
  readonly drawer?: PrinterDrawer
  abstract readonly printing: Printing
  protected readonly context: DriverContext<Settings>
  protected readonly link: Link
  protected readonly turns = new Turns()
  protected readonly watch: Watch
  #introduced = false
  #stopped = false
  #faults = '[]'
  #drawerOpen: boolean | undefined

  constructor(context: DriverContext<Settings>, link: Link) {
    this.context = context
    this.link = link
    this.watch = new Watch(link, context.clock, () => this.#die())
    const { drawer } = context.settings
    this.capabilities = drawer ? ['printing', 'drawer'] : ['printing']
    if (!drawer) return
    this.drawer = new PrinterDrawer({
      context,
      link,
      turns: this.turns,
      pulse: (number, now) => this.pulse(number, now),
      isOpen: () => this.#isOpen(),
    })
  }

  /** The command after which the printer tells of each change by itself. */
  protected abstract readonly autoStatusOn: Uint8Array

  /** Whether the printer answers at all, and what else can be asked at once. False: it said nothing for `msMax`. */
  protected abstract greet(msMax: number): Promise<boolean>

  /** Learns what is answered in its turn with the data. For a printer that is online, in its turn. */
  protected abstract introduce(): Promise<void>

  /** What the card shows of it once it is ready. */
  protected abstract details(): Readonly<Record<string, string | number | boolean>>

  /** The bytes of a pulse in its turn, or of one that is obeyed at once. */
  protected abstract pulse(drawer: number, now: boolean): Uint8Array

  /** Whether the drawer's switch shows that it is open; undefined until told. */
  protected abstract drawerOpen(openLevel: 'high' | 'low'): boolean | undefined

  /** Something was said; the faults and the drawer are told by then. */
  protected heard(): void {}

  /** Throws `answer_timeout` when the printer says nothing, `port_closed` when the link is lost. */
  async start(): Promise<void> {
    const { context, link } = this
    const { settings, listener } = context
    link.onStatus = () => this.#told()
    link.start()
    if (settings.status !== 'none') {
      await this.#greet()
      if (settings.status === 'asb') link.post(this.autoStatusOn)
    }
    await this.#introduceWhenOnline()
    if (link.lost !== undefined) throw link.closedError()
    listener.details(this.details())
    if (settings.status !== 'none' && !this.#stopped) this.watch.start()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.watch.stop()
    this.link.onStatus = () => {}
    this.link.stop()
    return Promise.resolve()
  }

  protected get stopped(): boolean {
    return this.#stopped
  }

  /** It went away or offline while it was asked: it is asked again when it is back. */
  protected introduceAgain(): void {
    this.#introduced = false
  }

  async #greet(): Promise<void> {
    const { helloMsMax } = receiptPrinterLimits
    if (await this.greet(helloMsMax)) return
    if (this.link.lost !== undefined) throw this.link.closedError()
    throw new HubError('answer_timeout', { device: this.context.device, ms: helloMsMax })
  }

  /** Questions in their turn wait until the printer is online: offline it would answer none of them. */
  async #introduceWhenOnline(): Promise<void> {
    if (this.#introduced || this.#stopped || this.link.blocking !== undefined) return
    this.#introduced = true
    await this.turns.take(() => this.introduce())
  }

  #told(): void {
    const { faults } = this.link
    const text = JSON.stringify(faults)
    if (text !== this.#faults) {
      this.#faults = text
      this.context.listener.faults(faults)
    }
    this.#toldDrawer()
    this.heard()
    if (!this.#introduced && this.watch.running) void this.#introduceWhenOnline()
    this.watch.again()
  }

  #toldDrawer(): void {
    const { settings, listener } = this.context
    const open = settings.drawer ? this.#isOpen() : undefined
    if (open === undefined || open === this.#drawerOpen) return
    // What it is at the start is a fact, not an event.
    if (this.#drawerOpen !== undefined) listener.drawer(open)
    this.#drawerOpen = open
    listener.details({ drawer_open: open })
  }

  #isOpen(): boolean | undefined {
    const { drawerSense, drawerOpenLevel } = this.context.settings
    return drawerSense ? this.drawerOpen(drawerOpenLevel) : undefined
  }

  #die(): void {
    if (this.#stopped) return
    this.context.listener.faults([notResponding])
    this.link.giveUp(`no answer within ${conversationLimits.answerMsMax} ms`)
  }
}
