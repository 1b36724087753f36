/** The ESC/POS driver: greets a receipt printer, learns what it answers, and offers printing and the cash drawer. */

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
import { EscposEncoder } from './codec.ts'
import { EscposDrawer } from './drawer.ts'
import { askIdentity, type Identity } from './identity.ts'
import { linkLimits, PrinterLink } from './link.ts'
import type { Completion, PrinterParts } from './print-run.ts'
import { EscposPrinting } from './printing.ts'
import { askPaperInTurn, autoStatusOn, reset } from './questions.ts'
import type { RealTimeQuestion } from './replies.ts'
import { type EscposSettings, escposSettingsSchema } from './settings.ts'
import { drawerOpen, faultsOf, type PrinterStatus } from './status.ts'
import { Turns } from './turns.ts'
import { Watch } from './watch.ts'

export const greetLimits = {
  /** Longest wait for a first sign of life; the question is repeated once, half way. */
  helloMsMax: 2_600,
  /** Longest wait for each further question; what is not answered is not asked again on this connection. */
  questionMsMax: 1_000,
  /** Answers to a repeated question come in during this time. */
  quietMs: 200,
  /** Questions in their turn that have to stay unanswered before a printer counts as one that never says when it is done. */
  fenceTries: 2,
} as const

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power and its cable.',
}

class EscposDevice implements OpenDevice {
  readonly capabilities: readonly Capability[]
  readonly printing: EscposPrinting
  readonly drawer?: EscposDrawer
  readonly #context: DriverContext<EscposSettings>
  readonly #link: PrinterLink
  readonly #turns = new Turns()
  readonly #others: RealTimeQuestion[] = []
  readonly #watch: Watch
  #completion: Completion
  #identity: Identity = {}
  #introduced = false
  #stopped = false
  #faults = '[]'
  #drawerOpen: boolean | undefined
  #reportsByItself = false

  constructor(context: DriverContext<EscposSettings>, imaging: Imaging) {
    const { settings, transport, clock } = context
    this.#context = context
    this.#completion = settings.completion
    this.#link = new PrinterLink(transport, clock, context.log)
    this.#watch = new Watch(this.#link, clock, this.#others, () => this.#die())
    const parts: PrinterParts = {
      context,
      link: this.#link,
      turns: this.#turns,
      watch: this.#watch,
      completion: () => this.#completion,
      serial: () => this.#identity.serial,
    }
    this.printing = new EscposPrinting(parts, new EscposEncoder(settings, imaging))
    if (settings.drawer) this.drawer = new EscposDrawer(parts)
    this.capabilities = settings.drawer ? ['printing', 'drawer'] : ['printing']
  }

  async start(): Promise<void> {
    const { settings, transport, listener } = this.#context
    this.#link.onStatus = (status) => this.#told(status)
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
      completion: this.#completion,
      // A printer set to `asb` that sent nothing by itself is asked instead.
      status: settings.status === 'asb' && !this.#link.reportsByItself ? 'dle-eot' : settings.status,
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

  /** Learns the status, and which real-time questions the printer answers. Throws `answer_timeout` when it says nothing. */
  async #greet(): Promise<void> {
    const { clock, device } = this.#context
    if (!(await greeted(this.#link, clock, greetLimits.helloMsMax))) {
      if (this.#link.lost !== undefined) throw this.#link.closedError()
      throw new HubError('answer_timeout', { device, ms: greetLimits.helloMsMax })
    }
    for (const question of [2, 3, 4] as const) {
      const until = clock.monotonic() + greetLimits.questionMsMax
      if ((await this.#link.askRealTime(question, until)) !== undefined) this.#others.push(question)
      else this.#link.forgetRealTime()
    }
    await this.#link.refresh(this.#others, clock.monotonic() + linkLimits.answerMsMax, true)
  }

  /** Questions in their turn wait until the printer is online: offline it would answer none of them. */
  async #introduceWhenOnline(): Promise<void> {
    if (this.#introduced || this.#stopped || this.#link.blocking !== undefined) return
    this.#introduced = true
    await this.#turns.take(() => this.#introduce())
  }

  async #introduce(): Promise<void> {
    const { settings, clock, listener } = this.#context
    await this.#testFence()
    if (settings.identity) {
      this.#identity = await askIdentity(this.#link, clock)
      if (this.#stopped) return
      listener.details({ ...this.#identity })
    }
    await this.printing.readCuts()
  }

  /**
   * A clone may answer DLE EOT and yet know no GS r. Waiting for it would end every job as unknown, so such a printer counts
   * as one that never says when it is done, and the card shows it.
   */
  async #testFence(): Promise<void> {
    if (this.#completion !== 'status-after-data') return
    for (let tries = 0; tries < greetLimits.fenceTries; tries++) {
      const fence = this.#link.expectByte()
      this.#link.post(askPaperInTurn)
      const until = this.#context.clock.monotonic() + greetLimits.questionMsMax
      if ((await this.#link.answerOf(fence, until)) !== undefined) return
      if (this.#link.lost !== undefined || this.#link.blocking !== undefined) return
    }
    this.#link.forgetInTurn()
    this.#completion = 'none'
    const { device, log, listener } = this.#context
    log.warn({ device }, 'the printer does not answer GS r 1; jobs will be sent unconfirmed')
    listener.details({ completion: 'none' })
  }

  #told(status: PrinterStatus): void {
    const { listener } = this.#context
    const faults = faultsOf(status)
    const text = JSON.stringify(faults)
    if (text !== this.#faults) {
      this.#faults = text
      listener.faults(faults)
    }
    this.#toldDrawer(status)
    if (this.#link.reportsByItself && !this.#reportsByItself) {
      this.#reportsByItself = true
      listener.details({ status: 'asb' })
    }
    if (!this.#introduced && this.#watch.running) void this.#introduceWhenOnline()
    this.#watch.again()
  }

  #toldDrawer(status: PrinterStatus): void {
    const { settings, listener } = this.#context
    if (!settings.drawer || !settings.drawerSense) return
    const open = drawerOpen(status, settings.drawerOpenLevel)
    if (open === undefined || open === this.#drawerOpen) return
    // What it is at the start is a fact, not an event.
    if (this.#drawerOpen !== undefined) listener.drawer(open)
    this.#drawerOpen = open
    listener.details({ drawer_open: open })
  }

  #die(): void {
    if (this.#stopped) return
    this.#context.listener.faults([notResponding])
    this.#link.giveUp(`no answer within ${linkLimits.answerMsMax} ms`)
  }
}

/** Whether the printer answers DLE EOT 1. Asked twice, for the first bytes on a port that was just opened may get lost. */
async function greeted(link: PrinterLink, clock: DriverClock, msMax: number): Promise<boolean> {
  const start = clock.monotonic()
  if ((await link.askRealTime(1, start + msMax / 2)) !== undefined) return true
  link.forgetRealTime()
  if ((await link.askRealTime(1, start + msMax)) === undefined) return false
  // The answer to the first question may still come; it must not be taken for that to a later one.
  const quiet = clock.monotonic() + greetLimits.quietMs
  while (clock.monotonic() < quiet && link.lost === undefined) await link.news(quiet)
  return true
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
    transports: ['tcp', 'serial', 'memory', 'usb'],
    portDefaults: { baud: '9600', format: '8N1' },
    settings: escposSettingsSchema,
    capabilities: ['printing', 'drawer'],
    probe,
    open: (context) => new EscposDevice(context, imaging),
  })
}
