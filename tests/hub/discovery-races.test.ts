/** Things that come, go and move while they are looked at: rules D5 to D13 of docs/devices-lifecycle.md. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver, Profile } from '../../src/drivers/driver.ts'
import { suggest } from '../../src/drivers/matching.ts'
import type { FoundPort, PortSource } from '../../src/hub/devices/discovery.ts'
import { codeOf as code, HubBench } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'
import { TestSource } from '../support/test-source.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

const known: Profile = { ...linePrinterProfile, match: [{ usb: '1234:0001' }], identity: ['line printer 3'] }
const other = { ...linePrinterDriver, id: 'other-printer' } as Driver

async function hubWith(kind: PortSource['kind'], autoAccept: readonly 'printer'[] = ['printer']) {
  const source = new TestSource(kind)
  const network = new TestSource('mdns')
  bench = await HubBench.start({
    sources: kind === 'mdns' ? [source] : [source, network],
    config: { discovery: { autoAccept } },
    drivers: [{ driver: other, profiles: [{ ...linePrinterProfile, driver: other.id }] }],
    parts: {
      suggest: (facts) => suggest(facts, [linePrinterDriver as Driver], [known]),
      scanNetwork: () => Promise.resolve({ hosts: ['192.168.1.50'], asked: 254 }),
    },
  })
  return { hub: bench, source, network }
}

const thing = (place: string, fingerprint = 'thing-1'): FoundPort => ({
  url: place.includes(':') ? place : `memory:${place}`,
  fingerprint,
  label: 'ACME',
  details: { vendorId: '1234', productId: '0001' },
})

const devicesOf = async (hub: HubBench) =>
  (await hub.call('device.list', {})).devices.map(({ id, port, state }) => `${id} ${port} ${state}`)
const ownersOf = async (hub: HubBench) =>
  (await hub.call('port.list', {})).ports.map(({ url, device }) => `${url} ${device}`)

describe('accepting', () => {
  it('[D11] of two things that wear one name at once, one is accepted and the other waits, by its place', async () => {
    const { hub, source } = await hubWith('serial')
    for (const name of ['one', 'two']) hub.plug(name)
    source.show(thing('one'), thing('two'))
    await hub.clock.advance(1_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:one ready'])
    expect(await ownersOf(hub)).toEqual(['memory:one printer-1', 'memory:two null'])
    await hub.call('device.add', { class: 'printer', driver: 'line-printer', port: 'memory:two' })
    await hub.clock.advance(1_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:one ready', 'printer-2 memory:two ready'])
    source.show()
    source.show(thing('two'), thing('one'))
    await hub.clock.advance(60_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:one ready', 'printer-2 memory:two ready'])
  })

  it('[D6] a device that works is not torn from its port by a second thing of its name', async () => {
    const { hub, source } = await hubWith('serial')
    const first = hub.plug('one')
    source.show(thing('one'))
    await hub.clock.advance(1_000)
    source.show(thing('one'), thing('two'))
    await hub.clock.advance(1_000)
    expect([await devicesOf(hub), first.attached]).toEqual([['printer-1 memory:one ready'], 1])
  })

  it('[D6] but follows its thing, also when that is seen in its new place before it is gone from the old one', async () => {
    const { hub, source } = await hubWith('serial')
    hub.plug('one')
    source.show(thing('one'))
    await hub.clock.advance(1_000)
    hub.plug('two')
    source.show(thing('one'), thing('two'))
    hub.unplug('one')
    source.show(thing('two'))
    await hub.clock.advance(1_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:two ready'])
  })

  it('[D8] what has gone while it was asked is not accepted', async () => {
    const { hub, source } = await hubWith('mdns')
    const { promise, resolve: opened } = Promise.withResolvers<void>()
    hub.opening = promise
    hub.plug('net')
    source.show({ ...thing('net'), label: 'ACME Line Printer 3', details: {} })
    await hub.clock.advance(10)
    source.show()
    opened()
    await hub.clock.advance(10_000)
    expect(await devicesOf(hub)).toEqual([])
  })

  it('[D12] what goes or moves in the moment of its acceptance is opened where it is, or not at all', async () => {
    const { hub, source } = await hubWith('hid')
    const [zero, one] = [hub.plug('hidraw0'), hub.plug('hidraw1')]
    source.show(thing('hidraw0'))
    source.show(thing('hidraw1'))
    await hub.clock.advance(1_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:hidraw1 ready'])
    expect([zero.attached, one.attached]).toEqual([0, 1])
    source.show(thing('hidraw1'), thing('hidraw0', 'thing-2'))
    source.show(thing('hidraw1'))
    await hub.clock.advance(60_000)
    expect((await devicesOf(hub)).filter((text) => text.includes('hidraw0'))).toEqual([
      'printer-2 memory:hidraw0 absent',
    ])
    expect(zero.attached).toBe(0)
  })

  it('[D10] a device that was removed stays away until its thing is plugged in again', async () => {
    const { hub, source } = await hubWith('serial')
    hub.plug('one')
    source.show(thing('one'))
    await hub.clock.advance(1_000)
    await hub.call('device.remove', { id: 'printer-1' })
    source.show(thing('one'), thing('two', 'thing-2'))
    await hub.clock.advance(60_000)
    expect(await ownersOf(hub)).toEqual(['memory:one null', 'memory:two printer-1'])
    source.show(thing('two', 'thing-2'))
    source.show(thing('one'), thing('two', 'thing-2'))
    await hub.clock.advance(1_000)
    expect(await ownersOf(hub)).toEqual(['memory:two printer-1', 'memory:one printer-2'])
  })
})

describe('places', () => {
  it('[D12] a tty that another thing has now is not opened for the thing that was there', async () => {
    const { hub, source } = await hubWith('serial')
    const twin = hub.plug('tty')
    source.show(thing('tty'))
    await hub.clock.advance(1_000)
    hub.unplug('tty')
    source.show()
    await hub.clock.advance(1_000)
    hub.plug('tty')
    source.show(thing('tty', 'thing-2'))
    await hub.clock.advance(60_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:tty absent', 'printer-2 memory:tty ready'])
    expect(twin.attached).toBe(2)
  })

  it('[D6] a printer that also announces itself in a way that its driver does not speak stays where it is', async () => {
    const { hub, source } = await hubWith('mdns')
    const twin = hub.plug('net')
    source.show({ ...thing('net'), label: 'ACME Line Printer 3', details: {} })
    await hub.clock.advance(1_000)
    source.show({ ...thing('ipp://192.168.1.50/ipp/print'), label: 'ACME Line Printer 3', details: {} })
    await hub.clock.advance(1_000)
    expect(await devicesOf(hub)).toEqual(['printer-1 memory:net ready'])
    expect(twin.attached).toBe(2)
  })

  it('[D14] what was found by a search is known better when it announces itself, and shows the device that has it', async () => {
    const { hub, network } = await hubWith('serial', [])
    const url = 'tcp://192.168.1.50:9100'
    await hub.call('port.scan', {})
    network.show({ ...thing(url, 'mdns:acme'), label: 'ACME Line Printer 3', details: {} })
    await hub.settle()
    expect((await hub.call('port.list', {})).ports).toMatchObject([
      { url, source: 'mdns', label: 'ACME Line Printer 3', suggestion: { driver: 'line-printer' } },
    ])
    network.show()
    await hub.call('port.scan', {})
    await hub.call('device.add', { class: 'printer', driver: 'line-printer', port: url })
    network.show({ ...thing(url, 'mdns:acme'), label: 'ACME Line Printer 3', details: {} })
    await hub.settle()
    expect(await ownersOf(hub)).toEqual([`${url} printer-1`])
  })
})

describe('asking', () => {
  it('[D7] a question in another language is asked after the one that is running, and gets its own answer', async () => {
    const { hub } = await hubWith('serial')
    const twin = hub.plug('one')
    const [first, second] = [
      hub.call('port.probe', { port: 'memory:one', driver: 'line-printer' }),
      hub.call('port.probe', { port: 'memory:one', driver: 'other-printer' }),
    ]
    await hub.clock.advance(5_000)
    expect((await first).suggestion?.driver).toBe('line-printer')
    expect((await second).suggestion?.driver).toBe('other-printer')
    expect(twin.attached).toBe(2)
  })

  it('[D7] a plan ends when a device takes the port', async () => {
    const { hub } = await hubWith('serial')
    let opened = 0
    hub.ports.offer('one', () => {
      opened++
    })
    const probe = code(hub.call('port.probe', { port: 'memory:one' }))
    await hub.clock.advance(10)
    await hub.call('device.add', { class: 'printer', driver: 'line-printer', port: 'memory:one' })
    await hub.clock.advance(2_500)
    expect(await probe).toBe('device_exists')
    expect(opened).toBe(1)
  })
})
