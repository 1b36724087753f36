/** Serves a twin on a socket, as a network printer. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Twin, TwinWire } from '../../src/drivers/driver.ts'

export interface TwinServer {
  readonly port: number
  /** Connections that were taken. */
  readonly accepted: number
  close(): Promise<void>
}

/**
 * Serves a twin on 127.0.0.1, on a free port. Like a printer it takes one connection at a time; another one is closed, and
 * so is each one while the twin is switched off.
 */
export async function serveTwin(twin: Twin): Promise<TwinServer> {
  let current: Socket | undefined
  let accepted = 0
  const server: Server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {})
    if (current !== undefined || !twin.plugged) {
      socket.destroy()
      return
    }
    current = socket
    accepted++
    socket.on('close', () => {
      if (current === socket) current = undefined
    })
    twin.attach({
      write: (bytes) => socket.write(bytes),
      onBytes: (listener) => socket.on('data', listener),
      close: () => socket.destroy(),
      pause: (on: boolean) => void (on ? socket.pause() : socket.resume()),
    } as TwinWire & { pause(on: boolean): void })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted
    },
    close: () =>
      new Promise((resolve) => {
        current?.destroy()
        server.close(() => resolve())
      }),
  }
}
