/** The WebSocket of the web door, rule by rule of docs/protocol.md. */
import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { methodNames, methods } from '../../src/protocol/methods.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { paramsExamples } from '../support/examples.ts'
import { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(() => bench.stop())

/** Status of an upgrade that the hub refuses. */
function upgradeStatus(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(`${bench.url}${path}`, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    })
    request.on('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    request.on('error', reject)
  })
}

describe('envelope', () => {
  it('[P3] answers each request once, in the order of readiness', async () => {
    const client = await bench.greeted()
    let release: (value: unknown) => void = () => {}
    bench.hub.answer('job.wait', () => new Promise((resolve) => (release = resolve)))
    const slow = client.request('job.wait', { id: 'j1', ms: 1_000 })
    const fast = await client.request('device.list')
    expect(fast.result).toEqual({ method: 'device.list', params: {}, role: 'cashier' })
    release({ ended: true })
    expect((await slow).result).toEqual({ ended: true })
    expect(client.messages.filter(({ id }) => id !== undefined)).toHaveLength(3)
  })

  it('[P4] answers errors with number, sentence, code, actor and context', async () => {
    const client = await bench.greeted()
    bench.hub.answer('device.get', () => {
      throw new HubError('device_unknown', { device: 'x' })
    })
    expect((await client.request('device.get', { id: 'x' })).error).toEqual({
      code: -32000,
      message: 'There is no device x. (device_unknown)',
      data: { code: 'device_unknown', who: 'technician', context: { device: 'x' } },
    })
  })

  it('[P5] answers bad_json to what is not JSON and to binary frames, and stays', async () => {
    const client = await bench.greeted()
    client.send('{"jsonrpc":')
    client.socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'))
    await client.until(() => client.messages.length === 3)
    for (const message of client.messages.slice(1)) {
      expect(message.id).toBeNull()
      expect(message.error.code).toBe(-32700)
      expect(message.error.data.code).toBe('bad_json')
    }
    expect((await client.request('ping')).result).toEqual({})
  })

  it('[P6] refuses batches, non-requests and deep nesting', async () => {
    const client = await bench.greeted()
    const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
    const inside = (id: number, levels: number) =>
      `{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"a\\"[[":${deep(levels)}}}`
    client.send([{ jsonrpc: '2.0', id: 1, method: 'ping' }])
    client.send({ id: 7, method: 'ping' })
    client.send(inside(8, webLimits.nestingMax - 1))
    await client.until(() => client.messages.length === 4)
    expect(client.messages.slice(1).map(({ id, error }) => [id, error.data.code])).toEqual([
      [null, 'bad_request'],
      [7, 'bad_request'],
      [null, 'bad_request'],
    ])
    client.send(inside(9, webLimits.nestingMax - 2))
    const atEdge = await client.message(({ id }) => id === 9)
    expect(atEdge.error.data.code).toBe('params_invalid')
  })

  it('[P7] ignores notifications', async () => {
    const client = await bench.greeted()
    client.send({ jsonrpc: '2.0', method: 'device.list' })
    await client.request('ping')
    expect(client.messages).toHaveLength(2)
    expect(bench.hub.calls).toHaveLength(0)
  })

  it('[P8] names the unknown method and the field at fault', async () => {
    const client = await bench.greeted()
    const unknown = await client.request('device.explode')
    expect([unknown.error.code, unknown.error.data]).toEqual([
      -32601,
      { code: 'method_unknown', who: 'developer', context: { method: 'device.explode' } },
    ])
    const invalid = await client.request('job.submit', { id: 'j', device: 'p', kind: 'print', paylod: {} })
    expect([invalid.error.code, invalid.error.data.context.path]).toEqual([-32602, 'paylod'])
    const inherited = await client.request('constructor')
    expect(inherited.error.data.code).toBe('method_unknown')
  })

  it('[P9] keeps the cause of an unexpected error in the log', async () => {
    const client = await bench.greeted()
    bench.hub.answer('device.list', () => {
      throw new TypeError('secret detail of the code')
    })
    const { error } = await client.request('device.list')
    expect([error.code, error.data.code]).toEqual([-32603, 'internal'])
    expect(JSON.stringify(error)).not.toContain('secret detail')
    expect(bench.logLines.join()).toContain('secret detail of the code')
  })
})

describe('opening', () => {
  it('[P10] opens /ws only', async () => {
    expect(await upgradeStatus('/ws')).toBe(101)
    expect(await upgradeStatus('/ws?x=1')).toBe(101)
    expect(await upgradeStatus('/')).toBe(404)
    expect(await upgradeStatus('/ws/')).toBe(404)
    expect(await upgradeStatus('/api/v1/health')).toBe(404)
  })

  it('[P10] lets a refused connection go, also when its client keeps it open, and stops without it', async () => {
    const silent = connect({ port: bench.port, host: '127.0.0.1', allowHalfOpen: true })
    const ended = new Promise((resolve) => silent.on('end', resolve))
    silent.on('error', () => {})
    silent.on('data', () => {})
    silent.write(
      'GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await ended
    await bench.door.stop()
    // Its own half is still open: only the hub has let go.
    expect(silent.writable).toBe(true)
    silent.destroy()
  })

  it('[P11] speaks tillbridge.v1 and refuses others', async () => {
    const both = await RawClient.open(bench.socketUrl, ['other', 'tillbridge.v1'])
    expect(both.socket.protocol).toBe('tillbridge.v1')
    const none = await RawClient.open(bench.socketUrl, [])
    expect((await none.hello('cashier-token')).result.hub).toBe('hub-1')
    expect(await upgradeStatus('/ws', { 'Sec-WebSocket-Protocol': 'other, more' })).toBe(400)
  })

  it('[P12] wants hello first', async () => {
    const client = await bench.open()
    const answer = await client.request('device.list')
    expect(answer.error.data.code).toBe('hello_required')
    expect(await client.closed).toEqual({ code: 4401, reason: 'hello_required' })
    expect(bench.hub.calls).toHaveLength(0)
  })

  it('[P13] refuses a wrong token, wrong params, and a hub that is starting', async () => {
    const wrong = await bench.open()
    expect((await wrong.hello('wrong')).error.data.code).toBe('unauthorized')
    expect(await wrong.closed).toEqual({ code: 4401, reason: 'unauthorized' })
    const invalid = await bench.open()
    expect((await invalid.request('hello', { token: 5 })).error.data.context.path).toBe('token')
    expect((await invalid.closed).code).toBe(4401)
    bench.hub.ready = false
    const early = await bench.open()
    expect((await early.hello('cashier-token')).error.data.code).toBe('starting')
    expect((await early.closed).code).toBe(1013)
  })

  it('[P14] keeps what comes before the answer to hello, in order', async () => {
    const client = await bench.open()
    let release: () => void = () => {}
    bench.hub.memoryAccess.held = new Promise((resolve) => {
      release = resolve
    })
    const answers = [
      client.hello('cashier-token'),
      client.request('device.list'),
      client.request('device.get', { id: 'a' }),
      client.request('device.get', { id: 'b' }),
    ]
    // Long enough for all of them to be in the hub.
    for (let turn = 0; turn < 10; turn++) await settle()
    expect(client.messages).toHaveLength(0)
    release()
    expect((await Promise.all(answers)).every(({ result }) => result !== undefined)).toBe(true)
    expect(bench.hub.calls.map(({ method, params }) => [method, params])).toEqual([
      ['device.list', {}],
      ['device.get', { id: 'a' }],
      ['device.get', { id: 'b' }],
    ])
  })

  it('[P14] drops what waits behind a hello that fails', async () => {
    const client = await bench.open()
    void client.hello('wrong')
    client.send({ jsonrpc: '2.0', id: 5, method: 'device.list' })
    await client.closed
    expect(bench.hub.calls).toHaveLength(0)
    expect(client.messages).toHaveLength(1)
  })

  it('[P15] refuses a second hello and stays', async () => {
    const client = await bench.greeted()
    expect((await client.hello('technician-token')).error.data.code).toBe('bad_request')
    expect((await client.request('device.list')).result.role).toBe('cashier')
  })

  it('[P16] closes who does not say hello in time', async () => {
    const silent = await bench.open()
    const greeted = await bench.greeted()
    await settle()
    await bench.clock.advance(webLimits.helloMsMax - 1)
    expect(silent.socket.readyState).toBe(silent.socket.OPEN)
    await bench.clock.advance(1)
    expect(await silent.closed).toEqual({ code: 4401, reason: 'hello_required' })
    expect((await greeted.request('ping')).result).toEqual({})
  })

  it('[P17] closes the connections of a token that is taken back, and no others', async () => {
    const [one, two, other] = await Promise.all([
      bench.greeted(),
      bench.greeted(),
      bench.greeted('monitor-token'),
    ])
    expect(bench.door.clients).toBe(3)
    bench.hub.memoryAccess.revoke('cashier-token')
    expect((await one.closed).code).toBe(4403)
    expect((await two.closed).code).toBe(4403)
    expect((await other.request('ping')).result).toEqual({})
  })

  it('[P17] closes also the one whose token is taken back while it is being greeted', async () => {
    const { memoryAccess } = bench.hub
    const check = memoryAccess.check.bind(memoryAccess)
    memoryAccess.check = async (token) => {
      const caller = await check(token)
      if (token === 'cashier-token') memoryAccess.revoke(token)
      else memoryAccess.change(token, 'another name')
      return caller
    }
    const codes: number[] = []
    for (const token of ['cashier-token', 'monitor-token']) {
      const client = await bench.open()
      void client.hello(token).catch(() => {})
      codes.push((await client.closed).code)
    }
    expect(codes).toEqual([4403, 1012])
    while (bench.hub.memoryAccess.listeners > 0) await settle()
    expect(bench.door.clients).toBe(0)
  })
})

describe('roles', () => {
  it('[P18] passes each method to the hub with the role of the token', async () => {
    let refused = 0
    let passed = 0
    for (const role of ['cashier', 'technician', 'monitor'] as const) {
      const client = await bench.greeted(`${role}-token`)
      // The rate is that of the connection; this test is not about it.
      await bench.clock.advance(1_000)
      for (const method of methodNames) {
        const entry: { roles: readonly string[]; socketOnly?: boolean } = methods[method]
        if (entry.socketOnly === true) continue
        const answer = await client.request(method, paramsExamples[method])
        const allowed = entry.roles.includes(role)
        expect([method, role, answer.error?.data.code]).toEqual([
          method,
          role,
          allowed ? undefined : 'forbidden',
        ])
        allowed ? passed++ : refused++
      }
    }
    const shared = methodNames.filter((name) => !(methods[name] as { socketOnly?: boolean }).socketOnly)
    expect(passed + refused).toBe(shared.length * 3)
    expect(methods['user.list'].roles).toEqual(['owner'])
    expect(Math.min(passed, refused)).toBeGreaterThan(50)
  })
})

describe('limits', () => {
  it('[P32] takes a message of the limit and closes on one byte more', async () => {
    await bench.stop()
    bench = await DoorBench.start({ messageBytesMax: 1_000 })
    const client = await bench.greeted()
    const text = (bytes: number) =>
      `${JSON.stringify({ jsonrpc: '2.0', id: 'm', method: 'ping' })}`.padEnd(bytes)
    client.send(text(1_000))
    expect((await client.message(({ id }) => id === 'm')).result).toEqual({})
    client.send(text(1_001))
    expect((await client.closed).code).toBe(1009)
  })

  it('[P33] limits the rate, answers with the id, and refills with time', async () => {
    const client = await bench.open()
    await client.hello('cashier-token')
    const left = webLimits.requestsBurstMax - 1
    for (let id = 1; id <= left + 2; id++) client.send({ jsonrpc: '2.0', id, method: 'ping' })
    client.send({
      jsonrpc: '2.0',
      id: 'long',
      method: 'ping',
      x: 'x'.repeat(webLimits.rateLimitedReadCharsMax),
    })
    await client.until(() => client.messages.length === left + 4)
    const refused = client.messages.filter(({ error }) => error?.data.code === 'rate_limited')
    expect(refused.map(({ id }) => id)).toEqual([left + 1, left + 2, null])
    await bench.clock.advance(1_000 / webLimits.requestsPerSecondMax)
    expect((await client.request('ping')).result).toEqual({})
    expect((await client.request('ping')).error.data.code).toBe('rate_limited')
  })

  it('[P34] limits the requests without an answer', async () => {
    const client = await bench.greeted()
    const releases: ((value: unknown) => void)[] = []
    bench.hub.answer('job.wait', () => new Promise((resolve) => releases.push(resolve)))
    const max = webLimits.pendingRequestsMax
    for (let id = 1; id <= max + 1; id++)
      client.send({ jsonrpc: '2.0', id, method: 'job.wait', params: { id: 'j', ms: 1 } })
    const over = await client.message(({ id }) => id === max + 1)
    expect(over.error.data.code).toBe('rate_limited')
    expect(releases).toHaveLength(max)
    releases[0]?.({})
    await client.message(({ id }) => id === 1)
    expect((await client.request('ping')).result).toEqual({})
    for (const release of releases) release({})
    await client.until(() => client.messages.length === max + 3)
  })

  it('[P36] takes so many connections and no more', async () => {
    await bench.stop()
    bench = await DoorBench.start({ clientsMax: 2 })
    const one = await bench.greeted()
    await bench.greeted()
    expect(await upgradeStatus('/ws')).toBe(503)
    one.socket.close()
    await one.closed
    while (bench.door.clients > 1) await settle()
    expect(await upgradeStatus('/ws')).toBe(101)
  })

  it('[P36] counts those that have said hello: silent ones keep nobody out, and one too many is told to come again', async () => {
    await bench.stop()
    bench = await DoorBench.start({ clientsMax: 1 })
    const silent = await bench.open()
    await bench.greeted()
    expect((await silent.hello('cashier-token')).error.data.code).toBe('rate_limited')
    expect(await silent.closed).toEqual({ code: 1013, reason: 'rate_limited' })
  })
})

describe('signs of life', () => {
  it('[P37] pings by one timer and cuts off who does not answer', async () => {
    const living = await bench.greeted()
    const dead = await bench.greeted()
    let pings = 0
    living.socket.on('ping', () => pings++)
    expect(bench.clock.pending).toBe(1 + 2)
    dead.stopReading()
    for (let beat = 1; beat <= webLimits.heartbeatMissesMax + 1; beat++) {
      const before = pings
      await bench.clock.advance(webLimits.heartbeatMs)
      while (pings === before) await settle()
      // The pong has to arrive before the next beat.
      await living.request('ping')
    }
    dead.readAgain()
    expect((await dead.closed).code).toBe(1006)
    expect((await living.request('ping')).result).toEqual({})
    expect(bench.door.clients).toBe(1)
  })

  it('[P37] keeps who only answers pings', async () => {
    const quiet = await bench.greeted()
    for (let beat = 0; beat < webLimits.heartbeatMissesMax * 2; beat++) {
      const pinged = once(quiet.socket, 'ping')
      await bench.clock.advance(webLimits.heartbeatMs)
      await pinged
      // The hub's pong to this ping comes after it has read the client's own.
      quiet.socket.ping()
      await once(quiet.socket, 'pong')
    }
    expect(quiet.socket.readyState).toBe(quiet.socket.OPEN)
  })

  it('[P38] answers ping', async () => {
    const client = await bench.greeted('monitor-token')
    expect((await client.request('ping', {})).result).toEqual({})
  })
})

describe('stop', () => {
  it('[P40] closes everybody with 1012 and takes nobody more', async () => {
    const clients = await Promise.all([bench.greeted(), bench.greeted(), bench.open()])
    bench.hub.answer('job.wait', () => new Promise(() => {}))
    clients[0]?.send({ jsonrpc: '2.0', id: 1, method: 'job.wait', params: { id: 'j', ms: 1 } })
    const stopped = bench.door.stop()
    for (const client of clients) expect((await client.closed).code).toBe(1012)
    await stopped
    await bench.door.stop()
    expect(bench.door.clients).toBe(0)
    expect(bench.hub.memoryEvents.followers).toBe(0)
    await expect(fetch(`${bench.url}/api/v1/health`)).rejects.toThrow()
  })

  it('[P40] cuts off who does not close in time', async () => {
    const stuck = await bench.greeted()
    stuck.stopReading()
    const stopped = bench.door.stop(500)
    await settle()
    await bench.clock.advance(500)
    await stopped
    expect(bench.clock.pending).toBe(0)
    stuck.socket.terminate()
  })

  it('can be stopped before and during its start', async () => {
    const never = new DoorBench()
    await never.stop()
    const during = new DoorBench()
    const started = during.door.start({ bind: '127.0.0.1', port: 0 })
    await during.stop()
    const { url } = await started
    await expect(fetch(url)).rejects.toThrow()
  })

  it('says which port is taken', async () => {
    const second = new DoorBench()
    await expect(second.door.start({ bind: '127.0.0.1', port: bench.port })).rejects.toMatchObject({
      code: 'address_in_use',
      context: { port: bench.port },
    })
    await second.stop()
  })
})
