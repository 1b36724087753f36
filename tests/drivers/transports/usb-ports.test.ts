/** USB devices of a box, on made-up /dev and /sys folders and on the real ones. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FoundPort, fallbackScanMs, quietMs } from '../../../src/drivers/transports/enumerate.ts'
import { listUsbPorts, UsbPorts, usbSecondLookMs } from '../../../src/drivers/transports/enumerate-usb.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { followPorts } from './follow.ts'
import { type BoxDevice, epson, nameless, UsbBox } from './usb-box.ts'

const list = (box: UsbBox, ids?: Map<string, string>) => listUsbPorts(box.dev, box.sys, ids)
const names = (ports: readonly FoundPort[]) => ports.map(({ fingerprint }) => fingerprint)

function follow(box: UsbBox, clock: TestClock, ms = quietMs) {
  const ports = new UsbPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
  onTestFinished(() => ports.stop())
  return { ports, ...followPorts(ports, clock, ms) }
}

describe('USB devices', () => {
  it('[ENUMU1] a printer with a serial number is named by it, with all that the kernel knows', async () => {
    const box = new UsbBox()
    box.plug('1-1.2', epson)
    expect(await list(box)).toEqual([
      {
        url: 'usb:04b8:0e28/X5AB012345',
        fingerprint: 'usb:04b8:0e28-X5AB012345',
        label: 'EPSON TM-T88VI (USB 1-1.2)',
        details: {
          vendorId: '04b8',
          productId: '0e28',
          serial: 'X5AB012345',
          maker: 'EPSON',
          product: 'TM-T88VI',
          place: '1-1.2',
          interfaces: '07:01:02',
          driver: 'usblp',
          lp: join(box.dev, 'usb/lp0'),
          ieee1284: 'MFG:EPSON;CMD:ESC/POS;MDL:TM-T88VI;',
        },
      },
    ])
  })

  it('[ENUMU8] a device is not there before udev is done with it: its rights are not set', async () => {
    const box = new UsbBox()
    box.plug('1-1.2', epson)
    const run = mkdtempSync(join(tmpdir(), 'tillbridge-udev-'))
    onTestFinished(() => rmSync(run, { recursive: true }))
    const there = async () => (await listUsbPorts(box.dev, box.sys, new Map(), run)).length
    writeFileSync(join(box.sys, 'bus/usb/devices/1-1.2/dev'), '189:4\n')
    expect(await there()).toBe(1)
    mkdirSync(join(run, 'udev/data'), { recursive: true })
    writeFileSync(join(run, 'udev/control'), '')
    expect(await there()).toBe(0)
    writeFileSync(join(run, 'udev/data/c189:4'), '')
    expect(await there()).toBe(1)
  })

  it('[ENUMU1] two alike without a serial number are named by their places', async () => {
    const box = new UsbBox()
    box.plug('1-1.2', nameless)
    box.plug('1-1.3', nameless)
    const ports = await list(box)
    expect(ports.map(({ url }) => url)).toEqual(['usb:0416:5011?at=1-1.2', 'usb:0416:5011?at=1-1.3'])
    expect(names(ports)).toEqual(['usb:0416:5011@1-1.2', 'usb:0416:5011@1-1.3'])
  })

  it('[ENUMU1] a serial number that two devices share, or that is no name, does not name them alone', async () => {
    const box = new UsbBox()
    const shared = { ...nameless, serial: 'Printer' }
    box.plug('1-1', shared)
    box.plug('1-2', shared)
    box.plug('1-3', { ...epson, serial: '00000000', interfaces: [{ kind: '07:01:02' }] })
    box.plug('1-4', { ...epson, serial: 'what?', interfaces: [{ kind: '07:01:02' }] })
    const ports = await list(box)
    expect(names(ports)).toEqual([
      'usb:0416:5011-Printer@1-1',
      'usb:0416:5011-Printer@1-2',
      'usb:04b8:0e28@1-3',
      'usb:04b8:0e28@1-4',
    ])
    expect(ports[0]?.url).toBe('usb:0416:5011/Printer?at=1-1')
    for (const { url } of ports) expect(parsePortUrl(url).url).toBe(url)
  })

  it('[ENUMU2] what is no byte device, or belongs to another kind of port, is none', async () => {
    const box = new UsbBox()
    const plug = (place: string, ...interfaces: BoxDevice['interfaces']) =>
      box.plug(place, { idVendor: '1234', idProduct: '5678', interfaces })
    plug('1-1', { kind: '09:00:00', driver: 'hub' })
    plug('1-2', { kind: '03:01:01', driver: 'usbhid' }, { kind: '03:00:00', driver: 'usbhid' })
    plug('1-3', { kind: '02:02:01', driver: 'cdc_acm' }, { kind: '0a:00:00', driver: 'cdc_acm' })
    plug('1-4', { kind: '08:06:50', driver: 'usb-storage' })
    plug('1-5', { kind: 'ff:ff:ff', driver: 'ftdi_sio' })
    plug('1-6', { kind: 'e0:01:01', driver: 'btusb' })
    expect(await list(box)).toEqual([])
    plug('1-7', { kind: 'ff:00:00' })
    plug('1-8', { kind: '03:00:00', driver: 'usbhid' }, { kind: '07:01:02', driver: 'usbfs' })
    const ports = await list(box)
    expect(ports.map(({ details }) => [details.place, details.interfaces])).toEqual([
      ['1-7', 'ff:00:00'],
      ['1-8', '03:00:00 07:01:02'],
    ])
    expect(ports[0]?.label).toBe('USB device 1234:5678 (USB 1-7)')
  })

  it('[ENUMU3] what usblp knew of a printer stays known while libusb holds it, and no longer', async () => {
    const box = new UsbBox()
    const ids = new Map<string, string>()
    const address = box.plug('1-1', epson)
    const before = (await list(box, ids))[0]
    box.detach('1-1', 0, 'lp0')
    const held = (await list(box, ids))[0]
    expect(held?.details.ieee1284).toBe(before?.details.ieee1284)
    expect([held?.details.driver, held?.details.lp]).toEqual([undefined, undefined])
    expect([held?.url, held?.fingerprint]).toEqual([before?.url, before?.fingerprint])
    box.unplug('1-1', address)
    await list(box, ids)
    expect(ids.size).toBe(0)
  })

  it('[ENUMU4] coming and going is told with the complete list', async () => {
    const box = new UsbBox()
    const clock = new TestClock()
    const followed = follow(box, clock)
    expect(await followed.next(1)).toEqual([])
    expect(followed.ports.trouble).toBeUndefined()
    const address = box.plug('1-1', epson)
    expect(names(await followed.next(2))).toEqual(['usb:04b8:0e28-X5AB012345'])
    box.plug('1-2', nameless)
    expect(await followed.next(3)).toHaveLength(2)
    box.unplug('1-1', address)
    expect(names(await followed.next(4))).toEqual(['usb:0416:5011@1-2'])
  })

  it('[ENUMU4] interfaces that appear after the node and without a sound are found by a second look', async () => {
    const box = new UsbBox()
    const clock = new TestClock()
    const followed = follow(box, clock)
    await followed.starting
    box.plug('1-9', { ...nameless, interfaces: [] })
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve))
    // Every sound of the plugging in is heard and answered before the interfaces appear.
    for (let time = 0; time + quietMs < usbSecondLookMs; time += quietMs) {
      for (let turn = 0; turn < 10; turn++) await settle()
      await clock.advance(quietMs)
    }
    const late = 'sys/bus/usb/devices/1-9:1.0'
    for (const [name, text] of Object.entries({
      bInterfaceNumber: '00',
      bInterfaceClass: 'ff',
      bInterfaceSubClass: '00',
      bInterfaceProtocol: '00',
    }))
      box.file(`${late}/${name}`, text)
    expect(followed.told).toHaveLength(1)
    // Only the second look is left.
    expect(clock.pending).toBe(1)
    await clock.advance(usbSecondLookMs)
    while (followed.told.length < 2) await settle()
    expect(names(followed.told[1] ?? [])).toEqual(['usb:0416:5011@1-9'])
  })

  it('[ENUMU4] a bus that went and came back is watched again', async () => {
    const box = new UsbBox()
    const clock = new TestClock()
    const first = box.plug('1-1', epson)
    const followed = follow(box, clock)
    expect(await followed.next(1)).toHaveLength(1)
    box.unplug('1-1', first)
    rmSync(join(box.dev, 'bus'), { recursive: true })
    rmSync(join(box.dev, 'usb'), { recursive: true })
    expect(await followed.next(2)).toEqual([])
    box.plug('1-2', nameless)
    expect(await followed.next(3)).toHaveLength(1)
    box.plug('1-3', nameless)
    expect(await followed.next(4)).toHaveLength(2)
  })

  it('[ENUMU4] data written to a printer wakes nobody', async () => {
    const box = new UsbBox()
    box.plug('1-1', epson)
    const clock = new TestClock()
    const followed = follow(box, clock)
    await followed.next(1)
    for (let write = 0; write < 20; write++) {
      box.file('dev/usb/lp0', `${write}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(clock.pending).toBe(0)
  })

  it('[ENUMU5] without a way to watch, devices are looked for every ten seconds', async () => {
    const box = new UsbBox()
    rmSync(box.dev, { recursive: true })
    const followed = follow(box, new TestClock(), fallbackScanMs)
    expect(await followed.next(1)).toEqual([])
    expect(followed.ports.trouble).toMatch(/cannot be watched/)
    box.plug('1-1', epson)
    expect(await followed.next(2)).toHaveLength(1)
  })

  it('[ENUMU5] a box without a USB bus has no devices and no trouble', async () => {
    const box = new UsbBox()
    rmSync(join(box.sys, 'bus'), { recursive: true })
    const followed = follow(box, new TestClock())
    expect(await followed.next(1)).toEqual([])
    expect(followed.ports.trouble).toBeUndefined()
  })

  it('[ENUMU5] the devices of this box have URLs that can be read', async () => {
    const ports = await listUsbPorts()
    expect(ports.map(({ url }) => parsePortUrl(url).url)).toEqual(ports.map(({ url }) => url))
  })

  it('[ENUMU6] after stop nothing is told', async () => {
    const box = new UsbBox()
    const clock = new TestClock()
    const followed = follow(box, clock)
    await followed.ports.stop()
    await followed.ports.stop()
    await followed.starting
    box.plug('1-1', epson)
    await clock.advance(fallbackScanMs)
    expect([followed.told, clock.pending]).toEqual([[], 0])
  })

  it('[ENUMU7] text that a device gives of itself is cleaned and cut', async () => {
    const box = new UsbBox()
    box.plug('1-1', { ...nameless, product: `Bad\u0000\u001b[31m${'x'.repeat(2_000)}` })
    const [port] = await list(box)
    expect(port?.details.product).toBe(`Bad [31m${'x'.repeat(1024 - 8)}`)
  })
})
