/** The twin's way back to the host: what it answers, and what faults do to it. */
import type { DriverClock, TwinWire } from '../../../driver.ts'

const garbleMask = 0xa5

export class Answers {
  /** Says nothing. */
  silent = false
  /** Answers with other bytes, none of which is valid in its place. */
  garble = false
  /** Sends only the first half of each answer; nothing of one that has a single byte. */
  half = false
  /** Time each answer takes, in ms. */
  slowMs = 0
  #wire: TwinWire | undefined
  #waiting: Uint8Array[] = []
  #cancel: (() => void) | undefined
  readonly #clock: DriverClock

  constructor(clock: DriverClock) {
    this.#clock = clock
  }

  /** Answers that have not left go with the wire before. */
  attach(wire: TwinWire | undefined): void {
    this.#wire = wire
    this.#cancel?.()
    this.#cancel = undefined
    this.#waiting = []
  }

  send(bytes: Uint8Array): void {
    if (this.silent || this.#wire === undefined) return
    const whole = this.garble ? bytes.map((byte) => byte ^ garbleMask) : bytes
    const sent = this.half ? whole.subarray(0, whole.length >> 1) : whole
    if (sent.length === 0) return
    if (this.slowMs === 0 && this.#waiting.length === 0) {
      this.#wire.write(sent)
      return
    }
    this.#waiting.push(sent)
    if (this.#waiting.length === 1) this.#later()
  }

  #later(): void {
    this.#cancel = this.#clock.after(this.slowMs, () => {
      const next = this.#waiting.shift()
      if (next !== undefined) this.#wire?.write(next)
      if (this.#waiting.length > 0) this.#later()
    })
  }
}
