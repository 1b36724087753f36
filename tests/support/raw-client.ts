/** A WebSocket client without manners, to say exactly what a test wants on the wire. */
import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

// biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
export type WireMessage = any

export class RawClient {
  readonly socket: WebSocket
  readonly messages: WireMessage[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #waiting = new Set<() => void>()
  #id = 0

  constructor(url: string, protocols: string[] = ['tillbridge.v1'], options: ClientOptions = {}) {
    this.socket = new WebSocket(url, protocols, options)
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
    this.socket.on('error', () => {})
    this.socket.on('message', (data) => {
      this.messages.push(JSON.parse(data.toString()))
      for (const look of [...this.#waiting]) look()
    })
  }

  /** Connected, not yet greeted. */
  static async open(url: string, protocols?: string[], options?: ClientOptions): Promise<RawClient> {
    const client = new RawClient(url, protocols, options)
    await once(client.socket, 'open')
    return client
  }

  /** Connected and greeted. */
  static async greeted(url: string, token = 'cashier-token', resume?: unknown): Promise<RawClient> {
    const client = await RawClient.open(url)
    await client.hello(token, resume)
    return client
  }

  /** Without a token the session of the upgrade says who it is. */
  hello(token?: string, resume?: unknown): Promise<WireMessage> {
    return this.request('hello', {
      ...(token === undefined ? {} : { token }),
      client: 'raw',
      ...(resume === undefined ? {} : { resume }),
    })
  }

  request(method: string, params?: unknown): Promise<WireMessage> {
    const id = `r${++this.#id}`
    this.send({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })
    return this.message((message) => message.id === id)
  }

  send(value: unknown): void {
    this.socket.send(typeof value === 'string' ? value : JSON.stringify(value))
  }

  /** The first message that fits, of those that came and will come. */
  async message(fits: (message: WireMessage) => boolean): Promise<WireMessage> {
    await this.until(() => this.messages.some(fits))
    return this.messages.find(fits)
  }

  /** Settles when `holds` says so; looked at after each message. Rejects when the connection closes before. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      void this.closed.then(({ code }) => reject(new Error(`closed with ${code} before that`)))
      look()
    })
  }

  /** Leaves everything in the network, as a program that hangs. */
  stopReading(): void {
    this.socket.pause()
  }

  readAgain(): void {
    this.socket.resume()
  }

  get events(): WireMessage[] {
    return this.messages.filter(({ method }) => method === 'event').map(({ params }) => params)
  }
}
