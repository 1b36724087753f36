/** The form of devices, jobs, ports and events: names, touch targets and contrast; many devices, many jobs, long names. */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HubProcess, temporaryDir, until } from '../support/hub-process.ts'
import { audit } from './audit.ts'
import { fillStore } from './large-shop.ts'
import { ConsoleBrowser, card, closePage, desktop, phone, press } from './support.ts'

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

beforeAll(async () => {
  dir = temporaryDir()
  await fillStore(dir, { devices: storedCount, jobs: jobCount, longName, failing: failingPrinter })
  hub = await HubProcess.start({ dir, demo: true })
  browser = await ConsoleBrowser.launch(hub)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await hub?.end()
})

const shown: Record<string, (page: Page) => Promise<void>> = {
  '/#/devices/demo-printer': async (page) => {
    await card(page, 'demo-printer').locator('img.paper').waitFor()
    await card(page, 'demo-printer').locator('summary').click()
  },
  '/#/jobs': (page) => page.locator('.job').first().waitFor(),
  '/#/ports': async (page) => {
    await page.getByRole('button', { name: 'Add by address' }).click()
    await page.getByRole('dialog').waitFor()
  },
  '/#/events': (page) => page.getByRole('button', { name: 'Pause' }).waitFor(),
}

describe('every view', () => {
  const cases = Object.keys(shown).flatMap((path) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      [desktop, phone].map((viewport) => ({ path, colorScheme, viewport, width: viewport.width })),
    ),
  )

  it('[UI9] counts 16 cases: 4 views, 2 colour schemes, 2 widths', () => {
    expect(cases).toHaveLength(16)
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
})

describe('a lot of everything', () => {
  it(`[UI11] ${deviceCount} devices are there, and one is found by name`, async () => {
    const page = await browser.open({ path: '/#/devices', viewport: phone })
    await card(page, 'demo-printer').waitFor()
    expect(await page.locator('[data-device]').count()).toBe(deviceCount)
    expect((await audit(page)).problems).toEqual([])
    await page.getByLabel('Find a device').fill('near the oven')
    await until(async () => (await page.locator('[data-device]').count()) === 1, 'one line')
    const line = card(page, 'printer-0')
    await line.getByRole('button').first().click()
    const box = await line.boundingBox()
    expect(box?.width).toBeLessThanOrEqual(phone.width)
    expect((await audit(page)).problems).toEqual([])
    await page.getByLabel('Find a device').fill('nothing of this name')
    await page.getByText('No device matches').waitFor()
    await closePage(page)
  })

  it(`[UI11] ${jobCount} jobs come in pages ahead of the reader, and by device and state`, async () => {
    const page = await browser.open({ path: '/#/jobs' })
    const rows = page.locator('.job')
    await rows.first().waitFor()
    expect(await rows.first().getAttribute('data-job')).toBe(`job-${jobCount - 1}`)
    expect(await rows.count()).toBeLessThan(60)
    await page.getByLabel('Device').selectOption(`printer-${failingPrinter}`)
    await page.getByLabel('State').selectOption('failed')
    const failed = Math.ceil((jobCount - failingPrinter) / storedCount)
    await page.getByText(`That is all: ${failed} jobs.`).waitFor()
    expect(await page.locator('[data-state="done"]').count()).toBe(0)
    await page.getByLabel('State').selectOption('unknown')
    await page.getByText('No job matches').waitFor()
    await press(page, 'Show all jobs')
    await until(
      async () => (await rows.first().getAttribute('data-job')) === `job-${jobCount - 1}`,
      'all jobs again',
    )
    expect((await audit(page)).problems).toEqual([])
    await closePage(page)
  })
})
