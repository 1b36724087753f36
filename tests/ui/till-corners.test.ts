/** What a shop does less often, each by the page: tables that become one, courses, a plan that is drawn, invoices, numbers. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import type { HubProcess } from '../support/hub-process.ts'
import { counterRegister, restaurantThings, tillShopThings } from '../support/till-shop.ts'
import { Cashier } from './cashier.ts'
import { type ConsoleBrowser, press, see } from './support.ts'
import { onShopStage, ownShop, sellingTill } from './till-support.ts'

let hub: HubProcess
let browser: ConsoleBrowser
let technician: HubClient

onShopStage(
  [...tillShopThings, counterRegister(), ...restaurantThings('demo-printer')],
  ['main', 'room'],
  (stage) => {
    ;({ hub, browser, technician } = stage)
  },
)

/** A till whose browser may do what a manager may: the shop has no employees. */
const managersTill = async (register: string): Promise<Page> =>
  sellingTill(browser, hub, { register, token: await hub.token('technician', 'a manager’s till') })

const latest = async () => {
  const { orders } = await technician.call('till.order.list', { state: 'paid', limit: 1 })
  return (await technician.call('till.order.get', { id: orders[0]?.id ?? '' })).sold
}

describe('tables', () => {
  it('[TU21] become one order, which goes to the kitchen course by course', async () => {
    const page = await managersTill('room')
    const cashier = new Cashier(page)
    const table = (name: string) =>
      page
        .locator('.table-button')
        .filter({ has: page.locator('strong', { hasText: new RegExp(`^${name}$`) }) })
    await cashier.go('Tables')
    await table('1').click()
    await cashier.tap('Soup of the day')
    await cashier.go('Tables')
    await table('2').click()
    await see(page.locator('.cart-about', { hasText: 'Table 2' }))
    await cashier.tap('Steak with chips')
    await page.getByRole('button', { name: 'Edit Steak with chips' }).click()
    await page.locator('dialog').getByText('2', { exact: true }).click()
    await press(page.locator('dialog'), 'Save')
    await see(page.locator('.cart-line', { hasText: 'Course 2' }))
    await cashier.go('Tables')
    await press(page, 'Move to another table')
    await table('1').click()
    await see(page.locator('.cart-about', { hasText: 'Table 1' }))
    await see(page.locator('.cart-line', { hasText: 'Soup of the day' }))
    await see(page.locator('.cart-line', { hasText: 'Steak with chips' }))
    await page.locator('.cart-action').last().click()
    await press(page.locator('dialog'), 'Course 2 now')
    await see(page.getByText('The kitchen knows.'))
    const { orders } = await technician.call('till.order.list', { state: 'draft', limit: 20 })
    expect(orders.map((order) => order.table)).toEqual(['t1'])
    const { draft } = await technician.call('till.order.get', { id: orders[0]?.id ?? '' })
    expect(draft?.kitchen.fired).toEqual([2])
    await new Cashier(page).exactCash()
  })

  it('[TU22] are drawn by hand: dragged, named, and there on every till', async () => {
    const page = await managersTill('room')
    await new Cashier(page).go('Tables')
    await press(page, 'Edit the plan')
    const before = (await technician.call('till.catalogue', { kind: 'table', limit: 50 })).things.find(
      ({ id }) => id === 't3',
    ) as { x: number; y: number }
    const box = await page.locator('.floor-plan .table-button').nth(2).boundingBox()
    const plan = await page.locator('.floor-plan').boundingBox()
    if (box === null || plan === null) throw new Error('no plan')
    await page.mouse.move(box.x + 20, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + 20, box.y + 20 + plan.height * 0.1, { steps: 4 })
    await page.mouse.move(box.x + 20, box.y + 20 + plan.height * 0.2, { steps: 4 })
    await page.mouse.up()
    await page.getByLabel('Name of the table').fill('Window')
    await press(page, 'Save')
    await expect
      .poll(async () => {
        const { things } = await technician.call('till.catalogue', { kind: 'table', limit: 50 })
        const { name, y } = things.find(({ id }) => id === 't3') as { name: string; y: number }
        return { name, y }
      })
      .toEqual({ name: 'Window', y: before.y + 20 })
    const other = await sellingTill(browser, hub, { register: 'room' })
    await new Cashier(other).go('Tables')
    await see(other.locator('.table-button', { hasText: 'Window' }))
  })
})

describe('paying', () => {
  it('[TU23] with a tip and an invoice files both, and offers the invoice only to somebody', async () => {
    const page = await sellingTill(browser, hub)
    const cashier = new Cashier(page)
    await cashier.tap('Light bulb')
    await cashier.toPay()
    const invoice = page.locator('.pay-option', { hasText: 'Invoice' })
    expect(await invoice.isDisabled()).toBe(true)
    await press(page.locator('.pay-screen'), 'Back')
    await page.locator('.cart-customer').click()
    await page.locator('dialog').getByRole('searchbox').fill('acme')
    await page.locator('dialog .choice', { hasText: 'Acme Trading' }).click()
    await cashier.toPay()
    await invoice.click()
    await page.locator('.pay-option', { hasText: 'Tip' }).click()
    await page.locator('dialog .choice', { hasText: '10 %' }).click()
    await cashier.method('Card')
    await cashier.validate()
    const sold = await latest()
    expect(sold?.customer).toBe('acme')
    expect(sold?.invoice).toBe(true)
    expect(sold?.totals.tip).toBe(70)
    expect(sold?.totals.total).toBe(695 + 70)
  })

  it('[TU24] of things with serial numbers files each number, also one that is added to the line later', async () => {
    const page = await sellingTill(browser, hub)
    const cashier = new Cashier(page)
    await page.locator('.product-search input').fill('telephone')
    await page.locator('.tile', { hasText: 'Telephone' }).click()
    const field = page.locator('dialog').getByLabel('Serial numbers: scan or type')
    for (const number of ['SN-1', 'SN-2']) {
      await field.fill(number)
      await field.press('Enter')
    }
    await press(page.locator('dialog'), 'Add')
    await see(page.locator('.cart-line', { hasText: 'SN-1, SN-2' }))
    await page.getByRole('button', { name: 'Edit Telephone' }).click()
    await press(page.locator('dialog'), 'SN-1, SN-2')
    await field.fill('SN-3')
    await field.press('Enter')
    await press(page.locator('dialog'), 'Add')
    await see(page.locator('.cart-line', { hasText: 'SN-1, SN-2, SN-3' }))
    expect(await cashier.count()).toBe(1)
    expect(await cashier.due()).toBe(3 * 19_900)
    await cashier.exactCash()
    expect((await latest())?.lines.map(({ lots, quantity }) => ({ lots, quantity }))).toEqual([
      { lots: ['SN-1', 'SN-2', 'SN-3'], quantity: '3' },
    ])
  })
})

describe('the copy of the catalogue', () => {
  it('[TU26] follows what changes: without the hub the new is found, the removed is not, nor is any of 1,200 customers missing', async () => {
    const { own, tech } = await ownShop()
    try {
      const rows = Array.from({ length: 1_200 }, (_, index) => `c${index},Customer number ${index},`)
      const text = ['id,name,barcode', ...rows, 'gone,Gone Away,0429999999999'].join('\n')
      await tech.call('till.catalogue.import', { kind: 'customer', format: 'csv', text })
      const page = await sellingTill(browser, own, { url: own.url })
      const cashier = new Cashier(page)
      await cashier.more('What works now')
      await expect.poll(() => page.locator('.state-screen').textContent()).toMatch(/\d+ products, as of/)
      const figures = await page.locator('.state-screen').textContent()
      await tech.call('till.catalogue.put', {
        thing: { product: { id: 'fresh', name: 'Fresh figs', price: '4.50', barcodes: ['5012345678900'] } },
      })
      await tech.call('till.catalogue.remove', { kind: 'product', id: 'sponge' })
      await tech.call('till.catalogue.remove', { kind: 'customer', id: 'gone' })
      await tech.call('till.catalogue.put', {
        thing: { product: { id: 'figs', name: 'Dried figs', price: '3.00' } },
      })
      const count = (text: string | null) =>
        Number(/([\d,.]+) products, as of/.exec(text ?? '')?.[1]?.replace(/\D/g, ''))
      await expect
        .poll(async () => count(await page.locator('.state-screen').textContent()))
        .toBe(count(figures) + 1)
      await page.evaluate(`navigator.serviceWorker.ready.then(() => true)`)
      await own.kill9()
      await see(page.locator('.status-line', { hasText: 'Hub away since' }))
      await page.reload()
      await see(page.locator('.sell-screen'))
      const found = async (word: string) => {
        await page.locator('.product-search input').fill(word)
        await page.waitForTimeout(300)
        return page.locator('.tile .tile-name').allTextContents()
      }
      await expect.poll(() => found('figs')).toEqual(['Dried figs', 'Fresh figs'])
      expect(await found('sponges')).toEqual([])
      await page.locator('.product-search input').fill('')
      await page.locator('.cart-customer').click()
      const search = page.locator('dialog').getByRole('searchbox')
      await search.fill('number 1199')
      await see(page.locator('dialog .choice', { hasText: 'Customer number 1199' }))
      await search.fill('gone away')
      await see(page.getByText('Nobody', { exact: false }))
    } finally {
      // A page that still looks for its hub would complain.
      await browser.closePages()
      await own.end()
      browser.takeComplaints()
    }
  }, 60_000)
})
