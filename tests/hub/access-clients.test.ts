/** Tokens, pairing codes, origins, what a held client sees, the audit log: on the real hub and a real store. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Audit, auditLimits } from '../../src/hub/access/audit.ts'
import { auditDetailLimits, detailOf } from '../../src/hub/access/audit-detail.ts'
import { codeLimits } from '../../src/hub/access/codes.ts'
import { originLimits } from '../../src/hub/access/origins.ts'
import { tokenLimits } from '../../src/hub/access/tokens.ts'
import type { Caller } from '../../src/hub/api.ts'
import { accessNumbers } from '../../src/protocol/access.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { openStore } from '../../src/store/open.ts'
import { TestClock } from '../support/clock.ts'
import { benchPassword, cashier, codeOf, HubBench, openOwnedStore, owner } from '../support/hub-bench.ts'

let bench: HubBench | undefined
afterEach(() => bench?.end())

const till = '192.0.2.1'
const phone = '192.0.2.66'
const access = () => bench!.hub.access
const entries = async (filter: { text?: string; limit?: number; before?: number } = {}) =>
  (await bench!.call('audit.list', filter)).entries

async function paired(
  name: string,
  more: { devices?: string[]; role?: 'cashier' | 'monitor' } = {},
): Promise<{ token: string; caller: Caller }> {
  const { code } = await bench!.call('pair.code', {
    role: more.role ?? 'cashier',
    devices: more.devices ?? null,
  })
  const { token } = await access().pair(code, name, till)
  return { token, caller: (await access().check(token, till))! }
}

describe('pairing codes', () => {
  it('[A9] work once, for two minutes, and pair by a link', async () => {
    bench = await HubBench.start()
    const made = await bench.call('pair.code', { role: 'cashier', name: 'Bar' })
    expect(made.code).toMatch(/^\d{6}$/)
    expect(made.url).toBe(`${bench.hub.network.url()}/#code=${made.code}`)
    expect(made.svg).toMatch(/^<svg[^>]*>.*<path/s)
    const spelled = `${made.code.slice(0, 3)} ${made.code.slice(3)}`
    expect((await access().pair(spelled, 'what it calls itself', till)).role).toBe('cashier')
    expect(await codeOf(access().pair(made.code, 'x', till))).toBe('pair_code_invalid')
    expect((await bench.call('token.list', {})).tokens.map(({ name }) => name)).toEqual(['Bar'])
    const [early, late] = [
      await bench.call('pair.code', { role: 'monitor' }),
      await bench.call('pair.code', { role: 'monitor' }),
    ]
    await bench.clock.advance(codeLimits.ms - 1)
    expect((await access().pair(early.code, 'x', till)).role).toBe('monitor')
    await bench.clock.advance(1)
    expect(await codeOf(access().pair(late.code, 'x', till))).toBe('pair_code_invalid')
  })

  it('[A9] the fifth wrong try from anywhere kills every open code, and says so', async () => {
    bench = await HubBench.start()
    const codes = [
      await bench.call('pair.code', { role: 'cashier' }),
      await bench.call('pair.code', { role: 'cashier' }),
    ]
    const wrong = ['000000', '000001', '000002', '000003', '000004', '000005'].filter((guess) =>
      codes.every(({ code }) => code !== guess),
    )
    for (const [number, guess] of wrong.slice(0, 4).entries())
      expect(await codeOf(access().pair(guess, 'x', `10.0.0.${number}`))).toBe('pair_code_invalid')
    expect((await access().pair(codes[0]!.code, 'still good', till)).role).toBe('cashier')
    expect(await codeOf(access().pair(wrong[4] ?? '999999', 'x', phone))).toBe('pair_code_invalid')
    expect(await codeOf(access().pair(codes[1]!.code, 'too late', till))).toBe('pair_code_invalid')
    expect((await entries({ text: 'pair' })).find(({ from }) => from === phone)).toMatchObject({
      result: 'pair_code_invalid',
      detail: { dropped: 1 },
    })
    expect((await paired('a new code is a new chance')).caller.role).toBe('cashier')
  })

  it('[A9] are dropped when the technician changes the mind', async () => {
    bench = await HubBench.start()
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    await bench.call('pair.cancel', {})
    expect(await codeOf(access().pair(code, 'x', till))).toBe('pair_code_invalid')
  })
})

describe('tokens', () => {
  it('[A10] tell when and from where they were used last, and how many connections they have', async () => {
    bench = await HubBench.start()
    const { token, caller } = await paired('bar')
    const [first] = [access().connected(caller), access().connected(caller)]
    const list = async () => (await bench!.call('token.list', {})).tokens[0]
    expect(await list()).toMatchObject({ lastUsedFrom: till, connections: 2, devices: null })
    first?.()
    first?.()
    expect((await list())?.connections).toBe(1)
    await bench.clock.advance(tokenLimits.touchEveryMs - 1)
    await access().check(token, till)
    const before = (await list())?.lastUsedAt
    expect((await access().check(token, phone))?.from).toBe(phone)
    expect(await list()).toMatchObject({ lastUsedFrom: phone, id: caller.client })
    expect((await list())?.lastUsedAt).not.toBe(before)
  })

  it('[A10] taken back they are unknown at once, and their connections close', async () => {
    bench = await HubBench.start()
    const { token, caller } = await paired('bar')
    const closed: unknown[] = []
    access().onRevoked((id, gone) => closed.push([id, gone]))
    await bench.call('token.revoke', { id: caller.client })
    expect(closed).toEqual([[caller.client, true]])
    expect(await access().check(token, till)).toBeUndefined()
    expect(await codeOf(bench.call('token.revoke', { id: caller.client }))).toBe('token_unknown')
  })

  it('[A10] changed they close and come back with what they may now', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const { token, caller } = await paired('bar')
    const closed: unknown[] = []
    access().onRevoked((id, gone) => closed.push([id, gone]))
    const id = caller.client
    const changed = await bench.call('token.change', { id, name: 'Terrace', devices: ['printer-1'] })
    expect(changed).toMatchObject({ name: 'Terrace', devices: ['printer-1'] })
    expect(closed).toEqual([[id, false]])
    expect((await access().check(token))?.devices).toEqual(new Set(['printer-1']))
    await bench.call('token.change', { id, devices: null })
    expect((await access().check(token))?.devices).toBeUndefined()
    expect(await codeOf(bench.call('token.change', { id, devices: ['nope'] }))).toBe('device_unknown')
    expect(await codeOf(bench.call('token.change', { id: 'nobody', name: 'x' }))).toBe('token_unknown')
  })
})

describe('a client held to devices', () => {
  it('[A11] sees these and their jobs, and nothing of the others', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    await bench.printer('two')
    const { caller: held } = await paired('bar', { devices: ['printer-1'] })
    await bench.print('printer-1', 'mine')
    await bench.print('printer-2', 'theirs')
    const code = (work: Promise<unknown>) => codeOf(work)
    const device = 'printer-2'
    expect((await bench.call('device.list', {}, held)).devices.map(({ id }) => id)).toEqual(['printer-1'])
    expect((await bench.call('job.list', {}, held)).jobs.map(({ id }) => id)).toEqual(['mine'])
    expect((await bench.call('job.get', { id: 'mine' }, held)).device).toBe('printer-1')
    const payload = { text: 'x' }
    const refused = {
      'device.get': code(bench.call('device.get', { id: device }, held)),
      'job.list': code(bench.call('job.list', { device }, held)),
      'job.submit': code(bench.call('job.submit', { id: 'n', device, kind: 'print', payload }, held)),
      'lease.acquire': code(bench.call('lease.acquire', { device, ms: 1_000 }, held)),
      'scale.read': code(bench.call('scale.read', { device }, held)),
      'demo.paper': code(bench.call('demo.paper', { device }, held)),
      'display.shown': code(
        bench.call('display.shown', { device, revision: 1 }, { ...held, onClose: () => {} }),
      ),
      'display.attach': code(bench.call('display.attach', { device }, { ...held, onClose: () => {} })),
      'job.repeat': code(bench.call('job.repeat', { id: 'mine', as: 'again', device }, held)),
    }
    for (const [method, answer] of Object.entries(refused))
      expect([method, await answer]).toEqual([method, 'device_unknown'])
    const id = 'theirs'
    const unknown = {
      'job.get': code(bench.call('job.get', { id }, held)),
      'job.wait': code(bench.call('job.wait', { id, ms: 0 }, held)),
      'job.cancel': code(bench.call('job.cancel', { id }, held)),
      'job.settle': code(bench.call('job.settle', { id, outcome: 'done' }, held)),
      'job.repeat': code(bench.call('job.repeat', { id, as: 'again' }, held)),
    }
    for (const [method, answer] of Object.entries(unknown))
      expect([method, await answer]).toEqual([method, 'job_unknown'])
    expect((await bench.call('hub.info', {}, held)).hub).toBe(bench.hub.hub)
  })

  it('[A11] hears of these and of the box, and follows its jobs to a backup printer', async () => {
    bench = await HubBench.start({ config: { jobs: { backupAfterMs: 0 } } })
    const one = await bench.printer('one')
    await bench.printer('two')
    await bench.call('device.backup', { id: 'printer-1', backup: 'printer-2' })
    const { caller: held } = await paired('bar', { devices: ['printer-1'] })
    const heard: string[] = []
    bench.hub.events.follow((event) => {
      if (bench!.hub.sees(held, event)) heard.push(`${event.topic} ${event.device ?? ''}`.trim())
    })
    await bench.call('device.rename', { id: 'printer-2', name: 'Kitchen' })
    await bench.call('device.rename', { id: 'printer-1', name: 'Bar' })
    await bench.call('origin.allow', { origin: 'https://pos.example.com' })
    await bench.clock.advance(100)
    await bench.settle()
    expect(heard).toEqual(['device.changed printer-1'])
    heard.length = 0
    one.paper(true)
    await bench.clock.advance(100)
    await bench.print('printer-1', 'moved')
    await bench.clock.advance(10_000)
    const moved = await bench.call('job.get', { id: 'moved' }, held)
    expect(moved).toMatchObject({ device: 'printer-2', movedFrom: 'printer-1', state: 'done' })
    expect(heard).toContain('job.changed printer-2')
  })

  it('[A11] is no technician', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const devices = ['printer-1']
    expect(await codeOf(bench.call('pair.code', { role: 'technician', devices }))).toBe('params_invalid')
    const store = await openStore({ dir: bench.dir, inline: true })
    await store.access.insertToken({ id: 't', name: 't', role: 'technician', hash: 'h', createdAt: 0 })
    await store.close()
    expect(await codeOf(bench.call('token.change', { id: 't', devices }))).toBe('params_invalid')
    expect(await codeOf(bench.call('pair.code', { role: 'cashier', devices: ['nope'] }))).toBe(
      'device_unknown',
    )
  })
})

describe('origins', () => {
  const pos = 'https://pos.example.com'
  const listed = async () => (await bench!.call('origin.list', {})).origins

  it('[A13] one that is refused is listed and told of; a click lets it in, another one takes it off', async () => {
    bench = await HubBench.start()
    expect(access().originAllowed(pos, phone)).toBe(false)
    expect(access().originAllowed(pos, till)).toBe(false)
    expect(await listed()).toMatchObject([{ origin: pos, state: 'seen', refused: 2, lastSeenFrom: till }])
    await bench.settle()
    expect(bench.events.filter(({ topic }) => topic === 'origin.seen').map(({ data }) => data)).toEqual([
      { origin: pos },
    ])
    expect(await bench.call('origin.allow', { origin: 'https://POS.example.com:443' })).toMatchObject({
      origin: pos,
      state: 'allowed',
    })
    expect(access().originAllowed(pos, phone)).toBe(true)
    const removed: string[] = []
    access().onOriginRemoved((origin) => removed.push(origin))
    const { dir } = bench
    await bench.stop()
    bench = await HubBench.start({ dir })
    expect(access().originAllowed(pos, phone)).toBe(true)
    access().onOriginRemoved((origin) => removed.push(origin))
    await bench.call('origin.remove', { origin: pos })
    expect(removed).toEqual([pos])
    expect(access().originAllowed(pos, phone)).toBe(false)
  })

  it('[A13] counts are kept over a restart, and written rarely', async () => {
    bench = await HubBench.start()
    for (let times = 0; times < 100; times++) access().originAllowed(pos, phone)
    const { dir } = bench
    await bench.stop()
    bench = await HubBench.start({ dir })
    expect(await listed()).toMatchObject([{ refused: 100 }])
  })

  it.each([
    'null',
    'file://',
    'chrome-extension://abc',
    'https://pos.example.com/',
    'https://POS.example.com',
  ])('[A13] %s is never allowed nor listed', async (origin) => {
    bench = await HubBench.start({ config: { access: { origins: [pos] } } })
    expect(access().originAllowed(origin, phone)).toBe(false)
    expect(await listed()).toMatchObject([{ origin: pos, state: 'configured' }])
  })

  it('[A13] configured ones are the configuration’s', async () => {
    bench = await HubBench.start({ config: { access: { origins: ['https://POS.example.com:443'] } } })
    expect(access().originAllowed(pos, phone)).toBe(true)
    expect(await codeOf(bench.call('origin.allow', { origin: pos }))).toBe('origin_fixed')
    expect(await codeOf(bench.call('origin.remove', { origin: pos }))).toBe('origin_fixed')
  })

  it('[A13] both lists have an end', async () => {
    bench = await HubBench.start()
    const { seenMax, announcedPerMinuteMax } = originLimits
    for (let number = 0; number <= seenMax; number++) {
      access().originAllowed(`https://a${number}.example`, phone)
      await bench.clock.advance(1)
    }
    const seen = (await listed()).map(({ origin }) => origin)
    expect([
      seen.length,
      seen.includes('https://a0.example'),
      seen.includes(`https://a${seenMax}.example`),
    ]).toEqual([seenMax, false, true])
    expect(bench.events.filter(({ topic }) => topic === 'origin.seen')).toHaveLength(announcedPerMinuteMax)
    const allow = (number: number) => bench!.call('origin.allow', { origin: `https://b${number}.example` })
    for (let number = 0; number < accessNumbers.originsMax; number++) await allow(number)
    expect(await codeOf(allow(accessNumbers.originsMax))).toBe('origin_limit')
    expect((await allow(0)).state).toBe('allowed')
  })
})

describe('the audit log', () => {
  it('[A14] tells who did what, from where, with what result, and no secret', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const secret = 'eleven pipers piping'
    await bench.call('user.add', { name: 'Bob', role: 'monitor', password: secret }, { ...owner, from: till })
    await codeOf(bench.call('user.remove', { id: 'nobody' }, owner))
    await access().audit('backup', { ...owner, from: till }, { bytes: 5, passphrase: secret }, async () => {})
    const { token } = await paired('bar')
    const all = await entries()
    expect(all.map(({ act, who, role, from, result }) => [act, who, role, from, result])).toEqual([
      ['pair', 'bar', 'cashier', till, 'done'],
      ['pair.code', 'technician', 'technician', null, 'done'],
      ['backup', 'Ada', 'owner', till, 'done'],
      ['user.remove', 'Ada', 'owner', null, 'user_unknown'],
      ['user.add', 'Ada', 'owner', till, 'done'],
      ['device.add', 'technician', 'technician', null, 'done'],
    ])
    expect(all[4]?.detail).toEqual({ name: 'Bob', role: 'monitor', password: '…' })
    const text = JSON.stringify(all)
    expect([text.includes(secret), text.includes(token)]).toEqual([false, false])
  })

  it('[A14] an act whose entry cannot be written is refused, and not done', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-test-'))
    bench = await HubBench.start({
      parts: {
        openStore: async () => {
          const store = await openOwnedStore(dir)
          const refuse = () => Promise.reject(new HubError('store_unavailable', { reason: 'no space' }))
          return { ...store, access: { ...store.access, appendAudit: refuse } }
        },
      },
      dir,
    })
    const origin = 'https://pos.example.com'
    expect(await codeOf(bench.call('origin.allow', { origin }))).toBe('store_unavailable')
    expect(access().originAllowed(origin, phone)).toBe(false)
    expect((await bench.call('device.list', {})).devices).toEqual([])
    expect(await codeOf(access().logIn({ name: 'Ada', password: benchPassword }, till, 'x'))).toBe(
      'store_unavailable',
    )
    expect((await bench.call('session.list', {}, owner)).sessions).toEqual([])
  })

  it('[A14] an act is on the disk before it is done', async () => {
    const store = await openStore({ dir: ':memory:', inline: true })
    const audit = new Audit({ store, clock: new TestClock() })
    const doer = { who: 'Ada', role: 'owner', from: null } as const
    const gate = Promise.withResolvers<void>()
    const act = audit.act('device.remove', doer, {}, () => gate.promise)
    const all = () => store.access.audit({ limit: 9 })
    expect((await all()).map(({ result }) => result)).toEqual([null])
    gate.resolve()
    await act
    expect((await all()).map(({ result }) => result)).toEqual(['done'])
    await store.close()
  })

  it('[A14] is searched and read in pages', async () => {
    bench = await HubBench.start()
    for (let number = 0; number < 5; number++)
      await access().audit(`act.${number}`, { ...owner, from: till }, {}, async () => {})
    const first = await bench.call('audit.list', { limit: 2 })
    expect(first.entries.map(({ act }) => act)).toEqual(['act.4', 'act.3'])
    const next = await bench.call('audit.list', { limit: 3, before: first.next! })
    expect([next.entries.map(({ act }) => act), next.next]).toEqual([['act.2', 'act.1', 'act.0'], undefined])
    for (const [text, found] of [
      ['ACT.1', 1],
      ['ada', 5],
      ['192.0.2', 5],
      ['%', 0],
    ] as const)
      expect([text, (await entries({ text })).length]).toEqual([text, found])
  })

  it('[A15] many refusals of one kind from one source are one entry with a count', async () => {
    bench = await HubBench.start()
    for (let times = 0; times < 1_000; times++) access().refused('token', phone, { path: '/ws' })
    access().refused('host', phone, { host: 'evil.example' })
    expect(await codeOf(bench.call('device.remove', { id: 'x' }, { ...cashier, from: till }))).toBe(
      'forbidden',
    )
    const shown = (await entries()).map(({ act, from, result, count, who }) => [
      act,
      from,
      result,
      count,
      who,
    ])
    expect(shown).toEqual([
      ['device.remove', till, 'forbidden', 1, 'till 1'],
      ['host.refused', phone, 'host_not_allowed', 1, null],
      ['token.refused', phone, 'unauthorized', 1_000, null],
    ])
    await bench.clock.advance(auditLimits.togetherMs - 1)
    access().refused('token', phone, {})
    await bench.clock.advance(1)
    access().refused('token', phone, {})
    expect((await entries({ text: 'token.refused' })).map(({ count }) => count)).toEqual([1, 1_001])
  })

  it('[A15] from many sources they are still few, and counts outlive a stop', async () => {
    bench = await HubBench.start()
    for (let number = 0; number < 500; number++)
      access().refused('plain', `10.1.${number >> 8}.${number & 255}`, {})
    const { dir: folder } = bench
    await bench.stop()
    bench = await HubBench.start({ dir: folder })
    const all = await entries()
    expect(all).toHaveLength(auditLimits.apartMax + 1)
    expect(all[0]).toMatchObject({ from: null, count: 500 - auditLimits.apartMax })
  })

  it('[A15] acts and refusals are pruned apart, by count and by age', async () => {
    const limits = { auditActsMax: 3, auditRefusalsMax: 2, auditAgeMsMax: 1_000 }
    const store = await openStore({ dir: ':memory:', inline: true, limits })
    const row = (at: number, act: string) => ({
      at,
      who: null,
      role: null,
      from: null,
      act,
      detail: {},
      result: 'done',
      count: 1,
    })
    const acts = async () => (await store.access.audit({ limit: 99 })).map(({ act }) => act)
    for (let number = 0; number < 3; number++) await store.access.appendAudit(row(0, `act ${number}`))
    for (let number = 0; number < 30; number++)
      await store.access.appendAudit(row(1, `knock ${number}`), true)
    expect(await acts()).toEqual(['knock 29', 'knock 28', 'act 2', 'act 1', 'act 0'])
    await store.access.appendAudit(row(2, 'act 3'))
    expect(await acts()).toEqual(['act 3', 'knock 29', 'knock 28', 'act 2', 'act 1'])
    await store.access.appendAudit(row(1_000, 'act 4'))
    expect(await acts()).toEqual(['act 4', 'act 3', 'knock 29', 'knock 28'])
    await store.access.appendAudit(row(1_001, 'act 5'))
    expect(await acts()).toEqual(['act 5', 'act 4', 'act 3'])
    await store.close()
  })

  it('[A14] details are short and hold nothing that is called like a secret', () => {
    const { partsMax, textCharsMax } = auditDetailLimits
    const detail = detailOf({
      id: 'x',
      port: 'ipp://user:hunter2@printer/ipp',
      settings: { apiKey: 'hunter2', columns: 42, deep: { wifiPassword: 'hunter2', cardPin: 'hunter2' } },
      changes: [
        { path: 'mqtt.password', value: 'hunter2' },
        { path: 'hub.name', value: 'Shop' },
        // Called like a secret, and the very thing an owner looks for.
        { path: 'access.tokensOver', value: 'any' },
      ],
      nothing: undefined,
      long: 'x'.repeat(textCharsMax + 1),
      list: Array.from({ length: partsMax + 1 }, () => 1),
    })
    expect(JSON.stringify(detail)).not.toContain('hunter2')
    expect(detail).toMatchObject({
      id: 'x',
      port: 'ipp://…@printer/ipp',
      settings: { apiKey: '…', columns: 42 },
      changes: [
        { value: '…' },
        { path: 'hub.name', value: 'Shop' },
        { path: 'access.tokensOver', value: 'any' },
      ],
    })
    expect(String(detail.long)).toHaveLength(textCharsMax + 1)
    expect(detail.list).toHaveLength(partsMax)
    expect('nothing' in detail).toBe(false)
  })
})
