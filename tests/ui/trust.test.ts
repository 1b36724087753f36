/** The trust page, in a real browser on a real hub: the file for each system, the fingerprint, the check. */
import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemOf, systems } from '../../src/ui/trust/systems.ts'
import { trustDe } from '../../src/ui/words/trust/de.ts'
import { trustEn } from '../../src/ui/words/trust/en.ts'
import { trustEs } from '../../src/ui/words/trust/es.ts'
import { trustFr } from '../../src/ui/words/trust/fr.ts'
import { chromiumIn, trustRoot } from '../support/chromium.ts'
import { HubProcess, root, temporaryDir } from '../support/hub-process.ts'
import { axe } from './axe.ts'
import { ConsoleBrowser, closePage, desktop, phone, see } from './support.ts'

let hub: HubProcess
let browser: ConsoleBrowser

beforeAll(async () => {
  hub = await HubProcess.start()
  browser = await ConsoleBrowser.launch(hub)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await hub?.end()
})

const stranger = (options: Parameters<ConsoleBrowser['open']>[0] = {}) =>
  browser.open({ role: undefined, path: '/trust/', ...options })

async function verdict(page: Page): Promise<string | null> {
  await page.getByRole('button', { name: 'Check this browser' }).click()
  const card = page.locator('[data-verdict]')
  await see(card)
  return card.getAttribute('data-verdict')
}

describe('the file and the steps', () => {
  it('[B19] each system is known by its user agent', () => {
    const agents: Record<string, [agent: string, touch: number]> = {
      windows: ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0', 0],
      android: ['Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/156.0 Mobile', 5],
      ios: ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1', 5],
      chromeos: ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/156.0', 0],
      macos: ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1', 0],
      linux: ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 0],
    }
    expect(Object.keys(agents).sort()).toEqual(systems.map(({ id }) => id).sort())
    for (const [id, [agent, touch]] of Object.entries(agents)) expect(systemOf(agent, touch).id).toBe(id)
    // An iPad calls itself a Mac.
    expect(systemOf(agents.macos?.[0] ?? '', 5).id).toBe('ios')
  })

  it('[B19] the own system stands first with its file, the others below with theirs', async () => {
    const page = await stranger()
    await see(page.locator('[data-own="linux"]'))
    for (const { id, name } of systems.filter((system) => system.id !== 'linux')) {
      await page.locator(`[data-system="${id}"] summary`).click()
      await see(page.locator(`[data-system="${id}"] li`))
      expect(await page.locator(`[data-system="${id}"] summary`).textContent()).toBe(name)
    }
    for (const file of new Set(systems.map((system) => system.file)))
      expect((await fetch(`${hub.url}/trust/${file}`)).status, file).toBe(200)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('[data-own="linux"] a').click(),
    ])
    // The command on the page takes the file by this name.
    expect(download.suggestedFilename()).toMatch(/^tillbridge-.*\.pem$/)
    expect(readFileSync(await download.path(), 'utf8')).toContain('BEGIN CERTIFICATE')
    await closePage(page)
  })

  it('[B20] the fingerprint is that of the root', async () => {
    const page = await stranger()
    const der = Buffer.from(await (await fetch(`${hub.url}/trust/root.crt`)).arrayBuffer())
    await see(page.getByText(new X509Certificate(der).fingerprint256))
    await closePage(page)
  })

  it('[B19] the page speaks four languages with the same keys', async () => {
    for (const words of [trustDe, trustFr, trustEs])
      expect(Object.keys(words).sort()).toEqual(Object.keys(trustEn).sort())
    const source = ['app.tsx', 'systems.ts']
      .map((file) => readFileSync(join(root, 'src/ui/trust', file), 'utf8'))
      .join()
    for (const key of Object.keys(trustEn)) expect(source, key).toContain(`'${key}'`)
    for (const [locale, words] of [
      ['de-AT', trustDe],
      ['fr-FR', trustFr],
      ['es-MX', trustEs],
    ] as const) {
      const page = await stranger({ locale })
      await see(page.getByRole('heading', { name: words['trust.step1'] }))
      await closePage(page)
    }
  })
})

describe('the check', () => {
  it('[B21] a browser that knows no root hears that it does not trust the hub', async () => {
    const page = await stranger()
    expect(await verdict(page)).toBe('untrusted')
    await closePage(page)
  })

  it('[B21] a browser with the root in its store trusts the hub, and goes on to it', async () => {
    const home = temporaryDir()
    const file = join(home, 'root.pem')
    writeFileSync(file, await (await fetch(`${hub.url}/trust/root.pem`)).text())
    trustRoot(home, file)
    let trusting: Browser | undefined
    try {
      trusting = await chromium.launch(chromiumIn({ home, spaces: {}, hosts: [] }))
      const page = await trusting.newPage({ locale: 'en-GB' })
      await page.goto(`${hub.url}/trust/`)
      expect(await verdict(page)).toBe('trusted')
      const onward = page.getByRole('link', { name: 'Go on to the hub' })
      expect(await onward.getAttribute('href')).toMatch(/^https:/)
      await onward.click()
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      expect(page.url()).toContain(hub.httpsUrl ?? 'no https')
      await page.goto(`${hub.httpsUrl}/trust/`)
      expect(await verdict(page)).toBe('secure')
    } finally {
      await trusting?.close()
      rmSync(home, { recursive: true, force: true })
    }
  })

  it('[B21] a port that does not answer, no https, and an answer of somebody else are told apart', async () => {
    const port = new URL(hub.httpsUrl ?? '').port
    const shut = await stranger({
      prepare: (page) => page.route(`**//*:${port}/**`, (route) => route.abort()),
    })
    expect(await verdict(shut)).toBe('unreachable')
    await see(shut.getByText(`, ${port},`))
    const said = (json: object) => (page: Page) =>
      page.route(`${hub.url}/api/v1/reach`, (route) => route.fulfill({ json }))
    const off = await stranger({ prepare: said({ httpsPort: null }) })
    expect(await verdict(off)).toBe('off')
    const strange = await stranger({ prepare: said({}) })
    expect(await verdict(strange)).toBe('unsure')
    for (const page of [shut, off, strange]) await closePage(page)
  })
})

describe('its form', () => {
  it.each(
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [desktop, phone].map((viewport) => ({ colorScheme, viewport, width: viewport.width })),
    ),
  )('[B23] the trust page in $colorScheme at $width px', async ({ colorScheme, viewport }) => {
    const page = await stranger({ colorScheme, viewport })
    await see(page.locator('[data-own]'))
    const { findings, tried } = await axe(page, 'with frame')
    expect(findings).toEqual([])
    expect(tried).toBeGreaterThan(10)
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await closePage(page)
  })

  it('[B22] the page loads at most 25 kB of scripts after gzip', async () => {
    const page = await stranger()
    await see(page.locator('[data-own]'))
    const names = (await page.evaluate(
      `performance.getEntriesByType('resource').map((entry) => entry.name)`,
    )) as string[]
    const loaded = names.filter((name) => name.endsWith('.js')).map((name) => name.split('/').at(-1) ?? '')
    const files = readdirSync(join(root, 'dist/ui/assets'))
    expect(loaded.length).toBeGreaterThan(0)
    for (const name of loaded) expect(files).toContain(name)
    const bytes = loaded.reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(root, 'dist/ui/assets', name))).length,
      0,
    )
    expect(bytes).toBeLessThanOrEqual(25_000)
    await closePage(page)
  })
})
