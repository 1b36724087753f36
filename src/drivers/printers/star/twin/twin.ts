/** A simulated Star receipt printer. Its behaviour is numbered in README.md. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { TwinLine } from '../../../twin-line.ts'
import { Drawer, type Pulse } from '../../common/twin/drawer.ts'
import { Paper } from '../../common/twin/paper.ts'
import { Picture } from '../../common/twin/svg.ts'
import { type DrawSymbol, Engine } from './engine.ts'
import { type Command, Grammar } from './grammar.ts'

export type { DrawSymbol } from './engine.ts'

export interface StarTwinOptions {
  clock: DriverClock
  widthDots: number
  kanji: 'none' | 'shift-jis'
  /** Takes dots only, as the TSP100 does. */
  graphicOnly: boolean
  /** What this model answers: ESC ACK SOH, automatic status, ESC GS ETX, and the ETB counter in its status. */
  asks: boolean
  asb: boolean
  marks: boolean
  counts: boolean
  /** Status as on Ethernet: with two bytes of length behind it. */
  ethernet: boolean
  drawer: boolean
  drawerOpenLevel: 'high' | 'low'
  /** A drawer that shuts itself after a time. */
  drawerClosesAfterMs?: number
  /** Time for one line of 32 dots; 0 prints at once. */
  printMsPerLine: number
  /** Room for what waits to be printed; what comes on top is lost, and the status says so. */
  bufferBytes: number
  cutterDistanceDots: number
  ticketsMax: number
  ticketDotsMax: number
  drawSymbol?: DrawSymbol
}

export const twinDefaults: Omit<StarTwinOptions, 'clock'> = {
  widthDots: 576,
  kanji: 'none',
  graphicOnly: false,
  asks: true,
  asb: true,
  marks: true,
  counts: true,
  ethernet: false,
  drawer: true,
  drawerOpenLevel: 'high',
  printMsPerLine: 0,
  bufferBytes: 4 * 1024 * 1024,
  cutterDistanceDots: 0,
  ticketsMax: 20,
  ticketDotsMax: 40_000,
}

/** Faults of the machine that a test can order. */
export type MachineFault = 'cutter' | 'overheat' | 'unrecoverable' | 'offline'

const lineDots = 32
const cellWidth = 12
const recordsMax = 1_000
/** Status versions with 5 and with 7 bytes of printer status. */
const versions = { short: 0x02, long: 0x06 }

function remember<T>(list: T[], item: T): void {
  list.push(item)
  if (list.length > recordsMax) list.shift()
}

export class StarTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  readonly violations: string[] = []
  /** Ids of documents whose end was confirmed, or would have been. */
  readonly ended: number[] = []
  /** ETBs that were worked off since the twin was made. */
  etbs = 0
  paperState: 'full' | 'low' | 'out' = 'full'
  /** A defect: ETB is worked off and does not count. */
  holdCounter = false
  readonly #options: StarTwinOptions
  readonly #line: TwinLine
  readonly #paper: Paper
  readonly #picture: Picture
  readonly #engine: Engine
  readonly #drawer: Drawer
  readonly #grammar: Grammar
  readonly #machine = new Set<MachineFault>()
  #queue: Command[] = []
  #queuedBytes = 0
  #printing: (() => void) | undefined
  #pumping = false
  #coverOpen = false
  #overflow = false
  #asbOn = false
  #etbCounter = 0
  #etbDone = false
  #documents = 0
  #told = ''
  #shown = 0
  #pulseMs = { onMs: 200, offMs: 200 }
  #linesLeft: number | undefined

  constructor(options: StarTwinOptions) {
    this.#options = options
    this.#line = new TwinLine({
      clock: options.clock,
      onBytes: (bytes) => this.#receive(bytes),
      onAttach: () => this.#grammar.drop(),
      onPlug: (on) => this.#plugged(on),
    })
    this.#paper = new Paper({ ...options, cellWidth })
    this.#picture = new Picture(options)
    this.#drawer = new Drawer(options, () => {
      this.#paper.touch()
      this.#changed()
    })
    const violate = (reason: string) => remember(this.violations, reason)
    this.#engine = new Engine(options, this.#paper, violate)
    this.#grammar = new Grammar((command) => this.#take(command), violate)
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  get pulses(): readonly Pulse[] {
    return this.#drawer.pulses
  }

  get cuts(): number {
    return this.#engine.cuts
  }

  get images(): number {
    return this.#engine.images
  }

  /** The printed lines of each ticket that was cut off, oldest first; `[kind …]` for what is not text. */
  get tickets(): readonly (readonly string[])[] {
    return this.#paper.tickets.map((ticket) => this.#paper.lines(ticket.items))
  }

  /** The printed lines that still hang in the printer. */
  get uncut(): readonly string[] {
    return this.#paper.lines(this.#paper.current.items)
  }

  /** The paper as a model, for tests that look closely. */
  get model(): Paper {
    return this.#paper
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
    if (this.#asbOn) this.#sendStatus()
  }

  order(order: DemoOrder): void {
    switch (order.order) {
      case 'paper':
        this.paperState = order.state
        this.#linesLeft = undefined
        break
      case 'cover':
        this.#coverOpen = order.open
        break
      case 'drawer':
        if (!this.#options.drawer)
          throw new HubError('params_invalid', { path: 'order', reason: 'there is no drawer' })
        this.#drawer.move(order.open)
        break
      case 'clear_paper':
        this.#paper.clear()
        break
      default:
        if (!this.#line.order(order)) {
          throw new HubError('params_invalid', {
            path: 'order',
            reason: `a printer does not know ${order.order}`,
          })
        }
        return
    }
    this.#changed()
  }

  /** Makes a fault of the machine, or ends it. */
  fault(kind: MachineFault, on = true): void {
    if (on) this.#machine.add(kind)
    else this.#machine.delete(kind)
    this.#changed()
  }

  /** The roll ends after so many lines more. */
  endPaperAfter(lines: number): void {
    this.#linesLeft = lines
  }

  /** Both counters begin anew, as after a short loss of power that the line does not show. */
  forgetCounters(): void {
    this.#etbCounter = 0
    this.#documents = 0
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return {
      svg: this.#picture.draw(this.#paper),
      revision: this.#paper.revision,
      drawerOpen: this.#drawer.open,
    }
  }

  stop(): void {
    this.#drawer.stop()
    this.#forget()
    this.#line.stop()
  }

  #plugged(on: boolean): void {
    if (!on) {
      this.#forget()
      // Switched off and on: the counters begin anew.
      this.#etbCounter = 0
      this.#documents = 0
      this.#asbOn = false
    }
    this.onPlug?.(on)
  }

  /** Loses everything that is not on paper yet, as a power cut does. */
  #forget(): void {
    this.#printing?.()
    this.#printing = undefined
    this.#queue = []
    this.#queuedBytes = 0
    this.#grammar.drop()
    this.#engine.reset()
  }

  get #stands(): boolean {
    return this.paperState === 'out' || this.#coverOpen || this.#machine.size > 0
  }

  #receive(bytes: Uint8Array): void {
    this.#grammar.push(bytes)
    this.#pump()
    this.#show()
  }

  /** What is obeyed on reception goes past the queue. */
  #take(command: Command): void {
    switch (command.name) {
      case 'ESC ACK SOH':
        if (this.#options.asks) this.#sendStatus()
        return
      case 'FS':
        this.#drawer.pulse({ pin: 2, realTime: true, ...this.#pulseMs })
        return
      case 'EM':
        this.#drawer.pulse({ pin: 5, realTime: true, onMs: 200, offMs: 200 })
        return
      case 'NUL':
      case 'ENQ':
      case 'EOT':
        return
    }
    if (this.#queuedBytes + command.bytes > this.#options.bufferBytes) {
      this.#overflow = true
      return
    }
    this.#queue.push(command)
    this.#queuedBytes += command.bytes
    this.#pump()
  }

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#queue.length > 0 && !this.#stands && this.#printing === undefined) {
      const command = this.#queue.shift()!
      this.#queuedBytes -= command.bytes
      this.#step(command)
      this.#moved(this.#engine.takeMoved())
    }
    this.#pumping = false
  }

  #step({ name, args, ...rest }: Command): void {
    switch (name) {
      case 'ESC @':
        this.#engine.reset()
        break
      case 'CAN':
        this.#engine.reset()
        this.#etbCounter = 0
        break
      case 'BEL':
        this.#drawer.pulse({ pin: 2, realTime: false, ...this.#pulseMs })
        break
      case 'SUB':
        this.#drawer.pulse({ pin: 5, realTime: false, onMs: 200, offMs: 200 })
        break
      case 'ESC BEL':
        this.#pulseMs = { onMs: args[0]! * 10, offMs: args[1]! * 10 }
        break
      case 'ESC GS BEL':
        break
      case 'ESC RS a':
        this.#asbOn = this.#options.asb && args[0]! % 48 === 1
        if (this.#asbOn) this.#sendStatus()
        break
      case 'ESC RS E':
        this.#etbCounter = 0
        break
      case 'ETB':
        this.#engine.flush()
        if (this.holdCounter) break
        this.etbs++
        this.#etbCounter = (this.#etbCounter + 1) % 32
        this.#etbDone = true
        if (this.#asbOn) this.#sendStatus()
        break
      case 'ESC GS ETX':
        this.#document(args as [number, number, number])
        break
      default:
        this.#engine.obey({ name, args, ...rest })
    }
  }

  /** 0 tells the counter, 1 counts when everything before is printed and tells it, 2 clears it. */
  #document([how, low, high]: [number, number, number]): void {
    if (!this.#options.marks) return
    if (how === 2) this.#documents = 0
    if (how === 1) {
      this.#engine.flush()
      this.#documents = (this.#documents + 1) % 256
      remember(this.ended, low + high * 256)
    }
    if (how <= 1) this.#line.say(Uint8Array.of(0x1b, 0x1d, 0x03, how, low, high, this.#documents, 0))
  }

  #moved(dots: number): void {
    if (dots === 0) return
    if (this.#linesLeft !== undefined && --this.#linesLeft <= 0) {
      this.#linesLeft = undefined
      this.paperState = 'out'
      this.#tell()
    }
    if (this.#options.printMsPerLine === 0) return
    const ms = (dots / lineDots) * this.#options.printMsPerLine
    this.#printing = this.#options.clock.after(ms, () => {
      this.#printing = undefined
      this.#pump()
      this.#show()
    })
  }

  /** After anything that a hand or a fault has changed. */
  #changed(): void {
    this.#tell()
    this.#pump()
    this.#show()
  }

  #tell(): void {
    if (this.#asbOn && String(this.#status()) !== this.#told) this.#sendStatus()
  }

  #sendStatus(): void {
    const status = this.#status()
    this.#told = String(status)
    this.#line.say(status)
    // Both are cleared when they have been told.
    this.#etbDone = false
    this.#overflow = false
  }

  /** Automatic status: length, version, then printer status 1 to 5, or to 7 on models that count. */
  #status(): Uint8Array {
    const { counts, ethernet, drawer, drawerOpenLevel } = this.#options
    const length = counts ? 9 : 7
    const has = (kind: MachineFault) => this.#machine.has(kind)
    const switchClosed = drawer ? this.#drawer.open === (drawerOpenLevel === 'high') : false
    const etb = this.#etbCounter
    const bytes = [
      0x01 | ((length & 0x18) << 2) | ((length & 0x07) << 1),
      (counts ? versions.long : versions.short) | (ethernet ? 0x80 : 0),
      bit(this.#coverOpen, 0x20) |
        bit(this.#stands, 0x08) |
        bit(switchClosed, 0x04) |
        bit(this.#etbDone, 0x02),
      bit(has('overheat'), 0x40) | bit(has('unrecoverable'), 0x20) | bit(has('cutter'), 0x08),
      bit(this.#overflow, 0x40),
      bit(this.paperState === 'out', 0x08) | bit(this.paperState !== 'full', 0x04),
      0,
      ...(counts ? [((etb & 0x18) << 2) | ((etb & 0x07) << 1), 0] : []),
      ...(ethernet ? [0, 0] : []),
    ]
    return Uint8Array.from(bytes)
  }

  #show(): void {
    if (this.#shown === this.#paper.revision) return
    this.#shown = this.#paper.revision
    this.onPaper?.(this.#shown)
  }
}

function bit(on: boolean, value: number): number {
  return on ? value : 0
}

/** A printer with everything on board, less or more what the options say. */
export function createStarTwin(
  options: Partial<Omit<StarTwinOptions, 'clock'>> & { clock: DriverClock },
): StarTwin {
  return new StarTwin({ ...twinDefaults, ...options })
}
