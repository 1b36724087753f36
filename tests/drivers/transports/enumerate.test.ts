/** Serial ports of a box, on made-up /dev and /sys folders and on the real ones. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type FoundPort,
  fallbackScanMs,
  listSerialPorts,
  quietMs,
  SerialPorts,
} from '../../../src/drivers/transports/enumerate.ts'
import { parsePortUrl } from '../../../src/drivers/transports/port-url.ts'
import { scanMsMax } from '../../../src/drivers/transports/watch-folders.ts'
import { TestClock } from '../../support/clock.ts'
import { followPorts } from './follow.ts'

/** A box made of files. */
class Box {
  readonly root = mkdtempSync(join(tmpdir(), 'tillbridge-ports-'))
  readonly dev = join(this.root, 'dev')
  readonly sys = join(this.root, 'sys')

  constructor() {
    mkdirSync(this.dev)
    mkdirSync(this.sys)
    onTestFinished(() => rmSync(this.root, { recursive: true }))
  }

  file(path: string, text = ''): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), `${text}\n`)
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    symlinkSync(target, join(this.root, path))
  }

  /** A USB converter, with the links that udev would make of it. */
  usb(tty: string, place: string, facts: Record<string, string>): void {
    const device = `sys/devices/usb1/${place}`
    for (const [name, text] of Object.entries(facts)) this.file(`${device}/${name}`, text)
    this.file(`${device}/${place}:1.0/bInterfaceNumber`, '00')
    mkdirSync(join(this.root, device, `${place}:1.0`, tty))
    this.link(`sys/class/tty/${tty}/device`, join(this.root, device, `${place}:1.0`, tty))
    this.file(`dev/${tty}`)
    const path = `dev/serial/by-path/pci-0000:00:14.0-usb-0:${place}:1.0-port0`
    this.link(path, `../../${tty}`)
    const id = `dev/serial/by-id/usb-${facts.product}${facts.serial ? `_${facts.serial}` : ''}-if00-port0`
    try {
      this.link(id, `../../${tty}`)
    } catch {
      // The second of two with the same name: udev keeps one link.
    }
  }

  unplug(tty: string, place: string): void {
    unlinkSync(join(this.dev, `serial/by-path/pci-0000:00:14.0-usb-0:${place}:1.0-port0`))
    unlinkSync(join(this.dev, tty))
  }

  list(): Promise<FoundPort[]> {
    return listSerialPorts(this.dev, this.sys)
  }
}

const ftdi = {
  idVendor: '0403',
  idProduct: '6001',
  manufacturer: 'FTDI',
  product: 'FT232R',
  serial: 'A10K4ZQ7',
}
const ch340 = { idVendor: '1a86', idProduct: '7523', product: 'USB_Serial' }

const follow = (ports: SerialPorts, clock: TestClock, ms = quietMs) => followPorts(ports, clock, ms)

describe('serial ports', () => {
  it('[ENUM1] a device with a serial number is named by it', async () => {
    const box = new Box()
    box.usb('ttyUSB0', '1-1.2', ftdi)
    expect(await box.list()).toEqual([
      {
        url: 'serial:/dev/serial/by-id/usb-FT232R_A10K4ZQ7-if00-port0',
        fingerprint: 'serial:usb-FT232R_A10K4ZQ7-if00-port0',
        label: 'FTDI FT232R (ttyUSB0)',
        details: {
          tty: 'ttyUSB0',
          vendorId: '0403',
          productId: '6001',
          serial: 'A10K4ZQ7',
          maker: 'FTDI',
          product: 'FT232R',
          place: '1-1.2:1.0',
        },
      },
    ])
  })

  it('[ENUM1] two converters without serial numbers stay apart by their place', async () => {
    const box = new Box()
    box.usb('ttyUSB0', '1-1.1', ch340)
    box.usb('ttyUSB1', '1-1.2', ch340)
    const ports = await box.list()
    expect(ports.map(({ url }) => url)).toEqual([
      'serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1-1.1:1.0-port0',
      'serial:/dev/serial/by-path/pci-0000:00:14.0-usb-0:1-1.2:1.0-port0',
    ])
    expect(new Set(ports.map(({ fingerprint }) => fingerprint)).size).toBe(2)
  })

  it('[ENUM2] consoles, ptys and UARTs that are not there are no ports', async () => {
    const box = new Box()
    for (const name of ['ttyS0', 'ttyS1', 'ttyAMA0', 'tty1', 'ptmx', 'ttyprintk', 'sda'])
      box.file(`dev/${name}`)
    box.file('sys/class/tty/console/active', 'tty0 ttyAMA0')
    box.file('sys/class/tty/ttyS0/type', '4')
    box.file('sys/class/tty/ttyS1/type', '0')
    expect(await box.list()).toEqual([
      {
        url: 'serial:/dev/ttyS0',
        fingerprint: 'serial:ttyS0',
        label: 'Serial port (ttyS0)',
        details: { tty: 'ttyS0' },
      },
    ])
  })

  it('[ENUM3] without udev the place on the bus is the name, without sysfs the tty', async () => {
    const box = new Box()
    box.usb('ttyACM0', '1-1.3', ch340)
    box.usb('ttyACM1', '1-1.4', ftdi)
    rmSync(join(box.dev, 'serial'), { recursive: true })
    const [first, second] = await box.list()
    expect(first).toMatchObject({ url: 'serial:/dev/ttyACM0', fingerprint: 'serial:usb-1-1.3:1.0' })
    expect(second).toMatchObject({
      url: 'serial:/dev/ttyACM1',
      fingerprint: 'serial:usb-0403:6001-A10K4ZQ7-1.0',
    })
    rmSync(box.sys, { recursive: true })
    expect((await box.list()).map(({ fingerprint }) => fingerprint)).toEqual([
      'serial:ttyACM0',
      'serial:ttyACM1',
    ])
    expect(await listSerialPorts(join(box.root, 'nothing'), box.sys)).toEqual([])
  })

  it('[ENUM3] the ports of this box have URLs that can be read', async () => {
    const ports = await listSerialPorts()
    expect(ports.map(({ url }) => parsePortUrl(url).url)).toEqual(ports.map(({ url }) => url))
  })

  it('[ENUM4] coming and going is told with the complete list, and nothing else is', async () => {
    const box = new Box()
    const clock = new TestClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    onTestFinished(() => ports.stop())
    const followed = follow(ports, clock)
    expect(await followed.next(1)).toEqual([])
    expect(ports.trouble).toBeUndefined()
    box.usb('ttyUSB0', '1-1.2', ch340)
    expect((await followed.next(2)).map(({ label }) => label)).toEqual(['USB_Serial (ttyUSB0)'])
    box.usb('ttyUSB1', '1-1.3', ch340)
    expect(await followed.next(3)).toHaveLength(2)
    box.file('dev/ttyprintk')
    box.unplug('ttyUSB0', '1-1.2')
    expect((await followed.next(4)).map(({ label }) => label)).toEqual(['USB_Serial (ttyUSB1)'])
    expect(followed.told).toHaveLength(4)
  })

  it('[ENUM8] a port is not there before udev is done with it, and never under a passing name', async () => {
    const box = new Box()
    const run = join(box.root, 'run')
    const list = () => listSerialPorts(box.dev, box.sys, run)
    box.usb('ttyUSB0', '1-1.2', ftdi)
    box.file('sys/class/tty/ttyUSB0/dev', '188:0')
    expect(await list()).toHaveLength(1)
    box.file('run/udev/control')
    expect(await list()).toEqual([])
    box.file('run/udev/data/c188:0')
    expect(await list()).toHaveLength(1)
  })

  it('[ENUM4] changes that never end are told within a second all the same', async () => {
    const box = new Box()
    let timers = 0
    class CountingClock extends TestClock {
      override after(ms: number, callback: () => void): () => void {
        timers++
        return super.after(ms, callback)
      }
    }
    const clock = new CountingClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    onTestFinished(() => ports.stop())
    const followed = follow(ports, clock)
    await followed.next(1)
    for (let change = 0; change * (quietMs - 50) <= scanMsMax; change++) {
      const before = timers
      box.usb(`ttyUSB${change}`, `1-1.${change}`, ch340)
      while (timers === before) await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(quietMs - 50)
    }
    // The scan reads real folders, which takes as long as the machine is busy.
    await vi.waitFor(() => expect(followed.told.length).toBe(2), { timeout: 10_000, interval: 1 })
  })

  it('[ENUM4] data written to a port wakes nobody', async () => {
    const box = new Box()
    box.usb('ttyUSB0', '1-1.2', ftdi)
    const clock = new TestClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    onTestFinished(() => ports.stop())
    await follow(ports, clock).next(1)
    for (let write = 0; write < 20; write++) {
      box.file('dev/ttyUSB0', `${write}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(clock.pending).toBe(0)
  })

  it('[ENUM7] a listener that throws does not end the looking, nor the process', async () => {
    const box = new Box()
    const clock = new TestClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    onTestFinished(() => ports.stop())
    let calls = 0
    await ports.start(() => {
      calls++
      throw new RangeError('the listener broke')
    })
    expect(calls).toBe(1)
    expect(ports.trouble).toMatch(/the listener broke/)
    box.usb('ttyUSB0', '1-1.2', ch340)
    await clock.advance(fallbackScanMs)
    await expect.poll(() => calls).toBeGreaterThan(1)
    await ports.stop()
  })

  it('[ENUM5] without a way to watch, ports are looked for every ten seconds', async () => {
    const box = new Box()
    rmSync(box.dev, { recursive: true })
    const clock = new TestClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    onTestFinished(() => ports.stop())
    const followed = follow(ports, clock, fallbackScanMs)
    expect(await followed.next(1)).toEqual([])
    expect(ports.trouble).toMatch(/cannot be watched/)
    box.usb('ttyUSB0', '1-1.2', ftdi)
    expect(await followed.next(2)).toHaveLength(1)
  })

  it('[ENUM6] after stop nothing is told', async () => {
    const box = new Box()
    const clock = new TestClock()
    const ports = new SerialPorts({ clock, devFolder: box.dev, sysFolder: box.sys })
    const followed = follow(ports, clock)
    await ports.stop()
    await ports.stop()
    await followed.starting
    box.usb('ttyUSB0', '1-1.2', ftdi)
    await clock.advance(fallbackScanMs)
    expect(followed.told).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
