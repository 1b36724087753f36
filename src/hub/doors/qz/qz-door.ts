/** QZ Tray for pages that print through it: its ports, who may come in, and its clients. */
import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { errorTable, errorText, HubError, toHubError } from '../../../protocol/errors.ts'
import { sourceKey } from '../../access/source.ts'
import type { Caller, HubApi, TlsMaterial } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { Gate } from '../gate.ts'
import { Rates } from '../rates.ts'
import { Connections } from '../web/connections.ts'
import { checkTarget, refused, type Visitor, visitorOf } from '../web/guards.ts'
import { endWith, Listener } from '../web/listener.ts'
import { webLimits } from '../web/web-limits.ts'
import { Trust } from './certificate.ts'
import type { QzSettings } from './qz-config.ts'
import { qzLimits } from './qz-limits.ts'
import { QzSession } from './qz-session.ts'

export interface QzDoorTools {
  hub: HubApi
  clock: Clock
  log: Log
  newId: () => string
  /** Told why a port is not served, and with undefined that all are. */
  onProblem(sentence: string | undefined): void
}

export class QzDoor {
  readonly name = 'qz'
  readonly #settings: QzSettings & { bind: string }
  readonly #tools: QzDoorTools
  readonly #gate: Gate
  readonly #rates: Rates
  readonly #connections = new Connections({
    connectionsMax: qzLimits.connectionsMax,
    strangerConnectionsMax: qzLimits.connectionsMax,
  })
  /** Who is let in, and who is only told no: that one gets no memory for a large message. */
  readonly #sockets = {
    known: socketServer(qzLimits.messageBytesMax),
    stranger: socketServer(qzLimits.strangerBytesMax),
  }
  /** With the origin of those that the console lets in. */
  readonly #sessions = new Map<QzSession, string | undefined>()
  readonly #listeners = new Map<number, Listener>()
  readonly #problems = new Map<number, string>()
  readonly #undo: (() => void)[] = []
  #trust: Trust | undefined
  #cancelBeat: () => void = () => {}
  #cancelRetry: () => void = () => {}
  #stopped = true
  /** Ports are opened one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(settings: QzSettings & { bind: string }, tools: QzDoorTools) {
    this.#settings = settings
    this.#tools = tools
    this.#gate = new Gate('qz', 'QZ Tray', settings)
    this.#rates = new Rates(tools.clock, {
      perSecond: qzLimits.upgradesPerSecondMax,
      burst: qzLimits.upgradesBurstMax,
      rememberedMax: qzLimits.sourcesRememberedMax,
    })
  }

  get clients(): number {
    let greeted = 0
    for (const session of this.#sessions.keys()) if (session.greeted) greeted++
    return greeted
  }

  start(): void {
    this.#stopped = false
    const { hub, log, onProblem } = this.#tools
    void hub.running.then(() => {
      if (this.#stopped) return
      try {
        this.#trust = Trust.read(this.#settings.certificates)
      } catch (error) {
        // Without the list nobody can be told from anybody.
        log.error({ reason: errorText(error) }, 'QZ Tray stays shut')
        onProblem(`QZ Tray stays shut: ${plain(error)}`)
        return
      }
      this.#undo.push(
        hub.access.onOriginRemoved((removed) => {
          for (const [session, origin] of this.#sessions) if (origin === removed) session.revoke()
        }),
        hub.tls.onChange((material) => this.#serveAll(material)),
      )
      this.#serveAll(hub.tls.current())
      this.#beatLater()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelBeat()
    this.#cancelRetry()
    for (const undo of this.#undo.splice(0)) undo()
    await this.#work
    const closed = [...this.#listeners.values()].map((listener) => listener.stop())
    const cancel = this.#tools.clock.after(qzLimits.closeMsMax, () => this.#connections.cut())
    await Promise.all([...this.#sessions.keys()].map((session) => session.stop()))
    this.#connections.cut()
    await Promise.all(closed)
    cancel()
  }

  #serveAll(material: TlsMaterial | undefined): void {
    this.#work = this.#work.then(async () => {
      const { ports, tlsPorts } = this.#settings
      this.#cancelRetry()
      for (const port of ports) if (!this.#listeners.has(port)) await this.#serve(port, undefined)
      if (material !== undefined) for (const port of tlsPorts) await this.#serve(port, material)
      this.#tools.onProblem([...this.#problems.values()][0])
      if (this.#problems.size === 0 || this.#stopped) return
      const again = () => this.#serveAll(this.#tools.hub.tls.current())
      this.#cancelRetry = this.#tools.clock.after(qzLimits.retryMs, again)
    })
  }

  /** A port that another program holds, such as QZ Tray itself, is no reason to do without the others. */
  async #serve(port: number, material: TlsMaterial | undefined): Promise<void> {
    if (this.#stopped) return
    const { log } = this.#tools
    try {
      const known = this.#listeners.get(port)
      if (known !== undefined && material !== undefined) known.renew(material)
      else {
        const listener = this.#listener(material)
        await listener.start(this.#settings.bind, port)
        this.#listeners.set(port, listener)
      }
      this.#problems.delete(port)
    } catch (error) {
      log.warn({ reason: errorText(error), port }, 'a port of QZ Tray is not served')
      this.#problems.set(port, `QZ Tray does not listen on port ${port}: ${plain(error)}`)
    }
  }

  #listener(material: TlsMaterial | undefined): Listener {
    const { clock, log } = this.#tools
    const answer = 'This port speaks WebSocket with pages that use qz-tray.\n'
    return new Listener(
      {
        ...{ clock, log, limits: webLimits, connections: this.#connections },
        onRequest: (_request, response) => void response.writeHead(426, { upgrade: 'websocket' }).end(answer),
        onUpgrade: (request, socket, head) => this.#upgrade(request, socket, head),
      },
      material,
    )
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until `ws` has it, nobody else listens for the errors of the socket.
    const ignore = () => {}
    socket.on('error', ignore)
    const visitor = visitorOf(request)
    let caller: Caller | undefined
    try {
      caller = this.#enter(request, visitor)
    } catch (error) {
      endWith(socket, errorTable[toHubError(error).code].http)
      return
    }
    socket.off('error', ignore)
    if (caller !== undefined) this.#connections.vouch(request.socket)
    const server = caller === undefined ? this.#sockets.stranger : this.#sockets.known
    server.handleUpgrade(request, socket, head, (webSocket) => {
      const who = visitor.origin ?? visitor.source
      const refusal = `${who} may not use this hub. A technician allows pages on its console, under Network`
      const { hub, clock, log, newId } = this.#tools
      const session = new QzSession(webSocket, caller, refusal, {
        ...{ hub, clock, log, newId, trust: this.#trust ?? Trust.read([]), printer: this.#settings.printer },
        ...{ address: addressOf(request), hostname: hostname() },
      })
      const byConsole = caller !== undefined && this.#gate.admit(visitor) === undefined
      this.#sessions.set(session, byConsole ? visitor.origin : undefined)
      webSocket.on('close', () => this.#sessions.delete(session))
      session.start()
    })
  }

  /** Throws for whoever gets no WebSocket at all: a name that is not the hub's, too many, too often, too early. */
  #enter(request: IncomingMessage, visitor: Visitor): Caller | undefined {
    const { hub } = this.#tools
    checkTarget(hub, request, visitor)
    if (this.#stopped) throw new HubError('stopping')
    const flood = !this.#rates.take(sourceKey(visitor.source))
    if (flood) refused(hub, 'flood', visitor, {})
    if (flood || this.#sessions.size >= qzLimits.connectionsMax) throw new HubError('rate_limited')
    return this.#admit(visitor)
  }

  /** An origin that is not on the lists is one that the console may allow: there it is listed as seen. Throws while that cannot be known. */
  #admit(visitor: Visitor): Caller | undefined {
    const { hub } = this.#tools
    const { origin, source } = visitor
    const caller = this.#gate.admit(visitor)
    if (caller !== undefined) return caller
    if (origin === undefined) {
      refused(hub, 'token', visitor, { reason: 'QZ Tray: its address is not on the list' })
      return undefined
    }
    // `null` is what files, sandboxed frames and redirects share: it says nothing about who asks.
    if (origin !== 'null' && this.#settings.console && hub.access.originAllowed(origin, source))
      return { client: 'qz', name: `QZ Tray (${origin})`, role: 'cashier', from: source }
    refused(hub, 'origin', visitor, { origin: origin.slice(0, 200), door: 'qz' })
    return undefined
  }

  /** One timer for all connections. */
  #beatLater(): void {
    this.#cancelBeat = this.#tools.clock.after(qzLimits.heartbeatMs, () => {
      for (const session of this.#sessions.keys()) session.beat()
      this.#beatLater()
    })
  }
}

const socketServer = (maxPayload: number): WebSocketServer =>
  new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload },
    // One message of a client a turn: a flood waits behind the messages of everybody else.
    allowSynchronousEvents: false,
  })

const addressOf = ({ socket }: IncomingMessage): string =>
  (socket.localAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')

const plain = (error: unknown): string => errorText(error).replace(/ \(\w+\)$/, '')
