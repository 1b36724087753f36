/** Which wall the client names, against HTTP and TLS servers that answer as a hub would in each case. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createClient, diagnose, hubUrls } from '../../src/protocol/client.ts'
import { type ClientFetch, requestTimes } from '../../src/protocol/client-requests.ts'
import { isSurelyLocal } from '../../src/protocol/client-urls.ts'
import type { DiagnoseOptions, PagePermissions } from '../../src/protocol/client-walls.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { rpcError } from '../../src/protocol/messages.ts'
import { settle, TestClock } from '../support/clock.ts'
import { TestRoot } from '../support/openssl.ts'

interface Reach {
  hub: string
  origin: string | null
  originAllowed: boolean
  tokensAllowed: boolean
  httpsPort: number | null
  error?: unknown
}

const servers: Server[] = []
let reach: Reach
/** What it was asked: method, path, authorization. */
let asked: string[]
let url: string
let ping: { status: number; body: unknown }

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return (server.address() as AddressInfo).port
}

const answer: RequestListener = (request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`)
  const [status, body] =
    request.url === '/api/v1/reach'
      ? [200, reach]
      : request.url === '/api/v1/rpc'
        ? [ping.status, ping.body]
        : [404, { error: rpcError(new HubError('method_unknown', { method: request.url ?? '' })) }]
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

beforeEach(async () => {
  asked = []
  reach = { hub: 'hub-1', origin: null, originAllowed: true, tokensAllowed: true, httpsPort: 8443 }
  ping = { status: 200, body: { jsonrpc: '2.0', id: 1, result: {} } }
  url = `http://127.0.0.1:${await listen(createServer(answer))}`
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A port on which nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

const cloudPage = new URL('https://pos.example')
const permissions = (states: Record<string, string>): PagePermissions => ({
  query: async ({ name }) => {
    const state = states[name]
    if (state === undefined) throw new TypeError(`${name} is no permission`)
    return { state }
  },
})
const granted = permissions({ 'local-network': 'granted', 'loopback-network': 'granted' })
/** Stands for the network of a browser that lets nothing through, and counts what was tried. */
const blocked: ClientFetch = async () => {
  throw new TypeError('Failed to fetch')
}

const look = (options: Partial<DiagnoseOptions> = {}) =>
  diagnose({ url, token: 'secret', location: cloudPage, permissions: granted, ...options })

describe('the walls, in their order', () => {
  it('[K6] none, for a page that may do everything', async () => {
    expect(await look()).toEqual({
      wall: 'none',
      finding: 'none',
      text: expect.any(String),
      todo: expect.any(String),
      urls: [],
      hub: 'hub-1',
    })
    expect(asked).toEqual(['GET /api/v1/reach -', 'POST /api/v1/rpc Bearer secret'])
  })

  it('[K7] mixed content: http to a name that may be anywhere, whatever is granted', async () => {
    const found = await look({ url: 'http://hub.example:8080', fetch: blocked })
    expect(found).toMatchObject({ wall: 'mixed_content', urls: ['http://hub.example:8080/trust/'] })
    expect(found).not.toHaveProperty('hub')
  })

  it('[K7] the hub itself says where to go on, when the browser can be told that it is in the shop', async () => {
    const spaces: unknown[] = []
    const told: ClientFetch = (asking, init) => {
      spaces.push(init.targetAddressSpace)
      return fetch(asking.replace('http://hub.example:8080', url), init as RequestInit)
    }
    expect(await look({ url: 'ws://hub.example:8080/ws', fetch: told })).toMatchObject({
      wall: 'mixed_content',
      hub: 'hub-1',
      urls: ['https://hub.example:8443/', 'http://hub.example:8080/trust/'],
    })
    expect(spaces).toEqual(['local'])
  })

  it('[K7] an address of the shop is mixed content only in browsers without the permission', async () => {
    const there = { url: 'http://192.168.1.50:8080', fetch: blocked }
    expect(await look({ ...there, permissions: null })).toMatchObject({ wall: 'mixed_content' })
    expect(await look({ ...there, permissions: permissions({}) })).toMatchObject({ wall: 'mixed_content' })
    expect(await look(there)).toMatchObject({ wall: 'unreachable' })
    // Loopback is trusted without encryption.
    expect(await look({ permissions: null })).toMatchObject({ wall: 'none' })
  })

  it('[K8] permission: denied, not asked yet, the question left open', async () => {
    const there = { url: 'https://192.168.1.50:8443', fetch: blocked }
    const state = (name: string, value: string) => permissions({ [name]: value })
    expect(await look({ ...there, permissions: state('local-network', 'denied') })).toMatchObject({
      wall: 'permission',
      finding: 'permission_denied',
    })
    expect(await look({ ...there, permissions: state('local-network-access', 'denied') })).toMatchObject({
      finding: 'permission_denied',
    })
    expect(await look({ ...there, permissions: state('local-network', 'prompt') })).toMatchObject({
      finding: 'permission_prompt',
    })
    const clock = new TestClock()
    const hanging: ClientFetch = (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
      )
    const open = look({
      url: 'https://hub.example',
      fetch: hanging,
      clock,
      permissions: state('local-network', 'prompt'),
    })
    let ended = false
    void open.then(() => {
      ended = true
    })
    await settle()
    await clock.advance(requestTimes.answerMs - 1)
    expect(ended).toBe(false)
    await clock.advance(1)
    expect(await open).toMatchObject({ finding: 'permission_prompt' })
    expect(clock.pending).toBe(0)
  })

  it('[K8] a browser that asks only when the plain door is tried', async () => {
    const states = { 'local-network': 'prompt' }
    const asking: ClientFetch = (at, init) => {
      if (init.targetAddressSpace === 'local') states['local-network'] = 'denied'
      return blocked(at, init)
    }
    const there = { url: 'https://hub.example:8443', permissions: permissions(states) }
    expect(await look({ ...there, fetch: blocked })).toMatchObject({ finding: 'unreachable_https' })
    expect(await look({ ...there, fetch: asking })).toMatchObject({ finding: 'permission_denied' })
  })

  it('[K8] a page in the open cannot be let in; one that came from the shop need not be', async () => {
    const denied = { permissions: permissions({ 'local-network': 'denied' }), fetch: blocked }
    const there = { url: 'http://192.168.1.50:8080', ...denied }
    expect(await look({ ...there, location: new URL('http://pos.example') })).toMatchObject({
      wall: 'permission',
      finding: 'permission_insecure',
    })
    expect(await look({ ...there, location: new URL('http://192.168.1.20') })).toMatchObject({
      wall: 'unreachable',
    })
    expect(await look({ ...there, location: null })).toMatchObject({ wall: 'unreachable' })
  })

  it('[K8] for a hub on the same machine the permission for loopback counts', async () => {
    const only = permissions({ 'loopback-network': 'denied', 'local-network': 'granted' })
    expect(await look({ permissions: only, fetch: blocked })).toMatchObject({ wall: 'permission' })
    expect(await look({ permissions: only, fetch: blocked, url: 'https://192.168.1.50' })).not.toMatchObject({
      wall: 'permission',
    })
  })

  describe('over https', () => {
    let dir: string
    let securePort: number
    beforeEach(async () => {
      dir = mkdtempSync(join(tmpdir(), 'tillbridge-walls-'))
      const server = createTlsServer(new TestRoot(dir).issue('IP:127.0.0.1'), answer)
      securePort = await listen(server)
      reach.httpsPort = securePort
    })
    afterEach(() => rmSync(dir, { recursive: true, force: true }))

    it('[K9] an untrusted certificate is told from a hub that is not there by its plain door', async () => {
      const there = { url: `https://127.0.0.1:${securePort}`, plainUrl: url }
      expect(await look(there)).toMatchObject({
        wall: 'certificate',
        hub: 'hub-1',
        urls: [`${url}/trust/`],
      })
      reach.httpsPort = securePort + 1
      expect(await look(there)).toMatchObject({
        wall: 'unreachable',
        finding: 'elsewhere',
        urls: [`https://127.0.0.1:${securePort + 1}/`],
      })
      reach.httpsPort = null
      expect(await look(there)).toMatchObject({ finding: 'elsewhere', urls: [`${url}/`] })
      const dead = `http://127.0.0.1:${await deadPort()}`
      expect(await look({ ...there, plainUrl: dead })).toMatchObject({
        wall: 'unreachable',
        finding: 'unreachable_https',
        urls: [`https://127.0.0.1:${securePort}/`, `${dead}/trust/`],
      })
    })

    it('[K9] the plain door is looked for at port 8080 when nobody names it', async () => {
      const tried: string[] = []
      const counting: ClientFetch = async (asking) => {
        tried.push(asking)
        throw new TypeError('Failed to fetch')
      }
      expect(await look({ url: 'https://192.168.1.50:8443', fetch: counting })).toMatchObject({
        finding: 'unreachable_https',
      })
      expect(tried.at(-1)).toBe('http://192.168.1.50:8080/api/v1/reach')
    })
  })

  it('[K9] nobody there', async () => {
    const dead = `http://127.0.0.1:${await deadPort()}`
    expect(await look({ url: dead })).toMatchObject({ wall: 'unreachable', urls: [`${dead}/`] })
  })

  it('[K10] origin, from what the hub says of it, with the page of the console that mends it', async () => {
    reach.originAllowed = false
    reach.tokensAllowed = false
    const found = await look()
    expect(found).toMatchObject({ wall: 'origin', urls: [`${url}/#/network`], hub: 'hub-1' })
    expect(asked).toHaveLength(1)
  })

  it('[K11] a connection that may carry no token, with the address that may', async () => {
    reach.tokensAllowed = false
    const port = new URL(url).port
    expect(await look()).toMatchObject({
      wall: 'tls_required',
      urls: ['https://127.0.0.1:8443/', `http://127.0.0.1:${port}/trust/`],
    })
    expect(asked).toHaveLength(1)
    reach.httpsPort = null
    expect(await look()).toMatchObject({ wall: 'tls_required', urls: [] })
  })

  it('[K12] unpaired: without a token, and with one the hub does not know', async () => {
    expect(await look({ token: undefined })).toMatchObject({ wall: 'unpaired', urls: [`${url}/#/tills`] })
    expect(asked).toHaveLength(1)
    ping = { status: 401, body: { error: rpcError(new HubError('unauthorized')) } }
    expect(await look()).toMatchObject({ wall: 'unpaired', error: { code: 'unauthorized' }, hub: 'hub-1' })
  })

  it('[K12] a page of the hub itself needs no token and no leave', async () => {
    reach.originAllowed = false
    expect(await look({ token: undefined, location: new URL(url) })).toMatchObject({ wall: 'none' })
  })

  it('[K13] what is no hub, and what the hub says that is no wall', async () => {
    const other = `http://127.0.0.1:${await listen(createServer((_, response) => response.end('<h1>printer</h1>')))}`
    expect(await look({ url: other })).toMatchObject({ wall: 'unknown', finding: 'strange' })
    // Answers that the page may not read: the request itself went through.
    const closed: ClientFetch = async (asking, init) => {
      if (init.mode === 'no-cors')
        return { ok: false, status: 0, json: () => Promise.reject(new SyntaxError()) }
      return blocked(asking, init)
    }
    expect(await look({ fetch: closed })).toMatchObject({ wall: 'unknown', finding: 'strange' })
    ping = { status: 503, body: { error: rpcError(new HubError('starting')) } }
    expect(await look()).toMatchObject({ wall: 'unknown', finding: 'refused', error: { code: 'starting' } })
    reach.error = rpcError(new HubError('host_not_allowed', { host: 'other.local' }))
    expect(await look()).toMatchObject({
      wall: 'unknown',
      finding: 'host',
      urls: [],
      error: { context: { host: 'other.local' } },
    })
  })

  it('[K6] an address that is none is an error, not a wall', async () => {
    await expect(look({ url: 'hub' })).rejects.toMatchObject({
      code: 'params_invalid',
      context: { path: 'url' },
    })
  })
})

describe('whyOffline', () => {
  it('[K14] asks the walls while the client has not been refused, with its address and its token', async () => {
    const client = createClient({ url, token: 'mine', client: 'till', WebSocket: WebSocket as never })
    const page = { location: cloudPage, permissions: granted }
    expect(await client.whyOffline(page)).toMatchObject({ wall: 'none' })
    expect(asked.at(-1)).toBe('POST /api/v1/rpc Bearer mine')
    reach.originAllowed = false
    expect(await client.whyOffline(page)).toMatchObject({ wall: 'origin' })
  })
})

describe('addresses', () => {
  it('[K15] encrypted by name, encrypted by address, and in the open only what a page over https may use', () => {
    const hosts = ['192.168.1.50', 'hub.local', 'hub.example', 'fd00::5', '8.8.8.8']
    expect(hubUrls({ hosts, http: 8080, https: 8443 })).toEqual([
      'https://hub.local:8443',
      'https://hub.example:8443',
      'https://192.168.1.50:8443',
      'https://[fd00::5]:8443',
      'https://8.8.8.8:8443',
      'http://hub.local:8080',
      'http://192.168.1.50:8080',
      'http://[fd00::5]:8080',
    ])
    expect(hubUrls({ hosts: ['hub.local'], http: null, https: 443 })).toEqual(['https://hub.local'])
    expect(hubUrls({ hosts: ['hub.example'], http: 80, https: null })).toEqual([])
  })

  it('[K15] knows by the name alone what is in the shop', () => {
    const inside = ['10.0.0.1', '172.16.0.1', '172.31.255.1', '192.168.0.1', '169.254.1.1', 'hub.local']
    const loops = ['localhost', 'a.localhost', '127.0.0.1', '127.8.8.8', '[::1]', '[fd12::1]', '[fe80::1]']
    const outside = [
      '172.15.0.1',
      '172.32.0.1',
      '11.0.0.1',
      '192.169.0.1',
      'hub.example',
      'local',
      '[2001:db8::1]',
    ]
    expect([...inside, ...loops].filter((host) => !isSurelyLocal(host))).toEqual([])
    expect([...outside, '10.example', '127.example', 'fdx.example'].filter(isSurelyLocal)).toEqual([])
  })
})
