/** The device's end of a wire: a node of a gadget function, read without blocking. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import type { TwinWire } from '../../src/drivers/driver.ts'

/** These nodes cannot be waited for from Node, so they are looked at. */
const pollMs = 5

export class DeviceEnd implements TwinWire {
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  readonly #latestOnly: boolean
  readonly #buffer = Buffer.alloc(16 * 1024)
  #listener: ((bytes: Uint8Array) => void) | undefined
  #out: Buffer[] = []
  #closed = false
  #paused = false
  #held = false

  constructor(node: string, { latestOnly = false }: { latestOnly?: boolean } = {}) {
    this.#fd = openSync(node, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY)
    this.#latestOnly = latestOnly
    this.#timer = setInterval(() => this.#look(), pollMs)
  }

  /** Bytes that the host has not fetched. */
  get unsent(): number {
    return this.#out.reduce((sum, piece) => sum + piece.length, 0)
  }

  write(bytes: Uint8Array): void {
    if (this.#latestOnly) this.#out = []
    this.#out.push(Buffer.from(bytes))
    this.#send()
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener
  }

  /** The twin's own wish, as its buffer fills and empties. */
  pause(on: boolean): void {
    this.#paused = on
  }

  /** Takes no more bytes whatever the twin wants, as a printer that hangs. */
  hold(on: boolean): void {
    this.#held = on
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    closeSync(this.#fd)
  }

  #look(): void {
    this.#send()
    this.#receive()
  }

  #send(): void {
    try {
      for (let piece = this.#out[0]; piece !== undefined && !this.#closed; piece = this.#out[0]) {
        const count = writeSync(this.#fd, piece)
        if (count < piece.length) this.#out[0] = piece.subarray(count)
        else this.#out.shift()
      }
    } catch (error) {
      // EAGAIN: the host has not fetched what went before. All else is a cable that is out, which is noticed elsewhere.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#out = []
    }
  }

  #receive(): void {
    try {
      while (!this.#paused && !this.#held && !this.#closed) {
        const count = readSync(this.#fd, this.#buffer)
        if (count === 0) return
        this.#listener?.(new Uint8Array(this.#buffer.subarray(0, count)))
      }
    } catch {
      // Nothing there now, or the cable is out.
    }
  }
}
