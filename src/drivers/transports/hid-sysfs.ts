/** What the kernel knows of HID devices: ids, names, the report descriptor, and the input devices made of one. */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export const hidrawName = /^hidraw\d+$/

export interface HidFacts {
  /** Name of the node: `hidraw0`. */
  node: string
  /** `usb`, `bluetooth`, `i2c`, `virtual`, or the number of the bus. */
  bus: string
  vendorId: number
  productId: number
  maker: string
  product: string
  serial: string
  /** Where it is plugged in, with the interface: `usb-0000:00:14.0-1.2/input0`. */
  phys: string
  /** Empty when the system does not tell. */
  descriptor: Uint8Array
}

/** linux/input.h, BUS_*. */
const buses: Readonly<Record<number, string>> = { 3: 'usb', 5: 'bluetooth', 6: 'virtual', 24: 'i2c' }

/** Facts of a hidraw node; undefined when there is none of that name. */
export async function readHidFacts(sysFolder: string, node: string): Promise<HidFacts | undefined> {
  const device = join(sysFolder, 'class/hidraw', node, 'device')
  const uevent = new Map(
    (await readText(join(device, 'uevent'))).split('\n').map((line) => {
      const cut = line.indexOf('=')
      return [line.slice(0, cut), line.slice(cut + 1).trim()] as const
    }),
  )
  const [, bus, vendor, product] =
    /^([0-9a-f]{4}):([0-9a-f]{8}):([0-9a-f]{8})$/i.exec(uevent.get('HID_ID') ?? '') ?? []
  if (bus === undefined || vendor === undefined || product === undefined) return undefined
  const [usb, descriptor] = await Promise.all([
    readUsbNames(device),
    readFile(join(device, 'report_descriptor')).catch(() => new Uint8Array(0)),
  ])
  return {
    node,
    bus: buses[Number.parseInt(bus, 16)] ?? bus,
    vendorId: Number.parseInt(vendor, 16) & 0xffff,
    productId: Number.parseInt(product, 16) & 0xffff,
    maker: usb?.maker ?? '',
    product: usb?.product || (uevent.get('HID_NAME') ?? ''),
    serial: uevent.get('HID_UNIQ') || (usb?.serial ?? ''),
    phys: uevent.get('HID_PHYS') ?? '',
    descriptor: new Uint8Array(descriptor),
  }
}

/** Nodes there are, in the order of their numbers. */
export async function hidrawNodes(sysFolder: string): Promise<string[]> {
  const names = await readdir(join(sysFolder, 'class/hidraw')).catch(() => [])
  return names.filter((name) => hidrawName.test(name)).sort((a, b) => numberOf(a) - numberOf(b))
}

/** Folders of the input devices (keyboard, mouse) that the kernel made of a HID device. */
export async function inputFolders(sysFolder: string, node: string): Promise<string[]> {
  const folder = join(sysFolder, 'class/hidraw', node, 'device/input')
  const names = await readdir(folder).catch(() => [])
  return names.filter((name) => /^input\d+$/.test(name)).map((name) => join(folder, name))
}

/** The HID device of a USB device lies below its interface, and that below the device, which has the maker's words. */
async function readUsbNames(
  device: string,
): Promise<{ maker: string; product: string; serial: string } | undefined> {
  let folder = await realpath(device).catch(() => undefined)
  for (let level = 0; folder !== undefined && level < 4; level++) {
    if ((await readText(join(folder, 'idVendor'))) !== '') {
      const [maker = '', product = '', serial = ''] = await Promise.all(
        ['manufacturer', 'product', 'serial'].map((name) => readText(join(folder as string, name))),
      )
      return { maker, product, serial }
    }
    folder = dirname(folder)
  }
  return undefined
}

const numberOf = (node: string): number => Number(node.replace(/\D/g, ''))
const readText = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trim()
