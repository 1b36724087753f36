/**
 * What is still to be told to the broker. Of a state only the latest counts, however long the broker is away; of what happened a
 * bounded number is kept, the oldest goes first. A broker that is slow, or holds its answers back, costs no more memory than that.
 */

export const outgoingLimits = {
  /** Messages on their way that the broker has not confirmed. */
  inFlightMax: 200,
  /** Happenings that wait. */
  waitingMax: 1_000,
} as const

export interface Message {
  topic: string
  payload: string
  retain: boolean
  /** Of MQTT 5; left out for a broker that speaks an older one. */
  correlation?: Buffer
}

type Send = (message: Message) => Promise<void>

export class Outgoing {
  readonly #send: Send
  /** Topic to its newest text; those that the broker has not got. */
  readonly #states = new Map<string, string>()
  readonly #happenings: Message[] = []
  #inFlight = 0
  #open = false
  dropped = 0

  /** `send` settles when the broker has confirmed it, and rejects when nobody knows. */
  constructor(send: Send) {
    this.#send = send
  }

  get waiting(): number {
    return this.#states.size + this.#happenings.length
  }

  open(): void {
    this.#open = true
    this.#pump()
  }

  /** The broker is away: what is told meanwhile waits. */
  close(): void {
    this.#open = false
  }

  state(topic: string, payload: string): void {
    this.#states.set(topic, payload)
    this.#pump()
  }

  happening(message: Message): void {
    if (this.#happenings.length >= outgoingLimits.waitingMax) {
      this.#happenings.shift()
      this.dropped++
    }
    this.#happenings.push(message)
    this.#pump()
  }

  #pump(): void {
    while (this.#open && this.#inFlight < outgoingLimits.inFlightMax) {
      const message = this.#next()
      if (message === undefined) return
      this.#inFlight++
      void this.#send(message)
        // A state that got lost is told again with all others on the next connection.
        .catch(() => undefined)
        .finally(() => {
          this.#inFlight--
          this.#pump()
        })
    }
  }

  /** States first: they say what is, and are few. */
  #next(): Message | undefined {
    for (const [topic, payload] of this.#states) {
      this.#states.delete(topic)
      return { topic, payload, retain: true }
    }
    return this.#happenings.shift()
  }
}
