/** What several benchmarks need: a printer that times its bytes, a raw client, a bare peer in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { HubProcess } from '../../tests/support/hub-process.ts'

/** A network printer that answers a process id at once and tells when the first byte of each job came in. */
export interface TimedPrinter {
  port: number
  /** Settles with the time of the next byte that comes in. */
  nextByte(): Promise<number>
  close(): void
}

export async function timedPrinter(): Promise<TimedPrinter> {
  let waiting: ((at: number) => void) | undefined
  const sockets = new Set<Socket>()
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', () => {
      const at = performance.now()
      waiting?.(at)
      waiting = undefined
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    nextByte: () =>
      new Promise((resolve) => {
        waiting = resolve
      }),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Settings of a printer that is never asked anything: what is timed is the hub, not a simulated mechanism. */
export const silentPrinter = {
  completion: 'none',
  status: 'none',
  identity: false,
  drawerSense: false,
} as const

/** A client without any library of ours in the way. */
export class RawClient {
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (message: { result?: unknown; error?: unknown }) => void>()
  onEvent: (text: string) => void = () => {}
  #id = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data) => {
      const text = data.toString()
      if (text.startsWith('{"jsonrpc":"2.0","method":"event"')) return this.onEvent(text)
      const message = JSON.parse(text) as { id: number; result?: unknown; error?: unknown }
      this.#answers.get(message.id)?.(message)
      this.#answers.delete(message.id)
    })
  }

  static async connect(hub: HubProcess, token: string): Promise<RawClient> {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/ws`, 'tillbridge.v1', {
      perMessageDeflate: false,
    })
    await new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    const client = new RawClient(socket)
    await client.call('hello', { token, client: 'bench' })
    return client
  }

  async call(method: string, params: object): Promise<unknown> {
    const id = ++this.#id
    const answer = new Promise<{ result?: unknown; error?: unknown }>((resolve) =>
      this.#answers.set(id, resolve),
    )
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const message = await answer
    if (message.error !== undefined) throw new Error(JSON.stringify(message.error))
    return message.result
  }

  close(): void {
    this.#socket.close()
  }
}

/** Starts a peer script of scripts/bench/ in a process of its own; settles with its first message. */
export async function peer<T>(script: string, ...args: string[]): Promise<{ child: ChildProcess; hello: T }> {
  const child = fork(new URL(script, import.meta.url), args, { stdio: 'inherit' })
  const hello = await new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)))
  return { child, hello }
}
