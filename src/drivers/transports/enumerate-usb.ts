/** The USB devices that may be printers or other byte devices of a shop: which there are, and when one comes or goes. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TransportClock } from './clock.ts'
import type { FoundPort } from './enumerate.ts'
import { parsePortUrl } from './port-url.ts'
import { isSetUp } from './udev.ts'
import { readUsbDevices, type UsbFacts, type UsbInterfaceFacts } from './usb-sysfs.ts'
import { type WatchedFolder, WatchedList } from './watch-folders.ts'

/** The kernel makes the interfaces a moment after the node of the device, and without a sound when no driver wants them. */
export const usbSecondLookMs = 2_000

const printerClass = '07'
/**
 * Classes that are never a byte device of a shop, or have a port of their own kind: audio, CDC, HID, still image, mass
 * storage, hub, CDC data, smart card, video, diagnostics, wireless, miscellaneous, firmware and IrDA (usb.org, defined class
 * codes).
 */
const foreignClasses = new Set(['01', '02', '03', '06', '08', '09', '0a', '0b', '0e', 'dc', 'e0', 'ef', 'fe'])
/** Drivers that hold an interface only as a pipe for bytes; what another driver holds is its own (ttyUSB, network, …). */
export const pipeDrivers: ReadonlySet<string> = new Set(['', 'usblp', 'usbfs'])

export interface UsbPortsOptions {
  clock: TransportClock
  /** Where devices and the kernel's view of them are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
  /** Where udev keeps what it is done with. */
  runFolder?: string
}

export class UsbPorts extends WatchedList<FoundPort> {
  constructor({ clock, devFolder = '/dev', sysFolder = '/sys', runFolder = '/run' }: UsbPortsOptions) {
    const ids = new Map<string, string>()
    super({
      clock,
      folders: () => usbFolders(devFolder),
      list: () => listUsbPorts(devFolder, sysFolder, ids, runFolder),
      secondLookMs: usbSecondLookMs,
    })
  }
}

/** A node per device is in /dev/bus/usb/BUS; the bus folders, and /dev/bus itself, come and go with the controllers. */
async function usbFolders(devFolder: string): Promise<WatchedFolder[]> {
  const busFolder = join(devFolder, 'bus/usb')
  const buses = await readdir(busFolder).catch(() => [])
  return [
    { path: devFolder, required: true, matters: (name) => name === 'bus' || name === 'usb' },
    { path: join(devFolder, 'bus') },
    { path: busFolder },
    ...buses.sort().map((bus) => ({ path: join(busFolder, bus) })),
    { path: join(devFolder, 'usb') },
  ]
}

/**
 * USB byte devices now, sorted by URL; [] on a box without a bus. `ids` keeps what usblp knew of a printer (IEEE 1284) for
 * the time that libusb holds it and the kernel tells no more.
 */
export async function listUsbPorts(
  devFolder = '/dev',
  sysFolder = '/sys',
  ids = new Map<string, string>(),
  runFolder = '/run',
): Promise<FoundPort[]> {
  const pipes = (await readUsbDevices(sysFolder)).filter((device) => device.interfaces.some(isPipe))
  const ready = await Promise.all(
    pipes.map(({ place }) => isSetUp(runFolder, join(sysFolder, 'bus/usb/devices', place))),
  )
  const devices = pipes.filter((_, index) => ready[index])
  const known = new Map(ids)
  ids.clear()
  const named = new Map<string, number>()
  for (const device of devices) named.set(idsOf(device), (named.get(idsOf(device)) ?? 0) + 1)
  return devices
    .map((device) => {
      const key = `${device.bus}/${device.address} ${idsOf(device)}`
      const ieee1284 = device.interfaces.map((each) => each.ieee1284).find(Boolean) ?? known.get(key) ?? ''
      if (ieee1284 !== '') ids.set(key, ieee1284)
      return describe(device, ieee1284, (named.get(idsOf(device)) ?? 0) > 1, devFolder)
    })
    .sort((a, b) => (a.url < b.url ? -1 : 1))
}

/** True for an interface that bytes can be written to: a printer's, or a maker's own that no kernel driver understands. */
export function isPipe({ kind, driver }: UsbInterfaceFacts): boolean {
  const [group = ''] = kind.split(':')
  return group === printerClass || (!foreignClasses.has(group) && pipeDrivers.has(driver))
}

const idsOf = ({ vendorId, productId, serial }: UsbFacts): string => `${vendorId}:${productId}/${serial}`

/**
 * A serial number is a lasting name as long as no other device wears the same one: makers who forget to number give all their
 * printers one. Those, and devices without a number, are named by the place they are plugged into.
 */
function describe(device: UsbFacts, ieee1284: string, shared: boolean, devFolder: string): FoundPort {
  const { vendorId, productId, maker, product, place } = device
  const serial = isUsableSerial(device) ? device.serial : ''
  const ids = `${vendorId}:${productId}`
  const named = serial === '' ? ids : `${ids}/${serial}`
  const byPlace = serial === '' || shared
  const held = device.interfaces.filter(isPipe)
  const lp = held.find((each) => each.lp !== undefined)?.lp
  const details = {
    vendorId,
    productId,
    serial: device.serial,
    maker,
    product,
    place,
    interfaces: device.interfaces.map(({ kind }) => kind).join(' '),
    driver: held.map(({ driver }) => driver).find(Boolean) ?? '',
    lp: lp === undefined ? '' : join(devFolder, 'usb', lp),
    ieee1284,
  }
  const words = [maker, product].filter((text) => text !== '').join(' ')
  return {
    url: parsePortUrl(`usb:${named}${byPlace ? `?at=${place}` : ''}`).url,
    fingerprint: `usb:${ids}${serial === '' ? '' : `-${serial}`}${byPlace ? `@${place}` : ''}`,
    label: `${words === '' ? `USB device ${ids}` : words} (USB ${place})`,
    details: Object.fromEntries(Object.entries(details).filter(([, text]) => text !== '')),
  }
}

/** One that can stand in a URL, and is not made of zeros only, as that of printers nobody numbered. */
function isUsableSerial({ serial }: UsbFacts): boolean {
  return /^[!->@-~]{1,126}$/.test(serial) && !/^0+$/.test(serial)
}
