/** The ESC/POS driver: greets a receipt printer, learns what it answers, and offers printing and the cash drawer. */
import {
  type Driver,
  type DriverClock,
  type DriverContext,
  defineDriver,
  type ProbeAnswer,
} from '../../driver.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { joined } from '../../imaging/joined.ts'
import type { Transport } from '../../transports/transport.ts'
import { ReceiptPrinter, receiptPrinterLimits } from '../common/run/receipt-printer.ts'
import { EscposEncoder } from './codec.ts'
import { type Completion, EscposFencing } from './fencing.ts'
import { askIdentity, type Identity } from './identity.ts'
import { linkLimits, PrinterLink } from './link.ts'
import { EscposPrinting } from './printing.ts'
import { askPaperInTurn, askProcess, autoStatusOn, kick, kickNow, processId, reset } from './questions.ts'
import type { RealTimeQuestion } from './replies.ts'
import { type EscposSettings, escposSettingsSchema } from './settings.ts'
import { drawerOpen } from './status.ts'

export const greetLimits = {
  ...receiptPrinterLimits,
  /** Longest wait for each further question; what is not answered is not asked again on this connection. */
  questionMsMax: 1_000,
  /** Answers to a repeated question come in during this time. */
  quietMs: 200,
  /** Questions in their turn that have to stay unanswered before a printer counts as one that never says when it is done. */
  fenceTries: 2,
  /** Pauses after which it is tried again: the printer may have been busy with what the connection before had left in it. */
  retestMs: [15_000, 60_000],
} as const

/** The best first. */
const completionWays: readonly Completion[] = ['process-id', 'status-after-data', 'none']

class EscposDevice extends ReceiptPrinter<EscposSettings, PrinterLink> {
  readonly printing: EscposPrinting
  protected readonly autoStatusOn = autoStatusOn
  readonly #others: RealTimeQuestion[]
  #completion: Completion
  #identity: Identity = {}
  #retests = 0
  #cancelRetest: () => void = () => {}
  #reportsByItself = false

  constructor(context: DriverContext<EscposSettings>, imaging: Imaging) {
    const { settings, transport, clock, log } = context
    const others: RealTimeQuestion[] = []
    super(context, new PrinterLink(transport, clock, log, others))
    this.#others = others
    this.#completion = settings.completion
    const { link, turns, watch } = this
    const completion = () => this.#completion
    const fencing = new EscposFencing({ context, link, completion })
    const serial = () => this.#identity.serial
    const parts = { context, link, turns, watch, fencing, completion, serial }
    this.printing = new EscposPrinting(parts, new EscposEncoder(settings, imaging))
  }

  override stop(): Promise<void> {
    this.#cancelRetest()
    return super.stop()
  }

  protected details() {
    const { settings } = this.context
    return {
      columns: settings.columnsA,
      widthDots: settings.widthDots,
      completion: this.#completion,
      // A printer set to `asb` that sent nothing by itself is asked instead.
      status: settings.status === 'asb' && !this.link.reportsByItself ? 'dle-eot' : settings.status,
    }
  }

  protected pulse(drawer: number, now: boolean): Uint8Array {
    const { drawerPulseOnMs: onMs, drawerPulseOffMs: offMs } = this.context.settings
    return now ? kickNow(drawer, onMs) : kick(drawer, onMs, offMs)
  }

  protected drawerOpen(openLevel: 'high' | 'low'): boolean | undefined {
    return drawerOpen(this.link.status, openLevel)
  }

  /** Learns the status, and which real-time questions the printer answers. */
  protected async greet(msMax: number): Promise<boolean> {
    const { link } = this
    const { clock } = this.context
    if (!(await greeted(link, clock, msMax))) return false
    for (const question of [2, 3, 4] as const) {
      const until = clock.monotonic() + greetLimits.questionMsMax
      if ((await link.askRealTime(question, until)) !== undefined) this.#others.push(question)
      else link.forgetRealTime()
    }
    await link.refresh(this.#others, clock.monotonic() + linkLimits.answerMsMax, true)
    return true
  }

  protected async introduce(): Promise<void> {
    const { settings, clock, listener } = this.context
    await this.#testCompletion()
    if (settings.identity) {
      this.#identity = await askIdentity(this.link, clock)
      if (this.stopped) return
      listener.details({ ...this.#identity })
    }
    const understood = this.#completion === settings.completion
    if (!understood || (settings.identity && this.#identity.model === undefined)) {
      // What it took for letters must not stand in front of raw bytes, which bring no reset of their own.
      this.link.post(settings.status === 'asb' ? joined([reset, autoStatusOn]) : reset)
    }
    if (!understood) this.#retestLater()
    await this.printing.readCuts()
  }

  #retestLater(): void {
    const pause = greetLimits.retestMs[this.#retests]
    if (pause === undefined || this.stopped || this.link.lost !== undefined) return
    this.#retests++
    this.#cancelRetest = this.context.clock.after(pause, () => {
      void this.turns.take(async () => {
        if (this.stopped || this.link.lost !== undefined) return
        // An answer that a job still waits for must not be given up.
        if (this.link.blocking === undefined && this.link.bytesOwed === 0) await this.introduce()
        else this.#retestLater()
      })
    })
  }

  /**
   * A clone may call itself an Epson and know no process ids, or answer DLE EOT and yet know no GS r. Waiting for it would end
   * every job as unknown, so it gets the next best that it answers, and the card shows it.
   */
  async #testCompletion(): Promise<void> {
    const { device, log, listener, settings } = this.context
    const ways = completionWays.slice(completionWays.indexOf(settings.completion))
    for (const way of ways) {
      if (way !== 'none' && !(await this.#answers(way))) {
        // Nothing is proved by a printer that went away or offline.
        if (this.link.lost !== undefined || this.link.blocking !== undefined) return
        continue
      }
      if (way === this.#completion) return
      this.#completion = way
      listener.details({ completion: way })
      if (way !== settings.completion) {
        log.warn({ device, completion: way }, 'the printer does not say when it is done as its profile says')
      }
      return
    }
  }

  /** Whether the printer answers a question in its turn. */
  async #answers(way: 'process-id' | 'status-after-data'): Promise<boolean> {
    const { clock, newId } = this.context
    const link = this.link
    for (let tries = 0; tries < greetLimits.fenceTries; tries++) {
      const id = link.unusedProcessId(() => processId(newId()))
      const fence = way === 'process-id' ? link.expectProcess(id) : link.expectByte()
      link.post(way === 'process-id' ? askProcess(id) : askPaperInTurn)
      const until = clock.monotonic() + greetLimits.questionMsMax
      if ((await link.answerOf<unknown>(fence, until)) !== undefined) {
        // Answers to earlier tries come in with it; they must not be taken for those to later questions.
        if (this.#retests > 0) await quietFor(link, clock)
        return true
      }
      if (link.lost !== undefined || link.blocking !== undefined) return false
    }
    link.forgetInTurn()
    return false
  }

  protected override heard(): void {
    if (!this.link.reportsByItself || this.#reportsByItself) return
    this.#reportsByItself = true
    this.context.listener.details({ status: 'asb' })
  }
}

/** Whether the printer answers DLE EOT 1. Asked twice, for the first bytes on a port that was just opened may get lost. */
async function greeted(link: PrinterLink, clock: DriverClock, msMax: number): Promise<boolean> {
  const start = clock.monotonic()
  if ((await link.askRealTime(1, start + msMax / 2)) !== undefined) return true
  link.forgetRealTime()
  if ((await link.askRealTime(1, start + msMax)) === undefined) return false
  // The answer to the first question may still come; it must not be taken for that to a later one.
  await quietFor(link, clock)
  return true
}

async function quietFor(link: PrinterLink, clock: DriverClock): Promise<void> {
  const quiet = clock.monotonic() + greetLimits.quietMs
  while (clock.monotonic() < quiet && link.lost === undefined) await link.news(quiet)
}

/** Asks who is there. DLE EOT are control characters that other languages skip; identity only after they were answered. */
async function probe(
  transport: Transport,
  tools: { clock: DriverClock; answerMsMax: number },
): Promise<ProbeAnswer | undefined> {
  const { clock, answerMsMax } = tools
  const link = new PrinterLink(transport, clock)
  link.start()
  if (!(await greeted(link, clock, answerMsMax))) return undefined
  const paper = await link.askRealTime(4, clock.monotonic() + answerMsMax)
  if (paper === undefined) link.forgetRealTime()
  const { maker, model, serial } = await askIdentity(link, clock)
  // Whoever took the question for a letter forgets it again, before it is printed ahead of somebody's receipt.
  if (model === undefined) link.post(reset)
  return {
    ...(maker === undefined ? {} : { maker }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
    certain: paper !== undefined || model !== undefined,
  }
}

/** What the driver needs besides its context. `imaging` draws what a printer's own letters cannot spell. */
export interface EscposParts {
  imaging: Imaging
}

export function createEscposDriver({ imaging }: EscposParts): Driver<EscposSettings> {
  return defineDriver({
    id: 'escpos',
    name: 'ESC/POS receipt printers',
    class: 'printer',
    paper: 'receipt',
    transports: ['tcp', 'serial', 'memory', 'usb'],
    portDefaults: { baud: '9600', format: '8N1' },
    // Any USB printer may speak it; label and page printers say more of themselves.
    match: [{ usbInterface: '07:*:*' }],
    settings: escposSettingsSchema,
    capabilities: ['printing', 'drawer'],
    probe,
    open: (context) => new EscposDevice(context, imaging),
  })
}
