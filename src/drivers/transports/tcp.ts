/** Ports at an address: printers with a network card, serial servers, and everything else that speaks over a socket. */
import { connect, type Socket } from 'node:net'
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { type PortAddress, type Transport, transportLimits } from './transport.ts'

/** Idle time after which the system asks whether the other side is still there (it then asks each second, ten times). */
export const keepAliveIdleMs = 10_000
/** How long a close waits for the other side to read what was sent. */
export const lingerMsMax = 1_000
/** Bytes given to the socket at once: progress shows in steps of this size. */
const pieceBytes = 4 * 1024

/** Connects. Throws HubError `port_unavailable` when nothing answers within `openMsMax`. */
export async function openTcp(address: PortAddress, clock: TransportClock): Promise<Transport> {
  const socket = connect({
    host: address.target,
    port: address.tcpPort ?? 0,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: keepAliveIdleMs,
  })
  await connected(socket, address, clock)
  const transport: ByteTransport = new ByteTransport(address.url, new TcpWire(socket, clock), clock)
  let failure: Error | undefined
  socket.on('data', (bytes: Uint8Array) => transport.receive(bytes))
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('end', () => void transport.end({ by: 'lost', reason: 'the other side closed the connection' }))
  socket.on('close', () => {
    const reason = failure === undefined ? 'the connection was closed' : explainSocket(failure)
    void transport.end({ by: 'lost', reason })
  })
  return transport
}

async function connected(socket: Socket, address: PortAddress, clock: TransportClock): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (reason: string, cause?: unknown) => {
    socket.destroy()
    reject(new HubError('port_unavailable', { port: address.url, reason }, cause))
  }
  const late = () => fail(`nobody answered within ${transportLimits.openMsMax} ms`)
  const onError = (error: Error) => fail(explainSocket(error), error)
  const cancel = clock.after(transportLimits.openMsMax, late)
  socket.once('connect', resolve)
  socket.on('error', onError)
  try {
    await promise
  } finally {
    cancel()
    // A refused socket keeps the listener: an error that comes late must find one.
    if (!socket.destroyed) socket.off('error', onError)
  }
}

class TcpWire implements Wire {
  readonly #socket: Socket
  readonly #clock: TransportClock

  constructor(socket: Socket, clock: TransportClock) {
    this.#socket = socket
    this.#clock = clock
  }

  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytes) {
      const piece = bytes.subarray(start, start + pieceBytes)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      this.#socket.write(piece, (error) => (error ? reject(error) : resolve()))
      handed(piece.length)
      await promise
    }
  }

  /** What the event loop holds because the system's buffer is full. Not in Node's documented interface: none counts as 0. */
  queued(): number {
    const { _handle: handle } = this.#socket as Socket & { _handle?: { writeQueueSize?: number } | null }
    return handle?.writeQueueSize ?? 0
  }

  /**
   * A finished connection says goodbye, so that the other side still reads what the system has of ours. An abandoned one
   * is cut: what is queued here must not leave any more.
   */
  async release(abandoned: boolean): Promise<void> {
    const socket = this.#socket
    if (socket.closed) return
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.once('close', () => resolve())
    const cancel = this.#clock.after(lingerMsMax, () => socket.destroy())
    if (abandoned || socket.destroyed) socket.destroy()
    else socket.end()
    await promise
    cancel()
  }
}

/** The system's words for what a person sees most often. */
export function explainSocket(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ECONNREFUSED':
      return 'the address refuses the connection'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'the address cannot be reached'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known on this network'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the other side broke the connection off'
    case 'ETIMEDOUT':
      return 'the other side does not answer any more'
    default:
      return errorText(error)
  }
}
