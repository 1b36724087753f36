/** The attacks of docs/security.md against a real hub: each is refused, logged, and has changed nothing. */
import { execFile } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import type { AuditEntry } from '../../src/protocol/access.ts'
import { attack, rpcAttack, upgradeHeaders } from '../support/attacker.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { OwnNetwork } from '../support/own-network.ts'
import { RawClient } from '../support/raw-client.ts'

const password = 'correct horse battery'
let hub: HubProcess
let cookie: string
let technician: string
let monitor: string
let revoked: string
/** What the attacks must leave as it is. */
let before: unknown
/** Each attack comes from an address of its own, so that its entry in the audit log is its own. */
let addresses = 0
const newAddress = () => `127.0.${(++addresses >> 8) + 1}.${addresses & 0xff}`

const json = { 'Content-Type': 'application/json' }
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })
const ownPage = () => ({ Origin: hub.url, 'X-Tillbridge': '1', Cookie: cookie })

// biome-ignore lint/suspicious/noExplicitAny: the result of any method
async function owner(method: string, params: unknown = {}): Promise<any> {
  const { text } = await attack(hub.url, '/api/v1/rpc', rpcAttack(method, params, ownPage()))
  const { result, error } = JSON.parse(text)
  if (error !== undefined) throw new Error(`${method}: ${text}`)
  return result
}

async function state(): Promise<unknown> {
  const [{ devices }, { jobs }, { users }, { tokens }] = await Promise.all([
    owner('device.list'),
    owner('job.list'),
    owner('user.list'),
    owner('token.list'),
  ])
  const plain = (rows: Record<string, unknown>[]) =>
    rows.map(({ id, name, role, devices: held }) => ({ id, name, role, held }))
  return {
    devices: devices.map(({ id, name, port }: Record<string, unknown>) => ({ id, name, port })),
    jobs: jobs.map(({ id, state: jobState }: Record<string, unknown>) => ({ id, jobState })),
    users: plain(users),
    tokens: plain(tokens),
  }
}

/** The entry of the audit log about what was refused to an address. */
async function audited(from: string, act: string, result: string): Promise<AuditEntry> {
  const { entries } = (await owner('audit.list', { text: from, limit: 100 })) as { entries: AuditEntry[] }
  const entry = entries.find((one) => one.act === act && one.from === from && one.result === result)
  if (entry === undefined) throw new Error(`no entry ${act} ${result} of ${from}: ${JSON.stringify(entries)}`)
  return entry
}

/** It stands in the log and in the audit log. */
async function expectLogged(from: string, act: string, result: string, count?: number): Promise<void> {
  const { count: counted } = await audited(from, act, result)
  if (count !== undefined) expect([act, counted]).toEqual([act, count])
  await until(
    () =>
      hub
        .log()
        .split('\n')
        .some((line) => line.includes(`"${from}"`) && line.includes(`"${act}"`)),
    `a line of the log about ${act} from ${from}`,
  )
}

beforeAll(async () => {
  hub = await HubProcess.start({ demo: true, args: ['--log', 'info'] })
  expect(hub.setUpCode).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/)
  cookie = await hub.setUp('Ada', password)
  technician = await hub.token('technician')
  monitor = await hub.token('monitor')
  revoked = await hub.token('technician', 'revoked')
  const { tokens } = await owner('token.list')
  const used = await RawClient.open(`${hub.url.replace('http', 'ws')}/ws`)
  await used.hello(revoked)
  await owner('token.revoke', { id: tokens.find(({ name }: { name: string }) => name === 'revoked').id })
  expect((await used.closed).code).toBe(4403)
  await until(async () => (await owner('device.list')).devices.length >= 3, 'the demo devices')
  before = await state()
}, 60_000)
afterEach(async () => {
  expect(await state()).toEqual(before)
})
afterAll(() => hub?.end())

const socketUrl = () => `${hub.url.replace('http', 'ws')}/ws`
const openDrawer = {
  id: 'theft',
  device: 'printer-1',
  kind: 'drawer.open',
  payload: {},
}

describe('without a right', () => {
  it('[S1] no token and a made-up one get nowhere', async () => {
    const from = newAddress()
    for (const headers of [{}, bearer('tb_guess'), { Authorization: 'Basic YTpi' }]) {
      const answer = await attack(
        hub.url,
        '/api/v1/rpc',
        rpcAttack('job.submit', openDrawer, headers as Record<string, string>, from),
      )
      expect([answer.status, answer.code]).toEqual([401, 'unauthorized'])
    }
    const socket = await RawClient.open(socketUrl(), undefined, { localAddress: from })
    expect((await socket.hello('tb_guess')).error.data.code).toBe('unauthorized')
    expect((await socket.closed).code).toBe(4401)
    const early = await RawClient.open(socketUrl(), undefined, { localAddress: from })
    expect((await early.request('job.submit', openDrawer)).error.data.code).toBe('hello_required')
    await expectLogged(from, 'token.refused', 'unauthorized', 4)
    expect(hub.log()).not.toContain('tb_guess')
  })

  it('[S2] a token that was taken back gets nowhere', async () => {
    const from = newAddress()
    const answer = await attack(
      hub.url,
      '/api/v1/rpc',
      rpcAttack('job.submit', openDrawer, bearer(revoked), from),
    )
    expect([answer.status, answer.code]).toEqual([401, 'unauthorized'])
    const socket = await RawClient.open(socketUrl(), undefined, { localAddress: from })
    expect((await socket.hello(revoked)).error.data.code).toBe('unauthorized')
    await expectLogged(from, 'token.refused', 'unauthorized', 2)
  })

  it('[S3] a monitor calls no method of a technician, and a technician none of an owner', async () => {
    const from = newAddress()
    const socket = await RawClient.open(socketUrl(), undefined, { localAddress: from })
    await socket.hello(monitor)
    const calls: [string, unknown, string][] = [
      ['device.remove', { id: 'printer-1' }, monitor],
      ['pair.code', { role: 'technician' }, monitor],
      ['job.submit', openDrawer, monitor],
      ['user.add', { name: 'Eve', role: 'owner', password }, technician],
      ['tls.root.renew', {}, technician],
    ]
    for (const [method, params, token] of calls) {
      const { status, code } = await attack(
        hub.url,
        '/api/v1/rpc',
        rpcAttack(method, params, bearer(token), from),
      )
      expect([method, status, code]).toEqual([method, 403, 'forbidden'])
      if (token !== monitor) continue
      expect((await socket.request(method, params)).error.data.code).toBe('forbidden')
    }
    for (const path of ['/api/v1/backup', '/api/v1/restore'])
      expect(
        (
          await attack(hub.url, path, {
            method: 'POST',
            headers: { ...json, ...bearer(technician) },
            body: '{}',
          })
        ).code,
      ).toBe('forbidden')
    for (const [method] of calls) await expectLogged(from, method, 'forbidden')
  })
})

describe('by way of a browser', () => {
  it('[S4] a foreign origin is kept out of HTTP and WebSocket, whatever token it has', async () => {
    const from = newAddress()
    for (const origin of ['https://evil.example', 'null', hub.url.replace('127.0.0.1', 'localhost')]) {
      const headers = { ...bearer(technician), Origin: origin }
      const post = await attack(hub.url, '/api/v1/rpc', rpcAttack('job.submit', openDrawer, headers, from))
      expect([origin, post.status, post.code]).toEqual([origin, 403, 'origin_not_allowed'])
      expect(post.headers['access-control-allow-origin']).toBeUndefined()
      const upgrade = await attack(hub.url, '/ws', { headers: { ...upgradeHeaders, Origin: origin }, from })
      expect([origin, upgrade.status]).toEqual([origin, 403])
    }
    await expectLogged(from, 'origin.refused', 'origin_not_allowed', 6)
    const { origins } = await owner('origin.list')
    expect(origins).toContainEqual(
      expect.objectContaining({ origin: 'https://evil.example', state: 'seen', lastSeenFrom: from }),
    )
  })

  it('[S5] a foreign name that points here is not answered', async () => {
    const from = newAddress()
    const Host = `evil.example:${new URL(hub.url).port}`
    for (const path of ['/', '/api/v1/health', '/api/v1/setup', '/metrics']) {
      const { status } = await attack(hub.url, path, { headers: { Host }, from })
      expect([path, status]).toEqual([path, 421])
    }
    const own = { Host, Origin: `http://${Host}`, ...bearer(technician) }
    const rpc = await attack(hub.url, '/api/v1/rpc', rpcAttack('job.submit', openDrawer, own, from))
    expect([rpc.status, rpc.code]).toEqual([421, 'host_not_allowed'])
    expect((await attack(hub.url, '/ws', { headers: { ...upgradeHeaders, Host }, from })).status).toBe(421)
    await expectLogged(from, 'host.refused', 'host_not_allowed', 6)
  })

  it('[S6] requests that a foreign page makes a logged-in browser send are not believed', async () => {
    const from = newAddress()
    const body = rpcAttack('user.add', { name: 'Eve', role: 'owner', password }).body ?? ''
    const tries: [Record<string, string>, string][] = [
      // A form, which sends text/plain or the like, and the origin of its page or null.
      [{ 'Content-Type': 'text/plain', Origin: 'https://evil.example' }, 'origin_not_allowed'],
      [{ 'Content-Type': 'text/plain', Origin: 'null' }, 'origin_not_allowed'],
      [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 'request_forged'],
      // A fetch with the cookie.
      [{ ...json, Origin: 'https://evil.example', 'X-Tillbridge': '1' }, 'origin_not_allowed'],
      [{ ...json, Origin: hub.url }, 'request_forged'],
      [{ ...json, 'X-Tillbridge': '1', 'Sec-Fetch-Site': 'cross-site' }, 'request_forged'],
    ]
    for (const [headers, code] of tries) {
      const answer = await attack(hub.url, '/api/v1/rpc', {
        method: 'POST',
        headers: { ...headers, Cookie: cookie },
        body,
        from,
      })
      expect([headers, answer.status, answer.code]).toEqual([headers, 403, code])
    }
    const socket = await RawClient.open(socketUrl(), undefined, {
      localAddress: from,
      headers: { Cookie: cookie },
    })
    expect((await socket.hello()).error.data.code).toBe('request_forged')
    await expectLogged(from, 'forged.refused', 'request_forged', 4)
    await expectLogged(from, 'origin.refused', 'origin_not_allowed', 3)
  })
})

describe('by guessing', () => {
  const pair = (code: string, from: string) =>
    attack(hub.url, '/api/v1/pair', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ code, name: 'Eve' }),
      from,
    })
  const logIn = (given: string, from: string) =>
    attack(hub.url, '/api/v1/session', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'Ada', password: given }),
      from,
    })

  it('[S7] pairing codes die after five wrong tries from anywhere, and one source is locked out before', async () => {
    const { code } = await owner('pair.code', { role: 'cashier' })
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0')
    const sources = Array.from({ length: 5 }, newAddress)
    for (const from of sources) expect((await pair(wrong, from)).code).toBe('pair_code_invalid')
    // The right code has died with all others.
    expect((await pair(code, newAddress())).code).toBe('pair_code_invalid')
    for (const from of sources) await expectLogged(from, 'pair', 'pair_code_invalid', 1)
    const one = newAddress()
    const answers: (string | undefined)[] = []
    for (let number = 0; number < 8; number++) answers.push((await pair(wrong, one)).code)
    expect(answers.at(-1)).toBe('locked_out')
    await expectLogged(one, 'pair', 'locked_out')
    // Another source is not locked out with it.
    expect((await pair(wrong, newAddress())).code).toBe('pair_code_invalid')
  })

  it('[S15] passwords are guessed slowly, and the owner at another address still gets in', async () => {
    const from = newAddress()
    const codes: (string | undefined)[] = []
    for (let number = 0; number < 8; number++)
      codes.push((await logIn(`wrong password ${number}`, from)).code)
    expect(codes.slice(0, 3)).toEqual(['login_failed', 'login_failed', 'login_failed'])
    expect(codes.at(-1)).toBe('locked_out')
    expect((await logIn(password, from)).code).toBe('locked_out')
    const own = newAddress()
    expect((await logIn(password, own)).status).toBe(200)
    await expectLogged(from, 'login', 'login_failed')
    await expectLogged(from, 'login', 'locked_out')
    expect(hub.log()).not.toContain('wrong password')
  }, 60_000)

  it('[S13] the set-up code works once', async () => {
    const from = newAddress()
    for (const name of ['Ada', 'Eve']) {
      const { status, code } = await attack(hub.url, '/api/v1/setup', {
        method: 'POST',
        headers: { ...json, Origin: hub.url },
        body: JSON.stringify({ code: hub.setUpCode, name, password }),
        from,
      })
      expect([status, code]).toEqual([409, 'setup_done'])
    }
    await expectLogged(from, 'setup', 'setup_done')
    expect(hub.log()).not.toContain(hub.setUpCode)
  })
})

describe('with odd requests', () => {
  it('[S8] a token in a URL is refused, and no log has it', async () => {
    const from = newAddress()
    for (const path of ['/api/v1/rpc', '/', '/metrics', '/api/v1/session'])
      for (const name of ['token', 'access_token'])
        expect((await attack(hub.url, `${path}?${name}=${technician}`, { from })).status).toBe(400)
    const socket = await attack(hub.url, `/ws?token=${technician}`, { headers: upgradeHeaders, from })
    expect(socket.status).toBe(400)
    await expectLogged(from, 'token.refused', 'unauthorized', 9)
    expect(hub.log()).not.toContain(technician)
    expect(JSON.stringify(await owner('audit.list', { limit: 500 }))).not.toContain(technician)
  })

  it('[S9] no path leads out of the folder of the pages', async () => {
    const from = newAddress()
    const paths = [
      '/../package.json',
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/%252e%252e%252fpackage.json',
      '/..\\..\\package.json',
      '/..%5c..%5cpackage.json',
      '/assets/../../../package.json',
      '/display/pictures/../books.db',
      '/display/pictures/..%2fbooks.db',
      '/display/pictures/%2e%2e/tls/root.key',
      '//etc/passwd',
      '/index.html%00.png',
      '/.git/config',
    ]
    for (const path of paths) {
      const { status, text } = await attack(hub.url, path, { from })
      expect([path, status, text]).toEqual([path, 404, 'There is no such page.\n'])
    }
    await until(() => hub.log().split(`"${from}"`).length - 1 === paths.length, 'a line for each path')
  })

  it('[S10] what is too large is refused before it is held', async () => {
    const from = newAddress()
    const large = 'x'.repeat(webLimits.strangerBodyBytesMax + 1)
    const post = (path: string, body: string) =>
      attack(hub.url, path, { method: 'POST', headers: json, body, from })
    for (const path of ['/api/v1/pair', '/api/v1/session', '/api/v1/setup'])
      expect([path, (await post(path, large)).status]).toEqual([path, 413])
    const headers = { 'X-Large': 'x'.repeat(webLimits.headerBytesMax) }
    expect((await attack(hub.url, '/api/v1/health', { headers, from })).status).toBe(431)
    const socket = await RawClient.open(socketUrl(), undefined, { localAddress: from })
    socket.send('x'.repeat(webLimits.ungreetedBytesMax + 1))
    expect((await socket.closed).code).toBe(1009)
    const lines = () =>
      hub
        .log()
        .split('\n')
        .filter((line) => line.includes(`"${from}"`))
    await until(() => lines().filter((line) => line.includes('too large')).length === 3, 'lines of the log')
    await until(() => lines().some((line) => line.includes('HPE_HEADER_OVERFLOW')), 'a line of the log')
    await until(() => lines().some((line) => line.includes('before hello')), 'a line of the log')
  })
})

describe('by numbers', () => {
  it('[S11] hundreds of slow connections end by themselves and keep nobody waiting', async () => {
    const from = newAddress()
    const slow = Array.from({ length: 300 }, () => {
      const socket = connect({ port: Number(new URL(hub.url).port), host: '127.0.0.1', localAddress: from })
      socket.on('error', () => {})
      socket.resume()
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ')
      return new Promise((resolve) => socket.on('close', resolve))
    })
    const begun = performance.now()
    expect((await attack(hub.url, '/api/v1/health', { from: newAddress() })).status).toBe(200)
    expect(performance.now() - begun).toBeLessThan(1_000)
    await Promise.all(slow)
    expect(performance.now() - begun).toBeLessThan(webLimits.headersMsMax + 2 * webLimits.slowCheckMs + 5_000)
    await until(() => hub.log().includes('ERR_HTTP_REQUEST_TIMEOUT'), 'a line of the log')
  }, 40_000)

  it('[S12] floods of WebSockets and of requests are refused to their source alone', async () => {
    const from = newAddress()
    const till = await RawClient.open(socketUrl())
    await till.hello(technician)
    const many = async (count: number, path: string, headers: Record<string, string> = {}) => {
      const statuses: (number | 'cut')[] = []
      for (let begun = 0; begun < count; begun += 500)
        statuses.push(
          ...(await Promise.all(
            Array.from({ length: 500 }, () =>
              attack(hub.url, path, { from, headers }).then(
                ({ status }) => status,
                () => 'cut' as const,
              ),
            ),
          )),
        )
      return statuses
    }
    // Silent ones, more than there is room for: the oldest go, the newest stay, nobody else notices.
    const silent: Socket[] = []
    const { port } = new URL(hub.url)
    for (let number = 0; number < webLimits.strangerConnectionsMax + 500; number++) {
      const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress: from })
      socket.on('error', () => {})
      silent.push(socket)
      if (number % 100 === 0) await new Promise((resolve) => socket.once('connect', resolve))
    }
    await until(() => silent.slice(0, 400).every(({ closed }) => closed), 'the oldest to be cut off')
    expect((await attack(hub.url, '/api/v1/health', { from: newAddress() })).status).toBe(200)
    const sockets = await many(webLimits.upgradesBurstMax + 1_500, '/ws', upgradeHeaders)
    const requests = await many(webLimits.strangersBurstMax + 1_500, '/api/v1/health')
    for (const [statuses, taken] of [
      [sockets, 101],
      [requests, 200],
    ] as const) {
      expect(statuses.filter((status) => status !== taken && status !== 429)).toEqual([])
      expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
      expect(statuses.filter((status) => status === taken).length).toBeGreaterThan(100)
    }
    expect((await till.request('ping')).result).toEqual({})
    expect((await attack(hub.url, '/api/v1/health', { from: newAddress() })).status).toBe(200)
    for (const socket of silent) socket.destroy()
    await expectLogged(from, 'flood.refused', 'rate_limited')
    till.socket.close()
  }, 40_000)
})

describe('beyond what the system gives', () => {
  it('[S11] connections that use up all file descriptors do not end the hub', async () => {
    const small = await HubProcess.start({
      args: ['--log', 'info'],
      through: ['sh', '-c', 'ulimit -n 120; exec "$0" "$@"'],
    })
    const { port } = new URL(small.url)
    const silent = Array.from({ length: 400 }, () => {
      const socket = connect({ port: Number(port), host: '127.0.0.1' })
      socket.on('error', () => {})
      return socket
    })
    await until(() => silent.filter(({ closed }) => closed).length > 100, 'those beyond the limit to be cut')
    for (const socket of silent) socket.destroy()
    const answers = () =>
      attack(small.url, '/api/v1/health').then(
        ({ status }) => status === 200,
        () => false,
      )
    expect(await until(answers, 'the hub to answer again')).toBe(true)
    await small.end()
  }, 40_000)
})

describe('over plain http', () => {
  it('[S14] the cookie of https is not looked at', async () => {
    const secret = cookie.split('=')[1]
    const headers = { ...ownPage(), Cookie: `__Host-tillbridge=${secret}` }
    const answer = await attack(hub.url, '/api/v1/rpc', rpcAttack('user.list', {}, headers))
    expect([answer.status, answer.code]).toEqual([401, 'unauthorized'])
  })

  it('[S14] [BK2] [MO8] nothing secret is taken from another machine', async (context) => {
    const script = fileURLToPath(new URL('../support/other-machine.ts', import.meta.url))
    const network = await OwnNetwork.start(['10.9.8.7'])
    if (network === undefined) return context.skip('no network namespaces here')
    onTestFinished(() => network.stop())
    const [enter = '', ...into] = network.through
    const { stdout } = await promisify(execFile)(enter, [...into, process.execPath, script])
    const { plain, mqtt, secure, refused } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
    expect(plain).toEqual({
      health: [200, null],
      setUpState: [200, null],
      rpc: [403, 'tls_required'],
      pair: [403, 'tls_required'],
      logIn: [403, 'tls_required'],
      setUp: [403, 'tls_required'],
      session: [403, 'tls_required'],
      socket: [403, 'tls_required'],
    })
    expect(mqtt).toEqual({ plain: 5, onTheBox: 'let in', secure: 'let in' })
    // The figures are for nobody without a token (P48, MO8).
    expect(secure).toEqual({
      rpc: 200,
      metrics: [401, 200],
      cookie: expect.stringMatching(/^__Host-tillbridge=.*; Secure$/),
    })
    expect(refused).toMatchObject({ from: '10.9.8.7', result: 'tls_required', count: 7 })
  }, 60_000)
})
