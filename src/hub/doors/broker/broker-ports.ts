/** Where the broker on the box listens: a plain port, and one by TLS as soon as there is a certificate. */
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { HubApi, TlsMaterial } from '../../api.ts'
import type { Log } from '../../log.ts'
import { tlsOptions } from '../web/listener.ts'
import { sourceOf } from '../web/source.ts'
import { brokerLimits } from './broker-limits.ts'

/** Where a connection comes from, before anybody knows who it is. */
export interface Newcomer {
  source: string
  encrypted: boolean
  /** The page that asks; programs have none. */
  origin?: string | undefined
  /** To be told that it is no stranger. */
  greeted?(): void
}

export interface BrokerPortsTools {
  hub: HubApi
  log: Log
  onProblem(sentence: string | undefined): void
  enter(socket: Socket, newcomer: Newcomer): void
}

/** So much may wait before a write says that it should be waited for; clients are closed before. */
const socketOptions = { highWaterMark: 2 * brokerLimits.bufferedBytesMax, noDelay: true }

export class BrokerPorts {
  readonly #settings: { bind: string; port: number; tlsPort: number }
  readonly #tools: BrokerPortsTools
  readonly #sockets = new Set<Socket>()
  readonly #problems = new Map<number, string>()
  #plain: Server | undefined
  #tls: TlsServer | undefined
  #forgetTls: () => void = () => undefined

  constructor(settings: { bind: string; port: number; tlsPort: number }, tools: BrokerPortsTools) {
    this.#settings = settings
    this.#tools = tools
  }

  async start(): Promise<void> {
    const { port, tlsPort } = this.#settings
    if (port !== 0) {
      const server = createServer(socketOptions, (socket) => this.#enter(socket, false))
      if (await this.#listen(server, port)) this.#plain = server
    }
    if (tlsPort === 0) return
    const { tls } = this.#tools.hub
    this.#forgetTls = tls.onChange((material) => void this.#take(material, tlsPort))
    const current = tls.current()
    if (current !== undefined) await this.#take(current, tlsPort)
  }

  async stop(): Promise<void> {
    this.#forgetTls()
    const servers = [this.#plain, this.#tls].filter((server) => server !== undefined)
    const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    for (const socket of this.#sockets) socket.destroySoon()
    await Promise.all(closed)
  }

  async #take(material: TlsMaterial, port: number): Promise<void> {
    try {
      // MQTT has no word in ALPN that clients send as a rule.
      const { ALPNProtocols: _web, ...options } = tlsOptions
      const context = { ...options, ...material, handshakeTimeout: brokerLimits.connectMsMax }
      if (this.#tls !== undefined) this.#tls.setSecureContext(context)
      else {
        const server = createTlsServer({ ...socketOptions, ...context }, (socket) =>
          this.#enter(socket, true),
        )
        server.on('tlsClientError', () => undefined)
        this.#tls = server
        if (!(await this.#listen(server, port))) this.#tls = undefined
      }
    } catch (error) {
      this.#tell(port, errorText(new HubError('certificate_failed', { reason: errorText(error) }, error)))
    }
  }

  #enter(socket: Socket, encrypted: boolean): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => undefined)
    socket.setKeepAlive(true, brokerLimits.aliveMs)
    this.#tools.enter(socket, { source: sourceOf(socket), encrypted })
  }

  #listen(server: Server, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      server.on('error', (error) => {
        this.#tell(port, errorText(error))
        resolve(false)
      })
      server.listen(port, this.#settings.bind, () => {
        this.#tell(port, undefined)
        resolve(true)
      })
    })
  }

  /** A port that another program holds is no reason to do without the rest. */
  #tell(port: number, reason: string | undefined): void {
    const { log, onProblem } = this.#tools
    if (reason === undefined) this.#problems.delete(port)
    else {
      log.warn({ port, reason }, 'the broker does not listen on a port')
      this.#problems.set(
        port,
        `The broker does not listen on port ${port}: ${reason.replace(/ \(\w+\)$/, '')}`,
      )
    }
    onProblem([...this.#problems.values()][0])
  }
}
