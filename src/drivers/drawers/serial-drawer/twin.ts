/** The simulated drawer on a serial line: a lock, a spring, and the ways in which such drawers tell that they are open. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import type { TransportFaces } from '../../transports/transport.ts'
import { TwinLine } from '../../twin-line.ts'
import { drawerSvg } from '../common/twin/picture.ts'

export interface SerialDrawerTwinOptions {
  clock: DriverClock
  /**
   * `any`: any character opens it, and CTS and DSR are on while it is open. `glancetron`: ESC 4 opens, ESC : asks.
   * `acode`: BEL opens, and 00 is sent every 300 ms while it is open.
   */
  kind?: 'any' | 'glancetron' | 'acode'
  /** Time from the command to the open drawer, in ms. */
  springMs?: number
}

const streamEveryMs = 300

export class SerialDrawerTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  readonly faces: TransportFaces
  /** Held shut by whatever: the command does nothing. */
  stuck = false
  /** Times the lock was pulled. */
  kicks = 0
  readonly #kind: 'any' | 'glancetron' | 'acode'
  readonly #springMs: number
  readonly #clock: DriverClock
  readonly #line: TwinLine
  #open = false
  #revision = 0
  #escape = false
  #spring: () => void = () => {}
  #stream: () => void = () => {}

  constructor({ clock, kind = 'any', springMs = 80 }: SerialDrawerTwinOptions) {
    this.#clock = clock
    this.#kind = kind
    this.#springMs = springMs
    this.faces = {
      modem: {
        lines: () =>
          this.#line.silent || !this.#line.plugged
            ? Promise.reject(
                new HubError('port_closed', { port: 'twin', reason: 'the lines cannot be read' }),
              )
            : Promise.resolve({ cts: this.#open, dsr: this.#open, dcd: false }),
      },
    }
    this.#line = new TwinLine({
      clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.#take(byte)
      },
      onAttach: () => {
        this.#escape = false
        this.#sendStream()
      },
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  get open(): boolean {
    return this.#open
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (order.order === 'drawer') this.#move(order.open)
    else if (!this.#line.order(order))
      throw new HubError('params_invalid', { path: 'order.order', reason: `a drawer cannot ${order.order}` })
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return { svg: drawerSvg(this.#open), revision: this.#revision, drawerOpen: this.#open }
  }

  stop(): void {
    this.#spring()
    this.#stream()
    this.#line.stop()
  }

  #take(byte: number): void {
    if (this.#kind !== 'glancetron') {
      if (this.#kind === 'any' || byte === 0x07) this.#kick()
      return
    }
    if (!this.#escape) {
      this.#escape = byte === 0x1b
      return
    }
    this.#escape = false
    if (byte === 0x34) this.#kick()
    else if (byte === 0x3a) this.#line.say(Uint8Array.of(0x1b, 0x34, this.#open ? 0x42 : 0x41))
  }

  #kick(): void {
    this.kicks++
    if (this.stuck) return
    this.#spring()
    this.#spring = this.#clock.after(this.#springMs, () => this.#move(true))
  }

  #move(open: boolean): void {
    if (open === this.#open) return
    this.#open = open
    this.#revision++
    this.onPaper?.(this.#revision)
    this.#sendStream()
  }

  #sendStream(): void {
    this.#stream()
    if (this.#kind !== 'acode' || !this.#open) return
    this.#line.say(Uint8Array.of(0))
    this.#stream = this.#line.after(streamEveryMs, () => this.#sendStream())
  }
}

export function createSerialDrawerTwin(options: SerialDrawerTwinOptions): SerialDrawerTwin {
  return new SerialDrawerTwin(options)
}
