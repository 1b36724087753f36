/** The way into the console and its frame, in a real browser on a real hub: set-up, log-in, languages, overview, keyboard. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import { HubProcess, root, until } from '../support/hub-process.ts'
import { audit } from './audit.ts'
import { axe } from './axe.ts'
import {
  type ConsoleBrowser,
  desktop,
  type OpenOptions,
  onStage,
  owner,
  ownerName,
  ownerPassword,
  phone,
  press,
  rewire,
  see,
  session,
} from './support.ts'

let fresh: HubProcess
let hub: HubProcess
let browser: ConsoleBrowser
let cookie: string
const sizes = [desktop, phone] as const
const schemes = ['light', 'dark'] as const

onStage({
  start: () => HubProcess.start({ demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    fresh = await HubProcess.start()
    cookie = await owner(hub)
  },
  // The browser itself logs every refusal.
  expected: /status of 4\d\d/,
})

afterAll(() => fresh?.end())

/** A browser that nobody has logged in on. */
const stranger = (options: OpenOptions = {}) => browser.open({ role: undefined, ...options })
/** The owner's browser. */
const asOwner = (options: OpenOptions = {}) => browser.open({ session: cookie, role: undefined, ...options })

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name })

async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
}

describe('set-up', () => {
  it('[UI26] a new hub wants its owner, tells what is missing, and takes the owner in', async () => {
    const page = await stranger({ url: fresh.url, path: `/#${new URL(fresh.setUpUrl ?? '').hash.slice(1)}` })
    await see(heading(page, 'Set up this hub'))
    expect(page.url()).not.toContain('setup=')
    expect(await page.getByLabel('Set-up code').inputValue()).toHaveLength(10)
    await press(page, 'Become the owner')
    await see(page.getByRole('alert').getByText('This is needed.'))
    // The first that is wrong has the focus.
    const focused = () => page.evaluate('document.activeElement.labels?.[0]?.textContent')
    await until(async () => (await focused()) === 'Your name', 'the name has the focus')
    expect(await page.getByText('At least 10 characters; 0 so far.').count()).toBe(1)
    await page.getByLabel('Your name').fill('Ada')
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('short')
    await see(page.getByText('At least 10 characters; 5 so far.'))
    await password.fill('a passphrase that is long')
    await see(page.getByText('Good.', { exact: true }))
    await press(page, 'Show what is typed')
    expect(await password.getAttribute('type')).toBe('text')
    await page.getByLabel('Password again').fill('another passphrase, long')
    await press(page, 'Become the owner')
    await see(page.getByText('The two passwords are not the same.'))
    await page.getByLabel('Password again').fill('a passphrase that is long')
    await press(page, 'Become the owner')
    await see(heading(page, 'Overview'))
    await see(page.getByRole('button', { name: /Ada/ }))
    // The page of the others asks for a password from now on.
    await see(heading(await stranger({ url: fresh.url }), 'Log in'))
  })
})

describe('log-in', () => {
  it('[UI27] lets in with the right password only, to the page one wanted', async () => {
    const page = await stranger({ path: '/#/tills' })
    await see(heading(page, 'Log in'))
    await logIn(page, ownerName, 'not the password')
    const alert = page.getByRole('alert')
    await see(alert.getByText('Name or password is wrong.'))
    await see(alert.getByText('login_failed'))
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await logIn(page, ownerName.toUpperCase(), ownerPassword)
    await see(heading(page, 'Tills'))
    expect(await page.evaluate('document.cookie')).toBe('')
    await page.reload()
    await see(heading(page, 'Tills'))
  })

  it('[UI27] a session that ends leads to the log-in page, and back to where one was', async () => {
    const own = await session(hub, ownerName, ownerPassword)
    const page = await stranger({ session: own, path: '/#/audit' })
    await see(heading(page, 'Audit'))
    const other = await asOwner({ path: '/#/users' })
    // The other one is `own`: it is ended from here.
    const rows = other.locator('section li')
    await see(rows)
    const ends = rows.getByRole('button', { name: /^End the session/ })
    await see(ends)
    for (let left = await ends.count(); left > 0; left--) {
      await ends.first().click()
      await until(async () => (await ends.count()) < left, 'the end of a session')
    }
    await see(heading(page, 'Log in'))
    await see(page.getByText('You were logged out.'))
    await logIn(page, ownerName, ownerPassword)
    await see(heading(page, 'Audit'))
  })

  it('[UI27] logs out', async () => {
    const own = await session(hub, ownerName, ownerPassword)
    const page = await stranger({ session: own })
    await press(page, /Mira Owner/)
    await press(page, 'Log out')
    await see(heading(page, 'Log in'))
    await page.reload()
    await see(heading(page, 'Log in'))
  })

  it('[UI27] counts down while the hub locks the address out, and sends nothing', async () => {
    const page = await stranger({
      prepare: (opened) =>
        opened.route('**/api/v1/session', (route) =>
          route.request().method() === 'POST'
            ? route.fulfill({
                status: 429,
                json: { error: { data: { code: 'locked_out', context: { seconds: 3 } } } },
              })
            : route.continue(),
        ),
    })
    await logIn(page, ownerName, 'whatever it is')
    await see(page.getByText('Too many wrong tries.'))
    await see(page.getByText(/0:0[123]/))
    const button = page.getByRole('button', { name: 'Log in', exact: true })
    expect(await button.isDisabled()).toBe(true)
    await until(() => button.isEnabled(), 'the end of the lock-out')
    expect(await page.getByText('Too many wrong tries.').count()).toBe(0)
  })

  it('[UI28] a connection that may carry no secret leads to the encrypted one, with the code', async () => {
    const secureUrl = 'https://hub.example:8443/'
    const page = await stranger({
      path: '/#code=123456',
      prepare: (opened) =>
        opened.route('**/api/v1/setup', (route) =>
          route.fulfill({ json: { needed: false, name: 'Shop', secureUrl } }),
        ),
    })
    await see(heading(page, 'This connection is not encrypted'))
    expect(await page.getByRole('link', { name: 'Go on encrypted' }).getAttribute('href')).toBe(
      `${secureUrl}#code=123456`,
    )
    const trust = await page
      .getByRole('link', { name: 'Make this device trust the hub' })
      .getAttribute('href')
    expect(trust).toBe(`${hub.url}/trust/`)
  })
})

describe('languages', () => {
  it.each([
    ['en-US', 'Log in', 'Password'],
    ['de-AT', 'Anmelden', 'Passwort'],
    ['fr-CH', 'Connexion', 'Mot de passe'],
    ['es-MX', 'Iniciar sesión', 'Contraseña'],
  ])('[UI29] a browser in %s', async (locale, title, password) => {
    const page = await stranger({ locale })
    await see(heading(page, title))
    await see(page.getByLabel(password))
    expect(await page.evaluate('document.documentElement.lang')).toBe(locale.slice(0, 2))
  })

  it('[UI29] the menu changes the language at once, and this browser keeps it', async () => {
    const page = await asOwner()
    await see(heading(page, 'Overview'))
    await page.getByLabel('Language').first().selectOption('de')
    await see(heading(page, 'Übersicht'))
    await page.reload()
    await see(heading(page, 'Übersicht'))
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
  })
})

describe('overview', () => {
  it('[UI31] says what needs a person with what to do, and allows an origin with one press', async () => {
    const technician = await hub.client()
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'out' } })
    const page = await asOwner()
    const needs = page.getByRole('region', { name: 'Needs you' })
    await see(needs.getByText('Receipt printer: Out of paper'))
    const origin = 'https://pos.example.com'
    await fetch(`${hub.url}/api/v1/rpc`, { method: 'POST', headers: { origin }, body: '{}' })
    await see(needs.getByText(`${origin} wants to use the hub`))
    await press(needs, `Allow ${origin}`)
    await until(async () => (await needs.getByText(origin).count()) === 0, 'the origin is settled')
    const { origins } = await technician.call('origin.list', {})
    expect(origins.find((one) => one.origin === origin)?.state).toBe('allowed')
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'full' } })
    await until(async () => (await page.getByText('Out of paper').count()) === 0, 'the paper is in')
  })

  it('[UI31] says that all is quiet', async () => {
    const page = await asOwner({
      prepare: (opened) =>
        rewire(opened, {
          answers: {
            'hub.info': (info: object) => ({ ...info, reasons: [] }),
            'tls.info': (tls: object) => ({ ...tls, problem: null, uncovered: [] }),
            'config.get': (config: object) => ({ ...config, restart: [] }),
            'origin.list': () => ({ origins: [] }),
            'port.list': () => ({ ports: [] }),
          },
        }),
    })
    await see(page.getByRole('region', { name: 'All is well' }))
  })
})

describe('frame', () => {
  it('[UI36] groups the pages at the side, marks the open one, and has four and a sheet on a phone', async () => {
    const wide = await asOwner({ path: '/#/audit' })
    const side = wide.getByRole('navigation', { name: 'Pages' })
    await see(side)
    expect(await side.getByRole('link').count()).toBe(13)
    expect(await side.locator('[aria-current="page"]').textContent()).toBe('Audit')
    const narrow = await asOwner({ path: '/#/audit', viewport: phone })
    const bar = narrow.locator('.bottom')
    await see(bar)
    expect(await bar.getByRole('link').count()).toBe(4)
    await press(bar, 'More')
    const sheet = narrow.getByRole('dialog')
    await sheet.getByRole('link', { name: 'Users' }).click()
    await see(heading(narrow, 'Users'))
    expect(await sheet.count()).toBe(0)
  })

  it('[UI12] a monitor sees no page that it may not use', async () => {
    const page = await browser.open({ role: 'monitor' })
    const side = page.getByRole('navigation', { name: 'Pages' })
    await see(side)
    expect(await side.getByRole('link').allTextContents()).toEqual([
      'Overview',
      'Devices',
      'Jobs',
      'Events',
      'About',
    ])
  })

  it('[UI8] everything is done by keyboard: log in, go to a page, open and leave a dialog', async () => {
    const page = await stranger()
    await see(heading(page, 'Log in'))
    const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.id')
    await page.getByLabel('Name').focus()
    await page.keyboard.type(ownerName)
    await page.keyboard.press('Tab')
    await page.keyboard.type(ownerPassword)
    await page.keyboard.press('Enter')
    await see(heading(page, 'Overview'))
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await focused()).toContain('Overview')
    for (let tabs = 0; tabs < 40 && (await focused()) !== 'Tills'; tabs++)
      await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await see(heading(page, 'Tills'))
    for (let tabs = 0; tabs < 40 && (await focused()) !== 'Add a till'; tabs++)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await see(page.getByRole('dialog'))
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    expect(outline).not.toBe('none')
    await page.keyboard.press('Escape')
    await until(async () => (await page.getByRole('dialog').count()) === 0, 'the dialog is closed')
    expect(await focused()).toBe('Add a till')
  })

  it('[UI37] can be installed: a manifest with icons of their true size', async () => {
    const answer = await fetch(`${hub.url}/manifest.webmanifest`)
    expect(answer.headers.get('content-type')).toMatch(/manifest\+json|application\/json/)
    const manifest = (await answer.json()) as { icons: { src: string; sizes: string; type: string }[] }
    expect(manifest.icons.length).toBeGreaterThan(2)
    for (const { src, sizes, type } of manifest.icons.filter((icon) => icon.type === 'image/png')) {
      const picture = Buffer.from(await (await fetch(`${hub.url}/${src}`)).arrayBuffer())
      expect(type).toBe('image/png')
      expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`).toBe(sizes)
    }
    const page = await stranger()
    const devtools = await page.context().newCDPSession(page)
    const { errors } = await devtools.send('Page.getAppManifest')
    expect(errors).toEqual([])
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
    // Test browsers keep nothing: that alone forbids installing.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual(
      [],
    )
  })

  it.each(['en', 'de', 'fr', 'es'])(
    '[UI13] the first page needs little, all pages in %s stay within their limit',
    (language) => {
      const dir = join(root, 'dist/ui')
      const html = readFileSync(join(dir, 'index.html'), 'utf8')
      const found = new Map<string, number>()
      const visit = (name: string): void => {
        const [, spoken] = /^(en|de|fr|es)-/.exec(name) ?? []
        if (found.has(name) || (spoken !== undefined && spoken !== language)) return
        const text = readFileSync(join(dir, 'assets', name), 'utf8')
        found.set(name, gzipSync(text, { level: 9 }).length)
        for (const [, next] of text.matchAll(/["'`](?:\.\/|assets\/)([\w-]+\.js)["'`]/g)) visit(next ?? '')
      }
      const first = [...html.matchAll(/assets\/([\w-]+\.js)/g)].map(([, name]) => name ?? '')
      for (const name of first) visit(name)
      const sum = (names: Iterable<string>) =>
        [...names].reduce((bytes, name) => bytes + (found.get(name) ?? 0), 0)
      expect(found.size).toBeGreaterThan(4)
      expect(sum(first)).toBeLessThan(45_000)
      expect(sum(found.keys())).toBeLessThan(90_000)
    },
  )
})

describe('looked over', () => {
  const before: readonly [string, (options: OpenOptions) => Promise<Page>, string][] = [
    ['log-in', stranger, '/'],
    ['pairing', stranger, '/#code=000000'],
    ['overview', asOwner, '/#/'],
    ['tills', asOwner, '/#/tills'],
    ['users', asOwner, '/#/users'],
    ['audit', asOwner, '/#/audit'],
  ]
  it.each(before)('[UI38] [UI9] %s in both sizes and colour schemes', async (_name, as, path) => {
    for (const viewport of sizes)
      for (const colorScheme of schemes) {
        const page = await as({ path, viewport, colorScheme, locale: viewport === phone ? 'de-DE' : 'en-GB' })
        await see(page.getByRole('heading', { level: 1 }))
        await page.waitForLoadState('networkidle')
        expect((await audit(page)).problems, `${path} ${viewport.width} ${colorScheme}`).toEqual([])
        const { tried, findings } = await axe(page, 'with frame')
        expect(tried).toBeGreaterThan(10)
        expect(findings, `${path} ${viewport.width} ${colorScheme}`).toEqual([])
      }
  })
})
