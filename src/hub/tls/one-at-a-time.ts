/** Work that must not overlap: one after the other, none after the end. */

export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()
  #stopped = false

  get stopped(): boolean {
    return this.#stopped
  }

  /** Runs it after what was asked for before; undefined when it did not run because of the end. */
  do<T>(work: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#last.then(() => (this.#stopped ? undefined : work()))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** Settles when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#last
  }
}
