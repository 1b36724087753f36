/** The HTTP side of the web door, rule by rule of docs/protocol.md, and that it is the twin of the WebSocket. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { errorCodes, errorTable, HubError } from '../../src/protocol/errors.ts'
import { methodNames, methods } from '../../src/protocol/methods.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { paramsExamples } from '../support/examples.ts'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(() => bench.stop())

const rpc = (method: string, params: unknown = {}, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

describe('rpc', () => {
  it('[P42] answers every method as the WebSocket does, for every role and with wrong params', async () => {
    const shared = methodNames.filter((method) => !(methods[method] as { socketOnly?: boolean }).socketOnly)
    let compared = 0
    for (const role of ['cashier', 'technician', 'monitor']) {
      const socket = await bench.greeted(`${role}-token`)
      const headers = { Authorization: `Bearer ${role}-token` }
      for (const method of shared) {
        for (const params of [paramsExamples[method], { nonsense: 1 }]) {
          const { body } = await bench.post('/api/v1/rpc', rpc(method, params, 'twin'), headers)
          const { id: _, ...answer } = await socket.request(method, params)
          expect(body).toEqual({ ...answer, id: 'twin' })
          compared++
        }
      }
      // The rate is that of the token; this test is not about it.
      await bench.clock.advance(1_000)
    }
    expect(shared.length).toBeGreaterThan(50)
    expect(compared).toBe(shared.length * 2 * 3)
  })

  it('[P42] refuses what needs a connection, and runs no notification', async () => {
    for (const method of ['hello', 'event.subscribe'] as const) {
      for (const params of [paramsExamples[method], {}]) {
        const { status, body } = await bench.post('/api/v1/rpc', rpc(method, params))
        expect([status, body.error.data.code]).toEqual([400, 'bad_request'])
      }
    }
    const answer = await bench.post('/api/v1/rpc', '{"jsonrpc":"2.0","method":"device.list"}')
    expect([answer.status, answer.body]).toEqual([204, undefined])
    expect(bench.hub.calls).toHaveLength(0)
  })

  it('[P43] wants a token before it reads the body', async () => {
    const wrong = [
      '',
      'Bearer',
      'Bearer wrong',
      'Basic cashier-token',
      'cashier-token',
      `Bearer ${'x'.repeat(201)}`,
    ]
    for (const header of wrong) {
      const { status, body, headers } = await bench.post('/api/v1/rpc', 'not json', { Authorization: header })
      expect([header, status, body.error.data.code]).toEqual([header, 401, 'unauthorized'])
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
    const lower = await bench.post('/api/v1/rpc', rpc('ping'), { Authorization: 'bearer cashier-token' })
    expect(lower.status).toBe(200)
  })

  it('[P44] wants application/json', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      const { status, body } = await bench.post('/api/v1/rpc', rpc('ping'), { 'Content-Type': type })
      expect([type, status, body.error.data.code]).toEqual([type, 400, 'bad_request'])
    }
    const packed = await bench.post('/api/v1/rpc', rpc('ping'), { 'Content-Encoding': 'gzip' })
    expect([packed.status, packed.body.error.data.code]).toEqual([400, 'bad_request'])
    const charset = await bench.post('/api/v1/rpc', rpc('ping'), {
      'Content-Type': 'application/json; charset=utf-8',
    })
    expect(charset.body).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })

  it('[P45] gives each code its status', async () => {
    let checked = 0
    for (const code of errorCodes) {
      bench.hub.answer('hub.info', () => {
        throw new HubError(code)
      })
      const { status, body } = await bench.post('/api/v1/rpc', rpc('hub.info'))
      expect([status, body.error.data.code]).toEqual([errorTable[code].http, code])
      checked++
    }
    expect(checked).toBe(errorCodes.length)
    expect((await bench.post('/api/v1/rpc', '')).body).toMatchObject({ id: null, error: { code: -32700 } })
    expect((await bench.post('/api/v1/rpc', '[]')).status).toBe(400)
    expect((await bench.post('/api/v1/rpc', rpc('nothing'))).status).toBe(404)
  })

  it('[P45] takes a body of the limit and refuses one byte more', async () => {
    await bench.stop()
    bench = await DoorBench.start({ messageBytesMax: 1_000 })
    expect((await bench.post('/api/v1/rpc', rpc('ping').padEnd(1_000))).status).toBe(200)
    const { status, body } = await bench.post('/api/v1/rpc', rpc('ping').padEnd(1_001))
    expect([status, body.id, body.error.data]).toEqual([
      413,
      null,
      { code: 'message_too_large', who: 'developer', context: { bytesMax: 1_000 } },
    ])
  })

  it('[P45] limits the rate of a token, not of others', async () => {
    await bench.stop()
    bench = await DoorBench.start({ requestsBurstMax: 3 })
    const statuses: number[] = []
    for (let index = 0; index < 4; index++)
      statuses.push((await bench.post('/api/v1/rpc', rpc('ping'))).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    const other = await bench.post('/api/v1/rpc', rpc('ping'), { Authorization: 'Bearer monitor-token' })
    expect(other.status).toBe(200)
    await bench.clock.advance(1_000 / webLimits.requestsPerSecondMax)
    expect((await bench.post('/api/v1/rpc', rpc('ping'))).status).toBe(200)
  })

  it('[P9] keeps the cause of an unexpected error in the log', async () => {
    bench.hub.answer('device.list', () => {
      throw new TypeError('secret detail of the code')
    })
    const { status, body } = await bench.post('/api/v1/rpc', rpc('device.list'))
    expect([status, body.error.data.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(body)).not.toContain('secret detail')
    expect(bench.logLines.join()).toContain('secret detail of the code')
  })
})

describe('before the hub is ready', () => {
  it('[P46] says how it is, and [P47] answers methods starting', async () => {
    bench.hub.ready = false
    const health = await fetch(`${bench.url}/api/v1/health`)
    expect([health.status, await health.json()]).toEqual([
      200,
      { status: 'starting', version: '0.0.0-test', hub: 'starting', reasons: [] },
    ])
    const { status, body } = await bench.post('/api/v1/rpc', rpc('device.list'))
    expect([status, body.error.data.code]).toEqual([503, 'starting'])
    const pair = await bench.post('/api/v1/pair', '{"code":"1","name":"till"}')
    expect([pair.status, pair.body.error.data.code]).toEqual([503, 'starting'])
    bench.hub.ready = true
    expect(await (await fetch(`${bench.url}/api/v1/health`)).json()).toMatchObject({
      status: 'ready',
      hub: 'hub-1',
    })
  })
})

describe('metrics', () => {
  const lan = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address

  it('[P48] are open to loopback', async () => {
    const response = await fetch(`${bench.url}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toBe('tillbridge_up 1\n')
  })

  it.skipIf(lan === undefined)('[P48] want a token of any role from elsewhere', async () => {
    const other = new DoorBench()
    other.hub.network.hosts.add(lan as string)
    const { port } = await other.door.start({ bind: lan as string, port: 0 })
    const url = `http://${lan}:${port}/metrics`
    expect((await fetch(url)).status).toBe(401)
    const headers = { Authorization: 'Bearer monitor-token' }
    expect((await fetch(url, { headers })).status).toBe(200)
    other.hub.network.plainAllowed = false
    expect((await fetch(url, { headers })).status).toBe(403)
    await other.stop()
  })
})

describe('documents and unknown paths', () => {
  it('[P49] serves both documents without a token', async () => {
    for (const [name, field, version] of [
      ['openapi', 'openapi', '3.1.0'],
      ['asyncapi', 'asyncapi', '3.0.0'],
    ] as const) {
      const document = (await (await fetch(`${bench.url}/api/v1/${name}.json`)).json()) as Record<
        string,
        unknown
      >
      expect([document[field], (document.info as { version: string }).version]).toEqual([
        version,
        '0.0.0-test',
      ])
    }
  })

  it('[P50] answers unknown paths with the error object', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/rpc'],
      ['GET', '/api/v2/health'],
      ['DELETE', '/api/v1/pair'],
      ['GET', '/api'],
    ] as const) {
      const response = await fetch(`${bench.url}${path}`, { method })
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ error: { data: { code: 'method_unknown' } } })
    }
    expect((await fetch(`${bench.url}/%E0%A4%A`)).status).toBe(404)
  })
})

describe('pairing', () => {
  it('[P51] redeems a code once, and the token works', async () => {
    bench.hub.memoryAccess.codes.set('123456', 'cashier')
    const body = JSON.stringify({ code: '123456', name: 'bar' })
    const { status, body: pair } = await bench.post('/api/v1/pair', body, { Authorization: '' })
    expect([status, pair]).toEqual([200, { token: 'token-of-bar', role: 'cashier' }])
    const socket = await bench.greeted(pair.token)
    expect((await socket.request('device.list')).result.role).toBe('cashier')
    const again = await bench.post('/api/v1/pair', body)
    expect([again.status, again.body.error.data.code]).toEqual([403, 'pair_code_invalid'])
  })

  it('[P52] refuses what is not a pairing', async () => {
    for (const [body, code] of [
      ['', 'bad_json'],
      ['{"code":', 'bad_json'],
      ['{"code":"1"}', 'params_invalid'],
      ['{"code":"1","name":"x","role":"technician"}', 'params_invalid'],
      ['{"code":"1","name":"x"}', 'pair_code_invalid'],
    ] as const) {
      expect((await bench.post('/api/v1/pair', body)).body.error.data.code).toBe(code)
    }
    const form = await bench.post('/api/v1/pair', 'code=1', {
      'Content-Type': 'application/x-www-form-urlencoded',
    })
    expect(form.body.error.data.code).toBe('bad_request')
    const { memoryAccess } = bench.hub
    memoryAccess.pair = () => Promise.reject(new HubError('locked_out', { seconds: 7.5 }))
    const locked = await bench.post('/api/v1/pair', '{"code":"1","name":"x"}')
    expect([locked.status, locked.body.error.data.code, locked.body.error.data.context.seconds]).toEqual([
      429,
      'locked_out',
      7.5,
    ])
    expect(locked.headers.get('retry-after')).toBe('8')
    memoryAccess.pair = () => Promise.reject(new HubError('setup_required'))
    const early = await bench.post('/api/v1/pair', '{"code":"1","name":"x"}')
    expect([early.status, early.body.error.data.code]).toEqual([403, 'setup_required'])
  })
})

describe('pages', () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(bench.uiDir, path, '..'), { recursive: true })
    writeFileSync(join(bench.uiDir, path), text)
  }

  it('[P54] are asked for again, hashed files are kept', async () => {
    write('index.html', '<title>console</title>')
    write('till/index.html', '<title>till</title>')
    write('assets/app-Bq3d.js', 'export {}')
    write('logo.svg', '<svg/>')
    const caches: Record<string, unknown> = {}
    for (const path of ['/', '/till/', '/assets/app-Bq3d.js', '/logo.svg', '/display/', '/assets/none.js']) {
      const response = await fetch(`${bench.url}${path}`)
      caches[path] = [response.status, response.headers.get('cache-control')]
    }
    expect(caches).toEqual({
      '/': [200, 'no-cache'],
      '/till/': [200, 'no-cache'],
      '/assets/app-Bq3d.js': [200, 'public, max-age=31536000, immutable'],
      '/logo.svg': [200, 'no-cache'],
      '/display/': [404, 'no-store'],
      '/assets/none.js': [404, 'no-store'],
    })
    const tag = (await fetch(`${bench.url}/`)).headers.get('etag') ?? ''
    const again = await fetch(`${bench.url}/`, {
      headers: { 'If-None-Match': tag, 'Cache-Control': 'max-age=0' },
    })
    expect(again.status).toBe(304)
  })

  it('[P54] never leave their folder', async () => {
    write('index.html', 'console')
    writeFileSync(join(bench.uiDir, '.secret'), 'secret')
    writeFileSync(`${bench.uiDir}.txt`, 'secret')
    const name = bench.uiDir.split('/').at(-1)
    let tried = 0
    for (const path of [
      `/../${name}.txt`,
      `/..%2f${name}.txt`,
      `/%2e%2e/${name}.txt`,
      '/.secret',
      '//etc/passwd',
    ]) {
      // fetch would tidy the path.
      const text = await new Promise<string>((resolve) => {
        httpRequest({ host: '127.0.0.1', port: bench.port, path }, (response) => {
          let body = ''
          response.on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () => resolve(body))
        }).end()
      })
      expect(text).not.toMatch(/^secret|root:/)
      tried++
    }
    expect(tried).toBe(5)
  })

  it('[P55] say that the console is being built, and show it when it is', async () => {
    const waiting = await fetch(`${bench.url}/`)
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await waiting.text()).toContain('http-equiv="refresh"')
    write('index.html', '<title>console</title>')
    expect(await (await fetch(`${bench.url}/`)).text()).toBe('<title>console</title>')
  })

  it('[P54][P56] give an error neither the cache headers nor the CORS header of the file it is about', async () => {
    write('assets/app-Bq3d.js', 'export {}')
    const answers: unknown[] = []
    for (const [name, value] of [
      ['Range', 'bytes=9999-'],
      ['If-Match', '"other"'],
    ] as const) {
      const { status, headers } = await fetch(`${bench.url}/assets/app-Bq3d.js`, {
        headers: { [name]: value },
      })
      const kept = ['access-control-allow-origin', 'etag', 'last-modified'].filter((header) =>
        headers.has(header),
      )
      answers.push([status, headers.get('cache-control'), headers.get('content-type'), kept])
    }
    const text = 'text/plain; charset=utf-8'
    expect(answers).toEqual([
      [416, 'no-store', text, []],
      [412, 'no-store', text, []],
    ])
  })

  it('[P56] carry their policy and no CORS', async () => {
    write('index.html', 'console')
    const response = await fetch(`${bench.url}/`, { headers: { Origin: 'http://evil.example' } })
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/script-src|unsafe-eval/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-powered-by')).toBeNull()
    for (const path of ['/', '/api/v1/health', '/metrics'])
      expect((await fetch(`${bench.url}${path}`)).headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('stop', () => {
  it('[P40] lets a request under way finish', async () => {
    let release: (value: unknown) => void = () => {}
    bench.hub.answer('job.wait', () => new Promise((resolve) => (release = resolve)))
    const waiting = bench.post('/api/v1/rpc', rpc('job.wait', { id: 'j', ms: 1 }))
    while (bench.hub.calls.length === 0) await settle()
    const stopped = bench.door.stop()
    await settle()
    release({ state: 'done' })
    expect((await waiting).body.result).toEqual({ state: 'done' })
    await stopped
    expect(bench.clock.pending).toBe(0)
  })
})
