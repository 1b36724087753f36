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
import { PrinterDrawer } from '../common/run/drawer.ts'
import { Turns } from '../common/run/turns.ts'
import { Watch } from '../common/run/watch.ts'
import { EscposEncoder } from './codec.ts'
import { type Completion, EscposFencing, type PrinterParts } from './fencing.ts'
import { askIdentity, type Identity } from './identity.ts'
import { linkLimits, PrinterLink } from './link.ts'
import { EscposPrinting } from './printing.ts'
import {
  askPaperInTurn,
  askProcess,
  autoStatusOn,
  joined,
  kick,
  kickNow,
  processId,
  reset,
} from './questions.ts'
import type { RealTimeQuestion } from './replies.ts'
import { type EscposSettings, escposSettingsSchema } from './settings.ts'
import { drawerOpen, faultsOf, type PrinterStatus } from './status.ts'

export const greetLimits = {
  /** Longest wait for a first sign of life; the question is repeated once, half way. */
  helloMsMax: 2_600,
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

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power and its cable.',
}

class EscposDevice implements OpenDevice {
  readonly capabilities: readonly Capability[]
  readonly printing: EscposPrinting
  readonly drawer?: PrinterDrawer
  readonly #context: DriverContext<EscposSettings>
  readonly #link: PrinterLink
  readonly #turns = new Turns()
  readonly #others: RealTimeQuestion[] = []
  readonly #watch: Watch
  #completion: Completion
  #identity: Identity = {}
  #retests = 0
  #cancelRetest: () => void = () => {}
  #introduced = false
  #stopped = false
  #faults = '[]'
  #drawerOpen: boolean | undefined
  #reportsByItself = false

  constructor(context: DriverContext<EscposSettings>, imaging: Imaging) {
    const { settings, transport, clock } = context
    this.#context = context
    this.#completion = settings.completion
    this.#link = new PrinterLink(transport, clock, context.log, this.#others)
    this.#watch = new Watch(this.#link, clock, () => this.#die())
    const parts: PrinterParts = {
      context,
      link: this.#link,
      turns: this.#turns,
      watch: this.#watch,
      fencing: new EscposFencing({ context, link: this.#link, completion: () => this.#completion }),
      completion: () => this.#completion,
      serial: () => this.#identity.serial,
    }
    this.printing = new EscposPrinting(parts, new EscposEncoder(settings, imaging))
    if (settings.drawer) {
      const { drawerPulseOnMs: onMs, drawerPulseOffMs: offMs } = settings
      this.drawer = new PrinterDrawer({
        ...parts,
        pulse: (drawer, now) => (now ? kickNow(drawer, onMs) : kick(drawer, onMs, offMs)),
        isOpen: () => this.#isOpen(this.#link.status),
      })
    }
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
    this.#cancelRetest()
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
    await this.#testCompletion()
    if (settings.identity) {
      this.#identity = await askIdentity(this.#link, clock)
      if (this.#stopped) return
      listener.details({ ...this.#identity })
    }
    const understood = this.#completion === settings.completion
    if (!understood || (settings.identity && this.#identity.model === undefined)) {
      // What it took for letters must not stand in front of raw bytes, which bring no reset of their own.
      this.#link.post(settings.status === 'asb' ? joined([reset, autoStatusOn]) : reset)
    }
    if (!understood) this.#retestLater()
    await this.printing.readCuts()
  }

  #retestLater(): void {
    const pause = greetLimits.retestMs[this.#retests]
    if (pause === undefined || this.#stopped || this.#link.lost !== undefined) return
    this.#retests++
    this.#cancelRetest = this.#context.clock.after(pause, () => {
      void this.#turns.take(async () => {
        if (this.#stopped || this.#link.lost !== undefined) return
        // An answer that a job still waits for must not be given up.
        if (this.#link.blocking === undefined && this.#link.bytesOwed === 0) await this.#introduce()
        else this.#retestLater()
      })
    })
  }

  /**
   * A clone may call itself an Epson and know no process ids, or answer DLE EOT and yet know no GS r. Waiting for it would end
   * every job as unknown, so it gets the next best that it answers, and the card shows it.
   */
  async #testCompletion(): Promise<void> {
    const { device, log, listener, settings } = this.#context
    const ways = completionWays.slice(completionWays.indexOf(settings.completion))
    for (const way of ways) {
      if (way !== 'none' && !(await this.#answers(way))) {
        // Nothing is proved by a printer that went away or offline.
        if (this.#link.lost !== undefined || this.#link.blocking !== undefined) return
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
    const { clock, newId } = this.#context
    const link = this.#link
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
    if (!settings.drawer) return
    const open = this.#isOpen(status)
    if (open === undefined || open === this.#drawerOpen) return
    // What it is at the start is a fact, not an event.
    if (this.#drawerOpen !== undefined) listener.drawer(open)
    this.#drawerOpen = open
    listener.details({ drawer_open: open })
  }

  #isOpen(status: PrinterStatus): boolean | undefined {
    const { drawerSense, drawerOpenLevel } = this.#context.settings
    return drawerSense ? drawerOpen(status, drawerOpenLevel) : undefined
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
