/** The twin on real transports: a socket and a serial line. */
import { once } from 'node:events'
import { constants, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createEscposTwin, type EscposTwinOptions } from '../../../src/drivers/printers/escpos/twin/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { ttyTwin } from '../../support/twin-pty.ts'
import { serveTwin } from '../../support/twin-tcp.ts'
import { bytesOf, DLE, GS } from './twin-bench.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const makeTwin = (options: Partial<EscposTwinOptions> = {}) =>
  createEscposTwin({ clock: new TestClock(), ...options })

/** Reads until so many bytes are there. */
function read(from: Socket, count: number): Promise<string> {
  const got: number[] = []
  return new Promise((resolve) => {
    const take = (bytes: Buffer) => {
      got.push(...bytes)
      if (got.length < count) return
      from.off('data', take)
      resolve(Buffer.from(got).toString('hex'))
    }
    from.on('data', take)
  })
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  endings.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

describe('socket', () => {
  it('[TWIN16] prints and answers; one connection at a time', async () => {
    const twin = makeTwin()
    const server = await serveTwin(twin)
    endings.push(() => server.close())
    const first = await dial(server.port)
    first.write(bytesOf('hello\n', [GS, 0x28, 0x48, 6, 0, 48, 48], 'J001'))
    expect(await read(first, 7)).toBe('37224a30303100')
    const second = await dial(server.port)
    await once(second, 'close')
    expect(server.accepted).toBe(1)
    first.write(bytesOf([DLE, 4, 1]))
    expect(await read(first, 1)).toBe('12')
    expect(twin.uncut).toEqual(['hello'])
  })

  it('[TWIN18] switched off it hangs up and refuses; switched on it is back', async () => {
    const twin = makeTwin()
    const server = await serveTwin(twin)
    endings.push(() => server.close())
    const first = await dial(server.port)
    first.write(bytesOf([DLE, 4, 1]))
    await read(first, 1)
    const hungUp = once(first, 'close')
    twin.order({ order: 'plug', on: false })
    await hungUp
    const refused = await dial(server.port)
    await once(refused, 'close')
    twin.order({ order: 'plug', on: true })
    const again = await dial(server.port)
    again.write(bytesOf([DLE, 4, 1]))
    expect(await read(again, 1)).toBe('12')
  })

  it('[TWIN17] out of paper it lets the sender fill the line, no more, and loses nothing', async () => {
    const twin = makeTwin({ bufferBytes: 1_000, ticketDotsMax: 100_000 })
    const server = await serveTwin(twin)
    endings.push(() => server.close())
    twin.order({ order: 'paper', state: 'out' })
    const till = await dial(server.port)
    const images = 64
    const image = bytesOf([GS, 0x76, 0x30, 0, 72, 0, 0xe8, 0x03], new Uint8Array(72_000))
    for (let i = 0; i < images; i++) till.write(image)
    // 4.6 MB are more than the sockets between take.
    await expect.poll(() => twin.queuedBytes).toBe(1_000)
    await expect.poll(() => twin.unreadBytes).toBeGreaterThan(0)
    expect(till.writableLength).toBeGreaterThan(0)
    const before = twin.bytesReceived
    expect(before).toBe(1_000)
    till.write(bytesOf([GS, 0x28, 0x48, 6, 0, 48, 48], 'J001'))
    twin.order({ order: 'paper', state: 'full' })
    expect(await read(till, 7)).toBe('37224a30303100')
    expect(twin.bytesReceived).toBe(images * image.length + 11)
    expect(twin.uncut).toHaveLength(images)
  })
})

describe('serial line', () => {
  it('[TWIN16] prints and answers; pulling the cable hangs the tty up', async () => {
    const twin = makeTwin()
    const tty = await ttyTwin(twin)
    endings.push(() => tty.stop())
    const port = await open(tty.path, constants.O_RDWR | constants.O_NOCTTY)
    endings.push(() => port.close())
    await port.write(bytesOf('hello\n', [GS, 0x28, 0x48, 6, 0, 48, 48], 'J001', [DLE, 4, 1]))
    const answer: number[] = []
    while (answer.length < 8) {
      const { bytesRead, buffer } = await port.read(new Uint8Array(8))
      answer.push(...buffer.subarray(0, bytesRead))
    }
    expect(Buffer.from(answer).toString('hex')).toBe('37224a3030310012')
    expect(twin.uncut).toEqual(['hello'])
    // A read that waits ends when the line is hung up: with nothing, or with an error.
    const ended = port.read(new Uint8Array(1)).then(
      ({ bytesRead }) => bytesRead,
      () => 0,
    )
    twin.order({ order: 'plug', on: false })
    expect(await ended).toBe(0)
    await expect(port.write('x')).rejects.toThrow('EIO')
  })
})
