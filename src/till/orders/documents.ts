/** Drafts and paid orders between the store and the wire. */
import { tillLimits } from '../../protocol/till/amounts.ts'
import type { Draft, OrderLine, OrderSummary, PaidOrder, SoldOrder } from '../../protocol/till/order.ts'
import type { DraftRow, SoldRow } from '../../store/store.ts'
import { fromE6 } from '../engine/millionths.ts'

/** What the kitchen was told of a line, in the words that it was told in: the line itself may be gone. */
export interface ToldLine {
  product: string
  name: string
  category: string | null
  course?: number
  note?: string
  internalNote?: string
}

/** What the hub keeps with a draft and tells nobody. */
export interface DraftNotes {
  /** Products of it that move stock. */
  goods: string[]
  /** What was chosen by hand: it is not what customer and register say. */
  chosen: { pricelist: boolean; fiscalPosition: boolean }
  /** Fingerprint of the request that made this version: the same again is answered alike. */
  last: string
  /** What that request answered besides. */
  jobs: string[]
  /** Drafts that went into this one. */
  merged: string[]
  told: Record<string, ToldLine>
}

export interface KeptDraft {
  draft: Draft
  notes: DraftNotes
}

export const iso = (ms: number): string => new Date(ms).toISOString()

/** A lease that has run out by `now` is none, nor one that was given by a clock far ahead of it. */
export function keptDraft(row: DraftRow, now: number): KeptDraft {
  const { hub, ...doc } = JSON.parse(row.doc) as Omit<Draft, 'version' | 'tracking' | 'held'> & {
    hub: DraftNotes
  }
  const { version, tracking, held } = row
  const draft: Draft = {
    ...doc,
    version,
    tracking,
    held:
      held === null || held.until <= now || held.until > now + tillLimits.holdMsMax
        ? null
        : { ...held, until: iso(held.until) },
  }
  return { draft, notes: hub }
}

/** What is put into the store; version, tracking and lease are its own. */
export function draftRow({ draft, notes }: KeptDraft): Omit<DraftRow, 'held'> {
  const { version, tracking, held: _held, ...doc } = draft
  return {
    id: draft.id,
    register: draft.register,
    session: draft.session,
    table: draft.table,
    customer: draft.customer,
    label: draft.label ?? null,
    tracking,
    version,
    total: draft.totals.total,
    employee: draft.employee,
    createdAt: Date.parse(draft.createdAt),
    updatedAt: Date.parse(draft.updatedAt),
    doc: JSON.stringify({ ...doc, hub: notes }),
  }
}

/** An invoice that was asked for later, and its customer, count over what was written when it was paid. */
export function soldOrder(row: SoldRow): SoldOrder {
  const paid = JSON.parse(row.body) as PaidOrder
  return {
    ...paid,
    customer: row.customer,
    invoice: row.invoice,
    ledger: { seq: row.seq, hash: row.hash },
    prints: row.prints,
    refunded: Object.fromEntries(Object.entries(row.refunded).map(([line, e6]) => [line, fromE6(e6)])),
    sync: row.sync,
  }
}

/** True for lines that only bring something back: at least one, and none that sells. */
export function onlyBringsBack(lines: readonly OrderLine[]): boolean {
  const items = lines.filter(({ kind, quantity }) => kind === 'item' && Number(quantity) !== 0)
  return items.length > 0 && items.every(({ quantity }) => quantity.startsWith('-'))
}

export function draftSummary(draft: Draft, state: 'draft' | 'cancelled' = 'draft'): OrderSummary {
  return {
    ...shared(draft),
    state,
    tracking: draft.tracking,
    reference: null,
    refund: onlyBringsBack(draft.lines),
    version: draft.version,
    heldBy: state === 'draft' ? (draft.held?.by ?? null) : null,
    at: draft.createdAt,
  }
}

export function soldSummary(order: SoldOrder, tracking: number | null): OrderSummary {
  return {
    ...shared(order),
    state: 'paid',
    tracking,
    reference: order.reference,
    refund: order.refund,
    version: 0,
    heldBy: null,
    at: order.paidAt,
  }
}

function shared({ id, register, session, table, customer, label, totals, employee }: Draft | SoldOrder) {
  return { id, register, session, table, customer, label: label ?? null, total: totals.total, employee }
}
