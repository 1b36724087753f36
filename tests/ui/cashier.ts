/** A cashier at the page: taps, types and scans as people do, and adds up what was sold by a sum of their own. */
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { see } from './support.ts'

/** In minor units, taxes included: of tests/support/till-shop.ts, for sums that do without the engine. */
const prices: Readonly<Record<string, number>> = {
  'Milk 1 l': 199,
  'Spring water 0.5 l': 99,
  'Cola 0.33 l': 150,
  Coffee: 280,
  'Rye bread': 345,
  'Bread roll': 55,
  Soap: 225,
  'Light bulb': 695,
}
export const goods = Object.keys(prices)
export const codes: Readonly<Record<string, string>> = {
  'Milk 1 l': '4006381333931',
  'Rye bread': '5449000000996',
}

/** What the drawer and the books must come to, kept by hand. */
export class Sums {
  cash = 0
  card = 0
  orders = 0
  refunds = 0
  total = 0

  sold(total: number, { cash = total, card = 0 }: { cash?: number; card?: number } = {}): void {
    this.orders++
    if (total < 0) this.refunds++
    this.total += total
    this.cash += cash
    this.card += card
  }
}

export class Cashier {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Taps tiles. Answers what they cost. */
  async tap(...names: string[]): Promise<number> {
    for (const name of names) await this.page.locator('.tile', { hasText: name }).first().click()
    return names.reduce((sum, name) => sum + (prices[name] ?? Number.NaN), 0)
  }

  /** Types a code as a scanner does that acts as a keyboard. */
  async scan(name: string): Promise<number> {
    const lines = await this.count()
    await this.wedge(codes[name] ?? '')
    await expect.poll(() => this.count(), { timeout: 8_000 }).toBeGreaterThanOrEqual(Math.max(1, lines))
    await see(this.page.locator('.cart-line', { hasText: name }))
    return prices[name] ?? Number.NaN
  }

  /**
   * A scanner that acts as a keyboard: its keys come within a few ms of each other. Made in the page, as a busy machine's way there
   * would part them like a person's.
   */
  wedge(code: string): Promise<void> {
    const keys = [...code].map((key) => ({ key, code: `Digit${key}` }))
    return this.page.evaluate(
      `for (const key of ${JSON.stringify([...keys, { key: 'Enter', code: 'Enter' }])})
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true, cancelable: true }))`,
    )
  }

  count(): Promise<number> {
    return this.page.locator('.cart-line').count()
  }

  key(...names: string[]): Promise<void> {
    return this.keyIn('.cart-pane', ...names)
  }

  /** Keys of the pad that is in this part of the page. */
  async keyIn(part: string, ...names: string[]): Promise<void> {
    for (const name of names)
      await this.page.locator(`${part} .keypad`).getByRole('button', { name, exact: true }).click()
  }

  /** What is due, in minor units. */
  async due(): Promise<number> {
    const text = (await this.page.locator('.pay-go .amount').textContent()) ?? ''
    return Math.round(Number(text.replace(/[^\d.-]/g, '')) * 100)
  }

  async exactCash(): Promise<void> {
    await this.page.locator('.pay-exact').click()
    await this.next()
  }

  async toPay(): Promise<void> {
    await this.page.locator('.pay-go').click()
    await see(this.page.locator('.pay-screen'))
  }

  method(name: string): Promise<void> {
    return this.page.locator('.pay-method', { hasText: name }).click()
  }

  async validate(): Promise<void> {
    await this.page.locator('.pay-validate').click()
    await this.next()
  }

  /** The receipt has been seen: the next customer. */
  async next(): Promise<void> {
    await see(this.page.locator('.done-next'))
    await this.page.locator('.done-next').click()
    await see(this.page.locator('.sell-screen'))
  }

  async go(place: string): Promise<void> {
    await this.page.locator('.top-place', { hasText: place }).click()
  }

  async more(entry: string): Promise<void> {
    await this.page.locator('.top-more').click()
    await this.page.locator('.more-entry', { hasText: entry }).click()
  }
}
