/** The ZPL driver and its twin: greeting, orders of the twin, real wires, profiles. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Driver } from '../../../src/drivers/driver.ts'
import { createEplDriver } from '../../../src/drivers/printers/epl/driver.ts'
import { createIppDriver } from '../../../src/drivers/printers/ipp/driver.ts'
import { createTsplDriver } from '../../../src/drivers/printers/tspl/driver.ts'
import { createZplDriver } from '../../../src/drivers/printers/zpl/driver.ts'
import { createZplTwin, type ZplTwin } from '../../../src/drivers/printers/zpl/twin.ts'
import { loadProfiles, matchProfile } from '../../../src/drivers/profiles.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { openTcp } from '../../../src/drivers/transports/tcp.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { TestClock } from '../../support/clock.ts'
import { newAttempt, openDriver } from '../../support/driver-bench.ts'
import { serveTwin } from '../../support/twin-tcp.ts'
import { openPrinter, print, settled } from '../labels/bench.ts'
import { codesOn, sharedImaging, url } from '../labels/support.ts'

const imaging = sharedImaging()
const driver = createZplDriver({ imaging }) as unknown as Driver<never>

it('[ZPL7] the card tells model and firmware', async () => {
  const { details } = await openPrinter<ZplTwin>(driver, (clock) => createZplTwin({ clock }))
  expect(details).toMatchObject({ model: 'ZD421-203dpi', firmware: 'V93.21.19Z', widthDots: 832 })
})

it('[ZPL8] the probe is ~HI: it prints nothing', async () => {
  const bench = await openPrinter<ZplTwin>(driver, (clock) => createZplTwin({ clock }), { start: false })
  const asked = driver.probe!(bench.transport, { clock: bench.clock, answerMsMax: 500 })
  await bench.clock.advance(100)
  expect(await asked).toEqual({ model: 'ZD421-203dpi', firmware: 'V93.21.19Z', certain: true })
  expect(bench.sent().toString()).toBe('~HI\r\n')
})

it('[ZPL9] a printer that does not answer ~HS in a fault ends a job as unknown, not as done', async () => {
  const bench = await openPrinter<ZplTwin>(
    driver,
    (clock) => createZplTwin({ clock, silentInFault: true, printMs: 2_000 }),
    {
      settings: { completionMsMax: 5_000 },
    },
  )
  const prepared = await bench.printing.prepare({ text: 'a', copies: 3 }, 'job')
  bench.clock.after(2_500, () => bench.twin.order({ order: 'paper', state: 'out' }))
  const result = await settled(bench.clock, bench.printing.print(prepared, newAttempt()))
  expect(result.state).toBe('unknown')
})

it('[ZPL10] the twin obeys what a hand can do to a label printer, and refuses the rest', () => {
  const clock = new TestClock()
  const twin = createZplTwin({ clock })
  onTestFinished(() => twin.stop())
  twin.order({ order: 'paper', state: 'out' })
  twin.order({ order: 'cover', open: true })
  twin.order({ order: 'clear_paper' })
  twin.order({ order: 'fault', fault: 'garble' })
  twin.order({ order: 'plug', on: false })
  for (const order of [
    { order: 'load', grams: 5 },
    { order: 'drawer', open: true },
    { order: 'scan', code: '1' },
  ] as const)
    expect(() => twin.order(order)).toThrow(/cannot/)
})

it('[ZPL10] its paper is a picture that zbar reads', async () => {
  const bench = await openPrinter<ZplTwin>(driver, (clock) => createZplTwin({ clock }))
  let revision = 0
  bench.twin.onPaper = (now) => {
    revision = now
  }
  await print(bench, { receipt: { blocks: [{ type: 'qr', data: url, module: 8 }] } })
  expect(codesOn(bench.twin.strip.printed[0]!)).toEqual([`QR-Code:${url}`])
  const { svg, revision: shown } = bench.twin.paper()
  expect(svg).toMatch(/^<svg .*<path .*<\/svg>$/s)
  expect(shown).toBe(revision)
})

it('[ZPL11] over a real socket: printed and confirmed', async () => {
  const twin = createZplTwin({ clock: systemClock, printMs: 30 })
  const server = await serveTwin(twin)
  const transport = await openTcp(parsePortUrl(`tcp://127.0.0.1:${server.port}`), systemClock)
  const device = openDriver(driver, transport, systemClock)
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
    twin.stop()
    await server.close()
  })
  await device.start()
  const prepared = await device.printing!.prepare({ text: 'over the wire' }, 'job')
  const result = await device.printing!.print(prepared, newAttempt('job'))
  expect(result).toMatchObject({ state: 'done', outcome: { confirmed: true } })
  expect(twin.strip.printed).toHaveLength(1)
})

describe('profiles', () => {
  const folder = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
  const drivers = [createZplDriver, createEplDriver, createTsplDriver, createIppDriver].map((create) =>
    create({ imaging }),
  )
  const { profiles, problems } = loadProfiles(folder, drivers)

  it.each(['zpl', 'epl', 'tspl', 'ipp'])(
    '[LAB12] every profile of %s is read, the generic one first',
    (id) => {
      const files = readdirSync(`${folder}/${id}`).map((file) => file.replace('.json', ''))
      expect(problems.filter((problem) => problem.includes(`/${id}/`))).toEqual([])
      const own = profiles.filter((profile) => profile.driver === id).map((profile) => profile.id)
      expect([...own].sort()).toEqual(files.sort())
      expect(own[0]).toMatch(/^generic/)
      expect(own.length).toBeGreaterThanOrEqual(3)
    },
  )

  it('[LAB12] a model is known by how it names itself', () => {
    expect(matchProfile(profiles, 'ZD421-203dpi', 'zpl')?.id).toBe('zebra-zd421')
    expect(matchProfile(profiles, 'GK420d-200dpi', 'zpl')?.id).toBe('zebra-gk420d')
    expect(matchProfile(profiles, 'Zebra ZD421', 'zpl')?.id).toBe('zebra-zd421')
    expect(matchProfile(profiles, 'TE200', 'tspl')?.id).toBe('tsc-te200')
  })
})
