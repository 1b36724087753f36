/** The web door: one HTTP server with the API, the pages and the WebSocket of all tills. */
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import express from 'express'
import { WebSocketServer } from 'ws'
import { errorText, HubError } from '../../../protocol/errors.ts'
import { protocolName } from '../../../protocol/methods.ts'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { httpApi, httpErrors } from './http-api.ts'
import { SocketSession } from './socket-session.ts'
import { staticFiles } from './static-files.ts'
import { type WebLimits, webLimits } from './web-limits.ts'

export interface WebDoorOptions {
  hub: HubApi
  clock: Clock
  log: Log
  /** Folder of the built pages; it may come to be later. */
  uiDir: string
  /** Pictures of the customer display; the folder need not exist. */
  picturesDir?: string
  limits?: Partial<WebLimits>
}

export class WebDoor {
  readonly #hub: HubApi
  readonly #clock: Clock
  readonly #log: Log
  readonly #uiDir: string
  readonly #picturesDir: string | undefined
  readonly #limits: WebLimits
  readonly #sessions = new Set<SocketSession>()
  #server: Server | undefined
  #sockets: WebSocketServer | undefined
  #starting: Promise<unknown> | undefined
  #stopping: Promise<void> | undefined
  #cancelBeat: () => void = () => {}

  constructor({ hub, clock, log, uiDir, picturesDir, limits }: WebDoorOptions) {
    this.#hub = hub
    this.#clock = clock
    this.#log = log
    this.#uiDir = uiDir
    this.#picturesDir = picturesDir
    this.#limits = { ...webLimits, ...limits }
  }

  /** Clients that have said hello. */
  get clients(): number {
    let greeted = 0
    for (const session of this.#sessions) if (session.caller !== undefined) greeted++
    return greeted
  }

  /** Listens; port 0 picks a free one. Throws HubError `address_in_use` or `port_unavailable`. */
  start(options: { bind: string; port: number }): Promise<{ url: string; port: number }> {
    const starting = this.#start(options)
    this.#starting = starting
    return starting
  }

  /** Says goodbye to all clients and lets requests under way finish until the deadline. Safe twice and during start. */
  stop(deadlineMs: number = this.#limits.stopMsMax): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs)
    return this.#stopping
  }

  async #start({ bind, port }: { bind: string; port: number }): Promise<{ url: string; port: number }> {
    const server = createServer(this.#app())
    this.#server = server
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: this.#limits.messageBytesMax,
      handleProtocols: () => protocolName,
      // One message of a client a turn: a flood waits behind the messages of everybody else.
      allowSynchronousEvents: false,
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    server.on('request', (_request, response) =>
      response.on('close', () => {
        if (this.#stopping !== undefined) setImmediate(() => server.closeIdleConnections())
      }),
    )
    await listen(server, bind, port)
    this.#beatLater()
    const address = server.address() as AddressInfo
    return { url: `http://${hostOf(bind)}:${address.port}`, port: address.port }
  }

  async #stop(deadlineMs: number): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#cancelBeat()
    const server = this.#server
    if (server?.listening !== true) return
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    const ended = [...this.#sessions].map((session) => session.stop())
    const cancel = this.#clock.after(deadlineMs, () => {
      for (const session of this.#sessions) session.terminate()
      server.closeAllConnections()
    })
    await Promise.all([closed, ...ended])
    cancel()
  }

  #app(): express.Express {
    const tools = { hub: this.#hub, clock: this.#clock, log: this.#log, limits: this.#limits }
    const app = express()
    app.disable('x-powered-by')
    app.set('etag', false)
    app.use((_request, response, next) => {
      response.setHeader('X-Content-Type-Options', 'nosniff')
      response.setHeader('Referrer-Policy', 'no-referrer')
      next()
    })
    app.use(httpApi(tools))
    app.use(staticFiles(this.#uiDir, this.#picturesDir))
    app.use(httpErrors(tools))
    return app
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until `ws` has it, nobody else listens for the errors of the socket.
    const ignore = () => {}
    socket.on('error', ignore)
    const status = this.#refusal(request)
    if (status !== undefined) {
      const text = `${status} ${STATUS_CODES[status]}`
      // Half open it would stay for as long as the client likes, and the server would wait for it when it closes.
      socket.once('finish', () => socket.destroy())
      socket.end(`HTTP/1.1 ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    socket.off('error', ignore)
    this.#sockets?.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new SocketSession(webSocket, {
        hub: this.#hub,
        clock: this.#clock,
        log: this.#log,
        limits: this.#limits,
      })
      this.#sessions.add(session)
      webSocket.on('close', () => this.#sessions.delete(session))
      session.start()
    })
  }

  /** Who may not open a WebSocket at all, as HTTP status. The one place for guards on path, origin and host. */
  #refusal(request: IncomingMessage): number | undefined {
    const path = request.url?.split('?', 1)[0]
    if (path !== '/ws') return 404
    const offered = request.headers['sec-websocket-protocol']
    if (offered !== undefined && !offered.split(',').some((name) => name.trim() === protocolName)) return 400
    if (this.#stopping !== undefined || this.#sessions.size >= this.#limits.clientsMax) return 503
    return undefined
  }

  /** One timer for all connections. */
  #beatLater(): void {
    this.#cancelBeat = this.#clock.after(this.#limits.heartbeatMs, () => {
      for (const session of this.#sessions) session.beat()
      this.#beatLater()
    })
  }
}

function listen(server: Server, bind: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new HubError('address_in_use', { port }, error)
          : new HubError('port_unavailable', { port, reason: errorText(error) }, error),
      )
    })
    server.listen(port, bind, resolve)
  })
}

/** The host of the door's URL as this box reaches it. */
function hostOf(bind: string): string {
  if (bind === '0.0.0.0' || bind === '::') return 'localhost'
  return bind.includes(':') ? `[${bind}]` : bind
}
