/** Tills, users and the audit log on the console, in a real browser on a real hub. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { HubProcess, until } from '../support/hub-process.ts'
import { audit } from './audit.ts'
import { axe } from './axe.ts'
import {
  type ConsoleBrowser,
  type OpenOptions,
  onStage,
  owner,
  ownerPassword,
  phone,
  press,
  rewire,
  see,
  session,
} from './support.ts'

let hub: HubProcess
let browser: ConsoleBrowser
let cookie: string

onStage({
  start: () => HubProcess.start({ demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    cookie = await owner(hub)
  },
  // The browser itself logs every refusal.
  expected: /status of 4\d\d/,
})

const open = (options: OpenOptions = {}) => browser.open({ role: undefined, ...options })

const asOwner = (path: string, options: OpenOptions = {}) => open({ session: cookie, path, ...options })
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

/** Goes through the dialog up to the code. */
async function makeCode(page: Page, name: string): Promise<string> {
  await press(page, 'Add a till')
  await page.getByLabel('Name').fill(name)
  await press(page, 'Make a code')
  const code = await page.locator('[data-code]').getAttribute('data-code')
  return code ?? ''
}

describe('tills', () => {
  it('[UI32] the empty list says the next step', async () => {
    const page = await asOwner('/#/tills')
    await see(page.getByRole('heading', { name: 'No till is paired yet' }))
    await see(page.getByText('Add the first one'))
  })

  it('[UI32] a till pairs with the address of the QR code; both sides say so', async () => {
    const page = await asOwner('/#/tills')
    const code = await makeCode(page, 'Till by the door')
    expect(code).toMatch(/^\d{6}$/)
    await see(page.getByText(/Valid once, for [12]:\d\d/))
    expect(
      await page
        .locator('.qr-picture')
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
    ).toBeGreaterThan(50)
    const till = await open({ path: `/#code=${code}` })
    await see(till.getByText('This browser is paired as Till by the door. Cashier: sells and prints.'))
    expect(till.url()).not.toContain(code)
    await see(page.getByRole('heading', { name: 'The till is paired' }))
    await press(page, 'Done')
    const row = page.locator('[data-till]', { hasText: 'Till by the door' })
    await see(row.getByText('Cashier'))
  })

  it('[UI14] a till that paired by its address says that it was revoked, and does not try the used code again', async () => {
    const page = await asOwner('/#/tills')
    const code = await makeCode(page, 'Till for a day')
    await see(page.getByText('The hub answers this machine only.'))
    const till = await open({ path: `/#code=${code}` })
    await see(heading(till, 'Overview'))
    await see(till.getByText('All is well'))
    expect(await till.getByText('Open on another device').count()).toBe(0)
    await press(page, 'Done')
    await press(page, 'Revoke Till for a day')
    await press(page.getByRole('dialog'), 'Revoke')
    await see(till.getByText('This till is not paired'))
    expect(await till.getByLabel('Pairing code').inputValue()).toBe('')
  })

  it('[UI32] closing the dialog drops the code', async () => {
    const page = await asOwner('/#/tills')
    const code = await makeCode(page, 'Nobody')
    await press(page.getByRole('dialog'), 'Cancel')
    await until(async () => (await page.getByRole('dialog').count()) === 0, 'the dialog is closed')
    const till = await open({ path: `/#code=${code}` })
    await see(till.getByText('The code is wrong or no longer valid'))
  })

  it('[UI32] a till can be held to devices from the start, at least one', async () => {
    const page = await asOwner('/#/tills')
    await press(page, 'Add a till')
    await page.getByLabel('All devices').uncheck()
    await press(page, 'Make a code')
    await see(page.getByText('Choose at least one device.'))
    await page.getByLabel('Receipt printer').check()
    await press(page, 'Make a code')
    const code = await page.locator('[data-code]').getAttribute('data-code')
    const till = await open({ path: `/#code=${code}` })
    await see(heading(till, 'Overview'))
    await see(till.getByText('1 of 1'))
    await press(page, 'Done')
    await see(page.locator('[data-till]').getByText('only Receipt printer'))
  })

  it('[UI33] [UI8] is renamed and held to devices, and revoked after a question', async () => {
    await hub.token('monitor', 'Screen at the wall')
    const page = await asOwner('/#/tills')
    const row = page.locator('[data-till]', { hasText: 'Screen at the wall' })
    await press(row, 'Change Screen at the wall')
    await page.getByLabel('Name').fill('')
    await press(page, 'Save')
    await see(page.getByText('This is needed.'))
    const long = `Screen ${'very '.repeat(14)}far`
    await page.getByLabel('Name').fill(long)
    await page.getByLabel('All devices').uncheck()
    await page.getByRole('dialog').getByLabel('Scale').check()
    await press(page, 'Save')
    const renamed = page.locator('[data-till]', { hasText: long })
    await see(renamed.getByText(/only .*scale/i))
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await press(renamed, `Revoke ${long}`)
    await press(page.getByRole('dialog'), 'Keep')
    await see(renamed)
    // Focus is given back, although the dialog was taken away and not closed.
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")')
    await until(async () => (await focused()) === `Revoke ${long}`, 'the button has the focus again')
    await press(renamed, `Revoke ${long}`)
    await press(page.getByRole('dialog'), 'Revoke')
    await until(async () => (await renamed.count()) === 0, 'the till is gone')
  })

  it('[UI33] 500 tills are drawn in pages and filtered', async () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      id: `t${index}`,
      name: `Till ${index}`,
      role: index % 5 === 0 ? 'monitor' : 'cashier',
      devices: null,
      createdAt: '2026-01-01T08:00:00.000Z',
      lastUsedAt: '2026-01-02T08:00:00.000Z',
      lastUsedFrom: `192.168.1.${index % 250}`,
      connections: index % 2,
    }))
    const page = await asOwner('/#/tills', {
      viewport: phone,
      prepare: (opened) => rewire(opened, { answers: { 'token.list': () => ({ tokens: many }) } }),
    })
    await see(page.getByText('500 tills'))
    expect(await page.locator('[data-till]').count()).toBe(100)
    await press(page, 'Show more')
    expect(await page.locator('[data-till]').count()).toBe(200)
    await page.getByRole('searchbox').fill('Till 499')
    await see(page.getByText('1 till', { exact: true }))
    expect(await page.locator('[data-till]').count()).toBe(1)
    await page.getByRole('searchbox').fill('nothing of the kind')
    await see(page.getByText('Nothing matches.'))
  })

  it('[UI38] the dialogs of a till', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await asOwner('/#/tills', { viewport: phone, colorScheme })
      await press(page, 'Add a till')
      expect((await axe(page)).findings).toEqual([])
      await press(page, 'Make a code')
      await see(page.locator('[data-code]'))
      expect((await axe(page)).findings).toEqual([])
      expect((await audit(page)).problems).toEqual([])
    }
  })
})

describe('users', () => {
  const password = 'a password for the technician'

  it('[UI34] an owner adds, changes and removes a user, whose sessions end with the role', async () => {
    const page = await asOwner('/#/users')
    await press(page, 'Add a user')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Tom')
    await dialog.getByLabel('Password', { exact: true }).fill(password)
    await dialog.getByLabel('Password again').fill(password)
    await press(dialog, 'Add a user')
    const row = page.locator('[data-user="Tom"]')
    await see(row.getByText('Technician'))
    const toms = await session(hub, 'tom', password)
    const tom = await open({ session: toms })
    await see(tom.getByRole('navigation', { name: 'Pages' }))
    expect(await tom.getByRole('link', { name: 'Users' }).count()).toBe(0)
    await press(row, 'Change Tom')
    await dialog.getByLabel('Role').selectOption('monitor')
    await press(dialog, 'Save')
    await see(row.getByText('Monitor'))
    await see(heading(tom, 'Log in'))
    await press(row, 'Remove Tom')
    await press(dialog, 'Remove')
    await until(async () => (await row.count()) === 0, 'Tom is gone')
  })

  it('[UI34] the last owner stays, and the hub says why', async () => {
    const page = await asOwner('/#/users')
    await press(page, 'Remove Mira Owner')
    await press(page.getByRole('dialog'), 'Remove')
    await see(page.getByText('Mira Owner is the last owner.'))
    await see(page.locator('[data-user="Mira Owner"]'))
  })

  it('[UI34] everybody changes the own password', async () => {
    const page = await asOwner('/')
    await press(page, /Mira Owner/)
    await press(page, 'Change password')
    const dialog = page.getByRole('dialog')
    const next = 'another correct horse'
    await dialog.getByLabel('Current password').fill('not the one')
    await dialog.getByLabel('New password').fill(next)
    await dialog.getByLabel('Password again').fill(next)
    await press(dialog, 'Change password')
    await see(dialog.getByText('The password is wrong.'))
    await dialog.getByLabel('Current password').fill(ownerPassword)
    await press(dialog, 'Change password')
    await see(page.getByText('The password is changed.'))
    expect(await session(hub, 'mira owner', next)).toBeTruthy()
  })
})

describe('audit', () => {
  it('[UI35] tells in words who did what, newest first, and filters', async () => {
    const page = await asOwner('/#/audit')
    const rows = page.locator('.audit-row')
    await see(rows)
    await see(page.getByText('User removed'))
    await see(page.getByText('Set-up of the hub'))
    expect(await page.getByText(ownerPassword).count()).toBe(0)
    await page.getByRole('searchbox').fill('token.revoke')
    await until(async () => (await rows.count()) === 2, 'the two tills that were revoked are left')
    expect(await rows.getByText('Till revoked').count()).toBe(2)
    await see(rows.getByText(/Mira Owner/))
  })

  it('[UI35] a refusal with a long code leaves room for its words on a phone', async () => {
    await fetch(`${hub.url}/api/v1/devices`, { headers: { origin: 'https://pos.example.com' } })
    const page = await asOwner('/#/audit', { viewport: phone })
    const row = page.locator('[data-act="origin.refused"]').first()
    await see(row)
    const width = await row.locator('.audit-what').evaluate((text) => text.getBoundingClientRect().width)
    expect(width).toBeGreaterThan(200)
    await see(page.getByText(/command line, at the box itself/))
  })

  it('[UI35] an act without a word stands as it is, and older entries come by asking', async () => {
    let asked = 0
    const entry = (id: number) => ({
      id,
      at: '2026-01-01T08:00:00.000Z',
      who: null,
      role: null,
      from: '192.168.1.9',
      act: 'something.new',
      detail: { port: 9 },
      result: 'forbidden',
      count: 3,
    })
    const page = await asOwner('/#/audit', {
      prepare: (opened) =>
        rewire(opened, {
          answers: {
            'audit.list': () => (asked++ === 0 ? { entries: [entry(2)], next: 2 } : { entries: [entry(1)] }),
          },
        }),
    })
    const rows = page.locator('.audit-row')
    await see(rows.getByText('something.new'))
    await see(rows.getByText('somebody unknown, 192.168.1.9'))
    await see(rows.getByText('3 times'))
    await press(page, 'Show older entries')
    await until(async () => (await rows.count()) === 2, 'the older entry')
    expect(await page.getByRole('button', { name: 'Show older entries' }).count()).toBe(0)
  })
})
