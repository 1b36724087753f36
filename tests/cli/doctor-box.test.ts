/** What the doctor sees of the box around the hub. Rules of docs/care.md. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type BoxFacts,
  boxCheckLimits,
  checkBox,
  checkPermissions,
  checkSetUp,
} from '../../src/cli/doctor-box.ts'
import type { Finding } from '../../src/cli/finding.ts'
import { configSchema } from '../../src/hub/config.ts'
import { openStore } from '../../src/store/open.ts'
import { benchOwner } from '../support/hub-bench.ts'

const now = Date.UTC(2026, 10, 23)
const dayMs = 24 * 3_600_000

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tillbridge-doctor-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function look(config: unknown, facts: Partial<BoxFacts> = {}): Promise<Finding[]> {
  return checkBox({
    data: '/nowhere',
    config: configSchema.parse(config),
    hubPid: 1,
    now,
    addresses: ['192.0.2.7'],
    synchronised: async () => 'yes',
    resolve: async () => ['192.0.2.7'],
    ...facts,
  })
}

const about = (findings: Finding[], check: string) => findings.find((finding) => finding.check === check)

describe('the doctor looks at', () => {
  it('[C21] the clock', async () => {
    const clock = async (at: number, answer: string | undefined) =>
      about(await look({}, { now: at, synchronised: async () => answer }), 'clock')
    expect((await clock(now, 'yes'))?.result).toBe('ok')
    expect((await clock(now, undefined))?.result).toBe('ok')
    expect(await clock(now, 'no')).toMatchObject({ result: 'note', fix: expect.stringContaining('set-ntp') })
    const years = [
      boxCheckLimits.yearMin - 1,
      boxCheckLimits.yearMin,
      boxCheckLimits.yearMax,
      boxCheckLimits.yearMax + 1,
    ]
    const results = await Promise.all(
      years.map(async (year) => (await clock(Date.UTC(year, 5), 'yes'))?.result),
    )
    expect(results).toEqual(['bad', 'ok', 'ok', 'bad'])
  })

  it('[C21] the rights of the data folder', () => {
    const data = folder()
    mkdirSync(join(data, 'tls'))
    writeFileSync(join(data, 'tls', 'leaf.pem'), 'key', { mode: 0o644 })
    chmodSync(data, 0o700)
    expect(checkPermissions(data)[0]?.result).toBe('ok')
    chmodSync(data, 0o755)
    expect(checkPermissions(data)[0]).toMatchObject({
      result: 'bad',
      message: expect.stringContaining('leaf.pem'),
      fix: expect.stringContaining('chmod 700'),
    })
    chmodSync(join(data, 'tls', 'leaf.pem'), 0o600)
    chmodSync(join(data, 'tls'), 0o700)
    expect(checkPermissions(data)[0]?.result).toBe('note')
    expect(checkPermissions(join(data, 'none'))).toEqual([])
  })

  it('[C21] ports that others hold, and names the holder', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const config = { http: { port }, https: { port: 0 } }
    const check = `port ${port}`
    expect(about(await look(config, { hubPid: undefined }), check)).toMatchObject({
      result: 'bad',
      message: expect.stringContaining(`process ${process.pid}`),
      fix: expect.stringContaining('http.port'),
    })
    // The hub itself holds them.
    expect(about(await look(config), check)).toBeUndefined()
    await new Promise((resolve) => server.close(resolve))
    expect(about(await look(config, { hubPid: undefined }), check)?.result).toBe('ok')
    const strange = { http: { port, bind: '192.0.2.99' }, https: { enabled: false } }
    expect(about(await look(strange, { hubPid: undefined }), check)).toMatchObject({
      result: 'bad',
      fix: expect.stringContaining('http.bind'),
    })
  })

  it('[C21] the certificate: its dates, and whom it is for', async () => {
    const dir = folder()
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const names = 'subjectAltName=DNS:till.example,IP:192.0.2.7'
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '100',
        '-subj',
        '/CN=till',
        '-addext',
        names,
      ],
      { stdio: 'ignore' },
    )
    const tls = { mode: 'files', cert, key }
    const certificate = async (config: object, at = Date.now()) =>
      about(await look({ tls, ...config }, { now: at }), 'certificate')
    expect((await certificate({ network: { hosts: ['till.example'] } }))?.result).toBe('ok')
    expect(await certificate({ network: { hosts: ['other.example'] } })).toMatchObject({
      result: 'bad',
      message: 'is not for other.example',
    })
    expect(await certificate({}, Date.now() + 101 * dayMs)).toMatchObject({
      result: 'bad',
      message: expect.stringContaining('ended'),
    })
    expect(await certificate({}, Date.now() - 2 * dayMs)).toMatchObject({
      result: 'bad',
      fix: expect.stringContaining('clock'),
    })
    expect((await certificate({}, Date.now() + 95 * dayMs))?.result).toBe('note')
    expect(await certificate({ tls: { mode: 'files' } })).toMatchObject({
      result: 'bad',
      message: expect.stringContaining('tls.cert'),
    })
    expect(await certificate({ tls: { mode: 'files', cert: join(dir, 'none'), key } })).toMatchObject({
      result: 'bad',
    })
    expect(await certificate({ tls: { mode: 'files', cert: key, key } })).toMatchObject({ result: 'bad' })
    expect(await certificate({ tls: { mode: 'acme' } })).toMatchObject({ result: 'bad' })
    expect(await certificate({ tls: {} })).toMatchObject({ result: 'note' })
    expect(await certificate({ https: { enabled: false }, http: { bind: '0.0.0.0' } })).toMatchObject({
      result: 'bad',
      fix: expect.stringContaining('https.enabled'),
    })
    // One of its own has to be for the addresses of the box.
    const data = folder()
    mkdirSync(join(data, 'tls'))
    execFileSync('cp', [cert, join(data, 'tls', 'leaf.pem')])
    const own = async (addresses: string[], bind = '0.0.0.0') =>
      about(await look({ http: { bind } }, { data, addresses, now: Date.now() }), 'certificate')
    expect((await own(['192.0.2.7']))?.result).toBe('ok')
    expect(await own(['192.0.2.7', '192.0.2.8'])).toMatchObject({
      result: 'bad',
      message: 'is not for 192.0.2.8',
    })
    // But not for what the hub does not answer on, nor for public addresses of IPv6, which its root may not vouch for.
    expect((await own(['192.0.2.7', '192.0.2.8'], '192.0.2.7'))?.result).toBe('ok')
    expect((await own(['192.0.2.7', '2001:db8::7'], '0.0.0.0'))?.result).toBe('ok')
    expect((await own(['192.0.2.7', '2001:db8::7'], '::'))?.result).toBe('ok')
    expect(await own(['192.0.2.7', 'fd00::7'], '::')).toMatchObject({ message: 'is not for fd00::7' })
  })

  it('[C21] the way origins are written', async () => {
    const origins = ['https://pos.example.com', 'https://POS.example.com', 'https://pos.example.com:443']
    const found = (await look({ access: { origins } })).filter(({ check }) => check === 'origin')
    expect(found.map(({ message, fix }) => [message.split(' ')[0], fix])).toEqual(
      origins.slice(1).map((origin) => [origin, 'Write it as https://pos.example.com']),
    )
  })

  it('[C21] where its name leads', async () => {
    const lan = { http: { bind: '0.0.0.0' }, network: { name: 'shop' } }
    const name = async (found: string[]) =>
      about(await look(lan, { resolve: async () => found }), 'shop.local')
    expect((await name(['192.0.2.7']))?.result).toBe('ok')
    expect((await name(['127.0.1.1']))?.result).toBe('ok')
    expect(await name([])).toMatchObject({ result: 'note', fix: expect.stringContaining('avahi') })
    expect(await name(['192.0.2.66'])).toMatchObject({
      result: 'bad',
      fix: expect.stringContaining('network.name'),
    })
    expect(about(await look({}), 'network')?.result).toBe('note')
  })

  it('[C21] whether somebody owns the hub', async () => {
    const store = await openStore({ dir: ':memory:', inline: true })
    onTestFinished(() => store.close())
    expect(await checkSetUp(store)).toMatchObject({
      result: 'note',
      fix: expect.stringContaining('tillbridge setup'),
    })
    await store.access.insertUser(benchOwner)
    expect((await checkSetUp(store)).result).toBe('ok')
  })

  it('[C21] nothing that hangs on a configuration that is broken', async () => {
    expect((await look({}, { config: undefined })).map(({ check }) => check)).toEqual(['clock'])
  })
})
