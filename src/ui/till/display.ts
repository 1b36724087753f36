/** The customer's display follows the cart: the newest state only, a few times a second at most, never in the way of a sale. */
import { effect } from '@preact/signals'
import type { DisplayShowPayload } from '../../protocol/job.ts'
import type { UiClock } from '../parts/time.ts'
import { say } from '../words/say.ts'
import type { Cart, Desk, Link, Sales, Shelf } from './contract.ts'
import { decimalText, moneyText } from './parts/money.ts'

export const displayTimes = {
  /** Between two states that are sent, in ms. */
  gatherMs: 200,
  /** A state that was not shown by then is not worth showing any more, in ms. */
  lateMs: 3_000,
  /** How long the change stays in sight after a sale, in ms. */
  doneMs: 8_000,
} as const

interface DisplayParts {
  link: Pick<Link, 'stage' | 'submitJob'>
  desk: Pick<Desk, 'register' | 'stage'>
  cart: Pick<Cart, 'worked' | 'empty'>
  sales: Pick<Sales, 'last'>
  shelf: Pick<Shelf, 'shop'>
  clock: UiClock
}

/** What fits on a display: the end of a long cart, which is what was scanned last. */
const itemsMax = 40
const textMax = 200

export class CustomerDisplay {
  readonly #parts: DisplayParts
  #waiting = false
  #sending = false
  #again = false
  #shown = ''

  constructor(parts: DisplayParts) {
    this.#parts = parts
  }

  start(): void {
    const { cart, desk, link, sales } = this.#parts
    effect(() => {
      cart.worked.value
      sales.last.value
      if (desk.register.value?.display === undefined || link.stage.value !== 'online') return
      this.#soon()
    })
  }

  #soon(): void {
    if (this.#waiting) return
    this.#waiting = true
    this.#parts.clock.after(displayTimes.gatherMs, () => {
      this.#waiting = false
      void this.#send()
    })
  }

  async #send(): Promise<void> {
    if (this.#sending) {
      this.#again = true
      return
    }
    const { clock, desk, link } = this.#parts
    const device = desk.register.peek()?.display
    const payload = this.#payload()
    const text = JSON.stringify(payload ?? null)
    if (device === undefined || link.stage.peek() !== 'online' || text === this.#shown) return
    this.#sending = true
    this.#shown = text
    const expiresAt = new Date(clock.read() + displayTimes.lateMs).toISOString()
    try {
      await (payload === undefined
        ? link.submitJob({ device, kind: 'display.clear', payload: {}, expiresAt })
        : link.submitJob({ device, kind: 'display.show', payload, expiresAt }))
    } catch {
      // A display that is away is told on the console; a cashier has other things to do.
      this.#shown = ''
    } finally {
      this.#sending = false
    }
    if (this.#again) {
      this.#again = false
      this.#soon()
    }
  }

  /** undefined: nothing to show, the display is idle. */
  #payload(): DisplayShowPayload | undefined {
    const { cart, clock, sales, shelf } = this.#parts
    const shop = shelf.shop.peek()
    if (!cart.empty.peek()) {
      const { due, lines } = cart.worked.peek()
      return {
        items: lines.slice(-itemsMax).map(({ gross, name, quantity }) => ({
          text: name.slice(0, textMax),
          quantity: decimalText(quantity).slice(0, 20),
          amount: moneyText(gross, shop).slice(0, 30),
        })),
        total: { label: say('done.total'), amount: moneyText(due, shop) },
      }
    }
    const last = sales.last.peek()
    if (last === null) return undefined
    const sale = last.kind === 'filed' ? last.sold : last.sale
    const age = clock.read() - Date.parse(sale.paidAt)
    if (age > displayTimes.doneMs) return undefined
    clock.after(displayTimes.doneMs - age + 1, () => void this.#send())
    return {
      message: `${say('pay.change')}: ${moneyText(sale.change, shop)}`,
      total: { label: say('done.total'), amount: moneyText(sale.totals.total + sale.totals.rounding, shop) },
    }
  }
}
