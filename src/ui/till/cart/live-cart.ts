/** The order in front of the cashier: lines, keys, undo. Nothing here waits for anything; the engine makes the figures. */
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { HubError } from '../../../protocol/errors.ts'
import type { Customer, Product } from '../../../protocol/till/catalogue.ts'
import { tillLimits } from '../../../protocol/till/limits.ts'
import type { OrderInput } from '../../../protocol/till/order.ts'
import type { CatalogueView } from '../../../till/engine/contract.ts'
import { extraProducts } from '../../../till/engine/extra-lines.ts'
import { Pricer } from '../../../till/engine/price.ts'
import type { UiClock } from '../../parts/time.ts'
import type {
  Cart,
  CartHead,
  CartLine,
  CartState,
  Desk,
  KeypadKey,
  KeypadMode,
  LineChange,
  Shelf,
  Worked,
} from '../contract.ts'
import { changedHead, changedLine, stepped } from './changes.ts'
import { passed, priceMoments } from './moments.ts'
import { isNegative, isZero, numberOf, plus, times } from './numbers.ts'
import { freshState, inputOf, lineAlike } from './state.ts'
import { pressed, type Typing, untyped } from './typing.ts'
import { workedOf } from './working.ts'

export const cartLimits = {
  /** Steps that can be undone; of more, the oldest go. */
  undoStepsMax: 100,
} as const

export interface CartParts {
  shelf: Pick<Shelf, 'shop' | 'all' | 'get' | 'lineage' | 'product' | 'customer'>
  desk: Pick<Desk, 'register'>
  clock: Pick<UiClock, 'now' | 'read'>
  newId: () => string
}

interface Step {
  state: CartState
  selected: string | null
  settled: ReadonlyMap<string, string>
}

export class LiveCart implements Cart {
  readonly #parts: CartParts
  readonly #catalogue: CatalogueView
  readonly #pricer = new Pricer()
  readonly #state = signal<CartState>(freshState('', '', null, 0))
  readonly #selected = signal<string | null>(null)
  readonly #mode = signal<KeypadMode>('quantity')
  readonly #typing = signal<Typing>(untyped)
  readonly #prefix = signal<string | null>(null)
  readonly #steps = signal<readonly Step[]>([])
  /** Products of the lines of discount and tip, where the shop has them. */
  readonly #extra = signal<readonly Product[]>([])
  #extraAsked = false
  /** Quantities that a person has said, by line: what is scanned later begins anew on top of them. */
  #settled: ReadonlyMap<string, string> = new Map()
  /** The customer that the register names. */
  #usual: Customer | null = null

  readonly state: ReadonlySignal<CartState> = this.#state
  readonly selected: ReadonlySignal<string | null> = this.#selected
  readonly mode: ReadonlySignal<KeypadMode> = this.#mode
  readonly buffer = computed(() => this.#typing.value.buffer)
  readonly prefix: ReadonlySignal<string | null> = this.#prefix
  readonly canUndo = computed(() => this.#steps.value.length > 0)
  readonly empty = computed(() => this.#state.value.lines.length === 0)
  readonly worked: ReadonlySignal<Worked>

  constructor(parts: CartParts) {
    this.#parts = parts
    const { clock, shelf } = parts
    this.#catalogue = {
      get shop() {
        return shelf.shop.value
      },
      get: (kind, id) => shelf.get(kind, id),
      lineage: (category) => shelf.lineage(category),
    }
    const moments = computed(() => priceMoments(shelf.all('pricelist')))
    /** Prices change by themselves when a rule begins or ends. */
    const period = computed(() => passed(moments.value, clock.now.value))
    this.worked = computed(() => {
      period.value
      const state = this.#state.value
      return workedOf(state, {
        catalogue: this.#catalogue,
        pricer: this.#pricer,
        register: this.#catalogue.get('register', state.register),
        extra: this.#extra.value,
        now: clock.read(),
      })
    })
  }

  add(product: Product, more: LineChange = {}): string {
    const state = this.#state.value
    if (state.refund) throw refused('sells beside what comes back; finish the refund, then sell')
    const quantity = this.#added(product, more)
    const alike = lineAlike(state.lines, product, quantity, more)
    if (alike === undefined && state.lines.length >= tillLimits.linesMax)
      throw refused(`are ${tillLimits.linesMax} already; pay these first`)
    this.#note()
    const line = alike ?? changedLine({ ...this.#bare(product), quantity }, more, this.#catalogue)
    const total = alike === undefined ? quantity : plus(alike.quantity, quantity)
    const put = { ...line, product, quantity: total }
    const lines = withProduct(state.lines, product)
    this.#state.value = { ...state, lines: alike === undefined ? [...lines, put] : lines }
    this.#putLine(put)
    this.#selected.value = put.id
    this.#mode.value = 'quantity'
    this.#typing.value = { ...untyped, base: this.#settled.get(put.id) ?? '0' }
    if (this.#prefix.value !== null) this.#settle(put.id, total)
    this.#prefix.value = null
    void this.#askUsual()
    return put.id
  }

  select(line: string | null): void {
    this.#selected.value = line
    this.#typing.value = untyped
  }

  setMode(mode: KeypadMode): void {
    this.#mode.value = mode
    this.#typing.value = untyped
  }

  press(key: KeypadKey): void {
    const line = this.#state.value.refund ? undefined : this.#line(this.#selected.value)
    const { priceDigits } = this.#catalogue.shop
    const mode = this.#mode.value
    const { change, typing } = pressed(key, this.#typing.value, { line, mode, priceDigits })
    if (change === undefined || line === undefined) {
      this.#typing.value = typing
      return
    }
    if (change === 'remove') {
      this.removeLine(line.id)
      return
    }
    if (!typing.noted) this.#note()
    this.#typing.value = { ...typing, noted: true }
    const changed = changedLine(line, change, this.#catalogue)
    this.#putLine(changed)
    if (mode === 'quantity') this.#settle(line.id, changed.quantity)
  }

  multiply(): void {
    const { buffer, noted } = this.#typing.value
    const many = numberOf(buffer)
    if (noted) this.undo()
    this.#typing.value = untyped
    this.#prefix.value = isZero(many) || isNegative(many) ? null : many
  }

  changeLine(id: string, change: LineChange): void {
    const line = this.#line(id)
    if (line === undefined || this.#state.value.refund) return
    this.#note()
    const changed = changedLine(line, change, this.#catalogue)
    this.#putLine(changed)
    if (changed.quantity !== line.quantity) this.#settle(id, changed.quantity)
    this.#typing.value = untyped
  }

  removeLine(id: string): void {
    const { lines, refund } = this.#state.value
    const at = lines.findIndex((line) => line.id === id)
    if (at < 0 || refund) return
    this.#note()
    const left = lines.filter((line) => line.id !== id)
    this.#state.value = { ...this.#state.value, lines: left }
    if (this.#selected.value === id) this.select(left[Math.min(at, left.length - 1)]?.id ?? null)
  }

  change(head: Partial<CartHead>): void {
    this.#note()
    this.#typing.value = untyped
    this.#state.value = this.#withUsual({ ...this.#state.value, ...changedHead(head) })
    // Asked anew: its taxes may be others now.
    if (head.discount !== undefined || head.tip !== undefined) void this.#askExtra()
  }

  undo(): void {
    const steps = this.#steps.value
    const last = steps.at(-1)
    if (last === undefined) return
    this.#steps.value = steps.slice(0, -1)
    this.#state.value = this.#withUsual(last.state)
    this.select(last.selected)
    this.#settled = last.settled
  }

  load(state: CartState): void {
    this.#state.value = this.#withUsual(state)
    this.#steps.value = []
    this.#settled = new Map()
    this.#prefix.value = null
    this.#mode.value = 'quantity'
    this.select(state.lines.at(-1)?.id ?? null)
    void this.#askUsual()
    if (!this.#extraAsked) void this.#askExtra()
  }

  fresh(): void {
    const { clock, desk, newId } = this.#parts
    this.load(freshState(newId(), desk.register.value?.id ?? '', null, clock.read()))
  }

  toInput(): OrderInput {
    return inputOf(this.#state.value)
  }

  #line(id: string | null): CartLine | undefined {
    return this.#state.value.lines.find((line) => line.id === id)
  }

  #bare(product: Product): CartLine {
    return { id: this.#parts.newId(), product, quantity: '1', discount: '0', lots: [] }
  }

  #putLine(line: CartLine): void {
    const state = this.#state.value
    this.#state.value = { ...state, lines: state.lines.map((each) => (each.id === line.id ? line : each)) }
  }

  /** How many an add brings. What was weighed, or has its numbers, is not multiplied. */
  #added(product: Product, { lots = [], quantity, weighing }: LineChange): string {
    if (weighing !== undefined && quantity !== undefined) return quantity
    const counted = product.tracking === 'serial' && lots.length > 0 ? String(lots.length) : '1'
    const each = quantity ?? counted
    const many = lots.length > 0 ? null : this.#prefix.value
    return stepped(product, many === null ? each : times(each, many), this.#catalogue)
  }

  #settle(line: string, quantity: string): void {
    this.#settled = new Map(this.#settled).set(line, quantity)
  }

  #note(): void {
    const step = { state: this.#state.value, selected: this.#selected.value, settled: this.#settled }
    this.#steps.value = [...this.#steps.value.slice(1 - cartLimits.undoStepsMax), step]
  }

  /** The hub gives an order that it has not seen yet the customer of its register, and so it is shown at once. */
  #withUsual(state: CartState): CartState {
    const { customer, refund, register, version } = state
    if (customer !== null || refund || version > 0 || this.#usual === null) return state
    const usual = this.#catalogue.get('register', register)?.defaultCustomer
    return usual === this.#usual.id ? { ...state, customer: this.#usual } : state
  }

  async #askUsual(): Promise<void> {
    const { register } = this.#state.value
    const usual = this.#catalogue.get('register', register)?.defaultCustomer ?? null
    if (usual === null || usual === this.#usual?.id) return
    try {
      this.#usual = await this.#parts.shelf.customer(usual)
      this.#state.value = this.#withUsual(this.#state.value)
    } catch {
      // Not to be had now: asked again with the next line. The hub has the last word anyway.
    }
  }

  async #askExtra(): Promise<void> {
    this.#extraAsked = true
    const asked = Object.values(extraProducts).map((id) => this.#parts.shelf.product(id))
    const found = await Promise.allSettled(asked)
    const failed = found.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
    if (failed.some(({ reason }) => !(reason instanceof HubError && reason.code === 'till_unknown')))
      this.#extraAsked = false
    this.#extra.value = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  }
}

/** What is put in once more brings what the catalogue says today to all its lines, as the hub will see them. */
function withProduct(lines: readonly CartLine[], product: Product): CartLine[] {
  const outdated = (line: CartLine) => line.product.id === product.id && line.product !== product
  return lines.map((line) => (outdated(line) ? { ...line, product } : line))
}

const refused = (reason: string) => new HubError('till_invalid', { path: 'lines', reason })
