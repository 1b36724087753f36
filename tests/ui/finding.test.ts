/** A technician plugs a thing in: it appears with its name, is accepted with one press, and tried with the next. */
import { createServer, type Server } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import type { TwinWire } from '../../src/drivers/driver.ts'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import type { PortRecord } from '../../src/protocol/device.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { audit } from './audit.ts'
import {
  type ConsoleBrowser,
  card,
  desktop,
  type OpenOptions,
  onStage,
  phone,
  press,
  rewire,
  see,
} from './support.ts'
import { readCodes } from './zbar.ts'

/** A network of six addresses on this machine, and the one with a printer. */
const network = '127.77.0.0/29'
const printerHost = '127.77.0.5'
const printerUrl = `tcp://${printerHost}:9100`
const longLabel = 'Receipt printer behind the second door on the left, near the oven, the blue one!'

let hub: HubProcess
let technician: HubClient
let browser: ConsoleBrowser
let server: Server
const twin = createEscposTwin({ clock: systemClock })

onStage({
  async start() {
    server = createServer((socket) => {
      socket.on('error', () => {})
      const wire: TwinWire = {
        write: (bytes) => socket.write(bytes),
        onBytes: (listener) => socket.on('data', listener),
        close: () => socket.destroy(),
      }
      twin.attach(wire)
    })
    await new Promise<void>((resolve) => server.listen(9100, printerHost, resolve))
    return HubProcess.start({ demo: true })
  },
  async begun(...started) {
    ;[hub, browser] = started
    technician = await hub.client()
  },
  async tidy() {
    const { devices } = await technician.call('device.list', {})
    for (const { id, demo } of devices) if (!demo) await technician.call('device.remove', { id })
  },
})

afterAll(() => new Promise((resolve) => server.close(resolve)))

const open = (options: OpenOptions = {}) => browser.open({ path: '/#/devices', ...options })

function port(index: number, more: Partial<PortRecord> = {}): PortRecord {
  return {
    url: `usb:04b8:0202@${index}`,
    fingerprint: `usb:04b8:0202:serial-${index}`,
    label: `EPSON TM-T88V (USB 1-${index})`,
    source: 'usb',
    device: null,
    suggestion: { class: 'printer', driver: 'escpos', profile: 'epson-tm-t88v', sure: true },
    details: { maker: 'EPSON', product: 'TM-T88V', serial: `X${index}` },
    ...more,
  }
}

/** A console whose hub has found these ports. */
const withPorts = (ports: readonly PortRecord[], options: OpenOptions = {}) =>
  open({
    ...options,
    prepare: (page) => rewire(page, { answers: { 'port.list': () => ({ ports }) } }),
  })

describe('from plugging in to the first ticket', () => {
  it('[UI15] finds a printer on the network, asks it, accepts it with one press and tests it with the next', async () => {
    const page = await open({ path: '/#/ports' })
    await press(page, 'Look for printers on the network')
    const search = page.getByRole('region', { name: 'Printers on the network' })
    await search.getByLabel(/^Network/).fill(network)
    await press(search, 'Search')
    await see(search.getByText('1 address answered like a printer.'))
    await see(search.getByText('6 addresses were asked.'))
    const row = search.locator(`[data-port="${printerUrl}"]`)
    await see(row.getByText('Not known what it is, found by looking through the network'))
    await press(row, 'Ask what is there')
    await see(row.getByText(/^Receipt printer, Epson TM-m30/i))
    await page.getByRole('link', { name: 'Devices' }).click()
    const found = page.locator(`[data-candidate="${printerUrl}"]`)
    await see(found.getByRole('heading', { name: 'EPSON TM-m30' }))
    await see(found.getByText(/^Receipt printer, Epson TM-m30/i))
    await press(found, 'Add')
    const added = page.locator('section.candidates [data-device]')
    await see(added.getByText('It is in use now.'))
    expect(await page.locator('[data-candidate]').count()).toBe(0)
    // It stands where the candidate stood, and only there.
    const id = await added.getAttribute('data-device')
    expect(await card(page, id ?? '').count()).toBe(1)
    await see(added.getByText('Ready', { exact: true }))
    const focused = await page.evaluate('document.activeElement.textContent')
    expect(focused).toBe('Test')
    await page.keyboard.press('Enter')
    await see(page.getByText('A test ticket is on its way.'))
    await until(() => testTicketDone(id ?? ''), 'the ticket is printed')
    await press(added, 'Done')
    await page.locator('section.candidates').waitFor({ state: 'detached' })
    await see(card(page, id ?? ''))
  })

  async function testTicketDone(device: string): Promise<boolean> {
    const { jobs } = await technician.call('job.list', { device })
    return jobs.some(({ kind, state, outcome }) => kind === 'print' && state === 'done' && outcome?.confirmed)
  }

  it('[UI15] says "looks like" of what is not sure, and "Not now" puts it off', async () => {
    const page = await withPorts([
      port(1, { suggestion: { class: 'printer', driver: 'escpos', profile: 'generic', sure: false } }),
      port(2),
    ])
    const unsure = page.locator('[data-candidate]').nth(1)
    await see(unsure.getByText('Looks like: Receipt printer, model not known'))
    await see(page.locator('[data-candidate]').first().getByText('Receipt printer, Epson TM-T88V'))
    await press(unsure, 'Not now')
    await until(async () => (await page.locator('[data-candidate]').count()) === 1, 'one is left')
    await page.getByRole('link', { name: 'Ports' }).click()
    await until(async () => (await page.locator('[data-port]').count()) === 2, 'both under Ports')
  })

  it('[UI15] hands over what was found out: settings, profile and the port with its line', async () => {
    const asked: unknown[] = []
    const suggestion = {
      class: 'scale',
      driver: 'toledo-8217',
      profile: 'generic-kg',
      port: 'serial:/dev/ttyUSB7?baud=19200',
      settings: { pollMs: 250 },
      sure: true,
    } as const
    const found = port(1, {
      url: 'serial:/dev/ttyUSB7',
      label: 'FT232R (ttyUSB7)',
      source: 'serial',
      suggestion,
    })
    const page = await open({
      prepare: (unopened) =>
        rewire(unopened, {
          answers: { 'port.list': () => ({ ports: [found] }) },
          ask: ({ method, params }) => {
            if (method !== 'device.add') return undefined
            asked.push(params)
            return { result: { ...demoScale, id: 'new-scale' } }
          },
        }),
    })
    const { devices } = await technician.call('device.list', {})
    const demoScale = devices.find(({ id }) => id === 'demo-scale')
    const { sure: _, port: line, ...rest } = suggestion
    const wanted = { ...rest, port: line, name: found.label }
    await press(page.locator('[data-candidate]'), 'Add')
    await until(() => asked.length === 1, 'it was asked for')
    expect(asked).toEqual([wanted])
    await page.getByRole('link', { name: 'Ports' }).click()
    await press(page.locator('[data-port]'), 'Add')
    await press(page.getByRole('dialog'), 'Add the device')
    await until(() => asked.length === 2, 'it was asked for by the form')
    expect(asked[1]).toEqual(wanted)
    // Another driver has other settings.
    await press(page.locator('[data-port]'), 'Add')
    await page.getByLabel('Driver').selectOption('cas')
    await press(page.getByRole('dialog'), 'Add the device')
    await until(() => asked.length === 3, 'it was asked for with another driver')
    expect(asked[2]).not.toHaveProperty('settings')
  })

  it('[UI12] shows candidates to no cashier', async () => {
    const page = await withPorts([port(1)], { role: 'cashier' })
    await see(card(page, 'demo-printer'))
    expect(await page.locator('[data-candidate]').count()).toBe(0)
  })
})

describe('ports', () => {
  it('[UI23] says how a port was found, what is wrong with it and how it is mended, and its ids on demand', async () => {
    const trouble = 'The hub may not open it. Run: sudo tillbridge udev'
    const page = await withPorts([port(1, { trouble, suggestion: null }), port(2, { source: 'hid' })], {
      path: '/#/ports',
    })
    const row = page.locator('[data-port]').first()
    await see(row.getByText(trouble))
    await see(row.getByText('Not known what it is, USB cable'))
    expect(await row.getByText('usb:04b8:0202:serial-1').count()).toBe(0)
    await row.locator('summary').click()
    await see(row.getByText('usb:04b8:0202:serial-1'))
    await see(row.getByText('X1'))
    await see(
      page
        .locator('[data-port]')
        .nth(1)
        .getByText(/USB, as a keyboard or input device/),
    )
  })

  it('[UI23] a question shows how long it takes, and what to do when nobody answers', async () => {
    const nobody = port(1, { suggestion: null })
    const { promise: answered, resolve: answer } = Promise.withResolvers<{ result: unknown }>()
    const asked: unknown[] = []
    const page = await open({
      path: '/#/ports',
      prepare: (unopened) =>
        rewire(unopened, {
          answers: { 'port.list': () => ({ ports: [nobody] }) },
          ask: ({ method, params }) => {
            if (method !== 'port.probe') return undefined
            asked.push(params)
            return answered
          },
        }),
    })
    const row = page.locator('[data-port]')
    await press(row, 'Ask what is there')
    await see(row.getByRole('progressbar'))
    await see(row.getByText('1 s of at most 20 s'))
    expect(await row.getByRole('button', { name: 'Ask what is there' }).isDisabled()).toBe(true)
    answer({ result: nobody })
    await see(row.getByText('Nobody answered in a language that the hub knows.'))
    expect(await row.getByRole('progressbar').count()).toBe(0)
    expect(asked).toEqual([{ port: nobody.url }])
  })

  it('[UI23] a search that finds nobody says what to do, and a network that is none is an error', async () => {
    const page = await open({ path: '/#/ports' })
    await press(page, 'Look for printers on the network')
    const search = page.getByRole('region', { name: 'Printers on the network' })
    await search.getByLabel(/^Network/).fill('127.77.9.0/30')
    await press(search, 'Search')
    await see(search.getByText('Nobody answered.'))
    await see(search.getByText('2 addresses were asked.'))
    await see(search.getByText(/Is the printer switched on/))
    await search.getByLabel(/^Network/).fill('8.8.8.0/24')
    await press(search, 'Search')
    await see(page.getByText('network_invalid'))
    await see(page.getByText(/it is not a private network/))
  })
})

describe('is this keyboard a scanner', () => {
  /** The shortest lesson. */
  const lessonMs = 5_000
  const shorter = (page: Page) =>
    rewire(page, {
      ask: ({ method, params }) => {
        if (method === 'port.teach.start' && params !== undefined) params.ms = lessonMs
        return undefined
      },
    })

  it('[UI24] shows a code that a reader takes from the screen, and says in words that nobody typed it', async () => {
    const page = await open({ path: '/#/ports', prepare: shorter })
    await press(page, 'Is this keyboard a scanner?')
    const picture = page.locator('img[data-teach]')
    await see(picture)
    const code = (await picture.getAttribute('data-teach')) ?? ''
    expect(await picture.getAttribute('src')).toMatch(/^data:image\/svg\+xml,/)
    expect(readCodes(await page.screenshot(), 'code128')).toEqual([code])
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText(/^Waiting for the scanner, 0:0\d/))
    // Another console is told that one lesson is on.
    const other = await open({ path: '/#/ports' })
    await press(other, 'Is this keyboard a scanner?')
    await see(other.getByRole('dialog').getByText('Another scanner is being taught.'))
    // Closed and opened again it is the same lesson.
    await press(dialog, 'Close')
    await press(page, 'Is this keyboard a scanner?')
    expect(await picture.getAttribute('data-teach')).toBe(code)
    await see(dialog.getByText('No keyboard typed the code.'))
    await see(dialog.getByText('teach_timeout'))
    await press(dialog, 'Show a new code')
    await see(picture)
    expect(await picture.getAttribute('data-teach')).not.toBe(code)
    expect(await audit(page)).toMatchObject({ problems: [] })
    // The next test has no lesson in its way.
    await see(dialog.getByText('teach_timeout'))
  }, 30_000)

  it('[UI24] tells the layout that was found out, and adds the scanner with it', async () => {
    const added: unknown[] = []
    const settings = { layout: 'de', capsLock: 'on', capsLockKeys: 'all' }
    const suggestion = {
      class: 'scanner',
      driver: 'hid-keyboard-scanner',
      profile: 'generic',
      settings,
      sure: true,
    }
    const scanner = {
      ...port(9, { url: 'hid:/dev/hidraw3', source: 'hid', label: 'Barcode Gun' }),
      suggestion,
    }
    const page = await open({
      path: '/#/ports',
      prepare: (unopened) =>
        rewire(unopened, {
          ask: ({ method, params }) => {
            if (method === 'port.teach.start')
              return {
                result: { teach: 't', code: 'x', svg: '<svg/>', expiresAt: new Date(Date.now() + 9e4) },
              }
            if (method === 'port.teach.wait') return { result: scanner }
            if (method === 'device.add') added.push(params)
            return undefined
          },
        }),
    })
    await press(page, 'Is this keyboard a scanner?')
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText(/^It types like this keyboard: German.*Caps Lock is on/))
    await press(dialog, 'Add the scanner')
    await until(() => added.length === 1, 'it was asked for')
    expect(added[0]).toMatchObject({ driver: 'hid-keyboard-scanner', port: 'hid:/dev/hidraw3', settings })
  })
})

describe('faces', () => {
  it('[UI25] a drawer that nobody asked to open is said aloud and stays on its card until it was seen', async () => {
    const page = await open()
    const drawer = card(page, 'demo-drawer')
    await see(drawer.getByText('Drawer closed'))
    await press(drawer, 'Force the drawer')
    await see(page.getByText('Cash drawer: the drawer was opened without a sale.'))
    await see(drawer.getByText('Drawer open', { exact: true }))
    await see(drawer.getByRole('alert').getByText('Opened without a sale'))
    await page.getByRole('link', { name: 'Events' }).click()
    await see(page.getByText('drawer.forced', { exact: true }))
    await page.getByRole('link', { name: 'Devices' }).click()
    await press(drawer, 'Seen, take the warning away')
    expect(await drawer.getByRole('alert').count()).toBe(0)
    await press(drawer, 'Close the drawer')
    await see(drawer.getByText('Drawer closed'))
    await press(drawer, 'Open drawer')
    await see(drawer.getByText('Drawer open', { exact: true }))
    expect(await drawer.getByRole('alert').count()).toBe(0)
    await press(drawer, 'Close the drawer')
    await see(drawer.getByText('Drawer closed'))
  })

  it('[UI5] shows zero, price and total of a scale that computes prices', async () => {
    const priced = (weight: object) => ({ ...weight, zero: true, unitPrice: '2.90', total: '3.58' })
    const page = await open({
      prepare: (unopened) => rewire(unopened, { answers: { 'scale.read': priced } }),
    })
    const scale = card(page, 'demo-scale')
    await press(scale, 'Read')
    await see(scale.getByText('At zero'))
    await see(scale.getByText('2.90 per kg'))
    await see(scale.locator('[data-total="3.58"]'))
  })

  it('[UI6] shows the article, weight and price that a code stands for', async () => {
    const item = { rule: 'Scale label', key: '2123450000003', weight: '1.235', unit: 'kg', price: '3.58' }
    const page = await open({
      prepare: (unopened) => rewire(unopened, { events: { scan: (scan: object) => ({ ...scan, item }) } }),
    })
    const scanner = card(page, 'demo-scanner')
    await see(scanner.getByText('Ready', { exact: true }))
    await press(scanner, 'EAN-13 kg')
    for (const text of ['Scale label', '2123450000003', '1.235 kg', '3.58'])
      await see(scanner.locator('dd', { hasText: text }))
  })
})

describe('a lot of everything', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    port(index, { label: index % 2 === 0 ? longLabel : longLabel.replaceAll(' ', ''), trouble: longLabel }),
  )

  it.each([desktop, phone])(
    '[UI11] 40 candidates with names of 80 characters at $width px',
    async (viewport) => {
      const page = await withPorts(many, { viewport })
      const cards = page.locator('[data-candidate]')
      await see(cards)
      expect(await cards.count()).toBe(6)
      expect((await audit(page)).problems).toEqual([])
      await press(page, 'Show all 40')
      await until(async () => (await cards.count()) === 40, 'all of them')
      expect((await audit(page)).problems).toEqual([])
      await page.evaluate(`location.hash = '#/ports'`)
      await until(async () => (await page.locator('[data-port]').count()) === 40, 'all ports')
      await page.locator('[data-port] summary').first().click()
      expect((await audit(page)).problems).toEqual([])
      await page.getByLabel('Find a port').fill('0202@17')
      await until(async () => (await page.locator('[data-port]').count()) === 1, 'one port')
    },
  )

  it.each(['light', 'dark'] as const)(
    '[UI9] the search of the network and a lesson in %s',
    async (colorScheme) => {
      const expiresAt = new Date(Date.now() + 60_000).toISOString()
      const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
      const lesson = { teach: 't', code: 'x', svg, expiresAt }
      const page = await open({
        path: '/#/ports',
        colorScheme,
        viewport: phone,
        prepare: (unopened) =>
          rewire(unopened, {
            answers: { 'port.list': () => ({ ports: many.slice(0, 3) }) },
            ask: ({ method }) => (method === 'port.teach.start' ? { result: lesson } : undefined),
          }),
      })
      await press(page, 'Look for printers on the network')
      expect((await audit(page)).problems).toEqual([])
      await press(page, 'Is this keyboard a scanner?')
      await see(page.getByRole('dialog').getByText('No scanner is being taught under this id.'))
      expect((await audit(page)).problems).toEqual([])
    },
  )
})
