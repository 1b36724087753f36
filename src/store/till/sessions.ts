/** The SQL of sessions: opening, cash moves, figures, closing. Each step is one with its ledger entry. */
import type { DatabaseSync } from 'node:sqlite'
import { HubError } from '../../protocol/errors.ts'
import type { CashMove, Session, SessionReport } from '../../protocol/till/session.ts'
import type { Append } from '../ledger.ts'
import type { SessionFigures } from './contract.ts'
import { registerCounters } from './counters.ts'
import { sumKeeping } from './sums.ts'

export const sessionLimits = {
  /** Cash moves of a session: its report tells of each. */
  cashMovesMax: 2_000,
} as const

interface SessionRecord {
  id: string
  register: string
  closed: 0 | 1
  openedAt: number
  lastSeq: number
  cancelled: number
  duplicates: number
  doc: string
  fingerprint: string
  report: string | null
}

export interface SessionPage {
  register: string | undefined
  limit: number
  before: { at: number; key: string } | undefined
}

export interface Closing {
  lastSeq: number
  counted: number
  session: Session
  report: SessionReport
  at: number
}

const columns = `id, register, closed_at IS NOT NULL AS closed, opened_at AS "openedAt", last_seq AS "lastSeq", cancelled,
  duplicates, doc_json AS doc, fingerprint, report_json AS report`

export function sessionOperations(db: DatabaseSync, append: Append) {
  const counters = registerCounters(db)
  const sums = sumKeeping(db)
  const select = db.prepare(`SELECT ${columns} FROM till_sessions WHERE id = ?`)
  const selectOpen = db.prepare(
    `SELECT ${columns} FROM till_sessions WHERE register = ? AND closed_at IS NULL`,
  )
  const newest = 'ORDER BY opened_at DESC, id DESC LIMIT ?'
  const selectPage = db.prepare(
    `SELECT ${columns} FROM till_sessions WHERE (opened_at, id) < (?, ?) ${newest}`,
  )
  const selectPageOf = db.prepare(
    `SELECT ${columns} FROM till_sessions WHERE (opened_at, id) < (?, ?) AND register = ? ${newest}`,
  )
  const insert = db.prepare(
    'INSERT INTO till_sessions VALUES (?, ?, ?, ?, NULL, ?, NULL, ?, 0, 0, ?, ?, NULL)',
  )
  const finish = db.prepare(
    'UPDATE till_sessions SET closed_seq = ?, closed_at = ?, doc_json = ?, report_json = ? WHERE id = ?',
  )
  const touch = db.prepare('UPDATE till_sessions SET last_seq = ? WHERE id = ?')
  const countDrafts = db.prepare('SELECT count(*) AS drafts FROM till_drafts WHERE session = ?')
  const selectMove = db.prepare('SELECT doc_json AS doc FROM till_cash_moves WHERE id = ?')
  const selectMoves = db.prepare('SELECT doc_json AS doc FROM till_cash_moves WHERE session = ? ORDER BY seq')
  const countMoves = db.prepare('SELECT count(*) AS moves FROM till_cash_moves WHERE session = ?')
  const insertMove = db.prepare('INSERT INTO till_cash_moves VALUES (?, ?, ?, ?, ?)')
  const edge = (direction: 'ASC' | 'DESC') =>
    db.prepare(
      `SELECT reference FROM till_orders INDEXED BY till_orders_of_session WHERE session = ?
       ORDER BY paid_at ${direction}, seq ${direction} LIMIT 1`,
    )
  const selectFirst = edge('ASC')
  const selectLast = edge('DESC')

  const get = (id: string) => select.get(id) as unknown as SessionRecord | undefined
  const mustGet = (id: string): SessionRecord => {
    const session = get(id)
    if (session === undefined) throw new HubError('till_unknown', { kind: 'session', id })
    return session
  }
  const mustBeOpen = (id: string): SessionRecord => {
    const session = mustGet(id)
    if (session.closed === 1) throw new HubError('session_closed', { register: session.register })
    return session
  }
  const reference = (statement: typeof selectFirst, id: string) =>
    (statement.get(id)?.reference ?? null) as string | null
  const draftsOf = (id: string) => Number(countDrafts.get(id)?.drafts)

  return {
    reads: {
      'till.session': (id: string) => {
        const found = get(id)
        return found && sessionOf(found)
      },
      'till.sessionOpen': (register: string) => {
        const found = selectOpen.get(register) as unknown as SessionRecord | undefined
        const { lastCounted } = counters.of(register)
        return { session: found === undefined ? null : sessionOf(found), openingExpected: lastCounted }
      },
      'till.sessionList': ({ register, limit, before }: SessionPage) => {
        const { at, key } = before ?? { at: Number.MAX_SAFE_INTEGER, key: '' }
        const page =
          register === undefined ? selectPage.all(at, key, limit) : selectPageOf.all(at, key, register, limit)
        return (page as unknown as SessionRecord[]).map((found) => ({
          at: found.openedAt,
          session: sessionOf(found),
        }))
      },
      'till.sessionFigures': (id: string): SessionFigures | undefined => {
        const found = get(id)
        if (found === undefined) return undefined
        const moves = selectMoves.all(id).map(({ doc }) => JSON.parse(String(doc)) as CashMove)
        return {
          session: sessionOf(found),
          lastSeq: found.lastSeq,
          sums: sums.ofSession(id),
          cashMoves: moves,
          drafts: draftsOf(id),
          cancelled: found.cancelled,
          duplicates: found.duplicates,
          grandTotal: counters.of(found.register).grandTotal,
          firstOrder: reference(selectFirst, id),
          lastOrder: reference(selectLast, id),
        }
      },
      'till.sessionReport': (id: string) => {
        const report = get(id)?.report
        return typeof report === 'string' ? (JSON.parse(report) as SessionReport) : undefined
      },
    },
    writes: {
      'till.sessionBegin': (
        wanted: Omit<Session, 'number' | 'openingExpected'>,
        fingerprint: string,
        at: number,
      ): Session & { repeated: boolean } => {
        const { id, register } = wanted
        const known = get(id)
        if (known !== undefined) {
          if (known.fingerprint === fingerprint) return { ...sessionOf(known), repeated: true }
          throw new HubError('till_conflict', { kind: 'session', id })
        }
        if (selectOpen.get(register) !== undefined) throw new HubError('session_open', { register })
        const { lastSession, lastCounted } = counters.of(register)
        const number = lastSession + 1
        const session: Session = { ...wanted, number, openingExpected: lastCounted }
        const doc = JSON.stringify(session)
        const { seq } = append('session.opened', doc, at)
        insert.run(id, register, number, seq, at, seq, doc, fingerprint)
        counters.set(register, { lastSession: number })
        return { ...session, repeated: false }
      },
      'till.sessionMove': (move: CashMove, at: number): CashMove & { repeated: boolean } => {
        const { id, session, amount, reason } = move
        const known = selectMove.get(id)
        if (known !== undefined) {
          const kept = JSON.parse(String(known.doc)) as CashMove
          const same = kept.session === session && kept.amount === amount && kept.reason === reason
          if (same) return { ...kept, repeated: true }
          throw new HubError('till_conflict', { kind: 'cash move', id })
        }
        mustBeOpen(session)
        if (Number(countMoves.get(session)?.moves) >= sessionLimits.cashMovesMax) {
          const reason = `has ${sessionLimits.cashMovesMax} cash moves already; close the register and open it again`
          throw new HubError('till_invalid', { path: 'session', reason })
        }
        const doc = JSON.stringify(move)
        const { seq } = append('cash', doc, at)
        insertMove.run(seq, id, session, amount, doc)
        touch.run(seq, session)
        return { ...move, repeated: false }
      },
      'till.sessionEnd': (id: string, closing: Closing): boolean => {
        const { register, lastSeq } = mustBeOpen(id)
        const drafts = draftsOf(id)
        if (drafts > 0) throw new HubError('session_drafts', { count: drafts })
        if (lastSeq !== closing.lastSeq) return false
        const { session, report, counted, at } = closing
        const text = JSON.stringify(report)
        const { seq } = append('session.closed', text, at)
        finish.run(seq, at, JSON.stringify(session), text, id)
        counters.set(register, { lastCounted: counted })
        return true
      },
    },
  }
}

const sessionOf = ({ doc }: SessionRecord) => JSON.parse(doc) as Session
