/** Frames that end with a delimiter: cuts a byte stream into them, however it is chunked, up to a size limit. */

export const delimiterBytesMax = 2

export interface DelimiterOptions {
  /** Each 1 to `delimiterBytesMax` bytes. One may begin another (CR and CR LF): the longer one is swallowed whole. */
  delimiters: readonly (readonly number[])[]
  /** Longest frame without its delimiter, in bytes. A longer one is dropped whole and counted. */
  frameBytesMax: number
}

/** Empty frames are no frames: CR LF CR LF ends one frame, not three. */
export class DelimiterFramer {
  readonly #delimiters: readonly (readonly number[])[]
  readonly #frameBytesMax: number
  readonly #buffer: Uint8Array
  #length = 0
  #skipping = false
  /** What may still come of a longer delimiter after the shorter one ended the frame. */
  #tails: readonly number[] = []
  /** Frames dropped because they were longer than `frameBytesMax`. */
  overflows = 0

  constructor(options: DelimiterOptions) {
    // The longest first, so that CR LF is not taken for LF after a frame that ends in CR.
    this.#delimiters = [...options.delimiters].sort((a, b) => b.length - a.length)
    this.#frameBytesMax = options.frameBytesMax
    this.#buffer = new Uint8Array(options.frameBytesMax + delimiterBytesMax)
  }

  /** Bytes of a frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#length
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (const byte of chunk) {
      if (this.#isTail(byte)) continue
      this.#append(byte)
      const delimiter = this.#delimiters.find((candidate) => this.#endsWith(candidate))
      if (delimiter !== undefined) this.#finish(delimiter, frames)
    }
    return frames
  }

  /** Ends the frame that has begun, for a device that sends no delimiter. */
  flush(): Uint8Array | undefined {
    return this.#take(this.#length)
  }

  #isTail(byte: number): boolean {
    const tails = this.#tails
    this.#tails = []
    return tails.includes(byte)
  }

  #append(byte: number): void {
    if (this.#length === this.#buffer.length) {
      // Too long for sure: keep only what may be the beginning of a delimiter.
      this.#skipping = true
      this.#buffer.copyWithin(0, this.#length - (delimiterBytesMax - 1), this.#length)
      this.#length = delimiterBytesMax - 1
    }
    this.#buffer[this.#length++] = byte
  }

  #endsWith(delimiter: readonly number[]): boolean {
    const start = this.#length - delimiter.length
    return start >= 0 && delimiter.every((byte, index) => this.#buffer[start + index] === byte)
  }

  #finish(delimiter: readonly number[], frames: Uint8Array[]): void {
    const frame = this.#take(this.#length - delimiter.length)
    if (frame !== undefined) frames.push(frame)
    this.#tails = this.#delimiters
      .filter(
        (longer) =>
          longer.length > delimiter.length && delimiter.every((byte, index) => longer[index] === byte),
      )
      .map((longer) => longer[delimiter.length] as number)
  }

  #take(length: number): Uint8Array | undefined {
    const tooLong = this.#skipping || length > this.#frameBytesMax
    this.#length = 0
    this.#skipping = false
    if (tooLong) {
      this.overflows++
      return undefined
    }
    return length === 0 ? undefined : this.#buffer.slice(0, length)
  }
}
