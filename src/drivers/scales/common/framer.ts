/** Cuts the answers of a scale out of a byte stream when they have more than one shape: control bytes, frames, lines. */

/** What a line needs of a framer; `EnclosedFramer` is one. */
export interface Framer {
  /** Complete frames, in order. */
  push(chunk: Uint8Array): Uint8Array[]
  /** True when bytes of a frame have come that has not ended. */
  readonly inFrame: boolean
  /** Forgets a frame that has begun. */
  reset(): void
  /** Nothing marks the start of a frame, so the tail of one looks like a whole: `10.500kg` begun too late is `0.500kg`. */
  readonly startless?: boolean
}

/**
 * Looks at bytes from where a frame may begin: how long the frame is, `more` when it cannot be told yet, `none` when no frame
 * begins here. Total, and without a memory of its own.
 */
export type Recogniser = (bytes: readonly number[]) => number | 'more' | 'none'

export interface AnswerFramerOptions {
  recognise: Recogniser
  /** Longest frame in bytes, all of it. Of a longer one the first byte is dropped and the search goes on. */
  frameBytesMax: number
  /** Bits that are looked at: 0x7F where a parity bit may ride on bit 7. Frames keep all bits. Default 0xFF. */
  mask?: number
  /** See `Framer`. Default false. */
  startless?: boolean
}

export class AnswerFramer implements Framer {
  readonly startless: boolean
  readonly #options: AnswerFramerOptions
  readonly #mask: number
  #bytes: number[] = []

  constructor(options: AnswerFramerOptions) {
    this.#options = options
    this.#mask = options.mask ?? 0xff
    this.startless = options.startless ?? false
  }

  get inFrame(): boolean {
    return this.#bytes.length > 0
  }

  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    for (const byte of chunk) {
      this.#bytes.push(byte)
      for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame)
    }
    return frames
  }

  reset(): void {
    this.#bytes = []
  }

  /** The frame at the front, once bytes that begin none are gone. */
  #next(): Uint8Array | undefined {
    while (this.#bytes.length > 0) {
      const seen = this.#bytes.map((byte) => byte & this.#mask)
      const found = this.#options.recognise(seen)
      if (typeof found === 'number' && found >= 1 && found <= this.#bytes.length) {
        return Uint8Array.from(this.#bytes.splice(0, found))
      }
      if (found === 'more' && this.#bytes.length < this.#options.frameBytesMax) return undefined
      this.#bytes.shift()
    }
    return undefined
  }
}

/** One byte that is an answer by itself: ACK, NAK, CAN. */
export function single(...answers: readonly number[]): Recogniser {
  return ([first]) => (first !== undefined && answers.includes(first) ? 1 : 'none')
}

/** From `start` to the first `end`, and `trailerBytes` more (a check byte, which may have any value). */
export function enclosed(start: number, end: number, trailerBytes = 0): Recogniser {
  return (bytes) => {
    if (bytes[0] !== start) return 'none'
    const at = bytes.indexOf(end, 1)
    return at < 0 || bytes.length < at + 1 + trailerBytes ? 'more' : at + 1 + trailerBytes
  }
}

/** A frame of fixed length with these bytes at these places; undefined stands for any byte. */
export function fixed(shape: readonly (number | undefined)[]): Recogniser {
  return (bytes) => {
    for (let at = 0; at < shape.length; at++) {
      if (at === bytes.length) return 'more'
      if (shape[at] !== undefined && shape[at] !== bytes[at]) return 'none'
    }
    return shape.length
  }
}

/** Anything up to and with `end` (LF, CR); an end alone is none, nor does a line begin with one of `not`. */
export function textLine(end: number, not: readonly number[] = []): Recogniser {
  return (bytes) => {
    const [first] = bytes
    if (first === undefined || first === end || not.includes(first)) return 'none'
    const at = bytes.indexOf(end)
    return at < 0 ? 'more' : at + 1
  }
}

/** The first that finds a frame; else `more` while any still may. */
export function either(...recognisers: readonly Recogniser[]): Recogniser {
  return (bytes) => {
    let result: 'more' | 'none' = 'none'
    for (const recognise of recognisers) {
      const found = recognise(bytes)
      if (typeof found === 'number') return found
      if (found === 'more') result = 'more'
    }
    return result
  }
}
