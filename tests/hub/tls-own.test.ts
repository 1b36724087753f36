/** The root and the leaf that the hub makes for itself, judged by openssl; rules of docs/tls.md. */
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { privateRanges } from '../../src/hub/host-names.ts'
import { makeLeaf, makeRoot } from '../../src/hub/tls/certificate-work.ts'
import { covers, permittedOf } from '../../src/hub/tls/der.ts'
import { writeSecret } from '../../src/hub/tls/secret-file.ts'
import { dayMs, tlsLimits } from '../../src/hub/tls/tls-limits.ts'
import { childrenOf, isRunning } from '../support/child-processes.ts'
import { TestClock } from '../support/clock.ts'
import { SettableClock, TlsBench, type TlsBenchOptions } from '../support/tls-bench.ts'

const benches: TlsBench[] = []
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove()
})

function bench(options: TlsBenchOptions = {}): TlsBench {
  const made = new TlsBench(options)
  benches.push(made)
  return made
}

const leafOf = ({ tls }: TlsBench) => new X509Certificate(tls.current()?.cert ?? '')
const names = (made: TlsBench) => made.tls.info().leaf?.names ?? []

/** What openssl says of a leaf below a root. */
function verify(dir: string, root: string, leaf: string, at: number): string {
  const [rootFile, leafFile] = [join(dir, 'verify-root.pem'), join(dir, 'verify-leaf.pem')]
  writeFileSync(rootFile, root)
  writeFileSync(leafFile, leaf)
  const args = [
    '-x509_strict',
    '-purpose',
    'sslserver',
    '-attime',
    String(Math.floor(at / 1000)),
    '-CAfile',
    rootFile,
  ]
  const { stdout, stderr } = spawnSync('openssl', ['verify', ...args, leafFile], { encoding: 'utf8' })
  return stdout + stderr
}

describe('root and leaf of the hub', () => {
  it('[TLS10] [TLS11] openssl takes the leaf, and refuses foreign names of the same root', async () => {
    const made = await bench().start('0.0.0.0')
    const root = made.tls.root()?.pem ?? ''
    const nowMs = made.clock.now()
    expect(verify(made.root, root, made.tls.current()?.cert ?? '', nowMs)).toContain(': OK')
    const text = made.file('authority.pem')
    const key = { cert: root, key: text }
    const leaf = async (dns: string[], addresses: string[]) =>
      verify(made.root, root, (await makeLeaf(key, { label: 'x', dns, addresses, nowMs })).cert, nowMs)
    for (const good of ['kasse.local', 'till.kasse.local', 'localhost', 'kasse'])
      expect(await leaf([good], [])).toContain(': OK')
    for (const good of ['10.1.2.3', '172.31.0.1', '192.168.77.1', '127.0.0.1', 'fd12::1', 'fe80::1', '::1'])
      expect(await leaf([], [good])).toContain(': OK')
    for (const bad of ['bank.example', 'notkasse.local', 'local', 'kasse.local.bank.example'])
      expect(await leaf([bad], [])).toContain('permitted subtree violation')
    for (const bad of ['8.8.8.8', '172.32.0.1', '192.169.0.1', '2001:db8::1', '::2'])
      expect(await leaf([], [bad])).toContain('permitted subtree violation')
    expect(await leaf(['kasse.local', 'bank.example'], [])).toContain('permitted subtree violation')
  })

  it('[TLS10] [TLS11] says in the certificates what they may do and how long', async () => {
    const made = await bench().start()
    const show = (pem: string) =>
      execFileSync('openssl', ['x509', '-noout', '-text'], { input: pem, encoding: 'utf8' }).replace(
        /\s+/g,
        ' ',
      )
    const root = show(made.tls.root()?.pem ?? '')
    expect(root).toContain('Basic Constraints: critical CA:TRUE, pathlen:0')
    expect(root).toContain('Key Usage: critical Certificate Sign X509v3')
    expect(root).toContain('Name Constraints: critical Permitted: DNS:kasse.local')
    expect(root).toContain('NIST CURVE: P-256')
    const leaf = show(made.tls.current()?.cert ?? '')
    expect(leaf).toContain('Basic Constraints: critical CA:FALSE')
    expect(leaf).toContain('Extended Key Usage: TLS Web Server Authentication')
    const { notBefore = '', notAfter = '' } = made.tls.info().leaf ?? {}
    expect(made.clock.now() - Date.parse(notBefore)).toBe(tlsLimits.backMs)
    expect(Date.parse(notAfter) - Date.parse(notBefore)).toBe(tlsLimits.leafDays * dayMs)
    expect(made.tls.info().root?.permitted).toEqual(
      expect.arrayContaining(['kasse.local', 'localhost', '192.168.0.0/16', 'fe80::/10', '::1/128']),
    )
    const years = Date.parse(made.tls.info().root?.notAfter ?? '') - made.clock.now()
    expect(years / dayMs).toBeCloseTo(20 * 365.25, 0)
    expect(made.health.current().reasons).toEqual([])
  })

  it('[TLS10] reads the constraints of a root as openssl would, for any of the ranges', async () => {
    const { cert } = await makeRoot({
      label: 'x'.repeat(100),
      permitted: { dns: ['kasse.local'], ranges: [...privateRanges] },
      nowMs: Date.UTC(2027, 0, 1),
    })
    const permitted = permittedOf(new X509Certificate(cert).raw)
    expect(permitted).toEqual({ dns: ['kasse.local'], ranges: [...privateRanges] })
    if (permitted === undefined) return
    for (const name of ['172.16.0.0', '172.31.255.255', '169.254.1.1', 'fdff::1', 'febf::1', 'a.kasse.local'])
      expect([name, covers(permitted, name)]).toEqual([name, true])
    for (const name of [
      '172.15.255.255',
      '172.32.0.0',
      'fe00::1',
      'fec0::1',
      '::',
      'xkasse.local',
      '1.2.3.4',
    ])
      expect([name, covers(permitted, name)]).toEqual([name, false])
  })

  it('[TLS11] lists what the root may not vouch for', async () => {
    const first = await bench().start('0.0.0.0')
    expect(first.tls.info().uncovered).toEqual([])
    await first.stop()
    const later = await bench({
      dir: first.root,
      config: { network: { name: 'kasse', hosts: ['pos.shop.example', 'b.kasse.local'] } },
      interfaces: { eth0: ['192.168.1.5', '9.9.9.9', '2001:db8::5'] },
    }).start('0.0.0.0')
    expect(later.tls.info().uncovered).toEqual(['pos.shop.example', '9.9.9.9'])
    expect(names(later)).toEqual(expect.arrayContaining(['b.kasse.local', '192.168.1.5', 'kasse.local']))
    expect(names(later)).not.toContain('9.9.9.9')
    await later.tls.renewRoot()
    expect(later.tls.info().uncovered).toEqual(['9.9.9.9'])
    expect(names(later)).toContain('pos.shop.example')
  })

  it('[TLS12] keeps keys from others, also after they were opened to them', async () => {
    const made = await bench().start()
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
    const modes = () => [
      mode(made.dir),
      ...made.files().map((name) => `${name} ${mode(join(made.dir, name))}`),
    ]
    expect(modes()).toEqual(['700', 'authority.pem 600', 'leaf.pem 600'])
    await made.stop()
    chmodSync(made.dir, 0o755)
    for (const name of made.files()) chmodSync(join(made.dir, name), 0o644)
    const again = await bench({ dir: made.root }).start()
    expect(modes()).toEqual(['700', 'authority.pem 600', 'leaf.pem 600'])
    expect(again.logLines.filter((line) => line.includes('others could read this key'))).toHaveLength(2)
    expect(again.tls.current()?.cert).toBe(made.tls.current()?.cert)
    expect(again.logLines.join()).not.toContain('PRIVATE KEY')
  })

  it('[TLS13] makes nothing anew at a start with good files', async () => {
    const made = await bench().start()
    await made.stop()
    const before = made.files().map((name) => [name, made.file(name)])
    const again = await bench({ dir: made.root }).start()
    expect(again.files().map((name) => [name, again.file(name)])).toEqual(before)
    expect(again.tls.current()).toEqual(made.tls.current())
    expect(again.shown).toHaveLength(1)
  })

  it('[TLS14] renews the leaf at two thirds of its life, with a new key', async () => {
    const made = await bench().start()
    const first = made.tls.current()
    const dueMs = Date.parse(made.tls.info().renewsAt ?? '') - made.clock.now()
    expect(dueMs).toBeCloseTo((tlsLimits.leafDays * dayMs * 2) / 3 - dayMs, -1)
    await made.clock.advance(dueMs - 1)
    expect(made.tls.current()).toBe(first)
    await made.clock.advance(1)
    await made.until(() => made.tls.current() !== first)
    expect(made.tls.current()?.key).not.toBe(first?.key)
    expect(made.shown).toHaveLength(2)
    expect(verify(made.root, made.tls.root()?.pem ?? '', made.shown[1] ?? '', made.clock.now())).toContain(
      ': OK',
    )
  })

  it('[TLS14] makes a leaf for new addresses once for a burst, and none for addresses that went', async () => {
    const made = await bench().start('0.0.0.0')
    expect(names(made)).toContain('192.168.1.5')
    const { clock, tls } = made
    await made.stop()
    const moved = await bench({ dir: made.root, clock }).start()
    for (const last of [6, 7]) {
      moved.interfaces = { eth0: [`192.168.1.${last}`] }
      moved.network.start()
      moved.network.listening({ bind: '0.0.0.0', http: 8080, https: 8443 + last })
    }
    await clock.advance(tlsLimits.settleMs - 1)
    expect(names(moved)).toContain('192.168.1.5')
    await moved.until(() => names(moved).includes('192.168.1.7'), 1)
    expect(moved.shown).toHaveLength(2)
    expect(names(moved)).not.toContain('192.168.1.6')
    moved.interfaces = { eth0: [] }
    moved.network.start()
    moved.network.listening({ bind: '0.0.0.0', http: 8080, https: 1 })
    await clock.advance(tlsLimits.settleMs + 1)
    await moved.tls.stop()
    expect(moved.shown).toHaveLength(2)
    expect(tls.root()?.pem).toBe(moved.tls.root()?.pem)
  })

  it.each([
    ['missing', (dir: string) => rmSync(join(dir, 'leaf.pem'))],
    ['half written', (dir: string) => writeFileSync(join(dir, 'leaf.pem'), halfOf(join(dir, 'leaf.pem')))],
    ['empty', (dir: string) => writeFileSync(join(dir, 'leaf.pem'), '')],
    [
      'with the key of another',
      (dir: string) => {
        const [root, leaf] = ['authority.pem', 'leaf.pem'].map((name) =>
          readFileSync(join(dir, name), 'utf8'),
        )
        writeFileSync(join(dir, 'leaf.pem'), `${keyIn(root)}${leaf?.replace(keyIn(leaf), '')}`)
      },
    ],
  ])('[TLS14] makes a leaf anew that is %s', async (_what, harm) => {
    const made = await bench().start()
    await made.stop()
    harm(made.dir)
    const again = await bench({ dir: made.root }).start()
    expect(again.tls.root()?.pem).toBe(made.tls.root()?.pem)
    expect(again.tls.current()?.cert).not.toBe(made.tls.current()?.cert)
    expect(leafOf(again).checkIssued(new X509Certificate(again.tls.root()?.pem ?? ''))).toBe(true)
    expect(again.tls.info().problem).toBeNull()
  })

  it.each([
    ['half written', halfOf],
    ['emptied', () => ''],
    ['a leaf', (path: string) => readFileSync(path.replace('authority', 'leaf'), 'utf8')],
  ])('[TLS15] puts a root aside that is %s, and says that tills need the new one', async (_what, harm) => {
    const made = await bench().start()
    await made.stop()
    const path = join(made.dir, 'authority.pem')
    const broken = harm(path)
    writeFileSync(path, broken)
    const again = await bench({ dir: made.root }).start()
    expect(again.tls.root()?.pem).not.toBe(made.tls.root()?.pem)
    expect(again.tls.info().problem).toContain('Every till has to install the new root')
    expect(again.health.current().reasons).toHaveLength(1)
    const kept = again.files().find((name) => name.startsWith('authority.pem.bad-')) ?? ''
    expect(again.file(kept)).toBe(broken)
    expect(leafOf(again).checkIssued(new X509Certificate(again.tls.root()?.pem ?? ''))).toBe(true)
  })

  it('[TLS16] works with a clock that is wrong, and looks again when it is right', async () => {
    const clock = new SettableClock(Date.UTC(1970, 0, 1))
    const made = await bench({ clock }).start()
    expect(made.tls.info().leaf?.notBefore).toBe('2026-10-31T00:00:00.000Z')
    expect(made.tls.info().problem).toContain('1970-01-01')
    await made.stop()
    // The next boot, years later, with the clock wrong again: the leaf is not judged by it.
    const later = await bench({ dir: made.root, clock }).start()
    expect(later.tls.current()?.cert).toBe(made.tls.current()?.cert)
    expect(later.health.current().reasons).toHaveLength(1)
    clock.set(Date.UTC(2028, 0, 1))
    await clock.advance(tlsLimits.wrongClockCheckMs)
    await later.until(() => later.tls.current()?.cert !== made.tls.current()?.cert)
    expect(later.tls.info().problem).toBeNull()
    expect(later.health.current().reasons).toEqual([])
    expect(later.tls.info().leaf?.notBefore.slice(0, 10)).toBe('2027-12-31')
  })

  it('[TLS17] says what could not be made, and tries again later and later', async () => {
    const made = bench()
    writeFileSync(made.dir, 'no folder')
    await made.start()
    expect(made.tls.current()).toBeUndefined()
    expect(made.tls.info().problem).toMatch(/^The certificate could not be made: .*tls/)
    expect(made.health.current().reasons).toEqual([made.tls.info().problem])
    await expect(made.tls.renew()).rejects.toMatchObject({ code: 'certificate_failed' })
    const tries = () => made.logLines.filter((line) => line.includes('could not be made')).length
    expect(tries()).toBe(2)
    for (const [index, waitMs] of [...tlsLimits.retryMs.slice(1), ...tlsLimits.retryMs.slice(-1)].entries()) {
      await made.clock.advance(waitMs - 1)
      expect(tries()).toBe(2 + index)
      await made.clock.advance(1)
      await made.until(() => tries() === 3 + index)
    }
    rmSync(made.dir)
    await made.clock.advance(tlsLimits.checkMs)
    await made.until(() => made.tls.current() !== undefined)
    expect(made.health.current().reasons).toEqual([])
  })

  it('[TLS17] [TLS22] gives up a process that takes too long, and the start does not wait for that', async () => {
    const made = bench()
    let started = false
    const starting = made.start().then(() => {
      started = true
    })
    // The process is under way when its limit is set, beside that of the start.
    await vi.waitFor(() => expect(made.clock.pending).toBe(2))
    const child = childrenOf(process.pid, 'certificate-process').at(-1) ?? 0
    process.kill(child, 'SIGSTOP')
    await made.clock.advance(tlsLimits.startMsMax - 1)
    expect(started).toBe(false)
    await made.clock.advance(1)
    await starting
    expect(made.tls.current()).toBeUndefined()
    expect(made.health.current().reasons.join()).toContain('The certificate is still being made')
    await made.clock.advance(tlsLimits.workMsMax - tlsLimits.startMsMax)
    await made.until(() => made.tls.info().problem !== null)
    expect(made.tls.info().problem).toContain(`it took longer than ${tlsLimits.workMsMax} ms`)
    await made.clock.advance(tlsLimits.retryMs[0])
    await made.until(() => made.tls.current() !== undefined)
    expect(made.tls.info().problem).toBeNull()
  })

  it('[TLS17] shows a leaf that could not be kept', async () => {
    const made = await bench().start()
    await made.stop()
    rmSync(join(made.dir, 'leaf.pem'))
    // In the way of the rename.
    mkdirSync(join(made.dir, 'leaf.pem.new'))
    const again = await bench({ dir: made.root }).start()
    expect(leafOf(again).checkIssued(new X509Certificate(again.tls.root()?.pem ?? ''))).toBe(true)
    expect(again.tls.info().problem).toContain('in memory only')
    rmSync(join(made.dir, 'leaf.pem.new'), { recursive: true })
    // What is shown already is kept, not another.
    await again.clock.advance(tlsLimits.retryMs[0])
    await again.until(() => again.tls.info().problem === null)
    expect(again.health.current().reasons).toEqual([])
    expect(again.files()).toEqual(['authority.pem', 'leaf.pem'])
    expect(again.file('leaf.pem')).toContain(again.tls.current()?.cert)
    expect(again.shown).toHaveLength(1)
  })

  it('[TLS17] tries to keep a leaf later and later, until there is room', async () => {
    const made = await bench().start()
    await made.stop()
    rmSync(join(made.dir, 'leaf.pem'))
    mkdirSync(join(made.dir, 'leaf.pem.new'))
    const again = await bench({ dir: made.root }).start()
    const told = () => made.files().length
    expect(told()).toBe(2)
    for (const waitMs of tlsLimits.retryMs.slice(0, -1)) {
      expect(again.tls.info().problem).toContain('in memory only')
      await again.clock.advance(waitMs)
      await vi.waitFor(() => expect(again.clock.pending).toBe(1))
    }
    rmSync(join(made.dir, 'leaf.pem.new'), { recursive: true })
    await again.clock.advance(tlsLimits.retryMs.at(-1) ?? 0)
    await again.until(() => again.tls.info().problem === null)
  })

  it('[TLS12] leaves nothing behind of a file that could not be written', async () => {
    const made = bench()
    const file = join(made.root, 'taken')
    mkdirSync(file)
    await expect(writeSecret(file, 'secret')).rejects.toMatchObject({ code: 'EISDIR' })
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it('[TLS14] shows no leaf of a root that took the place of its own', async () => {
    const [made, other] = [await bench().start(), await bench().start()]
    const before = made.tls.current()
    writeFileSync(join(made.dir, 'authority.pem'), other.file('authority.pem'))
    await expect(made.tls.renew()).rejects.toMatchObject({ code: 'certificate_failed' })
    expect(made.tls.current()).toEqual(before)
    expect(made.health.current().reasons.join()).toContain('is not the one that was read')
    await made.clock.advance(tlsLimits.retryMs[0])
    await made.until(() => made.tls.current()?.cert !== before?.cert)
    expect(made.tls.root()?.pem).toBe(other.tls.root()?.pem)
    expect(leafOf(made).verify(new X509Certificate(other.tls.root()?.pem ?? '').publicKey)).toBe(true)
    expect(made.health.current().reasons).toEqual([])
  })

  it('[TLS14] lets no process write a root for a hub that is gone', async () => {
    const made = bench()
    const script = `
      import { fork } from 'node:child_process'
      const child = fork(process.argv[1], { execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      child.send(JSON.parse(process.argv[2]), () => {
        process.kill(child.pid, 'SIGSTOP')
        console.log(child.pid)
        process.kill(process.pid, 'SIGKILL')
      })`
    const program = fileURLToPath(new URL('../../src/hub/tls/certificate-process.ts', import.meta.url))
    const permitted = { dns: ['kasse.local'], ranges: [] }
    mkdirSync(made.dir)
    const order = {
      make: 'root',
      dir: made.dir,
      wish: { label: 'x', permitted, nowMs: made.clock.now() },
    }
    const args = ['--input-type=module', '-e', script, program, JSON.stringify(order)]
    const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    const pid = Number(stdout)
    expect(isRunning(pid)).toBe(true)
    process.kill(pid, 'SIGCONT')
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000 })
    expect(made.files()).toEqual([])
  })

  it('[TLS18] makes a new root on request and keeps the old one', async () => {
    const made = await bench().start()
    const [root, old] = [made.tls.root(), made.file('authority.pem')]
    await made.tls.renewRoot()
    expect(made.tls.root()?.pem).not.toBe(root?.pem)
    expect(made.tls.root()?.name).not.toBe(root?.name)
    const kept = made.files().find((name) => name.startsWith('authority.pem.2026-11-23')) ?? ''
    expect(made.file(kept)).toBe(old)
    expect(statSync(join(made.dir, kept)).mode & 0o077).toBe(0)
    expect(
      verify(made.root, made.tls.root()?.pem ?? '', made.shown.at(-1) ?? '', made.clock.now()),
    ).toContain(': OK')
    expect(made.shown).toHaveLength(2)
    const files = bench({ config: { tls: { mode: 'files' } } })
    await expect(files.tls.renewRoot()).rejects.toMatchObject({ code: 'tls_mode' })
  })

  it('[TLS20] warns a year before the root ends, and goes on until then', async () => {
    const made = await bench().start()
    await made.stop()
    const end = Date.parse(made.tls.info().root?.notAfter ?? '')
    const early = await bench({
      dir: made.root,
      clock: new TestClock(end - tlsLimits.rootWarnMs - 1_000),
    }).start()
    expect(early.tls.info().problem).toBeNull()
    await early.stop()
    const late = await bench({ dir: made.root, clock: new TestClock(end - tlsLimits.rootWarnMs) }).start()
    expect(late.tls.info().problem).toContain('make a new one')
    await late.stop()
    const last = await bench({ dir: made.root, clock: new TestClock(end - dayMs) }).start()
    expect(Date.parse(last.tls.info().leaf?.notAfter ?? '')).toBe(end)
    expect(last.shown).toHaveLength(1)
    // A leaf that is due for ever is no reason to make one for ever.
    await last.clock.advance(3 * tlsLimits.checkMs)
    expect(last.shown).toHaveLength(1)
  })

  it('[TLS21] makes no keys while https is switched off', async () => {
    const made = await bench({ config: { https: { enabled: false } } }).start()
    expect(made.tls.current()).toBeUndefined()
    expect(() => made.files()).toThrow()
    expect(made.tls.info()).toMatchObject({ leaf: null, root: null, problem: null })
    await expect(made.tls.renew()).rejects.toMatchObject({ code: 'certificate_failed' })
    await expect(made.tls.renewRoot()).rejects.toMatchObject({ code: 'certificate_failed' })
  })
})

function halfOf(path: string): string {
  const text = readFileSync(path, 'utf8')
  return text.slice(0, text.length / 2)
}

function keyIn(text = ''): string {
  return /-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----\n/.exec(text)?.[0] ?? ''
}
