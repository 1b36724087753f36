/** A box with USB devices, made of files: sysfs and /dev as the kernel lays them out. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface BoxInterface {
  /** `07:01:02` */
  kind: string
  driver?: string
  lp?: string
  ieee1284?: string
}

export interface BoxDevice {
  idVendor: string
  idProduct: string
  serial?: string
  manufacturer?: string
  product?: string
  interfaces: readonly BoxInterface[]
}

export const epson: BoxDevice = {
  idVendor: '04b8',
  idProduct: '0e28',
  serial: 'X5AB012345',
  manufacturer: 'EPSON',
  product: 'TM-T88VI',
  interfaces: [
    { kind: '07:01:02', driver: 'usblp', lp: 'lp0', ieee1284: 'MFG:EPSON;CMD:ESC/POS;MDL:TM-T88VI;' },
  ],
}

/** A nameless receipt printer as sold by the thousand: no serial number, bulk endpoints, a maker id that says nothing. */
export const nameless: BoxDevice = {
  idVendor: '0416',
  idProduct: '5011',
  product: 'POS58 Printer',
  interfaces: [{ kind: '07:01:02' }],
}

export class UsbBox {
  readonly root = mkdtempSync(join(tmpdir(), 'tillbridge-usb-'))
  readonly dev = join(this.root, 'dev')
  readonly sys = join(this.root, 'sys')
  #address = 1

  constructor() {
    mkdirSync(this.dev)
    mkdirSync(join(this.sys, 'bus/usb/devices/usb1'), { recursive: true })
    this.file('sys/bus/usb/devices/usb1/idVendor', '1d6b')
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }))
  }

  file(path: string, text = ''): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), `${text}\n`)
  }

  /** Plugs a device in: its files in sysfs, then its nodes. Answers its address on bus 1. */
  plug(place: string, { interfaces, ...facts }: BoxDevice): number {
    const address = ++this.#address
    const folder = 'sys/bus/usb/devices'
    for (const [name, text] of Object.entries({ ...facts, busnum: '1', devnum: `${address}` }))
      this.file(`${folder}/${place}/${name}`, text)
    interfaces.forEach(({ kind, driver, lp, ieee1284 }, number) => {
      const own = `${folder}/${place}:1.${number}`
      const [group = '', subclass = '', protocol = ''] = kind.split(':')
      this.file(`${own}/bInterfaceNumber`, number.toString(16).padStart(2, '0'))
      this.file(`${own}/bInterfaceClass`, group)
      this.file(`${own}/bInterfaceSubClass`, subclass)
      this.file(`${own}/bInterfaceProtocol`, protocol)
      if (ieee1284 !== undefined) this.file(`${own}/ieee1284_id`, ieee1284)
      if (lp !== undefined) this.file(`${own}/usbmisc/${lp}/dev`, '180:0')
      if (driver === undefined) return
      mkdirSync(join(this.sys, `bus/usb/drivers/${driver}`), { recursive: true })
      symlinkSync(`../../drivers/${driver}`, join(this.root, own, 'driver'))
    })
    this.file(this.#node(address))
    for (const { lp } of interfaces) if (lp !== undefined) this.file(`dev/usb/${lp}`)
    return address
  }

  /** The kernel's usblp lets go of a device: its node and what it knew are gone. */
  detach(place: string, number: number, lp: string): void {
    const own = join(this.sys, `bus/usb/devices/${place}:1.${number}`)
    for (const name of ['driver', 'usbmisc', 'ieee1284_id']) rmSync(join(own, name), { recursive: true })
    rmSync(join(this.dev, 'usb', lp))
  }

  unplug(place: string, address: number, interfaces = 1): void {
    const folder = join(this.sys, 'bus/usb/devices')
    for (let number = 0; number < interfaces; number++)
      rmSync(join(folder, `${place}:1.${number}`), { recursive: true })
    rmSync(join(folder, place), { recursive: true })
    rmSync(join(this.root, this.#node(address)))
  }

  #node(address: number): string {
    return `dev/bus/usb/001/${String(address).padStart(3, '0')}`
  }
}
