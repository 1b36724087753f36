/** Certificates from files, and an authority that is away or says no; rules of docs/tls.md. */
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runHook } from '../../src/hub/tls/acme/acme-hook.ts'
import { acmeLimits } from '../../src/hub/tls/acme/acme-limits.ts'
import { tlsLimits } from '../../src/hub/tls/tls-limits.ts'
import { TestClock } from '../support/clock.ts'
import { type Certificate, TestRoot } from '../support/openssl.ts'
import { SettableClock, TlsBench } from '../support/tls-bench.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** Certificates of openssl are valid from the moment they are made. */
function bench(config: object, clock = new TestClock(Date.now() + 60_000)): TlsBench {
  const made = new TlsBench({ config, clock })
  undo.push(() => made.remove())
  return made
}

describe('own files', () => {
  function files(hosts: string[] = []) {
    const { root: dir } = bench({ https: { enabled: false } })
    const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
    const root = new TestRoot(join(dir, 'ca'))
    const made = bench({ network: { name: 'kasse', hosts }, tls: { mode: 'files', cert, key } })
    const put = (pair: { cert: string; key: string }) => {
      writeFileSync(cert, pair.cert)
      writeFileSync(key, pair.key)
    }
    return { bench: made, root, cert, key, put }
  }

  const shows = ({ tls }: TlsBench, { cert }: Certificate) => tls.current()?.cert.trim() === cert.trim()

  it('[TLS30] are shown, and no name of the box itself is asked for', async () => {
    const { bench: made, root, put } = files()
    const certificate = root.issue('DNS:pos.shop.example')
    put(certificate)
    await made.start()
    expect(shows(made, certificate)).toBe(true)
    expect(made.tls.info()).toMatchObject({ mode: 'files', root: null, renewsAt: null, problem: null })
    expect(made.tls.root()).toBeUndefined()
  })

  it('[TLS30] are refused with what is wrong', async () => {
    const { bench: made, root, put } = files(['pos.shop.example'])
    const [one, other] = [root.issue('DNS:pos.shop.example'), root.issue('DNS:pos.shop.example')]
    await made.start()
    expect(made.tls.info().problem).toMatch(/there is no file .*cert\.pem; https is not served/)
    const wrong: [string, { cert: string; key: string }][] = [
      ['do not belong together', { cert: one.cert, key: other.key }],
      ['there is no certificate in PEM', { cert: one.key, key: one.key }],
      ['there is no key in PEM', { cert: one.cert, key: one.cert }],
      ['the key is encrypted', { cert: one.cert, key: one.key.replaceAll('PRIVATE', 'ENCRYPTED PRIVATE') }],
      ['it cannot be read', { cert: one.cert.replace(/\n.{9}/, '\nAAAAAAAAA'), key: one.key }],
      [
        `larger than ${tlsLimits.fileBytesMax} bytes`,
        { cert: 'x'.repeat(tlsLimits.fileBytesMax + 1), key: one.key },
      ],
      ['there is no certificate in PEM', { cert: 'x'.repeat(tlsLimits.fileBytesMax), key: one.key }],
    ]
    for (const [reason, pair] of wrong) {
      put(pair)
      await expect(made.tls.renew()).rejects.toMatchObject({ code: 'certificate_failed' })
      expect(made.tls.info().problem).toContain(reason)
      expect(made.tls.current()).toBeUndefined()
      expect(made.health.current().reasons).toEqual([made.tls.info().problem])
    }
    put(root.issue('DNS:other.example'))
    await made.tls.renew()
    expect(made.tls.info().problem).toBe('The certificate is not for pos.shop.example.')
    put(one)
    await made.tls.renew()
    expect(made.tls.info().problem).toBeNull()
    await made.clock.advance(3 * 86_400_000)
    expect(made.tls.info().problem).toMatch(/^The certificate ended on 20/)
    expect(made.tls.current()).toBeDefined()
  })

  it('[TLS31] are read again when they change, and the old stay while the new are broken', async () => {
    const { bench: made, root, put, cert } = files()
    const [first, second] = [root.issue('DNS:a.example'), root.issue('DNS:b.example')]
    put(first)
    await made.start()
    writeFileSync(cert, second.cert)
    await made.until(() => made.tls.info().problem !== null, tlsLimits.filesSettleMs)
    expect(made.tls.info().problem).toContain('the one before is still in use')
    expect(shows(made, first)).toBe(true)
    put(second)
    await made.until(() => shows(made, second), tlsLimits.filesSettleMs)
    expect(made.tls.info().problem).toBeNull()
    expect(made.health.current().reasons).toEqual([])
  })

  it('[TLS31] are read again when a link leads to others', async () => {
    const { bench: made, root, cert, key } = files()
    const [first, second] = [root.issue('DNS:a.example'), root.issue('DNS:b.example')]
    const store = (name: string, text: string, at: string) => {
      const real = join(made.root, name)
      writeFileSync(real, text)
      symlinkSync(real, `${at}.new`)
      renameSync(`${at}.new`, at)
    }
    store('cert1', first.cert, cert)
    store('key1', first.key, key)
    await made.start()
    expect(shows(made, first)).toBe(true)
    store('cert2', second.cert, cert)
    store('key2', second.key, key)
    await made.until(() => shows(made, second), tlsLimits.filesSettleMs)
  })

  it('[TLS32] are taken up when they come later', async () => {
    const { bench: made, root, put } = files()
    await made.start()
    expect(made.tls.current()).toBeUndefined()
    const certificate = root.issue('DNS:a.example')
    put(certificate)
    await made.until(() => shows(made, certificate), tlsLimits.filesSettleMs)
    expect(made.shown).toHaveLength(1)
  })
})

describe('an authority that does not give', () => {
  /** An authority that answers everything alike. */
  async function authority(status: number, headers: Record<string, string>, body: string) {
    const probe = bench({ https: { enabled: false } })
    const root = new TestRoot(join(probe.root, 'ca'))
    let asked = 0
    const answer = { headers, body }
    const server: Server = createServer(root.issue('IP:127.0.0.1'), (_request, response) => {
      asked++
      response.writeHead(status, answer.headers).end(answer.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => server.close())
    const { port } = server.address() as AddressInfo
    return { url: `https://127.0.0.1:${port}/dir`, root: root.file, asked: () => asked, answer }
  }

  const acme = (settings: object, clock?: TestClock) =>
    bench({ tls: { mode: 'acme', acme: { names: ['a.example'], hook: '/bin/true', ...settings } } }, clock)
  const failures = (made: TlsBench) =>
    made.logLines.filter((line) => line.includes('no certificate from the authority')).length

  it('[TLS43] is asked again later and later, while the own certificate is shown', async () => {
    const made = acme({ directory: 'https://127.0.0.1:9/dir' })
    await made.start()
    for (const [index, waitMs] of [...acmeLimits.retryMs, ...acmeLimits.retryMs.slice(-1)].entries()) {
      await made.until(() => failures(made) === index + 1)
      await made.until(() => made.tls.info().problem?.includes('127.0.0.1:9 cannot be reached') === true)
      expect(Date.parse(made.tls.info().renewsAt ?? '') - made.clock.now()).toBe(waitMs)
      await made.clock.advance(waitMs - 1)
      expect(failures(made)).toBe(index + 1)
      await made.clock.advance(1)
    }
    expect(made.tls.info().leaf?.issuer).toContain('Tillbridge kasse')
  })

  it('[TLS43] is asked within the hour when the clock was years ahead and is set', async () => {
    const clock = new SettableClock(Date.UTC(2040, 0, 1))
    const made = acme({ directory: 'https://127.0.0.1:9/dir' }, clock)
    await made.start()
    await made.until(() => failures(made) === 1)
    // Its next asking stands by the wrong clock, beside the timer of the hub's own certificate.
    await made.until(() => clock.pending === 2)
    clock.set(Date.now() + 60_000)
    await clock.advance(acmeLimits.retryMs[0] ?? 0)
    await vi.waitFor(() => expect(failures(made)).toBe(2))
  })

  it('[TLS40] that wants a proof for a name that was not ordered gets none', async () => {
    const { url, root, answer } = await authority(200, {}, '')
    const all = { newNonce: url, newAccount: url, newOrder: url, finalize: url, authorizations: [url] }
    answer.headers = { location: url, 'replay-nonce': 'n' }
    answer.body = JSON.stringify({
      ...all,
      status: 'pending',
      identifier: { value: 'bank.example' },
      challenges: [{ type: 'dns-01', url, token: 't' }],
    })
    const made = acme({ directory: url, root, propagationMs: 0 })
    await made.start()
    await made.until(() => made.tls.info().problem?.includes('a proof for bank.example') === true)
    expect(made.logLines.join()).not.toContain('the DNS hook ran')
  })

  it('[TLS41] says so when there is none of its own to show either', async () => {
    const made = acme({ directory: 'https://127.0.0.1:9/dir' })
    writeFileSync(made.dir, 'no folder')
    await made.start()
    expect(made.tls.current()).toBeUndefined()
    expect(made.tls.info().problem).toContain('could not be made')
    expect(made.tls.info().problem).not.toContain('is shown')
  })

  it('[TLS43] is left alone as long as it wants, also by the button', async () => {
    const waitMs = 2 * 3_600_000
    const { url, root, asked } = await authority(
      429,
      { 'Retry-After': String(waitMs / 1000) },
      JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'Too many.' }),
    )
    const made = acme({ directory: url, root })
    await made.start()
    await made.until(() => failures(made) === 1)
    await made.until(() => made.tls.info().problem?.includes('the authority refused: Too many;') === true)
    expect(Date.parse(made.tls.info().renewsAt ?? '') - made.clock.now()).toBe(waitMs)
    await expect(made.tls.renew()).rejects.toThrow(/asked again only after/)
    await made.clock.advance(waitMs - 1)
    expect(asked()).toBe(1)
    await made.clock.advance(1)
    await made.until(() => failures(made) === 2)
    expect(asked()).toBe(2)
  })

  it.each([
    ['is not JSON', 200, '<html>'],
    ['is no ACME directory', 200, '{}'],
    ['HTTP 500', 500, '<html>'],
    ['is larger than', 200, 'x'.repeat(acmeLimits.answerBytesMax + 1)],
    ['is not JSON', 200, 'x'.repeat(acmeLimits.answerBytesMax)],
  ])('[TLS45] says that its answer %s', async (reason, status, body) => {
    const { url, root } = await authority(status, {}, body)
    const made = acme({ directory: url, root })
    await made.start()
    await made.until(() => made.tls.info().problem?.includes(reason) === true)
    expect(failures(made)).toBe(1)
  })

  it('[TLS45] is not spoken to by http, nor with a certificate of a stranger, nor without names', async () => {
    const { url } = await authority(200, {}, '{}')
    const wrong: [string, object][] = [
      ['over https only', { directory: url.replace('https', 'http') }],
      ['cannot be reached', { directory: url }],
      ['tls.acme.names and tls.acme.hook', { directory: url, names: [] }],
      ['there is no file', { directory: url, root: '/nonexistent.pem' }],
    ]
    for (const [reason, settings] of wrong) {
      const made = acme(settings)
      await made.start()
      await made.until(() => made.tls.info().problem?.includes(reason) === true)
      expect(made.tls.info().leaf?.issuer).toContain('Tillbridge kasse')
    }
  })

  it('[TLS45] is not waited for longer than the limit', async () => {
    const probe = bench({ https: { enabled: false } })
    const root = new TestRoot(join(probe.root, 'ca'))
    const certificate = root.issue('IP:127.0.0.1')
    let asked = false
    const server = createServer(certificate, () => {
      asked = true
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(
      () => server.closeAllConnections(),
      () => server.close(),
    )
    const made = acme({
      directory: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      root: root.file,
    })
    await made.start()
    await made.until(() => asked)
    await made.clock.advance(acmeLimits.requestMsMax - 1)
    expect(failures(made)).toBe(0)
    await made.clock.advance(1)
    await made.until(() => made.tls.info().problem?.includes('no answer within') === true)
  })
})

describe('the hook', () => {
  function hook(script: string) {
    const probe = bench({ https: { enabled: false } })
    const program = join(probe.root, 'hook')
    writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    undo.push(() => rmSync(program, { force: true }))
    const clock = new TestClock()
    const lines: string[] = []
    const log = pino({}, { write: (line: string) => void lines.push(line) })
    const abort = new AbortController()
    const run = (act: 'set' | 'clear', value: string) =>
      runHook({ program, clock, log, signal: abort.signal }, act, '_acme-challenge.a.example', value)
    return { run, clock, lines, abort, out: join(probe.root, 'out') }
  }

  it('[TLS42] gets its words as they are, and what it says is in the log', async () => {
    const { run, lines } = hook('printf "%s|" "$@"; echo oops >&2')
    await run('set', '$(id) ; `id` "x"')
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ said: expect.stringContaining('oops') })
    expect(lines[0]).toContain('set|_acme-challenge.a.example|$(id) ; `id` \\"x\\"|')
    const loud = hook(`head -c ${acmeLimits.hookOutputCharsMax * 3} /dev/zero | tr '\\0' x`)
    await loud.run('set', 'v')
    expect(JSON.parse(loud.lines[0] ?? '{}').said).toHaveLength(acmeLimits.hookOutputCharsMax)
  })

  it('[TLS42] is not waited for because of what it left running', async () => {
    const { run, clock, lines } = hook('echo done; setsid sleep 20 & exit 0')
    const running = run('set', 'v')
    await vi.waitFor(() => expect(clock.pending).toBe(2))
    await clock.advance(acmeLimits.hookTailMsMax)
    await running
    expect(JSON.parse(lines[0] ?? '{}').said).toBe('done')
    expect(clock.pending).toBe(0)
  })

  it('[TLS42] fails with the reason, and is ended with all that it started', async () => {
    await expect(hook('exit 3').run('clear', 'v')).rejects.toThrow(/failed to clear .*: it ended with 3/)
    const slow = hook('echo $$ > "$0.pid"; sleep 600 & wait')
    const running = slow.run('set', 'v').catch((error: Error) => error.message)
    await slow.clock.advance(acmeLimits.hookMsMax - 1)
    expect(slow.lines).toEqual([])
    await slow.clock.advance(1)
    expect(await running).toContain(`it took longer than ${acmeLimits.hookMsMax} ms`)
    const stopped = hook('sleep 600')
    const waiting = stopped.run('set', 'v').catch((error: Error) => error.message)
    stopped.abort.abort()
    expect(await waiting).toContain('the hub stops')
    expect(stopped.clock.pending).toBe(0)
  })
})
