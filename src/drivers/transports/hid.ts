/** HID devices by the kernel's hidraw: scanners, scales and drawers that speak reports. */
import { constants } from 'node:fs'
import { access, realpath, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { nextTick } from 'node:process'
import { errorText, HubError } from '../../protocol/errors.ts'
import { parseHidDescriptor } from '../framing/hid-descriptor.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { hidrawName, inputFolders, readHidFacts } from './hid-sysfs.ts'
import { openInTime, type Refused } from './open-in-time.ts'
import type { HidFace, PortAddress, Transport } from './transport.ts'

/** What we use of node-hid's HIDAsync. Its errors are strings as often as errors. */
export interface HidHandle {
  on(event: 'data', listener: (report: Uint8Array) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  write(report: Buffer): Promise<number>
  sendFeatureReport(report: Buffer): Promise<number>
  getFeatureReport(reportId: number, bytes: number): Promise<Uint8Array>
  close(): Promise<void>
}

export interface HidOptions {
  /** Where devices and the kernel's view of them are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
  /** Opens a node; a twin in tests. */
  openHandle?: (path: string) => Promise<HidHandle>
}

async function openNodeHid(path: string): Promise<HidHandle> {
  const { default: hid } = await import('node-hid')
  return hid.HIDAsync.open(path) as Promise<HidHandle>
}

/**
 * Opens a hidraw node. With `exclusive=yes` the keys of the device reach no other program as long as it is open. Throws
 * HubError `port_unavailable` when it is not there, when the hub may not open it or not have it for itself, or when it does
 * not open within `openMsMax`.
 */
export function openHid(
  address: PortAddress,
  clock: TransportClock,
  options: HidOptions = {},
): Promise<Transport> {
  return openInTime(address, clock, explain, (refused) => open(address, clock, options, refused))
}

async function open(
  address: PortAddress,
  clock: TransportClock,
  { devFolder = '/dev', sysFolder = '/sys', openHandle = openNodeHid }: HidOptions,
  refused: Refused,
): Promise<Transport> {
  const path = join(devFolder, address.target.slice('/dev'.length))
  // The path may be a link that a udev rule made.
  const node = basename(await realpath(path).catch(() => path))
  await access(path, constants.R_OK | constants.W_OK)
  const facts = hidrawName.test(node) ? await readHidFacts(sysFolder, node) : undefined
  if (facts === undefined) throw refused('it is not a hidraw device')
  const handle = await openHandle(path)
  let keys: Inhibitor | undefined
  try {
    if (address.options.exclusive === 'yes')
      keys = await Inhibitor.take(await inputFolders(sysFolder, node), refused)
    const wire = new HidWire(handle, keys)
    const { collections } = parseHidDescriptor(facts.descriptor)
    const first = collections.find(({ type }) => type === 1) ?? collections[0]
    const face: HidFace = {
      vendorId: facts.vendorId,
      productId: facts.productId,
      usagePage: first?.page ?? 0,
      usage: first?.usage ?? 0,
      maker: facts.maker,
      product: facts.product,
      serial: facts.serial,
      descriptor: facts.descriptor,
      sendFeature: (report) =>
        wire.feature(address.url, async () => void (await handle.sendFeatureReport(Buffer.from(report)))),
      getFeature: (reportId, bytesMax) =>
        wire.feature(
          address.url,
          async () => new Uint8Array(await handle.getFeatureReport(reportId, bytesMax)),
        ),
    }
    const transport = new ByteTransport(address.url, wire, clock, { hid: face })
    handle.on('error', (error) => void transport.end({ by: 'lost', reason: explain(error) }))
    handle.on('data', (report) => transport.receive(new Uint8Array(report)))
    // The library begins to read in the next tick, and throws where nobody can catch it when the handle is closed by then.
    await new Promise<void>((resolve) => nextTick(resolve))
    return transport
  } catch (error) {
    await keys?.release()
    await handle.close().catch(() => {})
    throw error
  }
}

class HidWire implements Wire {
  readonly #handle: HidHandle
  readonly #keys: Inhibitor | undefined
  #released = false
  /** The report under way, told to `handed` at the latest when the port is let go. */
  #sending: (() => void) | undefined

  constructor(handle: HidHandle, keys: Inhibitor | undefined) {
    this.#handle = handle
    this.#keys = keys
  }

  /** A report leaves whole or not at all; of one that failed nobody knows, so it counts as gone. */
  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    const tell = () => {
      if (this.#sending !== tell) return
      this.#sending = undefined
      handed(bytes.length)
    }
    this.#sending = tell
    try {
      await this.#handle.write(Buffer.from(bytes))
    } finally {
      tell()
    }
  }

  async feature<T>(port: string, work: () => Promise<T>): Promise<T> {
    if (this.#released) throw new HubError('port_closed', { port, reason: 'it was closed' })
    try {
      return await work()
    } catch (error) {
      if (this.#released) throw new HubError('port_closed', { port, reason: explain(error) }, error)
      throw new HubError('answer_invalid', { device: port, reason: explain(error) }, error)
    }
  }

  async release(): Promise<void> {
    this.#released = true
    this.#sending?.()
    await this.#handle.close().catch(() => {})
    await this.#keys?.release()
  }
}

/**
 * Keeps the keys of a device from the console and all other programs, by the kernel's own switch on its input devices
 * (docs/decisions/0011). What hidraw delivers is not touched by it.
 */
class Inhibitor {
  readonly #files: readonly string[]

  private constructor(files: readonly string[]) {
    this.#files = files
  }

  /** A device that no input device was made of types nothing, and needs nothing. */
  static async take(folders: readonly string[], refused: Refused): Promise<Inhibitor> {
    const files = folders.map((folder) => join(folder, 'inhibited'))
    const keys = new Inhibitor(files)
    try {
      for (const file of files) {
        // Never make the file: on a kernel that has none it would be one without effect.
        await stat(file)
        await writeFile(file, '1', { flag: 'r+' })
      }
      return keys
    } catch (error) {
      await keys.release()
      throw refused(explainInhibit(error), error)
    }
  }

  /** Safe when the device is gone, and its files with it. */
  async release(): Promise<void> {
    for (const file of this.#files) await writeFile(file, '0', { flag: 'r+' }).catch(() => {})
  }
}

function explainInhibit(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'its keys cannot be kept from other programs: that needs Linux 5.11 or later; update the system, or open it without exclusive=yes'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'its keys cannot be kept from other programs: the hub may not write the file inhibited of its input device; install the udev rules of the hub and plug it in again'
    default:
      return `its keys cannot be kept from other programs: ${errorText(error)}`
  }
}

/** The system's words for what a person sees most often. */
function explain(error: unknown): string {
  const text = errorText(error)
  if (/ENOENT|No such file/i.test(text)) return 'it is not plugged in'
  if (/EACCES|EPERM|Permission denied|not permitted/i.test(text))
    return 'the hub may not open it; install the udev rules of the hub and plug it in again'
  if (/libusb|libudev|cannot open shared object/i.test(text))
    return `a library is missing (install libusb-1.0-0): ${text}`
  if (/could not read|No such device|ENODEV|EIO|Input\/output/i.test(text)) return 'it was unplugged'
  return text === '' ? 'the system gives no reason' : text
}
