/** The pages of the box, in a real browser on a real hub: network, log, settings, backup, about. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { shippedParts } from '../../src/ui/console/views/box/shipped-parts.ts'
import { HubProcess, root, temporaryDir, until } from '../support/hub-process.ts'
import { axe } from './axe.ts'
import {
  type ConsoleBrowser,
  desktop,
  type OpenOptions,
  onStage,
  owner,
  phone,
  press,
  rewire,
  see,
} from './support.ts'
import { readCodes } from './zbar.ts'

let hub: HubProcess
let browser: ConsoleBrowser
let cookie: string
const pos = 'https://pos.example.com'

onStage({
  start: () => HubProcess.start({ dir: temporaryDir(), demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    cookie = await owner(hub)
  },
  // The browser itself logs every refusal, and the line that a restart cuts.
  expected: /status of 4\d\d|WebSocket connection|ERR_CONNECTION/,
})

const open = (path: string, options: OpenOptions = {}) =>
  browser.open({ session: cookie, path: `/#/${path}`, ...options })
const cardOf = (page: Page, name: string) => page.locator(`[data-card="${name}"]`)

/** A page of another origin knocks at the hub. */
const knock = (origin: string) =>
  fetch(`${hub.url}/api/v1/rpc`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: '{}',
  })

describe('network', () => {
  it('[B1] says that it is here only, and shows an address as a QR code', async () => {
    const page = await open('network')
    const card = cardOf(page, 'addresses')
    await see(card.getByText('This machine only'))
    await see(card.getByText('http.bind'))
    await card
      .getByRole('button', { name: /QR code/ })
      .first()
      .click()
    const url = hub.url.replace('127.0.0.1', 'localhost')
    const code = page.getByRole('dialog').getByRole('img', { name: `QR code for ${url}` })
    await see(code)
    expect(readCodes(await page.screenshot(), 'qrcode')).toContain(url)
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('[B2] an origin that was refused appears, is allowed with one press and taken back with two', async () => {
    const page = await open('network')
    await see(cardOf(page, 'origins'))
    expect((await knock(pos)).status).toBe(403)
    const row = page.locator(`[data-origin="${pos}"]`)
    await see(row.getByText('Wants in'))
    await see(row.getByText(/Refused 1 time/))
    await press(row, `Allow ${pos}`)
    await see(row.getByText('Allowed', { exact: true }))
    expect((await knock(pos)).status).not.toBe(403)
    await press(row, `Remove ${pos}`)
    await press(page.getByRole('dialog'), 'Remove')
    await until(async () => (await row.count()) === 0, 'the origin to go')
    expect((await knock(pos)).status).toBe(403)
  })

  it('[B3] takes a whole address for its origin, and refuses what is none at the field', async () => {
    const page = await open('network')
    const card = cardOf(page, 'origins')
    const field = card.getByLabel('Add a page by hand')
    await field.fill('not an origin')
    await field.press('Enter')
    await see(card.getByText('This is not the address of a web page'))
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    await field.fill('https://Shop.Example.com:443/till?x=1')
    await field.press('Enter')
    await see(page.locator('[data-origin="https://shop.example.com"]'))
    expect(await field.inputValue()).toBe('')
  })

  it('[B4] a certificate says its end and is made anew; a problem stands there with its cure', async () => {
    const page = await open('network')
    const card = cardOf(page, 'certificate')
    await see(card.getByText(/Valid for \d+ more days/))
    const print = card.locator('.box-print').first()
    const before = await print.textContent()
    await press(card, 'Renew now')
    await until(async () => (await print.textContent()) !== before, 'another fingerprint')
    const ill = await open('network', {
      prepare: (tab) =>
        rewire(tab, { answers: { 'tls.info': (tls: object) => ({ ...tls, problem: 'The key is gone.' }) } }),
    })
    const told = cardOf(ill, 'certificate').getByRole('alert')
    await see(told.getByText('The key is gone.'))
    await see(told.getByText('Renew it.'))
  })

  it('[B5] a new root wants the name typed, and a technician has no button for it', async () => {
    const page = await open('network')
    await press(cardOf(page, 'certificate'), 'New root …')
    const dialog = page.getByRole('dialog')
    const doIt = dialog.getByRole('button', { name: 'New root …' })
    expect(await doIt.isDisabled()).toBe(true)
    await dialog.getByLabel(/^Type/).fill('Tillbridge')
    expect(await doIt.isEnabled()).toBe(true)
    const other = await browser.open({ path: '/#/network' })
    await see(cardOf(other, 'certificate').getByText('Only an owner makes a new root.'))
    expect(await other.getByRole('button', { name: 'New root …' }).count()).toBe(0)
  })

  it('[B6] ways that this hub has shut are shut in the table, whatever a browser thinks', async () => {
    const ways = async (page: Page) => {
      const rows = cardOf(page, 'reach').locator('tbody tr')
      await see(rows)
      return Promise.all((await rows.all()).map((row) => row.locator('td').allTextContents()))
    }
    const safe = await ways(await open('network'))
    expect(safe).toEqual([
      ['Works', 'Works', 'Works'],
      ['After a permission', 'After a permission', 'Works'],
      ['Blocked', 'Blocked', 'Blocked'],
      ['Blocked', 'Blocked', 'Blocked'],
    ])
    const plain = await open('network', {
      prepare: (tab) =>
        rewire(tab, {
          answers: {
            'network.info': (info: object) => ({ ...info, tokensOver: 'any', httpsPort: null }),
          },
        }),
    })
    expect((await ways(plain)).slice(1, 3)).toEqual([
      ['Blocked', 'Blocked', 'Blocked'],
      ['After a permission', 'Not certain', 'Blocked'],
    ])
    await see(cardOf(plain, 'reach').getByText('https is not served'))
  })
})

/** The hub says these lines when it is asked for its log. */
const scripted = (lines: readonly object[], more?: () => Promise<readonly object[]>) => (tab: Page) =>
  rewire(tab, {
    ask: (frame) => {
      if (frame.method !== 'log.read') return undefined
      const answer = (given: readonly object[], lost = 0) => ({
        result: {
          lines: given,
          next: Math.max(0, ...given.map((line) => (line as { seq: number }).seq)) || frame.params?.after,
          lost,
          level: 'info',
          devices: {},
        },
      })
      if (frame.params?.after === 0) return answer(lines)
      return more === undefined ? new Promise(() => {}) : more().then((given) => answer(given))
    },
  })
const line = (seq: number, level = 'info', message = `line ${seq}`) => ({
  seq,
  at: '2026-11-23T12:00:00.000Z',
  level,
  message,
  fields: {},
})
const many = (from: number, count: number) => Array.from({ length: count }, (_, index) => line(from + index))

describe('log', () => {
  it('[B7] shows what the hub writes as it writes it, and leaves what fits', async () => {
    const page = await open('log')
    await see(page.locator('.log-line').getByText('device is connected'))
    const told = page.locator('.log-line', { hasText: 'demo-scale' })
    const before = await told.count()
    const client = await hub.client()
    await client.call('device.disable', { id: 'demo-scale' })
    await client.call('device.enable', { id: 'demo-scale' })
    await until(async () => (await told.count()) > before, 'a new line')
    const rows = page.locator('.log-line')
    const all = await rows.count()
    await page.getByLabel('Search the log').fill('demo-scale')
    await until(async () => (await rows.count()) < all, 'fewer lines')
    expect(await rows.count()).toBeGreaterThan(0)
    expect(await rows.first().locator('.log-level').textContent()).toBe('info')
    await page.getByLabel('Search the log').fill('no such words')
    await see(page.getByText('No line fits'))
  })

  it('[B8] reading back is not disturbed; new lines are counted and one press goes there', async () => {
    let send = (_lines: readonly object[]) => {}
    const more = () =>
      new Promise<readonly object[]>((resolve) => {
        send = resolve
      })
    const page = await open('log', { prepare: scripted(many(1, 300), more) })
    await see(page.locator('[data-seq="300"]'))
    const log = page.locator('.log')
    await log.hover()
    await page.mouse.wheel(0, -2_000)
    await until(async () => (await log.getAttribute('data-following')) === 'false', 'it to stand still')
    send(many(301, 7))
    await see(page.getByRole('button', { name: '7 new lines' }))
    expect(await page.locator('[data-seq="307"]').count()).toBe(0)
    await press(page, '7 new lines')
    await see(page.locator('[data-seq="307"]'))
    expect(await log.getAttribute('data-following')).toBe('true')
  })

  it('[B9] holds 2,000 lines and no more than a block besides', async () => {
    const page = await open('log', { prepare: scripted(many(1, 5_000)) })
    await see(page.locator('[data-seq="5000"]'))
    const count = await page.locator('.log-line').count()
    expect(count).toBeGreaterThanOrEqual(2_000)
    expect(count).toBeLessThan(2_050)
  })

  it('[B10] the level of the hub and of a device is changed', async () => {
    const page = await open('log')
    await see(page.locator('.log-line'))
    await press(page, 'Log level')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('More of one device').selectOption('demo-scale')
    await press(dialog, 'Set to debug')
    const client = await hub.client()
    const { name } = await client.call('device.get', { id: 'demo-scale' })
    await see(dialog.getByLabel(name, { exact: true }))
    const levels = await client.call('log.read', { ms: 0 })
    expect(levels.devices).toEqual({ 'demo-scale': 'debug' })
    await dialog.getByLabel(name, { exact: true }).selectOption({ label: 'as the hub' })
    await until(
      async () => Object.keys((await client.call('log.read', { ms: 0 })).devices).length === 0,
      'the level to go',
    )
  })
})

describe('settings', () => {
  it('[B11] every setting has a field with words; what a flag decides is locked', async () => {
    const page = await open('config', { locale: 'de-DE' })
    await see(page.locator('[data-path="hub.name"]').getByLabel('Name des Hubs'))
    const client = await hub.client()
    const { overridden } = await client.call('config.get', {})
    expect(overridden).toContain('http.port')
    for (const path of overridden)
      expect(await page.locator(`[data-path="${path}"] :is(input, select)`).first().isDisabled()).toBe(true)
    // A setting without words of its own would show its name in English.
    const labels = await page.locator('.schema-field :is(label, .label):not(.check)').allTextContents()
    expect(labels.length).toBeGreaterThan(30)
    expect(labels).toContain('Abmelden nach Untätigkeit (ms)')
    await see(page.locator('[data-path="access.sessionIdleMs"]').getByText('= 12 Stunden'))
    expect(await page.locator('[data-path="access.tokensOver"] select').inputValue()).toBe('0')
  })

  it('[B12] a change is marked, shown and saved; what is refused is said at its field', async () => {
    const page = await open('config')
    const field = page.getByLabel('Name of the hub')
    await field.fill('')
    await field.pressSequentially('Corner shop')
    await see(page.locator('[data-path="hub.name"].changed'))
    await see(page.getByText('1 change is not saved.'))
    await page.getByLabel('More names').fill('Not A Host')
    await see(page.locator('[data-path="network.hosts"] [role="alert"]'))
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await page.getByLabel('More names').fill('')
    await press(page, 'Save')
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText('Corner shop'))
    await press(dialog, 'Save')
    await see(page.getByText('Nothing is changed.'))
    expect(readFileSync(join(hub.dir, 'tillbridge.toml'), 'utf8')).toContain('name = "Corner shop"')
    const refusing = await open('config', {
      prepare: (tab) =>
        rewire(tab, {
          ask: (frame) => {
            if (frame.method !== 'config.set') return undefined
            const data = {
              code: 'config_invalid',
              who: 'technician',
              context: { file: 'x', path: 'http.bind', reason: 'nobody has this address' },
            }
            return { error: { code: -32000, message: 'x', data } } as never
          },
        }),
    })
    await refusing.getByLabel('Address to listen on').fill('10.1.1.1')
    await press(refusing, 'Save')
    await press(refusing.getByRole('dialog'), 'Save')
    await see(refusing.locator('[data-path="http.bind"]').getByText('nobody has this address'))
    expect(await refusing.getByLabel('Address to listen on').inputValue()).toBe('10.1.1.1')
  })

  it('[B13] what waits for a restart says so; after the restart it is in force', async () => {
    const page = await open('config')
    await see(page.locator('[data-path="hub.name"]').getByText('Needs a restart'))
    await press(page, 'Restart now')
    await press(page.getByRole('dialog'), 'Restart now')
    await until(async () => (await page.getByText('Needs a restart').count()) === 0, 'the restart', 20_000)
    await see(page.locator('.hub-name', { hasText: 'Corner shop' }).filter({ visible: true }))
  }, 30_000)
})

describe('backup', () => {
  it('[B14] a backup comes as a download once the passphrases are long enough and the same', async () => {
    const page = await open('backup')
    const card = cardOf(page, 'make')
    await card.getByLabel('Passphrase of the backup').fill('a long passphrase')
    await card.getByLabel('The passphrase once more').fill('another one')
    await press(card, 'Make and download')
    await see(card.getByText('The two are not the same.'))
    await card.getByLabel('The passphrase once more').fill('a long passphrase')
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: 20_000 }),
      press(card, 'Make and download'),
    ])
    expect(download.suggestedFilename()).toMatch(/\.tbk$/)
    expect(readFileSync(await download.path()).length).toBeGreaterThan(1_000)
    await see(cardOf(page, 'last').locator('time'))
  }, 30_000)

  it('[B15] a restore wants the name typed; what is no backup is said at the field and changes nothing', async () => {
    const page = await open('backup')
    const card = cardOf(page, 'restore')
    await card.getByLabel('Backup file (.tbk)').setInputFiles({
      name: 'x.tbk',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from('no backup'),
    })
    await card.getByLabel('Its passphrase').fill('a long passphrase')
    await press(card, 'Restore …')
    const dialog = page.getByRole('dialog')
    const doIt = dialog.getByRole('button', { name: 'Restore …' })
    expect(await doIt.isDisabled()).toBe(true)
    await dialog.getByLabel(/^Type/).fill('corner shop')
    await doIt.click()
    await see(card.getByText(/The backup cannot be used/))
    expect((await hub.rpc('hub.info', {}, await hub.token('monitor'))).status).toBe(200)
  })

  it('[B16] the bundle says what is in it, and comes as a download', async () => {
    const page = await open('backup')
    const card = cardOf(page, 'bundle')
    await see(card.getByText('Passwords, tokens, codes, keys, receipts and what was sold.'))
    const [download] = await Promise.all([
      page.waitForEvent('download', { timeout: 20_000 }),
      press(card, 'Download the bundle'),
    ])
    expect(download.suggestedFilename()).toMatch(/\.tar\.gz$/)
  }, 30_000)

  it('[B17] a technician sees neither backup nor restore', async () => {
    const page = await browser.open({ path: '/#/backup' })
    await see(page.getByText('Only an owner makes and restores backups'))
    await see(cardOf(page, 'bundle'))
    expect(await page.locator('[data-card="make"], [data-card="restore"]').count()).toBe(0)
  })
})

describe('about', () => {
  it('[B18] lists version, id and every package in the hub with its licence', async () => {
    const page = await open('about')
    await see(cardOf(page, 'hub').getByText(/^hub-/))
    const rows = await cardOf(page, 'parts').locator('tbody tr').count()
    expect(rows).toBe(shippedParts.length)
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const wanted = [...Object.keys(dependencies), '@preact/signals', 'preact'].sort()
    expect(shippedParts.map(([name]) => name)).toEqual(wanted)
    for (const [name, licence] of shippedParts) {
      const file = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
      const said = (file as { license?: string }).license ?? ''
      if (!said.startsWith('SEE')) expect(licence, name).toBe(said)
    }
  })
})

describe('every page of the box', () => {
  const views = ['network', 'log', 'config', 'backup', 'about']
  const cases = views.flatMap((path) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [desktop, phone].map((viewport) => ({ path, colorScheme, viewport, width: viewport.width })),
    ),
  )
  it.each(cases)('[B23] $path in $colorScheme at $width px', async ({ path, colorScheme, viewport }) => {
    const page = await open(path, { colorScheme, viewport })
    await see(page.locator('main :is([data-card], .log-line, [data-path])'))
    const { findings, tried } = await axe(page)
    expect(findings).toEqual([])
    expect(tried).toBeGreaterThan(10)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  })
})
