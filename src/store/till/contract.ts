/** What the till keeps, as promises: catalogue, people, sessions, orders, sums, outbox. One atomic step a call. */
import type { OrderSummary } from '../../protocol/till/order.ts'
import type { Right } from '../../protocol/till/people.ts'
import type { CashMove, Session, SessionReport } from '../../protocol/till/session.ts'
import type { OutboxKind, OutboxState } from '../../protocol/till/upstream.ts'
import type { CatalogueStore } from './catalogue-contract.ts'

/** A new entry of the ledger that belongs to a step; written with it or not at all. `at` is ms since 1970. */
export interface EntryInput {
  kind: string
  body: unknown
  at: number
}

export interface DraftRow {
  id: string
  register: string
  session: string
  table: string | null
  customer: string | null
  label: string | null
  /** Given by the store when it is 0. */
  tracking: number
  /** Given by the store: one more than before. */
  version: number
  total: number
  employee: string
  createdAt: number
  updatedAt: number
  held: { client: string; by: string; until: number } | null
  /** The draft as JSON, without version, tracking and held: those are columns. */
  doc: string
}

/** Who changes a draft, and which version they know. `version` 0: it is not there yet. */
export interface DraftExpectation {
  version: number
  client: string
  now: number
}

export interface DraftChange {
  put?: Omit<DraftRow, 'held'>
  /** Id of one that goes: cancelled, merged away. */
  remove?: string
  expect: DraftExpectation
}

/** One amount for one key of one dimension; added to what is there. */
export interface SumRow {
  dimension:
    | 'total'
    | 'hour'
    | 'product'
    | 'category'
    | 'employee'
    | 'tax'
    | 'method'
    | 'discount'
    | 'tip'
    | 'rounding'
    | 'refund'
    | 'late'
  day: string
  register: string
  session: string
  key: string
  orders: number
  quantityE6: number
  net: number
  tax: number
  total: number
}

export interface PayRow {
  id: string
  register: string
  session: string
  /** Opens the reference; the number follows in at least six digits. */
  prefix: string
  /** Out of a block that was reserved; absent: the next one. */
  number?: number
  /** JSON object of the paid order without `number` and `reference`: the store adds them. */
  body: string
  /** Of what was asked for: the same id with the same fingerprint is the same order. */
  fingerprint: string
  /** Present when there is a draft to be ended. */
  draft?: DraftExpectation
  refunds: readonly { order: string; line: string; quantityE6: number; soldE6: number }[]
  sums: readonly SumRow[]
  stock: readonly { product: string; movedE6: number }[]
  table: string | null
  customer: string | null
  label: string | null
  tracking: number | null
  employee: string
  total: number
  refund: boolean
  invoice: boolean
  at: number
}

export interface SoldRow {
  seq: number
  hash: string
  number: number
  reference: string
  prints: number
  invoice: boolean
  customer: string | null
  /** The paid order as JSON, whole. */
  body: string
  /** Line to millionths that came back. */
  refunded: Record<string, number>
  /** Upstream to state. */
  sync: Record<string, OutboxState>
}

export interface OrderFilter {
  state: 'draft' | 'paid'
  register?: string | undefined
  session?: string | undefined
  table?: string | undefined
  customer?: string | undefined
  /** Customers whose name fits the text, found beforehand. */
  customers?: readonly string[] | undefined
  text?: string | undefined
  total?: number | undefined
  from?: number | undefined
  until?: number | undefined
  /** Present: a lease of a draft that has run out by then is not told. */
  now?: number | undefined
  limit: number
  before?: string | undefined
}

export interface OrderStore {
  /**
   * Puts and removes drafts in one step, with entries of the ledger. Answers those that were put. Rejects with `order_held`,
   * `order_changed`, `order_ended` (paid or cancelled before), `session_closed`.
   */
  change(changes: readonly DraftChange[], entries?: readonly EntryInput[]): Promise<DraftRow[]>
  draft(id: string): Promise<DraftRow | undefined>
  /** Rejects with `order_held`, `till_unknown`, `order_ended`. */
  hold(id: string, holder: { client: string; by: string; until: number }, now: number): Promise<DraftRow>
  /** Nothing happens when it is held by another or by nobody. Answers the draft, or undefined. */
  release(id: string, client: string): Promise<DraftRow | undefined>
  /** Lets go of what a client held: it has gone. Answers the drafts. */
  releaseAll(client: string): Promise<DraftRow[]>
  /**
   * Numbers, chains and files a paid order and ends its draft, in one step. The same id and fingerprint again answers the same
   * order, `repeated` true. Rejects with `till_conflict`, `session_closed`, `order_held`, `order_changed`, `order_ended`,
   * `refund_exceeded`, `till_invalid` (number not in a block of the register, or used).
   */
  pay(order: PayRow): Promise<SoldRow & { repeated: boolean }>
  sold(id: string): Promise<SoldRow | undefined>
  /** Id of the order with this reference. */
  byReference(reference: string): Promise<string | undefined>
  list(filter: OrderFilter): Promise<{ orders: OrderSummary[]; next?: string }>
  /** Counts one more print and answers how many there are; from the second on with a ledger entry. Rejects with `till_unknown`. */
  printed(id: string, entry: EntryInput): Promise<number>
  /** Marks that an invoice is wanted for a customer. Rejects with `till_unknown`, `till_conflict` when it is for another one. */
  invoice(id: string, customer: string, entry: EntryInput): Promise<SoldRow>
  /**
   * The same id again answers the same block. Rejects with `till_conflict`, and with `right_missing` (manager) when the client would
   * hold more than `unusedMax` numbers of the register that it has not used.
   */
  reserve(
    block: {
      id: string
      register: string
      count: number
      client: string
      at: number
      unusedMax?: number | undefined
    },
    entry: Omit<EntryInput, 'body'>,
  ): Promise<{ from: number; until: number }>
}

export interface SessionStore {
  /**
   * Opens; number and openingExpected are given by the store. The same id and fingerprint answers the same session. Rejects with
   * `session_open`, `till_conflict`.
   */
  open(
    session: Omit<Session, 'number' | 'openingExpected'>,
    fingerprint: string,
    at: number,
  ): Promise<Session & { repeated: boolean }>
  current(register: string): Promise<{ session: Session | null; openingExpected: number }>
  get(id: string): Promise<Session | undefined>
  list(filter: { register?: string | undefined; limit: number; before?: string | undefined }): Promise<{
    sessions: Session[]
    next?: string
  }>
  /** The same id with the same amount and reason answers the same move. Rejects with `session_closed`, `till_conflict`. */
  move(move: CashMove, at: number): Promise<CashMove & { repeated: boolean }>
  /**
   * Files that a drawer is opened without a sale, whether the register is open or not. The same id with the same register and
   * reason is the same opening, `at` when it was filed (ms since 1970). Rejects with `till_conflict`.
   */
  drawerOpened(opening: DrawerOpening, at: number): Promise<{ repeated: boolean; at: number }>
  /** What an X report is made of, at one moment. */
  figures(id: string): Promise<SessionFigures | undefined>
  /**
   * Closes with its Z report when nothing was sold or moved since `lastSeq`, and no draft of it is left. Answers false when
   * something was: read the figures again. Rejects with `session_closed`, `session_drafts`.
   */
  close(
    id: string,
    closing: { lastSeq: number; counted: number; session: Session; report: SessionReport; at: number },
  ): Promise<boolean>
  /** The Z report of a closed session. */
  report(id: string): Promise<SessionReport | undefined>
}

export interface DrawerOpening {
  id: string
  register: string
  /** The open session, if there is one. */
  session: string | null
  reason: string
  by: string
}

export interface SessionFigures {
  session: Session
  lastSeq: number
  sums: SumRow[]
  cashMoves: CashMove[]
  drafts: number
  cancelled: number
  duplicates: number
  /** Of the register, this session's orders counted in. */
  grandTotal: number
  firstOrder: string | null
  lastOrder: string | null
}

export interface EmployeeRow {
  id: string
  name: string
  right: Right
  active: boolean
  pin: string | null
  badge: string | null
}

export interface LoginRow {
  hash: string
  employee: string
  register: string
  client: string
  at: number
}

export interface PeopleStore {
  employees(): Promise<EmployeeRow[]>
  /**
   * Inserts or replaces; with another right, PIN, badge or activity the log-ins end in the same step. Rejects with `till_in_use`
   * when the badge is another one's.
   */
  put(row: EmployeeRow): Promise<void>
  /** Log-ins go too. */
  remove(id: string): Promise<boolean>
  logins(): Promise<LoginRow[]>
  /** Drops the oldest beyond `loginsMax` of an employee; answers their hashes. */
  insertLogin(row: LoginRow): Promise<string[]>
  deleteLogin(hash: string): Promise<boolean>
}

export interface ReportStore {
  /** Sums over days, both inclusive, by key; `day` and `register` as dimensions sum the totals by those columns. */
  report(query: {
    by: SumRow['dimension'] | 'day' | 'register'
    from: string
    until: string
    register?: string | undefined
    limit: number
  }): Promise<{
    rows: Omit<SumRow, 'dimension' | 'day' | 'register' | 'session'>[]
    total: Omit<SumRow, 'dimension' | 'day' | 'register' | 'session' | 'key'>
  }>
  stock(
    products: readonly string[],
  ): Promise<{ product: string; onHandE6: number | null; movedE6: number; syncedAt: number | null }[]>
  /** Sets what is on hand and begins to count moves anew. */
  putStock(rows: readonly { product: string; onHandE6: number }[], at: number): Promise<void>
}

export interface OutboxRow {
  upstream: string
  /** Of the ledger entry. */
  seq: number
  kind: OutboxKind
  /** Id of the order, session, move or customer. */
  ref: string
  state: OutboxState
  attempts: number
  reason: string | null
  remote: string | null
  /** When it is tried again; of one that was sent: when it is read back. */
  nextAt: number | null
  /** The entry that has to arrive first and is parked or waits itself. */
  waitsFor: number | null
}

/** A row with what is sent of it. */
export interface OutboxEntry extends OutboxRow {
  at: number
  hash: string
  /** Of the ledger entry, JSON text. */
  body: string
  /** What it depends on, with the names that the upstream gave; what it had before it took up entries is not among them. */
  needs: { seq: number; kind: OutboxKind; id: string; remote: string | null }[]
}

export interface OutboxStore {
  /**
   * Where an upstream is; made at the end of the ledger when it is new, or at its start with `all`. Rows that were to be tried
   * later are due: this is a new start.
   */
  upstream(name: string, all: boolean): Promise<UpstreamRow>
  /** Takes up the entries behind the cursor as rows to be sent; answers how many it went over: 0 at the end of the ledger. */
  take(name: string, limit: number): Promise<number>
  /**
   * Rows that are queued and due, in order. One whose dependency is parked, waits, or is to be tried later is marked as waiting
   * for it and left out; `waiting` counts those.
   */
  due(name: string, now: number, limit: number): Promise<{ entries: OutboxEntry[]; waiting: number }>
  /** Rows that were sent and are to be read back by now. */
  unread(name: string, now: number, limit: number): Promise<OutboxEntry[]>
  /** Earliest time at which a row is due or to be read back; 0 for now. */
  ahead(name: string): Promise<number | null>
  /** Writes state, attempts, reason, remote and nextAt. What waits for a row that arrived is due. */
  update(row: OutboxRow, now: number): Promise<void>
  /** Newest first. */
  list(filter: {
    upstream: string
    state?: OutboxState | undefined
    limit: number
    before?: string | undefined
  }): Promise<{
    items: OutboxRow[]
    next?: string
  }>
  /** Parked rows are queued again, and what was to be tried later is due. Answers how many were parked. */
  retry(name: string, seq: number | undefined): Promise<number>
  status(name: string): Promise<UpstreamRow>
}

export interface UpstreamRow {
  upstream: string
  cursor: number
  /** Entries that were taken up for it since it is there. */
  sold: number
  /** Of these: acknowledged, read back and found equal. */
  sent: number
  verified: number
  parked: number
  lastSuccessAt: number | null
}

export interface TillStore {
  readonly catalogue: CatalogueStore
  readonly people: PeopleStore
  readonly sessions: SessionStore
  readonly orders: OrderStore
  readonly reports: ReportStore
  readonly outbox: OutboxStore
}
