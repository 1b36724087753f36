/** HID devices of a box, on made-up /dev and /sys folders and on the real ones. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FoundPort } from '../../../src/drivers/transports/enumerate.ts'
import { HidPorts, listHidPorts } from '../../../src/drivers/transports/enumerate-hid.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { quietMs } from '../../../src/drivers/transports/watch-folders.ts'
import { TestClock } from '../../support/clock.ts'
import { followPorts } from './follow.ts'
import { HidBox } from './hid-support.ts'

const collection = (page: number, usage: number) => [0x05, page, 0x09, usage, 0xa1, 0x01, 0xc0]
const scanner = {
  vendorId: '0c2e',
  productId: '0b8f',
  name: 'Honeywell Scanner',
  descriptor: collection(0x8c, 2),
}
const fingerprints = (ports: readonly FoundPort[]) => ports.map(({ fingerprint }) => fingerprint)

describe('HID ports', () => {
  it('[HIDP1] a device with a serial number is named by it, with all its facts', async () => {
    const box = new HidBox()
    box.plug('hidraw0', {
      descriptor: collection(0x8d, 0x20),
      uniq: '0071234',
      usb: { manufacturer: 'DYMO', product: 'DYMO M10', serial: '0071234' },
    })
    expect(await listHidPorts(box.sys)).toEqual([
      {
        url: 'hid:/dev/hidraw0',
        fingerprint: 'hid:0922:8003-0071234/input0',
        label: 'DYMO M10 (hidraw0)',
        details: {
          vendorId: '0922',
          productId: '8003',
          usagePage: '8d',
          usage: '20',
          maker: 'DYMO',
          product: 'DYMO M10',
          serial: '0071234',
          phys: 'usb-0000:00:14.0-hidraw0/input0',
          bus: 'usb',
        },
      },
    ])
  })

  it('[HIDP6] a device is not there before udev is done with it: its rights are not set', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { ...scanner, uniq: 'S1' })
    const run = mkdtempSync(join(tmpdir(), 'tillbridge-udev-'))
    onTestFinished(() => rmSync(run, { recursive: true }))
    writeFileSync(join(box.sys, 'class/hidraw/hidraw0/dev'), '241:0\n')
    expect(await listHidPorts(box.sys, run)).toHaveLength(1)
    mkdirSync(join(run, 'udev/data'), { recursive: true })
    writeFileSync(join(run, 'udev/control'), '')
    expect(await listHidPorts(box.sys, run)).toEqual([])
    writeFileSync(join(run, 'udev/data/c241:0'), '')
    expect(await listHidPorts(box.sys, run)).toHaveLength(1)
  })

  it('[HIDP1] two scanners without serial numbers, or with one and the same, stay two, by their places', async () => {
    for (const uniq of ['', '0000', 'S1']) {
      const box = new HidBox()
      box.plug('hidraw0', { ...scanner, uniq, phys: 'usb-1.1/input0' })
      box.plug('hidraw1', { ...scanner, uniq, phys: 'usb-1.2/input0' })
      expect(fingerprints(await listHidPorts(box.sys))).toEqual([
        'hid:0c2e:0b8f@usb-1.1/input0',
        'hid:0c2e:0b8f@usb-1.2/input0',
      ])
    }
  })

  it('[HIDP1] the node may change, the fingerprint does not; without a place the node is all there is', async () => {
    const [before, after] = [new HidBox(), new HidBox()]
    before.plug('hidraw0', { ...scanner, uniq: 'S1', phys: 'usb-1.1/input0' })
    after.plug('hidraw10', { ...scanner, uniq: 'S1', phys: 'usb-2.4/input0' })
    expect(fingerprints(await listHidPorts(before.sys))).toEqual(fingerprints(await listHidPorts(after.sys)))
    const nowhere = new HidBox()
    nowhere.plug('hidraw2', { ...scanner, phys: '' })
    expect(fingerprints(await listHidPorts(nowhere.sys))).toEqual(['hid:0c2e:0b8f@hidraw2'])
  })

  it('[HIDP2] keyboards say so, and a collection of a shop goes before others', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { ...scanner, descriptor: [...collection(0x01, 0x06), ...collection(0x8c, 0x02)] })
    box.plug('hidraw1', {
      ...scanner,
      bus: '0005',
      descriptor: [...collection(0x0c, 1), ...collection(0x01, 0x06)],
    })
    const details = (await listHidPorts(box.sys)).map((port) => port.details)
    expect(details).toMatchObject([
      { usagePage: '8c', usage: '02', keyboard: 'yes', bus: 'usb' },
      { usagePage: '0c', usage: '01', keyboard: 'yes', bus: 'bluetooth' },
    ])
  })

  it('[HIDP3] mice, touch screens and volume keys are left out; what has no descriptor is not', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { descriptor: collection(0x01, 0x02) })
    box.plug('hidraw1', { descriptor: collection(0x0d, 0x04) })
    box.plug('hidraw2', { descriptor: [...collection(0x0c, 0x01), ...collection(0x01, 0x80)] })
    box.plug('hidraw3', {})
    box.plug('hidraw12', { descriptor: [0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0xc0] })
    const ports = await listHidPorts(box.sys)
    expect(ports.map(({ url }) => url)).toEqual(['hid:/dev/hidraw3', 'hid:/dev/hidraw12'])
    expect(ports[1]?.details).toMatchObject({ usagePage: 'ff00', usage: '01' })
    expect(ports[0]?.details.usagePage).toBeUndefined()
  })

  it('[HIDP4] coming and going is told, and nothing after stop', async () => {
    const box = new HidBox()
    const clock = new TestClock()
    const ports = new HidPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    const { told, starting, next } = followPorts(ports, clock, quietMs)
    await starting
    box.plug('hidraw0', scanner)
    await next(2)
    box.unplug('hidraw0')
    await next(3)
    expect(told.map(({ length }) => length)).toEqual([0, 1, 0])
    expect(ports.trouble).toBeUndefined()
    await ports.stop()
    await ports.stop()
    expect(clock.pending).toBe(0)
  })

  it('[HIDP4] without sysfs there is nothing; a device that is half there is passed over', async () => {
    const box = new HidBox()
    expect(await listHidPorts(`${box.root}/nowhere`)).toEqual([])
    box.file('sys/class/hidraw/hidraw0/device/uevent', 'HID_ID=broken\n')
    box.file('sys/class/hidraw/other/device/uevent', '')
    expect(await listHidPorts(box.sys)).toEqual([])
  })

  it('[HIDP4] the real box can be listed', async () => {
    const ports = await listHidPorts()
    expect(ports.filter(({ url }) => parsePortUrl(url).kind !== 'hid')).toEqual([])
  })

  it('[HIDP5] the interfaces of one device stay apart', async () => {
    const box = new HidBox()
    box.plug('hidraw0', { ...scanner, uniq: 'S1', phys: 'usb-1.1/input0', descriptor: collection(1, 6) })
    box.plug('hidraw1', { ...scanner, uniq: 'S1', phys: 'usb-1.1/input1' })
    expect(fingerprints(await listHidPorts(box.sys))).toEqual([
      'hid:0c2e:0b8f-S1/input0',
      'hid:0c2e:0b8f-S1/input1',
    ])
  })
})
