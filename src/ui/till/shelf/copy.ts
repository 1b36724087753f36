/** The page's side of the catalogue's copy: asks the thread that has it, and tells it what to copy from. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Customer, Product } from '../../../protocol/till/catalogue.ts'
import type { UiClock } from '../../parts/time.ts'
import type { Link, Shelf } from '../contract.ts'
import type { Answer, Answers, Ask, Asked, Question, Told } from './copy-messages.ts'

/** A worker, as far as it is used. */
export interface CopyThread {
  postMessage(question: Question): void
  onmessage: ((event: { data: Answer | Told }) => void) | null
}

export const copyTimes = {
  /** The hub is there and refuses a page (too many questions, starting): asked again after so long, in ms. */
  againMs: 15_000,
  /** Between two pages of the first copy, in ms: whoever sells meanwhile on a small machine comes first. */
  breathMs: 100,
} as const

interface CopyParts {
  clock: UiClock
  link: Pick<Link, 'onFresh'>
  /** undefined where the browser has no workers or no database. */
  thread: CopyThread | undefined
  /** Where the hub is asked, and with what. */
  hub: () => { rpc: string; token: string; now: number } | undefined
}

export class Copy {
  readonly #parts: CopyParts
  readonly #state: Signal<Shelf['copy']['value']> = signal({ state: 'off', products: 0, at: null })
  readonly #open = new Map<number, (answer: unknown) => void>()
  #next = 1

  constructor(parts: CopyParts) {
    this.#parts = parts
  }

  get state(): ReadonlySignal<Shelf['copy']['value']> {
    return this.#state
  }

  /** Something of it can be found; how much, `state` says. */
  get usable(): boolean {
    return this.#state.peek().state !== 'off'
  }

  async start(): Promise<void> {
    const { clock, link, thread } = this.#parts
    if (thread === undefined) return
    const begun = new Promise<void>((resolve) => {
      thread.onmessage = ({ data }) => {
        if (!('tell' in data)) {
          this.#open.get(data.id)?.(data.answer)
          this.#open.delete(data.id)
        } else if (data.tell === 'page') {
          clock.after(copyTimes.breathMs, () => thread.postMessage({ ask: 'next' }))
        } else if (data.tell === 'refused') {
          clock.after(copyTimes.againMs, () => this.follow())
        } else {
          this.#state.value = { state: data.state, products: data.products, at: data.at }
          resolve()
        }
      }
    })
    link.onFresh(() => this.follow())
    await begun
  }

  /** Copies what is new. */
  follow(): void {
    const hub = this.#parts.hub()
    if (hub !== undefined) this.#parts.thread?.postMessage({ ask: 'follow', hub })
  }

  product(id: string): Promise<Product | undefined> {
    return this.#ask('product', id)
  }

  customer(id: string): Promise<Customer | undefined> {
    return this.#ask('customer', id)
  }

  productByCode(code: string): Promise<Answers['productByCode']> {
    return this.#ask('productByCode', code)
  }

  customerByCode(code: string): Promise<Customer | undefined> {
    return this.#ask('customerByCode', code)
  }

  async search(asked: Asked['search']): Promise<Product[]> {
    return (await this.#ask('search', asked)) ?? []
  }

  async searchCustomers(asked: Asked['searchCustomers']): Promise<Customer[]> {
    return (await this.#ask('searchCustomers', asked)) ?? []
  }

  #ask<A extends Ask>(ask: A, asked: Asked[A]): Promise<Answers[A] | undefined> {
    const { thread } = this.#parts
    if (thread === undefined || !this.usable) return Promise.resolve(undefined)
    const id = this.#next++
    return new Promise((resolve) => {
      this.#open.set(id, resolve as (answer: unknown) => void)
      thread.postMessage({ id, ask, asked })
    })
  }
}
