/** Where a request comes from, and whether others can read it on the way. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** The address at the other end; IPv4 is written as IPv4 also on a socket that listens for both. */
export function sourceOf(socket: Pick<Socket, 'remoteAddress'>): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
}

export function isEncrypted(request: IncomingMessage): boolean {
  return (request.socket as { encrypted?: boolean }).encrypted === true
}
