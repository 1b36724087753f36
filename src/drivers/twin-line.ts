/** The wire of a twin with everything that can happen to a wire: plugging, silence, and what bad cables do to answers. */
import type { DemoOrder } from '../protocol/methods.ts'
import type { DriverClock, TwinWire } from './driver.ts'

export interface TwinLineOptions {
  clock: DriverClock
  /** Bytes from the hub. */
  onBytes(bytes: Uint8Array): void
  /** A wire was plugged in: power is up, or the cable is back. */
  onAttach?(): void
  /** Told when an order plugged the device in or out. */
  onPlug?(on: boolean): void
}

/** How late a slow device answers: longer than any driver waits for a weight or a status. */
export const slowMs = 5_000

type Fault = Extract<DemoOrder, { order: 'fault' }>['fault']

export class TwinLine {
  readonly #options: TwinLineOptions
  readonly #timers = new Set<() => void>()
  #wire: TwinWire | undefined
  #plugged = true
  #silent = false
  #fault: Fault = 'none'

  constructor(options: TwinLineOptions) {
    this.#options = options
  }

  get plugged(): boolean {
    return this.#plugged
  }

  get silent(): boolean {
    return this.#silent
  }

  attach(wire: TwinWire): void {
    this.#cancelTimers()
    this.#wire = wire
    this.#plugged = true
    wire.onBytes((bytes) => {
      if (this.#wire !== wire) return
      if (this.#fault === 'drop') {
        this.#wire = undefined
        wire.close()
      } else this.#options.onBytes(bytes)
    })
    this.#options.onAttach?.()
  }

  /** Obeys `plug`, `silent` and `fault`; false for an order that is the twin's own to obey or refuse. */
  order(order: DemoOrder): boolean {
    switch (order.order) {
      case 'plug':
        this.#plug(order.on)
        return true
      case 'silent':
        this.#silent = order.on
        return true
      case 'fault':
        this.#fault = order.fault
        return true
      default:
        return false
    }
  }

  /** Says something, as far as the present faults let it through. Nothing on a wire that is gone. */
  say(bytes: Uint8Array): void {
    const wire = this.#wire
    if (wire === undefined || this.#silent || bytes.length === 0) return
    switch (this.#fault) {
      case 'garble':
        wire.write(bytes.map((byte, index) => (index % 2 === 0 ? byte ^ 0x55 : byte)))
        return
      case 'half_answer':
        wire.write(bytes.slice(0, Math.floor(bytes.length / 2)))
        return
      case 'slow':
        this.after(slowMs, () => wire.write(bytes))
        return
      default:
        wire.write(bytes)
    }
  }

  /** A timer that ends with the wire. */
  after(ms: number, callback: () => void): () => void {
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel)
      callback()
    })
    this.#timers.add(cancel)
    return () => {
      this.#timers.delete(cancel)
      cancel()
    }
  }

  stop(): void {
    this.#cancelTimers()
    this.#wire = undefined
  }

  #plug(on: boolean): void {
    if (on === this.#plugged) return
    this.#plugged = on
    if (!on) {
      this.#cancelTimers()
      const wire = this.#wire
      this.#wire = undefined
      wire?.close()
    }
    this.#options.onPlug?.(on)
  }

  #cancelTimers(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
