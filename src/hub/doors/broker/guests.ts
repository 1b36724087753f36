/** The connections to the broker whose token is known: who they are, and what they listen to. */
import type { Client } from 'aedes'
import type { Caller } from '../../api.ts'
import { filterCovers } from './acl.ts'

export interface Guest {
  readonly caller: Caller
  /** The page that it is; programs have none. */
  readonly origin: string | undefined
  readonly filters: Set<string>
  readonly leave: () => void
}

export class Guests {
  readonly #guests = new Map<Client, Guest>()
  readonly #eventTopic: (device: string) => string
  readonly #wantWeights: () => () => void
  #unwant: (() => void) | undefined

  /** Scales are asked for changes only while somebody listens to a topic of `eventTopic`. */
  constructor(eventTopic: (device: string) => string, wantWeights: () => () => void) {
    this.#eventTopic = eventTopic
    this.#wantWeights = wantWeights
  }

  get size(): number {
    return this.#guests.size
  }

  of(client: Client): Guest | undefined {
    return this.#guests.get(client)
  }

  add(client: Client, guest: Guest): void {
    this.#guests.set(client, guest)
  }

  remove(client: Client): void {
    this.#guests.get(client)?.leave()
    if (this.#guests.delete(client)) this.listens()
  }

  [Symbol.iterator](): Iterator<[Client, Guest]> {
    return this.#guests.entries()
  }

  /** All connections of a token. */
  *ofToken(token: string): Iterable<[Client, Guest]> {
    for (const entry of this.#guests) if (entry[1].caller.client === token) yield entry
  }

  /** Somebody has begun or ceased to listen. */
  listens(): void {
    if ([...this.#guests.values()].some((guest) => this.#hearsDevices(guest)))
      this.#unwant ??= this.#wantWeights()
    else {
      this.#unwant?.()
      this.#unwant = undefined
    }
  }

  #hearsDevices({ filters }: Guest): boolean {
    for (const filter of filters) {
      const [, , , device = ''] = filter.split('/')
      if (filterCovers(filter, this.#eventTopic(device))) return true
    }
    return false
  }
}

/** Whether a client has subscribed to a topic. */
export function listensTo({ filters }: Guest, topic: string): boolean {
  for (const filter of filters) if (filterCovers(filter, topic)) return true
  return false
}
