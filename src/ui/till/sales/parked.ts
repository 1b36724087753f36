/** Orders that are open: drafts of all tills as the hub tells of them, and those that wait in this browser for the hub. */
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { OrderSummary } from '../../../protocol/till/order.ts'
import { parsedInput } from '../cart/state.ts'
import type { CartState, Journal, Link, ParkedOrder } from '../contract.ts'

const prefix = 'parked/'
const pageMax = 500

interface ParkedParts {
  link: Pick<Link, 'call' | 'onFresh' | 'subscribe'>
  journal: Journal
  /** Who is at the till. */
  by: () => { login?: string }
  /** The order in hand is none that is parked. */
  inHand: ReadonlySignal<string>
}

interface Local {
  state: CartState
  total: number
  employee: string
}

export class ParkedOrders {
  readonly #parts: ParkedParts
  readonly #hub = signal<ReadonlyMap<string, OrderSummary>>(new Map())
  readonly #here = signal<ReadonlyMap<string, Local>>(new Map())
  readonly all: ReadonlySignal<readonly ParkedOrder[]>

  constructor(parts: ParkedParts) {
    this.#parts = parts
    this.all = computed(() => {
      const hub = [...this.#hub.value.values()].map((order) => ({ ...order, here: false }))
      const here = [...this.#here.value.values()].map(summaryOf)
      return [...here, ...hub]
        .filter(({ id }) => id !== parts.inHand.value)
        .sort((a, b) => (a.at < b.at ? 1 : -1))
    })
  }

  async start(): Promise<void> {
    const { journal, link } = this.#parts
    const kept = await journal.list<Local>(prefix)
    this.#here.value = new Map(kept.map(({ value }) => [value.state.id, value]))
    link.subscribe(['till.order.changed'], ({ data }) => {
      const next = new Map(this.#hub.peek())
      if (data.state === 'draft') next.set(data.id, data)
      else next.delete(data.id)
      this.#hub.value = next
    })
    link.onFresh(() => void this.#refresh())
  }

  local(id: string): CartState | undefined {
    return this.#here.peek().get(id)?.state
  }

  async keep(state: CartState, total: number, employee: string): Promise<void> {
    const local = { state, total, employee }
    await this.#parts.journal.write(prefix + state.id, local)
    this.#here.value = new Map([...this.#here.peek(), [state.id, local]])
  }

  async forget(id: string): Promise<void> {
    await this.#parts.journal.remove(prefix + id)
    const next = new Map(this.#here.peek())
    next.delete(id)
    this.#here.value = next
  }

  async #refresh(): Promise<void> {
    const { link } = this.#parts
    try {
      const { orders } = await link.call('till.order.list', { state: 'draft', limit: pageMax })
      this.#hub.value = new Map(orders.map((order) => [order.id, order]))
    } catch {
      // Asked again with the next connection; until then what is known stands.
    }
    for (const { state } of [...this.#here.peek().values()]) await this.#hand(state)
  }

  /** The hub has it from now on. One that it refuses stays here, where it can be taken in hand and mended. */
  async #hand(state: CartState): Promise<void> {
    try {
      await this.#parts.link.call('till.order.save', {
        ...this.#parts.by(),
        version: state.version,
        order: parsedInput(state),
      })
      await this.forget(state.id)
    } catch {
      // Tried again with the next connection.
    }
  }
}

function summaryOf({ employee, state, total }: Local): ParkedOrder {
  const { customer, id, label, register, table, tracking, version } = state
  return {
    ...{ id, register, session: '', table, tracking, total, version, employee },
    state: 'draft',
    customer: customer?.id ?? null,
    label: label ?? null,
    reference: null,
    refund: false,
    heldBy: null,
    at: new Date(state.createdAt).toISOString(),
    here: true,
  }
}
