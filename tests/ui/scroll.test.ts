/** Long lists in a real browser: every job is met by the wheel, few rows are in the page, nothing jumps under the eyes. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, temporaryDir, until } from '../support/hub-process.ts'
import { fillStore } from './large-shop.ts'
import { type ConsoleBrowser, onStage, phone, see } from './support.ts'

const jobCount = 5_000
const deviceCount = 60
/** Rows in sight and some above and below, at the height of any window here. */
const rowsDrawnMax = 60
const elementsMax = 2_500

let technician: HubClient
let browser: ConsoleBrowser

onStage({
  async start() {
    const dir = temporaryDir()
    await fillStore(dir, { devices: deviceCount, jobs: jobCount })
    return HubProcess.start({ dir, demo: true })
  },
  async begun(hub, launched) {
    browser = launched
    technician = await hub.client()
  },
})

async function openJobs(viewport?: { width: number; height: number }): Promise<Page> {
  const page = await browser.open({ path: '/#/jobs', ...(viewport === undefined ? {} : { viewport }) })
  await see(page.locator('.job'))
  return page
}

/** Numbers of the jobs in the page, top first. */
const drawn = (page: Page): Promise<number[]> =>
  page.evaluate(`[...document.querySelectorAll('[data-job]')].map((row) => Number(row.dataset.job.slice(4)))`)

const elements = (page: Page): Promise<number> => page.evaluate(`document.querySelectorAll('*').length`)

const rest = (page: Page): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`)

/** Until the wheel has run out: a page goes on scrolling for some frames after it was turned. */
const standstill = (page: Page): Promise<unknown> =>
  page.evaluate(`new Promise((resolve) => {
    let still = 0
    let top = scrollY
    const look = () => {
      still = scrollY === top ? still + 1 : 0
      top = scrollY
      if (still > 10) resolve()
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })`)

it(`[UD9] the wheel meets each of ${jobCount} jobs, in order, with few rows in the page`, async () => {
  const page = await openJobs()
  await page.mouse.move(800, 500)
  const met = new Set<number>()
  let most = 0
  for (let turns = 0; met.size < jobCount && turns < 2_000; turns++) {
    const rows = await drawn(page)
    most = Math.max(most, rows.length)
    expect(rows).toEqual(rows.map((_, index) => (rows[0] ?? 0) - index))
    for (const row of rows) met.add(row)
    await page.mouse.wheel(0, 1_500)
    await rest(page)
  }
  expect(met.size).toBe(jobCount)
  expect(most).toBeLessThanOrEqual(rowsDrawnMax)
  expect(await elements(page)).toBeLessThan(elementsMax)
  await see(page.getByText(`That is all: ${jobCount.toLocaleString('en')} jobs.`))
  const last = page.locator('[data-job="job-0"]')
  expect(await last.getAttribute('aria-posinset')).toBe(String(jobCount))
  expect(await last.getAttribute('aria-setsize')).toBe(String(jobCount))
}, 90_000)

it('[UD9] the job under the pointer is the one that opens, also far down on a phone', async () => {
  const page = await openJobs(phone)
  for (let turns = 0; turns < 12; turns++) {
    await page.mouse.move(180, 400)
    await page.mouse.wheel(0, 1_377)
    await rest(page)
  }
  await standstill(page)
  const under = await page.evaluate<string>(
    `document.elementFromPoint(180, 400).closest('[data-job]').dataset.job`,
  )
  expect(Number(under.slice(4))).toBeLessThan(jobCount - 100)
  await page.mouse.click(180, 400)
  await see(page.getByRole('dialog').getByText(under, { exact: true }))
})

it('[UD9] a new job on top moves nothing that is being read', async () => {
  const page = await openJobs()
  await page.mouse.move(800, 500)
  for (let turns = 0; turns < 5; turns++) {
    await page.mouse.wheel(0, 1_000)
    await rest(page)
  }
  await standstill(page)
  const top = (id: string) =>
    page.locator(`[data-job="${id}"]`).evaluate((row) => Math.round(row.getBoundingClientRect().top))
  const [, , , , , , , , , , , , , , , reading = 0] = await drawn(page)
  const before = await top(`job-${reading}`)
  const position = await page.locator(`[data-job="job-${reading}"]`).getAttribute('aria-posinset')
  await technician.call('job.submit', {
    id: 'comes-on-top',
    device: 'demo-printer',
    kind: 'print',
    payload: { text: 'x' },
  })
  await until(
    async () =>
      (await page.locator(`[data-job="job-${reading}"]`).getAttribute('aria-posinset')) !== position,
    'the list is one longer',
  )
  await rest(page)
  expect(Math.abs((await top(`job-${reading}`)) - before)).toBeLessThanOrEqual(1)
})

it('[UD9] arrows go from row to row beyond what was drawn at first, and the focus outlives the wheel', async () => {
  const page = await openJobs()
  await page.locator('.job button').first().focus()
  const steps = 80
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press('ArrowDown')
    await rest(page)
  }
  const focused = () => page.evaluate<string>(`document.activeElement.closest('[data-job]')?.dataset.job`)
  const reached = await focused()
  expect(await page.locator(`[data-job="${reached}"]`).getAttribute('aria-posinset')).toBe(String(steps + 1))
  await page.mouse.move(800, 500)
  for (let turns = 0; turns < 8; turns++) {
    await page.mouse.wheel(0, 1_500)
    await rest(page)
  }
  expect(await focused()).toBe(reached)
  await page.keyboard.press('Enter')
  await see(page.getByRole('dialog').getByText(reached, { exact: true }))
})

function scanned(code: string): Promise<boolean> {
  return technician.call('demo.order', { device: 'demo-scanner', order: { order: 'scan', code } }).then(
    () => true,
    () => false,
  )
}

it('[UD9] 1,000 events are there with few rows in the page', async () => {
  const page = await browser.open({ path: '/#/events' })
  await see(page.getByRole('button', { name: 'Pause' }))
  for (let index = 0; index < 1_010; index++)
    // The hub slows down whoever asks too fast.
    await until(() => scanned(`CODE-${index}`), 'the hub takes one more scan')
  await see(page.getByText('1,000 events'))
  await see(page.locator('.events code', { hasText: 'CODE-1009' }))
  expect(await page.locator('.events > li').count()).toBeLessThanOrEqual(rowsDrawnMax)
  expect(await elements(page)).toBeLessThan(elementsMax)
}, 90_000)

it(`[UD1] ${deviceCount} devices stay few elements, and the last is reached`, async () => {
  const page = await browser.open({ path: '/#/devices' })
  await see(page.locator('.device-line'))
  expect(await page.locator('.device-line').count()).toBeGreaterThanOrEqual(deviceCount)
  expect(await elements(page)).toBeLessThan(elementsMax)
  const last = page.locator('[data-device="printer-59"]')
  await last.scrollIntoViewIfNeeded()
  await last.getByRole('button').first().click()
  await see(last.getByText('Switched off here.'))
})
