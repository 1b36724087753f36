/** What the kernel says of the USB devices of the box: read from sysfs, without opening any of them. */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** A device as the kernel describes it (Documentation/ABI/stable/sysfs-bus-usb, testing/sysfs-bus-usb). */
export interface UsbFacts {
  /** Bus and sockets it is plugged into: `1-1.2`. */
  place: string
  /** Four lower-case hex digits. */
  vendorId: string
  productId: string
  /** Empty when the device has none. */
  serial: string
  maker: string
  product: string
  /** Number of the bus and of the device on it, as in /dev/bus/usb/001/004; another number after each plugging in. */
  bus: number
  address: number
  interfaces: readonly UsbInterfaceFacts[]
}

export interface UsbInterfaceFacts {
  number: number
  /** Class, subclass and protocol of the alternate setting in use: `07:01:02`. */
  kind: string
  /** The kernel driver that holds it, such as `usblp`; empty when none does. */
  driver: string
  /** Name of the node that usblp made of it, such as `lp0`. */
  lp?: string
  /** What a printer answered to GET_DEVICE_ID: `MFG:EPSON;CMD:ESC/POS;…`. */
  ieee1284: string
}

const placeForm = /^\d+-\d+(\.\d+)*$/

/** Every device but the root hubs, sorted by place. Empty on a box without a USB bus; never rejects. */
export async function readUsbDevices(sysFolder: string): Promise<UsbFacts[]> {
  const folder = join(sysFolder, 'bus/usb/devices')
  const entries = (await names(folder)).sort()
  const devices: UsbFacts[] = []
  for (const place of entries.filter((name) => placeForm.test(name))) {
    const [vendorId, productId, serial, maker, product, bus, address] = await Promise.all(
      ['idVendor', 'idProduct', 'serial', 'manufacturer', 'product', 'busnum', 'devnum'].map((name) =>
        readText(join(folder, place, name)),
      ),
    )
    // The folder of a device that was just pulled is there, and its files are not any more.
    if (!vendorId || !productId) continue
    const own = entries.filter((name) => name.startsWith(`${place}:`))
    const interfaces = await Promise.all(own.map((name) => readInterface(join(folder, name))))
    devices.push({
      place,
      vendorId: vendorId.toLowerCase(),
      productId: productId.toLowerCase(),
      serial: serial ?? '',
      maker: maker ?? '',
      product: product ?? '',
      bus: Number(bus),
      address: Number(address),
      interfaces: interfaces.filter((found) => found !== undefined).sort((a, b) => a.number - b.number),
    })
  }
  return devices
}

async function readInterface(folder: string): Promise<UsbInterfaceFacts | undefined> {
  const [number, ...kind] = await Promise.all(
    ['bInterfaceNumber', 'bInterfaceClass', 'bInterfaceSubClass', 'bInterfaceProtocol'].map((name) =>
      readText(join(folder, name)),
    ),
  )
  if (!number) return undefined
  const driver = await realpath(join(folder, 'driver')).catch(() => '')
  const lp = (await names(join(folder, 'usbmisc'))).find((name) => /^lp\d+$/.test(name))
  return {
    number: Number.parseInt(number, 16),
    kind: kind.join(':').toLowerCase(),
    driver: basename(driver),
    ieee1284: await readText(join(folder, 'ieee1284_id')),
    ...(lp === undefined ? {} : { lp }),
  }
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])

/** Text that a device gave of itself may hold anything: control characters go, and what is longer than 1024 is cut. */
const readText = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => ''))
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .slice(0, 1024)
    .trim()
