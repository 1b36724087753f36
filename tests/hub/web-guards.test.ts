/** The guards of the web door: host, origin, CORS, plain connections, tokens in URLs, paths; rules of docs/protocol.md. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { attack, upgradeHeaders } from '../support/attacker.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

const pos = 'https://pos.example.com'
const foreign = 'https://evil.example'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
  bench.hub.memoryAccess.origins.add(pos)
})
afterEach(() => bench.stop())

const ask = (
  path: string,
  headers: Record<string, string> = {},
  options: { method?: string; body?: string } = {},
) => attack(bench.url, path, { headers, ...options })

const upgrade = (path = '/ws', headers: Record<string, string> = {}) =>
  ask(path, { ...upgradeHeaders, ...headers })

const rpc = (headers: Record<string, string> = {}, path = '/api/v1/rpc') =>
  ask(
    path,
    { 'Content-Type': 'application/json', Authorization: 'Bearer technician-token', ...headers },
    { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"device.list"}' },
  )

const refusals = () => bench.hub.memoryAccess.refusals.map(({ what, source }) => [what, source])

describe('host', () => {
  it('[P57] answers under its own names only, whatever is asked for', async () => {
    writeFileSync(join(bench.uiDir, 'index.html'), 'console')
    for (const host of ['127.0.0.1', `localhost:${bench.port}`, 'HUB.local'])
      expect([host, (await ask('/api/v1/health', { Host: host })).status]).toEqual([host, 200])
    let tried = 0
    for (const host of [
      'evil.example',
      `evil.example:${bench.port}`,
      '127.0.0.1.evil.example',
      'evil.example#127.0.0.1',
    ]) {
      for (const path of [
        '/',
        '/api/v1/health',
        '/api/v1/reach',
        '/metrics',
        '/nothing',
        '/trust/info.json',
      ]) {
        const { status, text } = await ask(path, { Host: host })
        expect([host, path, status]).toEqual([host, path, 421])
        expect(text).not.toContain('console')
        tried++
      }
      expect((await upgrade('/ws', { Host: host })).status).toBe(421)
    }
    expect(tried).toBe(24)
    expect(refusals()).toHaveLength(28)
    expect(refusals()[0]).toEqual(['host', '127.0.0.1'])
  })

  it('[P57] does so also while the hub is starting, when nobody can be told', async () => {
    bench.hub.ready = false
    expect((await ask('/api/v1/health', { Host: 'evil.example' })).code).toBe('host_not_allowed')
    expect((await ask('/api/v1/health')).status).toBe(200)
    expect((await upgrade('/ws', { Host: 'evil.example' })).status).toBe(421)
  })

  it('[P63] takes paths as targets, and nothing else', async () => {
    expect((await ask('http://evil.example/api/v1/health')).status).toBe(400)
    expect((await ask('*', {}, { method: 'OPTIONS' })).status).toBe(400)
  })
})

describe('origin', () => {
  it('[P58] lets in programs, pages of the hub as they asked for it, and allowed ones', async () => {
    for (const origin of [undefined, bench.url, pos]) {
      const headers = origin === undefined ? {} : { Origin: origin }
      expect((await rpc(headers)).status).toBe(200)
      expect((await upgrade('/ws', headers)).status).toBe(101)
    }
    const local = { Host: `hub.local:${bench.port}`, Origin: `http://hub.local:${bench.port}` }
    expect((await rpc(local)).status).toBe(200)
    expect(bench.hub.memoryAccess.refusals).toEqual([])
  })

  it('[P58] keeps out every other page before it is asked who it is, and tells of it', async () => {
    const others = [
      foreign,
      'null',
      // The same host on another port, another scheme, another name of the hub: all are other origins.
      'http://127.0.0.1',
      `https://127.0.0.1:${bench.port}`,
      `http://localhost:${bench.port}`,
      `${pos}.evil.example`,
      'https://POS.example.com',
    ]
    for (const origin of others) {
      for (const answer of [
        await rpc({ Origin: origin }),
        await ask('/api/v1/health', { Origin: origin }),
        await ask('/metrics', { Origin: origin }),
        await upgrade('/ws', { Origin: origin }),
      ]) {
        expect([origin, answer.status, answer.code]).toEqual([origin, 403, 'origin_not_allowed'])
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
    }
    expect(bench.hub.calls).toHaveLength(0)
    expect(refusals()).toHaveLength(others.length * 4)
    expect(bench.hub.memoryAccess.seen).toContain(foreign)
    expect(bench.hub.memoryAccess.seen).not.toContain('null')
  })

  it('[P58] says starting while it cannot be known', async () => {
    bench.hub.ready = false
    expect((await ask('/api/v1/health', { Origin: foreign })).code).toBe('starting')
    expect((await upgrade('/ws', { Origin: foreign })).status).toBe(503)
    expect((await ask('/api/v1/health', { Origin: bench.url })).status).toBe(200)
  })

  it('[P59] names the origin exactly, never with credentials, and lets caches tell answers apart', async () => {
    for (const answer of [
      await rpc({ Origin: pos }),
      await rpc({ Origin: pos, Authorization: 'Bearer no' }),
    ]) {
      expect(answer.headers['access-control-allow-origin']).toBe(pos)
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
      expect(answer.headers.vary).toContain('Origin')
    }
    expect((await rpc()).headers['access-control-allow-origin']).toBeUndefined()
    expect((await rpc()).headers.vary).toContain('Origin')
  })

  it('[P59] answers preflights of allowed pages, also the old ones about private networks', async () => {
    const preflight = (origin: string, more: Record<string, string> = {}) =>
      ask(
        '/api/v1/rpc',
        {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type',
          ...more,
        },
        { method: 'OPTIONS' },
      )
    const { status, headers } = await preflight(pos)
    expect([status, headers['access-control-allow-origin']]).toEqual([204, pos])
    expect(headers['access-control-allow-methods']).toContain('POST')
    expect(headers['access-control-allow-headers']?.toLowerCase()).toContain('authorization, content-type')
    expect(headers['access-control-allow-private-network']).toBeUndefined()
    const old = await preflight(pos, { 'Access-Control-Request-Private-Network': 'true' })
    expect(old.headers['access-control-allow-private-network']).toBe('true')
    const refused = await preflight(foreign, { 'Access-Control-Request-Private-Network': 'true' })
    expect([refused.status, refused.code]).toEqual([403, 'origin_not_allowed'])
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('[P60] tells pages of every origin what stands in their way', async () => {
    const reach = async (origin?: string) => {
      const answer = await ask('/api/v1/reach', origin === undefined ? {} : { Origin: origin })
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*'])
      return JSON.parse(answer.text)
    }
    const base = { hub: 'hub-1', tokensAllowed: true, httpsPort: null }
    expect(await reach()).toEqual({ ...base, origin: null, originAllowed: true })
    expect(await reach(bench.url)).toEqual({ ...base, origin: bench.url, originAllowed: true })
    expect(await reach(pos)).toEqual({ ...base, origin: pos, originAllowed: true })
    expect(await reach('null')).toEqual({ ...base, origin: 'null', originAllowed: false })
    bench.hub.network.plainAllowed = false
    expect(await reach(foreign)).toEqual({
      ...base,
      origin: foreign,
      originAllowed: false,
      tokensAllowed: false,
    })
    // It wanted in: the console can allow it with one click.
    expect(bench.hub.memoryAccess.seen).toEqual([foreign])
    const preflight = await ask(
      '/api/v1/reach',
      {
        Origin: foreign,
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Private-Network': 'true',
      },
      { method: 'OPTIONS' },
    )
    expect([preflight.status, preflight.headers['access-control-allow-private-network']]).toEqual([
      204,
      'true',
    ])
  })

  it('[P17] closes the connections of pages whose origin is taken off the list, and no others', async () => {
    const page = await RawClient.open(bench.socketUrl, undefined, { origin: pos })
    await page.hello('cashier-token')
    const program = await bench.greeted()
    const late = await RawClient.open(bench.socketUrl, undefined, { origin: pos })
    bench.hub.memoryAccess.removeOrigin(pos)
    expect(await page.closed).toEqual({ code: 4403, reason: 'origin_not_allowed' })
    expect((await late.hello('cashier-token')).error.data.code).toBe('origin_not_allowed')
    expect((await late.closed).code).toBe(4403)
    expect((await program.request('ping')).result).toEqual({})
    program.socket.close()
    await program.closed
    expect(bench.hub.memoryAccess.listeners).toBe(0)
  })
})

describe('plain connections', () => {
  beforeEach(() => {
    bench.hub.network.plainAllowed = false
    bench.hub.network.listening({ bind: '0.0.0.0', http: bench.port, https: 8443 })
  })

  it('[P61] carry no token, code or password, and say where to go', async () => {
    bench.hub.memoryAccess.codes.set('123456', 'cashier')
    bench.hub.memoryAccess.sessions.set('secret', { client: 's', user: 'u', name: 'Ada', role: 'owner' })
    const post = (path: string, body: object) =>
      ask(path, { 'Content-Type': 'application/json' }, { method: 'POST', body: JSON.stringify(body) })
    const refused = [
      await rpc(),
      await post('/api/v1/pair', { code: '123456', name: 'till' }),
      await post('/api/v1/session', { name: 'Ada', password: 'right password' }),
      await post('/api/v1/setup', { code: 'SETUP00000', name: 'Ada', password: 'right password' }),
      await ask('/api/v1/session', {
        Cookie: 'tillbridge=secret',
        'X-Tillbridge': '1',
        'Sec-Fetch-Site': 'same-origin',
      }),
      // Before the client has sent its token.
      await upgrade(),
    ]
    for (const { status, code, text } of refused) {
      expect([status, code]).toEqual([403, 'tls_required'])
      expect(text).toContain('"url":"https://127.0.0.1:8443"')
    }
    expect(bench.hub.memoryAccess.codes.size).toBe(1)
    expect(refusals()).toEqual(refused.map(() => ['plain', '127.0.0.1']))
  })

  it('[P61] still serve what is no secret', async () => {
    writeFileSync(join(bench.uiDir, 'index.html'), 'console')
    for (const path of ['/', '/api/v1/health', '/api/v1/reach', '/api/v1/setup', '/api/v1/openapi.json'])
      expect([path, (await ask(path)).status]).toEqual([path, 200])
    expect(JSON.parse((await ask('/api/v1/setup')).text)).toEqual({
      needed: false,
      name: 'Corner shop',
      secureUrl: 'https://127.0.0.1:8443',
    })
  })
})

describe('headers of proxies', () => {
  it('[P79] change neither the source nor how secrets travel', async () => {
    const made = {
      'X-Forwarded-For': '203.0.113.9',
      Forwarded: 'for=203.0.113.9;proto=https;host=evil.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
      'X-Real-IP': '203.0.113.9',
    }
    await bench.post('/api/v1/rpc', '{}', { ...made, Authorization: 'Bearer wrong' })
    const known = await bench.post('/api/v1/rpc', '{"jsonrpc":"2.0","id":1,"method":"device.list"}', made)
    expect(known.status).toBe(200)
    const client = await RawClient.open(bench.socketUrl, undefined, { headers: made })
    await client.hello('wrong')
    expect(bench.hub.memoryAccess.refusals.map(({ what, source }) => [what, source])).toEqual([
      ['token', '127.0.0.1'],
      ['token', '127.0.0.1'],
    ])
    expect(bench.hub.calls[0]?.caller.from).toBe('127.0.0.1')
    bench.hub.network.plainAllowed = false
    const plain = await bench.post('/api/v1/rpc', '{}', made)
    expect([plain.status, plain.body.error.data.code]).toEqual([403, 'tls_required'])
  })
})

describe('tokens in URLs', () => {
  it('[P62] are refused wherever they stand, and reach no log', async () => {
    let tried = 0
    for (const name of ['token', 'access_token', 'Token', '%74oken']) {
      const query = `?x=1&${name}=technician-token`
      for (const answer of [
        await rpc({}, `/api/v1/rpc${query}`),
        await ask(`/${query}`),
        await ask(`/metrics${query}`),
        await upgrade(`/ws${query}`),
      ]) {
        expect([name, answer.status]).toEqual([name, 400])
        tried++
      }
    }
    expect(tried).toBe(16)
    expect(bench.logLines.join()).not.toContain('technician-token')
    expect(JSON.stringify(bench.hub.memoryAccess.refusals)).not.toContain('technician-token')
    expect(refusals()).toHaveLength(16)
  })
})

describe('who is refused', () => {
  it('[P43] is told of: no token, an unknown one, on both ways in', async () => {
    await rpc({ Authorization: '' })
    await rpc({ Authorization: 'Bearer wrong-secret' })
    const socket = await bench.open()
    await socket.hello('wrong-secret')
    expect(bench.hub.memoryAccess.refusals).toEqual([
      { what: 'token', source: '127.0.0.1', detail: { path: '/api/v1/rpc', reason: 'unknown' } },
      { what: 'token', source: '127.0.0.1', detail: { path: '/api/v1/rpc', reason: 'unknown' } },
      { what: 'token', source: '127.0.0.1', detail: { path: '/ws', reason: 'unknown' } },
    ])
  })
})

describe('pages', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(bench.uiDir, path, '..'), { recursive: true })
    writeFileSync(join(bench.uiDir, path), text)
  }

  it('[P77] have no paths with tricks', async () => {
    write('index.html', 'console')
    write('.secret', 'secret')
    write('till/.git/config', 'secret')
    writeFileSync(`${bench.uiDir}.txt`, 'secret')
    const outside = `${bench.uiDir.split('/').at(-1)}.txt`
    const tricks = [
      `/../${outside}`,
      `/till/../../${outside}`,
      `/..%2f${outside}`,
      `/%2e%2e/${outside}`,
      `/%2e%2e%2f${outside}`,
      `/%252e%252e%252f${outside}`,
      `/..%5c${outside}`,
      `/..\\${outside}`,
      '/.secret',
      '/%2esecret',
      '/till/.git/config',
      '/index.html%00',
      '/index.html%00.js',
      '/till%2findex.html',
      '//etc/passwd',
      '/%2fetc/passwd',
      '/%E0%A4%A',
      `/display/pictures/../../${outside}`,
      `/till/pictures/..%2f..%2f${outside}`,
    ]
    for (const path of tricks) {
      const { status, text } = await ask(path)
      expect([path, status, text]).toEqual([path, 404, 'There is no such page.\n'])
    }
    expect(bench.logLines.filter((line) => line.includes('a path with tricks'))).toHaveLength(tricks.length)
    expect((await ask('/')).text).toBe('console')
  })

  it('[P78] lead to set-up until there is an owner', async () => {
    bench.hub.memoryAccess.setUp = false
    for (const path of [
      'index.html',
      'till/index.html',
      'display/index.html',
      'trust/index.html',
      'icon.svg',
    ])
      write(path, path)
    const answers: Record<string, unknown> = {}
    for (const path of ['/', '/trust/', '/icon.svg', '/till/', '/display/', '/till/index.html', '/nothing']) {
      const { status, headers } = await ask(path)
      answers[path] = headers.location === undefined ? status : [status, headers.location]
    }
    expect(answers).toEqual({
      '/': 200,
      '/trust/': 200,
      '/icon.svg': 200,
      '/till/': [302, '/'],
      '/display/': [302, '/'],
      '/till/index.html': [302, '/'],
      '/nothing': [302, '/'],
    })
    bench.hub.memoryAccess.setUp = true
    expect((await ask('/till/')).text).toBe('till/index.html')
  })

  it('[P56] carry headers that keep others out, and types that installing needs', async () => {
    write('index.html', 'console')
    write('manifest.webmanifest', '{}')
    write('icons/icon-192.png', 'png')
    write('client.js', 'export {}')
    bench.hub.network.hosts.add('hub.local')
    const { headers } = await ask('/', { Host: `hub.local:${bench.port}` })
    const policy = Object.fromEntries(
      (headers['content-security-policy'] as string).split('; ').map((part) => {
        const [name, ...values] = part.split(' ')
        return [name, values]
      }),
    )
    expect(policy['connect-src']).toEqual([
      "'self'",
      `ws://hub.local:${bench.port}`,
      `http://hub.local:${bench.port}`,
    ])
    expect(policy['default-src']).toEqual(["'self'"])
    expect(policy['frame-ancestors']).toEqual(["'none'"])
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cross-origin-resource-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toContain('usb=()')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['strict-transport-security']).toBeUndefined()
    const type = async (path: string) => (await ask(path)).headers['content-type']
    expect(await type('/manifest.webmanifest')).toContain('application/manifest+json')
    expect(await type('/icons/icon-192.png')).toBe('image/png')
    const client = (await ask('/client.js', { Origin: foreign })).headers
    expect([client['access-control-allow-origin'], client['cross-origin-resource-policy']]).toEqual([
      '*',
      'cross-origin',
    ])
  })
})
