/** Ports of page printers: one HTTP request and its answer at a time, each on a connection of its own (RFC 8010, section 4). */
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import { ippPortDefault } from './port-url.ts'
import { explainSocket } from './tcp.ts'
import {
  type CloseReason,
  type ExchangeFace,
  type PortAddress,
  type Transport,
  transportLimits,
} from './transport.ts'

export const ippTransportLimits = {
  /** Longest body that is sent, in bytes. */
  requestBytesMax: 128 * 1024 * 1024,
  /** Longest answer that is read, in bytes: a printer with every attribute there is sends some 40 KB. */
  answerBytesMax: 4 * 1024 * 1024,
} as const

/** Given to the socket at once: progress shows in steps of this size. */
const pieceBytes = 16 * 1024

/** What an address says of its server. */
interface Server {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly tls: 'none' | 'insecure' | 'verify'
}

export function serverOf(address: PortAddress): Server {
  const [, bracketed, plain = '', digits, path = '/'] =
    /^(?:\[([0-9a-f:.]+)\]|([^:/]+))(?::(\d+))?(\/.*)?$/.exec(address.target) ?? []
  const tls = address.options.tls
  return {
    host: bracketed ?? plain,
    port: digits === undefined ? ippPortDefault : Number(digits),
    path,
    tls: tls === 'verify' || tls === 'insecure' ? tls : 'none',
  }
}

/** Makes sure that somebody takes connections there. Throws HubError `port_unavailable` otherwise. */
export async function openIpp(address: PortAddress, clock: TransportClock): Promise<Transport> {
  const server = serverOf(address)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (reason: string, cause?: unknown) =>
    reject(new HubError('port_unavailable', { port: address.url, reason }, cause))
  const socket = connect({ host: server.host, port: server.port })
  const cancel = clock.after(transportLimits.openMsMax, () =>
    fail(`nobody answered within ${transportLimits.openMsMax} ms`),
  )
  socket.once('connect', resolve)
  socket.on('error', (error) => fail(explainSocket(error), error))
  try {
    await promise
  } finally {
    cancel()
    socket.destroy()
  }
  return new IppTransport(address.url, server, clock)
}

/** What is wrong with an answer that is not one of IPP, and what to do about it. */
function refusal(status: number, { location, 'content-type': type }: IncomingHttpHeaders): string {
  switch (status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return `it sends us on to ${(location ?? 'another address').slice(0, 200)}: write that in the port`
    case 401:
      return 'it wants a password, which is not supported: allow printing without one at the printer'
    case 403:
      return 'it does not let this address print (HTTP 403): allow it at the printer'
    case 404:
      return 'there is nothing at this path (HTTP 404): most printers have /ipp/print, queues /printers/NAME'
    case 426:
      return 'it wants an encrypted connection: write ipps:// in the port'
    default:
      return `it answered with HTTP ${status} and ${(type ?? 'no type').slice(0, 100)}`
  }
}

/** Why an error of a connection means that somebody is there who speaks otherwise; undefined when the connection was lost. */
function noHttp({ code = '' }: NodeJS.ErrnoException): string | undefined {
  if (code.startsWith('HPE_')) return 'it does not speak HTTP: this is not a port for IPP'
  // EPROTO: what came instead of the greeting of TLS.
  if (
    code === 'EPROTO' ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  )
    return 'it does not speak TLS here: write ipp:// in the port'
  return undefined
}

class IppTransport implements Transport {
  readonly port: string
  readonly closed: Promise<CloseReason>
  readonly exchange: ExchangeFace = { exchange: (body, how) => this.#exchange(body, how) }
  readonly #server: Server
  readonly #clock: TransportClock
  readonly #settleClosed: (reason: CloseReason) => void
  readonly #running = new Set<(error: HubError) => void>()
  #bytesWritten = 0
  #ending: CloseReason | undefined

  constructor(port: string, server: Server, clock: TransportClock) {
    this.port = port
    this.#server = server
    this.#clock = clock
    const { promise, resolve } = Promise.withResolvers<CloseReason>()
    this.closed = promise
    this.#settleClosed = resolve
  }

  get bytesWritten(): number {
    return this.#bytesWritten
  }

  /** There is no way for bytes without a request. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#ending !== undefined) return Promise.reject(this.#closedError(this.#ending.reason))
    if (bytes.length === 0) return Promise.resolve()
    return Promise.reject(
      new HubError('params_invalid', { path: 'bytes', reason: 'this port takes requests only' }),
    )
  }

  onBytes(): void {}

  close(): Promise<void> {
    this.#end({ by: 'ours', reason: 'closed by the hub' })
    return Promise.resolve()
  }

  /** Whoever wants the printer again opens the port again. */
  #end(reason: CloseReason): void {
    if (this.#ending !== undefined) return
    this.#ending = reason
    for (const stop of [...this.#running]) stop(this.#closedError(reason.reason))
    this.#settleClosed(reason)
  }

  async #exchange(
    body: Uint8Array,
    { msMax, signal }: { msMax: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    if (this.#ending !== undefined) throw this.#closedError(this.#ending.reason)
    if (signal?.aborted === true) throw this.#closedError('the request was given up')
    if (body.length > ippTransportLimits.requestBytesMax) {
      const reason = `${body.length} bytes are more than ${ippTransportLimits.requestBytesMax}`
      throw new HubError('params_invalid', { path: 'bytes', reason })
    }
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const request = this.#request(body.length)
    const stop = (error: HubError) => {
      // No more one that runs: what its connection says from now on is our doing.
      this.#running.delete(stop)
      reject(error)
      request.destroy()
    }
    const lose = (error: unknown) => {
      reject(this.#closedError(explainSocket(error)))
      if (this.#running.has(stop)) this.#end({ by: 'lost', reason: explainSocket(error) })
    }
    this.#running.add(stop)
    const cancel = this.#clock.after(msMax, () =>
      stop(new HubError('answer_timeout', { device: this.port, ms: msMax })),
    )
    const give = () => stop(this.#closedError('the request was given up'))
    signal?.addEventListener('abort', give, { once: true })
    request.on('response', (response) =>
      this.#read(response).then(resolve, (error: unknown) =>
        error instanceof HubError ? stop(error) : lose(error),
      ),
    )
    request.on('error', (error) => {
      const reason = noHttp(error)
      if (reason === undefined) lose(error)
      else stop(this.#invalid(reason))
    })
    request.on('socket', (socket) => this.#send(request, socket, body))
    try {
      return await promise
    } finally {
      this.#running.delete(stop)
      cancel()
      signal?.removeEventListener('abort', give)
      // An answer may come before the body has gone; nothing of it is of use any more.
      request.destroy()
    }
  }

  #request(bytes: number): ClientRequest {
    const { host, port, path, tls } = this.#server
    const options = {
      host,
      port,
      path,
      method: 'POST',
      // Each request has its own connection: on one that was kept, a request may be lost in a goodbye that crosses it.
      agent: false as const,
      headers: {
        'Content-Type': 'application/ipp',
        'Content-Length': bytes,
        Accept: 'application/ipp',
        Connection: 'close',
      },
    }
    if (tls === 'none') return httpRequest(options)
    // Printers make their own certificates; whoever has given theirs a real one asks for it with tls=verify.
    return httpsRequest({ ...options, rejectUnauthorized: tls === 'verify' })
  }

  /** The body goes out once there is a connection: what could not have left must not count as gone. */
  #send(request: ClientRequest, socket: Socket, body: Uint8Array): void {
    const send = async () => {
      for (let start = 0; start < body.length && !request.destroyed; start += pieceBytes) {
        const piece = body.subarray(start, start + pieceBytes)
        const { promise, resolve } = Promise.withResolvers<void>()
        request.write(piece, () => resolve())
        this.#bytesWritten += piece.length
        await promise
      }
      request.end()
    }
    const start = () => void send()
    if (!socket.connecting) start()
    else socket.once(this.#server.tls === 'none' ? 'connect' : 'secureConnect', start)
  }

  /** The body; rejects with HubError `answer_invalid`, or with the connection's error when that was lost. */
  async #read(response: IncomingMessage): Promise<Uint8Array> {
    const { statusCode = 0, headers } = response
    const isIpp = (headers['content-type'] ?? '').toLowerCase().startsWith('application/ipp')
    if (statusCode !== 200 || !isIpp) {
      response.destroy()
      throw this.#invalid(refusal(statusCode, headers))
    }
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response as AsyncIterable<Uint8Array>) {
      length += part.length
      if (length > ippTransportLimits.answerBytesMax)
        throw this.#invalid(`it is longer than ${ippTransportLimits.answerBytesMax} bytes`)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  #invalid(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.port, reason })
  }

  #closedError(reason: string): HubError {
    return new HubError('port_closed', { port: this.port, reason })
  }
}
