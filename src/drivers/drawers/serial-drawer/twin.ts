/** The simulated drawer on a serial line: a lock, a spring, and the ways in which such drawers tell that they are open. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverClock } from '../../driver.ts'
import type { TransportFaces } from '../../transports/transport.ts'
import { DrawerTwin } from '../common/twin/drawer-twin.ts'

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

export class SerialDrawerTwin extends DrawerTwin {
  readonly faces: TransportFaces
  /** Times the lock was pulled. */
  kicks = 0
  readonly #kind: 'any' | 'glancetron' | 'acode'
  readonly #springMs: number
  readonly #clock: DriverClock
  #escape = false
  #spring: () => void = () => {}
  #stream: () => void = () => {}

  constructor({ clock, kind = 'any', springMs = 80 }: SerialDrawerTwinOptions) {
    super(clock)
    this.#clock = clock
    this.#kind = kind
    this.#springMs = springMs
    this.faces = {
      modem: {
        lines: () =>
          this.line.silent || !this.line.plugged
            ? Promise.reject(
                new HubError('port_closed', { port: 'twin', reason: 'the lines cannot be read' }),
              )
            : Promise.resolve({ cts: this.open, dsr: this.open, dcd: false }),
      },
    }
  }

  override stop(): void {
    this.#spring()
    this.#stream()
    super.stop()
  }

  protected override powerUp(): void {
    this.#escape = false
    this.#sendStream()
  }

  protected override read(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte)
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
    else if (byte === 0x3a) this.line.say(Uint8Array.of(0x1b, 0x34, this.open ? 0x42 : 0x41))
  }

  #kick(): void {
    this.kicks++
    if (this.stuck) return
    this.#spring()
    this.#spring = this.#clock.after(this.#springMs, () => this.move(true))
  }

  protected override moved(): void {
    this.#sendStream()
  }

  #sendStream(): void {
    this.#stream()
    if (this.#kind !== 'acode' || !this.open) return
    this.line.say(Uint8Array.of(0))
    this.#stream = this.line.after(streamEveryMs, () => this.#sendStream())
  }
}

export function createSerialDrawerTwin(options: SerialDrawerTwinOptions): SerialDrawerTwin {
  return new SerialDrawerTwin(options)
}
