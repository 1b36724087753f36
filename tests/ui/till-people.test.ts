/** The till with employees and tables, at two browsers: who may what, who has which order in hand, and what waits for a person. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import {
  counterRegister,
  employees,
  hireAll,
  restaurantThings,
  tillShopThings,
} from '../support/till-shop.ts'
import { Cashier } from './cashier.ts'
import { type ConsoleBrowser, press, see } from './support.ts'
import { onShopStage, openTill, ownShop } from './till-support.ts'

let hub: HubProcess
let browser: ConsoleBrowser
let technician: HubClient

onShopStage(
  [
    ...tillShopThings,
    counterRegister(),
    ...restaurantThings('demo-printer'),
    { register: { id: 'blind', name: 'Kiosk', number: 7, blindCount: true } },
  ],
  ['main', 'room', 'blind'],
  async (stage) => {
    ;({ hub, browser, technician } = stage)
    await hireAll(technician)
  },
)

/** A till of a register at which nobody has logged in. */
const tillOf = (register: string) =>
  openTill(browser, hub, {
    prepare: (page) => page.addInitScript(`localStorage.setItem('tillbridge.till.register', '${register}')`),
  })

async function pin(page: Page, digits: string): Promise<void> {
  for (const name of digits) await page.locator('.pin-pad').getByRole('button', { name, exact: true }).click()
  await press(page.locator('.pin-pad'), 'Log in')
}

async function logIn(page: Page, who: keyof typeof employees): Promise<void> {
  const employee = employees[who]
  await page.locator('.person', { hasText: employee.name }).click()
  await pin(page, employee.pin)
  await see(page.locator('.sell-screen'))
}

describe('people', () => {
  it('[TU13] log in by PIN; a wrong one is said, a locked till asks again and keeps the order, also after a reload', async () => {
    const page = await tillOf('main')
    await page.locator('.person', { hasText: 'Mia Manager' }).click()
    await pin(page, '9999')
    await see(page.locator('.start-error p'))
    await pin(page, '1234')
    await see(page.locator('.sell-screen'))
    const cashier = new Cashier(page)
    await cashier.tap('Coffee')
    await page.locator('.top-who').click()
    await see(page.locator('.lock-screen'))
    await page.reload()
    await page.locator('.lock-screen').click()
    await pin(page, '1234')
    await see(page.locator('.cart-line', { hasText: 'Coffee' }))
    await cashier.exactCash()
  })

  it('[TU14] an assistant sees what is not allowed with the reason, and a manager agrees on the spot', async () => {
    const page = await tillOf('main')
    await logIn(page, 'ann')
    const cashier = new Cashier(page)
    await cashier.tap('Light bulb')
    expect(await page.locator('.cart-action', { hasText: 'Discount' }).isDisabled()).toBe(true)
    await page.locator('.top-more').click()
    await see(page.locator('dialog[open]'))
    expect(await page.locator('.more-entry', { hasText: 'Cash in and out' }).textContent()).toContain(
      'cashier',
    )
    await page.keyboard.press('Escape')
    // On account needs a cashier: somebody agrees with a PIN, and nobody is logged in or out.
    await page.locator('.cart-customer').click()
    await page.locator('.choice', { hasText: 'Ada Lovelace' }).click()
    await cashier.toPay()
    await cashier.method('On account')
    await page.locator('.pay-validate').click()
    await see(page.getByRole('heading', { name: 'Somebody has to agree' }))
    await page.locator('dialog .person', { hasText: 'Cas Cashier' }).click()
    await pin(page, '2580')
    await cashier.next()
    expect(await page.locator('.top-who').textContent()).toContain('Ann Assistant')
    const { orders } = await technician.call('till.order.list', { state: 'paid', limit: 1 })
    const { sold } = await technician.call('till.order.get', { id: orders[0]?.id ?? '' })
    expect(sold?.approvedBy).toBe('cas')
  })
})

describe('a blind count', () => {
  it('[TU25] names no expected sum before, and a difference without its amount', async () => {
    const page = await tillOf('blind')
    await logIn(page, 'cas')
    const cashier = new Cashier(page)
    await cashier.tap('Soap')
    await cashier.exactCash()
    await cashier.more('Close the register')
    await see(page.getByText('Count first'))
    expect(await page.locator('.closing-screen').textContent()).not.toContain('102.25')
    await page.getByLabel('Counted cash').fill('100')
    await page.locator('.closing-screen form').getByRole('button', { name: 'Close the register' }).click()
    await see(page.locator('dialog', { hasText: 'What was counted is not what should be there' }))
    expect(await page.locator('dialog').textContent()).not.toMatch(/2[.,]25/)
    await page.keyboard.press('Escape')
    await page.getByLabel('Counted cash').fill('102.25')
    await page.locator('.closing-screen form').getByRole('button', { name: 'Close the register' }).click()
    await see(page.getByRole('heading', { name: /^Closed: Z/ }))
  })
})

describe('tables', () => {
  it('[TU15] are the same on all tills: one has the order in hand, the other sees who; it moves, goes to the kitchen, is shared', async () => {
    const [one, two] = [await tillOf('room'), await tillOf('room')]
    await logIn(one, 'mia')
    await logIn(two, 'cas')
    const [mia, cas] = [new Cashier(one), new Cashier(two)]
    await mia.go('Tables')
    await one.locator('.table-button', { hasText: '4 seats' }).first().click()
    await see(one.locator('.sell-screen'))
    await mia.tap('Steak with chips', 'Steak with chips', 'Green salad')
    await one.locator('.cart-action').last().click()
    await press(one.locator('dialog'), 'To the kitchen')
    await see(one.getByText('The kitchen knows.'))
    await cas.go('Tables')
    const table = two.locator('.table-button.is-held')
    await see(table)
    expect(await table.textContent()).toContain('Mia Manager')
    await table.click()
    await see(two.locator('.toast-bad', { hasText: 'Mia Manager' }))
    // Mia lets it go: Cas takes it, moves it, and lets half of it be paid apart.
    await mia.go('Tables')
    await one.locator('.table-button.is-free').first().click()
    await until(async () => (await two.locator('.table-button.is-open').count()) === 1, 'the table is let go')
    await two.locator('.table-button.is-open').click()
    await see(two.locator('.cart-line', { hasText: 'Steak' }))
    await cas.go('Tables')
    await press(two, 'Move to another table')
    await two.locator('.table-button', { hasText: '6' }).last().click()
    await see(two.locator('.cart-about', { hasText: 'Table 6' }))
    await two.locator('.cart-action').last().click()
    await press(two.locator('dialog'), 'Split the bill')
    await two
      .locator('dialog li', { hasText: 'Steak' })
      .getByRole('button', { name: 'More of Steak with chips' })
      .click()
    await two.locator('dialog .button', { hasText: 'Pay €18.50 apart' }).click()
    await see(two.locator('.pay-screen'))
    await cas.method('Cash')
    await cas.validate()
    await cas.go('Tables')
    await see(two.locator('.table-button.is-open', { hasText: '€24.90' }))
    const { jobs } = await technician.call('job.list', { device: 'demo-printer', limit: 20 })
    expect(jobs.filter(({ kind }) => kind === 'print').length).toBeGreaterThanOrEqual(1)
  })
})

describe('what waits', () => {
  it('[TU16] a sale that the hub refuses stays in sight with the reason, and is filed at what was charged', async () => {
    const { own } = await ownShop()
    let again: HubProcess | undefined
    try {
      const page = await openTill(browser, own, {
        url: own.url,
        prepare: (opened) => opened.addInitScript(`localStorage.setItem('tillbridge.till.register', 'main')`),
      })
      const cashier = new Cashier(page)
      await see(page.locator('.tile', { hasText: 'Soap' }))
      await cashier.tap('Soap')
      await page.locator('.pay-exact').click()
      await cashier.next()
      await cashier.tap('Soap')
      const { dir, url } = own
      const port = Number(new URL(url).port)
      await own.kill9()
      await see(page.locator('.status-line', { hasText: 'Hub away since' }))
      await page.locator('.pay-exact').click()
      await cashier.next()
      // While the till was alone, the price became another one: nobody else was there to hear of it.
      const between = await HubProcess.start({ dir, demo: true })
      const changer = await between.client('technician')
      const soap = tillShopThings.find((thing) => 'product' in thing && thing.product?.id === 'soap')
      await changer.call('till.catalogue.put', {
        thing: { product: { ...(soap as { product: { id: string; name: string } }).product, price: '3.00' } },
      })
      await between.stop()
      again = await HubProcess.start({ dir, demo: true, port })
      await see(page.locator('.status-line', { hasText: '1 needs a look' }))
      await page.locator('.status-line').click()
      await see(page.locator('.queue-problem'))
      await press(page, 'File at the prices that were charged')
      await see(page.getByText('Nothing waits here. Everything is in the books.'))
      const back = await again.client('technician')
      const { orders } = await back.call('till.order.list', { state: 'paid', limit: 5 })
      expect(orders.map(({ total }) => total)).toEqual([225, 225])
    } finally {
      // A page that still looks for its hub would complain.
      await browser.closePages()
      await (again ?? own).end()
      browser.takeComplaints()
    }
  }, 60_000)
})
