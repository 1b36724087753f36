/** A simulated pole: a wire, a parser of one language, and the glass that shows what the bytes say. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { TwinLine } from '../../../twin-line.ts'
import { GlassScreen } from './screen.ts'

export interface PoleTwinOptions {
  clock: DriverClock
  columns?: number
  rows?: number
  /** How bytes 80h and up look: a label of the Encoding Standard. Default Latin 1. */
  encoding?: string
}

/** Takes one byte; keeps what it needs of the bytes before. */
export type PoleParser = (byte: number) => void

/** Longest unfinished command or line that a parser keeps, in bytes: real displays have buffers of a few lines. */
export const keptBytesMax = 256

export class PoleTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  readonly screen: GlassScreen
  /** Every byte it was sent, for tests. */
  readonly received: number[] = []
  readonly #line: TwinLine
  readonly #createParser: (screen: GlassScreen, say: (bytes: Uint8Array) => void) => PoleParser
  #parse: PoleParser

  constructor(
    options: PoleTwinOptions,
    createParser: (screen: GlassScreen, say: (bytes: Uint8Array) => void) => PoleParser,
  ) {
    const { clock, columns = 20, rows = 2, encoding } = options
    this.screen = new GlassScreen({ columns, rows }, encoding)
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => this.#take(bytes),
      onAttach: () => this.#restart(),
      onPlug: (on) => this.onPlug?.(on),
    })
    this.#createParser = createParser
    this.#parse = this.#newParser()
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.#line.order(order)) return
    throw new HubError('params_invalid', { path: 'order.order', reason: `a display cannot ${order.order}` })
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return { svg: this.screen.svg(), revision: this.screen.revision, drawerOpen: false }
  }

  stop(): void {
    this.#line.stop()
  }

  #newParser(): PoleParser {
    return this.#createParser(this.screen, (bytes) => this.#line.say(bytes))
  }

  /** Half a command from before the cable was pulled is forgotten. */
  #restart(): void {
    this.#parse = this.#newParser()
  }

  #take(bytes: Uint8Array): void {
    const before = this.screen.revision
    for (const byte of bytes) {
      if (this.received.length < 64 * 1024) this.received.push(byte)
      this.#parse(byte)
    }
    if (this.screen.revision !== before) this.onPaper?.(this.screen.revision)
  }
}

/**
 * A parser of commands that begin with a control character. `lengthOf` tells from the bytes so far how many a command has in
 * all, `undefined` when more are needed to tell (a line that runs to its CR); `run` obeys it. Anything else is text.
 */
export function commandParser(options: {
  starts: (byte: number) => boolean
  lengthOf: (command: readonly number[]) => number | undefined
  run: (command: readonly number[]) => void
  text: (byte: number) => void
}): PoleParser {
  let command: number[] = []
  return (byte) => {
    if (command.length === 0 && !options.starts(byte)) {
      options.text(byte)
      return
    }
    command.push(byte)
    const length = options.lengthOf(command)
    if (length !== undefined ? command.length >= length : command.length >= keptBytesMax) {
      const whole = command
      command = []
      options.run(whole)
    }
  }
}

/** For `lengthOf`: a command that ends with a byte (CR, ETB). */
export function until(end: number, command: readonly number[], from: number): number | undefined {
  return command.length > from && command.at(-1) === end ? command.length : undefined
}
