/** `node scripts/till-pictures.ts`: takes the pictures of docs/till-screens.md anew, of the demo shop in a real browser. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import buildPages from '../tests/support/build-pages.ts'
import { chromiumOptions } from '../tests/support/chromium.ts'
import { HubProcess, root } from '../tests/support/hub-process.ts'

const folder = join(root, 'docs/pictures')

async function open(
  browser: Browser,
  url: string,
  token: string,
  register: string,
  viewport: { width: number; height: number },
): Promise<Page> {
  const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.addInitScript(
    `localStorage.setItem('tillbridge.till.token', ${JSON.stringify(token)}); localStorage.setItem('tillbridge.till.register', '${register}')`,
  )
  await page.goto(`${url}/till/`)
  await page.locator('.tile').first().waitFor()
  return page
}

const take = (page: Page, name: string) => page.screenshot({ path: join(folder, `till-${name}.png`) })
const tap = async (page: Page, ...names: string[]) => {
  for (const name of names) await page.locator('.tile', { hasText: name }).first().click()
}

buildPages()
mkdirSync(folder, { recursive: true })
const hub = await HubProcess.start({ demo: true })
const browser = await chromium.launch(chromiumOptions)
try {
  await hub.setUp()
  const client = await hub.client('technician')
  for (const register of ['main', 'room'])
    await client.call('till.session.open', { id: `s-${register}`, register, counted: 10_000 })
  for (const [table, product] of [
    ['t2', 'lasagne'],
    ['t5', 'minestrone'],
  ] as const)
    await client.call('till.order.save', {
      version: 0,
      order: { id: `d-${table}`, register: 'room', table, lines: [{ id: 'l', product, quantity: '2' }] },
    })
  const token = await hub.token('cashier', 'Counter')
  const desk = { width: 1280, height: 800 }
  const counter = await open(browser, hub.url, token, 'main', desk)
  await tap(counter, 'Cappuccino', 'Cappuccino', 'Butter croissant', 'Sourdough')
  await take(counter, 'sell')
  await counter.locator('.pay-go').click()
  await counter.locator('.pay-keys .key-word').last().click()
  await take(counter, 'pay')
  const room = await open(browser, hub.url, token, 'room', desk)
  await room.locator('.top-place', { hasText: 'Tables' }).click()
  await room.locator('.table-button.is-open').first().waitFor()
  await take(room, 'floor')
  const phone = await open(browser, hub.url, token, 'main', { width: 390, height: 844 })
  await tap(phone, 'Espresso', 'Lasagne', 'Mug')
  await phone.locator('.pane-bar button').nth(1).click()
  await take(phone, 'phone')
  await hub.kill9()
  await phone.locator('.status-line', { hasText: 'Hub away' }).waitFor()
  await phone.locator('.pay-exact').click()
  await phone.locator('.done-next').waitFor()
  await take(phone, 'alone')
} finally {
  await browser.close()
  await hub.end()
}
