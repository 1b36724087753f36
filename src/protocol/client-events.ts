/** The client's subscriptions: one on the hub for all listeners, taken up again after a loss, each event once and in order. */
import {
  type Connection,
  type ConnectionEvents,
  clientTimes,
  type Exchange,
  guarded,
} from './client-connection.ts'
import { HubError } from './errors.ts'
import type { EventTopic, HubEvent, Position } from './event.ts'
import type { Result, subscriptionsMax } from './methods.ts'
import { topicMatches } from './topics.ts'

const topicsMax: typeof subscriptionsMax = 64

interface Subscriber {
  readonly topics: readonly string[]
  readonly listener: (event: HubEvent) => void
  /** Events up to it happened before it subscribed. Undefined while it waits for a connection. */
  after: number | undefined
}

export class ClientEvents implements ConnectionEvents {
  readonly #subscribers = new Set<Subscriber>()
  readonly #gapListeners = new Set<() => void>()
  #connection: Connection | undefined
  #position: Position | undefined
  #gap = false
  /** Topics the hub sends on this connection, as one text. */
  #sent = ''
  #scheduled = false
  #updating = false

  /** The connection and its events know each other; this is the second half of the introduction. */
  use(connection: Connection): void {
    this.#connection = connection
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener)
    return () => this.#gapListeners.delete(listener)
  }

  subscribe(topics: readonly string[], listener: (event: HubEvent) => void): () => void {
    const online = this.#connection?.status === 'online'
    const subscriber: Subscriber = { topics, listener, after: online ? 0 : undefined }
    this.#subscribers.add(subscriber)
    if (this.#topics().length > topicsMax) {
      this.#subscribers.delete(subscriber)
      throw new HubError('params_invalid', { path: 'topics', reason: `are more than ${topicsMax} in all` })
    }
    this.#updateLater()
    return () => {
      this.#subscribers.delete(subscriber)
      this.#updateLater()
    }
  }

  position(): Position | undefined {
    return this.#subscribers.size === 0 ? undefined : this.#position
  }

  async greeted(hello: Result<'hello'>, exchange: Exchange): Promise<void> {
    const topics = this.#topics()
    this.#sent = ''
    if (topics.length === 0) {
      this.#position = undefined
      return
    }
    await exchange('event.subscribe', { topics }, clientTimes.requestMs, (answer) => {
      this.#sent = topics.join()
      const resumed = answer.resumed === true && this.#position?.epoch === hello.epoch
      if (!resumed) {
        this.#gap ||= this.#position !== undefined
        this.#position = { epoch: hello.epoch, seq: answer.seq }
      }
      for (const subscriber of this.#subscribers) {
        // Seq numbers of another epoch say nothing about this one.
        if (subscriber.after === undefined || !resumed) subscriber.after = resumed ? hello.seq : answer.seq
      }
    })
  }

  online(): void {
    this.#updateLater()
    if (!this.#gap) return
    this.#gap = false
    for (const listener of [...this.#gapListeners]) guarded(listener)
  }

  event(event: HubEvent): void {
    const position = this.#position
    if (position === undefined || typeof event?.seq !== 'number' || event.seq <= position.seq) return
    this.#position = { epoch: position.epoch, seq: event.seq }
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.after === undefined || event.seq <= subscriber.after) continue
      if (subscriber.topics.some((topic) => topicMatches(topic, event.topic)))
        guarded(() => subscriber.listener(event))
    }
  }

  #topics(): string[] {
    return [...new Set([...this.#subscribers].flatMap(({ topics }) => topics))].sort()
  }

  /** Several changes in one turn make one request. */
  #updateLater(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      if (!this.#updating) void this.#update()
    })
  }

  /** One request at a time, so that the last one wins; looks again after each for what changed meanwhile. */
  async #update(): Promise<void> {
    const connection = this.#connection
    for (;;) {
      const topics = this.#topics()
      const hello = connection?.hello
      if (connection?.status !== 'online' || hello === undefined || topics.join() === this.#sent) return
      this.#updating = true
      try {
        await connection.request('event.subscribe', { topics }, clientTimes.requestMs, ({ seq }) => {
          this.#sent = topics.join()
          // Everything up to seq that was asked for before has been sent before this answer.
          this.#position = { epoch: hello.epoch, seq: Math.max(seq, this.#position?.seq ?? 0) }
          for (const subscriber of this.#subscribers) subscriber.after ??= seq
        })
      } catch {
        // Without an answer nobody knows what the hub sends; a new connection does.
        connection.restart()
      } finally {
        this.#updating = false
      }
    }
  }
}

/** The topics a pattern covers: `device.*` is `device.added | device.changed | …`. */
export type TopicsOf<P extends string> = P extends '*'
  ? EventTopic
  : P extends `${infer Family}.*`
    ? Extract<EventTopic, `${Family}.${string}`>
    : Extract<EventTopic, P>

/** A pattern over the known topics. */
export type TopicPattern =
  | EventTopic
  | '*'
  | 'device.*'
  | 'scale.*'
  | 'drawer.*'
  | 'job.*'
  | 'till.*'
  | 'port.*'
  | 'hub.*'
  | 'display.*'
  | 'demo.*'

/** One event of each topic, so that `topic` tells the type of `data`. */
export type EventOf<T extends EventTopic> = T extends EventTopic ? HubEvent<T> : never
