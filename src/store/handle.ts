/** The main thread's end of a database: queues operations, posts them in batches, settles their promises. */
import { HubError } from '../protocol/errors.ts'
import type { Batch, Channel, ChannelEvents } from './channel.ts'
import type { Answers, Operation, Operations, Request } from './engine.ts'
import type { Opened } from './opening.ts'
import { storeLimits } from './store.ts'

/** The timer this part needs; the hub's clock is one. */
export interface IdleClock {
  after(ms: number, callback: () => void): () => void
}

export interface HandleOptions {
  clock?: IdleClock | undefined
  /** Told of each failed commit, and when the store thread has died. */
  onFailure?: ((error: HubError) => void) | undefined
  /** Told of the first commit that works again after a failed one. */
  onRecovery?: (() => void) | undefined
  /** Small work for when nobody waits. */
  idle?: (() => Promise<unknown>) | undefined
  /** Where long reads go; without it they are reads like others. */
  reader?: LongReads | undefined
}

/** A second way to the same database. */
interface LongReads {
  ask(name: string, args: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

/** Quiet time before the idle work begins. */
export const idleMs = 500
/** Text in one message to the worker, unless a single operation has more. */
const batchCharsMax = 1_000_000

export const realClock: IdleClock = {
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

type Table = Readonly<Record<string, Operation>>
type Arguments<T extends Table, N extends keyof T> = Parameters<T[N]>
type Result<T extends Table, N extends keyof T> = Promise<ReturnType<T[N]>>

interface Waiting {
  resolve(value: unknown): void
  reject(error: HubError): void
}

export class Handle<O extends Operations> implements ChannelEvents {
  readonly #options: HandleOptions
  readonly #waiting = new Map<number, Waiting>()
  #channel: Channel | undefined
  #queue: Request[] = []
  readonly #riders = new Map<string, Request>()
  #lastId = 0
  #commits = 0
  #operations = 0
  #failing = false
  #unusable: string | undefined
  #closed: Promise<void> | undefined
  #cancelIdle: (() => void) | undefined
  #busySinceIdle = false

  constructor(options: HandleOptions) {
    this.#options = options
  }

  async open(openChannel: (events: ChannelEvents) => Promise<Channel>): Promise<Opened> {
    this.#channel = await openChannel(this)
    return this.#channel.opened
  }

  get stats(): { commits: number; operations: number; waiting: number } {
    return { commits: this.#commits, operations: this.#operations, waiting: this.#waiting.size }
  }

  /** Runs outside a transaction when only reads wait. Rejects as `write`. */
  read<N extends string & keyof O['reads']>(
    name: N,
    ...args: Arguments<O['reads'], N>
  ): Result<O['reads'], N> {
    return this.#call(name, args) as Result<O['reads'], N>
  }

  /** A read that may take long: it waits for no commit and holds none up. Sees every write that was awaited before. */
  lookUp<N extends string & keyof O['reads']>(
    name: N,
    ...args: Arguments<O['reads'], N>
  ): Result<O['reads'], N> {
    const { reader } = this.#options
    if (reader === undefined || this.#unusable !== undefined) return this.read(name, ...args)
    return reader.ask(name, args) as Result<O['reads'], N>
  }

  /**
   * Queues an operation; it leaves with the others of this turn and resolves when it is on the disk. Rejects with the
   * operation's own error, or with `store_unavailable` when too many wait, the commit fails, or the store is closed.
   */
  write<N extends string & keyof O['writes']>(
    name: N,
    ...args: Arguments<O['writes'], N>
  ): Result<O['writes'], N> {
    this.#boardRiders()
    return this.#call(name, args) as Result<O['writes'], N>
  }

  /** A step of maintenance, alone. Rejects as `write`. */
  chore<N extends string & keyof O['chores']>(
    name: N,
    ...args: Arguments<O['chores'], N>
  ): Result<O['chores'], N> {
    return this.#call(name, args) as Result<O['chores'], N>
  }

  /** A write that nobody waits for: travels with the next one, or at closing. Of one `key` the latest counts. */
  ride<N extends string & keyof O['writes']>(key: string, name: N, ...args: Arguments<O['writes'], N>): void {
    this.#riders.set(key, { id: ++this.#lastId, name, args })
  }

  answered({ answers, commits, operations }: Answers): void {
    this.#commits += commits
    this.#operations += operations
    let failure: HubError | undefined
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if (answer.failure === undefined) waiting?.resolve(answer.value)
      else {
        const error = HubError.fromRecord(answer.failure)
        if (error.code === 'store_unavailable' || error.code === 'store_corrupt') failure = error
        waiting?.reject(error)
      }
    }
    if (failure !== undefined) this.#fail(failure)
    else if (commits > 0) this.#recover()
    if (commits > 0) this.#restLater()
  }

  died(reason: string): void {
    this.#unusable = reason
    this.#cancelIdle?.()
    const error = unavailable(reason)
    this.#refuseWaiting(error)
    this.#fail(error)
  }

  /** Settles what is under way and closes. Safe twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#cancelIdle?.()
    this.#boardRiders()
    this.#post()
    const died = this.#unusable !== undefined
    this.#unusable ??= 'the store is closed'
    // First, so that the last to close is the one that may tidy the files up.
    await this.#options.reader?.close()
    if (died) return
    await this.#channel?.close()
    // The thread was to answer everything first; what it did not, it died of.
    this.#refuseWaiting(unavailable('the store thread has ended'))
  }

  #refuseWaiting(error: HubError): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }

  #call(name: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#unusable !== undefined) return Promise.reject(unavailable(this.#unusable))
    if (this.#waiting.size >= storeLimits.waitingOpsMax) {
      return Promise.reject(unavailable(`${storeLimits.waitingOpsMax} operations wait for the disk`))
    }
    const id = ++this.#lastId
    if (this.#queue.length === 0) queueMicrotask(() => this.#post())
    this.#queue.push({ id, name, args })
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #boardRiders(): void {
    if (this.#riders.size === 0 || this.#unusable !== undefined) return
    if (this.#queue.length === 0) queueMicrotask(() => this.#post())
    this.#queue.push(...this.#riders.values())
    this.#riders.clear()
  }

  #post(): void {
    const requests = this.#queue
    this.#queue = []
    let batch: Batch = { requests: [], chars: 0 }
    for (const request of requests) {
      const chars = charsOf(request.args)
      if (batch.requests.length > 0 && batch.chars + chars > batchCharsMax) {
        this.#channel?.post(batch)
        batch = { requests: [], chars: 0 }
      }
      batch.requests.push(request)
      batch.chars += chars
    }
    if (batch.requests.length > 0) this.#channel?.post(batch)
  }

  #fail(error: HubError): void {
    this.#failing = true
    this.#options.onFailure?.(error)
  }

  #recover(): void {
    if (!this.#failing) return
    this.#failing = false
    this.#options.onRecovery?.()
  }

  #restLater(): void {
    this.#busySinceIdle = true
    if (this.#options.idle === undefined || this.#cancelIdle !== undefined || this.#unusable !== undefined)
      return
    this.#busySinceIdle = false
    this.#cancelIdle = (this.#options.clock ?? realClock).after(idleMs, () => {
      this.#cancelIdle = undefined
      if (this.#busySinceIdle) this.#restLater()
      // What it could not do now, it does after the next quiet time.
      else this.#options.idle?.().catch(() => {})
    })
  }
}

const unavailable = (reason: string) => new HubError('store_unavailable', { reason })

function charsOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + charsOf(item), 0)
  if (typeof value === 'object' && value !== null) return charsOf(Object.values(value))
  return 0
}
