/** The https side of the web door, with certificates of openssl; rules of docs/protocol.md. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PeerCertificate, type SecureVersion, connect as tlsConnect } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { TlsMaterial } from '../../src/hub/api.ts'
import { webLimits } from '../../src/hub/doors/web/web-limits.ts'
import { attack } from '../support/attacker.ts'
import { settle } from '../support/clock.ts'
import { DoorBench } from '../support/door-bench.ts'
import { RawClient } from '../support/raw-client.ts'

const dir = mkdtempSync(join(tmpdir(), 'tillbridge-https-'))
let first: TlsMaterial
let second: TlsMaterial

function makeCertificate(name: string): TlsMaterial {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

beforeAll(() => {
  first = makeCertificate('first')
  second = makeCertificate('second')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let bench: DoorBench
beforeEach(() => {
  bench = new DoorBench()
})
afterEach(() => bench.stop())

const httpsPort = () => bench.door.httpsPort ?? 0
const trusting = () => ({ ca: [first.cert, second.cert] })

/** The name in the certificate that a new connection is shown, with what was agreed on. */
function shown(options: { maxVersion?: SecureVersion; minVersion?: SecureVersion; ciphers?: string } = {}) {
  return new Promise<{ name: string; version: string | null; alpn: string | false | null }>(
    (resolve, reject) => {
      const socket = tlsConnect(
        {
          host: '127.0.0.1',
          port: httpsPort(),
          ...trusting(),
          ALPNProtocols: ['h2', 'http/1.1'],
          ...options,
        },
        () => {
          const { subject } = socket.getPeerCertificate() as PeerCertificate
          resolve({
            name: String(subject.CN),
            version: socket.getProtocol(),
            alpn: socket.alpnProtocol,
          })
          socket.destroy()
        },
      )
      socket.on('error', reject)
    },
  )
}

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body = '') =>
  attack(`https://127.0.0.1:${httpsPort()}`, path, { headers, method, body, tls: trusting() })

/** Writes bytes to the https port; answers what came back before the hub closed. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(httpsPort(), '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}

describe('https', () => {
  it('[P70] is served beside http as soon as there is a certificate', async () => {
    await bench.listen(0)
    expect(bench.door.httpsPort).toBeNull()
    expect(bench.hub.network.ports).toMatchObject({ http: bench.port, https: null })
    expect((await fetch(`${bench.url}/api/v1/health`)).status).toBe(200)
    bench.hub.tls.change(first)
    await bench.door.settled()
    expect(bench.hub.network.ports).toEqual({ bind: '127.0.0.1', http: bench.port, https: httpsPort() })
    expect((await ask('/api/v1/health')).status).toBe(200)
    expect(JSON.parse((await ask('/api/v1/reach')).text)).toMatchObject({ httpsPort: httpsPort() })
    expect((await fetch(`${bench.url}/api/v1/health`)).status).toBe(200)
  })

  it('[P70] is served from the start when there is one, and not at all when it is switched off', async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
    expect((await shown()).name).toBe('first')
    const off = new DoorBench()
    off.hub.tls.material = first
    await off.listen(null)
    expect(off.door.httpsPort).toBeNull()
    await off.stop()
  })

  it('[P70] takes a new certificate without closing what is open', async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
    const client = await RawClient.open(`wss://127.0.0.1:${httpsPort()}/ws`, undefined, trusting())
    await client.hello('cashier-token')
    const port = httpsPort()
    bench.hub.tls.change(second)
    await bench.door.settled()
    expect([httpsPort(), (await shown()).name]).toEqual([port, 'second'])
    expect((await client.request('ping')).result).toEqual({})
    expect(bench.door.clients).toBe(1)
    await bench.greeted()
    expect(bench.door.clients).toBe(2)
  })

  it('[P72] keeps the certificate it has when the new one is broken, and says so', async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
    bench.hub.tls.change({ cert: second.cert, key: first.key })
    await bench.door.settled()
    expect((await shown()).name).toBe('first')
    expect(bench.httpsProblem).toMatch(/^https is not served: The certificate cannot be used/)
    bench.hub.tls.change(second)
    await bench.door.settled()
    expect([bench.httpsProblem, (await shown()).name]).toEqual([undefined, 'second'])
  })

  it('[P72] leaves http alone when its port is taken, says so, and tries again', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    bench.hub.tls.material = first
    await bench.listen(port)
    expect(bench.httpsProblem).toBe(`https is not served: The port ${port} is used by another program.`)
    expect(bench.door.httpsPort).toBeNull()
    expect((await fetch(`${bench.url}/api/v1/health`)).status).toBe(200)
    await new Promise((resolve) => other.close(resolve))
    await bench.clock.advance(webLimits.httpsRetryMs - 1)
    expect(bench.door.httpsPort).toBeNull()
    await bench.clock.advance(1)
    await bench.door.settled()
    expect([bench.httpsProblem, (await shown()).name]).toEqual([undefined, 'first'])
  })

  it('[P40] stops with http, and says goodbye to the clients of both', async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
    const secure = await RawClient.open(`wss://127.0.0.1:${httpsPort()}/ws`, undefined, trusting())
    await secure.hello('cashier-token')
    const plain = await bench.greeted()
    await bench.door.stop()
    expect([(await secure.closed).code, (await plain.closed).code]).toEqual([1012, 1012])
    await expect(shown()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('[P40] does not wait for connections that say nothing, or not enough of a handshake', async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
    const ports = [bench.port, httpsPort(), httpsPort()]
    const closed = ports.map((port, number) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      if (number === 2) socket.write('\x16\x03\x01')
      const opened = new Promise((resolve) => socket.once('connect', resolve))
      return { opened, closed: new Promise((resolve) => socket.once('close', resolve)) }
    })
    await Promise.all(closed.map(({ opened }) => opened))
    for (let turn = 0; turn < 10; turn++) await settle()
    const stopped = bench.door.stop()
    for (let turn = 0; turn < 10; turn++) await settle()
    await bench.clock.advance(webLimits.stopMsMax)
    await stopped
    expect(await Promise.all(closed.map(({ closed: end }) => end))).toHaveLength(ports.length)
  })

  it('[P74] counts strangers together with http, until they have shown a token', async () => {
    await bench.stop()
    bench = new DoorBench({ strangerConnectionsMax: 2 })
    bench.hub.tls.material = first
    await bench.listen(0)
    const till = await RawClient.open(`wss://127.0.0.1:${httpsPort()}/ws`, undefined, trusting())
    await till.hello('cashier-token')
    // Those that ended have left.
    for (let number = 0; number < 5; number++) expect((await ask('/api/v1/health')).status).toBe(200)
    const silent = await RawClient.open(`wss://127.0.0.1:${httpsPort()}/ws`, undefined, trusting())
    const plain = await RawClient.open(bench.socketUrl)
    expect((await ask('/api/v1/health')).status).toBe(200)
    expect((await silent.closed).code).toBe(1006)
    expect((await till.request('ping')).result).toEqual({})
    expect((await plain.hello('cashier-token')).result.role).toBe('cashier')
  })
})

describe('on the wire', () => {
  beforeEach(async () => {
    bench.hub.tls.material = first
    await bench.listen(0)
  })

  it('[P71] speaks TLS 1.2 and 1.3 with HTTP/1.1, nothing older and no weak cipher', async () => {
    expect(await shown()).toEqual({ name: 'first', version: 'TLSv1.3', alpn: 'http/1.1' })
    expect((await shown({ maxVersion: 'TLSv1.2' })).version).toBe('TLSv1.2')
    for (const version of ['TLSv1', 'TLSv1.1'] as const)
      await expect(
        // The level is that of the client: without it the client itself would refuse.
        shown({ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/) })
    for (const ciphers of ['AES128-SHA', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES128-SHA256'])
      await expect(shown({ maxVersion: 'TLSv1.2', ciphers })).rejects.toMatchObject({
        code: expect.stringContaining('HANDSHAKE_FAILURE'),
      })
  })

  it('[P71] tells plain http on the https port what is wrong, and nobody waits for silence', async () => {
    expect(await raw('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*This port speaks https/,
    )
    const silent = connect(httpsPort(), '127.0.0.1')
    silent.on('error', () => {})
    const closed = new Promise((resolve) => silent.on('close', resolve))
    await new Promise((resolve) => silent.once('connect', resolve))
    // The hub must have it before time moves on.
    while (bench.clock.pending < 2) await settle()
    await bench.clock.advance(webLimits.handshakeMsMax)
    await closed
    // A handshake that is none.
    expect(await raw('\x16\x03\x01\x00\x05hello')).not.toContain('HTTP')
    expect((await ask('/api/v1/health')).status).toBe(200)
  })

  it('[P71] does not bind browsers to https', async () => {
    const { headers } = await ask('/api/v1/health')
    expect(headers['strict-transport-security']).toBeUndefined()
  })

  it('[P66] ties the cookie of a session to https and to this host', async () => {
    const origin = `https://127.0.0.1:${httpsPort()}`
    const json = { 'Content-Type': 'application/json', Origin: origin, 'X-Tillbridge': '1' }
    const login = JSON.stringify({ name: 'Ada', password: 'right password' })
    const { headers } = await ask('/api/v1/session', json, 'POST', login)
    expect(headers['set-cookie']).toEqual([
      '__Host-tillbridge=secret-1; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure',
    ])
    const rpc = '{"jsonrpc":"2.0","id":1,"method":"user.list"}'
    const call = (Cookie: string) => ask('/api/v1/rpc', { ...json, Cookie }, 'POST', rpc)
    expect((await call('__Host-tillbridge=secret-1')).status).toBe(200)
    // What plain http may have set, or anybody on the way, is not looked at.
    expect((await call('tillbridge=secret-1')).status).toBe(401)
    // The page of the same host over http is another origin.
    const plain = await ask(
      '/api/v1/rpc',
      { ...json, Origin: bench.url, Cookie: '__Host-tillbridge=secret-1' },
      'POST',
      rpc,
    )
    expect(plain.status).toBe(403)
  })

  it('[P61] carries secrets when plain connections do not', async () => {
    bench.hub.network.plainAllowed = false
    const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer cashier-token' }
    const rpc = '{"jsonrpc":"2.0","id":1,"method":"device.list"}'
    expect((await ask('/api/v1/rpc', headers, 'POST', rpc)).status).toBe(200)
    const client = await RawClient.open(`wss://127.0.0.1:${httpsPort()}/ws`, undefined, trusting())
    expect((await client.hello('cashier-token')).result.role).toBe('cashier')
  })
})
