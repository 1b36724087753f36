/** A cable between a client and the hub that can be cut and mended: a TCP proxy on loopback. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Proxy {
  url: string
  /** Cuts every connection and refuses new ones. */
  cut(): void
  mend(): void
  /** Where new connections go: the hub may have come back on another port. */
  target(url: string): void
  stop(): Promise<void>
}

export async function startProxy(url: string): Promise<Proxy> {
  let target = new URL(url)
  let broken = false
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    if (broken) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port), target.hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      broken = true
      drop()
    },
    mend() {
      broken = false
    },
    target(next) {
      target = new URL(next)
    },
    async stop() {
      drop()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
