/** Hostile and broken clients at the web door: whatever comes, the hub goes on and others do not notice. */
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { methodNames } from '../../src/protocol/methods.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(() => bench.stop())

async function expectAlive(): Promise<void> {
  const client = await bench.greeted()
  expect((await client.request('ping')).result).toEqual({})
  client.socket.close()
  await client.closed
}

/** A client frame by hand (RFC 6455, 5.2): masked with zeros, so that the payload travels as it is. */
function frame(firstByte: number, payload: Buffer, claimedLength = payload.length): Buffer {
  const header = Buffer.alloc(14)
  header[0] = firstByte
  header[1] = 0x80 | 127
  header.writeBigUInt64BE(BigInt(claimedLength), 2)
  return Buffer.concat([header, payload])
}

/** A text frame of up to 64 KiB by hand. */
function textFrame(text: string): Buffer {
  return frame(0x81, Buffer.from(text))
}

/**
 * Opens a WebSocket over a bare socket, writes bytes behind the handshake, and answers when the hub has closed it. When
 * greeted, the bytes come after the answer to hello; when `last`, the end of the connection follows them.
 */
function rawBytes(bytes: Buffer, { greeted = false, last = false } = {}): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(bench.port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.write(
      'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    socket.once('data', () => {
      if (!greeted) {
        if (last) socket.end(bytes)
        else socket.write(bytes)
        return
      }
      socket.once('data', () => socket.write(bytes))
      socket.write(
        textFrame(
          '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"token":"cashier-token","client":"raw"}}',
        ),
      )
    })
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks)))
  })
}

describe('frames', () => {
  it('answers or closes, whatever text comes, and goes on', async () => {
    const client = await bench.greeted()
    let sent = 0
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({
          jsonrpc: fc.constantFrom('2.0', '1.0', 2),
          id: fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.object()),
          method: fc.oneof(fc.constantFrom(...methodNames), fc.string(), fc.integer()),
          params: fc.anything(),
        })
        .map((value) => JSON.stringify(value)),
    )
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        await bench.clock.advance(100)
        const before = client.messages.length
        client.send(text)
        sent++
        const { result, error } = await client.request('ping')
        expect(error).toBeUndefined()
        expect(result).toEqual({})
        for (const message of client.messages.slice(before)) {
          expect(message.jsonrpc).toBe('2.0')
          expect('result' in message !== 'error' in message).toBe(true)
          expect(message.error?.data.code).not.toBe('internal')
        }
      }),
      { numRuns: 200 },
    )
    expect(sent).toBeGreaterThanOrEqual(200)
  })

  it('survives random bytes behind the handshake', async () => {
    let tried = 0
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 64 }), async (bytes) => {
        // Bytes may make the head of a frame that is longer than what follows, and the hub waits for the rest of it: the
        // end of the connection comes after them.
        await rawBytes(Buffer.from(bytes), { last: true })
        tried++
      }),
      {
        numRuns: 300,
        examples: [[Uint8Array.of(0x81, 0xfe, 0xff, 0xff)], [Uint8Array.of(0x82, 0xff, 0, 0)]],
      },
    )
    expect(tried).toBeGreaterThanOrEqual(300)
    // Nothing of them is left: one timer is the door's own.
    while (bench.clock.pending > 1) await settle()
    await expectAlive()
  })

  it('[P32] closes on a frame of 50 MB by its header, before it is sent', async () => {
    const answer = await rawBytes(frame(0x81, Buffer.alloc(0), 50 * 1024 * 1024))
    // Close frame: opcode 8, then the code 1009.
    expect(answer.includes(Buffer.from([0x88, 0x02, 0x03, 0xf1]))).toBe(true)
    await expectAlive()
  })

  it('[P32] closes a sender of 50 MB in one piece', async () => {
    const client = await bench.greeted()
    client.send('x'.repeat(50 * 1024 * 1024))
    expect([1006, 1009]).toContain((await client.closed).code)
    await expectAlive()
  })

  it('[P32] counts the fragments of a message together', async () => {
    await bench.stop()
    bench = await DoorBench.start({ messageBytesMax: 1_000 })
    const half = Buffer.alloc(600, 0x20)
    const answer = await rawBytes(Buffer.concat([frame(0x01, half), frame(0x80, half)]))
    expect(answer.includes(Buffer.from([0x88, 0x02, 0x03, 0xf1]))).toBe(true)
  })

  it('[P39] closes with 1008 on a message in too many pieces', async () => {
    const first = frame(0x01, Buffer.from('"'))
    const next = frame(0x00, Buffer.from('x'))
    const answer = await rawBytes(Buffer.concat([first, ...Array<Buffer>(20_000).fill(next)]), {
      greeted: true,
    })
    // Close frame: opcode 8, then the code 1008.
    expect(answer.toString('latin1')).toContain('\x88\x02\x03\xf0')
    await expectAlive()
  })

  it('[P39] closes with 1007 on text that is not UTF-8', async () => {
    const answer = await rawBytes(frame(0x81, Buffer.from([0xc3, 0x28])))
    expect(answer.includes(Buffer.from([0x88, 0x02, 0x03, 0xef]))).toBe(true)
  })
})

describe('requests', () => {
  it('[P6] refuses sixteen megabytes of nesting quickly', async () => {
    const client = await bench.greeted()
    const half = webLimits.messageBytesMax / 2
    const text = `${'['.repeat(half)}${']'.repeat(half)}`
    expect(text).toHaveLength(webLimits.messageBytesMax)
    const started = performance.now()
    client.send(text)
    const answer = await client.message(({ error }) => error?.data.code === 'bad_request')
    expect(answer.error.data.context.reason).toContain('nests deeper')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('takes a message full of escapes without slowing down', async () => {
    const client = await bench.greeted()
    const text = `{"jsonrpc":"2.0","id":"e","method":"ping","x":"${'\\\\'.repeat(4_000_000)}${'\\"'.repeat(3_000_000)}"}`
    const started = performance.now()
    client.send(text)
    expect((await client.message(({ id }) => id === 'e')).result).toEqual({})
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('does not let keys of prototypes through', async () => {
    const client = await bench.greeted('technician-token')
    for (const text of [
      '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
      '{"jsonrpc":"2.0","id":2,"method":"hasOwnProperty"}',
      '{"jsonrpc":"2.0","id":3,"method":"device.list","params":{"__proto__":{"polluted":1}}}',
      '{"jsonrpc":"2.0","id":4,"method":"device.list","__proto__":{"polluted":1}}',
      '{"jsonrpc":"2.0","id":5,"method":"job.submit","params":{"id":"j","device":"p","kind":"constructor"}}',
      '{"jsonrpc":"2.0","id":6,"method":"device.add","params":{"class":"printer","driver":"d","port":"p","settings":{"__proto__":{"polluted":1}}}}',
    ])
      client.send(text)
    await client.until(() => client.messages.length === 7)
    const codes = client.messages.slice(1).map(({ id, error }) => [id, error?.data.code])
    expect(codes.slice(0, 2)).toEqual([
      [1, 'method_unknown'],
      [2, 'method_unknown'],
    ])
    expect(codes[4]).toEqual([5, 'params_invalid'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
    for (const { params } of bench.hub.calls)
      expect((params as { polluted?: number }).polluted).toBeUndefined()
  })

  it('[P2] takes ids at the edge and refuses longer ones', async () => {
    const client = await bench.greeted()
    const ids = ['', 'x'.repeat(128), 0, -1, 1.5, Number.MAX_SAFE_INTEGER]
    for (const id of ids) client.send({ jsonrpc: '2.0', id, method: 'ping' })
    await client.until(() => client.messages.length === 1 + ids.length)
    expect(client.messages.slice(1).map(({ id, result }) => [id, result])).toEqual(ids.map((id) => [id, {}]))
    for (const id of ['x'.repeat(129), true, {}, []]) client.send({ jsonrpc: '2.0', id, method: 'ping' })
    client.send('{"jsonrpc":"2.0","id":1e999,"method":"ping"}')
    await client.until(() => client.messages.length === 1 + ids.length + 5)
    for (const message of client.messages.slice(-5))
      expect([message.id, message.error.data.code]).toEqual([null, 'bad_request'])
  })

  it('[P33] a flood of one client does not keep others waiting', async () => {
    const flood = await bench.greeted()
    const other = await bench.greeted('monitor-token')
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'device.list' })
    for (let index = 0; index < 20_000; index++) flood.send(text)
    const { result } = await other.request('ping')
    expect(result).toEqual({})
    expect(flood.messages.length).toBeLessThan(20_000)
    await flood.until(() => flood.messages.length === 20_001)
    expect(bench.hub.calls.length).toBeLessThan(webLimits.requestsBurstMax)
  })
})

describe('foreign clients', () => {
  it("Node's own WebSocket (undici) speaks with the door", async () => {
    const socket = new WebSocket(bench.socketUrl, 'tillbridge.v1')
    const messages: { id?: number; result?: unknown; method?: string; params?: { seq: number } }[] = []
    const until = (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => holds() && resolve()
        socket.addEventListener('message', look)
        look()
      })
    socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))))
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const ask = (id: number, method: string, params: unknown) =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    ask(1, 'hello', { token: 'cashier-token', client: 'undici' })
    ask(2, 'event.subscribe', { topics: ['scan'] })
    await until(() => messages.some(({ id }) => id === 2))
    bench.hub.memoryEvents.scan('4006381333931')
    await until(() => messages.some(({ method }) => method === 'event'))
    expect(messages.map(({ id, method, params }) => id ?? [method, params?.seq])).toEqual([
      1,
      2,
      ['event', 1],
    ])
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', ({ code }) => resolve(code)),
    )
    bench.hub.memoryAccess.revoke('cashier-token')
    expect(await closed).toBe(4403)
  })

  it('many clients come and go without leaving anything behind', async () => {
    for (let round = 0; round < 5; round++) {
      const clients = await Promise.all(Array.from({ length: 40 }, () => RawClient.greeted(bench.socketUrl)))
      await Promise.all(clients.map((client) => client.request('event.subscribe', { topics: ['*'] })))
      expect(bench.door.clients).toBe(40)
      for (const client of clients) client.socket.terminate()
      await Promise.all(clients.map(({ closed }) => closed))
      while (bench.door.clients > 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect(bench.hub.memoryEvents.followers).toBe(0)
    expect(bench.hub.weightWishes).toBe(0)
    expect(bench.clock.pending).toBe(1)
  })
})
