/** The SQL of the outbox: what an upstream has taken up of the ledger, in which order it may be sent, and how far it is. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { OutboxState } from '../../protocol/till/upstream.ts'
import type { Books } from '../books.ts'
import type { OutboxEntry, OutboxRow, OutboxStore, UpstreamRow } from './contract.ts'
import { type Need, needsOf } from './outbox-needs.ts'

/** Rows looked at in one step for those that are due. */
const scanRowsMax = 500

export interface OutboxPage {
  upstream: string
  state: OutboxState | undefined
  before: number | undefined
  limit: number
}

type Taken = Omit<OutboxEntry, 'needs'>
type Stored = Pick<OutboxRow, 'seq' | 'kind' | 'ref' | 'state' | 'remote' | 'nextAt' | 'waitsFor'>

const columns = `upstream, till_outbox.seq AS seq, till_outbox.kind AS kind, ref, state, attempts, reason, remote,
  next_at AS "nextAt", waits_for AS "waitsFor"`
/** Without its index the planner walks all that was ever sent. */
const withEntry = (index: string) =>
  `${columns}, ledger.at AS at, ledger.hash AS hash, ledger.body AS body
   FROM till_outbox INDEXED BY ${index} JOIN ledger ON ledger.seq = till_outbox.seq`
const takenKinds = "('customer', 'session.opened', 'order', 'invoice', 'cash', 'session.closed')"

export function outboxOperations(db: DatabaseSync) {
  const selectHead = db.prepare('SELECT seq FROM ledger_head')
  const insertUpstream = db.prepare(
    'INSERT INTO till_upstreams VALUES (?, ?, 0, 0, 0, NULL) ON CONFLICT DO NOTHING',
  )
  const forgetTimes = db.prepare(
    `UPDATE till_outbox INDEXED BY till_outbox_by_state SET next_at = NULL
     WHERE upstream = ? AND state = 'queued' AND next_at IS NOT NULL`,
  )
  const selectUpstream = db.prepare(
    `SELECT upstream, cursor, sold, sent, verified, last_success_at AS "lastSuccessAt",
       (SELECT count(*) FROM till_outbox AS o WHERE o.upstream = u.upstream AND o.state = 'parked') AS parked
     FROM till_upstreams AS u WHERE upstream = ?`,
  )
  const takeUp = db.prepare(
    `INSERT INTO till_outbox SELECT ?, seq, kind, coalesce(body ->> '$.id', body ->> '$.session.id', body ->> '$.order'), 'queued', 0,
       NULL, NULL, NULL, NULL FROM ledger WHERE seq > ? AND seq <= ? AND kind IN ${takenKinds}`,
  )
  const moveCursor = db.prepare('UPDATE till_upstreams SET cursor = ?, sold = sold + ? WHERE upstream = ?')
  const selectReady = db.prepare(
    `SELECT ${withEntry('till_outbox_ready')} WHERE upstream = ? AND state = 'queued' AND waits_for IS NULL
       AND (next_at IS NULL OR next_at <= ?) ORDER BY till_outbox.seq LIMIT ?`,
  )
  const selectUnread = db.prepare(
    `SELECT ${withEntry('till_outbox_unread')} WHERE upstream = ? AND state = 'sent' AND next_at <= ?
     ORDER BY till_outbox.seq LIMIT ?`,
  )
  const selectAhead = db.prepare(
    `SELECT
       min(coalesce((SELECT min(coalesce(next_at, 0)) FROM till_outbox INDEXED BY till_outbox_ready
                     WHERE upstream = ?1 AND state = 'queued' AND waits_for IS NULL), ?2),
           coalesce((SELECT min(next_at) FROM till_outbox INDEXED BY till_outbox_unread
                     WHERE upstream = ?1 AND state = 'sent' AND next_at IS NOT NULL), ?2)) AS "nextAt"`,
  )
  const selectState = db.prepare('SELECT state FROM till_outbox WHERE upstream = ? AND seq = ?')
  const wait = db.prepare('UPDATE till_outbox SET waits_for = ?, reason = ? WHERE upstream = ? AND seq = ?')
  const waitNoMore = db.prepare(
    `UPDATE till_outbox INDEXED BY till_outbox_waiting SET waits_for = NULL, reason = NULL
     WHERE upstream = ? AND waits_for = ?`,
  )
  const write = db.prepare(
    `UPDATE till_outbox SET state = ?, attempts = ?, reason = ?, remote = ?, next_at = ?
     WHERE upstream = ? AND seq = ?`,
  )
  const count = db.prepare(
    `UPDATE till_upstreams SET sent = sent + ?, verified = verified + ?,
       last_success_at = coalesce(?, last_success_at) WHERE upstream = ?`,
  )
  const page = 'upstream = ? AND seq < ?'
  const selectPage = db.prepare(`SELECT ${columns} FROM till_outbox WHERE ${page} ORDER BY seq DESC LIMIT ?`)
  const selectPageIn = db.prepare(
    `SELECT ${columns} FROM till_outbox INDEXED BY till_outbox_by_state WHERE ${page} AND state = ?
     ORDER BY seq DESC LIMIT ?`,
  )
  const again =
    "UPDATE till_outbox SET state = 'queued', attempts = 0, reason = NULL, next_at = NULL WHERE upstream = ? AND state = 'parked'"
  const retryAll = db.prepare(again)
  const retryOne = db.prepare(`${again} AND seq = ?`)
  const needs = needsOf(db)

  const status = (name: string): UpstreamRow => {
    const found = selectUpstream.get(name) as unknown as UpstreamRow | undefined
    if (found === undefined) throw new HubError('till_unknown', { kind: 'upstream', id: name })
    return found
  }

  /** What keeps it from being sent: rows before it are sent in order, unless something has happened to them. */
  const blocker = (found: readonly Need[], now: number): Stored | undefined =>
    found.find(
      ({ state, waitsFor, nextAt }) =>
        state === 'parked' || (state === 'queued' && (waitsFor !== null || (nextAt ?? 0) > now)),
    )

  return {
    reads: {
      'outbox.status': status,
      'outbox.unread': (name: string, now: number, limit: number): OutboxEntry[] =>
        (selectUnread.all(name, now, limit) as unknown as Taken[]).map((row) => ({
          ...row,
          needs: needs(row).map(named),
        })),
      'outbox.ahead': (name: string): number | null => {
        const nextAt = Number(selectAhead.get(name, Number.MAX_SAFE_INTEGER)?.nextAt)
        return nextAt === Number.MAX_SAFE_INTEGER ? null : nextAt
      },
      'outbox.page': ({ upstream, state, before, limit }: OutboxPage): OutboxRow[] => {
        const behind = before ?? Number.MAX_SAFE_INTEGER
        const rows =
          state === undefined
            ? selectPage.all(upstream, behind, limit)
            : selectPageIn.all(upstream, behind, state, limit)
        return rows as unknown as OutboxRow[]
      },
    },
    writes: {
      'outbox.upstream': (name: string, all: boolean): UpstreamRow => {
        insertUpstream.run(name, all ? 0 : Number(selectHead.get()?.seq))
        forgetTimes.run(name)
        return status(name)
      },
      'outbox.take': (name: string, limit: number): number => {
        const { cursor } = status(name)
        const until = Math.min(cursor + limit, Number(selectHead.get()?.seq))
        if (until <= cursor) return 0
        moveCursor.run(until, Number(takeUp.run(name, cursor, until).changes), name)
        return until - cursor
      },
      'outbox.due': (name: string, now: number, limit: number) => {
        const entries: OutboxEntry[] = []
        let waiting = 0
        for (const row of selectReady.all(name, now, scanRowsMax) as unknown as Taken[]) {
          const found = needs(row)
          const first = blocker(found, now)
          if (first === undefined) entries.push({ ...row, needs: found.map(named) })
          else {
            wait.run(first.seq, `waits for ${first.kind} ${first.ref}`, name, row.seq)
            waiting++
          }
          if (entries.length === limit) break
        }
        return { entries, waiting }
      },
      'outbox.update': (row: OutboxRow, now: number): void => {
        const { upstream, seq, state, attempts, reason, remote, nextAt } = row
        const before = selectState.get(upstream, seq)?.state as OutboxState | undefined
        if (before === undefined) throw new HubError('till_unknown', { kind: 'entry', id: String(seq) })
        write.run(state, attempts, reason, remote, nextAt, upstream, seq)
        const arrived = hasArrived(state)
        if (arrived) waitNoMore.run(upstream, seq)
        const sent = Number(arrived) - Number(hasArrived(before))
        const verified = Number(state === 'verified') - Number(before === 'verified')
        count.run(sent, verified, arrived ? now : null, upstream)
      },
      'outbox.retry': (name: string, seq: number | undefined): number => {
        forgetTimes.run(name)
        const { changes } = seq === undefined ? retryAll.run(name) : retryOne.run(name, seq)
        return Number(changes)
      },
    },
  }
}

const hasArrived = (state: OutboxState): boolean => state === 'sent' || state === 'verified'

const named = ({ seq, kind, ref, remote }: Need): OutboxEntry['needs'][number] => ({
  seq,
  kind,
  id: ref,
  remote,
})

export function outboxOver(books: Books): OutboxStore {
  return {
    upstream: (name, all) => books.write('outbox.upstream', name, all),
    take: (name, limit) => books.write('outbox.take', name, limit),
    due: (name, now, limit) => books.write('outbox.due', name, now, limit),
    unread: (name, now, limit) => books.read('outbox.unread', name, now, limit),
    ahead: (name) => books.read('outbox.ahead', name),
    update: (row, now) => books.write('outbox.update', row, now),
    async list({ upstream, state, limit, before }) {
      if (before !== undefined && !/^\d{1,15}$/.test(before))
        throw new HubError('params_invalid', { path: 'before', reason: 'is not the next of a page' })
      const position = before === undefined ? undefined : Number(before)
      // One more than asked for tells whether there is a next page.
      const found = await books.lookUp('outbox.page', { upstream, state, before: position, limit: limit + 1 })
      const items = found.slice(0, limit)
      const last = items.at(-1)
      return found.length > limit && last !== undefined ? { items, next: String(last.seq) } : { items }
    },
    retry: (name, seq) => books.write('outbox.retry', name, seq),
    status: (name) => books.read('outbox.status', name),
  }
}
