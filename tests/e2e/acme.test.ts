/** Certificates of a public authority, from pebble (the test authority of Let's Encrypt); rules of docs/tls.md. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Clock, systemClock } from '../../src/hub/clock.ts'
import { acmeLimits } from '../../src/hub/tls/acme/acme-limits.ts'
import { Pebble } from '../support/pebble.ts'
import { TlsBench } from '../support/tls-bench.ts'

const dir = mkdtempSync(join(tmpdir(), 'tillbridge-acme-'))
let pebble: Pebble
beforeAll(async () => {
  pebble = await Pebble.start(dir)
})
afterAll(async () => {
  await pebble.stop()
  rmSync(dir, { recursive: true, force: true })
})

const benches: TlsBench[] = []
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove()
})

/** The real time, and days that pass at once. */
class AheadClock implements Clock {
  aheadMs = 0
  readonly monotonic = systemClock.monotonic
  readonly after = systemClock.after
  now(): number {
    return systemClock.now() + this.aheadMs
  }
}

function bench(acme: object = {}, more: { dir?: string; realClock?: Clock } = {}): TlsBench {
  const config = {
    tls: {
      mode: 'acme',
      acme: {
        directory: pebble.directory,
        root: pebble.rootFile,
        email: 'shop@shop.example',
        names: ['pos.shop.example', 'till.shop.example'],
        hook: pebble.hook,
        propagationMs: 0,
        ...acme,
      },
    },
  }
  const made = new TlsBench({ config, realClock: systemClock, ...more })
  benches.push(made)
  return made
}

const issued = (made: TlsBench) =>
  vi.waitFor(() => expect(new X509Certificate(made.shown.at(-1) ?? '').issuer).toContain('Pebble'), {
    timeout: 15_000,
  })

describe('a public authority', () => {
  it('[TLS40] [TLS41] gives a certificate for all names, and the own one stands in until then', async () => {
    const made = await bench().start('127.0.0.1')
    expect(made.tls.info().leaf?.issuer).toContain('Tillbridge kasse')
    expect(made.tls.info().problem).toContain("One of the hub's own is shown.")
    expect(made.tls.root()).toBeUndefined()
    await issued(made)
    expect(made.shown).toHaveLength(2)
    expect(made.tls.info()).toMatchObject({ mode: 'acme', root: null, problem: null, uncovered: [] })
    expect(made.tls.info().leaf?.names.sort()).toEqual(['pos.shop.example', 'till.shop.example'])
    expect(made.health.current().reasons).toEqual([])
    // openssl follows the chain that came with it.
    const [root, chain] = [join(dir, 'issuing.pem'), join(dir, 'chain.pem')]
    writeFileSync(root, await pebble.issuingRoot())
    writeFileSync(chain, made.tls.current()?.cert ?? '')
    const said = execFileSync('openssl', ['verify', '-CAfile', root, '-untrusted', chain, chain], {
      encoding: 'utf8',
    })
    expect(said).toContain(': OK')
    for (const file of ['acme.pem', 'acme-account.pem'])
      expect(statSync(join(made.dir, file)).mode & 0o777).toBe(0o600)
    const calls = pebble.hookCalls()
    const told = (act: string) =>
      calls
        .filter((call) => call.startsWith(act))
        .map((call) => call.slice(act.length))
        .sort()
    expect(told('set')).toHaveLength(2)
    expect(told('clear')).toEqual(told('set'))
    expect(told('set')[0]).toMatch(/^ _acme-challenge\.pos\.shop\.example [\w-]{43}$/)
  })

  it('[TLS44] keeps it over a start without asking, and gets another when names change or it is due', async () => {
    const first = await bench().start()
    await issued(first)
    await first.stop()
    const far = 'https://127.0.0.1:9/dir'
    const offline = await bench({ directory: far }, { dir: first.root }).start()
    expect(offline.tls.current()?.cert).toBe(first.tls.current()?.cert)
    expect(offline.tls.info().problem).toBeNull()
    expect(offline.files()).toEqual(first.files())
    await offline.stop()
    const named = await bench({ names: ['pos.shop.example', 'b.shop.example'] }, { dir: first.root }).start()
    await vi.waitFor(() => expect(named.shown).toHaveLength(2), { timeout: 15_000 })
    expect(named.tls.info().leaf?.names).toContain('b.shop.example')
    await named.stop()
    const clock = new AheadClock()
    const { notBefore, notAfter } = named.tls.info().leaf ?? { notBefore: '', notAfter: '' }
    const lifeMs = Date.parse(notAfter) - Date.parse(notBefore)
    clock.aheadMs = (lifeMs * 2) / 3 + 60_000
    const later = await bench(
      { names: ['pos.shop.example', 'b.shop.example'] },
      { dir: first.root, realClock: clock },
    ).start()
    await vi.waitFor(() => expect(later.shown).toHaveLength(2), { timeout: 15_000 })
    expect(later.shown[0]).toBe(named.tls.current()?.cert)
    expect(new X509Certificate(later.shown[1] ?? '').checkHost('b.shop.example')).toBe('b.shop.example')
    await later.stop()
    // Over the season the box had no line: the certificate has ended, and the hub's own is shown.
    clock.aheadMs = lifeMs + 30 * 86_400_000
    const ended = await bench({ directory: far }, { dir: first.root, realClock: clock }).start()
    expect(ended.tls.info().leaf?.issuer).toContain('Tillbridge kasse')
    expect(ended.health.current().reasons[0]).toContain('no certificate of the public authority')
  })

  it('[TLS44] what could not be kept is written as soon as it can be, without another order', async () => {
    const minutes = new Set<() => void>()
    const clock: Clock = {
      ...systemClock,
      // The minute until the next try to write passes when it is told to.
      after(ms, callback) {
        if (ms !== acmeLimits.keepRetryMs) return systemClock.after(ms, callback)
        minutes.add(callback)
        return () => minutes.delete(callback)
      },
    }
    const made = bench({}, { realClock: clock })
    const inTheWay = join(made.dir, 'acme.pem.new')
    mkdirSync(inTheWay, { recursive: true })
    await made.start()
    await issued(made)
    await vi.waitFor(() => expect(made.health.current().reasons.join()).toContain('in memory only'))
    rmdirSync(inTheWay)
    await vi.waitFor(
      () => {
        for (const pass of [...minutes]) if (minutes.delete(pass)) pass()
        expect(made.health.current().reasons).toEqual([])
      },
      { timeout: 5_000 },
    )
    expect(made.file('acme.pem')).toContain(made.tls.current()?.cert)
    expect(made.shown).toHaveLength(2)
  })

  it('[TLS42] [TLS43] a name that cannot be proved is said, cleared and tried again later', async () => {
    const hook = join(dir, 'clear-only')
    writeFileSync(hook, `#!/bin/sh\n[ "$1" = set ] || exec ${pebble.hook} "$@"\n`, { mode: 0o755 })
    const made = await bench({ names: ['never.shop.example'], hook }).start()
    await vi.waitFor(() => expect(made.tls.info().problem).toContain('The last try failed'), {
      timeout: 15_000,
    })
    expect(made.tls.info().problem).toMatch(/never\.shop\.example: the authority refused: .*TXT/)
    expect(pebble.hookCalls().at(-1)).toContain('clear _acme-challenge.never.shop.example')
    const waitMs = Date.parse(made.tls.info().renewsAt ?? '') - systemClock.now()
    expect(waitMs / 60_000).toBeGreaterThan(4)
    await expect(made.tls.renew()).rejects.toMatchObject({ code: 'certificate_failed' })
  })
})
