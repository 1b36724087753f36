/** The devices of a shop in a real browser: lines that open, the settings of a real driver, its bytes, how much is logged. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { axe } from './axe.ts'
import {
  type ConsoleBrowser,
  card,
  desktop,
  type OpenOptions,
  onStage,
  phone,
  press,
  see,
} from './support.ts'

let hub: HubProcess
let technician: HubClient
let browser: ConsoleBrowser
/** With the demo's own that makes more than eight. */
const added = ['kitchen', 'bar', 'terrace', 'office', 'store']

onStage({
  start: () => HubProcess.start({ demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    technician = await hub.client()
  },
  async tidy() {
    const { devices } = await technician.call('device.list', {})
    for (const { id, demo } of devices) if (!demo) await technician.call('device.remove', { id })
  },
})

const open = (options: OpenOptions = {}) => browser.open({ path: '/#/devices', ...options })

/** Devices that are switched off: only their lines are wanted. Answers their ids. */
async function fillShop(): Promise<string[]> {
  const ids: string[] = []
  for (const [index, name] of added.entries()) {
    const { id } = await technician.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      port: `tcp://127.0.9.${index + 1}:9100`,
      name: `Printer ${name}`,
    })
    await technician.call('device.disable', { id })
    ids.push(id)
  }
  return ids
}

describe('many devices', () => {
  it('[UD1] are lines: the broken one on top, narrowed by text, kind and state, opened by a press', async () => {
    await fillShop()
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'silent', on: true } })
    const page = await open()
    const lines = page.locator('.device-line')
    await see(lines)
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'cover', open: true } })
    await until(
      async () => (await lines.first().getAttribute('data-device')) === 'demo-printer',
      'the printer with the open cover on top',
    )
    await see(lines.first().getByText('Cover is open'))
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'cover', open: false } })
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'silent', on: false } })
    await page.getByLabel('Find a device').fill('terrace')
    await until(async () => (await lines.count()) === 1, 'one line')
    await page.getByLabel('Find a device').fill('')
    await page.getByLabel('State').selectOption('disabled')
    await until(async () => (await lines.count()) === added.length, 'the ones that are switched off')
    await page.getByLabel('Kind').selectOption('scale')
    await see(page.getByText('No device matches'))
    await press(page, 'Show all devices')
    const scale = card(page, 'demo-scale')
    expect(await scale.locator('.weight').count()).toBe(0)
    await scale.locator('.line-key').click()
    await see(scale.locator('.weight'))
    expect(await scale.locator('.line-key').getAttribute('aria-expanded')).toBe('true')
  })

  it('[UD2] are reached by their address, and so are their jobs', async () => {
    const [first = ''] = await fillShop()
    const page = await open({ path: `/#/devices/${first}` })
    await see(card(page, first).locator('.line-body'))
    await until(
      async () => (await page.evaluate('document.activeElement.className')) === 'line-key',
      'the focus is on it',
    )
    await technician.call('job.submit', {
      id: 'of-scale',
      device: 'demo-scale',
      kind: 'scale.zero',
      payload: {},
    })
    await technician.call('job.submit', {
      id: 'of-printer',
      device: 'demo-printer',
      kind: 'print',
      payload: { text: 'x' },
    })
    await page.goto(`${hub.url}/#/jobs/demo-scale`)
    await see(page.locator('[data-job="of-scale"]'))
    expect(await page.locator('[data-job="of-printer"]').count()).toBe(0)
    expect(await page.getByLabel('Device').inputValue()).toBe('demo-scale')
  })
})

describe('the settings of a device', () => {
  /** On a memory of its own there is no device of this address; the form does not mind. */
  async function addScale(): Promise<string> {
    const { id } = await technician.call('device.add', {
      class: 'scale',
      driver: 'toledo-8217',
      port: 'tcp://127.0.9.9:4001',
      name: 'Fish counter',
      settings: { readMsMax: 900 },
    })
    return id
  }

  async function openSettings(page: Page, id: string) {
    await card(page, id).locator('summary').click()
    await press(card(page, id), 'Settings')
    const dialog = page.getByRole('dialog')
    await see(dialog.locator('[data-path="readMsMax"]'))
    return dialog
  }

  it('[UD3] go round: shown as they are, changed, taken back to the profile, told to the hub alone', async () => {
    const id = await addScale()
    const page = await open()
    const dialog = await openSettings(page, id)
    const input = (path: string) => dialog.locator(`[data-path="${path}"]`).locator('input, select').first()
    expect(await input('readMsMax').inputValue()).toBe('900')
    expect(await input('watchMs').inputValue()).toBe('')
    expect(await input('watchMs').getAttribute('placeholder')).toBe('200')
    const save = dialog.getByRole('button', { name: 'Save' })
    expect(await save.isDisabled()).toBe(true)
    await input('watchMs').fill('500')
    await input('echo').click()
    await input('decimals').selectOption({ label: '3' })
    await dialog.getByLabel('Profile').selectOption('generic-lb')
    await press(dialog.locator('[data-path="readMsMax"]'), /^Back to profile value/)
    expect(await input('readMsMax').inputValue()).toBe('')
    await save.click()
    await dialog.waitFor({ state: 'detached' })
    expect(await technician.call('device.settings', { id })).toMatchObject({
      settings: { watchMs: 500, decimals: 3, echo: false },
    })
    expect((await technician.call('device.settings', { id })).settings).not.toHaveProperty('readMsMax')
    expect((await technician.call('device.get', { id })).profile).toBe('generic-lb')
    const again = await openAgain(page, id)
    expect(await again.locator('[data-path="watchMs"] input').inputValue()).toBe('500')
  })

  async function openAgain(page: Page, id: string) {
    await press(card(page, id), 'Settings')
    const dialog = page.getByRole('dialog')
    await see(dialog.locator('[data-path="watchMs"]'))
    return dialog
  }

  it('[UD4] that cannot be are refused at their field, by the page or by the hub, and stay as they were typed', async () => {
    const id = await addScale()
    const page = await open()
    const dialog = await openSettings(page, id)
    const field = dialog.locator('[data-path="watchMs"]')
    await field.locator('input').fill('5')
    await see(field.getByRole('alert'))
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await field.locator('input').fill('250')
    await dialog.getByLabel('Port').fill('nonsense://x')
    await press(dialog, 'Save')
    await see(dialog.getByText('port_invalid'))
    expect(await field.locator('input').inputValue()).toBe('250')
    await dialog.getByLabel('Port').fill('tcp://127.0.9.10:4001')
    await press(dialog, 'Save')
    await dialog.waitFor({ state: 'detached' })
    expect((await technician.call('device.get', { id })).port).toBe('tcp://127.0.9.10:4001')
  })

  it('[UD4] that only the hub can judge are said at their field', async () => {
    const { id } = await technician.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      port: 'tcp://127.0.9.11:9100',
      name: 'Bar',
    })
    const page = await open()
    await card(page, id).locator('summary').click()
    await press(card(page, id), 'Settings')
    const dialog = page.getByRole('dialog')
    const field = dialog.locator('[data-path="codePages"]')
    await field.locator('textarea').fill('{"cp858": ')
    await see(field.getByText('This is not valid JSON.'))
    await field.locator('textarea').fill('{"cp858": 999}')
    await press(dialog, 'Save')
    await see(field.getByRole('alert'))
    await see(dialog.getByText('settings_invalid'))
    expect(await field.locator('textarea').inputValue()).toBe('{"cp858": 999}')
    await field.locator('textarea').fill('{"cp858": 19}')
    await press(dialog, 'Save')
    await dialog.waitFor({ state: 'detached' })
    expect((await technician.call('device.settings', { id })).settings).toEqual({ codePages: { cp858: 19 } })
  })
})

describe('live bytes', () => {
  it('[UD5] are seen both ways, stopped, saved, and end when the window is closed', async () => {
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'load', grams: 750 } })
    const page = await open()
    await card(page, 'demo-scale').locator('summary').click()
    await press(card(page, 'demo-scale'), 'Live bytes')
    const dialog = page.getByRole('dialog')
    const rows = dialog.locator('.trace-entries li')
    await see(dialog.locator('[data-dir="out"]').getByText('57', { exact: true }))
    await see(dialog.locator('[data-dir="in"]').getByText('<STX>00.750<CR>'))
    await see(dialog.locator('[data-dir="in"]').getByText('02 30 30 2e 37 35 30 0d'))
    expect(await rows.first().locator('time').textContent()).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
    await press(dialog, 'Pause')
    const seen = await rows.count()
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'load', grams: 1_000 } })
    await until(
      async () => (await technician.call('scale.read', { device: 'demo-scale' })).weight === '1.000',
      'the scale has it',
    )
    expect(await rows.count()).toBe(seen)
    const download = page.waitForEvent('download')
    await press(dialog, 'Download')
    const path = await (await download).path()
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(seen + 1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      trace: 1,
      device: 'demo-scale',
      driver: 'toledo-8217',
    })
    expect(lines.slice(1).map((line) => (JSON.parse(line) as { dir: string }).dir)).toContain('in')
    await press(dialog, 'Go on')
    await see(dialog.getByText('<STX>01.000<CR>'))
    await press(dialog, 'From the greeting on')
    await see(dialog.getByText('port opened'))
    await press(dialog, 'Close')
    await dialog.waitFor({ state: 'detached' })
  })

  it('[UD5] of a device that is gone say so, and start again', async () => {
    const { id } = await technician.call('device.add', {
      class: 'scale',
      driver: 'toledo-8217',
      port: 'tcp://127.0.9.12:4001',
      name: 'Cheese counter',
    })
    const page = await open()
    await card(page, id).locator('summary').click()
    await press(card(page, id), 'Live bytes')
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText('0 entries so far.'))
    // Whoever changes the device ends its trace.
    await technician.call('device.configure', { id, settings: { watchMs: 300 } })
    await see(dialog.getByText('trace_gone'))
    await press(dialog, 'Start again')
    await see(dialog.getByText('0 entries so far.'))
    expect(await dialog.getByText('trace_gone').count()).toBe(0)
  })
})

it('[UD6] how much is logged of a device is set at the device, and given back to the hub', async () => {
  const page = await open()
  await card(page, 'demo-scale').locator('summary').click()
  const level = card(page, 'demo-scale').getByLabel('How much of it is logged')
  await level.selectOption('debug')
  const levels = async () => (await technician.call('log.read', {})).devices
  await until(async () => (await levels())['demo-scale'] === 'debug', 'the hub logs more of it')
  await level.selectOption('')
  await until(async () => !('demo-scale' in (await levels())), 'as the hub again')
  expect(await level.inputValue()).toBe('')
})

describe('axe', () => {
  const windows: Record<string, (page: Page) => Promise<void>> = {
    devices: (page) => see(card(page, 'demo-printer')),
    panel: async (page) => {
      await card(page, 'demo-scale').locator('summary').click()
      await see(card(page, 'demo-scale').getByText('toledo-8217'))
    },
    settings: async (page) => {
      await card(page, 'demo-scale').locator('summary').click()
      await press(card(page, 'demo-scale'), 'Settings')
      await see(page.locator('[data-path="readMsMax"]'))
    },
    trace: async (page) => {
      await card(page, 'demo-scale').locator('summary').click()
      await press(card(page, 'demo-scale'), 'Live bytes')
      await see(page.locator('[data-dir="in"]'))
      await press(page.getByRole('dialog'), 'Pause')
    },
    remove: async (page) => {
      await card(page, 'demo-scale').locator('summary').click()
      await press(card(page, 'demo-scale'), 'Remove')
    },
    ports: async (page) => {
      await page.goto(`${hub.url}/#/ports`)
      await see(page.getByText('Look for printers on the network'))
    },
    add: async (page) => {
      await page.goto(`${hub.url}/#/ports`)
      await press(page, 'Add by address')
    },
  }
  const cases = Object.keys(windows).flatMap((name) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      name,
      colorScheme,
      // Each scheme at another width: what differs between widths is layout, not names and colours.
      viewport: (colorScheme === 'light') === (name.length % 2 === 0) ? desktop : phone,
    })),
  )

  it.each(cases)('[UD10] finds nothing on $name in $colorScheme', async ({ name, colorScheme, viewport }) => {
    const page = await open({ colorScheme, viewport })
    await windows[name]?.(page)
    const { findings, tried } = await axe(page)
    expect(findings).toEqual([])
    expect(tried).toBeGreaterThan(10)
  })

  it('[UD10] finds nothing on the lines of a large shop', async () => {
    await fillShop()
    const page = await open({ viewport: phone })
    await card(page, 'demo-scale').locator('.line-key').click()
    await see(card(page, 'demo-scale').locator('.weight'))
    expect((await axe(page)).findings).toEqual([])
  })
})
