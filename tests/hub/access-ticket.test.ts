/** The set-up ticket: on which printers it comes out, and what is on the paper, read as a telephone reads it. */
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Driver, Profile } from '../../src/drivers/driver.ts'
import { drawSymbol } from '../../src/drivers/imaging/draw-symbol.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { createEscposDriver } from '../../src/drivers/printers/escpos/driver.ts'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { createRegistry } from '../../src/drivers/registry.ts'
import { setUpTicketLimits } from '../../src/hub/access/set-up-ticket.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { openStore } from '../../src/store/open.ts'
import { TestClock } from '../support/clock.ts'
import { codeOf, HubBench } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'
import { readCodes } from '../ui/zbar.ts'

const require = createRequire(import.meta.url)
const font = {
  loadSystemFonts: false,
  fontFiles: [require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf')],
  defaultFontFamily: 'DejaVu Sans Mono',
}
const profilesDir = new URL('../../config/profiles', import.meta.url).pathname

let bench: HubBench | undefined
afterEach(() => bench?.end())

const jobs = async () => (await bench!.call('job.list', {})).jobs

/** The line printer under another name, for what its paper is. */
function printing(id: string, paper: Driver['paper']): { driver: Driver; profiles: Profile[] } {
  const { paper: _receipt, ...rest } = linePrinterDriver as Driver
  const driver = { ...rest, id, ...(paper !== undefined && { paper }) }
  return { driver, profiles: [{ ...linePrinterProfile, driver: id }] }
}

describe('the set-up ticket', () => {
  it('[A4] is on the paper of an ESC/POS printer: a QR code that sets up, the address, the code', async () => {
    const clock = new TestClock()
    const twin = createEscposTwin({ clock, drawSymbol })
    onTestFinished(() => twin.stop())
    const driver = createEscposDriver({ imaging: new Imaging({ clock }) }) as Driver
    const { profiles } = loadProfiles(profilesDir, [driver])
    bench = await HubBench.start({ clock, owner: false, drivers: [{ driver, profiles }] })
    bench.ports.offer('escpos', (end) => twin.attach(end))
    const profile = 'epson-tm-m30ii'
    await bench.call('device.add', { class: 'printer', driver: 'escpos', profile, port: 'memory:escpos' })
    await clock.advance(20_000)
    expect(await jobs()).toMatchObject([{ state: 'done', outcome: { confirmed: true } }])
    expect(twin.violations).toEqual([])

    const code = bench.hub.setUpCode()!
    const url = bench.hub.network.url()
    const png = new Resvg(twin.paper().svg, { font, background: '#fff' }).render().asPng()
    expect(readCodes(png, 'qrcode')).toEqual([`${url}/#setup=${code}`])
    const text = twin.printedText()
    expect(text).toContain(`${code.slice(0, 5)}-${code.slice(5)}`)
    expect(text.replace(/\s/g, '')).toContain(url)
    // What was read off the paper makes the owner.
    const typed = /[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}/.exec(text)?.[0] ?? ''
    const owner = { code: typed, name: 'Grace', password: 'eleven pipers piping' }
    expect(await codeOf(bench.hub.access.setUpOwner(owner, '192.0.2.1', 'Firefox'))).toBe('no error')
  })

  it('[A4] comes out of one of two that are ready in the same moment, and is dropped after two minutes', async () => {
    bench = await HubBench.start({ owner: false })
    const gate = Promise.withResolvers<void>()
    bench.opening = gate.promise
    const twins = [await bench.printer('one'), await bench.printer('two')]
    gate.resolve()
    await bench.clock.advance(1_000)
    const { devices } = await bench.call('device.list', {})
    expect(devices.map(({ state }) => state)).toEqual(['ready', 'ready'])
    expect(twins.flatMap(({ printed }) => printed)).toHaveLength(1)
    const [job] = await jobs()
    const store = await openStore({ dir: bench.dir, inline: true })
    const row = await store.jobs.get(job!.id)
    await store.close()
    expect(row!.expiresAt - row!.createdAt).toBe(setUpTicketLimits.printMsMax)
  })

  it('[A4] comes out of another printer that was ready before the first one refused it', async () => {
    const { driver, profiles } = printing('picky', 'receipt')
    const picky: Driver = {
      ...driver,
      open(context) {
        const device = linePrinterDriver.open(context as never)
        const prepare = () => {
          throw new HubError('payload_unsupported', { path: 'payload.receipt', kind: 'receipt' } as never)
        }
        return Object.assign(device, { printing: { ...device.printing, prepare } })
      },
    }
    bench = await HubBench.start({ owner: false, drivers: [{ driver: picky, profiles }] })
    const gate = Promise.withResolvers<void>()
    bench.opening = gate.promise
    bench.plug('picky')
    await bench.call('device.add', { class: 'printer', driver: 'picky', port: 'memory:picky' })
    const good = await bench.printer('good')
    gate.resolve()
    await bench.clock.advance(1_000)
    expect(good.printed).toHaveLength(1)
    expect(await jobs()).toMatchObject([{ device: 'printer-2', state: 'done' }])
  })

  it('[A4] never comes out of a label or page printer, nor of one that says nothing of its paper', async () => {
    const others = [printing('labels', 'label'), printing('pages', 'page'), printing('odd', undefined)]
    bench = await HubBench.start({ owner: false, drivers: others })
    for (const { driver } of others) {
      bench.plug(driver.id)
      await bench.call('device.add', { class: 'printer', driver: driver.id, port: `memory:${driver.id}` })
    }
    await bench.clock.advance(10_000)
    const { devices } = await bench.call('device.list', {})
    expect(devices.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect(await jobs()).toEqual([])
    await bench.printer('receipts')
    expect(await jobs()).toMatchObject([{ device: 'printer-4', state: 'done' }])
  })

  it('[A4] never comes out of a printer of the demo', async () => {
    const demoDevices = [
      {
        id: 'demo',
        name: 'Demo',
        class: 'printer',
        driver: 'line-printer',
        profile: 'generic',
        port: 'memory:demo',
      },
    ] as const
    bench = await HubBench.start({
      owner: false,
      config: { demo: { enabled: true } },
      parts: { demoDevices },
    })
    bench.plug('demo')
    await bench.clock.advance(10_000)
    expect((await bench.call('device.list', {})).devices).toMatchObject([{ demo: true, state: 'ready' }])
    expect(await jobs()).toEqual([])
  })

  it('[A4] every driver of a printer says what it prints on', async () => {
    const registry = createRegistry({
      profilesDir,
      clock: new TestClock(),
      serial: false,
      usb: false,
    } as never)
    onTestFinished(() => registry.stop())
    const papers = registry.drivers
      .filter((driver) => driver.class === 'printer')
      .map(({ id, paper }) => `${id} ${paper}`)
    expect(papers.sort()).toEqual([
      'epl label',
      'escpos receipt',
      'ipp page',
      'star receipt',
      'tspl label',
      'zpl label',
    ])
  })
})
