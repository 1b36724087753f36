/** A HID POS scanner at work: scans, long codes, switching on, and what is lost. */
import { describe, expect, it } from 'vitest'
import { hidPosScanner } from '../../../src/drivers/scanners/hid-pos-scanner/driver.ts'
import {
  createHidPosScannerTwin,
  type HidPosScannerTwinOptions,
} from '../../../src/drivers/scanners/hid-pos-scanner/twin.ts'
import { memoryPair } from '../../../src/drivers/transports/memory.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { openBench, openDriver } from '../../support/driver-bench.ts'

async function openScanner(
  settings: Record<string, unknown> = {},
  options: Partial<HidPosScannerTwinOptions> = {},
) {
  const { warningTexts, ...bench } = openBench(
    hidPosScanner,
    (clock) => createHidPosScannerTwin({ clock, ...options }),
    { settings },
  )
  await bench.device.start()
  return { ...bench, warnings: warningTexts, codes: () => bench.scans.map(({ code }) => code) }
}

const long = 'https://shop.example/'.padEnd(300, 'x')

describe('scanning', () => {
  it.each(['usages', 'none'] as const)(
    '[HPS6] codes and their symbology arrive, with descriptor %s',
    async (descriptor) => {
      const { twin, scans } = await openScanner({}, { descriptor })
      twin.order({ order: 'scan', code: '4006381333931', aim: ']E0' })
      twin.order({ order: 'scan', code: '0104006381333931', aim: ']d2' })
      await settle()
      expect(scans).toEqual([
        { code: '4006381333931', symbology: 'ean13' },
        { code: '0104006381333931', symbology: 'gs1-datamatrix', gs1: { '01': '04006381333931' } },
      ])
    },
  )

  it('[HPS3] long codes, many at once, come whole and in order', async () => {
    const { twin, codes } = await openScanner()
    const sent = Array.from({ length: 100 }, (_, index) => `${index}-${'y'.repeat(index * 3)}`)
    for (const code of sent) twin.scan(code, ']Q1')
    for (let turn = 0; turn < 20; turn++) await settle()
    expect(codes()).toEqual(sent)
  })

  it('[HPS4] a code over the limit is dropped and logged, the next is whole', async () => {
    const { twin, codes, warnings } = await openScanner({ codeBytesMax: 100 })
    twin.scan(long)
    twin.scan('123')
    await settle()
    expect(codes()).toEqual(['123'])
    expect(warnings).toEqual([expect.stringContaining('longer than the limit')])
  })

  it('[HPS5] a beginning whose rest does not come in time is dropped', async () => {
    const { clock, twin, codes, warnings } = await openScanner({ continueMsMax: 200 })
    const [first = new Uint8Array(0), ...rest] = twin.reports(long, ']Q1')
    twin.say(first)
    await clock.advance(150)
    for (const report of rest) twin.say(report)
    await settle()
    expect(codes()).toEqual([long])
    twin.say(first)
    await clock.advance(400)
    expect(warnings).toEqual([expect.stringContaining('did not come')])
    twin.scan('123', ']C0')
    await settle()
    expect(codes()).toEqual([long, '123'])
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it('[HPS5] an unreadable report between two pieces costs the code, not the next one', async () => {
    const { twin, codes } = await openScanner()
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = twin.reports('z'.repeat(100), ']Q1')
    twin.say(first)
    const broken = second.slice()
    broken[1] = 200
    twin.say(broken)
    twin.scan('123', ']C0')
    await settle()
    expect(codes()).toEqual(['123'])
  })

  it('[HPS5] what follows an unreadable report of a long code is no code of its own', async () => {
    for (const at of [0, 1]) {
      const { clock, twin, codes } = await openScanner()
      const reports = twin.reports('z'.repeat(150), ']Q1')
      expect(reports).toHaveLength(3)
      const broken = reports[at]?.slice() ?? new Uint8Array(0)
      broken[1] = 200
      reports.forEach((report, index) => void twin.say(index === at ? broken : report))
      twin.scan('123', ']C0')
      await settle()
      expect(codes(), `report ${at}`).toEqual(['123'])
      await clock.advance(1_000)
      expect(clock.pending).toBe(0)
    }
  })

  it('[HPS5] an unreadable report whose rest does not come costs no code after it', async () => {
    const { clock, twin, codes } = await openScanner({ continueMsMax: 200 })
    const broken = twin.reports('z'.repeat(150), ']Q1')[0]?.slice() ?? new Uint8Array(0)
    broken[1] = 200
    twin.say(broken)
    await clock.advance(200)
    twin.scan('123', ']C0')
    await settle()
    expect(codes()).toEqual(['123'])
  })

  it('[HPS12] the same code twice is two scans, but within duplicateMs', async () => {
    const twice = await openScanner()
    twice.twin.scan('123', ']C0')
    twice.twin.scan('123', ']C0')
    await settle()
    expect(twice.codes()).toEqual(['123', '123'])
    const once = await openScanner({ duplicateMs: 500 })
    once.twin.scan('123', ']C0')
    once.twin.scan('123', ']C0')
    await once.clock.advance(600)
    once.twin.scan('123', ']C0')
    await settle()
    expect(once.codes()).toEqual(['123', '123'])
  })

  it('[HPS7] a Honeywell without AIM identifiers tells its symbology', async () => {
    const { twin, scans } = await openScanner(
      { vendorSymbology: 'honeywell', switchOn: 'fe01' },
      { aim: false, vendorId: 0x44, needsSwitchOn: true },
    )
    twin.scan('96385074', ']E4')
    await settle()
    expect(scans).toEqual([{ code: '96385074', symbology: 'ean8' }])
  })
})

describe('switching on', () => {
  it('[HPS9] the report is sent at each start, and only where it is set', async () => {
    const on = await openScanner({ switchOn: 'fe01' }, { needsSwitchOn: true })
    expect(on.twin.features).toEqual([Uint8Array.of(0xfe, 1)])
    expect(on.details).toEqual({ switchedOn: true })
    on.twin.scan('123', ']C0')
    await settle()
    expect(on.codes()).toEqual(['123'])
    const off = await openScanner({}, { needsSwitchOn: true })
    off.twin.scan('123', ']C0')
    await settle()
    expect([off.twin.features, off.codes(), off.details]).toEqual([[], [], {}])
  })

  it('[HPS9] a scanner that refuses it is told on the card, and scans all the same', async () => {
    const { twin, codes, details, warnings } = await openScanner(
      { switchOn: 'fe01' },
      { refusesSwitchOn: true },
    )
    expect([details, warnings]).toEqual([{ switchedOn: false }, [expect.stringContaining('switches it on')]])
    twin.scan('123', ']C0')
    await settle()
    expect(codes()).toEqual(['123'])
  })

  it('[HPS9] a wire that is lost before the report is taken fails the start', async () => {
    const clock = new TestClock()
    const twin = createHidPosScannerTwin({ clock })
    const never = new Promise<never>(() => {})
    const hid = { ...twin.faces.hid, sendFeature: () => never } as NonNullable<typeof twin.faces.hid>
    const [transport, wire] = memoryPair('scanner', { faces: { hid } })
    const device = openDriver(hidPosScanner, transport, clock, { settings: { switchOn: 'fe01' } })
    const start = device.start()
    wire.close()
    await expect(start).rejects.toMatchObject({ code: 'port_closed' })
    expect(clock.pending).toBe(0)
  })

  it('[HPS9] what is no report in hex is refused', () => {
    const ok = (switchOn: string) => hidPosScanner.settings.safeParse({ switchOn }).success
    expect(['', 'fe01', '00'.repeat(64)].map(ok)).toEqual([true, true, true])
    expect(['FE01', 'fe0', 'xx', '00'.repeat(65)].map(ok)).toEqual([false, false, false, false])
  })
})

describe('endings', () => {
  it('[HPS11] what has begun is not told after a pull or a stop', async () => {
    const pulled = await openScanner()
    const [first = new Uint8Array(0), second = new Uint8Array(0)] = pulled.twin.reports(
      'z'.repeat(100),
      ']Q1',
    )
    pulled.twin.say(first)
    await settle()
    pulled.twin.order({ order: 'plug', on: false })
    await pulled.transport.closed
    await pulled.clock.advance(10_000)
    const stopped = await openScanner()
    stopped.twin.say(first)
    await settle()
    await stopped.device.stop()
    stopped.twin.say(second)
    await settle()
    expect([pulled.codes(), stopped.codes()]).toEqual([[], []])
    expect([pulled.clock.pending, stopped.clock.pending]).toEqual([0, 0])
  })

  it('[HPS10] a line that garbles, halves or delays costs the scans on it, and none after', async () => {
    const { clock, twin, codes } = await openScanner()
    for (const fault of ['garble', 'half_answer'] as const) {
      twin.order({ order: 'fault', fault })
      twin.scan('4006381333931', ']E0')
    }
    twin.order({ order: 'silent', on: true })
    twin.scan('4006381333931', ']E0')
    twin.order({ order: 'silent', on: false })
    twin.order({ order: 'fault', fault: 'none' })
    await clock.advance(1_000)
    const spoilt = codes().filter((code) => code !== '4006381333931')
    expect(spoilt).toEqual([])
    const before = codes().length
    twin.scan('123', ']C0')
    await settle()
    expect(codes().slice(before)).toEqual(['123'])
  })

  it('[HPS13] the twin refuses orders of other devices, and loses its wire when told to', async () => {
    const { twin, transport } = await openScanner()
    for (const order of [
      { order: 'load', grams: 5 },
      { order: 'drawer', open: true },
    ] as const)
      expect(() => twin.order(order)).toThrow(/a scanner cannot/)
    twin.order({ order: 'fault', fault: 'drop' })
    twin.order({ order: 'scan', code: '1' })
    expect(await transport.closed).toMatchObject({ by: 'lost' })
  })
})
