/** Greedy and slow connections at the web door, each limit at its edge; rules of docs/protocol.md. */
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sourceKey } from '../../src/hub/access/source.ts'
import { type WebLimits, webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
const start = async (limits: Partial<WebLimits> = {}) => {
  bench = await DoorBench.start(limits)
}
afterEach(() => bench.stop())

const otherSource = '127.0.0.2'

function status(path: string, options: { from?: string; headers?: Record<string, string> } = {}) {
  return new Promise<number | 'cut'>((resolve) => {
    const { from, headers = {} } = options
    const request = get(
      {
        host: '127.0.0.1',
        port: bench.port,
        path,
        headers,
        agent: new Agent(),
        ...(from === undefined ? {} : { localAddress: from }),
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    request.on('error', () => resolve('cut'))
  })
}

const upgrade = (from?: string) =>
  status('/ws', {
    ...(from === undefined ? {} : { from }),
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    },
  })

/** A connection without manners: what it got, and whether it is over. */
function bare(from?: string) {
  const socket: Socket = connect({
    port: bench.port,
    host: '127.0.0.1',
    ...(from === undefined ? {} : { localAddress: from }),
  })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  const opened = new Promise<void>((resolve) => socket.once('connect', resolve))
  return { socket, opened, closed }
}

describe('WebSockets without hello', () => {
  it('[P73] may send so many bytes and no more, also in pieces and in a frame that is never finished', async () => {
    await start({ ungreetedBytesMax: 10_000 })
    const held = Promise.withResolvers<void>()
    bench.hub.memoryAccess.held = held.promise
    const within = await bench.open()
    const hello = within.hello('cashier-token')
    // A masked frame of 126 bytes and more has eight bytes of header; hello has come before it.
    within.send('x'.repeat(9_700))
    const over = await bench.open()
    void over.hello('cashier-token').catch(() => {})
    const timers = bench.clock.pending
    over.send('x'.repeat(9_000))
    over.send('x'.repeat(1_000))
    // The hub reads nothing more, not even the answer to its close frame: the end comes by the clock.
    while (bench.clock.pending === timers) await settle()
    await bench.clock.advance(webLimits.closeMsMax)
    expect(await over.closed).toEqual({ code: 1009, reason: 'message_too_large' })
    held.resolve()
    expect((await hello).result.role).toBe('cashier')
    // Once greeted it may send what everybody may.
    within.send({ jsonrpc: '2.0', id: 'large', method: 'ping', x: 'x'.repeat(100_000) })
    expect((await within.message(({ id }) => id === 'large')).result).toEqual({})
    const half = bare()
    half.socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    )
    half.socket.once('data', () => {
      const frame = Buffer.alloc(14 + 20_000)
      frame[0] = 0x81
      frame[1] = 0x80 | 127
      frame.writeBigUInt64BE(1_000_000n, 2)
      half.socket.write(frame)
    })
    // Close frame: opcode 8, then the code 1009.
    await new Promise<void>((resolve) =>
      half.socket.on('data', (chunk) => chunk.toString('latin1').includes('\x03\xf1') && resolve()),
    )
    await bench.clock.advance(webLimits.closeMsMax)
    expect(await half.closed).toContain('\x03\xf1message_too_large')
  })

  it('[P74] are so many from one source; those that were greeted and those that left do not count', async () => {
    await start({ ungreetedPerSourceMax: 2 })
    const first = await bench.open()
    const second = await bench.open()
    expect(await upgrade()).toBe(429)
    expect(await upgrade(otherSource)).toBe(101)
    await first.hello('cashier-token')
    const third = await bench.open()
    expect(await upgrade()).toBe(429)
    second.socket.terminate()
    await second.closed
    // Leaving has to reach the hub.
    for (let turn = 0; turn < 10; turn++) await settle()
    const fourth = await bench.open()
    expect(await upgrade()).toBe(429)
    first.socket.close()
    await first.closed
    for (let turn = 0; turn < 10; turn++) await settle()
    // It was counted once, as greeted: its end frees nothing.
    expect(await upgrade()).toBe(429)
    for (const client of [third, fourth]) client.socket.terminate()
  })

  it('[P74] come from one source at a rate', async () => {
    await start({ upgradesBurstMax: 2, upgradesPerSecondMax: 1 })
    expect([await upgrade(), await upgrade(), await upgrade()]).toEqual([101, 101, 429])
    expect(await upgrade(otherSource)).toBe(101)
    await bench.clock.advance(999)
    expect(await upgrade()).toBe(429)
    await bench.clock.advance(1)
    expect(await upgrade()).toBe(101)
  })
})

describe('connections', () => {
  it('[P74] are so many from one source, of whatever kind', async () => {
    await start({ connectionsPerSourceMax: 3 })
    const held = [bare(), bare()]
    await Promise.all(held.map(({ opened }) => opened))
    const socket = await bench.greeted()
    expect(await status('/api/v1/health')).toBe('cut')
    expect(await status('/api/v1/health', { from: otherSource })).toBe(200)
    held[0]?.socket.destroy()
    await held[0]?.closed
    for (let turn = 0; turn < 10; turn++) await settle()
    expect(await status('/api/v1/health')).toBe(200)
    expect((await socket.request('ping')).result).toEqual({})
    expect(bench.logLines.join()).toContain('too many connections')
    held[1]?.socket.destroy()
  })

  it('[P74] count IPv6 by /64', () => {
    expect(sourceKey('2001:db8:0:1::1')).toBe(sourceKey('2001:0DB8::0001:ffff:2:3:4'))
    expect(sourceKey('2001:db8:0:1::1')).not.toBe(sourceKey('2001:db8:0:2::1'))
    expect(sourceKey('fe80::1%eth0')).toBe(sourceKey('fe80::2'))
    expect(sourceKey('::1')).not.toBe(sourceKey('fe80::1'))
    expect([sourceKey('192.168.1.5'), sourceKey('')]).toEqual(['192.168.1.5', ''])
  })
})

describe('strangers over HTTP', () => {
  it('[P75] have a rate for each source, which a known client does not use up', async () => {
    await start({ strangersBurstMax: 3, strangersPerSecondMax: 1 })
    const rpc = async (token: string, from?: string) =>
      status('/api/v1/session', {
        ...(from === undefined ? {} : { from }),
        headers: { Authorization: `Bearer ${token}` },
      })
    expect([await status('/'), await status('/api/v1/health'), await status('/api/v1/setup')]).toEqual([
      503, 200, 200,
    ])
    for (const path of ['/api/v1/health', '/api/v1/reach', '/', '/nothing.js', '/trust/info.json'])
      expect([path, await status(path)]).toEqual([path, 429])
    expect(await status('/api/v1/health', { from: otherSource })).toBe(200)
    const known = await bench.post('/api/v1/rpc', '{"jsonrpc":"2.0","id":1,"method":"device.list"}')
    expect(known.status).toBe(200)
    const wrong = await bench.post('/api/v1/rpc', '{}', { Authorization: 'Bearer wrong' })
    expect([wrong.status, wrong.body.error.data.code]).toEqual([429, 'rate_limited'])
    expect(wrong.headers.get('retry-after')).toBe('1')
    expect(bench.hub.memoryAccess.refusals.at(-1)).toMatchObject({ what: 'flood', source: '127.0.0.1' })
    expect(await rpc('cashier-token')).not.toBe(429)
    expect(await status('/metrics')).toBe(200)
    await bench.clock.advance(999)
    expect(await status('/api/v1/health')).toBe(429)
    await bench.clock.advance(1)
    expect(await status('/api/v1/health')).toBe(200)
  })
})

describe('slow and large requests', () => {
  it('[P76] headers that do not come in time are answered 408 and cut', async () => {
    await start({ headersMsMax: 50, slowCheckMs: 10 })
    const slow = bare()
    slow.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ')
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /)
    expect(bench.logLines.join()).toContain('ERR_HTTP_REQUEST_TIMEOUT')
  })

  it('[P76] a body that does not come in time is cut', async () => {
    await start({ headersMsMax: 50, requestMsMax: 50, slowCheckMs: 10 })
    const slow = bare()
    slow.socket.write(
      'POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('[P76] a connection on which nothing moves is cut', async () => {
    await start({ idleMsMax: 50, keepAliveMsMax: 50 })
    const idle = bare()
    expect(await idle.closed).toBe('')
    const kept = bare()
    kept.socket.write('GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    expect(await kept.closed).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('[P76] so many bytes of headers and no more', async () => {
    await start({ headerBytesMax: 2_000 })
    expect(await status('/api/v1/health', { headers: { 'X-A': 'x'.repeat(1_700) } })).toBe(200)
    expect(await status('/api/v1/health', { headers: { 'X-A': 'x'.repeat(2_001) } })).toBe(431)
    expect(await status(`/${'x'.repeat(2_001)}`)).toBe(431)
  })

  it('[P76] what is no HTTP is answered 400 once, however much of it comes', async () => {
    await start({ nuisanceLinesBurstMax: 3 })
    for (let number = 0; number < 10; number++) {
      const nonsense = bare()
      nonsense.socket.write('\x16\x03\x01nonsense\r\n\r\n')
      expect(await nonsense.closed).toMatch(/^HTTP\/1\.1 400 /)
    }
    // The log does not fill up with it.
    expect(bench.logLines.filter((line) => line.includes('cut off'))).toHaveLength(3)
  })

  it('[P16] a flood of WebSockets that say nothing leaves room for those who do', async () => {
    await start()
    const silent = await Promise.all(
      Array.from({ length: webLimits.ungreetedPerSourceMax }, () => bench.open()),
    )
    expect(await upgrade()).toBe(429)
    const till = await RawClient.open(bench.socketUrl, undefined, { localAddress: otherSource })
    expect((await till.hello('cashier-token')).result.role).toBe('cashier')
    await bench.clock.advance(webLimits.helloMsMax)
    await Promise.all(silent.map(({ closed }) => closed))
    for (let turn = 0; turn < 10; turn++) await settle()
    expect(await upgrade()).toBe(101)
  })
})
