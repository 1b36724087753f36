/** Frames between a start and an end byte (STX … ETX, STX … CR): cuts them out of a byte stream, up to a size limit. */

export interface EnclosedOptions {
  start: number
  end: number
  /** Longest frame without its start and end, in bytes. A longer one is dropped and counted. */
  frameBytesMax: number
  /** Bits that count when start and end are compared: 0x7F where a parity bit may ride on bit 7. Default 0xFF. */
  mask?: number
}

export class EnclosedFramer {
  readonly #start: number
  readonly #end: number
  readonly #frameBytesMax: number
  readonly #mask: number
  #frame: number[] | undefined
  /** Frames dropped because they were longer than `frameBytesMax`, or cut off by the start of the next. */
  broken = 0

  constructor(options: EnclosedOptions) {
    this.#start = options.start
    this.#end = options.end
    this.#frameBytesMax = options.frameBytesMax
    this.#mask = options.mask ?? 0xff
  }

  /** True between a start and its end. */
  get inFrame(): boolean {
    return this.#frame !== undefined
  }

  /** Complete frames as they came, without start and end. Bytes outside a frame are dropped. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (const byte of chunk) {
      const value = byte & this.#mask
      if (value === this.#start) {
        // A start inside a frame: the frame before it was cut off, and this one is whole.
        if (this.#frame !== undefined) this.broken++
        this.#frame = []
      } else if (this.#frame === undefined) continue
      else if (value === this.#end) {
        frames.push(Uint8Array.from(this.#frame))
        this.#frame = undefined
      } else if (this.#frame.length === this.#frameBytesMax) {
        this.broken++
        this.#frame = undefined
      } else this.#frame.push(byte)
    }
    return frames
  }

  /** Forgets a frame that has begun. */
  reset(): void {
    this.#frame = undefined
  }
}
