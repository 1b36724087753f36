/** The cash drawer that hangs on the twin: pulses open it, a hand or time shuts it. */
import type { DriverClock } from '../../../driver.ts'

export interface Pulse {
  readonly pin: 2 | 5
  readonly onMs: number
  readonly offMs: number
  /** Sent as DLE DC4, past the queue. */
  readonly realTime: boolean
}

export interface DrawerOptions {
  readonly clock: DriverClock
  readonly drawer: boolean
  readonly drawerClosesAfterMs?: number
}

/** Pulses that are remembered, the newest. */
const pulsesMax = 1_000

export class Drawer {
  open = false
  readonly pulses: Pulse[] = []
  readonly #options: DrawerOptions
  readonly #moved: () => void
  #closing: (() => void) | undefined

  /** `moved` is called after each opening and closing. */
  constructor(options: DrawerOptions, moved: () => void) {
    this.#options = options
    this.#moved = moved
  }

  /** The drawer hangs on pin 2; a pulse on pin 5 goes nowhere. */
  pulse(pulse: Pulse): void {
    this.pulses.push(pulse)
    if (this.pulses.length > pulsesMax) this.pulses.shift()
    if (this.#options.drawer && pulse.pin === 2) this.move(true)
  }

  move(open: boolean): void {
    if (open === this.open) return
    this.open = open
    this.stop()
    const { clock, drawerClosesAfterMs } = this.#options
    if (open && drawerClosesAfterMs !== undefined)
      this.#closing = clock.after(drawerClosesAfterMs, () => this.move(false))
    this.#moved()
  }

  stop(): void {
    this.#closing?.()
    this.#closing = undefined
  }
}
