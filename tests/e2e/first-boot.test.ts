/** The first hour of a box: the link of the terminal, an owner, a till that pairs by the QR picture, and its pairing taken back. */
import { rmSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumOptions } from '../support/chromium.ts'
import { HubProcess, temporaryDir } from '../support/hub-process.ts'
import { desktop, phone, press, see } from '../ui/support.ts'
import { readCodes } from '../ui/zbar.ts'

describe('a new box', () => {
  const dir = temporaryDir()
  let hub: HubProcess
  let browser: Browser
  const problems: string[] = []

  /** A browser that has never seen the hub. */
  async function newPage(url: string, viewport: typeof desktop | typeof phone = desktop): Promise<Page> {
    const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' })
    context.setDefaultTimeout(8_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(url)
    return page
  }

  beforeAll(async () => {
    hub = await HubProcess.start({ dir, demo: true })
    browser = await chromium.launch(chromiumOptions)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await hub?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('gets an owner, pairs a till by its QR picture, and shuts it out again', {
    timeout: 60_000,
  }, async () => {
    const link = hub.setUpUrl ?? ''
    expect(link).toMatch(/\/#setup=[0-9A-HJKMNP-TV-Z-]{10,}$/)
    const owner = await newPage(link)
    await see(owner.getByRole('heading', { name: 'Set up this hub' }))
    // The code must not stay in the history of the browser.
    expect(owner.url()).not.toContain('setup=')
    await owner.getByLabel('Your name').fill('Olga')
    await owner.getByLabel('Password', { exact: true }).fill('seven green lorries')
    await owner.getByLabel('Password again', { exact: true }).fill('seven green lorries')
    await press(owner, 'Become the owner')
    await see(owner.getByRole('heading', { name: 'Overview' }))
    expect(await owner.evaluate(() => Object.keys(localStorage).filter((key) => /token/.test(key)))).toEqual(
      [],
    )

    await owner.goto(`${hub.url}/#/tills`)
    await press(owner, 'Add a till')
    await owner.getByLabel('Name', { exact: true }).fill('Till by the door')
    await press(owner, 'Make a code')
    await see(owner.getByRole('img', { name: /Type or scan/ }))
    const [address = ''] = readCodes(await owner.screenshot(), 'qrcode')
    const shown = await owner.locator('[data-code]').getAttribute('data-code')
    expect(address).toContain(`/#code=${shown}`)

    const till = await newPage(address, phone)
    await see(till.getByRole('heading', { name: 'Overview' }))
    await see(owner.getByRole('heading', { name: 'The till is paired' }))
    await press(owner, 'Done')
    await see(owner.getByText('Connected', { exact: true }))

    // The same picture a second time is worth nothing.
    const late = await newPage(address, phone)
    await see(late.getByText(/wrong or no longer valid/))

    await press(owner, 'Revoke Till by the door')
    await owner.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await see(owner.getByRole('heading', { name: 'No till is paired yet' }))
    await see(till.getByRole('heading', { name: /Pair this browser|Log in/ }))
    expect(problems).toEqual([])
  })
})
