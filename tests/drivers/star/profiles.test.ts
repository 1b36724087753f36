/** Every Star profile on disk is valid and prints on a twin of its kind; a twin on a real socket and a real tty does too. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import { suggest } from '../../../src/drivers/matching.ts'
import { createStarDriver } from '../../../src/drivers/printers/star/driver.ts'
import { starSettingsSchema } from '../../../src/drivers/printers/star/settings.ts'
import { createStarTwin } from '../../../src/drivers/printers/star/twin/twin.ts'
import { loadProfiles } from '../../../src/drivers/profiles.ts'
import { createDrivers } from '../../../src/drivers/registry.ts'
import { MemoryPorts } from '../../../src/drivers/transports/memory.ts'
import { createOpenTransport } from '../../../src/drivers/transports/open.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { systemClock } from '../../../src/hub/clock.ts'
import { TestClock } from '../../support/clock.ts'
import { newAttempt, openDriver } from '../../support/driver-bench.ts'
import { ttyTwin } from '../../support/twin-pty.ts'
import { serveTwin } from '../../support/twin-tcp.ts'
import { Bench } from './bench.ts'

const shipped = fileURLToPath(new URL('../../../config/profiles', import.meta.url))
const { profiles, problems } = loadProfiles(shipped, [{ id: 'star', settings: starSettingsSchema }])
const ours = profiles.filter(({ driver }) => driver === 'star')

it('[STAR70] all are valid, the one for printers that nothing is known of first', () => {
  const files = readdirSync(`${shipped}/star`).filter((file) => file.endsWith('.json'))
  expect(problems.filter((problem) => problem.includes('/star/'))).toEqual([])
  expect(ours).toHaveLength(files.length)
  expect(ours.length).toBeGreaterThanOrEqual(8)
  expect(ours[0]).toMatchObject({ id: 'generic', settings: { mode: 'prnt' } })
  for (const { id, sources, quirks } of ours) {
    expect(sources.length, id).toBeGreaterThan(0)
    for (const { reason } of quirks) expect(reason.length, id).toBeGreaterThan(20)
  }
})

it('[STAR70] columns fit into the width, and the pulse keeps a duty that drawers stand', () => {
  for (const { id, settings } of ours) {
    const { widthDots, columnsA, columnsB, drawerPulseOnMs, drawerPulseOffMs } =
      starSettingsSchema.parse(settings)
    expect(Math.floor(widthDots / columnsA), id).toBe(12)
    expect(Math.floor(widthDots / columnsB), id).toBe(9)
    expect(drawerPulseOffMs, id).toBeGreaterThanOrEqual(4 * drawerPulseOnMs)
  }
})

it('[STAR70] no text that one profile matches by is matched by another', () => {
  const names = [
    'TSP143III',
    'TSP143',
    'TSP143II',
    'TSP654II',
    'TSP650II',
    'TSP743II',
    'TSP847II',
    'mC-Print3',
    'mC-Print2',
  ]
  for (const name of [...names, 'mPOP', 'SM-L200']) {
    const fitting = ours.filter(({ match }) =>
      match?.some(({ product }) => product !== undefined && new RegExp(product, 'i').test(name)),
    )
    expect(
      fitting.map(({ id }) => id),
      name,
    ).toHaveLength(1)
  }
})

it('[STAR70] a name that a printer has in both its languages suggests the one it is delivered with', () => {
  const drivers = createDrivers(new Imaging({ clock: new TestClock() }))
  const all = loadProfiles(shipped, drivers).profiles
  for (const label of ['TSP650II', 'Star TSP650II']) {
    const found = suggest({ kind: 'tcp', label, details: {} }, drivers, all)
    expect([label, found]).toMatchObject([label, { driver: 'star', profile: 'star-tsp650ii-starline' }])
  }
})

it.each(ours.map((profile) => [profile.id, profile] as const))(
  '[STAR70] %s prints on a twin of its kind',
  async (_, profile) => {
    const settings = starSettingsSchema.parse(profile.settings)
    const { widthDots, mode, drawer } = settings
    const bench = await new Bench({
      settings: { ...settings, status: 'none' },
      twin: { widthDots, drawer, graphicOnly: mode === 'graphic' },
    }).start()
    const prepared = await bench.device.printing!.prepare({ text: 'Hello\n€' }, 'job-1')
    const job = bench.attempt('job-1', (attempt) => bench.device.printing!.print(prepared, attempt))
    expect((await bench.until(job.result)).state).toBe('done')
    expect(bench.twin.violations).toEqual([])
    expect(bench.twin.cuts).toBe(settings.cut === 'none' ? 0 : 1)
  },
)

const wires = {
  tcp: async (twin: ReturnType<typeof createStarTwin>) => {
    const server = await serveTwin(twin)
    onTestFinished(() => server.close())
    return `tcp://127.0.0.1:${server.port}`
  },
  serial: async (twin: ReturnType<typeof createStarTwin>) => {
    const tty = await ttyTwin(twin)
    onTestFinished(() => tty.stop())
    return `serial:${tty.path}`
  },
}

it.each(['tcp', 'serial'] as const)('[STAR71] a ticket over a real wire: %s', async (kind) => {
  const twin = createStarTwin({ clock: systemClock })
  const url = await wires[kind](twin)
  const imaging = new Imaging({ clock: systemClock })
  const driver = createStarDriver({ imaging })
  const open = createOpenTransport(systemClock, new MemoryPorts(systemClock))
  const transport = await open(parsePortUrl(url), driver.portDefaults)
  const device = openDriver(driver, transport, systemClock, { profile: ours[0]! })
  onTestFinished(async () => {
    await device.stop()
    await transport.close()
    twin.stop()
    await imaging.stop()
  })
  await device.start()
  const prepared = await device.printing!.prepare({ text: 'Hello é €' }, 'job-1')
  expect(await device.printing!.print(prepared, newAttempt())).toMatchObject({
    state: 'done',
    outcome: { confirmed: true },
  })
  expect(twin.tickets).toEqual([['Hello é €']])
})
