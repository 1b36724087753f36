/** The first owner, users, passwords, sessions, lock-outs: on the real hub and a real store. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { LockOut, lockOutLimits } from '../../src/hub/access/lockout.ts'
import { Passwords, passwordLimits, refuseWeak } from '../../src/hub/access/passwords.ts'
import { SetUp } from '../../src/hub/access/set-up.ts'
import { sourceKey } from '../../src/hub/access/source.ts'
import type { NewSession } from '../../src/hub/api.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { openStore } from '../../src/store/open.ts'
import { TestClock } from '../support/clock.ts'
import { benchPassword, codeOf, HubBench, owner, technician } from '../support/hub-bench.ts'

let bench: HubBench | undefined
afterEach(() => bench?.end())

const till = '192.0.2.1'
const phone = '192.0.2.66'
const password = 'eleven pipers piping'
const access = () => bench!.hub.access
const logIn = (name = 'Ada', word = benchPassword, from = till): Promise<NewSession> =>
  access().logIn({ name, password: word }, from, 'Firefox')
const setUpWith = (code: string, name = 'Grace', from = till) =>
  access().setUpOwner({ code, name, password }, from, 'Firefox')

describe('set-up', () => {
  it('[A1] without an owner nobody logs in or pairs, but a token made at the box works', async () => {
    bench = await HubBench.start({ owner: false })
    expect(access().setUp).toBe(false)
    expect(await codeOf(logIn())).toBe('setup_required')
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    expect(await codeOf(access().pair(code, 'till', till))).toBe('setup_required')
    const session = await setUpWith(bench.hub.setUpCode()!)
    expect(session).toMatchObject({ name: 'Grace', role: 'owner' })
    expect(access().setUp).toBe(true)
    expect((await logIn('grace', password)).user).toBe(session.user)
    expect((await access().pair(code, 'till', till)).role).toBe('cashier')
  })

  it('[A2] the code is read as people type it, works once, and leaves no trace on the disk', async () => {
    bench = await HubBench.start({ owner: false })
    const code = bench.hub.setUpCode()!
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/)
    expect(await codeOf(setUpWith('0000000000'))).toBe('setup_code_invalid')
    const typed = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
    await setUpWith(`${typed.slice(0, 5)}-${typed.slice(5)}`)
    expect(bench.hub.setUpCode()).toBeUndefined()
    expect(await codeOf(setUpWith(code, 'Mallory'))).toBe('setup_done')
    expect((await bench.call('user.list', {}, owner)).users.map(({ name }) => name)).toEqual(['Grace'])
    await bench.stop()
    for (const file of ['books.db', 'books.db-wal', 'events.db', 'events.db-wal']) {
      const bytes = readIfThere(join(bench.dir, file))
      expect([file, bytes.includes(code), bytes.includes(password)]).toEqual([file, false, false])
    }
  })

  it('[A2] of two that redeem it at once one becomes the owner', async () => {
    bench = await HubBench.start({ owner: false })
    const code = bench.hub.setUpCode()!
    const answers = await Promise.all([
      codeOf(setUpWith(code, 'Grace')),
      codeOf(setUpWith(code, 'Mallory', phone)),
    ])
    expect(answers.sort()).toEqual(['no error', 'setup_code_invalid'])
    expect((await bench.call('user.list', {}, owner)).users).toHaveLength(1)
  })

  it('[A2] each start makes a new one, and the one before is good no more', async () => {
    const first = await HubBench.start({ owner: false })
    const old = first.hub.setUpCode()!
    await first.stop()
    bench = await HubBench.start({ owner: false, dir: first.dir })
    expect(bench.hub.setUpCode()).not.toBe(old)
    expect(await codeOf(setUpWith(old))).toBe('setup_code_invalid')
  })

  it('[A3] a code made at the box resets the owner’s password and ends its sessions', async () => {
    bench = await HubBench.start()
    const before = await logIn()
    expect(await codeOf(setUpWith('ABCDE12345'))).toBe('setup_done')
    const store = await openStore({ dir: bench.dir, inline: true })
    const code = await new SetUp(store).newCode()
    await store.close()
    const closed: string[] = []
    const { client } = (await access().checkSession(before.secret))!
    access().onRevoked((id) => closed.push(id))
    const after = await setUpWith(code, 'ADA')
    expect(after.user).toBe(before.user)
    expect(closed).toEqual([client])
    expect(await access().checkSession(before.secret)).toBeUndefined()
    expect(await codeOf(logIn())).toBe('login_failed')
    expect((await logIn('Ada', password)).role).toBe('owner')
    expect(await codeOf(setUpWith(code, 'Mallory'))).toBe('setup_done')
  })

  it('[A4] the ticket is printed once, on the first printer that is ready, with address and code', async () => {
    bench = await HubBench.start({ owner: false })
    const one = await bench.printer('one')
    await bench.printer('two')
    const { jobs } = await bench.call('job.list', {})
    expect(jobs).toMatchObject([{ device: 'printer-1', state: 'done', client: 'hub' }])
    expect(jobs[0]?.id).toMatch(/^setup-/)
    expect(one.printed).toEqual([jobs[0]?.id])
    const payload = await payloadOf(bench.dir, jobs[0]!.id)
    const code = bench.hub.setUpCode()!
    expect(payload).toContain(`/#setup=${code}"`)
    expect(payload).toContain(`${code.slice(0, 5)}-${code.slice(5)}`)
  })

  it('[A4] after the set-up no ticket is printed, neither now nor at the next start', async () => {
    bench = await HubBench.start({ owner: false })
    await setUpWith(bench.hub.setUpCode()!)
    await bench.printer('one')
    expect((await bench.call('job.list', {})).jobs).toEqual([])
    bench.unplug('one')
    await bench.stop()
    const { dir } = bench
    bench = await HubBench.start({ owner: false, dir })
    bench.plug('one')
    await bench.clock.advance(10_000)
    expect((await bench.call('device.list', {})).devices[0]?.state).toBe('ready')
    expect((await bench.call('job.list', {})).jobs).toEqual([])
  })
})

describe('passwords', () => {
  it('[A5] are hashed with scrypt at the cost that the text names, with a salt each', async () => {
    const passwords = new Passwords()
    const [first, second] = await Promise.all([passwords.hash(password), passwords.hash(password)])
    expect(first).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(first).not.toBe(second)
    expect(await passwords.matches(password, first)).toBe(true)
    expect(await passwords.matches(`${password} `, first)).toBe(false)
    expect(await passwords.matches(password, undefined)).toBe(false)
    expect(await passwords.matches(password, first.replace('ln=15', 'ln=18'))).toBe(false)
  })

  it('[A5] a queue of hashings has an end', async () => {
    const passwords = new Passwords()
    const cheap = '$scrypt$ln=4,r=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    const { atOnceMax, waitingMax } = passwordLimits
    const all = Array.from({ length: atOnceMax + waitingMax + 1 }, () =>
      codeOf(passwords.matches('x', cheap)),
    )
    const answers = await Promise.all(all)
    expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(1)
    expect(await passwords.matches('x', cheap)).toBe(false)
  })

  it.each([
    ['ninechars', 'fewer than 10 characters'],
    ['aaaaaaaaaaaa', 'different'],
    ['ababababababc', 'different'],
    ['1234567890', 'run'],
    ['0987654321', 'run'],
    ['abcdefghijkl', 'run'],
    ['I am ada, really', 'Ada'],
    ['corner SHOP 1999', 'Corner shop'],
    ['Passwort2024!', 'tried first'],
    ['QWERTYUIOP', 'tried first'],
    ['x'.repeat(201), 'more than 200'],
  ])('[A5] %s is weak', (weak, reason) => {
    const refuse = () => refuseWeak(weak, ['Ada', 'Corner shop'])
    expect(refuse).toThrow(HubError)
    expect(refuse).toThrow(/password_weak/)
    expect(refuse).toThrow(new RegExp(reason))
  })

  it.each(['abcd efgh ij', 'Grüße aus Žižkov', '東京の夜は長いですよね', 'a1b2'.repeat(50)])(
    '[A5] %s will do',
    (good) => {
      expect(() => refuseWeak(good, ['Ada', 'Corner shop', 'ij'])).not.toThrow()
    },
  )
})

describe('log-in and sessions', () => {
  it('[A6] a wrong password and an unknown name are the same answer', async () => {
    bench = await HubBench.start()
    expect(await codeOf(logIn('Ada', 'wrong'))).toBe('login_failed')
    expect(await codeOf(logIn('Nobody', benchPassword))).toBe('login_failed')
    expect((await logIn(' ADA'.trim())).name).toBe('Ada')
    const [user] = (await bench.call('user.list', {}, owner)).users
    expect(user).toMatchObject({
      lastLoginFrom: till,
      lastLoginAt: new Date(bench.clock.now()).toISOString(),
    })
  })

  it('[A7] ends when it is idle or old, and its connections with it', async () => {
    const settings = { sessionIdleMs: 600_000, sessionMs: 1_000_000 }
    bench = await HubBench.start({ config: { access: settings } })
    const [idle, used] = [await logIn(), await logIn()]
    const [idleId, usedId] = await Promise.all(
      [idle, used].map(async ({ secret }) => (await access().checkSession(secret))?.client),
    )
    const closed: string[] = []
    access().onRevoked((id) => closed.push(id))
    await bench.clock.advance(599_999)
    expect(await access().checkSession(used.secret)).toBeDefined()
    expect(closed).toEqual([])
    await bench.clock.advance(1)
    await bench.settle()
    expect(closed).toEqual([idleId])
    expect(await access().checkSession(idle.secret)).toBeUndefined()
    await bench.clock.advance(399_999)
    expect(await access().checkSession(used.secret)).toBeDefined()
    await bench.clock.advance(1)
    await bench.settle()
    expect(closed).toEqual([idleId, usedId])
    expect(await access().checkSession(used.secret)).toBeUndefined()
    expect((await bench.call('session.list', {}, owner)).sessions).toEqual([])
  })

  it('[A7] a call on a connection that stays is a use', async () => {
    bench = await HubBench.start({ config: { access: { sessionIdleMs: 600_000, sessionMs: 10_000_000 } } })
    const { secret } = await logIn()
    const caller = (await access().checkSession(secret))!
    for (let round = 0; round < 3; round++) {
      await bench.clock.advance(400_000)
      await bench.call('ping', {}, caller)
    }
    expect((await access().checkSession(secret, till))?.from).toBe(till)
  })

  it('[A7] is ended by an owner, by its user, and with its user', async () => {
    bench = await HubBench.start()
    const ended: string[] = []
    access().onRevoked((id) => ended.push(id))
    const { id: user } = await bench.call('user.add', { name: 'Bob', role: 'monitor', password }, owner)
    const open = () => logIn('Bob', password)
    const [byOwner, bySelf, byRole, byUser] = [await open(), await open(), await open(), await open()]
    const idOf = async ({ secret }: NewSession) => (await access().checkSession(secret))!.client
    const list = (await bench.call('session.list', {}, { ...owner, client: await idOf(byRole) })).sessions
    expect(list.filter(({ own }) => own).map(({ id }) => id)).toEqual([await idOf(byRole)])
    expect(list[0]).toMatchObject({ name: 'Bob', from: till, agent: 'Firefox' })
    const first = await idOf(byOwner)
    await bench.call('session.end', { id: first }, owner)
    expect(await codeOf(bench.call('session.end', { id: first }, owner))).toBe('session_unknown')
    await access().logOut(bySelf.secret)
    await access().logOut('never was one')
    await bench.call('user.change', { id: user, name: 'Robert' }, owner)
    expect(await access().checkSession(byRole.secret)).toMatchObject({ name: 'Robert', role: 'monitor' })
    await bench.call('user.change', { id: user, role: 'technician' }, owner)
    for (const { secret } of [byOwner, bySelf, byRole, byUser])
      expect(await access().checkSession(secret)).toBeUndefined()
    const last = await logIn('Robert', password)
    const lastId = await idOf(last)
    await bench.call('user.remove', { id: user }, owner)
    expect(await access().checkSession(last.secret)).toBeUndefined()
    expect(ended).toContain(lastId)
    expect(await codeOf(bench.call('user.remove', { id: user }, owner))).toBe('user_unknown')
  })
})

describe('users', () => {
  it('[A12] are an owner’s business, have names of their own, and leave one owner', async () => {
    bench = await HubBench.start()
    const add = (name: string) => bench!.call('user.add', { name, role: 'owner', password }, owner)
    expect(await codeOf(bench.call('user.list', {}, technician))).toBe('forbidden')
    expect(await codeOf(add('aDA'))).toBe('user_exists')
    const [ada] = (await bench.call('user.list', {}, owner)).users
    const id = ada!.id
    expect(await codeOf(bench.call('user.change', { id, role: 'technician' }, owner))).toBe('owner_last')
    expect(await codeOf(bench.call('user.remove', { id }, owner))).toBe('owner_last')
    const other = await add('Bea')
    expect(await codeOf(bench.call('user.change', { id, name: 'bea' }, owner))).toBe('user_exists')
    await bench.call('user.change', { id, name: 'ada', role: 'technician' }, owner)
    expect(await codeOf(bench.call('user.remove', { id: other.id }, owner))).toBe('owner_last')
    await bench.call('user.remove', { id }, owner)
  })

  it('[A12] change their own password when they know it; their other sessions end', async () => {
    bench = await HubBench.start()
    const [here, there] = [await logIn(), await logIn()]
    const caller = (await access().checkSession(here.secret, till))!
    const change = (current: string, next: string) =>
      codeOf(bench!.call('user.password', { current, next }, caller))
    expect(await change('wrong', password)).toBe('password_wrong')
    expect(await change(benchPassword, 'tillbridge12')).toBe('password_weak')
    expect(await change(benchPassword, password)).toBe('no error')
    expect(await access().checkSession(here.secret)).toBeDefined()
    expect(await access().checkSession(there.secret)).toBeUndefined()
    expect(await codeOf(logIn())).toBe('login_failed')
    expect((await logIn('Ada', password)).role).toBe('owner')
    expect(await codeOf(bench.call('user.password', { current: 'a', next: password }, technician))).toBe(
      'user_unknown',
    )
  })
})

describe('lock-outs', () => {
  const secondsOf = (lockOut: LockOut, source: string): number => {
    try {
      lockOut.begin(source)
      return 0
    } catch (error) {
      return Number((error as HubError).context.seconds)
    }
  }

  it('[A8] a source waits longer and longer, to the millisecond, and starts anew when it was quiet', async () => {
    const clock = new TestClock()
    const lockOut = new LockOut(clock)
    for (let tries = 0; tries < lockOutLimits.freeTries; tries++) expect(secondsOf(lockOut, phone)).toBe(0)
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const seconds = secondsOf(lockOut, phone)
      waits.push(seconds)
      await clock.advance(seconds * 1000 - 1)
      expect(secondsOf(lockOut, phone)).toBe(1)
      await clock.advance(1)
      expect(secondsOf(lockOut, phone)).toBe(0)
    }
    expect(waits).toEqual([15, 30, 60, 120, 240, 480, 900, 900])
    expect(secondsOf(lockOut, till)).toBe(0)
    await clock.advance(lockOutLimits.forgetMs)
    for (let tries = 0; tries < lockOutLimits.freeTries; tries++) expect(secondsOf(lockOut, phone)).toBe(0)
    expect(secondsOf(lockOut, phone)).toBe(15)
  })

  it('[A8] many tries at once are many tries, and right ones are none', () => {
    const lockOut = new LockOut(new TestClock())
    for (let tries = 0; tries < 20; tries++) lockOut.begin(till)()
    const at = Array.from({ length: 10 }, () => secondsOf(lockOut, till))
    expect(at).toEqual([0, 0, 0, 0, 15, 15, 15, 15, 15, 15])
  })

  it('[A8] remembers so many sources and no more', () => {
    const lockOut = new LockOut(new TestClock())
    for (let tries = 0; tries < lockOutLimits.freeTries; tries++) lockOut.begin(phone)
    for (let number = 1; number < lockOutLimits.sourcesMax; number++) lockOut.begin(`source ${number}`)
    expect(secondsOf(lockOut, phone)).toBe(15)
    for (let number = 0; number < lockOutLimits.sourcesMax; number++) lockOut.begin(`other ${number}`)
    expect(secondsOf(lockOut, phone)).toBe(0)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('[A8] %s counts as %s', (address, key) => {
    expect(sourceKey(address)).toBe(key)
  })

  it('[A8] who guesses a name is locked out; its owner gets in from elsewhere, a little later', async () => {
    bench = await HubBench.start()
    for (let number = 0; number < 40; number++)
      expect(
        await codeOf(Promise.race([logIn('Ada', 'wrong', `10.0.${number}.1`), moving(bench, 2_000)])),
      ).toBe('login_failed')
    for (let tries = 0; tries < 3; tries++)
      await codeOf(Promise.race([logIn('Ada', 'x', phone), moving(bench, 2_000)]))
    await codeOf(Promise.race([logIn('Ada', 'x', phone), moving(bench, 2_000)]))
    expect(await codeOf(logIn('Ada', benchPassword, phone))).toBe('locked_out')
    const late = logIn()
    let done = false
    void late.then(() => {
      done = true
    })
    await bench.clock.advance(lockOutLimits.nameDelayMsMax - 1)
    expect(done).toBe(false)
    await bench.clock.advance(1)
    expect((await late).role).toBe('owner')
    // The right password has cleared it: no wait any more.
    expect((await logIn()).role).toBe('owner')
  })
})

/** Lets time pass until the other promise of a race has settled. */
async function moving(on: HubBench, ms: number): Promise<never> {
  await on.clock.advance(ms)
  return new Promise(() => {})
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

async function payloadOf(dir: string, id: string): Promise<string> {
  const store = await openStore({ dir, inline: true })
  const row = await store.jobs.get(id)
  await store.close()
  return row?.payload ?? ''
}
