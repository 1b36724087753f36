/** The serial ports of the box: which there are, what names them across reboots, and when one comes or goes. */
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import { parsePortUrl } from './port-url.ts'
import { isSetUp, udevSecondLookMs } from './udev.ts'
import { WatchedList } from './watch-folders.ts'

export { fallbackScanMs, quietMs } from './watch-folders.ts'

/** A port as discovery found it. */
export interface FoundPort {
  /** Made of the most lasting name there is: by-id, by-path, or the tty itself. */
  url: string
  /** Names the thing on the port (its USB serial number), or the place when the thing has none. */
  fingerprint: string
  /** For people. */
  label: string
  /** Facts of the USB device or the announcement, as far as known. */
  details: Readonly<Record<string, string>>
}

/** ttys with a UART or a USB chip behind them; consoles and ptys are none. */
const ttyNames = /^(ttyUSB|ttyACM|ttyAMA|ttyS|ttymxc|ttyTHS|rfcomm)\d+$/
const linkFolders = ['serial/by-id', 'serial/by-path'] as const

export interface SerialPortsOptions {
  clock: TransportClock
  /** Where devices, the kernel's view of them and what udev keeps are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
  runFolder?: string
}

export class SerialPorts extends WatchedList<FoundPort> {
  constructor({ clock, devFolder = '/dev', sysFolder = '/sys', runFolder = '/run' }: SerialPortsOptions) {
    const links = ['serial', ...linkFolders].map((folder) => ({ path: join(devFolder, folder) }))
    const matters = (name: string) => name === 'serial' || ttyNames.test(name)
    super({
      clock,
      folders: () => [{ path: devFolder, required: true, matters }, ...links],
      list: () => listSerialPorts(devFolder, sysFolder, runFolder),
      // Should udev have been late with its last word.
      secondLookMs: udevSecondLookMs,
    })
  }
}

/** Serial ports now, sorted by URL. A system without udev or sysfs gives poorer names, not an error. */
export async function listSerialPorts(
  devFolder = '/dev',
  sysFolder = '/sys',
  runFolder = '/run',
): Promise<FoundPort[]> {
  const consoles = (await readText(join(sysFolder, 'class/tty/console/active'))).split(' ')
  const [byId, byPath] = await Promise.all(linkFolders.map((folder) => readLinks(join(devFolder, folder))))
  const ports: FoundPort[] = []
  for (const tty of (await names(devFolder)).filter(
    (name) => ttyNames.test(name) && !consoles.includes(name),
  )) {
    const usb = await readUsb(join(sysFolder, 'class/tty', tty))
    if (usb === undefined && !(await hasUart(join(sysFolder, 'class/tty', tty)))) continue
    if (usb !== undefined && !(await isSetUp(runFolder, join(sysFolder, 'class/tty', tty)))) continue
    ports.push(describe(tty, usb, byId?.get(tty), byPath?.get(tty)))
  }
  return ports.sort((a, b) => (a.url < b.url ? -1 : 1))
}

interface Usb {
  vendorId: string
  productId: string
  serial: string
  maker: string
  product: string
  /** Place on the bus and interface: `1-1.2:1.0`. */
  place: string
}

/**
 * The link by-id is a lasting name only when the device has a serial number: two cheap converters without one share a
 * single link. For those the place they are plugged into is the name.
 */
function describe(
  tty: string,
  usb: Usb | undefined,
  byId: string | undefined,
  byPath: string | undefined,
): FoundPort {
  const idLink = usb !== undefined && usb.serial !== '' ? byId : undefined
  const link =
    idLink !== undefined ? `serial/by-id/${idLink}` : byPath !== undefined ? `serial/by-path/${byPath}` : tty
  const identity =
    usb === undefined
      ? (byPath ?? tty)
      : usb.serial !== ''
        ? (byId ?? `usb-${usb.vendorId}:${usb.productId}-${usb.serial}-${usb.place.split(':')[1] ?? ''}`)
        : (byPath ?? `usb-${usb.place}`)
  const product =
    usb === undefined ? 'Serial port' : [usb.maker, usb.product].filter((text) => text !== '').join(' ')
  return {
    url: portUrl(link) ?? `serial:/dev/${tty}`,
    fingerprint: `serial:${identity}`,
    label: `${product === '' ? 'USB serial port' : product} (${tty})`,
    details:
      usb === undefined
        ? { tty }
        : Object.fromEntries(Object.entries({ tty, ...usb }).filter(([, text]) => text !== '')),
  }
}

function portUrl(link: string): string | undefined {
  try {
    return parsePortUrl(`serial:/dev/${link}`).url
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}

/** Walks up from a tty to the USB device it belongs to. */
async function readUsb(classFolder: string): Promise<Usb | undefined> {
  let folder = await realpath(join(classFolder, 'device')).catch(() => undefined)
  let usbInterface = ''
  for (let level = 0; folder !== undefined && level < 6 && folder !== '/'; level++) {
    const vendorId = await readText(join(folder, 'idVendor'))
    if (vendorId !== '') {
      const [productId, serial, maker, product] = await Promise.all(
        ['idProduct', 'serial', 'manufacturer', 'product'].map((name) =>
          readText(join(folder as string, name)),
        ),
      )
      return {
        vendorId,
        productId: productId ?? '',
        serial: serial ?? '',
        maker: maker ?? '',
        product: product ?? '',
        place: usbInterface === '' ? basename(folder) : usbInterface,
      }
    }
    if ((await readText(join(folder, 'bInterfaceNumber'))) !== '') usbInterface = basename(folder)
    folder = dirname(folder)
  }
  return undefined
}

/** The kernel keeps ttyS nodes for UARTs that are not there: their type is 0 (PORT_UNKNOWN, linux/serial_core.h). */
async function hasUart(classFolder: string): Promise<boolean> {
  return (await readText(join(classFolder, 'type'))) !== '0'
}

/** tty name to link name. */
async function readLinks(folder: string): Promise<Map<string, string>> {
  const links = new Map<string, string>()
  for (const name of (await names(folder)).sort()) {
    const target = await realpath(join(folder, name)).catch(() => undefined)
    if (target !== undefined && !links.has(basename(target))) links.set(basename(target), name)
  }
  return links
}

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => [])
const readText = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trim()
