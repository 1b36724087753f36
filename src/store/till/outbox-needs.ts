/** What an entry needs to have arrived before it: its customer, its session, the orders that it refunds. */
import type { DatabaseSync } from 'node:sqlite'
import type { PaidOrder } from '../../protocol/till/order.ts'
import type { CashMove } from '../../protocol/till/session.ts'
import type { OutboxKind } from '../../protocol/till/upstream.ts'
import type { OutboxEntry, OutboxRow } from './contract.ts'

export type Need = Pick<OutboxRow, 'seq' | 'kind' | 'ref' | 'state' | 'remote' | 'nextAt' | 'waitsFor'>
type Wanted = { kind: OutboxKind; ref: string }
type Entry = Pick<OutboxEntry, 'upstream' | 'seq' | 'kind' | 'ref' | 'body'>

const columns = 'seq, kind, ref, state, remote, next_at AS "nextAt", waits_for AS "waitsFor"'

/** Answers those needs that the upstream has taken up itself; what it had before is its own affair. */
export function needsOf(db: DatabaseSync): (entry: Entry) => Need[] {
  const select = db.prepare(
    `SELECT ${columns} FROM till_outbox INDEXED BY till_outbox_by_ref
     WHERE ref = ? AND upstream = ? AND seq < ? AND kind = ? ORDER BY seq DESC LIMIT 1`,
  )
  // Only what something has happened to: the rest is sent before it anyway.
  const selectOfSession = db.prepare(
    `SELECT ${columns} FROM till_outbox AS o INDEXED BY till_outbox_by_state WHERE upstream = ?1 AND state IN ('queued', 'parked') AND seq < ?2
       AND (state = 'parked' OR waits_for IS NOT NULL OR next_at IS NOT NULL)
       AND (EXISTS (SELECT 1 FROM till_orders AS t WHERE t.seq = o.seq AND t.session = ?3)
         OR EXISTS (SELECT 1 FROM till_cash_moves AS t WHERE t.seq = o.seq AND t.session = ?3))
     ORDER BY seq`,
  )
  return ({ upstream, seq, kind, ref, body }) => {
    const found: Need[] = []
    for (const wanted of wantedBy(kind, ref, body)) {
      const need = select.get(wanted.ref, upstream, seq, wanted.kind) as unknown as Need | undefined
      if (need !== undefined) found.push(need)
    }
    if (kind === 'session.closed')
      found.push(...(selectOfSession.all(upstream, seq, ref) as unknown as Need[]))
    return found
  }
}

function wantedBy(kind: OutboxKind, ref: string, body: string): Wanted[] {
  if (kind === 'session.closed') return [{ kind: 'session.opened', ref }]
  if (kind === 'cash') return [{ kind: 'session.opened', ref: (JSON.parse(body) as CashMove).session }]
  if (kind === 'invoice') {
    const { order, customer } = JSON.parse(body) as { order: string; customer: string }
    return [
      { kind: 'order', ref: order },
      { kind: 'customer', ref: customer },
    ]
  }
  if (kind !== 'order') return []
  const { session, customer, lines } = JSON.parse(body) as PaidOrder
  const refunded = new Set(lines.flatMap(({ refundOf }) => (refundOf === undefined ? [] : [refundOf.order])))
  return [
    { kind: 'session.opened', ref: session },
    ...(customer === null ? [] : [{ kind: 'customer' as const, ref: customer }]),
    ...[...refunded].map((order) => ({ kind: 'order' as const, ref: order })),
  ]
}
