/**
 * How the parts of the till know each other. Each part is a class that takes others by these interfaces; `main.tsx` builds them
 * all, once, and hands them to the screens as a `Till`. Everything a screen shows is a signal, everything it does is a call.
 * Money is in minor units, quantities and prices are decimal text, as on the wire.
 */
import type { ReadonlySignal, Signal } from '@preact/signals'
import type { CallOptions, CoreClient } from '../../protocol/client-core.ts'
import type { HubError } from '../../protocol/errors.ts'
import type { MethodName, Params, Result, Role } from '../../protocol/methods.ts'
import type {
  CatalogueKind,
  CatalogueThing,
  Customer,
  PaymentMethod,
  Product,
  Register,
  Shop,
} from '../../protocol/till/catalogue.ts'
import type {
  Draft,
  OrderInput,
  OrderLine,
  OrderRules,
  OrderSummary,
  Payment,
  PaymentInput,
  SoldOrder,
  Totals,
} from '../../protocol/till/order.ts'
import type { Approval, Employee, Right } from '../../protocol/till/people.ts'
import type { CashMove, Coins, Session, SessionReport } from '../../protocol/till/session.ts'
import type { UpstreamStatus } from '../../protocol/till/upstream.ts'
import type { UiClock } from '../parts/time.ts'

// ---------------------------------------------------------------- the hub

/** The connection to the hub: link/. */
export interface Link {
  /** `offline`: was paired, the hub cannot be reached; it is tried again by itself. */
  readonly stage: ReadonlySignal<'unpaired' | 'connecting' | 'online' | 'offline'>
  /** ms since 1970; null while online. */
  readonly offlineSince: ReadonlySignal<number | null>
  /** Why the hub does not know this browser any more. */
  readonly refusal: ReadonlySignal<HubError | undefined>
  readonly role: ReadonlySignal<Role | undefined>
  /** Name of the shop's hub, '' while it is not known. */
  readonly hubName: ReadonlySignal<string>
  /** How far each upstream is; empty where there is none. Kept up to date while online. */
  readonly upstreams: ReadonlySignal<readonly UpstreamStatus[]>
  /** Redeems a code. Throws as `redeem` of parts/pairing.ts does. */
  pair(code: string): Promise<void>
  /** Rejects with HubError; `connection_lost` at once while offline. */
  call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>
  readonly subscribe: CoreClient['subscribe']
  readonly submitJob: CoreClient['submitJob']
  readonly runJob: CoreClient['runJob']
  /** Called each time the hub is there (again), also when events were missed: what was known must be asked for again. */
  onFresh(listener: () => void): () => void
  start(): void
}

// ---------------------------------------------------------------- what this browser keeps

/** Durable values of this browser: IndexedDB, or memory where there is none. journal/ */
export interface Journal {
  /** `best-effort`: the browser may throw it away when its disk is full. `no`: gone with the page. */
  readonly durable: ReadonlySignal<'yes' | 'best-effort' | 'no'>
  read<T>(key: string): Promise<T | undefined>
  /** Settles when it is on the disk, as far as browsers promise. */
  write(key: string, value: unknown): Promise<void>
  remove(key: string): Promise<void>
  /** Values whose keys begin so, in the order of their keys. */
  list<T>(prefix: string): Promise<{ key: string; value: T }[]>
}

/** What may wait for the hub: calls whose id makes them safe to repeat. */
export type QueuedMethod = 'till.order.pay' | 'till.catalogue.put' | 'till.cash.move'

export interface QueuedCall<M extends QueuedMethod = QueuedMethod> {
  /** Rises with the time it was made. */
  key: string
  method: M
  params: Params<M>
  /** ms since 1970. */
  at: number
  /** `doubt`: it was sent and the answer got lost; it is asked again. `parked`: the hub refused it, a person has to look. */
  state: 'waiting' | 'sending' | 'doubt' | 'parked'
  problem: { code: string; text: string; path?: string } | null
  /** For people: receipt number, name or reason, and the amount. */
  label: string
  amount: number | null
  /** Line to the price of one that was charged: what a sale is filed at when prices have changed since. */
  charged?: Readonly<Record<string, string>>
}

export interface RetryHow {
  approval?: Approval
  atChargedPrices?: boolean
  asItsOwn?: boolean
}

/** Calls that outlive the page and the hub, sent in their order when it is there; a refused one holds up no other. queue/ */
export interface Queue {
  readonly calls: ReadonlySignal<readonly QueuedCall[]>
  /** Settles when it is kept; sending goes on by itself. */
  add<M extends QueuedMethod>(
    call: Pick<QueuedCall<M>, 'method' | 'params' | 'label' | 'amount' | 'charged'> & {
      state?: 'waiting' | 'doubt'
    },
  ): Promise<void>
  /**
   * A parked one again, with an approval, at the prices that were charged, or as an order of its own: under another id, when that of
   * the sale has come to an end on the hub.
   */
  retry(key: string, how?: RetryHow): Promise<void>
  /** Takes a parked one out, after it was exported: it is never sent. */
  drop(key: string): Promise<void>
  /** All of it as JSON text, for a person to keep. */
  exported(): string
  /** Called with the hub's answer of each one that went through. */
  onSent(listener: (call: QueuedCall, result: unknown) => void): () => void
}

/** Receipt numbers that this till may give without the hub. queue/numbers.ts */
export interface Numbers {
  /** How many are left for the register; 0 when none was reserved yet. */
  readonly left: ReadonlySignal<number>
  /** The next one; undefined when there is none. On the disk of this browser before it answers: never given twice. */
  take(): Promise<{ number: number; reference: string } | undefined>
}

/** How this browser is set: kept in it, not on the hub. settings.ts */
export interface Settings {
  readonly hand: Signal<'right' | 'left'>
  readonly theme: Signal<'auto' | 'light' | 'dark'>
  readonly sounds: Signal<boolean>
  /** Scanners of the hub whose scans are for this till; null: all of them. */
  readonly scanners: Signal<readonly string[] | null>
  /** Minutes without a touch before the till locks; 0 for never. */
  readonly lockMinutes: Signal<number>
  readonly register: Signal<string | null>
  /** What opens after a log-in at a register with tables. */
  readonly startOnFloor: Signal<boolean>
}

// ---------------------------------------------------------------- what there is to sell

export type SmallKind = Exclude<CatalogueKind, 'product' | 'customer'>

export type Scanned =
  | {
      kind: 'product'
      product: Product
      quantity?: string
      price?: string
      lot?: string
    }
  | { kind: 'customer'; customer: Customer }
  | { kind: 'employee'; badge: string }
  | { kind: 'discount'; discount: string }
  | { kind: 'receipt'; order: string }
  | { kind: 'unknown'; code: string }

/** The catalogue: from the hub while it is there, else from the copy in this browser. shelf/ */
export interface Shelf {
  /** The small kinds are here: from the hub, or from the last time. */
  readonly ready: ReadonlySignal<boolean>
  readonly shop: ReadonlySignal<Shop>
  /** Rises with each change of the small kinds; `all` and `get` read it, so that views follow. */
  readonly revision: ReadonlySignal<number>
  all<K extends SmallKind>(kind: K): readonly CatalogueThing<K>[]
  get<K extends SmallKind>(kind: K, id: string): CatalogueThing<K> | undefined
  /** The category and those above it, the nearest first. */
  lineage(category: string | null): readonly string[]
  /** Methods offered at a register, in its order. */
  methodsAt(register: Register): readonly PaymentMethod[]
  /** Throws `till_unknown`. Those seen lately come at once. */
  product(id: string): Promise<Product>
  /** At once, when it is known here already. */
  peek(id: string): Product | undefined
  search(asked: {
    text: string
    category?: string
    favourites?: boolean
    limit?: number
  }): Promise<readonly Product[]>
  /** What the same question was answered lately: shown until it is answered anew. */
  recall(asked: Parameters<Shelf['search']>[0]): readonly Product[] | undefined
  customer(id: string): Promise<Customer>
  searchCustomers(text: string, limit?: number): Promise<readonly Customer[]>
  scan(code: string): Promise<Scanned>
  /** The copy in this browser: what is sold from when the hub is gone. `off`: this browser keeps none. */
  readonly copy: ReadonlySignal<{
    state: 'off' | 'copying' | 'complete'
    products: number
    /** When it was last equal to the hub's, ms since 1970. */
    at: number | null
  }>
}

// ---------------------------------------------------------------- who sells where

/** Register, session, employee: desk/. */
export interface Desk {
  /**
   * register: none chosen. login: nobody has logged in. opening: the register is closed. open: may sell. locked: somebody's log-in
   * is kept, the screen is not shown.
   */
  readonly stage: ReadonlySignal<'register' | 'login' | 'opening' | 'open' | 'locked'>
  readonly register: ReadonlySignal<Register | undefined>
  readonly session: ReadonlySignal<Session | null>
  /** What the next opening should find in the drawer. */
  readonly openingExpected: ReadonlySignal<number>
  readonly employees: ReadonlySignal<readonly Employee[]>
  /** null where there are no employees. */
  readonly employee: ReadonlySignal<Employee | null>
  /** undefined where there are no employees. */
  readonly login: ReadonlySignal<string | undefined>
  /** Who asks: a part of what is sent with calls. Follows nobody: a call tells who is there when it is made. */
  by(): { login?: string }
  /** What a screen offers; the hub decides. */
  may(right: Right): boolean
  /** Sells for practice: nothing reaches the books. */
  readonly training: Signal<boolean>
  choose(register: string): Promise<void>
  /** By name and PIN, or badge and PIN. Throws `pin_wrong`, `locked_out`. */
  logIn(who: { employee?: string; pin?: string; badge?: string }): Promise<void>
  lock(): void
  /** Without a PIN: only where the hub cannot be asked for it, or whoever has locked it has none. */
  unlock(): void
  /** Somebody else's turn. */
  logOut(): Promise<void>
  open(counted: number, more?: { coins?: Coins; note?: string }): Promise<void>
  report(session?: string): Promise<SessionReport>
  close(asked: {
    counts: { method: string; counted: number }[]
    coins?: Coins
    note?: string
    acceptDifference?: boolean
    approval?: Approval
  }): Promise<SessionReport>
  /** Kept and sent later while the hub is gone. */
  moveCash(amount: number, reason: string, approval?: Approval): Promise<CashMove | undefined>
  openDrawer(reason: string): Promise<void>
  /** Any touch, key or scan. */
  touched(): void
}

// ---------------------------------------------------------------- the order in front of the cashier

export interface CartLine {
  id: string
  product: Product
  quantity: string
  /** Set by hand. */
  price?: string
  discount: string
  note?: string
  internalNote?: string
  course?: number
  lots: readonly string[]
  weighing?: string
}

/** What is said of a line; undefined takes it away where a line can be without. */
export type LineChange = { [K in Exclude<keyof CartLine, 'id' | 'product'>]?: CartLine[K] | undefined }

/** What is told apart from lines: all of it may be undone. */
export interface CartHead {
  customer: Customer | null
  /** undefined: what customer and register say. */
  pricelist: string | null | undefined
  fiscalPosition: string | null | undefined
  /** Percent off the whole order. */
  discount: string
  tip: number
  label: string | undefined
  note: string | undefined
  internalNote: string | undefined
  table: string | null
  guests: number
}

export interface CartState extends CartHead {
  id: string
  register: string
  lines: readonly CartLine[]
  /** ms since 1970. */
  createdAt: number
  /** Of the draft on the hub; 0 while the hub does not have it. */
  version: number
  tracking: number | null
  /** A refund as the hub made it: its lines and totals are fixed. Also what the kitchen was told, and whether the bill is out. */
  draft: Draft | null
  /** It brings back what was sold. */
  refund: boolean
}

/** The order worked out by the engine, as the hub will: same lines, same totals. */
export interface Worked {
  /** Those of the cart in their order, then discount and tip. */
  lines: readonly OrderLine[]
  totals: Totals
  rules: OrderRules
  /** total + rounding. */
  due: number
  /** Why it cannot be worked out now: a price is missing, a pricelist is gone. The figures are those of what can be. */
  problem: { code: string; text: string; line?: string } | null
}

export type KeypadMode = 'quantity' | 'discount' | 'price'
export type KeypadKey =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9' // biome-ignore format: one row
  | 'decimal'
  | 'sign'
  | 'back'

/** cart/ */
export interface Cart {
  readonly state: ReadonlySignal<CartState>
  readonly worked: ReadonlySignal<Worked>
  readonly selected: ReadonlySignal<string | null>
  readonly mode: ReadonlySignal<KeypadMode>
  /** What was typed since the line was chosen; '' is a fresh one. */
  readonly buffer: ReadonlySignal<string>
  /** `3 *`: how many the next product is; null for none. */
  readonly prefix: ReadonlySignal<string | null>
  readonly canUndo: ReadonlySignal<boolean>
  /**
   * Puts a product in: on top of a line that is alike, or as a new one. Mode is `quantity` and the buffer fresh afterwards, so that
   * scan, 2, scan, 2 is two of each. Answers the line.
   */
  add(product: Product, more?: LineChange): string
  select(line: string | null): void
  setMode(mode: KeypadMode): void
  press(key: KeypadKey): void
  /** What is in the buffer becomes the prefix, and is not a quantity of the line any more. */
  multiply(): void
  changeLine(line: string, change: LineChange): void
  removeLine(line: string): void
  change(head: Partial<CartHead>): void
  undo(): void
  /** Another order takes its place; there is nothing to undo then. */
  load(state: CartState): void
  /** An empty one for the register, with the customer that the register names. */
  fresh(): void
  readonly empty: ReadonlySignal<boolean>
  toInput(): OrderInput
}

// ---------------------------------------------------------------- orders

/** A sale that was made without the hub: what its receipt needs. */
export interface KeptSale {
  id: string
  /** null when no number was left, or while it is in doubt whether the hub has filed it. */
  reference: string | null
  register: string
  lines: readonly OrderLine[]
  totals: Totals
  rules: OrderRules
  payments: readonly Payment[]
  change: number
  customer: string | null
  employee: string
  /** ISO 8601. */
  paidAt: string
  training: boolean
}

/** `filed`: it is in the books. `kept`: in this browser, on its way there. `training`: nowhere. */
export type Paid =
  | { kind: 'filed'; sold: SoldOrder }
  | { kind: 'kept'; sale: KeptSale }
  | { kind: 'training'; sale: KeptSale }

export interface ParkedOrder extends OrderSummary {
  /** Only in this browser, as the hub is gone. */
  here: boolean
}

/** The order in hand and those beside it: sales/. */
export interface Sales {
  /** Drafts of all tills, and those that only this browser has; the newest first. */
  readonly parked: ReadonlySignal<readonly ParkedOrder[]>
  /** The last sale of this till, until the next order has its first line. */
  readonly last: ReadonlySignal<Paid | null>
  /** A paid order that the orders screen is to open: a receipt was scanned. */
  readonly shown: Signal<string | null>
  /** Money handed over at the moment, kept over a reload. */
  readonly payments: Signal<readonly PaymentInput[]>
  /** Puts the order aside for all tills, and begins a fresh one. An empty one is thrown away. */
  park(label?: string): Promise<void>
  /** Takes a parked one, or a table's, in hand; what was in hand is parked. Throws `order_held`. */
  take(id: string): Promise<void>
  /** The order of a table, or a fresh one on it. */
  takeTable(table: string): Promise<void>
  /** Saves the order in hand on the hub and holds it, so that the hub's own acts (bill, kitchen, split) can be done with it. */
  save(): Promise<Draft>
  /** The hub changed the order in hand: by a kitchen ticket, a bill, a transfer, a split. */
  adopt(draft: Draft): Promise<void>
  /** Throws the order away; one that the hub has needs a cashier. */
  cancel(reason?: string): Promise<void>
  /** Lines of a paid order as a refund in hand; all that has not come back yet when left out. */
  refund(order: string, lines?: { line: string; quantity: string; lots?: string[] }[]): Promise<void>
  /**
   * Pays the order in hand. It is filed by the hub, else kept here; only when neither can be it throws, and nothing has happened.
   * Throws what the hub refuses: `payment_invalid`, `total_differs` (the order was worked out anew: look and pay again), `right_missing`, …
   */
  pay(more?: { invoice?: boolean; print?: boolean; approval?: Approval }): Promise<Paid>
  /** After the receipt: the next customer. */
  next(): void
}

/** What the customer sees follows the cart: display.ts. Nothing to call; built and forgotten. */

/** A video element, as far as it is used: this file is read by programs without a page too. */
export interface CameraView {
  srcObject: unknown
  play(): Promise<void>
}

/** Scans of the hub's scanners, of a keyboard wedge and of the camera, as one: scanner/. */
export interface Scanner {
  /** Answers how to stop; the listener that came last gets the scan, so that a dialog may take them for itself. */
  onScan(listener: (code: string) => void): () => void
  /** A code that was read by other means. */
  feed(code: string): void
  /** Whether this browser can read codes with its camera. */
  readonly camera: boolean
  readCamera(video: CameraView, until: AbortSignal): Promise<string>
}

export type Tone = 'ok' | 'unknown' | 'attention' | 'done'
export interface Sounds {
  play(tone: Tone): void
}

/** Short messages at the edge of the screen. */
export interface Messages {
  show(content: { tone: 'bad' | 'good'; text: string; code?: string; todo?: string }): void
}

export type Screen =
  | 'sell'
  | 'pay'
  | 'done'
  | 'orders'
  | 'floor'
  | 'cash'
  | 'closing'
  | 'sessions'
  | 'reports'
  | 'settings'
  | 'state'

/** All of it, as screens get it by `useTill()`. */
export interface Till {
  link: Link
  journal: Journal
  queue: Queue
  numbers: Numbers
  settings: Settings
  shelf: Shelf
  desk: Desk
  cart: Cart
  sales: Sales
  scanner: Scanner
  sounds: Sounds
  toasts: Messages
  clock: UiClock
  screen: Signal<Screen>
}
