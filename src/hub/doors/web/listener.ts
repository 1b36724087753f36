/** One listening port, http or https, with the limits that keep slow and greedy connections from holding it. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  STATUS_CODES,
} from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { TlsMaterial } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { TokenBucket } from '../token-bucket.ts'
import type { Connections } from './connections.ts'
import { sourceOf } from './source.ts'
import type { WebLimits } from './web-limits.ts'

/**
 * TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only. HTTP/1.1 only: WebSockets over HTTP/2 would need
 * a second way through the whole door.
 */
export const tlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  // Without a list OpenSSL offers finite fields too, of which ffdhe2048 counts as weak.
  ecdhCurve: 'X25519MLKEM768:X25519:prime256v1:secp384r1',
  ALPNProtocols: ['http/1.1'] as string[],
} as const

/** First byte of a TLS handshake record (RFC 8446, 5.1). */
const tlsHandshake = 0x16
const headersMax = 100
const plainAnswer = 'This port speaks https: write https:// before the address.\n'

export interface ListenerTools {
  clock: Clock
  log: Log
  limits: WebLimits
  /** Shared by all ports. */
  connections: Connections
  onRequest: RequestListener
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

export class Listener {
  readonly #tools: ListenerTools
  readonly #server: Server | TlsServer
  readonly #nuisances: TokenBucket
  #closing = false

  /** With material it is https. Throws `certificate_failed` for material that cannot be used. */
  constructor(tools: ListenerTools, material?: TlsMaterial) {
    this.#tools = tools
    const { clock, limits } = tools
    this.#nuisances = new TokenBucket(clock, limits.nuisanceLinesPerSecondMax, limits.nuisanceLinesBurstMax)
    this.#server =
      material === undefined
        ? createServer(serverOptions(limits), tools.onRequest)
        : usable(() =>
            createTlsServer(
              {
                ...serverOptions(limits),
                ...tlsOptions,
                handshakeTimeout: limits.handshakeMsMax,
                ...material,
              },
              tools.onRequest,
            ),
          )
    this.#prepare(material !== undefined)
  }

  /** Listens; port 0 picks a free one. Answers the port. Throws `address_in_use` or `port_unavailable`. */
  start(bind: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.on('error', (error: NodeJS.ErrnoException) => {
        // While it listens: a connection that could not be taken, as when there are no file descriptors left.
        if (this.#server.listening) {
          this.#tellNuisance({ reason: errorText(error) }, 'a connection was not taken')
          return
        }
        reject(
          error.code === 'EADDRINUSE'
            ? new HubError('address_in_use', { port }, error)
            : new HubError('port_unavailable', { port, reason: errorText(error) }, error),
        )
      })
      this.#server.listen(port, bind, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /** Takes another certificate for connections from now on; open ones go on. Throws `certificate_failed`. */
  renew(material: TlsMaterial): void {
    usable(() => (this.#server as TlsServer).setSecureContext({ ...tlsOptions, ...material }))
  }

  /** Takes nothing new. Settles when all connections have ended. */
  stop(): Promise<void> {
    this.#closing = true
    if (!this.#server.listening) return Promise.resolve()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #prepare(isTls: boolean): void {
    const server = this.#server
    const { limits, onUpgrade } = this.#tools
    server.maxHeadersCount = headersMax
    server.timeout = limits.idleMsMax
    server.on('upgrade', onUpgrade)
    server.on('request', (_request, response) =>
      response.on('close', () => {
        if (this.#closing) setImmediate(() => server.closeIdleConnections())
      }),
    )
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => this.#clientError(error, socket))
    if (isTls) this.#lookFirst()
    else server.on('connection', (socket: Socket) => void this.#enter(socket))
  }

  /** False when there is no room for it; an older one may have to go for it. */
  #enter(socket: Socket): boolean {
    const displaced = this.#tools.connections.enter(socket)
    if (displaced !== undefined) {
      this.#nuisance(displaced, 'too many connections')
      displaced.destroy()
    }
    return displaced !== socket
  }

  /** Looks at the first byte, so that whoever speaks plain http with the https port is told instead of left with a broken line. */
  #lookFirst(): void {
    const server = this.#server
    const { clock, limits } = this.#tools
    const handshakes = server.listeners('connection')
    server.removeAllListeners('connection')
    server.on('connection', (socket: Socket) => {
      if (!this.#enter(socket)) return
      const ignore = () => {}
      socket.on('error', ignore)
      const cancel = clock.after(limits.handshakeMsMax, () => socket.destroy())
      socket.once('close', cancel)
      socket.once('readable', () => {
        cancel()
        const first = socket.read(1) as Buffer | null
        if (first === null) return socket.destroy()
        if (first[0] !== tlsHandshake) return endWith(socket, 400, plainAnswer)
        socket.unshift(first)
        socket.off('error', ignore)
        for (const handshake of handshakes) handshake.call(server, socket)
      })
    })
  }

  /** What Node makes of requests that are none, are too slow or have too much header; TLS that fails ends without a word. */
  #clientError(error: NodeJS.ErrnoException, socket: Duplex): void {
    const code = error.code ?? ''
    if (code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    this.#nuisance(socket as Socket, code)
    if (!/^(HPE_|ERR_HTTP_)/.test(code)) socket.destroy()
    else endWith(socket, statusOf(code))
  }

  #nuisance(socket: Socket, reason: string): void {
    this.#tellNuisance({ from: sourceOf(socket), reason }, 'a connection was cut off')
  }

  #tellNuisance(facts: { from?: string; reason: string }, sentence: string): void {
    if (this.#nuisances.take()) this.#tools.log.info(facts, sentence)
  }
}

function statusOf(code: string): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
}

/** A last answer on a socket that no HTTP response exists for. Half open it would stay for as long as the client likes. */
export function endWith(socket: Duplex, status: number, text = '', type = 'text/plain; charset=utf-8'): void {
  socket.once('finish', () => socket.destroy())
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    ...(text === '' ? [] : [`Content-Type: ${type}`]),
    `Content-Length: ${Buffer.byteLength(text)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`)
}

function serverOptions(limits: WebLimits): ServerOptions {
  return {
    headersTimeout: limits.headersMsMax,
    // Others are looked at by `bodyInTime`: this one knows no difference.
    requestTimeout: limits.uploadMsMax,
    connectionsCheckingInterval: limits.slowCheckMs,
    keepAliveTimeout: limits.keepAliveMsMax,
    maxHeaderSize: limits.headerBytesMax,
  }
}

function usable<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new HubError('certificate_failed', { reason: errorText(error) }, error)
  }
}
