/** Devices and leases by the rules of docs/devices-lifecycle.md. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Device } from '../../src/protocol/device.ts'
import { cashier, codeOf as code, HubBench, otherCashier, technician } from '../support/hub-bench.ts'
import { TestSource } from '../support/test-source.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

describe('life of a device', () => {
  it('[D1] keeps its id when its name changes, over a restart', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    await first.call('device.rename', { id: 'printer-1', name: 'Bar' })
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect((await bench.call('device.list', {})).devices).toMatchObject([
      { id: 'printer-1', name: 'Bar', port: 'memory:one' },
    ])
  })

  it('[D2] is absent with a reason, tries again slower and slower, and at once when its port appears', async () => {
    bench = await HubBench.start()
    await bench.call('device.add', { class: 'printer', driver: 'line-printer', port: 'memory:one' })
    await bench.clock.advance(100)
    const absent = await bench.call('device.get', { id: 'printer-1' })
    expect(absent).toMatchObject({ state: 'absent', faults: [{ code: 'port_unavailable', blocking: true }] })
    expect(absent.faults[0]?.message).not.toContain('(')
    await bench.clock.advance(120_000)
    bench.plug('one')
    await bench.clock.advance(29_000)
    await bench.clock.advance(2_000)
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject({ state: 'ready', faults: [] })
  })

  it('[D2] a device that was away for long and is not ready at once when it is back is tried again soon', async () => {
    const source = new TestSource('usb')
    bench = await HubBench.start({ sources: [source] })
    const found = { url: 'memory:one', fingerprint: 'usb-1', label: 'ACME' }
    bench.plug('one')
    source.show(found)
    await bench.call('device.add', { class: 'printer', driver: 'line-printer', port: 'memory:one' })
    await bench.clock.advance(1_000)
    bench.unplug('one')
    source.show()
    await bench.clock.advance(300_000)
    source.show(found)
    await bench.clock.advance(300)
    bench.plug('one')
    await bench.clock.advance(1_000)
    expect((await bench.call('device.get', { id: 'printer-1' })).state).toBe('ready')
  })

  it('[D2] announces absence and return, and no flicker in between', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    bench.events.length = 0
    bench.unplug('one')
    await bench.clock.advance(60_000)
    bench.plug('one')
    await bench.clock.advance(40_000)
    const states = bench.events
      .filter(({ topic }) => topic === 'device.changed')
      .map(({ data }) => (data as Device).state)
    expect(states.at(-1)).toBe('ready')
    expect(states[0]).toBe('absent')
    expect(states.length).toBeLessThanOrEqual(5)
  })

  it('[D3] a blocking fault makes it faulty and is gone when mended', async () => {
    bench = await HubBench.start()
    const twin = await bench.printer('one')
    twin.paper(true)
    await bench.clock.advance(100)
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject({
      state: 'faulty',
      faults: [{ code: 'paper_out' }],
    })
    twin.paper(false)
    await bench.clock.advance(100)
    expect(await bench.call('device.get', { id: 'printer-1' })).toMatchObject({ state: 'ready', faults: [] })
  })

  it('[D4] disabled lets go, survives a restart, and refuses the drawer', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    expect((await first.call('device.disable', { id: 'printer-1' })).state).toBe('disabled')
    const open = first.call('job.submit', { id: 'a', device: 'printer-1', kind: 'drawer.open', payload: {} })
    expect(await code(open)).toBe('device_disabled')
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    const twin = bench.plug('one')
    await bench.clock.advance(60_000)
    expect((await bench.call('device.get', { id: 'printer-1' })).state).toBe('disabled')
    await bench.call('device.enable', { id: 'printer-1' })
    await bench.clock.advance(1_000)
    expect((await bench.call('device.get', { id: 'printer-1' })).state).toBe('ready')
    expect(twin.printed).toEqual([])
  })

  it('[D5] a port has one device', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const again = bench.call('device.add', { class: 'printer', driver: 'line-printer', port: 'memory:one' })
    await expect(again).rejects.toMatchObject({ code: 'device_exists', context: { device: 'printer-1' } })
  })

  it('[D6] a known device on another port is found by its fingerprint and keeps everything', async () => {
    const source = new TestSource()
    bench = await HubBench.start({ sources: [source] })
    const found = { fingerprint: 'usb-ACME_1234', label: 'ACME printer' }
    bench.plug('one')
    source.show({ ...found, url: 'memory:one' })
    await bench.call('device.add', {
      class: 'printer',
      driver: 'line-printer',
      port: 'memory:one',
      name: 'Bar',
    })
    await bench.clock.advance(1_000)
    source.show()
    bench.unplug('one')
    await bench.clock.advance(1_000)
    const twin = bench.plug('two')
    source.show({ ...found, url: 'memory:two' })
    await bench.clock.advance(1_000)
    expect(await bench.call('device.list', {})).toMatchObject({
      devices: [{ id: 'printer-1', name: 'Bar', port: 'memory:two', state: 'ready' }],
    })
    await bench.print('printer-1', 'a')
    await bench.settle()
    expect(twin.printed).toEqual(['a'])
  })

  it('[D7] lists found ports with their device, and refuses to probe one in use', async () => {
    const source = new TestSource()
    bench = await HubBench.start({ sources: [source] })
    await bench.printer('one')
    source.show(
      { url: 'memory:one', fingerprint: 'x', label: 'one' },
      { url: 'memory:free', fingerprint: 'y', label: 'free' },
    )
    await bench.settle()
    const { ports } = await bench.call('port.list', {})
    expect(ports.map(({ url, device }) => [url, device])).toEqual([
      ['memory:one', 'printer-1'],
      ['memory:free', null],
    ])
    expect(await code(bench.call('port.probe', { port: 'memory:one' }))).toBe('device_exists')
    expect(bench.events.filter(({ topic }) => topic === 'port.found')).toHaveLength(2)
    source.show()
    await bench.settle()
    expect(bench.events.filter(({ topic }) => topic === 'port.lost')).toHaveLength(2)
  })

  it('[D9] a row without its driver is left out with a reason, the others start', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    await first.stop()
    const { openStore } = await import('../../src/store/open.ts')
    const store = await openStore({ dir: first.dir, inline: true })
    const [row] = await store.devices.all()
    if (row !== undefined) await store.devices.put({ ...row, id: 'old', driver: 'gone', port: 'memory:old' })
    await store.close()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    expect((await bench.call('device.list', {})).devices.map(({ id }) => id)).toEqual(['printer-1'])
    expect(bench.hub.health()).toMatchObject({ status: 'degraded' })
    expect(bench.hub.health().reasons.join()).toContain('gone')
  })

  it.each([
    [{ class: 'printer', driver: 'nope', port: 'memory:x' }, 'driver_unknown'],
    [{ class: 'scale', driver: 'line-printer', port: 'memory:x' }, 'params_invalid'],
    [{ class: 'printer', driver: 'line-printer', port: 'memory:x', profile: 'nope' }, 'profile_unknown'],
    [{ class: 'printer', driver: 'line-printer', port: 'serial:/dev/x' }, 'port_invalid'],
    [{ class: 'printer', driver: 'line-printer', port: 'nonsense' }, 'port_invalid'],
    [
      { class: 'printer', driver: 'line-printer', port: 'memory:x', settings: { confirms: 3 } },
      'settings_invalid',
    ],
    [
      { class: 'printer', driver: 'line-printer', port: 'memory:x', settings: { colour: 3 } },
      'settings_invalid',
    ],
  ] as const)('refuses to add %j', async (wanted, expected) => {
    bench = await HubBench.start()
    expect(await code(bench.call('device.add', wanted))).toBe(expected)
    expect((await bench.call('device.list', {})).devices).toEqual([])
  })
})

describe('leases', () => {
  it('[L1] one client at a time, by name; renewed, released', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const device = 'printer-1'
    const { lease } = await bench.call('lease.acquire', { device, ms: 1_000 }, cashier)
    await expect(bench.call('lease.acquire', { device, ms: 1_000 }, otherCashier)).rejects.toMatchObject({
      code: 'device_leased',
      context: { client: 'till 1' },
    })
    await bench.clock.advance(900)
    await bench.call('lease.renew', { lease, ms: 1_000 }, cashier)
    await bench.clock.advance(900)
    expect(await code(bench.call('lease.acquire', { device, ms: 1_000 }, otherCashier))).toBe('device_leased')
    expect(await code(bench.call('lease.release', { lease }, otherCashier))).toBe('lease_unknown')
    await bench.call('lease.release', { lease }, cashier)
    expect((await bench.call('lease.acquire', { device, ms: 1_000 }, otherCashier)).lease).toBeDefined()
  })

  it('[L2] fences rise for ever', async () => {
    const first = await HubBench.start()
    await first.printer('one')
    const acquire = (from: HubBench) =>
      from.call('lease.acquire', { device: 'printer-1', ms: 1_000 }, cashier)
    const fences = [(await acquire(first)).fence, (await acquire(first)).fence]
    await first.stop()
    bench = await HubBench.start({ dir: first.dir, clock: first.clock })
    fences.push((await acquire(bench)).fence)
    expect(fences[1]).toBeGreaterThan(fences[0] ?? 0)
    expect(fences[2]).toBeGreaterThan(fences[1] ?? 0)
  })

  it('[L3] an expired lease is free for anybody and worth nothing to its holder', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const device = 'printer-1'
    const { lease } = await bench.call('lease.acquire', { device, ms: 1_000 }, cashier)
    await bench.clock.advance(1_001)
    expect(await code(bench.call('lease.renew', { lease, ms: 1_000 }, cashier))).toBe('lease_unknown')
    expect((await bench.call('lease.acquire', { device, ms: 1_000 }, otherCashier)).fence).toBeGreaterThan(0)
  })

  it('[L4] revoking a token gives its leases back', async () => {
    bench = await HubBench.start()
    await bench.printer('one')
    const { code: pairingCode } = await bench.call('pair.code', { role: 'cashier' })
    const { token } = await bench.hub.access.pair(pairingCode, 'till', '192.0.2.1')
    const till = await bench.hub.access.check(token)
    await bench.call('lease.acquire', { device: 'printer-1', ms: 60_000 }, till)
    await bench.call('token.revoke', { id: till?.client ?? '' }, technician)
    expect(
      (await bench.call('lease.acquire', { device: 'printer-1', ms: 1_000 }, otherCashier)).lease,
    ).toBeDefined()
  })
})

describe('roles', () => {
  it('[P18] each role may call what the table says, and nothing else', async () => {
    bench = await HubBench.start()
    const { methods, methodNames } = await import('../../src/protocol/methods.ts')
    let checked = 0
    for (const role of ['cashier', 'technician', 'monitor', 'owner'] as const) {
      for (const method of methodNames) {
        if (method === 'hello' || method === 'event.subscribe') continue
        const caller = { client: 'x', name: 'x', role }
        const answer = await code(bench.hub.call(method, { ms: 0 } as never, caller) as Promise<unknown>)
        const allowed = methods[method].roles.includes(role as never)
        expect([method, role, answer === 'forbidden']).toEqual([method, role, !allowed])
        checked++
      }
    }
    expect(checked).toBe((methodNames.length - 2) * 4)
  })
})
