/** Finding devices by rules D7 to D15 of docs/devices-lifecycle.md, on real services with ports in memory. */
import { afterEach, describe, expect, it } from 'vitest'
import type { Driver, Profile } from '../../src/drivers/driver.ts'
import { suggest } from '../../src/drivers/matching.ts'
import type { PortAddress } from '../../src/drivers/transports/transport.ts'
import type { PortSource } from '../../src/hub/devices/discovery.ts'
import { planOf } from '../../src/hub/devices/prober.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { Params } from '../../src/protocol/methods.ts'
import { codeOf as code, HubBench } from '../support/hub-bench.ts'
import { linePrinterDriver, linePrinterProfile } from '../support/line-printer.ts'
import { TestSource } from '../support/test-source.ts'

let bench: HubBench | undefined
afterEach(async () => {
  await bench?.end()
  bench = undefined
})

const known: Profile = {
  ...linePrinterProfile,
  match: [{ usb: '1234:0001' }],
  identity: ['line printer 3'],
}
const suggestFor: HubBench['hub'] extends never
  ? never
  : (facts: Parameters<typeof suggest>[0]) => ReturnType<typeof suggest> = (facts) =>
  suggest(facts, [linePrinterDriver as Driver], [known])

async function appears(options: {
  kind?: PortSource['kind']
  autoAccept?: readonly ('printer' | 'scale')[]
  details?: Record<string, string>
  label?: string
  answers?: boolean
}) {
  const source = new TestSource(options.kind ?? 'usb')
  bench = await HubBench.start({
    sources: [source],
    config: { discovery: { autoAccept: options.autoAccept ?? ['printer'] } },
    parts: {
      suggest: suggestFor,
      matchProfile: () => ({ driver: 'line-printer', profile: 'generic' }),
    },
  })
  const twin = options.answers === false ? undefined : bench.plug('net')
  const port = { url: 'memory:net', fingerprint: 'thing-1', label: options.label ?? 'ACME' }
  source.show({ ...port, details: options.details ?? {} })
  await bench.clock.advance(60_000)
  const { devices } = await bench.call('device.list', {})
  const [found] = (await bench.call('port.list', {})).ports
  return { bench, source, devices, port: found, asked: twin?.attached ?? 0 }
}
const byIds = { vendorId: '1234', productId: '0001' }

describe('acceptance', () => {
  it('[D10] a thing whose ids are those of a profile is accepted by itself where its class is set to that', async () => {
    const { devices, port } = await appears({ details: byIds })
    expect(devices).toMatchObject([{ id: 'printer-1', name: 'ACME', state: 'ready', port: 'memory:net' }])
    expect(port).toMatchObject({ device: 'printer-1', suggestion: { sure: true, profile: 'generic' } })
  })

  it('[D10] and waits for a technician where it is not, with what it is and its ids', async () => {
    const { devices, port, asked } = await appears({ details: byIds, autoAccept: ['scale'] })
    expect([devices, asked]).toEqual([[], 0])
    expect(port).toMatchObject({
      label: 'ACME',
      device: null,
      suggestion: { class: 'printer', driver: 'line-printer', sure: true },
      details: byIds,
    })
  })

  it('[D8] a network printer that announces a known model is asked whether it is one, then accepted', async () => {
    const { devices } = await appears({ kind: 'mdns', label: 'ACME Line Printer 3' })
    expect(devices).toMatchObject([{ name: 'ACME Line Printer 3', state: 'ready' }])
  })

  it.each([
    ['announces another model', { kind: 'mdns', label: 'ACME LaserJet' }],
    ['does not answer', { kind: 'mdns', label: 'ACME Line Printer 3', answers: false }],
    [
      'only looks like one on a serial port',
      { kind: 'serial', details: { vendorId: '1234', productId: '0002' } },
    ],
  ] as const)('[D8] what %s is listed and not accepted', async (_, options) => {
    const { devices, port } = await appears(options)
    expect(devices).toEqual([])
    expect(port).toMatchObject({ url: 'memory:net', device: null })
  })
})

describe('the same again', () => {
  it('[D11] two of a kind are two devices, each found again where it is plugged in', async () => {
    const { bench, source } = await appears({ details: byIds })
    bench.plug('second')
    const first = { url: 'memory:net', fingerprint: 'thing-1', label: 'ACME', details: byIds }
    const second = { url: 'memory:second', fingerprint: 'thing-2', label: 'ACME', details: byIds }
    source.show(first, second)
    await bench.clock.advance(5_000)
    expect((await bench.call('device.list', {})).devices.map(({ id, port }) => [id, port])).toEqual([
      ['printer-1', 'memory:net'],
      ['printer-2', 'memory:second'],
    ])
    source.show()
    bench.unplug('net')
    bench.unplug('second')
    await bench.clock.advance(1_000)
    bench.plug('third')
    source.show({ ...second, url: 'memory:third' })
    await bench.clock.advance(1_000)
    expect(
      (await bench.call('device.list', {})).devices.map(({ id, port, state }) => [id, port, state]),
    ).toEqual([
      ['printer-1', 'memory:net', 'absent'],
      ['printer-2', 'memory:third', 'ready'],
    ])
  })

  it('[D12] a node that another thing has now is not opened for the thing that was there', async () => {
    const source = new TestSource('hid')
    bench = await HubBench.start({
      sources: [source],
      config: { discovery: { autoAccept: ['printer'] } },
      parts: { suggest: suggestFor },
    })
    const one = bench.plug('hidraw0')
    const port = { url: 'memory:hidraw0', label: 'ACME', details: byIds }
    source.show({ ...port, fingerprint: 'thing-1' })
    await bench.clock.advance(5_000)
    expect(one.attached).toBe(1)
    bench.unplug('hidraw0')
    source.show()
    await bench.clock.advance(1_000)
    const [gone] = (await bench.call('device.list', {})).devices
    expect(gone).toMatchObject({ state: 'absent', faults: [{ message: 'It is not plugged in.' }] })
    bench.plug('hidraw0')
    source.show({ ...port, fingerprint: 'thing-2' })
    await bench.clock.advance(120_000)
    expect((await bench.call('device.list', {})).devices.map(({ id, state }) => [id, state])).toEqual([
      ['printer-1', 'absent'],
      ['printer-2', 'ready'],
    ])
    expect(one.attached).toBe(2)
  })
})

describe('asking', () => {
  const driver = (id: string, more: Partial<Driver>): Driver =>
    ({ ...linePrinterDriver, id, transports: ['serial', 'memory'], ...more }) as Driver
  const port: PortAddress = {
    kind: 'serial',
    target: '/dev/ttyUSB0',
    url: 'serial:/dev/ttyUSB0',
    options: {},
  }
  const late = driver('late', { probeRank: 90, portDefaults: { baud: '4800' } })
  const early = driver('early', {
    probeRank: 10,
    probeLines: [{ baud: '9600', format: '7E1' }, { baud: '2400' }],
  })
  const lines = (address: PortAddress, wanted?: string) =>
    planOf(address, [late, early], wanted).map(({ driver: { id }, line }) => [id, line.baud])

  it('[D13] the plan of a port: languages by rank on their likeliest line, then the other lines', () => {
    expect(lines(port)).toEqual([
      ['early', '9600'],
      ['late', '4800'],
      ['early', '2400'],
    ])
    expect(lines(port, 'late')).toEqual([['late', '4800']])
    expect(lines({ ...port, kind: 'tcp' })).toEqual([])
  })

  it('[D13] line settings that the technician names are the only ones tried', () => {
    expect(
      planOf({ ...port, options: { baud: '1200' } }, [early, late]).map(({ driver: { id } }) => id),
    ).toEqual(['early', 'late'])
  })

  it('[D13] a port that answers is shown with what was found out, and one that does not without', async () => {
    const { bench } = await appears({ autoAccept: [], details: {} })
    expect(await bench.call('port.probe', { port: 'memory:net' })).toMatchObject({
      url: 'memory:net',
      label: 'Tests Line Printer',
      suggestion: { driver: 'line-printer', profile: 'generic', sure: true },
    })
    expect((await bench.call('port.list', {})).ports[0]).toMatchObject({ label: 'Tests Line Printer' })
    bench.ports.offer('mute', () => {})
    const asked = bench.call('port.probe', { port: 'memory:mute' })
    await bench.clock.advance(3_000)
    expect(await asked).toMatchObject({ url: 'memory:mute', suggestion: null })
  })
})

describe('looking for printers on the LAN', () => {
  it('[D14] lists who takes connections, asks nothing, and one search runs at a time', async () => {
    let finish = () => {}
    const searched: (string | undefined)[] = []
    bench = await HubBench.start({
      parts: {
        async scanNetwork(network) {
          searched.push(network)
          await new Promise<void>((resolve) => {
            finish = resolve
          })
          return { hosts: ['192.168.1.50'], asked: 254 }
        },
      },
    })
    const search = bench.call('port.scan', { network: '192.168.1.0/24' })
    expect(await code(Promise.resolve().then(() => bench?.call('port.scan', {})))).toBe('device_busy')
    finish()
    expect(await search).toMatchObject({
      asked: 254,
      ports: [{ url: 'tcp://192.168.1.50:9100', source: 'scan', device: null, suggestion: null }],
    })
    expect(searched).toEqual(['192.168.1.0/24'])
    expect((await bench.call('port.list', {})).ports).toHaveLength(1)
  })
})

describe('teaching', () => {
  /** A keyboard in memory: what it types is text, its layout the word before a colon. */
  function withKeyboards(ms: Params<'port.teach.start'>['ms'] = 30_000, offered = ['left', 'right']) {
    const source = new TestSource('hid')
    const typed: Record<string, (text: string) => void> = {}
    const started = HubBench.start({
      sources: [source],
      parts: {
        teaching: {
          driver: 'line-printer',
          code: () => 'TB-yz',
          picture: (shown) => Promise.resolve(`<svg>${shown}</svg>`),
          typist() {
            let text = ''
            return {
              feed: (report) => {
                text += Buffer.from(report).toString()
              },
              spellings: (wanted) => (text.endsWith(`de:${wanted}`) ? [{ layout: 'de' }] : []),
            }
          },
        },
      },
    })
    return started.then(async (hub) => {
      bench = hub
      const offer = (name: string) =>
        hub.ports.offer(name, (end) => {
          typed[name] = (text) => end.write(Buffer.from(text))
        })
      for (const name of offered) offer(name)
      const show = (...names: string[]) =>
        source.show(
          ...names.map((name) => ({
            url: `memory:${name}`,
            fingerprint: `hid-${name}`,
            label: name,
            details: { keyboard: 'yes' },
          })),
        )
      show('left', 'right')
      await hub.settle()
      const lesson = await hub.call('port.teach.start', { ms })
      await hub.settle()
      return { hub, typed, lesson, offer, show }
    })
  }

  it('[D15] the keyboard that types the code is the scanner, with the layout it typed in', async () => {
    const { hub, typed, lesson } = await withKeyboards()
    expect(lesson).toMatchObject({ code: 'TB-yz', svg: '<svg>TB-yz</svg>' })
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    typed.left?.('hello')
    typed.right?.('xde:TB-yz')
    expect(await wait).toMatchObject({
      url: 'memory:right',
      suggestion: { class: 'scanner', settings: { layout: 'de' }, sure: true },
    })
    // The ports are free again, for the driver to take.
    expect(hub.ports.names()).toEqual(['left', 'right'])
    const address = { kind: 'memory', target: 'right', url: 'memory:right', options: {} } as const
    await (await hub.ports.open(address)).close()
  })

  /** Nobody has the port open any more: a driver can take it. */
  const isFree = (hub: HubBench, name: string) =>
    hub.ports
      .open({ kind: 'memory', target: name, url: `memory:${name}`, options: {} })
      .then((transport) => transport.close())
      .then(
        () => true,
        () => false,
      )

  it('[D15] a scanner that leaves the bus and comes back, as it does when it is set up, is heard again', async () => {
    const { hub, typed, lesson, offer, show } = await withKeyboards()
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    hub.ports.withdraw('right')
    show('left')
    await hub.clock.advance(1_500)
    offer('right')
    show('left', 'right')
    await hub.clock.advance(1_000)
    typed.right?.('de:TB-yz')
    expect(await wait).toMatchObject({ url: 'memory:right' })
    expect([await isFree(hub, 'left'), await isFree(hub, 'right')]).toEqual([true, true])
  })

  it('[D15] a scanner that is back before discovery noticed is heard again', async () => {
    const { hub, typed, lesson, offer } = await withKeyboards()
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    hub.ports.withdraw('right')
    offer('right')
    await hub.clock.advance(1_000)
    typed.right?.('de:TB-yz')
    expect(await wait).toMatchObject({ url: 'memory:right' })
  })

  it('[D15] a keyboard that cannot be opened is tried again, and keeps nobody from being heard', async () => {
    const { hub, typed, lesson, offer } = await withKeyboards(30_000, ['left'])
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    await hub.clock.advance(2_000)
    offer('right')
    await hub.clock.advance(1_000)
    typed.right?.('de:TB-yz')
    expect(await wait).toMatchObject({ url: 'memory:right' })
    expect(await isFree(hub, 'left')).toBe(true)
  })

  it('[D15] all of them pulled out, the lesson ends in its time, and leaves no port open', async () => {
    const { hub, lesson, offer, show } = await withKeyboards(5_000)
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    wait.catch(() => {})
    for (const name of ['left', 'right']) hub.ports.withdraw(name)
    show()
    await hub.clock.advance(5_001)
    expect(await code(wait)).toBe('teach_timeout')
    offer('left')
    expect(await isFree(hub, 'left')).toBe(true)
  })

  it('[D15] a picture that cannot be drawn ends the lesson, and the next may begin', async () => {
    let draws = false
    bench = await HubBench.start({
      sources: [],
      parts: {
        teaching: {
          driver: 'line-printer',
          code: () => 'TB-yz',
          picture: (shown) =>
            draws ? Promise.resolve(shown) : Promise.reject(new HubError('internal', { reason: 'no ink' })),
          typist: () => ({ feed() {}, spellings: () => [] }),
        },
      },
    })
    expect(await code(bench.call('port.teach.start', { ms: 5_000 }))).toBe('internal')
    draws = true
    const before = bench.clock.now()
    const { expiresAt } = await bench.call('port.teach.start', { ms: 5_000 })
    expect(Date.parse(expiresAt)).toBe(before + 5_000)
  })

  it('[D15] nobody types it: an error when the time is over, and the next lesson may begin', async () => {
    const { hub, lesson } = await withKeyboards(5_000)
    expect(await code(hub.call('port.teach.start', { ms: 5_000 }))).toBe('teach_running')
    const wait = hub.call('port.teach.wait', { teach: lesson.teach })
    wait.catch(() => {})
    await hub.clock.advance(5_001)
    expect(await code(wait)).toBe('teach_timeout')
    expect(await code(hub.call('port.teach.wait', { teach: lesson.teach }))).toBe('teach_timeout')
    expect(await code(hub.call('port.teach.wait', { teach: 'other' }))).toBe('teach_unknown')
    await hub.call('port.teach.start', { ms: 5_000 })
  })
})
