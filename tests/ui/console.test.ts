/** The console in a real browser against a real hub with its simulated devices: what a technician and a founder do. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { HubClient } from '../../src/protocol/client.ts'
import type { DemoOrder } from '../../src/protocol/methods.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { type Proxy as Cable, startProxy } from '../support/proxy.ts'
import { type ConsoleBrowser, card, type OpenOptions, onStage, owner, press, see } from './support.ts'

let hub: HubProcess
let technician: HubClient
let browser: ConsoleBrowser

onStage({
  start: () => HubProcess.start({ demo: true }),
  async begun(...started) {
    ;[hub, browser] = started
    await owner(hub)
    technician = await hub.client()
  },
  tidy: tidyUp,
})

/** Whatever a test left behind, the next one finds the shop in order. */
async function tidyUp(): Promise<void> {
  const order = (device: string, wanted: DemoOrder) =>
    technician.call('demo.order', { device, order: wanted })
  await order('demo-printer', { order: 'silent', on: false })
  await order('demo-printer', { order: 'paper', state: 'full' })
  for (const id of ['demo-printer', 'demo-scale', 'demo-scanner']) {
    await technician.call('device.enable', { id })
    await order(id, { order: 'plug', on: true })
  }
  await until(async () => {
    const { devices } = await technician.call('device.list', {})
    // The display in a browser is there while a page shows it.
    return devices.every(({ port, state }) => state === 'ready' || port.startsWith('page:'))
  }, 'every device is ready')
}

const open = (options: OpenOptions = {}) => browser.open({ path: '/#/devices', ...options })

const printer = (page: Page) => card(page, 'demo-printer')
const scale = (page: Page) => card(page, 'demo-scale')
const scanner = (page: Page) => card(page, 'demo-scanner')

/** Revision and height of the paper's picture. */
async function paper(page: Page): Promise<{ revision: number; height: number }> {
  const image = printer(page).locator('img.paper')
  await see(image)
  return image.evaluate((element) => {
    const { dataset, naturalHeight } = element as unknown as {
      dataset: { revision: string }
      naturalHeight: number
    }
    return { revision: Number(dataset.revision), height: naturalHeight }
  })
}

describe('pairing', () => {
  const newCode = async () => (await technician.call('pair.code', { role: 'technician' })).code

  it('[UI1] pairs with a code in the address and takes it out of the address', async () => {
    const code = await newCode()
    const page = await open({ role: undefined, path: `/#code=${code}` })
    await until(
      async () => (await page.evaluate('localStorage.getItem("tillbridge.token")')) !== null,
      'the browser is paired',
    )
    expect(page.url()).not.toContain(code)
    await page.goto(`${hub.url}/#/devices`)
    await see(printer(page))
  })

  it('[UI2] says in words that a code is wrong, and takes the next one', async () => {
    const page = await open({ role: undefined, path: '/#code=000000' })
    const alert = page.getByRole('alert')
    await see(alert.getByText('The code is wrong or no longer valid'))
    // The browser itself logs every 403.
    expect(browser.takeComplaints()).toHaveLength(1)
    const code = await newCode()
    const field = page.getByLabel('Pairing code')
    await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await field.press('Enter')
    await until(
      async () => (await page.evaluate('localStorage.getItem("tillbridge.token")')) !== null,
      'the browser is paired',
    )
    expect(await alert.count()).toBe(0)
  })

  it('[UI14] leads to pairing or log-in when the pairing is taken back, and says so', async () => {
    const token = await hub.token('cashier', 'Till that leaves')
    const till = await open({ token, role: 'cashier' })
    await see(printer(till))
    const { tokens } = await technician.call('token.list', {})
    const id = tokens.find(({ name }) => name === 'Till that leaves')?.id ?? ''
    await technician.call('token.revoke', { id })
    await see(till.getByText('This till is not paired'))
    expect(await till.evaluate('localStorage.getItem("tillbridge.token")')).toBeNull()
    browser.takeComplaints()
  })
})

describe('printer', () => {
  it('[UI3] prints the sample receipt and shows it on the paper', async () => {
    const page = await open()
    await see(printer(page).getByText('Ready', { exact: true }))
    const before = await paper(page)
    await press(printer(page), 'Print a sample receipt')
    await until(async () => (await paper(page)).height > before.height, 'more paper')
    expect((await paper(page)).revision).toBeGreaterThan(before.revision)
    expect(await printer(page).locator('img.paper').getAttribute('src')).toMatch(/^blob:/)
    await page.getByRole('link', { name: /^Jobs/ }).click()
    await see(page.locator('.job').first().getByText('printed', { exact: true }))
  })

  it('[UI4] shows that paper is out and what the job waits for, and goes on when paper is back', async () => {
    const page = await open()
    await press(printer(page), 'Out')
    await see(printer(page).getByText('Faulty', { exact: true }))
    await see(printer(page).getByText('Out of paper'))
    await press(printer(page), 'Print a sample receipt')
    await see(printer(page).getByText('1 job waiting: out of paper'))
    const before = await paper(page)
    await press(printer(page), 'Full')
    await see(printer(page).getByText('Ready', { exact: true }))
    await see(printer(page).getByText('Queue is empty'))
    await until(async () => (await paper(page)).height > before.height, 'the receipt on the paper')
  })

  it('[UI4] opens the drawer and sees it shut', async () => {
    const page = await open()
    await press(printer(page), 'Open drawer')
    await see(printer(page).getByText('Drawer open'))
    await press(printer(page), 'Close the drawer')
    await see(printer(page).getByText('Drawer closed'))
  })

  it('[UI7] asks a person about an unknown outcome, and takes the answer', async () => {
    const page = await open()
    await see(printer(page).getByText('Ready', { exact: true }))
    await press(printer(page), 'Stop answering')
    await press(printer(page), 'Print a sample receipt')
    await see(printer(page).getByText('1 job in the queue'))
    await press(printer(page), 'Pull the cable')
    const questions = page.getByRole('region', { name: 'Questions' })
    await see(questions.getByText('Print on Receipt printer: not known'))
    await press(questions, 'It did not print')
    await questions.waitFor({ state: 'detached' })
    await press(printer(page), 'Stop answering')
    await press(printer(page), 'Plug it in')
    await see(printer(page).getByText('Ready', { exact: true }))
    await page.getByRole('link', { name: /^Jobs/ }).click()
    await see(page.locator('.job').first().getByText('not printed'))
  })

  it('[UI4] renames a device, disables and enables it', async () => {
    const page = await open()
    await press(printer(page), /rename/)
    await page.getByLabel('Name of the device').fill('Theke links')
    await page.getByLabel('Name of the device').press('Enter')
    await see(printer(page).getByRole('heading', { name: /Theke links/ }))
    await printer(page).getByText('Details and settings').click()
    await press(printer(page), 'Disable')
    await see(printer(page).getByText('Disabled', { exact: true }))
    await press(printer(page), 'Print a sample receipt')
    await see(printer(page).getByText('1 job waiting: device is switched off'))
    await press(printer(page), 'Enable')
    await see(printer(page).getByText('Queue is empty'))
    await see(printer(page).getByText('Ready', { exact: true }))
    await press(printer(page), /rename/)
    await page.getByLabel('Name of the device').fill('Receipt printer')
    await press(printer(page), 'Save')
    await see(printer(page).getByRole('heading', { name: /Receipt printer/ }))
  })
})

describe('scale and scanner', () => {
  it('[UI5] follows the load on the scale, and shows no weight of a scale that is gone', async () => {
    const page = await open()
    await see(scale(page).getByText('Ready', { exact: true }))
    await scale(page).getByRole('slider').fill('1235')
    await see(scale(page).locator('[data-weight="1.235"]'))
    await press(scale(page), 'Read')
    await see(scale(page).getByText(/^Read 1\.235 kg at/))
    await press(scale(page), '250 g')
    await see(scale(page).locator('[data-weight="0.250"]'))
    await press(scale(page), 'Pull the cable')
    await see(scale(page).getByText('No weight'))
    expect(await scale(page).locator('[data-weight]').count()).toBe(0)
    await press(scale(page), 'Plug it in')
    await see(scale(page).getByText('Ready', { exact: true }))
  })

  it('[UI6] shows a scan, and the fields of a GS1 symbol', async () => {
    const page = await open()
    await see(scanner(page).getByText('Ready', { exact: true }))
    await press(scanner(page), 'EAN-13')
    await see(scanner(page).locator('.scan-code', { hasText: '4006381333931' }))
    await press(scanner(page), 'GS1-128')
    await see(scanner(page).locator('dt', { hasText: 'Net weight' }))
    await see(scanner(page).locator('dd', { hasText: '1.750 kg' }))
    await see(scanner(page).getByRole('list', { name: 'Earlier scans' }).getByText('4006381333931'))
    await scanner(page).getByLabel('Code in front of it').fill('HELLO-1')
    await press(scanner(page), 'Scan')
    await see(scanner(page).locator('.scan-code', { hasText: 'HELLO-1' }))
    await see(scanner(page).getByText('3 scans'))
  })
})

describe('connection and roles', () => {
  let proxy: Cable

  afterAll(async () => {
    await proxy?.stop()
  })

  it('[UI10] keeps everything in sight while the connection is lost, and comes back by itself', async () => {
    proxy = await startProxy(hub.url)
    const page = await open({ url: proxy.url })
    await press(scale(page), '1.235 kg')
    await see(scale(page).locator('[data-weight="1.235"]'))
    proxy.cut()
    await see(page.getByText('Connection to the hub is lost.'))
    expect(await printer(page).isVisible()).toBe(true)
    expect(await printer(page).getByRole('button', { name: 'Print a sample receipt' }).isDisabled()).toBe(
      true,
    )
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'low' } })
    proxy.mend()
    await see(printer(page).getByText('Paper is running low'))
    expect(await page.getByText('Connection to the hub is lost.').count()).toBe(0)
    expect(await printer(page).getByRole('button', { name: 'Print a sample receipt' }).isEnabled()).toBe(true)
    await technician.call('demo.order', { device: 'demo-printer', order: { order: 'paper', state: 'full' } })
    // The browser itself logs every refused connection.
    browser.takeComplaints()
  })

  it('[UI12] shows a monitor no control that acts', async () => {
    const page = await open({ role: 'monitor' })
    await see(printer(page))
    for (const name of ['Print a sample receipt', 'Open drawer', 'Test', 'Zero', 'Pull the cable'])
      expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Read', exact: true }).count()).toBe(1)
    expect(await page.getByRole('link', { name: 'Clients' }).count()).toBe(0)
  })
})

describe('keyboard', () => {
  const tabsMax = 80

  const hasFocus = async (control: Locator) =>
    (await control.and(control.page().locator(':focus')).count()) === 1

  const outlineOf = (control: Locator) =>
    control.evaluate((element) => {
      const { getComputedStyle } = globalThis as unknown as {
        getComputedStyle(of: unknown): { outlineStyle: string; outlineWidth: string }
      }
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return `${outlineStyle} ${outlineWidth}`
    })

  /** Presses Tab until the control has the focus; answers how often. */
  async function tabTo(page: Page, control: Locator): Promise<number> {
    for (let tabs = 1; tabs <= tabsMax; tabs++) {
      await page.keyboard.press('Tab')
      if (await hasFocus(control)) return tabs
    }
    return Number.POSITIVE_INFINITY
  }

  it('[UI8] prints, renames and changes the view by keyboard alone, with the focus in sight', async () => {
    await technician.call('demo.order', { device: 'demo-scale', order: { order: 'load', grams: 1_000 } })
    const page = await open()
    await see(scale(page).locator('[data-weight="1.000"]'))
    const print = printer(page).getByRole('button', { name: 'Print a sample receipt' })
    await see(print)
    const before = await paper(page)
    expect(await tabTo(page, print)).toBeLessThan(tabsMax)
    expect(await outlineOf(print)).toMatch(/^solid [1-9]/)
    await page.keyboard.press('Enter')
    await until(async () => (await paper(page)).revision > before.revision, 'the receipt on the paper')
    const slider = scale(page).getByRole('slider')
    expect(await tabTo(page, slider)).toBeLessThan(tabsMax)
    await page.keyboard.press('ArrowRight')
    await see(scale(page).locator('[data-weight="1.005"]'))
    const summary = scanner(page).locator('summary')
    expect(await tabTo(page, summary)).toBeLessThan(tabsMax)
    await page.keyboard.press('Enter')
    const remove = scanner(page).getByRole('button', { name: 'Remove' })
    expect(await tabTo(page, remove)).toBeLessThan(tabsMax)
    await page.keyboard.press('Enter')
    await see(page.getByRole('dialog'))
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await hasFocus(remove)).toBe(true)
  })
})
