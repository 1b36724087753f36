/** The SQL of drafts: orders that all tills share, with a version against lost changes and a lease against two who pay. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import { tillLimits } from '../../protocol/till/amounts.ts'
import type { Append } from '../ledger.ts'
import type { DraftChange, DraftExpectation, DraftRow } from './contract.ts'
import { registerCounters } from './counters.ts'

export const draftLimits = {
  /** Tracking numbers run from 1 to this and come round again. */
  trackingMax: 999,
  /** Drafts of a session: lists look through them. */
  draftsMax: 5_000,
} as const

/** A draft as its columns hold it. */
export type DraftRecord = Omit<DraftRow, 'held'> & {
  heldClient: string | null
  heldBy: string | null
  heldUntil: number | null
}

/** An entry whose body is JSON text already. */
export interface EntryRecord {
  kind: string
  body: string
  at: number
}

const columns = `id, register, session, table_id AS "table", customer, label, tracking, version, total, employee,
  created_at AS "createdAt", updated_at AS "updatedAt", held_client AS "heldClient", held_by AS "heldBy",
  held_until AS "heldUntil", doc_json AS doc`

/** What orders that are being paid need to know of drafts. */
export function draftKeeping(db: DatabaseSync) {
  const select = db.prepare(`SELECT ${columns} FROM till_drafts WHERE id = ?`)
  const selectPaid = db.prepare('SELECT 1 FROM till_orders WHERE id = ?')
  const selectCancelled = db.prepare('SELECT 1 FROM till_cancelled WHERE id = ?')
  const remove = db.prepare('DELETE FROM till_drafts WHERE id = ?')
  const get = (id: string) => select.get(id) as unknown as DraftRecord | undefined
  return {
    get,
    remove: (id: string) => remove.run(id),
    refuseCancelled(id: string): void {
      if (selectCancelled.get(id) !== undefined) throw new HubError('order_ended', { state: 'cancelled' })
    },
    refusePaid(id: string): void {
      if (selectPaid.get(id) !== undefined) throw new HubError('order_ended', { state: 'paid' })
    },
    /** The draft, when it is as the caller knows it; undefined when there is none and none was expected. */
    expected(id: string, expect: DraftExpectation): DraftRecord | undefined {
      const draft = get(id)
      if (draft === undefined) {
        if (expect.version !== 0) throw new HubError('till_unknown', { kind: 'order', id })
        return undefined
      }
      refuseHeld(draft, expect.client, expect.now)
      if (draft.version !== expect.version) {
        throw new HubError('order_changed', { version: draft.version })
      }
      return draft
    },
  }
}

/** A lease that ends later than any can was given before the clock was set back: it would keep all others out for hours. */
function refuseHeld(draft: DraftRecord, client: string, now: number): void {
  const { heldClient, heldBy, heldUntil } = draft
  if (heldClient === null || heldClient === client || heldUntil === null) return
  if (heldUntil <= now || heldUntil > now + tillLimits.holdMsMax) return
  throw new HubError('order_held', { by: heldBy, until: new Date(heldUntil).toISOString() })
}

export function draftOperations(db: DatabaseSync, append: Append) {
  const drafts = draftKeeping(db)
  const counters = registerCounters(db)
  const put = db.prepare(
    `INSERT INTO till_drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?)
     ON CONFLICT (id) DO UPDATE SET register = excluded.register, session = excluded.session, table_id = excluded.table_id,
       customer = excluded.customer, label = excluded.label, tracking = excluded.tracking, version = excluded.version,
       total = excluded.total, employee = excluded.employee, updated_at = excluded.updated_at, doc_json = excluded.doc_json`,
  )
  const countDrafts = db.prepare('SELECT count(*) AS drafts FROM till_drafts WHERE session = ?')
  const insertCancelled = db.prepare('INSERT INTO till_cancelled VALUES (?, ?)')
  const selectHead = db.prepare('SELECT seq FROM ledger_head')
  const selectSession = db.prepare('SELECT register, closed_at FROM till_sessions WHERE id = ?')
  const countCancelled = db.prepare(
    'UPDATE till_sessions SET cancelled = cancelled + 1, last_seq = ? WHERE id = ?',
  )
  const lease = db.prepare('UPDATE till_drafts SET held_client = ?, held_by = ?, held_until = ? WHERE id = ?')
  const selectHeld = db.prepare('SELECT id FROM till_drafts WHERE held_client = ? ORDER BY created_at, id')

  const mustHave = (id: string): DraftRecord => {
    const draft = drafts.get(id)
    if (draft !== undefined) return draft
    drafts.refusePaid(id)
    drafts.refuseCancelled(id)
    throw new HubError('till_unknown', { kind: 'order', id })
  }
  /** Throws when there would be too many of a session. */
  const checkRoom = (changes: readonly DraftChange[]): void => {
    const more = new Map<string, number>()
    const count = (session: string, by: number) => more.set(session, (more.get(session) ?? 0) + by)
    for (const { put: wanted, remove, expect } of changes) {
      const ended = remove === undefined ? undefined : drafts.get(remove)
      if (ended !== undefined) count(ended.session, -1)
      if (wanted !== undefined && expect.version === 0) count(wanted.session, 1)
    }
    for (const [session, by] of more) {
      if (by <= 0 || Number(countDrafts.get(session)?.drafts) + by <= draftLimits.draftsMax) continue
      const reason = `would be one of more than ${draftLimits.draftsMax} open orders; pay or cancel some`
      throw new HubError('till_invalid', { path: 'id', reason })
    }
  }
  const check = ({ put: wanted, remove, expect }: DraftChange, seen: Set<string>): void => {
    for (const id of [wanted?.id, remove]) {
      if (id === undefined) continue
      if (seen.has(id))
        throw new HubError('till_invalid', { path: id, reason: 'is changed twice in one step' })
      seen.add(id)
      drafts.refusePaid(id)
      drafts.refuseCancelled(id)
      const draft = drafts.expected(id, expect)
      if (id === remove && draft === undefined) throw new HubError('till_unknown', { kind: 'order', id })
    }
    if (wanted === undefined) return
    const session = selectSession.get(wanted.session)
    if (session === undefined || session.closed_at !== null || session.register !== wanted.register) {
      throw new HubError('session_closed', { register: wanted.register })
    }
  }
  const nextTracking = (register: string): number => {
    const lastTracking = (counters.of(register).lastTracking % draftLimits.trackingMax) + 1
    counters.set(register, { lastTracking })
    return lastTracking
  }
  const save = (row: Omit<DraftRow, 'held'>): DraftRecord => {
    const before = drafts.get(row.id)
    const tracking = row.tracking || before?.tracking || nextTracking(row.register)
    const { id, register, session, table, customer, label, total, employee, createdAt, updatedAt, doc } = row
    const version = (before?.version ?? 0) + 1
    const shown = [table, customer, label, tracking, version, total, employee]
    put.run(id, register, session, ...shown, createdAt, updatedAt, doc)
    return mustHave(id)
  }
  const hold = (id: string, client: string | null, by: string | null, until: number | null): DraftRecord => {
    lease.run(client, by, until, id)
    return mustHave(id)
  }

  return {
    reads: { 'drafts.get': (id: string) => drafts.get(id) },
    writes: {
      'drafts.change': (changes: readonly DraftChange[], entries: readonly EntryRecord[]): DraftRecord[] => {
        const seen = new Set<string>()
        for (const change of changes) check(change, seen)
        checkRoom(changes)
        for (const { kind, body, at } of entries) append(kind, body, at)
        const seq = Number(selectHead.get()?.seq)
        const cancelling = entries.some(({ kind }) => kind === 'order.cancelled')
        for (const { remove } of changes) {
          if (remove === undefined) continue
          if (cancelling) countCancelled.run(seq, mustHave(remove).session)
          drafts.remove(remove)
          insertCancelled.run(remove, seq)
        }
        return changes.flatMap((change) => (change.put === undefined ? [] : [save(change.put)]))
      },
      'drafts.hold': (
        id: string,
        { client, by, until }: { client: string; by: string; until: number },
        now: number,
      ) => {
        refuseHeld(mustHave(id), client, now)
        return hold(id, client, by, until)
      },
      'drafts.release': (id: string, client: string) =>
        drafts.get(id)?.heldClient === client ? hold(id, null, null, null) : undefined,
      'drafts.releaseAll': (client: string) =>
        selectHeld.all(client).map(({ id }) => hold(String(id), null, null, null)),
    },
  }
}
