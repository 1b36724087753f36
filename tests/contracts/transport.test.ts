/** Every kind of transport keeps the transport contract; the kinds' own rules follow. */
import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { MemoryEnd } from '../../src/drivers/transports/memory.ts'
import { MemoryPorts } from '../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../src/drivers/transports/port-url.ts'
import { TestClock } from '../support/clock.ts'
import { hasSocat, openPty } from '../support/pty.ts'
import { type Port, Received, transportContract, transportRules } from './transport.ts'

async function memoryPort(): Promise<Port> {
  const clock = new TestClock()
  const ports = new MemoryPorts(clock)
  const received = new Received()
  let end: MemoryEnd | undefined
  let stalled = false
  ports.offer('p', (offered) => {
    end = offered
    end.pause(stalled)
    end.onBytes((bytes) => received.push(bytes))
  })
  const open = createOpenTransport(clock, ports)
  return {
    open: () => open(parsePortUrl('memory:p')),
    clock,
    peer: {
      write: (bytes) => end?.write(bytes),
      received: () => received.all(),
      until: (count) => received.until(count),
      stall(on) {
        stalled = on
        end?.pause(on)
      },
      cut: () => end?.close(),
    },
    stop: async () => ports.withdraw('p'),
  }
}

async function tcpPort(): Promise<Port> {
  const clock = new TestClock()
  const received = new Received()
  const sockets: Socket[] = []
  let accepted: (socket: Socket) => void = () => {}
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('data', (bytes: Uint8Array) => received.push(bytes))
    socket.on('error', () => {})
    accepted(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const open = createOpenTransport(clock, new MemoryPorts())
  return {
    async open() {
      const taken = new Promise<Socket>((resolve) => {
        accepted = resolve
      })
      const transport = await open(parsePortUrl(`tcp://127.0.0.1:${port}`))
      await taken
      return transport
    },
    clock,
    peer: {
      write: (bytes) => void sockets.at(-1)?.write(bytes),
      received: () => received.all(),
      until: (count) => received.until(count),
      stall(on) {
        for (const socket of sockets) on ? socket.pause() : socket.resume()
      },
      cut: () => sockets.at(-1)?.resetAndDestroy(),
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function serialPort(): Promise<Port> {
  const clock = new TestClock()
  const received = new Received()
  const pty = await openPty()
  pty.onBytes((bytes) => received.push(bytes))
  const open = createOpenTransport(clock, new MemoryPorts())
  return {
    open: () => open(parsePortUrl(`serial:${pty.path}?baud=115200`)),
    clock,
    peer: {
      write: (bytes) => pty.write(bytes),
      received: () => received.all(),
      until: (count) => received.until(count),
      stall: (on) => pty.stall(on),
      cut: () => pty.cut(),
    },
    stop: () => pty.stop(),
  }
}

transportContract('memory', memoryPort)
transportContract('tcp', tcpPort)
describe.skipIf(!hasSocat())('with a pty', () => transportContract('serial', serialPort))

describe('the suite', () => {
  it('covers every rule of the contract', () => {
    expect(transportRules).toHaveLength(13)
  })
})
