/** What the orders are handed, and their limits. */
import type { Register } from '../../protocol/till/catalogue.ts'
import type { Session } from '../../protocol/till/session.ts'
import type { CatalogueApi, PapersApi, PeopleApi, TillTools } from '../parts.ts'

export const orderLimits = {
  /** Weighings remembered until a line claims them; of more, the oldest go. */
  weighingsMax: 500,
  /** A weighing older than this is forgotten, in ms: the goods are not on the scale any more. */
  weighingMsMax: 30 * 60_000,
  /** How far the clock of a till may be ahead in `paidAt`, in ms; the time of the hub counts then. */
  clockAheadMsMax: 60_000,
  /** Customers looked through for a text that is searched in orders. */
  customersMax: 50,
  /** Numbers that a client may hold unused at a register without a manager: those that are never used are gaps that somebody has to explain. */
  unusedNumbersMax: 1_000,
  /** Sessions read at once when the one is looked for that a late order was paid in. */
  sessionsPage: 100,
  /** How often something is tried anew because the draft was changed meanwhile. */
  triesMax: 3,
} as const

/** The part of the sessions that selling needs. */
export interface SessionGate {
  /** The open session of the register. Rejects with `session_closed`, `session_stale`. */
  selling(register: Register): Promise<Session>
}

export interface OrderParts {
  tools: TillTools
  catalogue: CatalogueApi
  people: PeopleApi
  papers: PapersApi
  sessions: SessionGate
}
