/** Names and addresses of the box, and what may carry secrets; rules of docs/tls.md. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pino from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AddressWatch, addressWatchLimits } from '../../src/hub/address-watch.ts'
import { hostOf, safeName } from '../../src/hub/host-names.ts'
import { networkLimits } from '../../src/hub/network.ts'
import { childrenOf, isRunning } from '../support/child-processes.ts'
import { TestClock } from '../support/clock.ts'
import { TlsBench, type TlsBenchOptions } from '../support/tls-bench.ts'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

function network(bind: string, options: TlsBenchOptions = {}) {
  const bench = new TlsBench({
    ...options,
    config: {
      https: { enabled: false },
      network: { name: 'kasse', hosts: ['pos.shop.example'] },
      ...options.config,
    },
  })
  undo.push(() => bench.remove())
  bench.network.start()
  bench.network.listening({ bind, http: 8080, https: 8443 })
  return bench.network
}

const lan = {
  lo: ['127.0.0.1', '::1'],
  docker0: ['172.17.0.1'],
  eth0: ['192.168.1.5', 'fd00::5', 'fe80::1%eth0', '2001:db8::5'],
}

describe('names of the hub', () => {
  it.each([
    'kasse.local',
    'KASSE.local.',
    'kasse:8080',
    'localhost',
    'pos.shop.example:443',
    '192.168.1.5',
    '192.168.1.5:8080',
    '127.0.0.1',
    '127.1.2.3:80',
    '[::1]:8080',
    '::1',
    '[fd00::5]',
    '[FD00:0:0::0005]:8443',
    '[fe80::1%25eth0]:80',
    '[::ffff:192.168.1.5]',
  ])('[TLS1] answers under %s', (host) => {
    expect(network('0.0.0.0', { interfaces: lan }).isOwnHost(host)).toBe(true)
  })

  it.each([
    '',
    ' ',
    'bank.example',
    'kasse.local.bank.example',
    'kasse.local@bank.example',
    'notkasse.local',
    '192.168.1.6',
    '192.168.1.5.bank.example',
    '127.0.0.1.bank.example',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '[fd00::6]',
    '[::1',
    '[kasse.local]',
    'kasse.local:',
    'kasse.local:80:80',
    'kasse.local/',
    'kasse local',
    'kasse.local\0',
  ])('[TLS1] does not answer under %j', (host) => {
    expect(network('0.0.0.0', { interfaces: lan }).isOwnHost(host)).toBe(false)
  })

  it('[TLS1] reads whatever text as a Host header without a fall, and a name as itself', () => {
    const own = network('0.0.0.0', { interfaces: lan })
    fc.assert(
      fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (text) => {
        const known = own.isOwnHost(text)
        if (known)
          expect(own.info().hosts.includes(hostOf(text) ?? '') || /^\[?(127|::)/.test(text)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(hostOf(`${name.toUpperCase()}.:80`)).toBe(name.toLowerCase())
      }),
    )
    expect(own.isOwnHost('kasse.local')).toBe(true)
  })

  it.each([
    ['Kasse 1.shop.example', 'kasse-1'],
    ['raspberrypi', 'raspberrypi'],
    ['Müllers_Box', 'm-llers-box'],
    ['-_-', 'tillbridge'],
    ['localhost', 'tillbridge'],
    ['', 'tillbridge'],
    ['x'.repeat(80), 'x'.repeat(63)],
  ])('[TLS2] makes %j safe', (hostname, name) => {
    expect(safeName(hostname)).toBe(name)
  })

  it('[TLS2] takes the host name of the box when no name is configured', () => {
    expect(network('127.0.0.1', { config: { network: {} } }).info().name).toBe('kasse-1')
  })

  it('[TLS3] lets encrypted connections and the box itself carry secrets', () => {
    const { carriesSecrets } = boundTo(network('0.0.0.0'))
    expect(carriesSecrets(true, '192.168.1.77')).toBe(true)
    for (const source of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
      expect(carriesSecrets(false, source)).toBe(true)
    for (const source of [
      '192.168.1.77',
      '::ffff:192.168.1.77',
      'fe80::2%eth0',
      '',
      '1270.0.0.1',
      '128.0.0.1',
    ])
      expect(carriesSecrets(false, source)).toBe(false)
    const any = boundTo(network('0.0.0.0', { config: { access: { tokensOver: 'any' } } }))
    expect(any.carriesSecrets(false, '192.168.1.77')).toBe(true)
  })

  it.each(['::', '0:0:0:0:0:0:0:0', '::0'])('[TLS4] takes %s for all addresses', (bind) => {
    expect(network(bind, { interfaces: lan }).info().addresses).toHaveLength(5)
  })

  it('[TLS4] names no other address while it listens on loopback', () => {
    const own = network('127.0.0.1', { interfaces: lan })
    expect(own.info()).toMatchObject({
      reachable: false,
      addresses: [{ address: '127.0.0.1', interface: 'lo' }],
      urls: ['http://localhost:8080', 'https://localhost:8443'],
    })
    expect(own.names().addresses).toEqual(['127.0.0.1', '::1'])
    expect(network('0.0.0.0', { interfaces: lan }).info().reachable).toBe(true)
  })

  it('[TLS7] orders the addresses to type, and leaves usual ports out', () => {
    const own = network('::', { interfaces: lan })
    expect(own.info().urls).toEqual([
      'https://pos.shop.example:8443',
      'https://192.168.1.5:8443',
      'https://172.17.0.1:8443',
      'https://kasse.local:8443',
    ])
    own.listening({ bind: '0.0.0.0', http: 80, https: null })
    expect(own.url()).toBe('http://pos.shop.example')
    expect(own.secureUrl('192.168.1.5:80')).toBeNull()
    own.listening({ bind: '0.0.0.0', http: 80, https: 443 })
    expect(own.url()).toBe('https://pos.shop.example')
    expect(own.secureUrl('192.168.1.5:80')).toBe('https://192.168.1.5')
    expect(own.secureUrl('[fd00::5]:8080')).toBe('https://[fd00::5]')
    expect(own.secureUrl('bank.example')).toBe('https://pos.shop.example')
    const anyway = network('0.0.0.0', { config: { access: { tokensOver: 'any' } } })
    expect(anyway.url()).toBe('http://pos.shop.example:8080')
  })

  it('[TLS7] leaves public IPv6 addresses out of a certificate, for they change daily', () => {
    const { addresses } = network('::', { interfaces: lan }).names()
    expect(addresses).toEqual(['192.168.1.5', 'fd00::5', 'fe80::1', '172.17.0.1', '127.0.0.1', '::1'])
  })

  it('[TLS7] counts so many addresses and no more', () => {
    const many = (count: number) => ({
      eth0: Array.from({ length: count }, (_, at) => `10.0.${at >> 8}.${at & 255}`),
    })
    const max = networkLimits.addressesMax
    expect(network('0.0.0.0', { interfaces: many(max) }).info().addresses).toHaveLength(max)
    expect(network('0.0.0.0', { interfaces: many(max + 1) }).info().addresses).toHaveLength(max)
  })
})

describe('addresses that change', () => {
  it('[TLS5] are told once for a burst, from a network of its own', async () => {
    const script = fileURLToPath(new URL('../support/network-in-a-namespace.ts', import.meta.url))
    const child = spawn('unshare', ['-n', process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const part of child.stdout) said += String(part)
    expect(said.trim().split('\n')).toEqual(['[]', '["10.9.8.7"]', '["10.9.8.8"]', 'quiet'])
  })

  it.each([
    ['`ip`', { program: '/nonexistent/ip' }],
    ['`setpriv`', { keeper: '/nonexistent/setpriv' }],
  ])('[TLS5] are looked at now and then where %s is missing', async (_what, missing) => {
    const clock = new TestClock()
    const changed = vi.fn()
    const watch = new AddressWatch({ clock, log: pino({ level: 'silent' }), changed, ...missing })
    undo.push(() => watch.stop())
    watch.start()
    await vi.waitFor(() => expect(clock.pending).toBe(1))
    await clock.advance(addressWatchLimits.lookMs - 1)
    expect(changed).toHaveBeenCalledTimes(0)
    await clock.advance(1)
    expect(changed).toHaveBeenCalledTimes(1)
    await clock.advance(addressWatchLimits.lookMs)
    expect(changed).toHaveBeenCalledTimes(2)
  })

  it('[TLS6] are followed by nobody any more when the hub was killed', async () => {
    const script = `
      import pino from 'pino'
      import { AddressWatch } from ${JSON.stringify(import.meta.resolve('../../src/hub/address-watch.ts'))}
      import { systemClock as clock } from ${JSON.stringify(import.meta.resolve('../../src/hub/clock.ts'))}
      new AddressWatch({ clock, log: pino({ level: 'silent' }), changed() {} }).start()
      setInterval(() => {}, 60_000)`
    const cwd = fileURLToPath(new URL('../..', import.meta.url))
    const hub = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore', cwd })
    undo.push(() => hub.kill('SIGKILL'))
    // The command line begins with `ip` when setpriv has become it: only then is its end bound to that of the hub.
    const followers = () => childrenOf(hub.pid ?? 0, 'ip\0-o\0monitor').filter((pid) => !isKeeper(pid))
    const isKeeper = (pid: number) => childrenOf(hub.pid ?? 0, 'setpriv').includes(pid)
    await vi.waitFor(() => expect(followers()).toHaveLength(1), { timeout: 10_000 })
    const [pid = 0] = followers()
    expect(isRunning(pid)).toBe(true)
    hub.kill('SIGKILL')
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 })
  })

  it('[TLS6] are followed again after `ip` has ended, each time later, and not after the stop', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-ip-'))
    undo.push(() => rmSync(dir, { recursive: true, force: true }))
    const [program, starts] = [join(dir, 'ip'), join(dir, 'starts')]
    writeFileSync(program, `#!/bin/sh\necho "$@" >> ${starts}\n`)
    chmodSync(program, 0o755)
    const count = () => (existsSync(starts) ? readFileSync(starts, 'utf8').trim().split('\n').length : 0)
    const clock = new TestClock()
    const changed = vi.fn()
    const watch = new AddressWatch({ clock, log: pino({ level: 'silent' }), changed, program })
    watch.start()
    // What is set after the end of the child: the look, and the next start.
    const ended = () => vi.waitFor(() => expect(clock.pending).toBe(2))
    await ended()
    expect(readFileSync(starts, 'utf8').trim()).toBe('-o monitor address')
    let waitMs: number = addressWatchLimits.restartMs
    for (let start = 1; start <= 8; start++) {
      expect(count()).toBe(start)
      await clock.advance(waitMs - 1)
      expect(count()).toBe(start)
      await clock.advance(1)
      await ended()
      waitMs = Math.min(waitMs * 2, addressWatchLimits.restartMsMax)
    }
    expect(waitMs).toBe(addressWatchLimits.restartMsMax)
    expect(changed.mock.calls.length).toBeGreaterThanOrEqual(8)
    watch.stop()
    expect(clock.pending).toBe(0)
    watch.stop()
  })
})

function boundTo(own: ReturnType<typeof network>) {
  return { carriesSecrets: (encrypted: boolean, source: string) => own.carriesSecrets({ encrypted, source }) }
}
