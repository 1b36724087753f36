/** Every probe against every device that is not its own: nothing may be zeroed, tared, weighed, printed, opened or mistaken. */
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Driver, OpenDevice, ProbeAnswer, Twin } from '../../src/drivers/driver.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { createDrivers } from '../../src/drivers/registry.ts'
import { createAdamTwin } from '../../src/drivers/scales/adam/twin.ts'
import { createAveryBerkelTwin } from '../../src/drivers/scales/avery-berkel/twin.ts'
import { createCasTwin } from '../../src/drivers/scales/cas/twin.ts'
import { createDialogTwin } from '../../src/drivers/scales/dialog/twin.ts'
import { createMagellanTwin } from '../../src/drivers/scales/magellan/twin.ts'
import { createMtSicsTwin } from '../../src/drivers/scales/mt-sics/twin.ts'
import { createNciTwin } from '../../src/drivers/scales/nci/twin.ts'
import { createToledo8217Twin } from '../../src/drivers/scales/toledo-8217/twin.ts'
import { memoryPair } from '../../src/drivers/transports/memory.ts'
import { parsePortUrl } from '../../src/drivers/transports/port-url.ts'
import type { Transport } from '../../src/drivers/transports/transport.ts'
import { planOf, probeLimits } from '../../src/hub/devices/prober.ts'
import { type DriverUnderTest, twins } from '../contracts/twins.ts'
import { TestClock } from '../support/clock.ts'
import { newAttempt, openDriver, settled } from '../support/driver-bench.ts'

const imaging = new Imaging({ clock: new TestClock() })
const drivers = createDrivers(imaging)
afterAll(() => imaging.stop())
/** Probes that bytes alone carry: what the hub sends to a serial port or over TCP. */
const probers = drivers.filter(
  ({ probe, transports }) =>
    probe !== undefined && (transports.includes('serial') || transports.includes('tcp')),
)

interface Case extends DriverUnderTest {
  name: string
  driver: string
  /** What the hub suggests after asking in every language; default: its own, and no doubt. */
  found?: { driver: string; certain: boolean } | undefined
}

/** Models that answer otherwise than the twin of the contract suite. */
const variants: Case[] = [
  {
    name: 'toledo-8217 without echo mode',
    found: { driver: 'toledo-8217', certain: false },
    driver: 'toledo-8217',
    settings: { echo: false },
    createTwin: (clock) => createToledo8217Twin({ clock, echoMode: false }),
  },
  {
    name: 'toledo-8217 in pounds, with parity',
    driver: 'toledo-8217',
    createTwin: (clock) => createToledo8217Twin({ clock, unit: 'lb', parityBit: true }),
  },
  {
    name: 'nci scp-02',
    driver: 'nci',
    settings: { dialect: 'scp-02' },
    createTwin: (clock) => createNciTwin({ clock, dialect: 'scp-02' }),
  },
  {
    name: 'nci of few words',
    driver: 'nci',
    settings: { answersUnknown: false },
    createTwin: (clock) => createNciTwin({ clock, statusBytes: 2, answersUnknown: false }),
  },
  {
    name: 'cas stream22',
    driver: 'cas',
    settings: { dialect: 'stream22' },
    createTwin: (clock) => createCasTwin({ clock, dialect: 'stream22' }),
  },
  {
    name: 'cas nt500',
    found: undefined,
    driver: 'cas',
    settings: { dialect: 'stream22', commands: 'nt500' },
    createTwin: (clock) => createCasTwin({ clock, dialect: 'stream22', commands: 'nt500' }),
  },
  {
    name: 'mt-sics level 0',
    driver: 'mt-sics',
    createTwin: (clock) => createMtSicsTwin({ clock, level: 0 }),
  },
  {
    name: 'mt-sics ohaus',
    // The net weight of its label ends with NET, which is no label of an Adam.
    found: undefined,
    driver: 'mt-sics',
    settings: { dialect: 'ohaus' },
    createTwin: (clock) => createMtSicsTwin({ clock, dialect: 'ohaus' }),
  },
  {
    name: 'adam headed',
    found: undefined,
    driver: 'adam',
    settings: { dialect: 'headed', request: 'Q' },
    createTwin: (clock) => createAdamTwin({ clock, dialect: 'headed', request: 'Q' }),
  },
  {
    name: 'adam stream',
    found: { driver: 'adam', certain: false },
    driver: 'adam',
    settings: { dialect: 'headed', request: 'none' },
    createTwin: (clock) => createAdamTwin({ clock, dialect: 'headed', request: 'none' }),
  },
  {
    name: 'dialog with checksums',
    driver: 'dialog',
    settings: { polynomialSecret: '11021' },
    createTwin: (clock) => createDialogTwin({ clock, polynomial: 0x11021, onceOnly: false }),
  },
  {
    name: 'avery-berkel that compares',
    driver: 'avery-berkel',
    settings: { confirm: 'echo' },
    createTwin: (clock) => createAveryBerkelTwin({ clock, compares: true, acknowledges: true }),
  },
  {
    name: 'magellan in pounds',
    driver: 'magellan',
    createTwin: (clock) => createMagellanTwin({ clock, unit: 'lb' }),
  },
]

const cases: Case[] = [
  ...Object.entries(twins).map(([id, under]) => ({
    ...under,
    name: id,
    driver: id,
    ...(id === 'adam' ? { found: { driver: 'adam', certain: false } } : {}),
  })),
  ...variants,
  // HID, IPP and page ports carry no bytes of these.
].filter(({ driver: id }) => driverOf(id).transports.some((kind) => kind === 'serial' || kind === 'tcp'))
const scales = cases.filter(({ driver: id }) => driverOf(id).class === 'scale')
const others = cases.filter(({ driver: id }) => ['display', 'drawer', 'scanner'].includes(driverOf(id).class))

function driverOf(id: string): Driver {
  const driver = drivers.find((known) => known.id === id)
  if (driver === undefined) throw new Error(`no driver ${id}`)
  return driver
}

interface Bench {
  clock: TestClock
  transport: Transport
  twin: Twin
  under: Case
  told: unknown[]
}

/** One wire for all that follows: a device does not forget what it was sent because another program has the port now. */
function benchOf(under: Case): Bench {
  const clock = new TestClock()
  const twin = under.createTwin(clock)
  const [transport, wire] = memoryPair('cross', {
    clock,
    ...(twin.faces === undefined ? {} : { faces: twin.faces }),
  })
  twin.attach(wire)
  onTestFinished(async () => {
    twin.stop()
    await transport.close()
  })
  return { clock, transport, twin, under, told: [] }
}

/** Opens the device with its own driver, uses it, and lets go. */
async function withOwn<T>(bench: Bench, use: (device: OpenDevice) => Promise<T>): Promise<T> {
  const { clock, transport, under, told } = bench
  const driver = driverOf(under.driver)
  const device = openDriver(driver, transport, clock, {
    settings: under.settings ?? {},
    listener: {
      faults: (faults) => void told.push(faults),
      scan: (scan) => void told.push(scan),
      drawer: (open) => void told.push(open),
    },
  })
  await settled(clock, device.start())
  try {
    return await use(device)
  } finally {
    await device.stop()
  }
}

const attempt = newAttempt()

/** A scale in use: zeroed with a paper on it, tared with a box, goods in the box; as far as it can do these. */
async function use(bench: Bench): Promise<void> {
  const { clock, twin } = bench
  twin.order({ order: 'load', grams: 100 })
  await withOwn(bench, async ({ weighing }) => {
    if (weighing === undefined) return
    await settled(clock, weighing.zero(attempt))
    twin.order({ order: 'load', grams: 350 })
    await settled(clock, weighing.tare({ kind: 'scale.tare' } as never, attempt))
  })
  twin.order({ order: 'load', grams: 1_350 })
}

/** What the scale shows, without the time. */
async function shown(bench: Bench): Promise<unknown> {
  return withOwn(bench, async ({ weighing }) => {
    if (weighing === undefined) return undefined
    const { at: _, ...weight } = await settled(bench.clock, weighing.read({ unitPrice: '2.00' }))
    return weight
  })
}

async function probe(bench: Bench, driver: Driver): Promise<ProbeAnswer | undefined> {
  const { clock, transport } = bench
  const asked = driver.probe?.(transport, { clock, answerMsMax: probeLimits.answerMsMax })
  const answer = await settled(clock, Promise.resolve(asked))
  await clock.advance(probeLimits.pauseMs)
  return answer
}

describe.each(scales)('a scale: $name', (under) => {
  it.each(probers)(
    '[DRV9] the probe of $id changes nothing of it and is not sure of it unless it is its own',
    async (driver) => {
      const bench = benchOf(under)
      await use(bench)
      const before = await shown(bench)
      const answer = await probe(bench, driver)
      if (driver.id !== under.driver) expect(answer?.certain ?? false).toBe(false)
      expect(await shown(bench)).toEqual(before)
    },
  )

  it('[DRV9] asked as the hub asks, in one language behind the other, it is found and has not changed', async () => {
    const bench = benchOf(under)
    await use(bench)
    const before = await shown(bench)
    const plan = planOf(parsePortUrl('tcp://127.0.0.1:4001'), drivers)
    let found: { driver: string; certain: boolean } | undefined
    for (const { driver } of plan) {
      const answer = await probe(bench, driver)
      if (answer === undefined) continue
      found = { driver: driver.id, certain: answer.certain }
      break
    }
    expect(await shown(bench)).toEqual(before)
    expect(found).toEqual('found' in under ? under.found : { driver: under.driver, certain: true })
  })
})

describe.each(others)('not a scale: $name', (under) => {
  it.each(probers)(
    '[DRV9] the probe of $id opens nothing, is told nothing and is not sure of it',
    async (driver) => {
      const bench = benchOf(under)
      expect((await probe(bench, driver))?.certain ?? false).toBe(false)
      expect(bench.twin.paper?.().drawerOpen ?? false).toBe(false)
      expect(bench.told.filter((event) => event === true)).toEqual([])
    },
  )
})

describe('things that are no device', () => {
  const things: [name: string, says: (bytes: Uint8Array) => Uint8Array][] = [
    ['a loop of wire', (bytes) => bytes],
    ['a console', (bytes) => Uint8Array.from([...bytes, ...Buffer.from('\r\nlogin: ')])],
    ['one that acknowledges all', (bytes) => bytes.map(() => 0x06)],
    [
      'one that repeats in capitals',
      (bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').toUpperCase(), 'latin1'),
    ],
    ['a modem', () => Uint8Array.from(Buffer.from('\r\nERROR\r\n'))],
    ['one that sends NUL', (bytes) => new Uint8Array(bytes.length)],
  ]
  describe.each(things)('%s', (_, says) => {
    const ours = probers.filter((driver) => driver.class === 'scale')
    it.each(ours)('[DRV9] the probe of $id is not sure of it', async (driver) => {
      const clock = new TestClock()
      const [transport, wire] = memoryPair('cross', { clock })
      onTestFinished(() => transport.close())
      wire.onBytes((bytes) => wire.write(says(bytes)))
      const asked = driver.probe?.(transport, { clock, answerMsMax: probeLimits.answerMsMax })
      expect((await settled(clock, Promise.resolve(asked)))?.certain ?? false).toBe(false)
    })
  })
})
