/** The web door: the API, the pages and the WebSocket of all tills, on http and, as soon as there is a certificate, on https. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import express, { type RequestHandler } from 'express'
import { type WebSocket, WebSocketServer } from 'ws'
import { errorText } from '../../../protocol/errors.ts'
import { protocolName } from '../../../protocol/methods.ts'
import type { HubApi, TlsMaterial } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { inUrl } from '../../host-names.ts'
import type { Log } from '../../log.ts'
import { Connections } from './connections.ts'
import { checkTarget, visitorOf } from './guards.ts'
import { countStrangers, httpApi, httpErrors } from './http-api.ts'
import { bodyInTime } from './http-parts.ts'
import { endWith, Listener } from './listener.ts'
import { pageGuards, pageHeaders } from './page-guards.ts'
import { SocketSession } from './socket-session.ts'
import { staticFiles } from './static-files.ts'
import { trustRoutes } from './trust-routes.ts'
import { type SocketVisitor, Upgrades } from './upgrades.ts'
import { type WebLimits, webLimits } from './web-limits.ts'

export interface WebDoorOptions {
  hub: HubApi
  clock: Clock
  log: Log
  /** Folder of the built pages; it may come to be later. */
  uiDir: string
  /** Address to folder of pictures that a shop has put there; the folders need not exist. */
  pictures?: Readonly<Record<string, string>>
  limits?: Partial<WebLimits>
  /** Other doors that come in by HTTP, each with its own idea of who may. */
  mounts?: readonly WebMount[]
  /** Other doors that come in by WebSocket. */
  sockets?: readonly SocketMount[]
  /** Told why one of the further ports is not served, and with undefined that it is. */
  onPortProblem?: (port: number, sentence: string | undefined) => void
  /** Told why https is not served though it should be, and with undefined that it is again. */
  onHttpsProblem?: (sentence: string | undefined) => void
}

/** A door within the door: its routes come before all others, behind the check of the Host header. It looks after its guests. */
export interface WebMount {
  routes(tools: MountTools): RequestHandler
  /** Answers those that wait: the door closes as soon as the last request is answered. */
  stop?(): void
}

/** A door by WebSocket at a path of its own, behind the checks of host, origin, secrecy and rate. It finds out who its guests are. */
export interface SocketMount {
  path: string
  /** Subprotocols that it speaks, the best first. */
  protocols: readonly string[]
  /** Longest message, in bytes. */
  messageBytesMax: number
  welcome(webSocket: WebSocket, visitor: SocketVisitor): void
}

export interface MountTools {
  hub: HubApi
  clock: Clock
  log: Log
  /** Counts the request as one of a stranger. Throws `rate_limited`. */
  strangers: RequestHandler
}

interface Addresses {
  bind: string
  /** 0 picks a free one. */
  port: number
  /** The same for https; left out or null it is not served. */
  httpsPort?: number | null
  /** More ports of both. One that cannot be had is told to `onPortProblem`. */
  also?: { http: readonly number[]; https: readonly number[] }
}

export class WebDoor {
  readonly #options: WebDoorOptions
  readonly #limits: WebLimits
  readonly #sessions = new Set<SocketSession>()
  readonly #connections: Connections
  readonly #upgrades: Upgrades
  #ports: { bind: string; http: number; https: number | null } = { bind: '', http: 0, https: null }
  #http: Listener | undefined
  #https: Listener | undefined
  /** On further ports, by port. */
  readonly #also = new Map<number, Listener>()
  #app: express.Express | undefined
  #sockets: WebSocketServer | undefined
  /** Of other doors, by path. */
  readonly #otherSockets = new Map<string, WebSocketServer>()
  #starting: Promise<unknown> | undefined
  #stopping: Promise<void> | undefined
  #cancelBeat: () => void = () => {}
  #forgetTls: () => void = () => {}
  #cancelRetry: () => void = () => {}
  /** Certificates are taken up one after the other. */
  #httpsWork: Promise<void> = Promise.resolve()

  constructor(options: WebDoorOptions) {
    this.#options = options
    this.#limits = { ...webLimits, ...options.limits }
    this.#connections = new Connections(this.#limits)
    this.#upgrades = new Upgrades({
      ...options,
      limits: this.#limits,
      connections: this.#connections,
      protocols: new Map([
        ['/ws', [protocolName]],
        ...(options.sockets ?? []).map(({ path, protocols }) => [path, protocols] as const),
      ]),
    })
  }

  /** Clients that have said hello. */
  get clients(): number {
    let greeted = 0
    for (const session of this.#sessions) if (session.caller !== undefined) greeted++
    return greeted
  }

  /** Where https is served; null while it is not. */
  get httpsPort(): number | null {
    return this.#ports.https
  }

  /** Listens for http at once and for https when there is a certificate. Throws `address_in_use` or `port_unavailable`. */
  start(addresses: Addresses): Promise<{ url: string; port: number }> {
    const starting = this.#start(addresses)
    this.#starting = starting
    return starting
  }

  /** Settles when the certificates that have come so far are in use, or it is known why not. */
  settled(): Promise<void> {
    return this.#httpsWork
  }

  /** Says goodbye to all clients and lets requests under way finish until the deadline. Safe twice and during start. */
  stop(deadlineMs: number = this.#limits.stopMsMax): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs)
    return this.#stopping
  }

  async #start({ bind, port, httpsPort = null, also }: Addresses): Promise<{ url: string; port: number }> {
    const { hub } = this.#options
    this.#app = this.#makeApp()
    this.#sockets = socketServer(protocolName, this.#limits.messageBytesMax)
    for (const { messageBytesMax, path, protocols } of this.#options.sockets ?? [])
      this.#otherSockets.set(path, socketServer(protocols[0] ?? '', messageBytesMax))
    this.#http = this.#listener()
    this.#ports = { bind, http: await this.#http.start(bind, port), https: null }
    hub.network.listening(this.#ports)
    this.#beatLater()
    for (const more of also?.http ?? []) await this.#serveAlso(more)
    if (httpsPort !== null) {
      const take = (material: TlsMaterial) => {
        this.#takeCertificate(material, httpsPort)
        for (const more of also?.https ?? [])
          this.#httpsWork = this.#httpsWork.then(() => this.#serveAlso(more, material))
      }
      this.#forgetTls = hub.tls.onChange(take)
      const current = hub.tls.current()
      if (current !== undefined) take(current)
    }
    return { url: `http://${hostOf(bind)}:${this.#ports.http}`, port: this.#ports.http }
  }

  async #stop(deadlineMs: number): Promise<void> {
    await this.#starting?.catch(() => {})
    this.#forgetTls()
    this.#cancelRetry()
    this.#cancelBeat()
    await this.#httpsWork
    const listeners = [this.#http, this.#https, ...this.#also.values()].filter(
      (listener) => listener !== undefined,
    )
    const closed = listeners.map((listener) => listener.stop())
    for (const mount of this.#options.mounts ?? []) mount.stop?.()
    const ended = [...this.#sessions].map((session) => session.stop())
    const cancel = this.#options.clock.after(deadlineMs, () => {
      for (const session of this.#sessions) session.terminate()
      this.#connections.cut()
    })
    await Promise.all([...closed, ...ended])
    cancel()
  }

  #listener(material?: TlsMaterial): Listener {
    const { clock, log } = this.#options
    return new Listener(
      {
        clock,
        log,
        limits: this.#limits,
        connections: this.#connections,
        onRequest: (request, response) => this.#app?.(request, response),
        onUpgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      },
      material,
    )
  }

  #takeCertificate(material: TlsMaterial, port: number): void {
    this.#httpsWork = this.#httpsWork.then(() => this.#serveHttps(material, port))
  }

  /** What goes wrong is a reason to be degraded: http goes on, and so does https with the certificate it had. */
  async #serveHttps(material: TlsMaterial, port: number): Promise<void> {
    if (this.#stopping !== undefined) return
    const { clock, hub, log, onHttpsProblem } = this.#options
    this.#cancelRetry()
    try {
      if (this.#https !== undefined) this.#https.renew(material)
      else {
        const listener = this.#listener(material)
        const https = await listener.start(this.#ports.bind, port)
        this.#https = listener
        this.#ports = { ...this.#ports, https }
        hub.network.listening(this.#ports)
      }
      onHttpsProblem?.(undefined)
    } catch (error) {
      const reason = errorText(error)
      log.warn({ reason, port }, 'https is not served')
      onHttpsProblem?.(`https is not served: ${reason.replace(/ \(\w+\)$/, '')}`)
      this.#cancelRetry = clock.after(this.#limits.httpsRetryMs, () => this.#takeCertificate(material, port))
    }
  }

  /** A port that another program holds is no reason to do without the others. */
  async #serveAlso(port: number, material?: TlsMaterial): Promise<void> {
    if (this.#stopping !== undefined) return
    const { log, onPortProblem } = this.#options
    try {
      const known = this.#also.get(port)
      if (known !== undefined && material !== undefined) known.renew(material)
      else {
        const listener = this.#listener(material)
        await listener.start(this.#ports.bind, port)
        this.#also.set(port, listener)
      }
      onPortProblem?.(port, undefined)
    } catch (error) {
      const reason = errorText(error)
      log.warn({ reason, port }, 'a further port is not served')
      onPortProblem?.(port, `Port ${port} is not served: ${reason.replace(/ \(\w+\)$/, '')}`)
    }
  }

  #makeApp(): express.Express {
    const { hub, clock, log, uiDir, pictures } = this.#options
    const shared = { hub, clock, log, limits: this.#limits }
    const tools = { ...shared, strangers: countStrangers(shared), httpsPort: () => this.#ports.https }
    const app = express()
    app.disable('x-powered-by')
    app.set('etag', false)
    app.use(pageHeaders(() => this.#ports))
    app.use(bodyInTime(clock, this.#limits))
    app.use((request, response, next) => {
      checkTarget(hub, request, visitorOf(request))
      response.locals.vouch = () => this.#connections.vouch(request.socket)
      next()
    })
    for (const mount of this.#options.mounts ?? []) app.use(mount.routes(tools))
    app.use(httpApi(tools))
    app.use(tools.strangers, pageGuards(hub, log))
    app.use(trustRoutes(tools))
    app.use(staticFiles(uiDir, pictures))
    app.use(httpErrors(tools))
    return app
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until `ws` has it, nobody else listens for the errors of the socket.
    const ignore = () => {}
    socket.on('error', ignore)
    const visitor =
      this.#stopping !== undefined || this.#full() ? { status: 503, body: '' } : this.#upgrades.admit(request)
    if ('status' in visitor) {
      endWith(socket, visitor.status, visitor.body, 'application/json; charset=utf-8')
      return
    }
    socket.off('error', ignore)
    const other = this.#options.sockets?.find(({ path }) => path === visitor.path)
    if (other !== undefined) {
      const server = this.#otherSockets.get(other.path)
      server?.handleUpgrade(request, socket, head, (webSocket) => other.welcome(webSocket, visitor))
      return
    }
    this.#sockets?.handleUpgrade(request, socket, head, (webSocket) => {
      const { hub, clock, log } = this.#options
      const full = () => this.#full()
      const session = new SocketSession(webSocket, visitor, { hub, clock, log, limits: this.#limits, full })
      this.#sessions.add(session)
      webSocket.on('close', () => this.#sessions.delete(session))
      session.start(socket, head.length)
    })
  }

  #full(): boolean {
    return this.clients >= this.#limits.clientsMax
  }

  /** One timer for all connections. */
  #beatLater(): void {
    this.#cancelBeat = this.#options.clock.after(this.#limits.heartbeatMs, () => {
      for (const session of this.#sessions) session.beat()
      this.#beatLater()
    })
  }
}

function socketServer(protocol: string, messageBytesMax: number): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: messageBytesMax,
    handleProtocols: () => protocol,
    // One message of a client a turn: a flood waits behind the messages of everybody else.
    allowSynchronousEvents: false,
  })
}

/** The host of the door's URL as this box reaches it. */
function hostOf(bind: string): string {
  if (bind === '0.0.0.0' || bind === '::') return 'localhost'
  return inUrl(bind)
}
