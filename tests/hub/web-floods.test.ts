/** Greedy and slow connections at the web door, each limit at its edge; rules of docs/protocol.md. */
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sourceKey } from '../../src/hub/access/source.ts'
import { careRouteLimits } from '../../src/hub/doors/web/care-routes.ts'
import { type WebLimits, webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { type Attack, attack, upgradeHeaders } from '../support/attacker.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'

let bench: DoorBench
const start = async (limits: Partial<WebLimits> = {}) => {
  bench = await DoorBench.start(limits)
}
afterEach(() => bench.stop())

const otherSource = '127.0.0.2'

const status = (path: string, options: Pick<Attack, 'from' | 'headers'> = {}) =>
  attack(bench.url, path, options).then(
    ({ status }) => status,
    () => 'cut' as const,
  )

const upgrade = (from?: string) =>
  status('/ws', { ...(from === undefined ? {} : { from }), headers: upgradeHeaders })

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

  it('[P74] come from one source at a rate', async () => {
    await start({ upgradesBurstMax: 2, upgradesPerSecondMax: 1 })
    expect([await upgrade(), await upgrade(), await upgrade()]).toEqual([101, 101, 429])
    expect(await upgrade(otherSource)).toBe(101)
    await bench.clock.advance(999)
    expect(await upgrade()).toBe(429)
    await bench.clock.advance(1)
    expect(await upgrade()).toBe(101)
  })

  it('[P74] those that say a proper hello do not count in that rate, others do', async () => {
    await start({ upgradesBurstMax: 2, upgradesPerSecondMax: 1 })
    for (let number = 0; number < 5; number++) await bench.greeted()
    for (let number = 0; number < 2; number++) await (await bench.open()).hello('wrong')
    expect(await upgrade()).toBe(429)
  })
})

describe('connections', () => {
  it('[P74] of strangers are so many: one more takes the place of the oldest at the source with most of them', async () => {
    await start({ strangerConnectionsMax: 3 })
    const lonely = bare(otherSource)
    await lonely.opened
    const oldest = bare()
    await oldest.opened
    const younger = bare()
    await younger.opened
    const socket = await bench.open()
    expect(await oldest.closed).toBe('')
    expect(bench.logLines.filter((line) => line.includes('too many connections'))).toHaveLength(1)
    // Who says hello is no stranger and makes room for nobody.
    await socket.hello('cashier-token')
    const last = bare()
    await last.opened
    expect(await status('/api/v1/health')).toBe(200)
    expect(await younger.closed).toBe('')
    expect((await socket.request('ping')).result).toEqual({})
    last.socket.destroy()
    lonely.socket.write('GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    expect(await lonely.closed).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('[P74] of those that have shown a token over HTTP are not given away either', async () => {
    await start({ strangerConnectionsMax: 1 })
    const known = bare()
    known.socket.write(
      `POST /api/v1/rpc HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer cashier-token\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n`,
    )
    // It is known once its headers are there; its body comes when others have pushed.
    const before = bench.clock.pending
    while (bench.clock.pending === before) await settle()
    for (let turn = 0; turn < 10; turn++) await settle()
    for (let number = 0; number < 3; number++) expect(await status('/api/v1/health')).toBe(200)
    known.socket.end('{"jsonrpc":"2.0","id":1,"method":"ping"}')
    expect(await known.closed).toMatch(/^HTTP\/1\.1 200 /)
  })

  it('[P74] are so many altogether: a stranger makes room, a known one does not', async () => {
    await start({ connectionsMax: 2 })
    const till = await bench.greeted()
    const stranger = bare()
    await stranger.opened
    expect(await status('/api/v1/health')).toBe(200)
    expect(await stranger.closed).toBe('')
    const other = await bench.greeted('monitor-token')
    expect(await status('/api/v1/health', { from: otherSource })).toBe('cut')
    expect((await till.request('ping')).result).toEqual({})
    other.socket.terminate()
    await other.closed
    while (bench.door.clients > 1) await settle()
    expect(await status('/api/v1/health')).toBe(200)
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
  it('[P75] do not get around it by showing what nobody looks at', async () => {
    await start({ strangersBurstMax: 2, strangersPerSecondMax: 1 })
    const made = { Authorization: 'Bearer made-up', Cookie: 'tillbridge=made-up', 'X-Tillbridge': '1' }
    expect(await status('/', { headers: made })).toBe(503)
    // Here it is looked at, and wrong.
    expect(await status('/api/v1/session', { headers: made })).toBe(401)
    for (const path of ['/', '/api/v1/health', '/api/v1/setup', '/trust/info.json', '/api/v1/session'])
      expect([path, await status(path, { headers: made })]).toEqual([path, 429])
    for (const [path, method] of [
      ['/api/v1/session', 'POST'],
      ['/api/v1/session', 'DELETE'],
      ['/api/v1/pair', 'POST'],
    ] as const)
      expect((await fetch(`${bench.url}${path}`, { method, headers: made })).status).toBe(429)
  })

  it('[P75] have a rate for each source, which a known client does not use up', async () => {
    await start({ strangersBurstMax: 3, strangersPerSecondMax: 1 })
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
    const still = await bench.post('/api/v1/rpc', '{"jsonrpc":"2.0","id":1,"method":"device.list"}')
    expect(still.status).toBe(200)
    expect(await status('/metrics')).toBe(200)
    await bench.clock.advance(999)
    expect(await status('/api/v1/health')).toBe(429)
    await bench.clock.advance(1)
    expect(await status('/api/v1/health')).toBe(200)
  })
})

describe('slow and large requests', () => {
  /** An owner sends two of three bytes of a backup; `held` settles when the hub has them. */
  function sendBackup() {
    const { promise: held, resolve } = Promise.withResolvers<void>()
    bench.hub.memoryAccess.tokens.set('owner-token', { client: 'owner-1', name: 'Ada', role: 'owner' })
    Object.assign(bench.hub, {
      care: {
        upload: async (source: AsyncIterable<Uint8Array>) => {
          for await (const _ of source) resolve()
          return { path: 'b', name: 'b', done: () => {} }
        },
        restore: () => Promise.resolve(),
      },
    })
    const sender = bare()
    sender.socket.write(
      'POST /api/v1/restore HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer owner-token\r\nTillbridge-Passphrase: eA\r\n' +
        'Content-Type: application/octet-stream\r\nContent-Length: 3\r\nConnection: close\r\n\r\nab',
    )
    return { ...sender, held }
  }

  it('[P76] headers that do not come in time are answered 408 and cut', async () => {
    await start({ headersMsMax: 50, slowCheckMs: 10 })
    const slow = bare()
    slow.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ')
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /)
    expect(bench.logLines.join()).toContain('ERR_HTTP_REQUEST_TIMEOUT')
  })

  it('[P76] a body that does not come in time is answered 408 and cut, also one that nobody waits for', async () => {
    await start()
    const slow = bare()
    slow.socket.write(
      'POST /api/v1/pair HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    while (bench.clock.pending < 2) await settle()
    const answered = bare()
    answered.socket.write('POST /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{')
    await new Promise((resolve) => answered.socket.once('data', resolve))
    await bench.clock.advance(webLimits.requestMsMax - 1)
    expect([slow.socket.closed, answered.socket.closed]).toEqual([false, false])
    await bench.clock.advance(1)
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /)
    expect(await answered.closed).toMatch(/^HTTP\/1\.1 404 /)
    // What came in time leaves no timer behind.
    await bench.post('/api/v1/rpc', '{"jsonrpc":"2.0","id":1,"method":"ping"}')
    while (bench.clock.pending > 1) await settle()
  })

  it('[P76] a file that an owner sends may take longer than other requests', async () => {
    await start()
    const { held, ...sent } = sendBackup()
    await held
    await bench.clock.advance(webLimits.requestMsMax * 2)
    sent.socket.end('c')
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 200 /)
    // 512 MiB fit at 1.2 Mbit/s, which is less than any line in a shop.
    expect(webLimits.uploadMsMax).toBeGreaterThanOrEqual((careRouteLimits.restoreBytesMax * 8) / 1_200)
  })

  it('[P76] even such a file is not waited for without end', async () => {
    await start({ uploadMsMax: 200, headersMsMax: 200, slowCheckMs: 10 })
    const { held, ...sent } = sendBackup()
    await held
    expect(await sent.closed).toMatch(/^HTTP\/1\.1 408 /)
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
})
