/** A hub for the tests of the client: a real WebSocket server that follows docs/protocol.md and does what a test tells it. */
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { HubError } from '../../src/protocol/errors.ts'
import { rpcError } from '../../src/protocol/messages.ts'
import type { MethodName, Params } from '../../src/protocol/methods.ts'

type Answer = (params: unknown, socket: WebSocket) => unknown
/** Answered to keep a request without an answer. */
export const noAnswer = Symbol('no answer')

export class ScriptedHub {
  epoch = 'e1'
  seq = 0
  /** What hello says when a client asks to resume. */
  resumed = true
  /** False for an upgrade that is refused with HTTP 403. */
  verify: () => boolean = () => true
  /** False: frames are read and nothing is said, as behind a dead network. */
  speaking = true
  readonly requests: { method: string; params: unknown }[] = []
  readonly sockets = new Set<WebSocket>()
  connections = 0
  readonly #wires = new WeakMap<WebSocket, Socket>()
  readonly #answers = new Map<string, Answer>()
  #server: WebSocketServer | undefined
  #port = 0

  static async start(): Promise<ScriptedHub> {
    const hub = new ScriptedHub()
    await hub.listen()
    return hub
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Listens, on the port it had before if any. */
  async listen(): Promise<void> {
    this.#server = new WebSocketServer({
      host: '127.0.0.1',
      port: this.#port,
      path: '/ws',
      verifyClient: (_info, done) => done(this.verify(), 403),
    })
    this.#server.on('connection', (socket, { socket: wire }) => this.#connected(socket, wire))
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    this.cut()
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
  }

  /** Ends all connections without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  answer(method: MethodName, answer: Answer): void {
    this.#answers.set(method, answer)
  }

  asked<M extends MethodName>(method: M): Params<M>[] {
    return this.requests
      .filter((request) => request.method === method)
      .map(({ params }) => params as Params<M>)
  }

  /** Sends an event to all, whatever they subscribed to. */
  event(seq: number, topic = 'scan', data: unknown = { code: String(seq) }): void {
    this.seq = Math.max(this.seq, seq)
    const params = { seq, topic, at: '2026-01-02T03:04:05.000Z', data }
    for (const socket of this.sockets)
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'event', params }))
  }

  /** Holds back what is sent to a client in this turn of the loop, so that it arrives in one piece, `last` behind it. */
  inOnePiece(socket: WebSocket, last: () => void): void {
    const wire = this.#wires.get(socket)
    wire?.cork()
    setImmediate(() => {
      last()
      wire?.uncork()
    })
  }

  #connected(socket: WebSocket, wire: Socket): void {
    this.connections++
    this.#wires.set(socket, wire)
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('message', (data) => void this.#request(socket, JSON.parse(data.toString())))
  }

  async #request(
    socket: WebSocket,
    request: { id: number; method: MethodName; params: unknown },
  ): Promise<void> {
    this.requests.push({ method: request.method, params: request.params })
    const { id, method, params } = request
    let body: { result: unknown } | { error: unknown }
    try {
      const result = await (this.#answers.get(method) ?? this.#byRule(method))(params, socket)
      if (result === noAnswer) return
      body = { result }
    } catch (error) {
      body = { error: rpcError(error) }
    }
    if (this.speaking) socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...body }))
  }

  #byRule(method: MethodName): Answer {
    const { epoch, seq, resumed } = this
    const said = this.asked('hello').at(-1)
    const rest = said?.resume === undefined ? {} : { resumed }
    if (method === 'hello')
      return () => ({
        hub: 'hub-1',
        version: '1',
        epoch,
        seq,
        role: 'cashier',
        name: 'till 1',
        devices: null,
        ...rest,
      })
    if (method === 'event.subscribe')
      return () =>
        said?.resume !== undefined && resumed ? { seq: said.resume.seq, resumed } : { seq, ...rest }
    if (method === 'ping') return () => ({})
    return () => {
      throw new HubError('method_unknown', { method })
    }
  }
}
