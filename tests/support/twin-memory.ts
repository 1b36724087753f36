/** A twin's wire in memory, with the host's end in the test's hand. */
import type { TwinWire } from '../../src/drivers/driver.ts'

/** The host's end of a wire in memory: what it sends arrives at once. */
export class MemoryWire implements TwinWire {
  readonly answers: number[] = []
  closed = false
  paused = false
  onAnswer: ((bytes: Uint8Array) => void) | undefined
  #listener: ((bytes: Uint8Array) => void) | undefined

  write(bytes: Uint8Array): void {
    this.answers.push(...bytes)
    this.onAnswer?.(bytes)
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener
  }

  close(): void {
    this.closed = true
  }

  pause(on: boolean): void {
    this.paused = on
  }

  send(bytes: Uint8Array): void {
    if (!this.closed) this.#listener?.(bytes)
  }

  /** What was answered since it was last asked, in hex. */
  take(): string {
    return Buffer.from(this.answers.splice(0)).toString('hex')
  }
}
