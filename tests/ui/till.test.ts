/** The selling page in a browser: each screen looked at by others' eyes, keys, training, the page without its hub. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, root } from '../support/hub-process.ts'
import { counterDevices, counterRegister, restaurantThings, tillShopThings } from '../support/till-shop.ts'
import { axe } from './axe.ts'
import { Cashier } from './cashier.ts'
import { type ConsoleBrowser, desktop, phone, press, see } from './support.ts'
import { onShopStage, openTill, ownShop, sellingTill, tablet, wide } from './till-support.ts'

let hub: HubProcess
let browser: ConsoleBrowser
let technician: HubClient

onShopStage(
  [
    ...tillShopThings,
    counterRegister({ ...counterDevices, display: 'demo-screen' }),
    ...restaurantThings('demo-printer'),
  ],
  ['main', 'room'],
  (stage) => {
    ;({ hub, browser, technician } = stage)
  },
)

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')

/** Looks at a screen as axe does, and for anything that sticks out at its side. */
async function lookAt(page: Page, name: string, frame: 'with frame' | 'without frame' = 'with frame') {
  const { findings, tried } = await axe(page, frame)
  expect(tried, name).toBeGreaterThan(8)
  expect(findings, name).toEqual([])
  expect(await overflow(page), `${name} sticks out at the side`).toBeLessThanOrEqual(0)
}

describe('screens', () => {
  it.each([
    ['a desk', desktop, 'light'],
    ['a phone', phone, 'dark'],
    ['a tablet', tablet, 'light'],
    ['a wide desk', wide, 'dark'],
  ] as const)(
    '[TU5] axe finds nothing on any of them, and nothing sticks out: %s',
    async (_, viewport, colorScheme) => {
      const page = await sellingTill(browser, hub, { viewport, colorScheme, register: 'room' })
      const cashier = new Cashier(page)
      const narrow = viewport.width < 700
      await lookAt(page, 'selling')
      await cashier.tap('Coffee', 'Soup of the day')
      if (narrow) await page.locator('.pane-bar button').nth(1).click()
      await lookAt(page, 'cart')
      await page.locator('.cart-customer').click()
      await see(page.locator('dialog[open]'))
      await lookAt(page, 'customers')
      await page.keyboard.press('Escape')
      await page.locator('.cart-action').last().click()
      await see(page.locator('dialog[open]'))
      await lookAt(page, 'this order')
      await page.keyboard.press('Escape')
      await cashier.toPay()
      await cashier.method('Cash')
      await lookAt(page, 'paying')
      await page.locator('.pay-validate').click()
      await see(page.locator('.done-next'))
      await lookAt(page, 'paid')
      await page.locator('.done-next').click()
      await cashier.go('Tables')
      await see(page.locator('.floor-plan'))
      await lookAt(page, 'floor')
      await press(page, 'Edit the plan')
      await page.locator('.table-button').first().click()
      await lookAt(page, 'plan')
      await cashier.go('Orders')
      await see(page.locator('.orders-screen'))
      await lookAt(page, 'open orders')
      await press(page, 'Paid')
      await page.locator('.order-row').first().click()
      await see(page.locator('.refund-lines'))
      await lookAt(page, 'a paid order')
      for (const [entry, part] of [
        ['Cash in and out', '.cash-screen'],
        ['Close the register', '.closing-screen'],
        ['Sessions', '.sessions-screen .order-row'],
        ['Reports', '.report-table'],
        ['What works now', '.state-screen'],
        ['Settings', '.settings-screen'],
      ] as const) {
        await cashier.more(entry)
        await see(page.locator(part))
        await lookAt(page, entry)
      }
      await page.locator('.top-more').click()
      await see(page.locator('dialog[open]'))
      await lookAt(page, 'the menu')
    },
    60_000,
  )

  it('[TU5] before selling too: pairing, registers, opening with coins', async () => {
    const bare = await browser.open({ path: '/till/', role: undefined })
    await see(bare.getByRole('heading', { name: 'Make this browser a till' }))
    await lookAt(bare, 'pairing')
    await technician.call('till.catalogue.put', {
      thing: { register: { id: 'spare', name: 'Spare', number: 9 } },
    })
    const page = await openTill(browser, hub, { viewport: phone })
    await see(page.getByText('Spare'))
    await lookAt(page, 'registers')
    await page.getByText('Spare').click()
    await see(page.getByRole('heading', { name: 'Open Spare' }))
    await lookAt(page, 'opening')
    await press(page, 'Count coins and notes')
    await lookAt(page, 'coins')
    await technician.call('till.catalogue.remove', { kind: 'register', id: 'spare' })
  })

  it('[TU4] from right to left and for the left hand everything is in its place', async () => {
    const page = await sellingTill(browser, hub, { hash: '#dir=rtl', locale: 'nl-NL' })
    await see(page.getByRole('button', { name: 'Betalen' }))
    const places = () =>
      page.evaluate<boolean>(
        `document.querySelector('.cart-pane').getBoundingClientRect().left < document.querySelector('.products-pane').getBoundingClientRect().left`,
      )
    expect(await places()).toBe(false)
    expect(await overflow(page)).toBeLessThanOrEqual(0)
    await page.evaluate(`document.documentElement.dir = 'ltr'`)
    expect(await places()).toBe(true)
    await page.evaluate(`document.documentElement.dataset.hand = 'left'`)
    expect(await places()).toBe(false)
    expect(await page.locator('.tile', { hasText: 'Soap' }).textContent()).toContain('2,25')
  })

  it('[TU6] all scripts in one language weigh at most 150 kB', () => {
    const dir = join(root, 'dist/ui')
    const pageText = readFileSync(join(dir, 'till/index.html'), 'utf8')
    const size = (language: string) => {
      const found = new Map<string, number>()
      const visit = (name: string): void => {
        const spoken = /^(en|de|fr|es|nl)-/.exec(name)?.[1]
        if (found.has(name) || (spoken !== undefined && spoken !== language)) return
        if (!existsSync(join(dir, 'assets', name))) return
        const text = readFileSync(join(dir, 'assets', name), 'utf8')
        found.set(name, gzipSync(text, { level: 9 }).length)
        for (const [, next = ''] of text.matchAll(/["'`](?:\.\/|assets\/)?([\w-]+\.js)["'`]/g)) visit(next)
      }
      for (const [, name = ''] of pageText.matchAll(/assets\/([\w-]+\.js)/g)) visit(name)
      return { files: found.size, bytes: [...found.values()].reduce((sum, bytes) => sum + bytes, 0) }
    }
    for (const language of ['en', 'de', 'fr', 'es', 'nl']) {
      const { bytes, files } = size(language)
      expect(files, language).toBeGreaterThan(10)
      expect(bytes, language).toBeLessThanOrEqual(150_000)
    }
  })
})

describe('selling', () => {
  it('[TU8] a cash sale goes by keyboard alone: quantity, product, amount, next', async () => {
    const page = await sellingTill(browser, hub)
    const type = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key, { delay: 50 })
    }
    const before = await technician.call('till.order.list', { state: 'paid', limit: 500 })
    await type('3', 'NumpadMultiply', 'F2')
    await page.keyboard.type('soap', { delay: 50 })
    await see(page.locator('.tile').first())
    await expect.poll(() => page.locator('.tile').count()).toBe(1)
    await type('Enter', 'Escape')
    await see(page.locator('.cart-line', { hasText: 'Soap' }))
    const cashier = new Cashier(page)
    expect(await cashier.due()).toBe(675)
    await type('End')
    await see(page.locator('.pay-screen'))
    await type('1', '0', 'Enter')
    await see(page.locator('.done-change', { hasText: '€3.25' }))
    await type('Enter')
    await see(page.locator('.sell-screen'))
    const after = await technician.call('till.order.list', { state: 'paid', limit: 500 })
    expect(after.orders).toHaveLength(before.orders.length + 1)
    expect(after.orders[0]?.total).toBe(675)
  })

  it('[TU9] exact cash is two taps from a tile to the next customer, and undo takes a tap back', async () => {
    const page = await sellingTill(browser, hub)
    const cashier = new Cashier(page)
    await cashier.tap('Soap', 'Coffee')
    await press(page, 'Undo')
    expect(await cashier.due()).toBe(225)
    await cashier.exactCash()
    expect(await page.locator('.cart-line').count()).toBe(0)
  })

  it('[TU3] training is not to be overlooked, and nothing of it reaches the books', async () => {
    const page = await sellingTill(browser, hub)
    const cashier = new Cashier(page)
    const books = async () => {
      const { session } = await technician.call('till.session.get', { register: 'main' })
      const { grandTotal, orders } = await technician.call('till.session.report', {
        session: session?.id ?? '',
      })
      return { grandTotal, orders }
    }
    const before = await books()
    await cashier.more('Begin training')
    await see(page.getByText('Nothing here reaches the books.'))
    await cashier.tap('Light bulb')
    await page.locator('.pay-exact').click()
    await see(page.getByRole('heading', { name: 'Training: not paid' }))
    await see(page.locator('.receipt-training'))
    await page.locator('.done-next').click()
    expect(await books()).toEqual(before)
    await cashier.more('End training')
    await expect.poll(() => page.locator('.in-training').count()).toBe(0)
  })

  it('[TU10] a weighed product shows the scale of the register, and may be typed by whoever has the right', async () => {
    const page = await sellingTill(browser, hub)
    await technician
      .call('demo.order', { device: 'demo-scale', order: { weigh: 1.25 } as never })
      .catch(() => {})
    await page.locator('.tile', { hasText: 'Apples' }).click()
    await see(page.locator('.weight-now'))
    await press(page, 'Type the weight')
    for (const name of ['1', 'Decimal point', '5'])
      await page.locator('dialog .keypad').getByRole('button', { name, exact: true }).click()
    await press(page.locator('dialog'), 'Add')
    // 1.5 kg at 2.99.
    expect(await new Cashier(page).due()).toBe(449)
  })

  it('[TU11] an unknown code is refused with what can be done, and sells nothing', async () => {
    const page = await sellingTill(browser, hub)
    await new Cashier(page).wedge('9999999999994')
    await see(page.getByText('No product, customer or receipt has this code:'))
    expect(await page.locator('.cart-line').count()).toBe(0)
    await press(page.locator('dialog'), 'Sell at a price')
    await page.locator('dialog .keypad').getByRole('button', { name: '5', exact: true }).click()
    await press(page.locator('dialog'), 'Add')
    await see(page.locator('.cart-line', { hasText: '9999999999994' }))
  })

  it('[TU12] the customer display follows the cart, and tells the change', async () => {
    const token = await hub.token('monitor', 'customer display')
    const display = await browser.open({
      path: '/display/#device=demo-screen',
      role: undefined,
      prepare: (opened) =>
        opened.addInitScript(`localStorage.setItem('tillbridge.display.token', ${JSON.stringify(token)})`),
    })
    const page = await sellingTill(browser, hub)
    const cashier = new Cashier(page)
    await cashier.tap('Bread roll')
    await see(display.getByText('Bread roll'))
    await see(display.getByText('€0.55').first())
    await cashier.toPay()
    await page.keyboard.press('1')
    await see(page.locator('.pay-rest', { hasText: '€0.45' }))
    await page.keyboard.press('Enter')
    await see(page.locator('.done-next'))
    await see(display.getByText('Change: €0.45'))
  })
})

describe('without the hub', () => {
  it('[TU1] [TU2] both links are told in words, what needs the hub is off with the reason, and the page opens again', async () => {
    const { own } = await ownShop()
    let again: HubProcess | undefined
    try {
      const page = await sellingTill(browser, own, { url: own.url })
      const cashier = new Cashier(page)
      await cashier.more('What works now')
      await expect
        .poll(() => page.locator('.state-screen').textContent(), { timeout: 10_000 })
        .toMatch(/\d+ products, as of/)
      await page.evaluate(`navigator.serviceWorker.ready.then(() => true)`)
      await cashier.go('Sell')
      await own.kill9()
      await see(page.locator('.status-line', { hasText: 'Hub away since' }))
      await page.reload()
      await see(page.locator('.sell-screen'))
      await see(page.locator('.tile', { hasText: 'Coffee' }))
      await page.locator('.product-search input').fill('rye')
      await expect.poll(() => page.locator('.tile').count()).toBe(1)
      await page.locator('.product-search input').fill('')
      await cashier.scan('Milk 1 l')
      await page.locator('.pay-exact').click()
      await see(page.getByText('Paid, kept on this till'))
      await page.locator('.done-next').click()
      await see(page.locator('.status-line', { hasText: '1 sale waits here' }))
      await page.locator('.top-more').click()
      await see(page.locator('dialog[open]'))
      const closing = page.locator('.more-entry', { hasText: 'Close the register' })
      expect(await closing.getAttribute('aria-disabled')).toBe('true')
      expect(await closing.textContent()).toContain('Not without the hub')
      await page.keyboard.press('Escape')
      again = await HubProcess.start({ dir: own.dir, demo: true, port: Number(new URL(own.url).port) })
      await see(page.locator('.status-line', { hasText: 'Hub connected' }))
      await expect
        .poll(() => page.locator('.status-line').textContent(), { timeout: 10_000 })
        .not.toContain('waits here')
      const back = await again.client('technician')
      const { orders } = await back.call('till.order.list', { state: 'paid', limit: 5 })
      expect(orders.map(({ total }) => total)).toEqual([199])
    } finally {
      // A page that still looks for its hub would complain.
      await browser.closePages()
      await (again ?? own).end()
      browser.takeComplaints()
    }
  }, 60_000)
})
