/** What every Store and every EventLog must do, whichever thread it runs in. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { HubError } from '../../src/protocol/errors.ts'
import { type EventLog, type Store, storeLimits } from '../../src/store/store.ts'
import { testFolder } from '../store/support/folder.ts'
import { deviceRow, eventRows, jobRow, sessionRow, tokenRow, userRow } from '../store/support/rows.ts'

export interface StoreMaker {
  store(dir: string): Promise<Store>
  log(dir: string): Promise<EventLog>
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof HubError ? error.code : `not a HubError: ${String(error)}`
}

export function storeContract(name: string, make: StoreMaker): void {
  async function opened(dir?: string): Promise<Store> {
    const store = await make.store(dir ?? (await testFolder()))
    onTestFinished(() => store.close())
    return store
  }

  describe(`store contract, ${name}: jobs`, () => {
    it('[ST1] keeps a whole row over closing and opening', async () => {
      const dir = await testFolder()
      const row = jobRow('full', {
        state: 'failed',
        outcome: { confirmed: false, settledBy: 'person' },
        error: {
          code: 'paper_out',
          message: 'out',
          who: 'operator',
          context: { device: 'ž', n: 1, no: null },
        },
        attempts: 3,
        finishedAt: 1_500,
        movedFrom: 'other',
        evidence: 'counter=7',
      })
      const first = await make.store(dir)
      await first.jobs.insert(row)
      await first.close()
      expect(await (await opened(dir)).jobs.get('full')).toEqual(row)
    })

    it('[ST1] keeps a minimal row without inventing fields', async () => {
      const store = await opened()
      await store.jobs.insert(jobRow('bare'))
      expect(Object.keys((await store.jobs.get('bare'))!).sort()).toEqual(Object.keys(jobRow('bare')).sort())
      expect(await store.jobs.get('absent')).toBeUndefined()
    })

    it('[ST4] refuses a taken id and leaves the first row as it is', async () => {
      const { jobs } = await opened()
      await jobs.insert(jobRow('a'))
      expect(await codeOf(jobs.insert(jobRow('a', { payload: '{"text":"other"}' })))).toBe('job_conflict')
      expect((await jobs.get('a'))?.payload).toBe('{"text":"a"}')
    })

    it('[ST2] a refused operation does not undo its neighbours of the same commit', async () => {
      const { jobs } = await opened()
      await jobs.insert(jobRow('taken'))
      const settled = await Promise.allSettled([
        jobs.insert(jobRow('before')),
        jobs.insert(jobRow('taken')),
        jobs.update('absent', { attempts: 1 }),
        jobs.insert(jobRow('after')),
      ])
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
      expect((await jobs.list({ limit: 10 })).rows.map(({ id }) => id)).toEqual(['after', 'before', 'taken'])
    })

    it('[ST2] neither does one that breaks a rule of the database', async () => {
      const store = await opened()
      const settled = await Promise.allSettled([
        store.jobs.insert(jobRow('before')),
        store.access.insertToken(tokenRow('t')),
        store.access.insertToken(tokenRow('t')),
        store.jobs.insert(jobRow('odd', { state: 'nonsense' as 'done' })),
        store.jobs.insert(jobRow('after')),
      ])
      expect(settled.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect((await store.jobs.list({ limit: 10 })).rows.map(({ id }) => id)).toEqual(['after', 'before'])
    })

    it('[ST5] an update changes what it names, and an explicit undefined clears', async () => {
      const { jobs } = await opened()
      await jobs.insert(jobRow('a', { evidence: 'old', movedFrom: 'x' }))
      await jobs.update('a', { state: 'running', attempts: 1, device: 'printer-2' })
      await jobs.update('a', {
        state: 'done',
        outcome: { confirmed: true },
        finishedAt: 1_200,
        ...({ evidence: undefined } as object),
      })
      const expected = jobRow('a', {
        state: 'done',
        attempts: 1,
        device: 'printer-2',
        outcome: { confirmed: true },
        finishedAt: 1_200,
        movedFrom: 'x',
      })
      expect(await jobs.get('a')).toEqual(expected)
      await jobs.update('a', {})
      expect(await jobs.get('a')).toEqual(expected)
    })

    it('[ST4] an update of an unknown job is refused', async () => {
      const { jobs } = await opened()
      expect(await codeOf(jobs.update('nobody', { attempts: 1 }))).toBe('job_unknown')
    })

    it('[ST3] a read sees the writes called before it, unwaited', async () => {
      const { jobs } = await opened()
      const inserted = jobs.insert(jobRow('a'))
      const updated = jobs.update('a', { attempts: 5 })
      expect((await jobs.get('a'))?.attempts).toBe(5)
      await Promise.all([inserted, updated])
    })

    it('[ST6] lists newest first, page by page, without payloads', async () => {
      const { jobs } = await opened()
      const ids = Array.from({ length: 7 }, (_, index) => `job-${index}`)
      await Promise.all(ids.map((id) => jobs.insert(jobRow(id))))
      const seen: string[] = []
      const pages: number[] = []
      let before: string | undefined
      do {
        const { rows, next } = await jobs.list({ limit: 3, before })
        expect(rows.every(({ payload }) => payload === '')).toBe(true)
        seen.push(...rows.map(({ id }) => id))
        pages.push(rows.length)
        before = next
      } while (before !== undefined)
      expect(seen).toEqual(ids.toReversed())
      expect(pages).toEqual([3, 3, 1])
    })

    it('[ST6] a full last page has no next', async () => {
      const { jobs } = await opened()
      await Promise.all(['a', 'b'].map((id) => jobs.insert(jobRow(id))))
      expect(await jobs.list({ limit: 2 })).not.toHaveProperty('next')
      expect(await jobs.list({ limit: 1 })).toHaveProperty('next')
    })

    it('[ST6] filters by device, by each state, and by both', async () => {
      const { jobs } = await opened()
      const states = ['pending', 'running', 'done', 'failed', 'expired', 'unknown'] as const
      for (const device of ['p1', 'p2']) {
        for (const state of states) await jobs.insert(jobRow(`${device}-${state}`, { device, state }))
      }
      const listed = async (filter: object) =>
        (await jobs.list({ ...filter, limit: 50 })).rows.map(({ id }) => id)
      expect(await listed({ device: 'p1' })).toHaveLength(6)
      for (const state of states) {
        expect(await listed({ state })).toEqual([`p2-${state}`, `p1-${state}`])
        expect(await listed({ state, device: 'p1' })).toEqual([`p1-${state}`])
      }
      expect(await listed({ device: 'p3' })).toEqual([])
    })

    it('[ST6] refuses a cursor and a state that are none', async () => {
      const { jobs } = await opened()
      expect(await codeOf(jobs.list({ limit: 1, before: "1' OR 1=1" }))).toBe('params_invalid')
      expect(await codeOf(jobs.list({ limit: 1, state: "done' --" as 'done' }))).toBe('params_invalid')
    })

    it('[ST7] unended jobs come in order of arrival with payloads, also when they are many and large', async () => {
      const { jobs } = await opened()
      const large = JSON.stringify({ text: 'x'.repeat(1_500_000) })
      const ids = ['c', 'a', 'b', 'e', 'd', 'f', 'g']
      for (const [index, id] of ids.entries()) {
        await jobs.insert(jobRow(id, { payload: large, state: index % 2 === 0 ? 'pending' : 'running' }))
      }
      await jobs.update('b', { state: 'done', finishedAt: 5 })
      const rows = await jobs.unended()
      expect(rows.map(({ id }) => id)).toEqual(['c', 'a', 'e', 'd', 'f', 'g'])
      expect(rows.every(({ payload }) => payload === large)).toBe(true)
    })

    it('[ST7] endedSince gives ended jobs from a moment on, oldest end first, without payloads', async () => {
      const { jobs } = await opened()
      for (const [id, finishedAt] of [
        ['late', 30],
        ['early', 10],
        ['middle', 20],
      ] as const) {
        await jobs.insert(jobRow(id, { state: 'done', finishedAt }))
      }
      await jobs.insert(jobRow('open'))
      const ids = async (since: number, limit: number) =>
        (await jobs.endedSince(since, limit)).map(({ id }) => id)
      expect(await ids(10, 10)).toEqual(['early', 'middle', 'late'])
      expect(await ids(11, 10)).toEqual(['middle', 'late'])
      expect(await ids(0, 2)).toEqual(['early', 'middle'])
      expect((await jobs.endedSince(0, 1))[0]?.payload).toBe('')
    })
  })

  describe(`store contract, ${name}: access, devices, ledger, meta`, () => {
    it('[ST9] finds a token by its hash until it is deleted', async () => {
      const { access } = await opened()
      await access.insertToken(tokenRow('a'))
      await access.insertToken(tokenRow('b', { createdAt: 999, lastUsedAt: 5 }))
      expect(await access.tokenByHash('hash of a')).toEqual(tokenRow('a'))
      expect(await access.tokens()).toEqual([tokenRow('b', { createdAt: 999, lastUsedAt: 5 }), tokenRow('a')])
      expect(await access.deleteToken('a')).toBe(true)
      expect(await access.deleteToken('a')).toBe(false)
      expect(await access.tokenByHash('hash of a')).toBeUndefined()
    })

    it('[ST9] a touch makes no commit of its own, is seen at once, and is kept', async () => {
      const dir = await testFolder()
      const first = await make.store(dir)
      await first.access.insertToken(tokenRow('a'))
      const { commits } = first.stats
      await first.access.touchToken('a', 2_000)
      await first.access.touchToken('a', 1_500)
      expect((await first.access.tokenByHash('hash of a'))?.lastUsedAt).toBe(2_000)
      expect((await first.access.tokens())[0]?.lastUsedAt).toBe(2_000)
      expect(first.stats.commits).toBe(commits)
      await first.setMeta('any', 'write')
      expect(first.stats.commits).toBe(commits + 1)
      await first.access.touchToken('a', 3_000)
      await first.access.touchToken('a', 2_500)
      await first.close()
      expect((await (await opened(dir)).access.tokens())[0]?.lastUsedAt).toBe(3_000)
    })

    it('[ST10] a pairing code works once, and not from its expiry on', async () => {
      const { access } = await opened()
      const code = { hash: 'h', role: 'technician', name: 'Till', expiresAt: 100 } as const
      await access.insertPairCode(code)
      expect(await access.takePairCode('other', 99)).toBeUndefined()
      expect(await access.takePairCode('h', 99)).toEqual(code)
      expect(await access.takePairCode('h', 99)).toBeUndefined()
      await access.insertPairCode({ hash: 'h2', role: 'cashier', expiresAt: 100 })
      expect(await access.takePairCode('h2', 100)).toBeUndefined()
      expect(await access.takePairCode('h2', 50)).toBeUndefined()
    })

    it('[ST10] of two takers of a code one gets it; clearing drops all', async () => {
      const { access } = await opened()
      const code = { hash: 'h', role: 'cashier', expiresAt: 100 } as const
      await access.insertPairCode(code)
      const taken = await Promise.all([access.takePairCode('h', 1), access.takePairCode('h', 1)])
      expect(taken).toEqual([code, undefined])
      await access.insertPairCode(code)
      await access.clearPairCodes()
      expect(await access.takePairCode('h', 1)).toBeUndefined()
    })

    it('[ST9] changes what it names of a token, and keeps devices and addresses', async () => {
      const dir = await testFolder()
      const first = await make.store(dir)
      await first.access.insertToken(tokenRow('a', { devices: ['one', 'two'] }))
      await first.access.touchToken('a', 2_000, '10.0.0.1')
      await first.access.touchToken('a', 1_000, '10.0.0.2')
      expect(await first.access.changeToken('a', { name: 'Bar' })).toMatchObject({
        name: 'Bar',
        devices: ['one', 'two'],
      })
      expect(await codeOf(first.access.changeToken('nobody', { name: 'x' }))).toBe('token_unknown')
      await first.close()
      const { access } = await opened(dir)
      expect(await access.tokens()).toEqual([
        tokenRow('a', { name: 'Bar', devices: ['one', 'two'], lastUsedAt: 2_000, lastUsedFrom: '10.0.0.1' }),
      ])
      expect('devices' in (await access.changeToken('a', { devices: null }))).toBe(false)
      await access.insertPairCode({ hash: 'h', role: 'cashier', devices: ['one'], expiresAt: 9 })
      expect((await access.takePairCode('h', 1))?.devices).toEqual(['one'])
    })

    it('[ST29] users keep apart by name, and one owner stays', async () => {
      const { access } = await opened()
      await access.insertUser(userRow('a', { name: 'Žofie', role: 'owner' }))
      expect(await codeOf(access.insertUser(userRow('b', { name: 'žOFIE' })))).toBe('user_exists')
      await access.insertUser(userRow('b'))
      expect((await access.userByName('ŽOFIE'))?.id).toBe('a')
      expect(await codeOf(access.changeUser('b', { name: 'žofie' }))).toBe('user_exists')
      expect((await access.changeUser('a', { name: 'žofie' })).name).toBe('žofie')
      expect(await codeOf(access.changeUser('a', { role: 'monitor' }))).toBe('owner_last')
      expect(await codeOf(access.deleteUser('a'))).toBe('owner_last')
      expect(await codeOf(access.changeUser('nobody', { name: 'x' }))).toBe('user_unknown')
      await access.userLoggedIn('a', 5_000, '10.0.0.1')
      expect(await access.users()).toEqual([
        userRow('a', { name: 'žofie', role: 'owner', lastLoginAt: 5_000, lastLoginFrom: '10.0.0.1' }),
        userRow('b'),
      ])
      await access.insertSession(sessionRow('s', { user: 'b' }))
      await access.deleteUser('b')
      expect(await access.sessionByHash('hash of s')).toBeUndefined()
    })

    it('[ST29] a set-up code makes one owner, or makes one of a user, and ends its sessions', async () => {
      const store = await opened()
      const { access } = store
      const owner = userRow('a', { role: 'owner', password: 'first' })
      expect(await access.setUpOwner('code', 'h', owner)).toBeUndefined()
      await store.setMeta('code', 'h')
      expect(await access.setUpOwner('code', 'other', owner)).toBeUndefined()
      const takers = [access.setUpOwner('code', 'h', owner), access.setUpOwner('code', 'h', userRow('b'))]
      expect(await Promise.all(takers)).toEqual([owner, undefined])
      await access.insertUser(userRow('c', { name: 'Cleo' }))
      await access.insertSession(sessionRow('s', { user: 'c' }))
      await store.setMeta('code', 'h')
      const again = await access.setUpOwner('code', 'h', userRow('new', { name: 'CLEO', password: 'second' }))
      expect(again).toMatchObject({ id: 'c', name: 'CLEO', role: 'owner', password: 'second' })
      expect(await access.sessions()).toEqual([])
      expect(await store.getMeta('code')).toBeUndefined()
    })

    it('[ST30] sessions end by time and number, one by one and together', async () => {
      const { access } = await opened()
      await access.insertUser(userRow('a'))
      await access.insertSession(sessionRow('old', { expiresAt: 2_000 }))
      await access.insertSession(sessionRow('one', { createdAt: 1_999 }))
      const ids = async () => (await access.sessions()).map(({ id }) => id)
      expect(await ids()).toEqual(['old', 'one'])
      await access.insertSession(sessionRow('two', { createdAt: 2_000 }))
      expect(await ids()).toEqual(['one', 'two'])
      await access.touchSession('one', 7_000)
      await access.touchSession('one', 6_000)
      expect((await access.sessionByHash('hash of one'))?.lastUsedAt).toBe(7_000)
      for (let number = 0; number < storeLimits.sessionsMax - 1; number++)
        await access.insertSession(sessionRow(`n${number}`, { createdAt: 3_000, lastUsedAt: 3_000 + number }))
      const kept = await ids()
      expect([kept.length, kept.includes('one'), kept.includes('two')]).toEqual([
        storeLimits.sessionsMax,
        true,
        false,
      ])
      expect([await access.deleteSession('one'), await access.deleteSession('one')]).toEqual([true, false])
      expect(await access.deleteSessionsOf('a', 'n7')).toHaveLength(storeLimits.sessionsMax - 2)
      expect(await ids()).toEqual(['n7'])
      expect([await access.clearSessions(), await access.clearSessions()]).toEqual([1, 0])
    })

    it('[ST31] keeps origins', async () => {
      const { access } = await opened()
      const row = {
        origin: 'https://a.example',
        allowed: false,
        refused: 2,
        lastSeenAt: 5,
        lastSeenFrom: 'x',
      }
      await access.putOrigin(row)
      await access.putOrigin({ origin: 'https://b.example', allowed: true, refused: 0 })
      await access.putOrigin({ ...row, allowed: true })
      expect(await access.origins()).toEqual([
        { ...row, allowed: true },
        { origin: 'https://b.example', allowed: true, refused: 0 },
      ])
      expect([await access.deleteOrigin(row.origin), await access.deleteOrigin(row.origin)]).toEqual([
        true,
        false,
      ])
    })

    it('[ST31] appends to the audit log, fills in results and counts, and reads it backwards', async () => {
      const { access } = await opened()
      const entry = (act: string, who: string | null = null) => ({
        at: 1_000,
        who,
        role: 'owner' as const,
        from: '10.0.0.1',
        act,
        detail: { id: 'ž' },
        result: null,
        count: 1,
      })
      const first = await access.appendAudit(entry('device.add', 'Žofie'))
      const second = await access.appendAudit(entry('login'), true)
      await access.finishAudit(first, 'done')
      await access.countAudit(second, 7)
      expect(await access.audit({ limit: 9 })).toEqual([
        { ...entry('login'), id: second, count: 7 },
        { ...entry('device.add', 'Žofie'), id: first, result: 'done' },
      ])
      expect(await access.audit({ limit: 9, before: second })).toHaveLength(1)
      expect(await access.audit({ limit: 9, text: 'LOGIN' })).toHaveLength(1)
      expect(await access.audit({ limit: 9, text: "' OR 1=1 --" })).toEqual([])
      expect(await access.audit({ limit: 1 })).toHaveLength(1)
    })

    it('[ST11] puts, replaces and deletes devices', async () => {
      const { devices } = await opened()
      await devices.put(deviceRow('b', { createdAt: 2, backup: 'a' }))
      await devices.put(deviceRow('a', { createdAt: 1, disabled: true }))
      await devices.put(deviceRow('b', { createdAt: 2, settings: {}, name: 'New' }))
      expect(await devices.all()).toEqual([
        deviceRow('a', { createdAt: 1, disabled: true }),
        deviceRow('b', { createdAt: 2, settings: {}, name: 'New' }),
      ])
      expect(await devices.delete('b')).toBe(true)
      expect(await devices.delete('b')).toBe(false)
    })

    it('[ST11] fences rise for ever, each device its own, also when it is removed and comes back', async () => {
      const { devices } = await opened()
      await devices.put(deviceRow('a'))
      const both = await Promise.all([devices.nextFence('a'), devices.nextFence('a')])
      await devices.delete('a')
      await devices.put(deviceRow('a'))
      expect([...both, await devices.nextFence('a'), await devices.nextFence('b')]).toEqual([1, 2, 3, 1])
    })

    it('[ST12] the ledger numbers and chains its entries, over a restart too', async () => {
      const dir = await testFolder()
      const first = await make.store(dir)
      const entries = await Promise.all(
        Array.from({ length: 3 }, (_, index) => first.ledger.append('sale', { amount: index }, 100 + index)),
      )
      await first.close()
      const { ledger } = await opened(dir)
      entries.push(await ledger.append('refund', { amount: -1 }, 200))
      expect(entries.map(({ seq }) => seq)).toEqual([2, 3, 4, 5])
      // The first entry tells of the key that seals.
      const [key, ...others] = await ledger.after(0, 10)
      expect(key).toMatchObject({ seq: 1, kind: 'key', at: 100 })
      expect(others).toEqual(entries)
      expect(await ledger.after(3, 1)).toEqual([entries[2]])
      expect(new Set(entries.map(({ hash }) => hash)).size).toBe(4)
      expect(entries[0]?.hash).toMatch(/^[0-9a-f]{64}$/)
      expect((await ledger.verify()).broken).toBeUndefined()
    })

    it('[ST1] keeps small values of the hub', async () => {
      const store = await opened()
      expect(await store.getMeta('id')).toBeUndefined()
      await store.setMeta('id', 'one')
      await store.setMeta('id', 'two')
      expect(await store.getMeta('id')).toBe('two')
    })

    it('[ST26] closing settles what is under way; afterwards everything is refused; closing twice is safe', async () => {
      const store = await opened()
      const inserts = Array.from({ length: 20 }, (_, index) => store.jobs.insert(jobRow(`j${index}`)))
      await Promise.all([store.close(), store.close()])
      expect((await Promise.allSettled(inserts)).every(({ status }) => status === 'fulfilled')).toBe(true)
      expect(await codeOf(store.jobs.get('j1'))).toBe('store_unavailable')
      expect(await codeOf(store.setMeta('a', 'b'))).toBe('store_unavailable')
      expect(store.stats.waiting).toBe(0)
    })
  })

  describe(`event log contract, ${name}`, () => {
    async function openedLog(): Promise<EventLog> {
      const log = await make.log(await testFolder())
      onTestFinished(() => log.close())
      return log
    }

    it('[ST22] records rows in order and gives them back', async () => {
      const log = await openedLog()
      expect(log.lastSeq).toBe(0)
      const rows = [...eventRows(1, 2, { device: 'scanner' }), ...eventRows(3, 5)]
      await Promise.all([log.append(rows.slice(0, 2)), log.append(rows.slice(2))])
      await log.append([])
      expect(log.lastSeq).toBe(5)
      expect(await log.after(0, 10)).toEqual(rows)
      expect(await log.after(3, 1)).toEqual([rows[3]])
      expect(await log.after(5, 10)).toEqual([])
    })

    it('[ST22] refuses rows that leave a gap or come twice, and records none of them', async () => {
      const log = await openedLog()
      await log.append(eventRows(1, 3))
      expect(await codeOf(log.append(eventRows(5, 6)))).toBe('store_unavailable')
      expect(await codeOf(log.append(eventRows(3, 4)))).toBe('store_unavailable')
      expect(await codeOf(log.append([...eventRows(4, 4), ...eventRows(6, 6)]))).toBe('store_unavailable')
      expect(log.lastSeq).toBe(3)
      await log.append(eventRows(4, 4))
      expect(await log.after(0, 10)).toHaveLength(4)
    })

    it('[ST27] knows the last state of each job in the newest job events', async () => {
      const log = await openedLog()
      const states = [
        ['a', 'pending'],
        ['b', 'pending'],
        ['a', 'running'],
        ['b', 'failed'],
        ['a', 'done'],
      ]
      let seq = 0
      for (const [id, state] of states) {
        await log.append(eventRows(++seq, seq, { topic: 'job.changed', data: JSON.stringify({ id, state }) }))
        await log.append(eventRows(++seq, seq, { data: JSON.stringify({ id: 'x', state: 'done' }) }))
      }
      expect([...(await log.lastJobStates(10))].sort()).toEqual([
        ['a', 'done'],
        ['b', 'failed'],
      ])
      expect([...(await log.lastJobStates(1))]).toEqual([['a', 'done']])
    })

    it('[ST26] refuses rows after closing', async () => {
      const log = await openedLog()
      await log.close()
      expect(await codeOf(log.append(eventRows(1, 1)))).toBe('store_unavailable')
    })
  })
}
