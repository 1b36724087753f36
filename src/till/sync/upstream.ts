/** What a connector has to do: take one item, and perhaps say what the upstream has of it. Everything else is the outbox's. */
import type { OutboxKind } from '../../protocol/till/upstream.ts'

/** One thing on its way. The same item may come again: an answer that was lost, a power cut. Its `key` tells. */
export interface UpstreamItem {
  kind: OutboxKind
  /** Id of the order, session, move or customer, as the hub knows it; of an invoice the order's. */
  id: string
  /** Of its ledger entry; rises, with gaps. */
  seq: number
  /** ms since 1970. */
  at: number
  /** The hash of its ledger entry: the same for every attempt, another for everything else, on every hub. */
  key: string
  /**
   * The paid order, an order and the customer who wants an invoice for it later, the session, the Z report of a session that was
   * closed, the cash move, the customer as it is now.
   */
  body: unknown
  /** What it depends on, each acknowledged before: session, customer, the orders that it refunds. */
  needs: readonly { kind: OutboxKind; id: string; remote: string | null }[]
}

/**
 * taken: the upstream has it for good; `remote` is what it calls it. refused: it has understood and said no, `reason` in its own
 * words for a person. troubled: it did not work now; `waitMs` is how long the upstream wants to be left alone.
 */
export type Outcome =
  | { state: 'taken'; remote?: string }
  | { state: 'refused'; reason: string }
  | { state: 'troubled'; reason: string; waitMs?: number }

/** What an upstream says it has of an order. Absent fields are not compared. Money in minor units. */
export interface Figures {
  total?: number
  tax?: number
  /** Sum of all payments, change taken off. */
  paid?: number
  /** How many payments, change not counted. */
  payments?: number
  lines?: number
}

export type Looked =
  | { state: 'there'; figures: Figures }
  | { state: 'missing' }
  | { state: 'troubled'; reason: string }

export interface Connector {
  /** As it is configured. */
  readonly name: string
  /** `webhook`. */
  readonly kind: string
  /**
   * Ends soon after `signal` is aborted. What is refused is parked, and the next goes on. A trouble is tried again, and nothing
   * behind it is sent meanwhile; a rejection counts as one.
   */
  send(item: UpstreamItem, signal: AbortSignal): Promise<Outcome>
  /** What the upstream has of an item that it took. For upstreams that can be asked. */
  readBack?(item: UpstreamItem, remote: string | null, signal: AbortSignal): Promise<Looked>
  /** Lets go of connections. */
  close?(): void
}

/** A connector with where it begins: at the end of the ledger as it is when the name is new, or at its start. */
export interface Upstream {
  connector: Connector
  history: boolean
}
