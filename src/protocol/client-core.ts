/** What every client of a hub is made of: calls, events, and jobs that survive a lost connection. */
import {
  type ClientClock,
  type ClientSocketConstructor,
  type ClientStatus,
  Connection,
  clientTimes,
  type StatusListener,
} from './client-connection.ts'
import { ClientEvents, type EventOf, type TopicPattern, type TopicsOf } from './client-events.ts'
import { socketUrl } from './client-urls.ts'
import { type ErrorCode, HubError } from './errors.ts'
import type { EventTopic, HubEvent } from './event.ts'
import type { Job, JobKind, JobPayload, JobState, jobLimits, PrintPayload } from './job.ts'
import type { MethodName, Params, Result } from './methods.ts'

const waitMsMax: (typeof jobLimits)['waitMsMax'] = 60_000
export const clientJobTimes = {
  /** How long a submit without expiry is repeated. Short: a drawer must not open when the network comes back. */
  submitMs: 30_000,
  /** One round of waiting for the end of a job. Proxies drop what is silent for a minute. */
  waitMs: Math.min(25_000, waitMsMax),
  /** Before a repeat that the hub asked for (`starting`, `rate_limited`). */
  repeatMs: 1_000,
} as const

/** The hub has not taken the job, or nobody knows whether it has: the same id again is safe. */
const repeatable: ReadonlySet<ErrorCode> = new Set([
  'connection_lost',
  'request_timeout',
  'starting',
  'stopping',
  'rate_limited',
])
/** What setTimeout can wait; more fires at once. */
const timerMsMax = 2 ** 31 - 1
const openStates: ReadonlySet<JobState> = new Set(['pending', 'running'])

export interface ClientOptions {
  /** `ws://HUB/ws`; `http://HUB` and `https://HUB` mean the same. */
  url: string
  /** Left out by a page of the hub itself whose user has logged in. */
  token?: string | undefined
  /** Name of this program, for the hub's log. */
  client: string
  /** The global one when left out. */
  WebSocket?: ClientSocketConstructor
  clock?: ClientClock
  /** In [0, 1): spreads the retries of many tills. */
  random?: () => number
  onStatus?: StatusListener
}

export interface CallOptions {
  /** ms until `request_timeout`; 15 s when left out, and the time to wait on top for job.wait. */
  timeoutMs?: number
}

export interface JobRequest<K extends JobKind> {
  device: string
  kind: K
  payload: JobPayload[K]
  /** Made when left out. Give it to repeat a job of which the answer was lost. */
  id?: string
  /** ISO 8601. The hub never sends the job after it, and the client stops repeating it. */
  expiresAt?: string
  lease?: string
}

/** A client without the help for pages of others, which the pages of the hub itself need not carry. */
export interface CoreClient {
  readonly status: ClientStatus
  /** Why the hub refuses this client, while `refused`. */
  readonly refusal: HubError | undefined
  /** What the hub said of itself at the last hello: its id, version, and the client's role. */
  readonly hub: Result<'hello'> | undefined
  /** Connects, and again after every loss, until `close`. Called while offline it tries at once. */
  connect(): void
  close(): void
  /** Settles when online; rejects when refused or closed. */
  whenOnline(): Promise<void>
  /** Answers how to stop listening, as every `on…` and `subscribe` does. */
  onStatus(listener: StatusListener): () => void
  /** Called when events were missed for good: what was known must be asked for again. */
  onGap(listener: () => void): () => void
  /**
   * Calls a method. Rejects with HubError: what the hub answered, `request_timeout`, or at once `connection_lost` while
   * offline. Only `job.submit` waits for the connection and is repeated, since its id makes that safe.
   */
  call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>
  /** Each event of the topics once and in order, from now on, across lost connections. */
  subscribe<P extends TopicPattern>(
    topics: readonly P[],
    listener: (event: EventOf<TopicsOf<P>>) => void,
  ): () => void
  /** Hands a job to the hub and answers it as accepted. */
  submitJob<K extends JobKind>(request: JobRequest<K>): Promise<Job>
  /** Hands a job to the hub and answers it when it has ended, in whatever way: look at `state`. */
  runJob<K extends JobKind>(request: JobRequest<K>): Promise<Job>
  /** `runJob` of a print. */
  print(device: string, payload: PrintPayload): Promise<Job>
}

export const systemClock: ClientClock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

/** Makes a client. Nothing happens before `connect`. Throws HubError `params_invalid` for a url that is none. */
export function createCoreClient(options: ClientOptions): CoreClient {
  const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: ClientSocketConstructor }).WebSocket
  if (WebSocket === undefined)
    throw new HubError('params_invalid', { path: 'WebSocket', reason: 'is missing here and must be given' })
  const clock = options.clock ?? systemClock
  const events = new ClientEvents()
  const connection = new Connection(
    {
      url: socketUrl(options.url),
      token: options.token,
      client: options.client,
      WebSocket,
      clock,
      random: options.random ?? Math.random,
    },
    events,
  )
  events.use(connection)
  if (options.onStatus !== undefined) connection.onStatus(options.onStatus)
  return new Client(connection, events, clock)
}

/** A job id. `crypto.randomUUID` is missing on pages that came over plain http, as most tills' do. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

class Client implements CoreClient {
  readonly #connection: Connection
  readonly #events: ClientEvents
  readonly #clock: ClientClock

  constructor(connection: Connection, events: ClientEvents, clock: ClientClock) {
    this.#connection = connection
    this.#events = events
    this.#clock = clock
  }

  get status(): ClientStatus {
    return this.#connection.status
  }

  get refusal(): HubError | undefined {
    return this.#connection.refusal
  }

  get hub(): Result<'hello'> | undefined {
    return this.#connection.hello
  }

  connect(): void {
    this.#connection.open()
  }

  close(): void {
    this.#connection.close()
  }

  whenOnline(): Promise<void> {
    return this.#connection.whenOnline()
  }

  onStatus(listener: StatusListener): () => void {
    return this.#connection.onStatus(listener)
  }

  onGap(listener: () => void): () => void {
    return this.#events.onGap(listener)
  }

  subscribe<P extends TopicPattern>(
    topics: readonly P[],
    listener: (event: EventOf<TopicsOf<P>>) => void,
  ): () => void {
    return this.#events.subscribe(topics, listener as (event: HubEvent<EventTopic>) => void)
  }

  call<M extends MethodName>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    const waitMs = method === 'job.wait' ? (params as Params<'job.wait'>).ms : 0
    const timeoutMs = options.timeoutMs ?? clientTimes.requestMs + waitMs
    if (method !== 'job.submit') return this.#connection.request(method, params, timeoutMs)
    const expiry = Date.parse((params as Params<'job.submit'>).expiresAt ?? '')
    const until = Number.isNaN(expiry) ? this.#clock.now() + clientJobTimes.submitMs : expiry
    return this.#repeat(() => this.#connection.request(method, params, timeoutMs), until)
  }

  submitJob<K extends JobKind>(request: JobRequest<K>): Promise<Job> {
    const { payload, ...rest } = request
    return this.call('job.submit', { ...rest, id: request.id ?? newId(), payload: { ...payload } })
  }

  async runJob<K extends JobKind>(request: JobRequest<K>): Promise<Job> {
    let job = await this.submitJob(request)
    while (openStates.has(job.state)) {
      const wait = { id: job.id, ms: clientJobTimes.waitMs }
      job = await this.#repeat(() => this.call('job.wait', wait), Number.POSITIVE_INFINITY)
    }
    return job
  }

  print(device: string, payload: PrintPayload): Promise<Job> {
    return this.runJob({ device, kind: 'print', payload })
  }

  /** Asks again after a loss, once online, until there is an answer or `until` (ms since 1970) has passed. */
  async #repeat<T>(ask: () => Promise<T>, until: number): Promise<T> {
    for (;;) {
      try {
        await this.#onlineBefore(until)
        return await ask()
      } catch (error) {
        if (!(error instanceof HubError && repeatable.has(error.code))) throw error
        if (this.#clock.now() >= until || !this.#connection.wanted) throw error
        if (this.#connection.status === 'online') await this.#pause(clientJobTimes.repeatMs)
      }
    }
  }

  async #onlineBefore(until: number): Promise<void> {
    if (this.#connection.status === 'online') return
    const left = until - this.#clock.now()
    if (left === Number.POSITIVE_INFINITY) return this.whenOnline()
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      const ms = Math.min(left, timerMsMax)
      cancel = this.#clock.after(ms, () => reject(new HubError('connection_lost')))
    })
    await Promise.race([this.whenOnline(), late]).finally(cancel)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, resolve))
  }
}
