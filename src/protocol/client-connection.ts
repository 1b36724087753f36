/** The client's connection to the hub: hello, requests, watchdog, and coming back after a loss. */
import { readError } from './client-requests.ts'
import { type ErrorCode, errorText, HubError } from './errors.ts'
import type { HubEvent, Position } from './event.ts'
import type { MethodName, Params, protocolName, Result } from './methods.ts'

/** What the hub chose by the schemas, as literals: importing the schemas would bring zod into every till. */
const subprotocol: typeof protocolName = 'tillbridge.v1'

export const clientTimes = {
  /** From dialling to the end of hello. */
  connectMsMax: 10_000,
  /** A request without a time of its own. */
  requestMs: 15_000,
  /** Between signs of life; browsers do not show WebSocket pings. */
  pingMs: 15_000,
  pongMsMax: 10_000,
  /** The ceiling of the first and of any later retry; the delay is drawn below it, so that tills do not come at once. */
  retryFirstMsMax: 500,
  retryMsMax: 30_000,
  /** A connection that held for so long starts the retries over. */
  steadyMs: 10_000,
} as const

/**
 * 4401: not paired or no proper hello. 4403: the token was taken back, the user has logged out, or the origin of the page
 * was taken off the list. Trying again would not help.
 */
const refusingCloseCodes: ReadonlySet<number> = new Set([4401, 4403])
const refusingErrors: ReadonlySet<ErrorCode> = new Set([
  'unauthorized',
  'forbidden',
  'params_invalid',
  'tls_required',
  'origin_not_allowed',
  'request_forged',
])

export type ClientStatus = 'connecting' | 'online' | 'offline' | 'refused'
export type StatusListener = (status: ClientStatus) => void

/** The part of a WebSocket that is used: a browser's, Node's own, or the one of `ws`. */
export interface ClientSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  /** `ws` only: ends without waiting for the other side. */
  terminate?(): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { code: number; reason?: string }) => void): void
}
export type ClientSocketConstructor = new (url: string, protocols: string[]) => ClientSocket

/** Time, handed in. `now` is wall time in ms since 1970. */
export interface ClientClock {
  now(): number
  /** Calls back after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void
}

export interface ConnectionOptions {
  /** `ws:` or `wss:` with the path. */
  url: string
  token: string | undefined
  client: string
  WebSocket: ClientSocketConstructor
  clock: ClientClock
  /** In [0, 1). */
  random: () => number
}

/** `take` sees the result before anything that follows it on the wire. */
export type Exchange = <M extends MethodName>(
  method: M,
  params: Params<M>,
  timeoutMs: number,
  take?: (result: Result<M>) => void,
) => Promise<Result<M>>

/** What the events of the client have to do with the connection. */
export interface ConnectionEvents {
  /** Where the client left off, when it has to take up again. */
  position(): Position | undefined
  /** After hello and before the status turns online: subscribes again. */
  greeted(hello: Result<'hello'>, exchange: Exchange): Promise<void>
  /** The status has turned online. */
  online(): void
  event(event: HubEvent): void
}

interface Pending {
  take(result: unknown): void
  reject(error: HubError): void
}

export class Connection {
  readonly #options: ConnectionOptions
  readonly #events: ConnectionEvents
  readonly #pending = new Map<number, Pending>()
  readonly #statusListeners = new Set<StatusListener>()
  /** Who waits to be online, as questions whether the waiting is over. */
  readonly #waiting = new Set<() => void>()
  #status: ClientStatus = 'offline'
  #refusal: HubError | undefined
  #hello: Result<'hello'> | undefined
  #socket: ClientSocket | undefined
  /** Cancels the one timer of the state: the next retry, the end of dialling, or the next ping. */
  #disarm: () => void = () => {}
  #wanted = false
  #retries = 0
  #onlineAt: number | undefined
  #lastId = 0
  #heard = 0

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options
    this.#events = events
  }

  get status(): ClientStatus {
    return this.#status
  }

  /** True from `open` to `close`. */
  get wanted(): boolean {
    return this.#wanted
  }

  get refusal(): HubError | undefined {
    return this.#refusal
  }

  get hello(): Result<'hello'> | undefined {
    return this.#hello
  }

  onStatus(listener: StatusListener): () => void {
    this.#statusListeners.add(listener)
    return () => this.#statusListeners.delete(listener)
  }

  /** Connects and stays so. Between two retries it tries at once. */
  open(): void {
    this.#wanted = true
    if (this.#socket === undefined) this.#dial()
  }

  close(): void {
    this.#wanted = false
    this.#letGo((socket) => socket.close(1000))
    this.#setStatus('offline')
    // Between two tries it was offline already, and whoever waits for the next one must hear that none comes.
    this.#askWaiting()
  }

  /** Gives the connection up for lost and makes a new one. */
  restart(): void {
    if (this.#socket !== undefined) this.#lost()
  }

  /** Settles when online; rejects when the hub refuses this client or the connection is not wanted. */
  whenOnline(): Promise<void> {
    const state = (): 'wait' | undefined | HubError => {
      if (this.#status === 'online') return undefined
      if (this.#wanted && this.#status !== 'refused') return 'wait'
      return this.#refusal ?? new HubError('connection_lost')
    }
    return new Promise((resolve, reject) => {
      const look = () => {
        const now = state()
        if (now === 'wait') return
        this.#waiting.delete(look)
        if (now === undefined) resolve()
        else reject(now)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Rejects at once with `connection_lost` while not online. */
  request: Exchange = (method, params, timeoutMs, take) => {
    if (this.#status !== 'online')
      return Promise.reject(this.#refusal ?? new HubError('connection_lost', { method }))
    return this.#exchange(method, params, timeoutMs, take)
  }

  #exchange: Exchange = <M extends MethodName>(
    method: M,
    params: Params<M>,
    timeoutMs: number,
    take?: (result: Result<M>) => void,
  ) => {
    const socket = this.#socket
    if (socket === undefined) return Promise.reject(new HubError('connection_lost', { method }))
    const id = ++this.#lastId
    return new Promise<Result<M>>((resolve, reject) => {
      const cancel = this.#options.clock.after(timeoutMs, () => {
        this.#pending.delete(id)
        reject(new HubError('request_timeout', { method, ms: timeoutMs }))
      })
      this.#pending.set(id, {
        take: (result) => {
          cancel()
          take?.(result as Result<M>)
          resolve(result as Result<M>)
        },
        reject: (error) => {
          cancel()
          reject(error)
        },
      })
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    })
  }

  #dial(): void {
    const { WebSocket, url, clock } = this.#options
    this.#disarm()
    this.#refusal = undefined
    let socket: ClientSocket
    try {
      socket = new WebSocket(url, [subprotocol])
    } catch (error) {
      this.#refuse(new HubError('params_invalid', { path: 'url', reason: errorText(error) }, error))
      return
    }
    this.#socket = socket
    this.#disarm = clock.after(clientTimes.connectMsMax, () => this.#lost())
    const ifCurrent =
      <A extends unknown[]>(act: (...values: A) => void) =>
      (...values: A) => {
        if (socket === this.#socket) act(...values)
      }
    socket.addEventListener(
      'open',
      ifCurrent(() => void this.#greet(socket)),
    )
    socket.addEventListener(
      'message',
      ifCurrent((event) => this.#receive(event.data)),
    )
    socket.addEventListener(
      'close',
      ifCurrent((event) => this.#closed(event.code, event.reason)),
    )
    // A close follows each error; without a listener `ws` would throw it.
    socket.addEventListener('error', () => {})
    this.#setStatus('connecting')
  }

  async #greet(socket: ClientSocket): Promise<void> {
    const { token, client } = this.#options
    const resume = this.#events.position()
    try {
      const hello = await this.#exchange(
        'hello',
        { ...(token === undefined ? {} : { token }), client, ...(resume === undefined ? {} : { resume }) },
        clientTimes.connectMsMax,
      )
      await this.#events.greeted(hello, this.#exchange)
      if (socket !== this.#socket) return
      this.#hello = hello
    } catch (error) {
      if (socket !== this.#socket) return
      if (error instanceof HubError && refusingErrors.has(error.code)) this.#refuse(error)
      else this.#lost()
      return
    }
    this.#onlineAt = this.#options.clock.now()
    this.#pingLater(socket)
    this.#setStatus('online')
    this.#events.online()
  }

  #pingLater(socket: ClientSocket): void {
    this.#disarm()
    this.#disarm = this.#options.clock.after(clientTimes.pingMs, () => void this.#ping(socket))
  }

  async #ping(socket: ClientSocket): Promise<void> {
    const heard = this.#heard
    try {
      await this.#exchange('ping', {}, clientTimes.pongMsMax)
    } catch {
      if (socket === this.#socket && heard === this.#heard) this.#lost()
    }
    if (socket === this.#socket) this.#pingLater(socket)
  }

  #receive(data: unknown): void {
    this.#heard++
    const message = readMessage(data)
    if (message === undefined) return
    if (message.method === 'event') {
      this.#events.event(message.params as HubEvent)
      return
    }
    const pending = this.#pending.get(message.id as number)
    if (pending === undefined) return
    this.#pending.delete(message.id as number)
    if (message.error === undefined) pending.take(message.result)
    else pending.reject(readError(message.error))
  }

  #closed(code: number, reason: string | undefined): void {
    if (refusingCloseCodes.has(code)) this.#refuse(refusalOf(reason))
    else this.#lost()
  }

  /** Leaves the socket without waiting for it: on a dead network its close would take minutes. */
  #lost(): void {
    const { clock, random } = this.#options
    this.#letGo((socket) => (socket.terminate === undefined ? socket.close() : socket.terminate()))
    if (this.#onlineAt !== undefined && clock.now() - this.#onlineAt >= clientTimes.steadyMs)
      this.#retries = 0
    this.#onlineAt = undefined
    const ceilingMs = Math.min(clientTimes.retryMsMax, clientTimes.retryFirstMsMax * 2 ** this.#retries)
    this.#retries++
    this.#disarm = clock.after(random() * ceilingMs, () => this.#dial())
    this.#setStatus('offline')
  }

  #refuse(error: HubError): void {
    this.#letGo((socket) => socket.close())
    this.#refusal = error
    this.#setStatus('refused')
  }

  #letGo(end: (socket: ClientSocket) => void): void {
    const socket = this.#socket
    this.#disarm()
    this.#socket = undefined
    if (socket !== undefined) end(socket)
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of lost) pending.reject(new HubError('connection_lost'))
  }

  #setStatus(status: ClientStatus): void {
    if (status === this.#status) return
    this.#status = status
    for (const listener of [...this.#statusListeners]) guarded(() => listener(status))
    this.#askWaiting()
  }

  #askWaiting(): void {
    for (const look of [...this.#waiting]) look()
  }
}

/** What a close tells: its reason is the code of an error. */
function refusalOf(reason: string | undefined): HubError {
  const code = [...refusingErrors].find((code) => code === reason) ?? 'unauthorized'
  const { origin } = (globalThis as { location?: { origin: string } }).location ?? {}
  return new HubError(code, code === 'origin_not_allowed' && origin !== undefined ? { origin } : {})
}

/** Runs a listener of the application. What it throws is its own affair and must not end the connection. */
export function guarded(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

interface Message {
  id?: unknown
  method?: unknown
  params?: unknown
  result?: unknown
  error?: unknown
}

/** The hub is trusted to speak its own schemas; only what cannot be a message at all is dropped. */
function readMessage(data: unknown): Message | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
