/** The main job: a browser page with the typed client prints, receives a scan, reads a weight and opens the drawer. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEscposTwin, type EscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { createToledo8217Twin, type Toledo8217Twin } from '../../src/drivers/scales/toledo-8217/twin.ts'
import { systemClock } from '../../src/hub/clock.ts'
import type { HubClient } from '../../src/protocol/client.ts'
import type { Scan, Weight } from '../../src/protocol/device.ts'
import type { Job } from '../../src/protocol/job.ts'
import { chromiumOptions } from '../support/chromium.ts'
import { HubProcess, until } from '../support/hub-process.ts'
import { openPty, type Pty } from '../support/pty.ts'
import { serveTwin, type TwinServer } from '../support/twin-tcp.ts'

const receipt = {
  blocks: [
    { type: 'text', text: 'Café Žižkov 日本', align: 'center', bold: true, size: 2 },
    {
      type: 'row',
      columns: [
        { text: '2 x Espresso', flex: 1 },
        { text: '5.00 €', align: 'right', width: 10 },
      ],
    },
    { type: 'rule' },
    { type: 'barcode', symbology: 'ean13', data: '4006381333931' },
    { type: 'qr', data: 'https://example.com/r/1' },
    { type: 'feed', lines: 2 },
    { type: 'cut' },
  ],
}

/** The page of a POS on another origin: it takes the client from the hub. */
const posPage = (hubUrl: string) => `<!doctype html><title>POS</title>
<script type="module">
import { createClient } from '${hubUrl}/client.js'
globalThis.createClient = createClient
</script>`

/** What the page of a POS does with the client that the hub serves. */
interface Till {
  client: HubClient
  scans: { device: string | undefined; data: Scan }[]
  drawers: string[]
}

describe('a till in a browser', () => {
  let hub: HubProcess
  let browser: Browser
  let printer: EscposTwin
  let printerServer: TwinServer
  let scale: Toledo8217Twin
  let scalePty: Pty
  let scannerPty: Pty
  let pos: Server

  beforeAll(async () => {
    printer = createEscposTwin({ clock: systemClock })
    printerServer = await serveTwin(printer)
    scalePty = await openPty()
    scannerPty = await openPty()
    scale = createToledo8217Twin({ clock: systemClock })
    scale.attach({
      write: (bytes) => scalePty.write(bytes),
      onBytes: (listener) => scalePty.onBytes(listener),
      close: () => {},
    })
    hub = await HubProcess.start()
    // Until then the first printer would be given the set-up ticket.
    await hub.setUp()
    pos = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end(posPage(hub.url)),
    )
    await new Promise<void>((resolve) => pos.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch(chromiumOptions)
  })
  afterAll(async () => {
    await browser?.close()
    pos?.close()
    await hub?.end()
    await scalePty?.stop()
    await scannerPty?.stop()
    await printerServer?.close()
  })

  it('does its whole job through the public door, from a page of another origin', {
    timeout: 60_000,
  }, async () => {
    const technician = await hub.client('technician')
    await technician.call('device.add', {
      class: 'printer',
      driver: 'escpos',
      profile: 'epson-tm-m30ii',
      port: `tcp://127.0.0.1:${printerServer.port}`,
    })
    await technician.call('device.add', {
      class: 'scale',
      driver: 'toledo-8217',
      profile: 'generic-kg',
      port: `serial:${scalePty.path}`,
    })
    await technician.call('device.add', {
      class: 'scanner',
      driver: 'serial-scanner',
      profile: 'generic',
      port: `serial:${scannerPty.path}`,
    })
    await until(
      async () => (await technician.call('device.list', {})).devices.every(({ state }) => state === 'ready'),
      'all devices to be ready',
    )

    const origin = `http://127.0.0.1:${(pos.address() as AddressInfo).port}`
    await technician.call('origin.allow', { origin })
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${origin}/`)
    const token = await hub.token('cashier')
    await page.evaluate(
      async ({ url, token }) => {
        const { createClient } = globalThis as unknown as typeof import('../../src/protocol/client.ts')
        const client = createClient({ url, token, client: 'POS in Chromium' })
        const till: Till = { client, scans: [], drawers: [] }
        Object.assign(globalThis, { till })
        client.connect()
        await client.whenOnline()
        client.subscribe(['scan'], (event) =>
          till.scans.push({ device: event.device, data: event.data as Scan }),
        )
        client.subscribe(['drawer.*'], (event) => till.drawers.push(event.topic))
        await client.call('ping', {})
      },
      { url: hub.url, token },
    )

    const printed = await page.evaluate(
      (receipt) =>
        (globalThis as unknown as { till: Till }).till.client.print('printer-1', { receipt } as never),
      receipt,
    )
    expect(printed).toMatchObject({ state: 'done', outcome: { confirmed: true } } satisfies Partial<Job>)
    expect(printer.cuts).toBe(1)
    expect(printer.violations).toEqual([])
    expect(printer.printedText()).toContain('2 x Espresso')
    expect(printer.printedText()).toContain('5.00 €')

    scannerPty.write(Buffer.from(']E04006381333931\r'))
    const scan = await until(
      () => page.evaluate(() => (globalThis as unknown as { till: Till }).till.scans[0]),
      'the scan to arrive in the page',
    )
    expect(scan).toEqual({ device: 'scanner-1', data: { code: '4006381333931', symbology: 'ean13' } })

    scale.order({ order: 'load', grams: 1235 })
    const weight: Weight = await page.evaluate(() =>
      (globalThis as unknown as { till: Till }).till.client.call('scale.read', { device: 'scale-1' }),
    )
    expect(weight).toMatchObject({ weight: '1.235', unit: 'kg', stable: true, tare: false })
    scale.order({ order: 'motion', on: true })
    const moving = await page.evaluate(() =>
      (globalThis as unknown as { till: Till }).till.client.call('scale.read', { device: 'scale-1' }).then(
        () => 'a weight',
        (error: { code: string }) => error.code,
      ),
    )
    expect(moving).toBe('scale_motion')

    const drawer: Job = await page.evaluate(() =>
      (globalThis as unknown as { till: Till }).till.client.runJob({
        device: 'printer-1',
        kind: 'drawer.open',
        payload: {},
      }),
    )
    expect(drawer).toMatchObject({ state: 'done', outcome: { confirmed: true } })
    expect(printer.pulses).toHaveLength(1)
    await until(
      () =>
        page.evaluate(() => (globalThis as unknown as { till: Till }).till.drawers.includes('drawer.opened')),
      'drawer.opened',
    )
    expect(problems).toEqual([])
  })
})
