/** How the parts of the till know each other, and what the hub hands them. */
import type { Role } from '../protocol/access.ts'
import type { Capability } from '../protocol/device.ts'
import type { ErrorContext } from '../protocol/errors.ts'
import type { EventData, EventTopic } from '../protocol/event.ts'
import type { PrintPayload } from '../protocol/job.ts'
import type { tillMethods } from '../protocol/methods/till.ts'
import type { ParsedParams, Result } from '../protocol/methods.ts'
import type { CatalogueKind, CatalogueThing, Customer, Product, Shop } from '../protocol/till/catalogue.ts'
import type { Draft, SoldOrder } from '../protocol/till/order.ts'
import type { Approval, Right } from '../protocol/till/people.ts'
import type { CashMove, SessionReport } from '../protocol/till/session.ts'
import type { Store } from '../store/store.ts'

export type TillMethod = keyof typeof tillMethods
export type TillParams<M extends TillMethod> = ParsedParams<M>
export type TillResult<M extends TillMethod> = Result<M>

/** Who calls: a paired client or a user of the console. */
export interface TillCaller {
  client: string
  name: string
  role: Role
  /** The devices it is held to; absent for all. */
  devices?: ReadonlySet<string>
  /** Address it comes from. */
  from?: string
  /** Told when the connection ends; absent where there is none that stays (HTTP). */
  onClose?(listener: () => void): void
}

/** What the hub hands in. Times are ms since 1970. */
export interface TillTools {
  store: Store
  clock: { now(): number; after(ms: number, callback: () => void): () => void }
  newId(): string
  /** 0 to 1, for jitter. */
  random(): number
  log: { info(context: object, text: string): void; warn(context: object, text: string): void }
  /** What an accepted device can do, connected or not; undefined for one that is not there. */
  device(id: string): { capabilities: readonly Capability[] } | undefined
  publish<T extends EventTopic>(topic: T, data: EventData<T>): void
  /** Submits a print job under this id; the same id again prints nothing. Rejects with the errors of `job.submit`. */
  print(job: { id: string; device: string; payload: PrintPayload }, caller: TillCaller): Promise<void>
  /** Submits a `drawer.open` job. */
  openDrawer(job: { id: string; device: string }, caller: TillCaller): Promise<void>
  /** A fresh weight as `scale.read` answers it. */
  readScale(device: string): Promise<{ weight: string; unit: string }>
  /** Opens the report in the health of the hub, or takes it away. */
  health: { report(key: string, reason: string): void; mended(key: string): void }
  hub: string
  /** A new shop begins with goods to try the till with. */
  demo: boolean
}

/** Who acts: an employee, or a client where there are none. */
export interface Actor {
  /** Id of the employee; the name of the client where there are none. */
  id: string
  name: string
  right: Right
}

export interface PeopleApi {
  /**
   * The employee of the log-in, when their right is `need` or more; `act` says in English what for. A technician or owner with no
   * log-in acts as a manager. Throws `login_required`, `right_missing`.
   */
  authorise(caller: TillCaller, login: string | undefined, need: Right, act: string): Promise<Actor>
  /** Somebody else who agrees with PIN or badge. Throws `pin_wrong`, `locked_out`, `right_missing`. */
  approve(caller: TillCaller, approval: Approval, need: Right, act: string): Promise<Actor>
  /** Like `authorise`, but an approval of somebody with the right does as well. */
  allow(
    caller: TillCaller,
    request: { login?: string | undefined; approval?: Approval | undefined },
    need: Right,
    act: string,
  ): Promise<{ actor: Actor; approvedBy: Actor | null }>
  /** Name of an employee, for papers; the id itself where there is none. */
  nameOf(id: string): string
  readonly hasEmployees: boolean
}

/** The catalogue in memory, but for products and customers. */
export interface CatalogueApi {
  readonly shop: Shop
  readonly revision: number
  get<K extends Exclude<CatalogueKind, 'product' | 'customer'>>(
    kind: K,
    id: string,
  ): CatalogueThing<K> | undefined
  /** Throws `till_unknown`. */
  must<K extends Exclude<CatalogueKind, 'product' | 'customer'>>(kind: K, id: string): CatalogueThing<K>
  /** In the order of their sequence, then name. */
  all<K extends Exclude<CatalogueKind, 'product' | 'customer'>>(kind: K): readonly CatalogueThing<K>[]
  /** Rejects with `till_unknown` for the first that is not there. */
  products(ids: readonly string[]): Promise<ReadonlyMap<string, Product>>
  customer(id: string): Promise<Customer>
  /** The category and those above it, the nearest first. */
  lineage(category: string | null): readonly string[]
}

/** Papers of the till. They are submitted as jobs and never keep a sale waiting; a register without a printer prints nothing. */
export interface PapersApi {
  /** The receipt of a paid order; `prints` is 1 for the first, more for a duplicate. */
  receipt(order: SoldOrder, prints: number, job: string, caller: TillCaller, printer?: string): Promise<void>
  gift(order: SoldOrder, job: string, caller: TillCaller, printer?: string): Promise<void>
  bill(draft: Draft, job: string, caller: TillCaller, printer?: string): Promise<void>
  cashMove(move: CashMove, register: string, job: string, caller: TillCaller): Promise<void>
  report(report: SessionReport, job: string, caller: TillCaller): Promise<void>
  /** What a kitchen is told; answers the jobs that were submitted. */
  kitchen(ticket: KitchenTicket, job: string, caller: TillCaller): Promise<void>
}

export interface KitchenTicket {
  kitchen: CatalogueThing<'kitchen'>
  draft: Draft
  /** Positive: to be made. Negative: not any more. */
  changes: readonly { name: string; quantity: string; note?: string; course?: number }[]
  /** A course that is wanted now. */
  fire?: number
  by: string
}

export type InvalidContext = ErrorContext & { path: string; reason: string }
