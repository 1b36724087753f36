/** What a serial drawer says, out of bytes. Pure. */

/** Finds fixed answers in a stream of bytes; keeps no more than the longest of them. */
export class AnswerFinder {
  readonly #answers: readonly { bytes: readonly number[]; open: boolean }[]
  readonly #tailMax: number
  #tail: number[] = []

  constructor(answers: { open: readonly number[]; closed: readonly number[] }) {
    this.#answers = [
      { bytes: answers.open, open: true },
      { bytes: answers.closed, open: false },
    ]
    this.#tailMax = Math.max(answers.open.length, answers.closed.length)
  }

  /** The states told by these bytes, in order. */
  push(bytes: Uint8Array): boolean[] {
    const told: boolean[] = []
    for (const byte of bytes) {
      this.#tail.push(byte)
      if (this.#tail.length > this.#tailMax) this.#tail.shift()
      const answer = this.#answers.find(({ bytes: wanted }) => this.#endsWith(wanted))
      if (answer === undefined) continue
      told.push(answer.open)
      this.#tail = []
    }
    return told
  }

  /** Forgets the beginning of an answer. */
  reset(): void {
    this.#tail = []
  }

  #endsWith(wanted: readonly number[]): boolean {
    const from = this.#tail.length - wanted.length
    return from >= 0 && wanted.every((byte, index) => this.#tail[from + index] === byte)
  }
}
