/** A simulated ESC/POS receipt printer of the TM-T88 and TM-m30 kind. Its behaviour is numbered in README.md. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { slowMs } from '../../../twin-line.ts'
import { Answers } from '../../common/twin/answers.ts'
import { Drawer, type Pulse } from '../../common/twin/drawer.ts'
import { Paper } from '../../common/twin/paper.ts'
import { Picture } from '../../common/twin/svg.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { type Command, Interpreter, type Violation } from './interpreter.ts'
import { type EscposTwinOptions, type TwinFaults, twinDefaults } from './options.ts'
import { Responder } from './responder.ts'
import { PrinterStatus } from './status.ts'

export type { Pulse } from '../../common/twin/drawer.ts'
export type { DrawnSymbol } from '../../common/twin/paper.ts'
export type { EscposTwinOptions, TwinFaults } from './options.ts'
export type { DrawSymbol } from './symbols.ts'

/** A wire that can hold back the sender, as a socket can. */
interface PausableWire extends TwinWire {
  pause?(on: boolean): void
}

const lineDots = 30
/** Violations and jobs that are remembered, the newest. */
const recordsMax = 1_000

export class EscposTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  readonly violations: Violation[] = []
  /** Process ids that were answered, or would have been. */
  readonly printedJobs: string[] = []
  readonly status: PrinterStatus
  bytesReceived = 0
  cuts = 0
  images = 0
  buzzes = 0
  /** Real-time commands that came inside other commands and were not obeyed. */
  hiddenRealTime = 0
  readonly #options: EscposTwinOptions
  readonly #clock: DriverClock
  readonly #answers: Answers
  readonly #paper: Paper
  readonly #engine: Engine
  readonly #drawer: Drawer
  readonly #interpreter: Interpreter
  readonly #picture: Picture
  readonly #responder: Responder
  #wire: PausableWire | undefined
  #plugged = true
  #unread: Uint8Array[] = []
  #paused = false
  #queue: Command[] = []
  #queuedBytes = 0
  #textAt = 0
  #running: Command | undefined
  #printing: (() => void) | undefined
  #taking = false
  #pumping = false
  #asbMask: number
  #told: Uint8Array
  #shown = 0
  #busy = false
  #dropAfter: number | undefined
  #linesLeft: number | undefined

  constructor(options: EscposTwinOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#answers = new Answers(options.clock)
    this.status = new PrinterStatus(options)
    this.#told = this.status.asb()
    this.#drawer = new Drawer(options, () => {
      this.status.drawerOpen = this.#drawer.open
      this.#paper.touch()
      this.#tellStatus()
      this.#show()
    })
    this.#asbMask = options.asbAtStart
    this.#paper = new Paper({ ...options, cellWidth: Math.floor(options.widthDots / options.columns) })
    this.#picture = new Picture(options)
    this.#responder = new Responder(options)
    const violate = (reason: string) => {
      const command = this.#running
      remember(this.violations, { offset: command?.offset ?? 0, command: command?.name ?? '', reason })
    }
    const engineOptions: EngineOptions = options
    this.#engine = new Engine(engineOptions, this.#paper, violate)
    this.#engine.onCut = () => this.cuts++
    this.#engine.onImage = () => this.images++
    this.#interpreter = new Interpreter({
      command: (command) => {
        this.#queue.push(command)
        this.#queuedBytes += command.bytes
        this.#pump()
      },
      realTime: (command) => this.#realTime(command),
      violation: (violation) => remember(this.violations, violation),
      hiddenRealTime: () => this.hiddenRealTime++,
    })
  }

  /** Every pulse on the drawer connector, whether a drawer hangs there or not. */
  get pulses(): readonly Pulse[] {
    return this.#drawer.pulses
  }

  get plugged(): boolean {
    return this.#plugged
  }

  /** Bytes that wait in the buffer to be printed. */
  get queuedBytes(): number {
    return this.#queuedBytes + this.#interpreter.unfinished
  }

  /** Bytes that the wire has brought and the buffer had no room for. */
  get unreadBytes(): number {
    return this.#unread.reduce((sum, bytes) => sum + bytes.length, 0)
  }

  /** The printed lines of each ticket that was cut off, oldest first; `[kind …]` for what is not text. */
  get tickets(): readonly (readonly string[])[] {
    return this.#paper.tickets.map((ticket) => this.#paper.lines(ticket.items))
  }

  /** The printed lines that still hang in the printer. */
  get uncut(): readonly string[] {
    return this.#paper.lines(this.#paper.current.items)
  }

  /** Everything on the paper as text. */
  printedText(): string {
    return [...this.tickets.flat(), ...this.uncut].join('\n')
  }

  /** The paper as a model, for tests that look closely. */
  get model(): Paper {
    return this.#paper
  }

  attach(wire: TwinWire): void {
    this.#plugged = true
    this.#wire = wire
    this.#answers.attach(wire)
    this.#unread = []
    this.#paused = false
    if (!this.#options.partialSurvivesReconnect) this.#interpreter.drop()
    wire.onBytes((bytes) => {
      if (this.#wire !== wire) return
      this.#unread.push(bytes.slice())
      this.#take()
    })
    if (this.#asbMask !== 0) this.#sendAsb()
  }

  order(order: DemoOrder): void {
    switch (order.order) {
      case 'plug':
        this.#plug(order.on)
        break
      case 'paper':
        this.status.paper = order.state
        this.#linesLeft = undefined
        break
      case 'cover':
        this.status.coverOpen = order.open
        break
      case 'drawer':
        if (!this.#options.drawer)
          throw new HubError('params_invalid', { path: 'order', reason: 'there is no drawer' })
        this.#drawer.move(order.open)
        break
      case 'silent':
        this.#answers.silent = order.on
        break
      case 'fault':
        this.#lineFault(order.fault)
        break
      case 'clear_paper':
        this.#paper.clear()
        break
      default:
        throw new HubError('params_invalid', {
          path: 'order',
          reason: `a printer does not know ${order.order}`,
        })
    }
    this.#changed()
  }

  /** Makes a fault, or ends it (`false`, 0). Without a value it begins: at once, or with one second for `slow`. */
  fault<K extends keyof TwinFaults>(kind: K, value?: TwinFaults[K]): void {
    const on = value !== false
    switch (kind) {
      case 'drop_after_bytes':
        this.#dropAfter = Number(value ?? 0)
        if (this.#dropAfter === 0) this.#drop()
        break
      case 'garble':
        this.#answers.garble = on
        break
      case 'half_answer':
        this.#answers.half = on
        break
      case 'slow':
        this.#answers.slowMs = Number(value ?? 1_000)
        break
      case 'cutter_jam':
        this.status.jam = value === 'recoverable' ? 'recoverable' : on ? 'stuck' : 'none'
        break
      case 'busy':
        this.#busy = on
        break
      case 'lie_online':
        this.status.lies = on
        break
      case 'paper_out_after_lines':
        this.#linesLeft = Number(value ?? 0)
        if (this.#linesLeft === 0) this.status.paper = 'out'
        break
    }
    this.#changed()
  }

  /** A fault of the line takes the place of the one before; `drop` pulls the cable at the next byte. */
  #lineFault(fault: Extract<DemoOrder, { order: 'fault' }>['fault']): void {
    this.#answers.garble = fault === 'garble'
    this.#answers.half = fault === 'half_answer'
    this.#answers.slowMs = fault === 'slow' ? slowMs : 0
    this.#dropAfter = fault === 'drop' ? 1 : undefined
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return {
      svg: this.#picture.draw(this.#paper),
      revision: this.#paper.revision,
      drawerOpen: this.status.drawerOpen,
    }
  }

  stop(): void {
    this.#drawer.stop()
    this.#forget()
    this.#wire?.close()
    this.#wire = undefined
    this.#answers.attach(undefined)
  }

  #plug(on: boolean): void {
    if (on === this.#plugged) return
    this.#plugged = on
    if (!on) {
      this.#forget()
      this.#drop()
    }
    this.onPlug?.(on)
  }

  /** Loses everything that is not on paper yet, as a power cut does. */
  #forget(): void {
    this.#printing?.()
    this.#printing = undefined
    this.#queue = []
    this.#queuedBytes = 0
    this.#running = undefined
    this.#textAt = 0
    this.#unread = []
    this.#interpreter.drop()
    this.#engine.reset()
    this.#asbMask = this.#options.asbAtStart
  }

  /** Pulls the cable: the printer stays on and prints what it has. */
  #drop(): void {
    this.#dropAfter = undefined
    const wire = this.#wire
    this.#wire = undefined
    this.#unread = []
    this.#answers.attach(undefined)
    wire?.close()
  }

  /** Moves bytes from the wire into the buffer, as far as there is room. */
  #take(): void {
    if (this.#taking) return
    this.#taking = true
    while (this.#unread.length > 0) {
      const room = Math.min(this.#room(), this.#dropAfter ?? Number.POSITIVE_INFINITY)
      if (room <= 0) break
      const next = this.#unread.shift()!
      const part = next.subarray(0, room)
      if (part.length < next.length) this.#unread.unshift(next.subarray(part.length))
      this.bytesReceived += part.length
      if (this.#dropAfter !== undefined) this.#dropAfter -= part.length
      this.#interpreter.push(part)
      this.#pump()
      if (this.#dropAfter === 0) this.#drop()
    }
    this.#taking = false
    this.#holdBack(this.#unread.length > 0)
    this.#show()
  }

  #holdBack(on: boolean): void {
    if (on === this.#paused) return
    this.#paused = on
    this.#wire?.pause?.(on)
  }

  /** An idle printer takes a buffer's worth at a time, so that nothing is in when a line stops it for which there is no room. */
  #room(): number {
    const { bufferBytes } = this.#options
    const waits = this.#printing !== undefined || this.#stands || this.#queue.length > 0
    return waits ? bufferBytes - this.queuedBytes : bufferBytes
  }

  get #stands(): boolean {
    return this.#busy || !this.status.online
  }

  /** Works off the buffer until it is empty or something holds the mechanism. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    while (this.#queue.length > 0 && !this.#stands && this.#printing === undefined) {
      const command = this.#queue[0]!
      this.#running = command
      // Whoever was told of it may have pulled the plug in the meantime.
      if (this.#step(command) && this.#queue[0] === command) {
        this.#queue.shift()
        this.#queuedBytes -= command.bytes
        this.#textAt = 0
      }
      this.#running = undefined
      this.#moved(this.#engine.takeMoved())
    }
    this.#pumping = false
  }

  /** Obeys a command; text line by line. Answers true when it is done with it. */
  #step(command: Command): boolean {
    if (command.name === 'text') {
      this.#textAt = this.#engine.text(command.data, this.#textAt)
      return this.#textAt >= command.data.length
    }
    if (!this.#engine.obey(command)) this.#respond(command)
    return true
  }

  #moved(dots: number): void {
    if (dots === 0) return
    if (this.#linesLeft !== undefined && --this.#linesLeft <= 0) {
      this.#linesLeft = undefined
      this.status.paper = 'out'
      this.#tellStatus()
    }
    if (this.#options.printMsPerLine === 0) return
    const ms = (dots / lineDots) * this.#options.printMsPerLine
    this.#printing = this.#clock.after(ms, () => {
      this.#printing = undefined
      this.#goOn()
    })
  }

  #goOn(): void {
    this.#pump()
    this.#take()
  }

  /** After anything that a hand or a fault has changed. */
  #changed(): void {
    this.#tellStatus()
    this.#goOn()
  }

  #show(): void {
    if (this.#shown === this.#paper.revision) return
    this.#shown = this.#paper.revision
    this.onPaper?.(this.#shown)
  }

  /** Commands of the queue that answer or act instead of printing. */
  #respond(command: Command): void {
    const { name, args, data } = command
    const answer = this.#responder.answer(command, this.status, this.cuts)
    if (name === 'GS ( H' && this.#options.processId)
      remember(this.printedJobs, String.fromCharCode(...data.subarray(2)))
    if (answer !== undefined) this.#answers.send(answer)
    else if (name === 'GS a') {
      this.#asbMask = this.#options.asb ? args[0]! : 0
      if (this.#asbMask !== 0) this.#sendAsb()
    } else if (name === 'ESC p') {
      // An off time shorter than the on time counts as the on time; both are given in steps of 2 ms.
      const [m, on, off] = args as [number, number, number]
      const pin = m % 48 === 0 ? 2 : 5
      this.#drawer.pulse({ pin, onMs: on * 2, offMs: Math.max(on, off) * 2, realTime: false })
    } else if (name === 'ESC B' || name === 'ESC ( A') this.buzzes++
  }

  #realTime({ name, args, offset }: Command): void {
    const [first, second, third] = args
    if (name === 'DLE EOT') {
      if (this.#options.dleEot) this.#answers.send(Uint8Array.of(this.status.dleEot(first!)))
    } else if (name === 'DLE DC4') {
      // Ignored in an error status, as in the Clover TH82 specification p. 20.
      if (this.status.jam !== 'none') return
      const ms = third! * 100
      this.#drawer.pulse({ pin: second === 0 ? 2 : 5, onMs: ms, offMs: ms, realTime: true })
    } else this.#recover(first!, offset)
  }

  /** DLE ENQ: 1 goes on after a recoverable error, 2 does so with empty buffers. */
  #recover(n: number, offset: number): void {
    if (n === 0 || this.status.jam !== 'recoverable') return
    this.status.jam = 'none'
    if (n === 2) {
      this.#queue = this.#queue.filter((command) => command.offset > offset)
      this.#queuedBytes = this.#queue.reduce((sum, command) => sum + command.bytes, 0)
      this.#textAt = 0
      this.#engine.reset()
    }
    this.#tellStatus()
    this.#pump()
  }

  /** Sends automatic status back when one of the groups that the host wants has changed. */
  #tellStatus(): void {
    const now = this.status.asb()
    const changed = PrinterStatus.changed(this.#told, now)
    this.#told = now
    if ((changed & this.#asbMask) !== 0) this.#sendAsb()
  }

  #sendAsb(): void {
    this.#told = this.status.asb()
    this.#answers.send(this.#told)
  }
}

function remember<T>(list: T[], item: T): void {
  list.push(item)
  if (list.length > recordsMax) list.shift()
}

/** A printer with everything on board, less or more what the options say. */
export function createEscposTwin(
  options: Partial<Omit<EscposTwinOptions, 'clock'>> & { clock: DriverClock },
): EscposTwin {
  return new EscposTwin({ ...twinDefaults, ...options })
}
