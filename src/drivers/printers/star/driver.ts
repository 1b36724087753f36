/** The Star driver: greets a receipt printer, learns how it says that it is done, and offers printing and the cash drawer. */
import {
  type Driver,
  type DriverClock,
  type DriverContext,
  defineDriver,
  type ProbeAnswer,
} from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import type { Transport } from '../../transports/transport.ts'
import { Bytes } from '../common/layout/bytes.ts'
import { ReceiptPrinter } from '../common/run/receipt-printer.ts'
import { StarEncoder } from './codec.ts'
import { autoStatusOn, pulse, pulseNow, reset } from './commands.ts'
import { type Completion, StarFencing } from './fencing.ts'
import { StarLink } from './link.ts'
import { StarPrinting } from './printing.ts'
import { type StarSettings, starSettingsSchema } from './settings.ts'
import { drawerOpen } from './status.ts'

export const greetLimits = {
  /** Longest wait for the print end counter, which is asked for twice. */
  questionMsMax: 1_000,
  questionTries: 2,
} as const

class StarDevice extends ReceiptPrinter<StarSettings, StarLink> {
  readonly printing: StarPrinting
  protected readonly autoStatusOn = autoStatusOn
  #completion: Completion

  constructor(context: DriverContext<StarSettings>, imaging: Imaging) {
    const { settings, transport, clock, log } = context
    super(context, new StarLink(transport, clock, log))
    this.#completion = settings.completion
    const { link, turns, watch } = this
    const completion = () => this.#completion
    const fencing = new StarFencing({ context, link, completion })
    const parts = { context, link, turns, watch, fencing, completion }
    this.printing = new StarPrinting(parts, new StarEncoder(settings, imaging))
  }

  override start(): Promise<void> {
    this.link.beginIdsAt(this.context.clock.now())
    return super.start()
  }

  protected details() {
    const { settings } = this.context
    return {
      columns: settings.columnsA,
      widthDots: settings.widthDots,
      mode: settings.mode,
      completion: this.#completion,
      status: settings.status,
    }
  }

  protected greet(msMax: number): Promise<boolean> {
    return greeted(this.link, this.context.clock, msMax)
  }

  protected pulse(drawer: number, now: boolean): Uint8Array {
    return pulseBytes(this.context.settings, drawer === 2 ? 2 : 1, now)
  }

  protected drawerOpen(openLevel: 'high' | 'low'): boolean | undefined {
    return drawerOpen(this.link.status, openLevel)
  }

  /**
   * An older model knows no ESC GS ETX, and one with a short status has no counter. Waiting for either would end every job as
   * unknown, so it gets the next best that it has, and the card shows it.
   */
  protected async introduce(): Promise<void> {
    const { device, log, listener, settings } = this.context
    const completion = await this.#bestCompletion()
    // Nothing is proved by a printer that went away or offline: it is asked again when it is back.
    if (completion === undefined) this.introduceAgain()
    if (completion === undefined || completion === this.#completion) return
    this.#completion = completion
    listener.details({ completion })
    log.warn({ device, completion }, 'the printer does not say when it is done as its profile says')
    // What it took for letters must not stand in front of raw bytes, which bring no reset of their own.
    if (settings.mode !== 'graphic') this.link.post(reset)
    if (settings.status === 'asb') this.link.post(autoStatusOn)
  }

  async #bestCompletion(): Promise<Completion | undefined> {
    const { clock, settings } = this.context
    const link = this.link
    if (settings.completion === 'none') return 'none'
    for (let tries = 0; settings.completion === 'document' && tries < greetLimits.questionTries; tries++) {
      const count = await link.askDocumentCount(clock.monotonic() + greetLimits.questionMsMax)
      if (count !== undefined) return 'document'
      if (link.lost !== undefined || link.blocking !== undefined) return undefined
    }
    const counts = link.status.ended !== undefined && settings.status !== 'none'
    return counts && !settings.shared ? 'etb' : 'none'
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
    paper: 'receipt',
    transports: ['tcp', 'serial', 'usb', 'memory'],
    portDefaults: { baud: '9600', format: '8N1' },
    match: [{ usb: '0519:*', usbInterface: '07:*:*' }],
    settings: starSettingsSchema,
    capabilities: ['printing', 'drawer'],
    probe,
    open: (context) => new StarDevice(context, imaging),
  })
}
