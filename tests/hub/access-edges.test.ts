/** Access where it is thin: what happens at the same moment, on a full disk, with odd input, and what knocking may not do. */
import { afterEach, describe, expect, it } from 'vitest'
import { Codes, codeLimits } from '../../src/hub/access/codes.ts'
import { connectionLimits } from '../../src/hub/access/connections.ts'
import { LockOut, lockOutLimits } from '../../src/hub/access/lockout.ts'
import { originLimits } from '../../src/hub/access/origins.ts'
import { Passwords, passwordLimits } from '../../src/hub/access/passwords.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { openStore } from '../../src/store/open.ts'
import { type AccessStore, storeLimits } from '../../src/store/store.ts'
import { TestClock } from '../support/clock.ts'
import { benchOwner, benchPassword, cashier, codeOf, HubBench, owner } from '../support/hub-bench.ts'

let bench: HubBench | undefined
afterEach(() => bench?.end())

const till = '192.0.2.1'
const phone = '192.0.2.66'
const password = 'eleven pipers piping'
const access = () => bench!.hub.access
const logIn = (from = till, name = 'Ada', word = benchPassword) =>
  access().logIn({ name, password: word }, from, 'Firefox')
const entries = async () => (await bench!.call('audit.list', {})).entries

/** A bench whose store answers some questions as the test says. */
function withStore(
  owned: boolean,
  change: (access: AccessStore) => Partial<AccessStore>,
  limits: { sessionsMax?: number } = {},
): Promise<HubBench> {
  const openIt = async () => {
    const store = await openStore({ dir: ':memory:', inline: true, limits })
    if (owned) await store.access.insertUser(benchOwner)
    return { ...store, access: { ...store.access, ...change(store.access) } }
  }
  return HubBench.start({ parts: { openStore: openIt } })
}

/** A question whose answer is held until `go`; `asked` settles when it is put. */
function held<T>(ask: () => Promise<T>) {
  const asked = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let first = true
  return {
    asked: asked.promise,
    go: gate.resolve,
    ask: async (): Promise<T> => {
      const answer = await ask()
      if (first) {
        first = false
        asked.resolve()
        await gate.promise
      }
      return answer
    },
  }
}

describe('at the same moment', () => {
  it('[A8] a right try does not take back the time of a wrong one', () => {
    const clock = new TestClock()
    const lockOut = new LockOut(clock)
    const codes: string[] = []
    for (let tries = 0; tries <= lockOutLimits.freeTries; tries++)
      try {
        const right = lockOut.begin(phone)
        lockOut.begin(phone)
        right()
        codes.push('let in')
      } catch (error) {
        codes.push((error as HubError).code)
      }
    expect(codes).toEqual([
      ...Array.from({ length: lockOutLimits.freeTries - 1 }, () => 'let in'),
      'locked_out',
      'locked_out',
    ])
  })

  it('[A8] a right try leaves no trace: the next one need not wait for it', async () => {
    const clock = new TestClock()
    const lockOut = new LockOut(clock)
    for (let tries = 0; tries < lockOutLimits.freeTries; tries++) lockOut.begin(phone)
    await clock.advance(lockOutLimits.waitMsMin)
    expect(() => lockOut.begin(phone)()).not.toThrow()
    expect(() => lockOut.begin(phone)()).not.toThrow()
    await clock.advance(lockOutLimits.forgetMs - lockOutLimits.waitMsMin)
    // Nor do the wrong ones of before count for longer than without it.
    for (let tries = 0; tries < lockOutLimits.freeTries; tries++)
      expect(() => lockOut.begin(phone)).not.toThrow()
  })

  it('[A7] a session that ends while it is looked at lets nobody in', async () => {
    let hold: ReturnType<typeof held<Awaited<ReturnType<AccessStore['users']>>>> | undefined
    bench = await withStore(true, (real) => ({ users: () => hold?.ask() ?? real.users() }))
    const { secret } = await logIn()
    const [session] = (await bench.call('session.list', {}, owner)).sessions
    hold = held(async () => [benchOwner])
    const greeting = access().checkSession(secret)
    await hold.asked
    await bench.call('session.end', { id: session!.id }, owner)
    hold.go()
    expect(await greeting).toBeUndefined()
  })

  it('[A10] a token that is taken back while it is looked at lets nobody in, then and later', async () => {
    let hold: { ask(): Promise<Awaited<ReturnType<AccessStore['tokenByHash']>>> } | undefined
    let real: AccessStore | undefined
    bench = await withStore(true, (store) => {
      real = store
      return { tokenByHash: (hash) => hold?.ask() ?? store.tokenByHash(hash) }
    })
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    const { token } = await access().pair(code, 'bar', till)
    const [row] = await real!.tokens()
    const holding = held(() => real!.tokenByHash(row!.hash))
    hold = holding
    const greeting = access().check(token)
    await holding.asked
    await bench.call('token.revoke', { id: row!.id })
    holding.go()
    expect(await greeting).toBeUndefined()
    expect(await access().check(token)).toBeUndefined()
  })

  it('[A7] a session that makes room for another one closes its connections', async () => {
    bench = await withStore(true, () => ({}), { sessionsMax: 2 })
    const closed: string[] = []
    access().onRevoked((id) => closed.push(id))
    const first = await logIn()
    const { client } = (await access().checkSession(first.secret))!
    for (let more = 0; more < 2; more++) {
      await bench.clock.advance(1_000)
      await logIn()
    }
    expect(closed).toEqual([client])
    expect(await access().checkSession(first.secret)).toBeUndefined()
  })
})

describe('who comes and goes', () => {
  const told = () => bench!.events.filter(({ topic }) => topic === 'access.changed').length
  const { tellEveryMs } = connectionLimits

  it('[A10] is told at once, and then once a second at most', async () => {
    bench = await HubBench.start()
    const caller = { ...cashier, from: till }
    const before = told()
    const leave = access().connected(caller)
    await bench.settle()
    expect(told()).toBe(before + 1)
    expect(bench.events.at(-1)?.data).toEqual({ what: 'tokens' })
    access().connected(caller)()
    await bench.clock.advance(tellEveryMs)
    expect(told()).toBe(before + 1)
    leave()
    for (let times = 0; times < 50; times++) access().connected(caller)()
    await bench.settle()
    expect(told()).toBe(before + 2)
    await bench.clock.advance(tellEveryMs - 1)
    expect(told()).toBe(before + 2)
    await bench.clock.advance(1)
    expect(told()).toBe(before + 3)
    await bench.clock.advance(10 * tellEveryMs)
    expect(told()).toBe(before + 3)
  })

  it('[A10] people at the console are nobody who comes, and a stop leaves no timer', async () => {
    bench = await HubBench.start()
    access().connected(owner)()
    await bench.settle()
    expect(told()).toBe(0)
    access().connected(cashier)()
    await bench.stop()
    const { pending } = bench.clock
    access().connected(cashier)()
    access().refused('token', phone, {})
    expect(bench.clock.pending).toBe(pending)
  })
})

describe('knocking', () => {
  it('[A8] a queue that is full is nobody’s wrong guess', async () => {
    bench = await HubBench.start()
    const { atOnceMax, waitingMax } = passwordLimits
    const crowd = Array.from({ length: atOnceMax + waitingMax }, (_, number) =>
      codeOf(logIn(`10.0.${number}.1`, 'Ada', 'wrong')),
    )
    const own = Array.from({ length: lockOutLimits.freeTries }, () => codeOf(logIn()))
    expect(await Promise.all(own)).toEqual(own.map(() => 'rate_limited'))
    await Promise.all(crowd)
    const late = codeOf(logIn())
    await bench.clock.advance(lockOutLimits.nameDelayMsMax)
    expect(await late).toBe('no error')
  })

  it('[A8] a name is the same name in whichever letters it is written', async () => {
    const clock = new TestClock()
    const lockOut = new LockOut(clock)
    for (let tries = 0; tries < lockOutLimits.nameTries; tries++) lockOut.wrongFor('ＡＤＡ')
    let done = false
    void lockOut.delay('ada').then(() => {
      done = true
    })
    await clock.advance(lockOutLimits.nameDelayMsMin - 1)
    expect(done).toBe(false)
    await clock.advance(1)
    expect(done).toBe(true)
  })

  it('[A15] whoever may call user.password cannot push acts out of the audit log with it', async () => {
    bench = await HubBench.start()
    const next = password
    for (let times = 0; times < 20; times++)
      expect(await codeOf(bench.call('user.password', { current: 'x', next }, cashier))).toBe('user_unknown')
    expect(await entries()).toEqual([])
    const ada = { ...owner, from: till }
    const tries = { right: { current: benchPassword, next }, wrong: { current: 'wrong', next } }
    for (let times = 0; times < 3; times++)
      expect(await codeOf(bench.call('user.password', tries.wrong, ada))).toBe('password_wrong')
    await bench.call('user.password', tries.right, ada)
    expect((await entries()).map(({ act, who, result, count }) => [act, who, result, count])).toEqual([
      ['user.password', 'Ada', 'done', 1],
      ['user.password', 'Ada', 'password_wrong', 3],
    ])
  })

  it('[A8] guessing the own password counts for the lock-out', async () => {
    bench = await HubBench.start()
    const ada = { ...owner, from: phone }
    const wrong = { current: 'wrong', next: password }
    for (let times = 0; times < lockOutLimits.freeTries; times++)
      expect(await codeOf(bench.call('user.password', wrong, ada))).toBe('password_wrong')
    expect(await codeOf(bench.call('user.password', { ...wrong, current: benchPassword }, ada))).toBe(
      'locked_out',
    )
    expect(await codeOf(logIn(phone))).toBe('locked_out')
    expect(await codeOf(logIn(till))).toBe('no error')
  })

  it('[A6] what was typed for a name is told of users only: it may be a password', async () => {
    bench = await HubBench.start()
    expect(await codeOf(logIn(phone, 'my secret phrase', 'x'))).toBe('login_failed')
    expect(await codeOf(logIn(till, 'aDA', 'x'))).toBe('login_failed')
    expect((await entries()).map(({ from, detail }) => [from, detail])).toEqual([
      [till, { name: 'Ada' }],
      [phone, {}],
    ])
  })

  it('[A9] many guesses at once are many guesses: behind five wrong ones the right one is worth nothing', async () => {
    bench = await HubBench.start()
    const { code } = await bench.call('pair.code', { role: 'cashier' })
    const wrong = Array.from({ length: 10 }, (_, number) =>
      `${(Number(code) + number + 1) % 1_000_000}`.padStart(6, '0'),
    )
    const guesses = [...wrong.slice(0, codeLimits.wrongMax), code]
    const answers = guesses.map((guess, number) => codeOf(access().pair(guess, 'x', `10.0.${number}.1`)))
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['pair_code_invalid']))
    expect((await bench.call('token.list', {})).tokens).toEqual([])
  })

  it('[A9] a code made at the box is good although others died of wrong tries just before', async () => {
    bench = await HubBench.start()
    for (let number = 0; number < codeLimits.wrongMax; number++)
      expect(await codeOf(access().pair(`wrong ${number}`, 'x', `10.0.${number}.1`))).toBe(
        'pair_code_invalid',
      )
    const store = await openStore({ dir: bench.dir, inline: true })
    const { code } = await new Codes({ store, clock: bench.clock }).make(
      { role: 'cashier' },
      codeLimits.boxMs,
    )
    await store.close()
    expect(await codeOf(access().pair(code, 'x', till))).toBe('no error')
  })

  it('[A9] so many open codes and no more, so that guessing one stays hard', async () => {
    bench = await HubBench.start()
    const codes: string[] = []
    for (let number = 0; number <= storeLimits.pairCodesMax; number++) {
      codes.push((await bench.call('pair.code', { role: 'cashier' })).code)
      await bench.clock.advance(1)
    }
    const [first = '', second = ''] = codes
    expect(await codeOf(access().pair(first, 'x', till))).toBe('pair_code_invalid')
    expect(await codeOf(access().pair(second, 'x', till))).toBe('no error')
  })

  it.each([
    [originLimits.charsMax, 1],
    [originLimits.charsMax + 1, 0],
  ])('[A13] an origin of %d characters is listed %d times', async (characters, times) => {
    bench = await HubBench.start()
    const labels = `${'a'.repeat(60)}.`.repeat(5)
    const origin = `https://${labels}`.slice(0, characters - 2).padEnd(characters, 'a')
    expect([origin.length, new URL(origin).origin]).toEqual([characters, origin])
    expect(access().originAllowed(origin, phone)).toBe(false)
    const { origins } = await bench.call('origin.list', {})
    expect(origins).toHaveLength(times)
    for (const listed of origins) await bench.call('origin.remove', { origin: listed.origin })
  })
})

describe('a weak password', () => {
  it('[A5] makes nobody an owner or a user, and leaves the code good', async () => {
    bench = await HubBench.start({ owner: false })
    const setUp = (word: string) => {
      const code = bench!.hub.setUpCode()!
      return codeOf(access().setUpOwner({ code, name: 'Grace', password: word }, till, 'Firefox'))
    }
    expect(await setUp('1234567890')).toBe('password_weak')
    expect(access().setUp).toBe(false)
    expect(await setUp(password)).toBe('no error')
    const add = { name: 'Bob', role: 'monitor' } as const
    expect(await codeOf(bench.call('user.add', { ...add, password: 'bob is bob is' }, owner))).toBe(
      'password_weak',
    )
    const { id } = await bench.call('user.add', { ...add, password }, owner)
    const change = (more: { name?: string; password: string }) =>
      codeOf(bench!.call('user.change', { id, ...more }, owner))
    expect(await change({ password: 'aaaaaaaaaaaa' })).toBe('password_weak')
    expect(await change({ name: 'Robert', password: 'i am robert' })).toBe('password_weak')
    const { role, secret } = await logIn(till, 'Bob', password)
    expect(role).toBe('monitor')
    expect(await change({ password: 'twelve drummers' })).toBe('no error')
    expect(await access().checkSession(secret)).toBeUndefined()
  })
})

describe('a disk that takes nothing, or gives back something odd', () => {
  const refuse = () => Promise.reject(new HubError('store_unavailable', { reason: 'no space' }))

  it('[A14] nobody becomes the owner unrecorded, and the code is good for another try', async () => {
    let full = true
    bench = await withStore(false, (real) => ({
      appendAudit: (...row) => (full && row[1] !== true ? refuse() : real.appendAudit(...row)),
    }))
    const setUp = () =>
      codeOf(access().setUpOwner({ code: bench!.hub.setUpCode()!, name: 'Grace', password }, till, 'Firefox'))
    for (let times = 0; times <= lockOutLimits.freeTries; times++)
      expect(await setUp()).toBe('store_unavailable')
    expect(access().setUp).toBe(false)
    expect((await bench.call('user.list', {}, owner)).users).toEqual([])
    full = false
    expect(await setUp()).toBe('no error')
    expect((await entries()).map(({ act, who, result }) => [act, who, result])).toEqual([
      ['setup', 'Grace', 'done'],
    ])
  })

  it.each([
    '$scrypt$ln=4,r=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$A',
    '$scrypt$ln=4,r=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$AAAA',
    '$scrypt$ln=0,r=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$tiAEYQdccGlx6irNd8kZ1fpoZM61sRp14f2QqFmdMjo',
    '$scrypt$ln=4,r=99,p=99$BwcHBwcHBwcHBwcHBwcHBw$tiAEYQdccGlx6irNd8kZ1fpoZM61sRp14f2QqFmdMjo',
    '$scrypt$ln=4,r=1,p=0$BwcHBwcHBwcHBwcHBwcHBw$tiAEYQdccGlx6irNd8kZ1fpoZM61sRp14f2QqFmdMjo',
    '',
  ])('[A5] the damaged hash %s is the password of nobody, and no error', async (stored) => {
    expect(await new Passwords().matches(benchPassword, stored)).toBe(false)
  })

  it('[A5] the same letters are the same password, however the keyboard writes them', async () => {
    const passwords = new Passwords()
    const stored = await passwords.hash('Grüße aus Žižkov'.normalize('NFC'))
    expect(await passwords.matches('Grüße aus Žižkov'.normalize('NFD'), stored)).toBe(true)
  })

  it('[A5] the hash of the bench is one that fits', async () => {
    expect(await new Passwords().matches(benchPassword, benchOwner.password)).toBe(true)
  })
})
