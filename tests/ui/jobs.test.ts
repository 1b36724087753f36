/** The jobs of a shop in a real browser: found, looked into, cancelled, printed once more; events that are opened. */
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { axe } from './axe.ts'
import {
  type ConsoleBrowser,
  desktop,
  type OpenOptions,
  onStage,
  phone,
  press,
  rewire,
  see,
} from './support.ts'

let hub: HubProcess
let technician: HubClient
let browser: ConsoleBrowser

onStage({
  start: () => HubProcess.start({ demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    technician = await hub.client()
  },
  tidy: () =>
    technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'full' } }),
})

const open = (options: OpenOptions = {}) => browser.open({ path: '/#/jobs', ...options })

async function print(id: string): Promise<void> {
  await technician.call('job.submit', { id, device: 'demo-printer', kind: 'print', payload: { text: id } })
}

/** Prints it to its end. */
async function printed(id: string): Promise<void> {
  await print(id)
  await technician.call('job.wait', { id, ms: 10_000 })
}

const row = (page: Page, id: string) => page.locator(`[data-job="${id}"]`)

async function openJob(page: Page, id: string): Promise<Locator> {
  await row(page, id).getByRole('button').click()
  const dialog = page.getByRole('dialog')
  await see(dialog.getByText(id, { exact: true }))
  return dialog
}

describe('finding a job', () => {
  it('[UD7] by text, which the hub searches, with device and state; nothing found says what to do', async () => {
    for (const id of ['order-4711', 'order-4712', 'lunch-1']) await printed(id)
    const page = await open()
    await see(row(page, 'lunch-1'))
    const field = page.getByLabel('Find a job')
    await field.fill('ORDER-47')
    await until(async () => (await row(page, 'lunch-1').count()) === 0, 'only those that were asked for')
    expect(await page.locator('.job').count()).toBe(2)
    // A new one joins the list only when it fits.
    await printed('order-4713')
    await printed('lunch-2')
    await see(row(page, 'order-4713'))
    expect(await row(page, 'lunch-2').count()).toBe(0)
    await page.getByLabel('State').selectOption('failed')
    await see(page.getByText('No job matches'))
    await press(page, 'Show all jobs')
    await see(row(page, 'lunch-2'))
    expect(await field.inputValue()).toBe('')
  })
})

describe('one job', () => {
  it('[UD7] tells all of it, leads to its device, and is cancelled while it waits', async () => {
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'out' } })
    // The first is with the printer; only one behind it can be cancelled for sure.
    await print('holds-the-line')
    await print('to-cancel')
    const page = await open()
    const dialog = await openJob(page, 'to-cancel')
    await see(dialog.getByText('waiting: out of paper').or(dialog.getByText('waiting in line')))
    await see(dialog.getByText('Valid until'))
    await see(dialog.getByText('test technician').or(dialog.getByText('technician')))
    await press(dialog, 'Cancel the job')
    await see(dialog.getByText('cancelled'))
    await see(dialog.getByText('Ended at'))
    await dialog.getByRole('link', { name: 'Receipt printer' }).click()
    await see(page.locator('[data-device="demo-printer"]'))
    expect(page.url()).toContain('#/devices/demo-printer')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('[UD7] that failed says why and what to do about it', async () => {
    await printed('goes-wrong')
    const page = await open({
      prepare: (at) =>
        rewire(at, {
          answers: {
            'job.list': (result: { jobs: { id: string }[] }) => ({
              ...result,
              jobs: result.jobs.map((job) =>
                job.id === 'goes-wrong'
                  ? {
                      ...job,
                      state: 'failed',
                      attempts: 3,
                      error: {
                        code: 'port_closed',
                        message: 'The connection to tcp://x was lost: reset. (port_closed)',
                        who: 'technician',
                        context: { port: 'tcp://x', reason: 'reset' },
                      },
                    }
                  : job,
              ),
            }),
          },
        }),
    })
    await see(row(page, 'goes-wrong').getByText('3 attempts'))
    const dialog = await openJob(page, 'goes-wrong')
    await see(dialog.getByText('The connection to tcp://x was lost: reset.'))
    await see(dialog.getByText('Check the cable, the power and the settings of the device.'))
    await see(dialog.getByText('port_closed', { exact: true }))
  })
})

describe('printing once more', () => {
  it('[UD8] asks first, prints one copy though it is pressed twice, and shows the new job', async () => {
    await printed('receipt-1')
    const before = (await technician.call('job.list', { text: 'print' })).jobs.length
    const page = await open()
    const dialog = await openJob(page, 'receipt-1')
    await press(dialog, 'Print again')
    await see(dialog.getByText(/paper comes out/))
    await press(dialog, 'Back')
    await press(dialog, 'Print again')
    expect(await dialog.getByLabel('Printer').inputValue()).toBe('demo-printer')
    await dialog.getByRole('button', { name: 'Print it now' }).dblclick()
    await see(dialog.getByText('printed', { exact: true }))
    await until(async () => (await dialog.getByText('receipt-1', { exact: true }).count()) === 0, 'the copy')
    const after = (await technician.call('job.list', { text: 'print' })).jobs.length
    expect(after).toBe(before + 1)
  })

  it('[UD8] may go to another printer, and is not offered to whoever only looks', async () => {
    const { id: other } = await technician.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      port: 'tcp://127.0.9.30:9100',
      name: 'Bar printer',
    })
    await technician.call('device.disable', { id: other })
    await printed('receipt-2')
    const page = await open()
    const dialog = await openJob(page, 'receipt-2')
    await press(dialog, 'Print again')
    await dialog.getByLabel('Printer').selectOption({ label: 'Bar printer' })
    await press(dialog, 'Print it now')
    await see(dialog.getByText('waiting: device is switched off'))
    await press(dialog, 'Cancel the job')
    await see(dialog.getByText('cancelled'))
    await technician.call('device.remove', { id: other })
    const onlooker = await open({ role: 'monitor' })
    const shown = await openJob(onlooker, 'receipt-2')
    expect(await shown.getByRole('button', { name: 'Print again' }).count()).toBe(0)
  })
})

describe('events', () => {
  it('[UD11] open with all of their data, also while new ones come', async () => {
    const page = await open({ path: '/#/events' })
    await page.getByLabel('Filter the events').fill('scan')
    await see(page.getByText('No event matches'))
    const scan = (code: string) =>
      technician.call('demo.order', { device: 'demo-scanner', order: { order: 'scan', code } })
    await scan('FIRST-1')
    const first = page.locator('[data-topic="scan"]').getByRole('button')
    await see(first)
    await first.first().click()
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText('"code": "FIRST-1"'))
    await scan('SECOND-2')
    await see(page.getByText('2 events'))
    await see(dialog.getByText('"code": "FIRST-1"'))
    expect((await axe(page)).findings).toEqual([])
    await press(dialog, 'Close')
    await page.getByLabel('Filter the events').fill('second')
    await until(async () => (await page.locator('[data-topic="scan"]').count()) === 1, 'the one that fits')
    await page.getByLabel('Filter the events').fill('nothing like it')
    await see(page.getByText('No event matches'))
  })
})

describe('axe', () => {
  const cases = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [desktop, phone].map((viewport) => ({ colorScheme, viewport, width: viewport.width })),
  )

  it.each(cases)(
    '[UD10] finds nothing on jobs, a job and events in $colorScheme at $width px',
    async ({ colorScheme, viewport }) => {
      await printed(`axe-${colorScheme}-${viewport.width}`)
      const page = await open({ colorScheme, viewport })
      await see(page.locator('.job'))
      expect((await axe(page)).findings).toEqual([])
      const dialog = await openJob(page, `axe-${colorScheme}-${viewport.width}`)
      expect((await axe(page)).findings).toEqual([])
      await press(dialog, 'Print again')
      expect((await axe(page)).findings).toEqual([])
      await press(dialog, 'Close')
      await page.goto(`${hub.url}/#/events`)
      await technician.call('demo.order', { device: 'demo-scanner', order: { order: 'scan', code: 'AXE-1' } })
      await see(page.locator('[data-topic="scan"]'))
      const { findings, tried } = await axe(page)
      expect(findings).toEqual([])
      expect(tried).toBeGreaterThan(10)
    },
  )
})
