/** The serial ports of the box: which there are, what names them across reboots, and when one comes or goes. */
import { type FSWatcher, watch } from 'node:fs'
import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import { parsePortUrl } from './port-url.ts'

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

/** udev makes its links a moment after the kernel made the tty; a scan waits for quiet. */
export const quietMs = 300
/** How often ports are looked for on a system that cannot tell of changes. */
export const fallbackScanMs = 10_000

/** ttys with a UART or a USB chip behind them; consoles and ptys are none. */
const ttyNames = /^(ttyUSB|ttyACM|ttyAMA|ttyS|ttymxc|ttyTHS|rfcomm)\d+$/
const linkFolders = ['serial/by-id', 'serial/by-path'] as const

export interface SerialPortsOptions {
  clock: TransportClock
  /** Where devices and the kernel's view of them are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
}

export class SerialPorts {
  readonly #clock: TransportClock
  readonly #dev: string
  readonly #sys: string
  readonly #watchers = new Map<string, FSWatcher>()
  #cancelScan: (() => void) | undefined
  #onChange: ((ports: readonly FoundPort[]) => void) | undefined
  #told: string | undefined
  #scanning: Promise<void> = Promise.resolve()
  #trouble: string | undefined

  constructor(options: SerialPortsOptions) {
    this.#clock = options.clock
    this.#dev = options.devFolder ?? '/dev'
    this.#sys = options.sysFolder ?? '/sys'
  }

  /** Why changes are found late, by looking every `fallbackScanMs`; undefined when the system tells of them. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Calls `onChange` with the complete list: once at the start, then at each change. Never throws. */
  async start(onChange: (ports: readonly FoundPort[]) => void): Promise<void> {
    this.#onChange = onChange
    this.#trouble = undefined
    await this.#scan()
  }

  async stop(): Promise<void> {
    this.#onChange = undefined
    this.#told = undefined
    this.#cancelScan?.()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    await this.#scanning
  }

  /** The link folders come and go with the first and the last port, so each scan looks whether there is one to watch. */
  #watchAll(): void {
    this.#watch(this.#dev, true)
    for (const folder of ['serial', ...linkFolders]) this.#watch(join(this.#dev, folder), false)
  }

  #watch(folder: string, required: boolean): void {
    if (this.#watchers.has(folder) || (required && this.#trouble !== undefined)) return
    const lost = (error: unknown) => {
      this.#watchers.get(folder)?.close()
      this.#watchers.delete(folder)
      if (!required) return
      this.#trouble = `${folder} cannot be watched: ${errorText(error)}`
      this.#scanSoon(fallbackScanMs)
    }
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (folder !== this.#dev || name === null || name === 'serial' || ttyNames.test(name))
          this.#scanSoon(quietMs)
      })
      watcher.on('error', lost)
      this.#watchers.set(folder, watcher)
    } catch (error) {
      lost(error)
    }
  }

  #scanSoon(ms: number): void {
    if (this.#onChange === undefined) return
    this.#cancelScan?.()
    this.#cancelScan = this.#clock.after(ms, () => void this.#scan())
  }

  #scan(): Promise<void> {
    const scan = this.#scanning.then(async () => {
      if (this.#onChange === undefined) return
      // Watching comes first: what changes after the list was read is told.
      this.#unwatchLinks()
      this.#watchAll()
      const ports = await listSerialPorts(this.#dev, this.#sys)
      if (this.#onChange === undefined) return
      if (this.#trouble !== undefined) this.#scanSoon(fallbackScanMs)
      const text = JSON.stringify(ports)
      if (text === this.#told) return
      this.#told = text
      this.#onChange(ports)
    })
    this.#scanning = scan
    return scan
  }

  /** A watcher of a folder that was deleted stays silent for ever, also when the folder is made again. */
  #unwatchLinks(): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folder === this.#dev) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
  }
}

/** Serial ports now, sorted by URL. A system without udev or sysfs gives poorer names, not an error. */
export async function listSerialPorts(devFolder = '/dev', sysFolder = '/sys'): Promise<FoundPort[]> {
  const consoles = (await readText(join(sysFolder, 'class/tty/console/active'))).split(' ')
  const [byId, byPath] = await Promise.all(linkFolders.map((folder) => readLinks(join(devFolder, folder))))
  const ports: FoundPort[] = []
  for (const tty of (await names(devFolder)).filter(
    (name) => ttyNames.test(name) && !consoles.includes(name),
  )) {
    const usb = await readUsb(join(sysFolder, 'class/tty', tty))
    if (usb === undefined && !(await hasUart(join(sysFolder, 'class/tty', tty)))) continue
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
