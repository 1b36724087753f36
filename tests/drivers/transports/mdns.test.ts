/** Browsing for printers, against a second mDNS responder on the loopback interface and a UDP port of our own. */
import { createSocket } from 'node:dgram'
import { type EventEmitter, once } from 'node:events'
import { Bonjour, type ServiceConfig } from 'bonjour-service'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  describeService,
  type FoundService,
  MdnsPorts,
  missedRoundsMax,
  roundsMs,
  servicesMax,
} from '../../../src/drivers/transports/mdns.ts'
import { TestClock } from '../../support/clock.ts'

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

type Multicast = EventEmitter & { respond(records: object, sent: () => void): void }

/** A network of one browser and some printers. */
async function network() {
  const udpPort = await freeUdpPort()
  const clock = new TestClock()
  const ports = new MdnsPorts({ clock, interface: '127.0.0.1', udpPort })
  onTestFinished(() => ports.stop())
  let list: readonly FoundService[] = []
  let wake: () => void = () => {}
  const calls: number[] = []
  return {
    clock,
    ports,
    calls,
    list: () => list,
    start: () =>
      ports.start((found) => {
        list = found
        calls.push(found.length)
        wake()
      }),
    async until(fits: (list: readonly FoundService[]) => boolean): Promise<readonly FoundService[]> {
      while (!fits(list)) await new Promise<void>((resolve) => (wake = resolve))
      return list
    },
    /** A third party on the network: settles at the next answer that anybody gives. */
    listenIn() {
      const witness = new Bonjour({ interface: '127.0.0.1', bind: '0.0.0.0', port: udpPort } as object)
      onTestFinished(() => new Promise<void>((resolve) => witness.destroy(() => resolve())))
      const { mdns } = (witness as unknown as { server: { mdns: Multicast } }).server
      return {
        ready: once(mdns, 'ready'),
        answer: () => once(mdns, 'response'),
        say: (records: object) => new Promise<void>((resolve) => mdns.respond(records, () => resolve())),
      }
    },
    printer(...services: ServiceConfig[]) {
      const options = { interface: '127.0.0.1', bind: '0.0.0.0', port: udpPort } as object
      const responder = new Bonjour(options)
      for (const service of services) responder.publish({ probe: false, ...service })
      let gone = false
      const destroy = () =>
        new Promise<void>((resolve) => (gone ? resolve() : responder.destroy(() => resolve()))).then(() => {
          gone = true
        })
      onTestFinished(destroy)
      return {
        goodbye: () => new Promise<void>((resolve) => responder.unpublishAll(() => resolve())),
        /** Gone without a word. */
        destroy,
      }
    },
  }
}

const uuid = 'cfe92100-67c4-11d4-a45f-f8d027761251'
const receipt: ServiceConfig = {
  name: 'Receipt printer (Rev. 1.2)',
  type: 'pdl-datastream',
  port: 9100,
  host: 'tm-m30.local',
  txt: { ty: 'EPSON TM-m30III', UUID: uuid, usb_MFG: 'EPSON', usb_MDL: 'TM-m30III', note: '' },
}

const announced = (fields: object) =>
  describeService('pdl-datastream', {
    fqdn: 'Bar._pdl-datastream._tcp.local',
    host: 'bar.local',
    port: 9100,
    addresses: ['10.0.0.7'],
    ...fields,
  })

describe('mDNS', () => {
  it('[MDNS1] a printer that announces itself is found', async () => {
    const net = await network()
    await net.start()
    net.printer(receipt)
    const [found] = await net.until((list) => list.length === 1)
    expect(found).toMatchObject({
      name: 'Receipt printer (Rev- 1-2)',
      label: 'EPSON TM-m30III',
      fingerprint: `mdns:${uuid}`,
      host: 'tm-m30.local',
      port: 9100,
      url: expect.stringMatching(/^tcp:\/\/\d+\.\d+\.\d+\.\d+:9100$/),
      details: { maker: 'EPSON', model: 'TM-m30III' },
      txt: { ty: 'EPSON TM-m30III', uuid, usb_mfg: 'EPSON', usb_mdl: 'TM-m30III' },
    })
    expect(found?.addresses.length).toBeGreaterThan(0)
  })

  it('[MDNS1] one that was there before is asked for, and its name may have dots', async () => {
    const net = await network()
    net.printer({ name: 'Kitchen', type: 'printer', port: 515, txt: {} })
    await net.start()
    const [found] = await net.until((list) => list.length === 1)
    expect(found).toMatchObject({
      name: 'Kitchen',
      fingerprint: 'mdns:Kitchen',
      label: 'Kitchen',
      port: 9100,
    })
    const dots = announced({ fqdn: 'Star TSP143 (10.0.0.7)._pdl-datastream._tcp.local' })
    expect(dots?.name).toBe('Star TSP143 (10.0.0.7)')
  })

  it('[MDNS2] a goodbye takes it away', async () => {
    const net = await network()
    await net.start()
    const printer = net.printer(receipt)
    await net.until((list) => list.length === 1)
    await printer.goodbye()
    expect(await net.until((list) => list.length === 0)).toEqual([])
  })

  it('[MDNS2] so do four questions without an answer, and not three', async () => {
    const net = await network()
    await net.start()
    const printer = net.printer(receipt)
    await net.until((list) => list.length === 1)
    await printer.destroy()
    for (let round = 0; round < missedRoundsMax; round++) await net.clock.advance(roundsMs[round] ?? 60_000)
    expect(net.calls).toEqual([1])
    await net.clock.advance(60_000)
    expect(net.calls).toEqual([1, 0])
  })

  it('[MDNS2] one that goes on answering stays, and is told once', async () => {
    const net = await network()
    await net.start()
    net.printer(receipt)
    await net.until((list) => list.length === 1)
    const second = { ...receipt, name: 'Second', txt: { UUID: 'second' } }
    const witness = net.listenIn()
    await witness.ready
    for (let round = 0; round < missedRoundsMax + 4; round++) {
      const answer = witness.answer()
      await net.clock.advance(60_000)
      await answer
    }
    net.printer(second)
    await net.until((list) => list.length === 2)
    expect(net.calls).toEqual([1, 2])
  })

  it('[MDNS3] one printer under two types is one entry, by its raw port', async () => {
    const net = await network()
    await net.start()
    net.printer({ ...receipt, type: 'printer', port: 515 }, receipt, {
      ...receipt,
      name: 'Bar',
      txt: { UUID: 'bar' },
    })
    const list = await net.until((found) => found.length === 2)
    expect(list.map(({ fingerprint, port }) => [fingerprint, port])).toEqual([
      ['mdns:bar', 9100],
      [`mdns:${uuid}`, 9100],
    ])
    expect(announced({ txt: { SN: 'X1' } })?.fingerprint).toBe('mdns:X1')
    expect(announced({})?.fingerprint).toBe('mdns:Bar')
  })

  it('[MDNS3] an answer that leaves the text out does not rename the printer', async () => {
    const net = await network()
    await net.start()
    net.printer(receipt)
    await net.until((list) => list.length === 1)
    const witness = net.listenIn()
    await witness.ready
    const heard = witness.answer()
    const fqdn = 'Receipt printer (Rev- 1-2)._pdl-datastream._tcp.local'
    await witness.say({
      answers: [{ name: '_pdl-datastream._tcp.local', type: 'PTR', ttl: 120, data: fqdn }],
      additionals: [
        { name: fqdn, type: 'SRV', ttl: 120, data: { port: 9100, target: 'tm-m30.local' } },
        { name: 'tm-m30.local', type: 'A', ttl: 120, data: '127.0.0.1' },
      ],
    })
    await heard
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(net.calls).toEqual([1])
    expect(net.list().map(({ label }) => label)).toEqual(['EPSON TM-m30III'])
  })

  it('[MDNS4] the label is the model, else the product, else the name', () => {
    expect(announced({ txt: { ty: 'TM', product: '(P)' } })?.label).toBe('TM')
    expect(announced({ txt: { product: '(TM-T88VII)' } })?.label).toBe('TM-T88VII')
    expect(announced({ txt: { ty: '' } })?.label).toBe('Bar')
  })

  it('[MDNS5] without a usable network it starts, says why, and tries again', async () => {
    const udpPort = await freeUdpPort()
    const taken = createSocket('udp4')
    await new Promise<void>((resolve) => taken.bind(udpPort, '0.0.0.0', resolve))
    const clock = new TestClock()
    const ports = new MdnsPorts({ clock, interface: '127.0.0.1', udpPort })
    onTestFinished(() => ports.stop())
    await ports.start(() => {})
    expect(ports.trouble).toMatch(/cannot be looked for: .*EADDRINUSE/)
    await new Promise<void>((resolve) => taken.close(() => resolve()))
    await clock.advance(60_000)
    while (ports.trouble !== undefined) await new Promise((resolve) => setImmediate(resolve))
    expect(ports.trouble).toBeUndefined()
  })

  it('[MDNS8] a listener that throws does not end the hub, and is told again', async () => {
    const net = await network()
    let calls = 0
    await net.ports.start(() => {
      calls++
      if (calls === 1) throw new RangeError('the listener broke')
    })
    net.printer(receipt)
    await expect.poll(() => calls).toBe(1)
    expect(net.ports.trouble).toMatch(/the listener broke/)
    await net.clock.advance(roundsMs[0])
    await expect.poll(() => calls).toBe(2)
    expect(net.ports.trouble).toBeUndefined()
  })

  it('[MDNS6] stop is safe twice and during start, and frees the socket', async () => {
    const net = await network()
    const starting = net.start()
    await Promise.all([net.ports.stop(), net.ports.stop()])
    await starting
    await net.start()
    await net.ports.stop()
    expect(net.clock.pending).toBe(0)
    expect(net.calls).toEqual([])
  })

  it('[MDNS7] text from the network is cut and cleaned, and what cannot be reached is left out', () => {
    const found = announced({ txt: { ty: `A\u001b[2J${'x'.repeat(500)}`, binary: Buffer.of(1) } })
    expect(found?.label).toHaveLength(120)
    expect(found?.label.startsWith('A [2Jx')).toBe(true)
    expect(Object.keys(found?.txt ?? {})).toEqual(['ty'])
    expect(announced({ addresses: ['fe80::1'] })).toBeUndefined()
    expect(announced({ port: 0 })).toBeUndefined()
  })

  it('[MDNS7] more printers than the limit are noise', async () => {
    const net = await network()
    await net.start()
    const crowd = Array.from({ length: servicesMax + 5 }, (_, index) => ({
      name: `Printer ${index}`,
      type: 'pdl-datastream',
      port: 9100,
      txt: { UUID: `u${index}` },
    }))
    for (let start = 0; start < crowd.length; start += 20) net.printer(...crowd.slice(start, start + 20))
    await net.until((list) => list.length === servicesMax)
    await net.clock.advance(1_000)
    expect(Math.max(...net.calls)).toBe(servicesMax)
  })
})
