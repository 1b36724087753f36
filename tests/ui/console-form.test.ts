/** The form of the console: names, touch targets and contrast everywhere; many devices, many jobs, long names; its weight. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/store/open.ts'
import type { DeviceRow, JobRow } from '../../src/store/store.ts'
import { HubProcess, root, temporaryDir, until } from '../support/hub-process.ts'
import { audit } from './audit.ts'
import { buildPages, ConsoleBrowser, card, closePage, desktop, phone } from './support.ts'

/** The most a hub takes. */
const deviceCount = 200
const demoCount = 3
const storedCount = deviceCount - demoCount
const jobCount = 10_000
/** All jobs of this one failed. */
const failingPrinter = 10
const longName = 'Kitchen printer behind the second door on the left, near the oven, the blue one!'

let dir: string
let hub: HubProcess
let browser: ConsoleBrowser

/** A hub that has been in use for a while. Its devices are switched off: only their cards are wanted here. */
async function fillStore(): Promise<void> {
  const now = Date.now()
  const store = await openStore({ dir, inline: true })
  const device = (index: number): DeviceRow => ({
    id: `printer-${index}`,
    name: index === 0 ? longName : `Printer ${index}`,
    class: 'printer',
    driver: 'escpos',
    profile: 'generic',
    port: `tcp://192.168.200.${index + 1}:9100`,
    fingerprint: `tcp:${index}`,
    settings: {},
    disabled: true,
    createdAt: now,
  })
  const job = (index: number): JobRow => ({
    id: `job-${index}`,
    device: `printer-${index % storedCount}`,
    kind: 'print',
    payload: '{"text":"x"}',
    fingerprint: String(index),
    state: index % storedCount === failingPrinter ? 'failed' : 'done',
    attempts: 1,
    createdAt: now - (jobCount - index) * 1_000,
    expiresAt: now,
    finishedAt: now,
    client: longName,
  })
  await Promise.all([
    ...Array.from({ length: storedCount }, (_, index) => store.devices.put(device(index))),
    ...Array.from({ length: jobCount }, (_, index) => store.jobs.insert(job(index))),
  ])
  await store.close()
}

beforeAll(async () => {
  buildPages()
  dir = temporaryDir()
  await fillStore()
  hub = await HubProcess.start({ dir, demo: true })
  browser = await ConsoleBrowser.launch(hub)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await hub?.end()
})

const shown: Record<string, (page: Page) => Promise<void>> = {
  '/': async (page) => {
    await card(page, 'demo-printer').locator('img.paper').waitFor()
    await card(page, 'demo-printer').locator('summary').click()
  },
  '/#/jobs': (page) => page.locator('.job').first().waitFor(),
  '/#/ports': async (page) => {
    await page.getByRole('button', { name: 'Add by address' }).click()
    await page.getByRole('dialog').waitFor()
  },
  '/#/clients': async (page) => {
    await page.getByRole('button', { name: 'Pair a new client' }).click()
    await page.getByRole('button', { name: 'Make a code' }).click()
    await page.locator('[data-code]').waitFor()
  },
  '/#/events': (page) => page.getByRole('button', { name: 'Pause' }).waitFor(),
}

describe('every view', () => {
  const cases = Object.keys(shown).flatMap((path) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [desktop, phone].map((viewport) => ({ path, colorScheme, viewport, width: viewport.width })),
    ),
  )

  it('[UI9] counts 20 cases: 5 views, 2 colour schemes, 2 widths', () => {
    expect(cases).toHaveLength(20)
  })

  it.each(cases)('[UI9] $path in $colorScheme at $width px', async ({ path, colorScheme, viewport }) => {
    const page = await browser.open({ path, colorScheme, viewport })
    await shown[path]?.(page)
    const { controls, problems, texts } = await audit(page)
    expect(problems).toEqual([])
    expect(controls).toBeGreaterThan(5)
    expect(texts).toBeGreaterThan(8)
    await closePage(page)
  })

  it('[UI9] the pairing page in both colour schemes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.open({ role: undefined, colorScheme, viewport: phone })
      await page.getByLabel('Pairing code').fill('123456')
      const { problems, controls } = await audit(page)
      expect(problems).toEqual([])
      expect(controls).toBe(3)
      await closePage(page)
    }
  })

  it('[UI9] the colours follow the choice, also after a reload', async () => {
    const page = await browser.open()
    const background = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    await card(page, 'demo-printer').waitFor()
    const light = await background()
    await page.getByRole('button', { name: /^Colours/ }).click()
    await page.getByRole('button', { name: /^Colours: light/ }).click()
    expect(await background()).not.toBe(light)
    const dark = await background()
    await page.reload()
    await card(page, 'demo-printer').waitFor()
    expect(await background()).toBe(dark)
    await closePage(page)
  })
})

describe('a lot of everything', () => {
  it(`[UI11] ${deviceCount} devices are there, and one is found by name`, async () => {
    const page = await browser.open({ viewport: phone })
    await card(page, 'demo-printer').waitFor()
    expect(await page.locator('[data-device]').count()).toBe(deviceCount)
    expect((await audit(page)).problems).toEqual([])
    await page.getByLabel('Find a device').fill('near the oven')
    await until(async () => (await page.locator('[data-device]').count()) === 1, 'one card')
    const box = await card(page, 'printer-0').boundingBox()
    expect(box?.width).toBeLessThanOrEqual(phone.width)
    await page.getByLabel('Find a device').fill('nothing of this name')
    await page.getByText('No device matches').waitFor()
    await closePage(page)
  })

  it(`[UI11] ${jobCount} jobs come in pages, and by device and state`, async () => {
    const page = await browser.open({ path: '/#/jobs' })
    const rows = page.locator('.job')
    await rows.first().waitFor()
    expect(await rows.count()).toBe(50)
    expect(await rows.first().getAttribute('data-job')).toBe(`job-${jobCount - 1}`)
    await page.getByRole('button', { name: 'Show older jobs' }).click()
    await until(async () => (await rows.count()) === 100, 'the second page')
    const ids = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-job')))
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => `job-${jobCount - 1 - index}`))
    await page.getByLabel('Device').selectOption(`printer-${failingPrinter}`)
    await page.getByLabel('State').selectOption('failed')
    await until(async () => (await page.locator('[data-state="done"]').count()) === 0, 'only failed ones')
    const failed = Math.ceil((jobCount - failingPrinter) / storedCount)
    await until(async () => (await rows.count()) === 50, 'a page of them')
    await page.getByRole('button', { name: 'Show older jobs' }).click()
    await page.getByText(`That is all: ${failed} jobs.`).waitFor()
    await page.getByLabel('State').selectOption('unknown')
    await page.getByText('No job matches').waitFor()
    await page.getByRole('button', { name: 'Show all jobs' }).click()
    await until(async () => (await rows.count()) === 50, 'the first page')
    await closePage(page)
  })
})

describe('weight', () => {
  it('[UI13] all scripts and styles of the console are within 60 kB after gzip, and hold no schema library', () => {
    const gzipBytesMax = 60_000
    const assets = join(root, 'dist', 'ui', 'assets')
    const html = readFileSync(join(root, 'dist', 'ui', 'index.html'), 'utf8')
    const files = readdirSync(assets).filter((name) => html.includes(name))
    expect(files.length).toBeGreaterThanOrEqual(2)
    const texts = files.map((name) => readFileSync(join(assets, name)))
    const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0)
    expect(bytes).toBeLessThanOrEqual(gzipBytesMax)
    expect(texts.some((text) => /ZodError|safeParse/.test(text.toString()))).toBe(false)
  })
})
