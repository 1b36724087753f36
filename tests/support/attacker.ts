/** Requests by hand from any address of 127.0.0.0/8, as an attacker would send them. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ConnectionOptions } from 'node:tls'

export interface AttackerAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The code of the error in the body. */
  code: string | undefined
}

export interface Attack {
  /** Address it comes from. */
  from?: string
  method?: string
  headers?: Record<string, string>
  body?: string
  /** Whose certificates it takes, over https. */
  tls?: Pick<ConnectionOptions, 'ca' | 'rejectUnauthorized'>
}

/** Sends a request as it is: fetch would tidy the path and keep Host and Origin to itself. 101 is a WebSocket that was let in. */
export function attack(url: string, path: string, options: Attack = {}): Promise<AttackerAnswer> {
  const { protocol, hostname, port } = new URL(url)
  const { from, method = 'GET', headers = {}, body, tls } = options
  const make = protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = make(
      {
        host: hostname,
        port,
        path,
        method,
        headers,
        agent: false,
        ...tls,
        ...(from === undefined ? {} : { localAddress: from }),
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () => {
          const code = /"code":"(\w+)"/.exec(text)?.[1]
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code })
        })
      },
    )
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: response.headers, text: '', code: undefined })
    })
    request.on('error', reject)
    request.end(body)
  })
}

export const upgradeHeaders = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const

/** A JSON-RPC request over HTTP. */
export const rpcAttack = (
  method: string,
  params: unknown,
  headers: Record<string, string> = {},
  from?: string,
): Attack => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  ...(from === undefined ? {} : { from }),
})
