/** The drawer while its printer cannot print, by rules J9 and J23 of docs/jobs.md, on real services with printers in memory. */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { Imaging } from '../../src/drivers/imaging/imaging.ts'
import { createEscposDriver } from '../../src/drivers/printers/escpos/driver.ts'
import { createEscposTwin } from '../../src/drivers/printers/escpos/twin/twin.ts'
import { loadProfiles } from '../../src/drivers/profiles.ts'
import { TestClock } from '../support/clock.ts'
import { cashier, codeOf as code, HubBench } from '../support/hub-bench.ts'

const profilesDir = fileURLToPath(new URL('../../config/profiles', import.meta.url))

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

async function withPrinter(settings: Record<string, unknown> = {}) {
  bench = await HubBench.start()
  const twin = await bench.printer('one', settings)
  return { bench, twin, device: 'printer-1' }
}

const drawer = (bench: HubBench, id: string, device = 'printer-1') =>
  bench.call('job.submit', { id, device, kind: 'drawer.open', payload: {} }, cashier)

describe('a drawer while its printer cannot print', () => {
  const withPatientPrinter = () => withPrinter({ drawerDespite: ['paper_out', 'cover_open'] })
  const stateOf = async (bench: HubBench, id: string) => (await bench.call('job.get', { id })).state

  it('[J9] a drawer that waited its turn when the fault came fails then, and does not open when it is mended', async () => {
    const { bench, twin, device } = await withPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'print')
    await bench.settle()
    await drawer(bench, 'a')
    twin.paper(true)
    await bench.settle()
    const error = { code: 'device_faulty', context: { fault: 'paper_out' } }
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({ state: 'failed', error })
    await expect(drawer(bench, 'b')).rejects.toMatchObject(error)
    twin.paper(false)
    twin.release()
    await bench.clock.advance(60_000)
    expect((await bench.call('job.get', { id: 'print' })).state).toBe('done')
    expect(twin.drawerOpened).toBe(0)
  })

  it('[J23] opens past prints that wait, which keep their order', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    twin.paper(true)
    await bench.settle()
    await bench.print(device, 'a')
    await bench.print(device, 'b')
    await drawer(bench, 'open')
    await bench.settle()
    expect(twin.drawerOpened).toBe(1)
    expect(await bench.call('job.get', { id: 'open' })).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(await bench.call('job.get', { id: 'a' })).toMatchObject({
      state: 'pending',
      waitingFor: 'paper_out',
    })
    expect((await bench.call('device.get', { id: device })).state).toBe('faulty')
    twin.paper(false)
    await bench.settle()
    expect(twin.printed).toEqual(['a', 'b'])
    expect((await bench.call('device.get', { id: device })).state).toBe('ready')
  })

  it('[J23] opens past a print that has begun, and the print ends as if nothing had been', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    await bench.settle()
    twin.paper(true)
    await bench.settle()
    await drawer(bench, 'open')
    await bench.settle()
    expect([await stateOf(bench, 'open'), await stateOf(bench, 'a')]).toEqual(['done', 'running'])
    twin.paper(false)
    twin.release()
    await bench.settle()
    expect(await stateOf(bench, 'a')).toBe('done')
    expect([twin.printed, twin.drawerOpened]).toEqual([['a'], 1])
  })

  it('[J23] one that waited its turn behind a print opens when the paper runs out in its midst', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    twin.behaviour = 'hold'
    await bench.print(device, 'a')
    await drawer(bench, 'open')
    await bench.settle()
    expect([await stateOf(bench, 'open'), twin.drawerOpened]).toEqual(['pending', 0])
    twin.paper(true)
    await bench.settle()
    expect([await stateOf(bench, 'open'), twin.drawerOpened]).toEqual(['done', 1])
  })

  it('[J23] drawers open one after the other, and nothing is printed beside one', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    twin.drawerHolds = true
    twin.paper(true)
    await bench.settle()
    await bench.print(device, 'a')
    await drawer(bench, 'one')
    await drawer(bench, 'two')
    await bench.settle()
    expect([twin.drawerOpened, await stateOf(bench, 'two')]).toEqual([1, 'pending'])
    expect((await bench.call('job.get', { id: 'two' })).waitingFor).toBeUndefined()
    twin.paper(false)
    await bench.settle()
    expect(twin.printed).toEqual([])
    twin.releaseDrawer()
    await bench.settle()
    expect(twin.printed).toEqual(['a'])
    expect([twin.drawerOpened, await stateOf(bench, 'one')]).toEqual([2, 'done'])
    twin.releaseDrawer()
    await bench.settle()
    expect(await stateOf(bench, 'two')).toBe('done')
  })

  it('[J23] not with a fault that keeps the drawer shut, alone or beside another', async () => {
    const { bench, twin } = await withPatientPrinter()
    for (const faults of [['cutter_jam'], ['paper_out', 'cutter_jam']] as const) {
      twin.faults(...faults)
      await bench.settle()
      await expect(drawer(bench, 'open')).rejects.toMatchObject({
        code: 'device_faulty',
        context: { fault: faults[0] },
      })
    }
    twin.faults('paper_out', 'cover_open')
    await bench.settle()
    await drawer(bench, 'open')
    await bench.settle()
    expect([twin.drawerOpened, await stateOf(bench, 'open')]).toEqual([1, 'done'])
  })

  it('[J23] absent and disabled stay what they are', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    twin.paper(true)
    await bench.settle()
    bench.unplug('one')
    await bench.settle()
    expect(await code(drawer(bench, 'a'))).toBe('device_absent')
    await bench.call('device.disable', { id: device })
    expect(await code(drawer(bench, 'b'))).toBe('device_disabled')
    expect(twin.drawerOpened).toBe(0)
  })

  it('[J23] [J21] a stop ends a drawer beside a print as it stands, both of them', async () => {
    const { bench: first, twin, device } = await withPatientPrinter()
    twin.behaviour = 'hold'
    twin.drawerHolds = true
    await first.print(device, 'a')
    await first.settle()
    twin.paper(true)
    await first.settle()
    await drawer(first, 'open')
    await first.settle()
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect([await stateOf(bench, 'a'), await stateOf(bench, 'open')]).toEqual(['unknown', 'unknown'])
  })

  it('[J23] a drawer does not move to the backup printer, whose drawer is another', async () => {
    const { bench, twin, device } = await withPatientPrinter()
    const backup = await bench.printer('two')
    await bench.call('device.backup', { id: device, backup: 'printer-2' })
    twin.paper(true)
    await bench.settle()
    await bench.print(device, 'a')
    await drawer(bench, 'open')
    await bench.clock.advance(10_000)
    expect([twin.drawerOpened, backup.drawerOpened, backup.printed]).toEqual([1, 0, ['a']])
  })

  it('[J23] on an ESC/POS printer: the paper runs out in the midst of a ticket', async () => {
    const clock = new TestClock()
    const twin = createEscposTwin({ clock })
    onTestFinished(() => twin.stop())
    const driver = createEscposDriver({ imaging: new Imaging({ clock }) }) as Driver
    const { profiles } = loadProfiles(profilesDir, [driver])
    const hub = await HubBench.start({ clock, drivers: [{ driver, profiles }] })
    bench = hub
    hub.ports.offer('escpos', (end) => twin.attach(end))
    const port = 'memory:escpos'
    await hub.call('device.add', { class: 'printer', driver: 'escpos', profile: 'epson-tm-m30ii', port })
    await clock.advance(10_000)
    twin.fault('paper_out_after_lines', 5)
    await hub.print('printer-1', 'ticket', 'line\n'.repeat(20))
    await hub.print('printer-1', 'next', 'next\n')
    await clock.advance(1_000)
    expect((await hub.call('device.get', { id: 'printer-1' })).faults).toMatchObject([{ code: 'paper_out' }])

    await drawer(hub, 'open')
    await clock.advance(500)
    expect(await hub.call('job.get', { id: 'open' })).toMatchObject({
      state: 'done',
      outcome: { confirmed: true },
    })
    expect(twin.pulses.map(({ realTime }) => realTime)).toEqual([true])
    expect([await stateOf(hub, 'ticket'), await stateOf(hub, 'next')]).toEqual(['running', 'pending'])
    twin.order({ order: 'paper', state: 'full' })
    await clock.advance(5_000)
    expect([await stateOf(hub, 'ticket'), await stateOf(hub, 'next')]).toEqual(['done', 'done'])
    expect(twin.tickets.flat().filter((line) => line === 'line')).toHaveLength(20)
    expect(twin.pulses).toHaveLength(1)
  })
})
