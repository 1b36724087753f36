/** The line to a scale: one question at a time, answered only by bytes that came after it. */
import type { DriverClock } from '../../driver.ts'
import type { Transport } from '../../transports/transport.ts'
import type { Framer } from './framer.ts'

export const lineLimits = {
  /** An answer that stops for longer than this, in ms, has lost its end. */
  interByteMsMax: 200,
} as const

/** `silent`: no byte of an answer came in time. `cut`: it began and did not end. */
export type Reply<A> = A | { kind: 'silent' } | { kind: 'cut' }

/** How bytes become answers. */
export interface Ear<A> {
  framer: Framer
  /** Reads a frame; undefined: it is no answer, so the wait goes on. Total. */
  parse(frame: Uint8Array): A | undefined
}

export interface AskOptions<A> {
  /** How long the answer may take, in ms, to its end. */
  msMax: number
  signal?: AbortSignal | undefined
  /** Hears this question in place of the line's own ear; with a framer of its own. */
  ear?: Ear<A>
}

export interface HearOptions {
  msMax: number
  signal?: AbortSignal | undefined
  /** A frame that begins sooner than this, in ms, may have waited in an adapter: it is not taken. */
  latencyMs?: number
}

export interface LineOptions<A> {
  transport: Transport
  clock: DriverClock
  ear: Ear<A>
  /**
   * Every frame of the line's own ear, before a question gets it. True: it was not meant for a question (a label on the same
   * cable). With it, a frame that has begun when a question is sent is kept and heard to its end.
   */
  overhear?: ((frame: Uint8Array) => boolean) | undefined
}

interface Wait {
  feed: (bytes: Uint8Array) => void
  fail: (error: unknown) => void
}

/** A frame and the place of its first byte: how many bytes had come before it, and when it came. */
interface Heard {
  frame: Uint8Array
  place: number
  at: number
}

/** What one wait looks for. */
interface Search<T> {
  ear: Ear<T> | undefined
  msMax: number
  signal: AbortSignal | undefined
  /** First time at which a frame may begin, by the monotonic clock. */
  notBefore: number
}

export class Line<A extends { kind: string }> {
  readonly #options: LineOptions<A>
  #wait: Wait | undefined
  #onFrame: ((heard: Heard) => void) | undefined
  #over: Error | undefined
  #bytes = 0
  /** When the last byte came in. */
  #heardAt = Number.NEGATIVE_INFINITY
  #begun = { place: 0, at: 0 }

  constructor(options: LineOptions<A>) {
    this.#options = options
  }

  start(): void {
    const { transport } = this.#options
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(() =>
      // A write to a closed transport answers with the error that says why it is closed.
      transport.write(new Uint8Array(0)).catch((error: unknown) => this.#wait?.fail(error)),
    )
  }

  /** Ends the question under way with this error; from here on nothing is sent. */
  stop(error: Error): void {
    this.#over ??= error
    this.#wait?.fail(error)
  }

  /**
   * Sends a request and waits for one answer that began after it; what came before is dropped. Throws what the transport
   * throws, or what `stop` was given. An abort counts as silence.
   */
  ask<T extends { kind: string } = A>(request: Uint8Array, options: AskOptions<T>): Promise<Reply<T>> {
    if (this.#options.overhear === undefined && !this.#isInLine) this.#options.ear.framer.reset()
    const { ear, msMax, signal } = options
    return this.#exchange<T>(request, { ear, msMax, signal, notBefore: Number.NEGATIVE_INFINITY })
  }

  /** Sends nothing and waits for the next frame that begins after now: for scales that send all the time. */
  hear({ msMax, signal, latencyMs = 0 }: HearOptions): Promise<Reply<A>> {
    const notBefore = this.#options.clock.monotonic() + latencyMs
    return this.#exchange<A>(undefined, { ear: undefined, msMax, signal, notBefore })
  }

  /** Sends without waiting; a failure shows as a closed transport. */
  send(bytes: Uint8Array): void {
    if (this.#over === undefined) this.#options.transport.write(bytes).catch(() => {})
  }

  /** The tail of a frame is on its way, and would be taken for a whole one if its beginning were forgotten now. */
  get #isInLine(): boolean {
    const { ear, clock } = this.#options
    const isFresh = clock.monotonic() - this.#heardAt < lineLimits.interByteMsMax
    return ear.framer.startless === true && ear.framer.inFrame && isFresh
  }

  /** Byte by byte, so that it is known where each frame began. */
  #take(bytes: Uint8Array): void {
    const { ear, overhear, clock } = this.#options
    this.#heardAt = clock.monotonic()
    for (const byte of bytes) {
      if (!ear.framer.inFrame) this.#begun = { place: this.#bytes, at: clock.monotonic() }
      this.#bytes++
      for (const frame of ear.framer.push(Uint8Array.of(byte))) {
        if (overhear?.(frame) === true) continue
        this.#onFrame?.({ frame, ...this.#begun })
      }
    }
    this.#wait?.feed(bytes)
  }

  async #exchange<T extends { kind: string }>(
    request: Uint8Array | undefined,
    search: Search<T>,
  ): Promise<Reply<T>> {
    if (this.#over !== undefined) throw this.#over
    if (search.signal?.aborted === true) return { kind: 'silent' }
    const { transport, clock } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<Reply<T>>()
    const framer = search.ear?.framer ?? this.#options.ear.framer
    const from = this.#bytes
    const answer = (frame: Uint8Array) => {
      const ear = search.ear ?? (this.#options.ear as unknown as Ear<T>)
      const read = ear.parse(frame)
      if (read !== undefined) resolve(read)
    }
    const end = () => resolve({ kind: request !== undefined && framer.inFrame ? 'cut' : 'silent' })
    const abort = () => resolve({ kind: 'silent' })
    let cancelCut = () => {}
    const cancelEnd = clock.after(search.msMax, end)
    const wait: Wait = {
      feed: (bytes) => {
        if (search.ear !== undefined) for (const frame of search.ear.framer.push(bytes)) answer(frame)
        cancelCut()
        if (request !== undefined && framer.inFrame)
          cancelCut = clock.after(lineLimits.interByteMsMax, () => resolve({ kind: 'cut' }))
      },
      fail: reject,
    }
    this.#wait = wait
    this.#onFrame =
      search.ear === undefined
        ? ({ frame, place, at }) => {
            if (place >= from && at >= search.notBefore) answer(frame)
          }
        : undefined
    search.signal?.addEventListener('abort', abort, { once: true })
    if (request !== undefined) transport.write(request).catch(reject)
    try {
      return await promise
    } finally {
      cancelEnd()
      cancelCut()
      search.signal?.removeEventListener('abort', abort)
      if (this.#wait === wait) {
        this.#wait = undefined
        this.#onFrame = undefined
      }
    }
  }
}
