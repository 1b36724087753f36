/** TCP ports: what they add to the transport contract, against real sockets on the loopback. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TransportClock } from '../../../src/drivers/transports/clock.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { keepAliveIdleMs, lingerMsMax, openTcp } from '../../../src/drivers/transports/tcp.ts'
import { transportLimits } from '../../../src/drivers/transports/transport.ts'
import { pattern, Received } from '../../contracts/transport.ts'
import { settle, TestClock } from '../../support/clock.ts'

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`
}

async function connected(options: { allowHalfOpen?: boolean } = {}) {
  const clock = new TestClock()
  const { promise: accepted, resolve } = Promise.withResolvers<Socket>()
  const server = createServer(options, (socket) => {
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    resolve(socket)
  })
  const url = await listen(server)
  const transport = await openTcp(parsePortUrl(url), clock)
  onTestFinished(() => transport.close())
  return { clock, transport, socket: await accepted }
}

describe('tcp transport', () => {
  it('[TCP1] a refused connection is port_unavailable', async () => {
    const server = createServer()
    const url = await listen(server)
    await new Promise((resolve) => server.close(resolve))
    const clock = new TestClock()
    await expect(openTcp(parsePortUrl(url), clock)).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { port: url, reason: 'the address refuses the connection' },
    })
    expect(clock.pending).toBe(0)
  })

  it('[TCP1] silence is port_unavailable after openMsMax', async () => {
    const url = await listen(createServer((socket) => socket.on('error', () => {})))
    // Time runs out before the loop turns once: no answer can have come.
    let ms = 0
    const hurried: TransportClock = {
      after(given, callback) {
        ms = given
        queueMicrotask(callback)
        return () => {}
      },
    }
    await expect(openTcp(parsePortUrl(url), hurried)).rejects.toMatchObject({
      code: 'port_unavailable',
      context: { reason: 'nobody answered within 5000 ms' },
    })
    expect(ms).toBe(transportLimits.openMsMax)
  })

  it('[TCP2] a goodbye and a break have their own reasons', async () => {
    const goodbye = await connected()
    goodbye.socket.end()
    expect(await goodbye.transport.closed).toEqual({
      by: 'lost',
      reason: 'the other side closed the connection',
    })
    const broken = await connected()
    broken.socket.resetAndDestroy()
    expect(await broken.transport.closed).toEqual({
      by: 'lost',
      reason: 'the other side broke the connection off',
    })
  })

  it('[TCP2] what was said before the goodbye arrives before the loss', async () => {
    const { transport, socket } = await connected()
    const received = new Received()
    transport.onBytes((bytes) => received.push(bytes))
    socket.end(pattern(1_000))
    await transport.closed
    expect(received.all()).toEqual(pattern(1_000))
  })

  it.skipIf(!existsSync('/proc/net/tcp'))('[TCP3] an idle peer is asked after ten seconds', async () => {
    const { socket } = await connected()
    // The kernel's table: local address, peer, state, queues, then the running timer (02 is keep-alive) and its 1/100 s.
    const theirs = `0100007F:${(socket.remotePort ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
    const established = '01'
    const row = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((text) => text.trim().split(/\s+/))
      .find((columns) => columns[1] === theirs && columns[3] === established)
    const [timer, ticks] = row?.[5]?.split(':') ?? []
    expect(timer).toBe('02')
    expect(Number.parseInt(ticks ?? '', 16) / 100).toBeGreaterThan(keepAliveIdleMs / 1_000 - 2)
    expect(Number.parseInt(ticks ?? '', 16) / 100).toBeLessThan(keepAliveIdleMs / 1_000 + 1)
  })

  it('[TCP4] a close says goodbye after what was sent, and the other side can read it late', async () => {
    const { transport, socket } = await connected()
    socket.pause()
    await transport.write(pattern(50_000))
    const closing = transport.close()
    const received = new Received()
    const ended = new Promise((resolve) => socket.once('end', resolve))
    socket.on('data', (bytes: Uint8Array) => received.push(bytes)).resume()
    await ended
    await closing
    expect(Buffer.compare(received.all(), pattern(50_000))).toBe(0)
  })

  it('[TCP4] a peer that does not say goodbye is cut off after a second', async () => {
    const { clock, transport } = await connected({ allowHalfOpen: true })
    let closed = false
    const closing = transport.close().then(() => {
      closed = true
    })
    await clock.advance(lingerMsMax - 1)
    expect(closed).toBe(false)
    await clock.advance(1)
    await closing
    expect(await transport.closed).toMatchObject({ by: 'ours' })
    await settle()
    expect(clock.pending).toBe(0)
  })
})
