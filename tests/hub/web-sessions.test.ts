/** Set-up, log-in, sessions and their cookies at the web door; rules of docs/protocol.md. */
import express from 'express'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { authorize, requireRole } from '../../src/hub/doors/web/authorize.ts'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

let bench: DoorBench
beforeEach(async () => {
  bench = await DoorBench.start()
})
afterEach(() => bench.stop())

const ada = { name: 'Ada', password: 'right password' }
/** What pages of the hub send. */
const page = () => ({ Origin: bench.url, 'X-Tillbridge': '1' })

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const response = await fetch(`${bench.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = text.startsWith('{') ? JSON.parse(text) : undefined
  return {
    status: response.status,
    json,
    code: json?.error?.data.code as string | undefined,
    cookie: response.headers.get('set-cookie'),
    headers: response.headers,
  }
}

const rpc = (headers: Record<string, string>) =>
  ask('POST', '/api/v1/rpc', headers, { jsonrpc: '2.0', id: 1, method: 'user.list' })

/** The cookie of a new session, as a browser sends it back. */
async function loggedIn(): Promise<string> {
  const { cookie } = await ask('POST', '/api/v1/session', page(), ada)
  return (cookie ?? '').split(';')[0] ?? ''
}

describe('set-up', () => {
  it('[P64] says whether it is needed', async () => {
    const state = async () => (await ask('GET', '/api/v1/setup')).json
    expect(await state()).toEqual({ needed: false, name: 'Corner shop', secureUrl: null })
    bench.hub.memoryAccess.setUp = false
    expect(await state()).toEqual({ needed: true, name: 'Corner shop', secureUrl: null })
    bench.hub.ready = false
    expect((await ask('GET', '/api/v1/setup')).code).toBe('starting')
  })

  it('[P65] makes the first owner, who is logged in at once, and only one', async () => {
    bench.hub.memoryAccess.setUp = false
    expect((await ask('POST', '/api/v1/session', page(), ada)).code).toBe('setup_required')
    const wrong = await ask('POST', '/api/v1/setup', page(), { ...ada, code: 'WRONG' })
    expect([wrong.status, wrong.code, wrong.cookie]).toEqual([403, 'setup_code_invalid', null])
    const done = await ask('POST', '/api/v1/setup', page(), { ...ada, code: 'SETUP00000' })
    expect([done.status, done.json]).toEqual([200, { user: 'user-Ada', name: 'Ada', role: 'owner' }])
    expect(done.cookie).toContain('tillbridge=secret-1')
    const again = await ask('POST', '/api/v1/setup', page(), { ...ada, code: 'SETUP00000' })
    expect([again.status, again.code]).toEqual([409, 'setup_done'])
  })
})

describe('log-in', () => {
  it('[P66] gives a cookie that no script reads and no other site sends', async () => {
    const { status, json, cookie } = await ask('POST', '/api/v1/session', page(), ada)
    expect([status, json]).toEqual([200, { user: 'user-Ada', name: 'Ada', role: 'owner' }])
    expect(cookie).toBe('tillbridge=secret-1; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600')
    expect(JSON.stringify(json)).not.toContain('secret-1')
  })

  it('[P66] refuses what is none, and pages of other origins even when they may use the hub', async () => {
    bench.hub.memoryAccess.origins.add('https://pos.example.com')
    for (const [headers, body, code] of [
      [page(), { ...ada, password: 'wrong' }, 'login_failed'],
      [page(), { name: 'Ada' }, 'params_invalid'],
      [page(), '{', 'bad_json'],
      [{ ...page(), 'Content-Type': 'text/plain' }, ada, 'bad_request'],
      [{ ...page(), 'Content-Type': 'application/x-www-form-urlencoded' }, 'name=Ada', 'bad_request'],
      [{ Origin: 'https://pos.example.com', 'X-Tillbridge': '1' }, ada, 'request_forged'],
      [{ Origin: 'https://evil.example', 'X-Tillbridge': '1' }, ada, 'origin_not_allowed'],
    ] as const) {
      const answer = await ask('POST', '/api/v1/session', headers, body)
      expect([answer.code, answer.cookie]).toEqual([code, null])
    }
    expect(bench.hub.memoryAccess.sessions.size).toBe(0)
  })

  it('[P66] says how long a lock-out lasts', async () => {
    bench.hub.memoryAccess.logIn = async () => {
      throw new HubError('locked_out', { seconds: 32 })
    }
    const { status, headers } = await ask('POST', '/api/v1/session', page(), ada)
    expect([status, headers.get('retry-after')]).toEqual([429, '32'])
  })

  it('[P76] reads no more of a stranger than a log-in needs', async () => {
    const body = (bytes: number) => JSON.stringify(ada).padEnd(bytes)
    expect((await ask('POST', '/api/v1/session', page(), body(webLimits.strangerBodyBytesMax))).status).toBe(
      200,
    )
    for (const path of ['/api/v1/session', '/api/v1/setup', '/api/v1/pair']) {
      const { status, json } = await ask('POST', path, page(), body(webLimits.strangerBodyBytesMax + 1))
      expect([status, json.error.data]).toEqual([
        413,
        {
          code: 'message_too_large',
          who: 'developer',
          context: { bytesMax: webLimits.strangerBodyBytesMax },
        },
      ])
    }
  })
})

describe('a session', () => {
  it('[P67] is told of, and ends with its cookie', async () => {
    expect((await ask('GET', '/api/v1/session', page())).code).toBe('unauthorized')
    const cookie = await loggedIn()
    const own = await ask('GET', '/api/v1/session', { ...page(), Cookie: cookie })
    expect([own.status, own.json]).toEqual([200, { user: 'user-Ada', name: 'Ada', role: 'owner' }])
    const out = await ask('DELETE', '/api/v1/session', { ...page(), Cookie: cookie })
    expect([out.status, out.cookie]).toEqual([
      204,
      'tillbridge=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    ])
    const over = await ask('GET', '/api/v1/session', { ...page(), Cookie: cookie })
    expect([over.code, over.cookie]).toEqual(['unauthorized', out.cookie])
    expect((await ask('DELETE', '/api/v1/session', page())).status).toBe(204)
    // A page that asks before anybody has logged in is nothing to tell of.
    expect(bench.hub.memoryAccess.refusals).toEqual([])
  })

  it('[P68] calls methods with the role of its user, and from where', async () => {
    const cookie = await loggedIn()
    const { status, json } = await rpc({ ...page(), Cookie: `other=1; ${cookie}; more=2` })
    expect([status, json.result.role]).toEqual([200, 'owner'])
    expect(bench.hub.calls[0]?.caller).toMatchObject({ user: 'user-Ada', from: '127.0.0.1' })
    const own = { Cookie: cookie, 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'same-origin' }
    // Browsers leave the origin out of a GET to their own, and say so in a header that no script can set.
    expect((await ask('GET', '/api/v1/session', own)).status).toBe(200)
    // Older ones, and all of them over plain http to another machine, do not even say so.
    expect((await ask('GET', '/api/v1/session', { Cookie: cookie, 'X-Tillbridge': '1' })).status).toBe(200)
  })

  it('[P68] counts for pages of the hub alone: everything else is forged', async () => {
    const cookie = await loggedIn()
    bench.hub.memoryAccess.origins.add('https://pos.example.com')
    const json = { 'Content-Type': 'application/json' }
    const attempts: [string, string, Record<string, string>][] = [
      ['POST', '/api/v1/rpc', { ...json, Origin: bench.url }],
      ['POST', '/api/v1/rpc', { ...json, Origin: bench.url, 'X-Tillbridge': '' }],
      ['POST', '/api/v1/rpc', { ...json, 'X-Tillbridge': '1' }],
      ['POST', '/api/v1/rpc', { ...json, 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'same-origin' }],
      ['POST', '/api/v1/rpc', { ...json, 'X-Tillbridge': '1', Origin: 'https://pos.example.com' }],
      ['GET', '/api/v1/session', {}],
      ['GET', '/api/v1/session', { 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'cross-site' }],
      ['GET', '/api/v1/session', { 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'same-site' }],
      ['GET', '/api/v1/session', { 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'none' }],
      ['DELETE', '/api/v1/session', { 'X-Tillbridge': '1' }],
      ['GET', '/api/v1/session', { 'Sec-Fetch-Site': 'same-origin' }],
      ['DELETE', '/api/v1/session', { Origin: bench.url }],
    ]
    for (const [method, path, headers] of attempts) {
      const { status, code } = await ask(method, path, { ...headers, Cookie: cookie })
      expect([method, path, headers, status, code]).toEqual([method, path, headers, 403, 'request_forged'])
    }
    // A form of any page can post, but neither this type nor this header.
    const form = await ask('POST', '/api/v1/rpc', {
      Origin: 'null',
      Cookie: cookie,
      'Content-Type': 'application/x-www-form-urlencoded',
    })
    expect(form.code).toBe('origin_not_allowed')
    expect(bench.hub.calls).toHaveLength(0)
    expect(bench.hub.memoryAccess.sessions.size).toBe(1)
    const forged = bench.hub.memoryAccess.refusals.filter(({ what }) => what === 'forged')
    expect(forged).toHaveLength(attempts.length)
  })

  it('[P68] is nothing under the name of the https cookie, and nothing beside a wrong token', async () => {
    const secret = (await loggedIn()).split('=')[1]
    expect((await rpc({ ...page(), Cookie: `__Host-tillbridge=${secret}` })).code).toBe('unauthorized')
    const both = await rpc({
      ...page(),
      Cookie: `tillbridge=${secret}`,
      Authorization: 'Bearer wrong',
    })
    expect(both.code).toBe('unauthorized')
  })
})

describe('a session on a WebSocket', () => {
  const open = (headers: Record<string, string>) => RawClient.open(bench.socketUrl, undefined, { headers })

  it('[P69] says hello without a token, from a page of the hub', async () => {
    const Cookie = await loggedIn()
    const client = await open({ Cookie, Origin: bench.url })
    expect((await client.hello()).result).toMatchObject({ name: 'Ada', role: 'owner', devices: null })
    expect((await client.request('user.list')).result.role).toBe('owner')
    expect(bench.hub.memoryAccess.connections).toEqual(['session-1'])
    await ask('DELETE', '/api/v1/session', { ...page(), Cookie })
    expect(await client.closed).toEqual({ code: 4403, reason: 'unauthorized' })
    const late = await open({ Cookie, Origin: bench.url })
    expect((await late.hello()).error.data.code).toBe('unauthorized')
  })

  it('[P69] is forged from every other page and from programs, and nothing without a cookie', async () => {
    const Cookie = await loggedIn()
    bench.hub.memoryAccess.origins.add('https://pos.example.com')
    for (const [headers, code] of [
      [{ Cookie, Origin: 'https://pos.example.com' }, 'request_forged'],
      [{ Cookie }, 'request_forged'],
      [{ Origin: bench.url }, 'unauthorized'],
    ] as const) {
      const client = await open(headers)
      expect((await client.hello()).error.data.code).toBe(code)
      expect(await client.closed).toEqual({ code: 4401, reason: code })
    }
    // Its token lets an allowed page in, whatever cookies the browser adds.
    const pos = await open({ Cookie, Origin: 'https://pos.example.com' })
    expect((await pos.hello('cashier-token')).result).toMatchObject({ name: 'cashier', role: 'cashier' })
  })

  it('[P80] tells a client that is held to devices which, and of nothing else', async () => {
    bench.hub.memoryAccess.tokens.set('bar-token', {
      client: 'bar',
      name: 'Bar',
      role: 'cashier',
      devices: new Set(['scanner-2']),
    })
    const client = await bench.open()
    expect((await client.hello('bar-token')).result.devices).toEqual(['scanner-2'])
    await client.request('event.subscribe', { topics: ['*'] })
    bench.hub.memoryEvents.scan('other')
    bench.hub.memoryEvents.publish('scan', { code: 'own' }, 'scanner-2')
    await client.until(() => client.events.length === 1)
    expect(client.events.map(({ device }) => device)).toEqual(['scanner-2'])
    // The position is that of all events: nothing of what was passed over comes again.
    const again = await bench.open()
    await again.hello('bar-token', { epoch: 'epoch-1', seq: 0 })
    await again.request('event.subscribe', { topics: ['*'] })
    await again.until(() => again.events.length === 1)
    expect(again.events[0].seq).toBe(2)
  })
})

describe('a token that is changed', () => {
  it('[P17] closes its connections so that they come back as what it is now', async () => {
    const client = await bench.greeted()
    bench.hub.memoryAccess.change('cashier-token', 'Bar')
    expect((await client.closed).code).toBe(1012)
    const again = await bench.open()
    expect((await again.hello('cashier-token')).result.name).toBe('Bar')
  })
})

describe('routes of a role', () => {
  it('[P18] let in the callers of that role only', async () => {
    const app = express()
    app.post('/files', authorize(bench.hub), requireRole('owner', 'technician'), (_request, response) => {
      response.end('done')
    })
    app.use(((error, _request, response, _next) => {
      response.status(403).end((error as HubError).code)
    }) satisfies express.ErrorRequestHandler)
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    const answers: string[] = []
    for (const token of ['technician-token', 'cashier-token', 'monitor-token', 'wrong']) {
      const response = await fetch(`http://127.0.0.1:${port}/files`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
      })
      answers.push(await response.text())
    }
    server.close()
    expect(answers).toEqual(['done', 'forbidden', 'forbidden', 'unauthorized'])
  })
})
