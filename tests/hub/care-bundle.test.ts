/** The support bundle: what is in it, and above all what is not. Rules of docs/care.md. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LogBook } from '../../src/hub/care/log-book.ts'
import { writeBundle } from '../../src/hub/care/support-bundle.ts'
import { readTar } from '../../src/hub/care/tar.ts'
import { loadConfig } from '../../src/hub/config.ts'
import { createLog } from '../../src/hub/log.ts'
import { checkBooks, copyBooks } from '../../src/store/copy.ts'
import { benchPassword, cashier, HubBench } from '../support/hub-bench.ts'

async function textsOf(file: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const tar = (async function* () {
    yield gunzipSync(readFileSync(file))
  })()
  for await (const { name, content } of readTar(tar)) {
    const parts: Uint8Array[] = []
    for await (const piece of content) parts.push(piece)
    found.set(name.replace('tillbridge-support/', ''), Buffer.concat(parts).toString())
  }
  return found
}

describe('the support bundle', () => {
  it('[C16] strikes out addresses of any alphabet, and takes no longer for strange lines', {
    timeout: 5_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillbridge-bundle-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const parts = {
      'a.txt': () => 'to jürgen.größe@müller-söhne.example.de, done',
      'b.txt': () => 'a.'.repeat(100_000),
      'c.txt': () => 'aA1-'.repeat(50_000),
    }
    const made = await writeBundle(parts, { box: { data: folder }, clock: { now: () => 0 } })
    expect((await textsOf(made.path)).get('a.txt')).toBe('to [e-mail], done')
  })

  it('[C16] tells of the box and keeps every secret', async () => {
    const logBook = new LogBook()
    const log = createLog('debug', logBook, { write: () => {} })
    const dirs: string[] = []
    const bench = await HubBench.start({
      config: { hub: { name: 'Corner shop' } },
      parts: {
        log,
        box: {
          get data() {
            return dirs[0] ?? ''
          },
          get configFile() {
            return join(dirs[0] ?? '', 'tillbridge.toml')
          },
          overridden: [],
          logBook,
          load: () => loadConfig({ data: dirs[0] ?? '' }, {}).config,
          copyBooks: (to) => copyBooks(dirs[0] ?? '', to),
          checkBooks,
          findings: () => Promise.reject(new Error('the doctor is out')),
          restart() {},
        },
      },
    })
    onTestFinished(() => bench.end())
    dirs.push(bench.dir)
    mkdirSync(join(bench.dir, 'tls'), { recursive: true })
    const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----'
    writeFileSync(join(bench.dir, 'tls', 'authority.pem'), key)
    writeFileSync(
      join(bench.dir, 'tillbridge.toml'),
      '[hub]\nname = "Corner shop"\n[tls.acme]\nemail = "ada@example.com"\n[[devices]]\nclass = "printer"\ndriver = "ipp"\nport = "ipp://joe:hunter22@192.0.2.9/ipp"\nsettings = { password = "dev-pass-1" }\n',
    )

    await bench.printer('kitchen')
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    const { token } = await bench.hub.access.pair(code, 'Till 1', '127.0.0.1')
    const { secret } = await bench.hub.access.logIn(
      { name: 'Ada', password: benchPassword },
      '127.0.0.1',
      'test',
    )
    const card = '4111111111111111'
    const email = 'jane.doe+shop@example.org'
    await bench.call(
      'job.submit',
      {
        id: 'sale-1',
        device: 'printer-1',
        kind: 'print',
        payload: { text: `Card ${card}\n${email}\nTotal 12.50 for Jane Doe` },
      },
      cashier,
    )
    await bench.settle()
    // What a careless line might hold, where no field name warns of it.
    log.info(
      { url: `http://till.local/#code=${code}&x=1`, said: `Bearer ${token}` },
      `mail to ${email}, card ${card}`,
    )
    log.warn({ password: benchPassword, passphrase: 'my backup phrase', session: { secret } }, key)

    const bundle = await bench.hub.care.supportBundle()
    expect(bundle.name).toMatch(/^tillbridge-support-[\d-]+\.tar\.gz$/)
    const texts = await textsOf(bundle.path)
    bundle.done()
    const all = [...texts].join('\n')
    const secrets = {
      token,
      code,
      secret,
      benchPassword,
      passphrase: 'my backup phrase',
      key: 'MIGHAgEAMBMG',
      card,
      email,
      acme: 'ada@example.com',
      port: 'hunter22',
      device: 'dev-pass-1',
      sold: 'Jane Doe',
    }
    for (const [what, text] of Object.entries(secrets)) expect(all.includes(text), what).toBe(false)

    expect([...texts.keys()].sort()).toEqual([
      'README.txt',
      'audit.json',
      'config.json',
      'devices.json',
      'doctor.json',
      'files.json',
      'health.json',
      'jobs.json',
      'log.json',
      'metrics.txt',
      'network.json',
      'ports.json',
      'tls.json',
      'versions.json',
    ])
    const json = (name: string) => JSON.parse(texts.get(name) ?? '') as never
    expect(json('doctor.json')).toEqual({ error: 'the doctor is out' })
    expect(json('jobs.json')).toMatchObject({ jobs: [{ id: 'sale-1', state: 'done' }] })
    expect(json('devices.json')).toMatchObject([{ id: 'printer-1', state: 'ready', settings: {} }])
    expect(json('config.json')).toMatchObject({ values: { hub: { name: 'Corner shop' } } })
    expect(json('files.json')).toContainEqual(expect.objectContaining({ name: 'books.db' }))
    expect(json('versions.json')).toMatchObject({ version: '0.0.0-test', node: process.versions.node })
    expect(texts.get('log.json')).toContain('device is connected')
    expect(texts.get('audit.json')).toContain('pair.code')
    expect(texts.get('metrics.txt')).toContain('tillbridge_build_info')
    for (const name of ['health.json', 'network.json', 'tls.json', 'ports.json'])
      expect(texts.get(name), name).not.toContain('"error"')
  })
})
