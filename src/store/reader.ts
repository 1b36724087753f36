/** A second, read-only thread on a database, for reads that take long: it starts when it is needed and ends when it is not. */
import type { Channel, ChannelEvents } from './channel.ts'
import type { Operations } from './engine.ts'
import { Handle, type IdleClock } from './handle.ts'

export const readerLimits = {
  /** Time without a question after which the thread ends. */
  idleMs: 60_000,
} as const

export class Reader {
  readonly #openChannel: (events: ChannelEvents) => Promise<Channel>
  readonly #clock: IdleClock
  #opening: Promise<Handle<Operations>> | undefined
  #ending: Promise<unknown> = Promise.resolve()
  #open = 0
  #cancelEnd: (() => void) | undefined

  constructor(openChannel: (events: ChannelEvents) => Promise<Channel>, clock: IdleClock) {
    this.#openChannel = openChannel
    this.#clock = clock
  }

  /** Runs a read in the thread. Rejects as the read does, or when the thread cannot be had; the next one tries again. */
  async ask(name: string, args: readonly unknown[]): Promise<unknown> {
    this.#open++
    this.#cancelEnd?.()
    this.#cancelEnd = undefined
    try {
      this.#opening ??= this.#begin()
      const handle = await this.#opening
      return await handle.read(name, ...(args as never[]))
    } finally {
      this.#open--
      if (this.#open === 0 && this.#opening !== undefined) {
        this.#cancelEnd = this.#clock.after(readerLimits.idleMs, () => this.#end())
      }
    }
  }

  /** Answers what was asked and ends the thread. */
  async close(): Promise<void> {
    this.#end()
    await this.#ending
  }

  async #begin(): Promise<Handle<Operations>> {
    // What the disk or the thread did to one question, the next one meets with a new thread.
    const handle = new Handle<Operations>({ onFailure: () => this.#end() })
    try {
      await handle.open(this.#openChannel)
      return handle
    } catch (error) {
      this.#opening = undefined
      throw error
    }
  }

  #end(): void {
    this.#cancelEnd?.()
    this.#cancelEnd = undefined
    const ended = this.#opening?.then(
      (handle) => handle.close(),
      () => {},
    )
    this.#opening = undefined
    this.#ending = Promise.all([this.#ending, ended])
  }
}
