/** The order in hand and what becomes of it: parked, taken by another till, refunded, paid; with the hub and without it. */
import { batch, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { newId } from '../../../protocol/client-core.ts'
import { HubError, toHubError } from '../../../protocol/errors.ts'
import type { Params } from '../../../protocol/methods.ts'
import type { Draft, PaymentInput, SoldOrder } from '../../../protocol/till/order.ts'
import type { Settled } from '../../../till/engine/contract.ts'
import { methodsOf, termsOf } from '../../../till/engine/payments.ts'
import { settle } from '../../../till/engine/settle.ts'
import type { UiClock } from '../../parts/time.ts'
import type {
  Cart,
  CartState,
  Desk,
  Journal,
  KeptSale,
  Link,
  Numbers,
  Paid,
  ParkedOrder,
  Queue,
  Sales,
  Shelf,
} from '../contract.ts'
import { answerLost, hubUnready } from '../link/answers.ts'
import { stateOf } from './draft-state.ts'
import { ParkedOrders } from './parked.ts'

export const salesTimes = {
  /** How long a cashier waits for the hub to take a sale, in ms; then it is kept here, and the hub is asked again later. */
  payMs: 2_500,
  /** A lease of the order in hand, and how often it is renewed, in ms. */
  holdMs: 120_000,
  renewMs: 45_000,
} as const

/** The hub is being asked to file it, or the queue to keep it: a page that goes away meanwhile asks again afterwards. */
interface Asked {
  call: Parameters<Queue['add']>[0]
  sale: KeptSale
}

/** What a reload goes on with. */
interface InHand {
  state: CartState
  payments: readonly PaymentInput[]
  number: GivenNumber | undefined
  asked: Asked | undefined
}

type GivenNumber = NonNullable<Awaited<ReturnType<Numbers['take']>>>
type PayMore = NonNullable<Parameters<Sales['pay']>[0]>

interface SalesParts {
  link: Pick<Link, 'call' | 'onFresh' | 'stage' | 'subscribe'>
  journal: Journal
  queue: Queue
  numbers: Numbers
  desk: Pick<Desk, 'by' | 'employee' | 'register' | 'session' | 'training'>
  cart: Cart
  shelf: Pick<Shelf, 'all' | 'customer' | 'product' | 'shop'>
  clock: UiClock
  clientName: string
}

export class TillSales implements Sales {
  readonly #parts: SalesParts
  readonly #parkedOrders: ParkedOrders
  readonly #last = signal<Paid | null>(null)
  readonly #inHand = signal('')
  readonly payments: Signal<readonly PaymentInput[]> = signal([])
  readonly shown: Signal<string | null> = signal(null)
  #paying: Promise<Paid> | undefined
  #trained = 0
  /** The number of the order in hand: the same for each try, and for the next order when this one is given up. */
  #number: GivenNumber | undefined
  #asked: Asked | undefined
  /** The order as the hub has it: what differs from it is not saved yet. */
  #saved: CartState | undefined
  #stopHolding: () => void = () => undefined

  constructor(parts: SalesParts) {
    this.#parts = parts
    const { desk, journal, link } = parts
    this.#parkedOrders = new ParkedOrders({
      link,
      journal,
      by: () => desk.by(),
      inHand: this.#inHand,
    })
  }

  get parked(): ReadonlySignal<readonly ParkedOrder[]> {
    return this.#parkedOrders.all
  }

  get last(): ReadonlySignal<Paid | null> {
    return this.#last
  }

  async start(): Promise<void> {
    const { cart, desk, queue } = this.#parts
    await this.#parkedOrders.start()
    let register: string | undefined
    let ready = false
    effect(() => {
      const now = desk.register.value?.id
      if (now === undefined || now === register) return
      register = now
      ready = false
      void this.#resume(now).finally(() => {
        ready = true
      })
    })
    effect(() => {
      const state = cart.state.value
      this.#inHand.value = state.id
      if (state.lines.length > 0 && this.#last.peek() !== null) this.#last.value = null
      this.payments.value
      if (ready && register !== undefined && !desk.training.value) void this.#remember()
    })
    let training = desk.training.peek()
    desk.training.subscribe((now) => {
      if (now === training) return
      training = now
      // What was in hand for real comes back afterwards.
      this.payments.value = []
      this.#last.value = null
      if (now) cart.fresh()
      else if (register !== undefined) void this.#resume(register)
    })
    queue.onSent((call, result) => {
      const last = this.#last.peek()
      if (call.method !== 'till.order.pay' || last?.kind !== 'kept') return
      const sold = result as SoldOrder
      if (sold.id === last.sale.id) this.#last.value = { kind: 'filed', sold }
    })
  }

  async park(label?: string): Promise<void> {
    const { cart, desk } = this.#parts
    const state = cart.state.peek()
    if (state.lines.length > 0 && !desk.training.peek()) {
      if (label !== undefined && label !== state.label) cart.change({ label })
      if (this.#online() && (await this.#savedOnHub())) await this.#release(state.id)
      else {
        const employee = desk.employee.peek()?.name ?? this.#parts.clientName
        await this.#parkedOrders.keep(cart.state.peek(), cart.worked.peek().due, employee)
      }
    } else if (state.version > 0) await this.#release(state.id)
    this.#fresh()
  }

  async take(id: string): Promise<void> {
    const { cart, link } = this.#parts
    if (cart.state.peek().id === id) return
    const local = this.#parkedOrders.local(id)
    if (local !== undefined) {
      await this.#aside()
      this.#load(local)
      await this.#parkedOrders.forget(id)
      return
    }
    const draft = await link.call('till.order.hold', { ...this.#parts.desk.by(), id, ms: salesTimes.holdMs })
    const state = await this.#stateOf(draft)
    await this.#aside()
    this.#load(state)
  }

  async takeTable(table: string): Promise<void> {
    const { cart } = this.#parts
    const state = cart.state.peek()
    if (state.table === table && state.lines.length > 0) return
    const there = this.parked.peek().find((order) => order.table === table)
    if (there !== undefined) return this.take(there.id)
    await this.#aside()
    this.#fresh()
    cart.change({ table })
  }

  async save(): Promise<Draft> {
    const { cart, link } = this.#parts
    const state = cart.state.peek()
    if (this.#saved === state && state.draft !== null) return state.draft
    const draft = await link.call('till.order.save', {
      ...this.#parts.desk.by(),
      version: state.version,
      order: cart.toInput(),
    })
    const held = await link.call('till.order.hold', {
      ...this.#parts.desk.by(),
      id: draft.id,
      ms: salesTimes.holdMs,
    })
    await this.adopt(held)
    return held
  }

  async adopt(draft: Draft): Promise<void> {
    this.#load(await this.#stateOf(draft), this.payments.peek())
  }

  async cancel(reason?: string): Promise<void> {
    const { cart, link } = this.#parts
    const { id, version } = cart.state.peek()
    if (version > 0) {
      await link.call('till.order.cancel', {
        ...this.#parts.desk.by(),
        id,
        version,
        ...(reason !== undefined && { reason }),
      })
    }
    this.#fresh()
  }

  async refund(order: string, lines?: { line: string; quantity: string; lots?: string[] }[]): Promise<void> {
    const { desk, link } = this.#parts
    const register = desk.register.peek()?.id
    if (register === undefined) throw new HubError('till_unknown', { kind: 'register', id: '' })
    const draft = await link.call('till.order.refund', {
      ...this.#parts.desk.by(),
      id: newId(),
      register,
      order,
      ...(lines !== undefined && { lines }),
    })
    const state = await this.#stateOf(draft)
    await this.#aside()
    this.#load(state)
  }

  /** A second press while the first is on its way is the same payment. */
  pay(more: PayMore = {}): Promise<Paid> {
    this.#paying ??= this.#payOnce(more).finally(() => {
      this.#paying = undefined
    })
    return this.#paying
  }

  next(): void {
    if (this.#parts.cart.state.peek().lines.length > 0) this.#fresh()
  }

  async #payOnce(more: PayMore): Promise<Paid> {
    const { cart, desk } = this.#parts
    const { problem } = cart.worked.peek()
    if (problem !== null) throw new HubError('till_invalid', { path: 'lines', reason: problem.text })
    if (desk.training.peek()) return this.#paidForPractice()
    try {
      const paid = (this.#online() ? await this.#payOnline(more) : undefined) ?? (await this.#payAlone(more))
      this.#number = undefined
      this.#asked = undefined
      this.#finish(paid)
      return paid
    } catch (thrown) {
      this.#asked = undefined
      void this.#remember()
      throw thrown
    }
  }

  /** undefined: the hub is there and yet cannot take it, as it is starting or ending. */
  async #payOnline(more: PayMore): Promise<Paid | undefined> {
    const { cart, link } = this.#parts
    const state = cart.state.peek()
    const number = await this.#numbered()
    try {
      if (state.version > 0 && this.#saved !== state) await this.save()
    } catch (thrown) {
      const { code } = toHubError(thrown)
      if (answerLost(code) || hubUnready(code)) return undefined
      throw thrown
    }
    const { id, version } = cart.state.peek()
    const params: Params<'till.order.pay'> = {
      ...this.#parts.desk.by(),
      ...more,
      id,
      ...(version > 0 ? { version } : { order: cart.toInput() }),
      payments: [...this.payments.peek()],
      expectedTotal: cart.worked.peek().totals.total,
      ...(number !== undefined && { number: number.number }),
    }
    const asked = await this.#ask(params, 'doubt')
    try {
      return {
        kind: 'filed',
        sold: await link.call('till.order.pay', params, { timeoutMs: salesTimes.payMs }),
      }
    } catch (thrown) {
      const { code } = toHubError(thrown)
      if (hubUnready(code)) return undefined
      if (!answerLost(code)) throw thrown
      // It may be in the books already: only the very same question finds out, and does no harm.
      return this.#keep(asked)
    }
  }

  /** Without the hub: a number of this till's own, kept here before anybody is told that it is paid. */
  async #payAlone(more: PayMore): Promise<Paid> {
    const { cart, clock, desk } = this.#parts
    const state = cart.state.peek()
    if (state.refund) throw new HubError('connection_lost')
    if (desk.session.peek() === null)
      throw new HubError('session_closed', { register: desk.register.peek()?.name ?? '' })
    const number = await this.#numbered()
    const params: Params<'till.order.pay'> = {
      ...this.#parts.desk.by(),
      id: state.id,
      order: cart.toInput(),
      payments: [...this.payments.peek()],
      expectedTotal: cart.worked.peek().totals.total,
      invoice: more.invoice ?? false,
      print: false,
      paidAt: new Date(clock.read()).toISOString(),
      ...(number !== undefined && { number: number.number }),
    }
    return this.#keep(await this.#ask(params, 'waiting'))
  }

  /** What is asked is on the disk before it is asked. Throws `payment_invalid` as the hub would. */
  async #ask(params: Params<'till.order.pay'>, state: 'waiting' | 'doubt'): Promise<Asked> {
    const reference = this.#number?.reference ?? null
    const sale = this.#sale(this.#settled(), reference)
    const items = this.#parts.cart.worked.peek().lines.filter(({ kind }) => kind === 'item')
    const call: Asked['call'] = {
      method: 'till.order.pay',
      params,
      label: reference ?? sale.id.slice(0, 8),
      amount: sale.totals.total,
      charged: Object.fromEntries(items.map(({ id, price }) => [id, price])),
      state,
    }
    this.#asked = { call, sale }
    await this.#remember()
    return this.#asked
  }

  async #keep({ call, sale }: Asked): Promise<Paid> {
    await this.#parts.queue.add(call)
    return { kind: 'kept', sale }
  }

  async #remember(): Promise<void> {
    const { cart, desk, journal } = this.#parts
    const state = cart.state.peek()
    if (desk.training.peek() || state.register !== desk.register.peek()?.id) return
    const kept: InHand = {
      ...{ state, payments: this.payments.peek() },
      ...{ number: this.#number, asked: this.#asked },
    }
    // A failing disk of the browser keeps nobody from selling: what is paid without the hub is refused by the queue then.
    await journal.write(`cart/${state.register}`, kept).catch(() => undefined)
  }

  #paidForPractice(): Paid {
    const reference = `T-${String(++this.#trained).padStart(4, '0')}`
    const paid: Paid = { kind: 'training', sale: this.#sale(this.#settled(), reference) }
    this.#finish(paid)
    return paid
  }

  /**
   * Each sale has a number of this till's own, with the hub and without: it is on the receipt also when the hub's answer gets lost.
   * undefined when there is none at hand; the hub gives one then.
   */
  async #numbered(): Promise<GivenNumber | undefined> {
    this.#number ??= await this.#parts.numbers.take()
    return this.#number
  }

  /** Throws `payment_invalid` as the hub would. */
  #settled(): Settled {
    const { cart, desk, shelf } = this.#parts
    const register = desk.register.peek()
    if (register === undefined) throw new HubError('till_unknown', { kind: 'register', id: '' })
    const payments = this.payments.peek()
    const all = shelf.all('paymentMethod')
    const { customer, id } = cart.state.peek()
    const bill = { order: id, register, customer, due: cart.worked.peek().due, payments }
    return settle(payments, termsOf(bill, methodsOf(bill, all), all, shelf.shop.peek()))
  }

  #sale({ change, payments }: Settled, reference: string | null): KeptSale {
    const { cart, clientName, clock, desk } = this.#parts
    const { customer, id, register } = cart.state.peek()
    const { lines, rules, totals } = cart.worked.peek()
    return {
      ...{ id, reference, register, lines, totals, rules, payments, change },
      customer: customer?.name ?? null,
      employee: desk.employee.peek()?.name ?? clientName,
      paidAt: new Date(clock.read()).toISOString(),
      training: desk.training.peek(),
    }
  }

  #finish(paid: Paid): void {
    this.#fresh()
    this.#last.value = paid
  }

  #fresh(): void {
    this.#stopHolding()
    this.#saved = undefined
    // At once: of what is written in between, a reload would make an order that is paid an open one again.
    batch(() => {
      this.payments.value = []
      this.#parts.cart.fresh()
    })
  }

  #load(state: CartState, payments: readonly PaymentInput[] = []): void {
    this.#stopHolding()
    const { cart } = this.#parts
    batch(() => {
      this.payments.value = payments
      cart.load(state)
    })
    this.#saved = cart.state.peek()
    if (state.version > 0) this.#hold(state.id)
  }

  /** What is in hand makes room: it is parked, or thrown away when it is empty. */
  async #aside(): Promise<void> {
    const { lines, version } = this.#parts.cart.state.peek()
    if (lines.length > 0 || version > 0) await this.park()
  }

  /** False when the hub went away meanwhile: then it is kept here. */
  async #savedOnHub(): Promise<boolean> {
    try {
      await this.save()
      return true
    } catch (thrown) {
      if (answerLost(toHubError(thrown).code)) return false
      throw thrown
    }
  }

  #hold(id: string): void {
    this.#stopHolding()
    const { clock, link } = this.#parts
    this.#stopHolding = clock.after(salesTimes.renewMs, () => {
      link
        .call('till.order.hold', { ...this.#parts.desk.by(), id, ms: salesTimes.holdMs })
        .catch(() => undefined)
      this.#hold(id)
    })
  }

  async #release(id: string): Promise<void> {
    this.#stopHolding()
    await this.#parts.link.call('till.order.release', { id }).catch(() => undefined)
  }

  async #stateOf(draft: Draft): Promise<CartState> {
    const { desk, shelf } = this.#parts
    const ids = new Set(draft.lines.filter(({ kind }) => kind === 'item').map(({ product }) => product))
    const [customer, ...products] = await Promise.all([
      draft.customer === null ? null : shelf.customer(draft.customer).catch(() => null),
      ...[...ids].map((id) => shelf.product(id).catch(() => undefined)),
    ])
    const known = new Map(
      products.flatMap((product) => (product === undefined ? [] : [[product.id, product]])),
    )
    return stateOf(draft, { customer, productOf: (id) => known.get(id), register: desk.register.peek() })
  }

  /** What was in hand when the page went away. */
  async #resume(register: string): Promise<void> {
    const { cart, journal, queue } = this.#parts
    const kept = await journal.read<InHand>(`cart/${register}`).catch(() => undefined)
    if (kept === undefined || kept.state.register !== register) return this.#fresh()
    if (kept.asked !== undefined) {
      const { call, sale } = kept.asked
      const waits = queue.calls.peek().some(({ params }) => 'id' in params && params.id === sale.id)
      // It may be in the books already: only the very same question finds out, and does no harm.
      if (!waits) await queue.add({ ...call, state: 'doubt' })
      this.#finish({ kind: 'kept', sale })
      return
    }
    this.#number = kept.number
    batch(() => {
      this.payments.value = kept.payments
      cart.load(kept.state)
    })
    if (kept.state.version > 0) this.#hold(kept.state.id)
  }

  #online(): boolean {
    return this.#parts.link.stage.peek() === 'online'
  }
}
