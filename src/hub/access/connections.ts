/** Which paired clients are connected, as the doors tell; who comes and goes is told on, but not for every blink. */
import type { Clock } from '../clock.ts'

export const connectionLimits = {
  /** That clients came or went is told at most so often. */
  tellEveryMs: 1_000,
} as const

export class Connections {
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #open = new Map<string, number>()
  #toldAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(tools: {
    clock: Clock
    /** A client has its first connection, or none any more. */
    changed: () => void
  }) {
    this.#clock = tools.clock
    this.#changed = tools.changed
  }

  /** A client has one more connection, until the answer is called. */
  opened(client: string): () => void {
    const before = this.of(client)
    this.#open.set(client, before + 1)
    if (before === 0) this.#tell()
    let open = true
    return () => {
      if (!open) return
      open = false
      const left = this.of(client) - 1
      if (left > 0) this.#open.set(client, left)
      else {
        this.#open.delete(client)
        this.#tell()
      }
    }
  }

  /** How many connections of a client are open. */
  of(client: string): number {
    return this.#open.get(client) ?? 0
  }

  /** What closes from here on closes because the hub stops. */
  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #tell(): void {
    if (this.#stopped || this.#cancel !== undefined) return
    const now = this.#clock.monotonic()
    const ms = this.#toldAt + connectionLimits.tellEveryMs - now
    if (ms <= 0) {
      this.#toldAt = now
      this.#changed()
      return
    }
    this.#cancel = this.#clock.after(ms, () => {
      this.#cancel = undefined
      this.#toldAt = this.#clock.monotonic()
      this.#changed()
    })
  }
}
