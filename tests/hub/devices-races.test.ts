/** Devices that are added, removed and switched off at the same moment, and rows that fit nothing any more. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { openStore } from '../../src/store/open.ts'
import type { DeviceRow } from '../../src/store/store.ts'
import { cashier, codeOf as code, HubBench, openOwnedStore, otherCashier } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

const add = (hub: HubBench, port: string) =>
  hub.call('device.add', { class: 'printer', driver: 'line-printer', port })

const idsOf = async (hub: HubBench) =>
  (await hub.call('device.list', {})).devices.map(({ id, port }) => `${id} ${port}`)

describe('at once', () => {
  it('[D1] [D5] two devices get two ids, and one port one device', async () => {
    bench = await HubBench.start()
    const hub = bench
    const twins = [hub.plug('one'), hub.plug('two')]
    const added = ['memory:one', 'memory:two', 'memory:one'].map((port) => code(add(hub, port)))
    expect(await Promise.all(added)).toEqual(['no error', 'no error', 'device_exists'])
    await hub.clock.advance(1_000)
    expect(await idsOf(hub)).toEqual(['printer-1 memory:one', 'printer-2 memory:two'])
    expect(twins.map(({ attached }) => attached)).toEqual([1, 1])
  })

  it('[D1] a device that is added while another one goes does not get its id, and is there after a restart', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    await Promise.all([first.call('device.remove', { id: 'printer-1' }), add(first, 'memory:two')])
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect(await idsOf(bench)).toEqual(['printer-2 memory:two'])
  })

  it('[D1] changes of one device at once are all kept', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    await bench.printer('two')
    await Promise.all([
      bench.call('device.rename', { id: 'printer-1', name: 'Bar' }),
      bench.call('device.disable', { id: 'printer-1' }),
      bench.call('device.backup', { id: 'printer-1', backup: 'printer-2' }),
    ])
    const kept = { name: 'Bar', state: 'disabled', details: { backup: 'printer-2' } }
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject(kept)
    await bench.stop()
    bench = await HubBench.start({ dir: bench.dir, clock: bench.clock })
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject(kept)
  })

  it('[D4] a device that is accepted in the moment of a stop is not opened any more', async () => {
    const { promise: stopped, resolve } = Promise.withResolvers<void>()
    const dir = mkdtempSync(join(tmpdir(), 'tillbridge-test-'))
    /** The answer of the disk comes when the hub has stopped. */
    const slowStore = async () => {
      const store = await openOwnedStore(dir)
      const put = async (row: DeviceRow) => {
        await store.devices.put(row)
        await stopped
      }
      return new Proxy(store, {
        get: (target, name) =>
          name === 'devices' ? { ...target.devices, put } : Reflect.get(target, name, target),
      })
    }
    bench = await HubBench.start({ dir, parts: { openStore: slowStore } })
    const twin = bench.plug('one')
    const added = code(add(bench, 'memory:one'))
    await bench.stop()
    resolve()
    expect(await added).toBe('stopping')
    await bench.clock.advance(60_000)
    expect([twin.attached, bench.clock.pending]).toEqual([0, 0])
  })

  it('[D4] a device that is switched off while its port is being opened is let go of', async () => {
    bench = await HubBench.start()
    const { promise, resolve: opened } = Promise.withResolvers<void>()
    bench.opening = promise
    const twin = bench.plug('one')
    await add(bench, 'memory:one')
    await bench.clock.advance(100)
    expect(twin.attached).toBe(1)
    await bench.call('device.disable', { id: 'printer-1' })
    opened()
    await bench.settle()
    twin.paper(true)
    await bench.settle()
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject({
      state: 'disabled',
      faults: [],
    })
    await bench.call('device.enable', { id: 'printer-1' })
    await bench.clock.advance(1_000)
    expect((await bench.call('device.get', { id: 'printer-1' })).state).toBe('ready')
    expect(twin.attached).toBe(2)
  })
})

describe('ports', () => {
  it('[D5] a serial port has one device at whatever speed', async () => {
    const driver = { ...linePrinterDriver, id: 'serial-printer', transports: ['serial'] } as Driver
    const profiles = [{ ...linePrinterProfile, driver: driver.id }]
    bench = await HubBench.start({ drivers: [{ driver, profiles }] })
    const hub = bench
    const add = (baud: number) => {
      const port = `serial:/dev/no-such-tty?baud=${baud}`
      return code(hub.call('device.add', { class: 'printer', driver: driver.id, port }))
    }
    expect([await add(9_600), await add(19_200)]).toEqual(['no error', 'device_exists'])
    const probe = hub.call('port.probe', { port: 'serial:/dev/no-such-tty' })
    expect(await code(probe)).toBe('device_exists')
  })
})

describe('a removed device', () => {
  it('[L1] leaves no lease, and is nobody’s backup, when its id is given again', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    await bench.printer('two')
    await bench.call('device.backup', { id: 'printer-2', backup: 'printer-1' })
    await bench.call('lease.acquire', { device: 'printer-1', ms: 60_000 }, otherCashier)
    await bench.call('device.remove', { id: 'printer-1' })
    await bench.printer('three')
    expect(await idsOf(bench)).toContain('printer-1 memory:three')
    expect((await bench.print('printer-1', 'a')).client).toBe(cashier.name)
    expect((await bench.call('device.get', { id: 'printer-2' })).details.backup).toBeUndefined()
  })
})

describe('what fits nothing any more', () => {
  it('[D9] a configured device with a wrong driver is left out with a reason; the others start', async () => {
    const wrong = { class: 'printer', driver: 'typewriter', port: 'memory:one', name: 'Bar' }
    const right = { class: 'printer', driver: 'line-printer', port: 'memory:two' }
    bench = await HubBench.start({ config: { devices: [wrong, right] } })
    expect(bench.hub.health()).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringMatching(/Bar.*typewriter/)],
    })
    expect(await idsOf(bench)).toEqual(['printer-1 memory:two'])
  })

  it('[D9] a row without its driver keeps its id, and can be removed, which mends the health', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    await first.stop()
    const store = await openStore({ dir: first.dir, inline: true })
    const [row] = await store.devices.all()
    await store.devices.put({ ...(row as NonNullable<typeof row>), driver: 'typewriter' })
    await store.close()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect(bench.hub.health().status).toBe('degraded')
    expect((await add(bench, 'memory:one')).id).toBe('printer-2')
    await bench.call('device.remove', { id: 'printer-1' })
    expect(bench.hub.health()).toMatchObject({ status: 'ready', reasons: [] })
    expect(await idsOf(bench)).toEqual(['printer-2 memory:one'])
    expect(await code(bench.call('device.remove', { id: 'printer-1' }))).toBe('device_unknown')
  })
})

describe('pairing', () => {
  it('[A9] many guesses at once are many guesses: the code dies of five, also for who knows it', async () => {
    bench = await HubBench.start()
    const { access } = bench.hub
    const { code: right } = await bench.call('pair.code', { role: 'technician' })
    const guesses = Array.from({ length: 50 }, (_, number) => String(number).padStart(6, '0')).filter(
      (guess) => guess !== right,
    )
    // Each from an address of its own: the lock-out of a source is not what stops them.
    const answers = await Promise.all(
      [...guesses, right].map((guess, number) => code(access.pair(guess, 'x', `10.0.0.${number}`))),
    )
    expect(answers.filter((answer) => answer !== 'pair_code_invalid')).toEqual([])
    expect(await code(access.pair(right, 'x', '10.0.1.1'))).toBe('pair_code_invalid')
    expect((await bench.call('token.list', {})).tokens).toEqual([])
  })

  it('[A9] right codes are not counted as wrong', async () => {
    bench = await HubBench.start()
    const { access } = bench.hub
    for (let number = 0; number < 8; number++) {
      const { code: right } = await bench.call('pair.code', { role: 'cashier' })
      expect((await access.pair(right, `till ${number}`, 'y')).role).toBe('cashier')
    }
  })
})
