/** USB printers without a serial or network port: by libusb, or by the kernel's usblp where libusb may not. */
import { join } from 'node:path'
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { isPipe, pipeDrivers } from './enumerate-usb.ts'
import { openInTime, type Refused } from './open-in-time.ts'
import type { PortAddress, Transport } from './transport.ts'
import { loadUsbHost, type UsbDevice, type UsbHost, type UsbSetting, usbFailureOf } from './usb-host.ts'
import { readUsbDevices, type UsbFacts } from './usb-sysfs.ts'
import { bulkIn, bulkOut, explainUsb, releaseDevice, UsbWire, usbReasons } from './usb-wire.ts'
import { isUsblpBusy, openUsblp } from './usblp.ts'

export interface UsbOptions {
  /** Where devices and the kernel's view of them are mounted; other folders in tests. */
  devFolder?: string
  sysFolder?: string
  /** Brings libusb; a twin in tests. */
  loadHost?: () => Promise<UsbHost>
  /** Whether another program prints through usblp's node. */
  isBusy?: (node: string) => Promise<boolean>
}

/**
 * Opens the printer interface of a device. Throws HubError `port_unavailable` when it is not plugged in, when several devices
 * fit the URL, when another program has it or the hub may not open it, or when it does not open within `openMsMax`.
 */
export function openUsb(
  address: PortAddress,
  clock: TransportClock,
  options: UsbOptions = {},
): Promise<Transport> {
  return openInTime(address, clock, explainUsb, (refused) => open(address, clock, options, refused))
}

async function open(
  address: PortAddress,
  clock: TransportClock,
  { devFolder = '/dev', sysFolder = '/sys', loadHost = loadUsbHost, isBusy = isUsblpBusy }: UsbOptions,
  refused: Refused,
): Promise<Transport> {
  const facts = pickDevice(address, await readUsbDevices(sysFolder), refused)
  const wanted = address.options.interface === undefined ? undefined : Number(address.options.interface)
  const lp = facts.interfaces.find(
    (each) => each.lp !== undefined && isPipe(each) && (wanted === undefined || each.number === wanted),
  )?.lp
  const node = lp === undefined ? undefined : join(devFolder, 'usb', lp)
  // Sending usblp away would cut off the program that prints through it in the middle of its page.
  if (node !== undefined && (await isBusy(node)))
    throw refused(`another program has ${node} open (see tillbridge doctor)`)
  try {
    return await openLibusb(address, clock, facts, wanted, loadHost, refused)
  } catch (error) {
    if (node === undefined || (!(error instanceof HubError) && usbFailureOf(error) === 'no-device'))
      throw error instanceof HubError ? error : refused(explainUsb(error), error)
    try {
      return await openUsblp(address, node, clock)
    } catch (second) {
      const first = error instanceof HubError ? String(error.context.reason) : explainUsb(error)
      const then = second instanceof HubError ? String(second.context.reason) : errorText(second)
      throw refused(`${first}; ${node}: ${then}`, second)
    }
  }
}

/** The one device that the URL names. */
function pickDevice(address: PortAddress, devices: readonly UsbFacts[], refused: Refused): UsbFacts {
  const cut = address.target.indexOf('/')
  const ids = cut < 0 ? address.target : address.target.slice(0, cut)
  const serial = cut < 0 ? undefined : address.target.slice(cut + 1)
  const { at } = address.options
  const fitting = devices.filter(
    (device) =>
      `${device.vendorId}:${device.productId}` === ids &&
      (serial === undefined || device.serial === serial) &&
      (at === undefined || device.place === at),
  )
  const [device] = fitting
  if (device === undefined) throw refused('it is not plugged in')
  if (fitting.length > 1) {
    const places = fitting.map(({ place }) => `at=${place}`).join(', ')
    throw refused(`${fitting.length} such devices are plugged in; say which one: ${places}`)
  }
  return device
}

async function openLibusb(
  address: PortAddress,
  clock: TransportClock,
  facts: UsbFacts,
  wanted: number | undefined,
  loadHost: () => Promise<UsbHost>,
  refused: Refused,
): Promise<Transport> {
  const host = await loadHost()
  const device = host.find(facts.bus, facts.address)
  if (device === undefined) throw refused('the USB library does not see it')
  const settings = device.settings()
  const setting = chooseSetting(settings, wanted)
  if (typeof setting === 'string') throw refused(setting)
  // A driver that made a port of its own of it (a tty, a network card) keeps it.
  const driver = facts.interfaces.find(({ number }) => number === setting.interface)?.driver ?? ''
  if (!pipeDrivers.has(driver))
    throw refused(`the driver ${driver} of the system has it; use the port it made`)
  device.open()
  await claim(device, setting, settings)
  const wire = new UsbWire(device, setting, clock)
  const transport = new ByteTransport(address.url, wire, clock)
  wire.start(
    (bytes) => transport.receive(bytes),
    (reason) => void transport.end({ by: 'lost', reason }),
  )
  return transport
}

/** Takes the interface, from usblp if that has it. Leaves nothing open when it fails. */
async function claim(device: UsbDevice, setting: UsbSetting, settings: readonly UsbSetting[]): Promise<void> {
  const number = setting.interface
  try {
    // Only then: letting go would otherwise bring a driver that nobody asked for.
    if (device.kernelDriverActive(number)) device.autoDetach()
    device.claim(number)
    // Some printers know one setting and lose their way when they are asked for it (usblp has a quirk for them).
    if (settings.filter((each) => each.interface === number).length > 1)
      await device.setAlternate(number, setting.alternate)
  } catch (error) {
    await releaseDevice(device, number)
    throw error
  }
}

const printerClass = 7
const vendorClass = 0xff
/** Protocols of the printer class (USB Device Class Definition for Printing Devices 1.1, 4.2.1; 4 is IPP over USB). */
const printerProtocols = { oneWay: 1, bidirectional: 2, ieee1284_4: 3, ippOverUsb: 4 } as const

/**
 * The alternate setting to print through: bidirectional before one-way before a maker's own class. IPP over USB is no way for
 * bytes. A text is the reason why there is none.
 */
export function chooseSetting(settings: readonly UsbSetting[], wanted?: number): UsbSetting | string {
  const own = settings.filter((each) => wanted === undefined || each.interface === wanted)
  if (own.length === 0) return wanted === undefined ? usbReasons.gone : `it has no interface ${wanted}`
  const rank = (each: UsbSetting): number => {
    if (bulkOut(each) === undefined) return 0
    if (each.class === printerClass) {
      if (each.protocol === printerProtocols.bidirectional) return 6
      if (each.protocol === printerProtocols.oneWay) return 5
      // IEEE 1284.4 packs its channels: plain bytes are not understood by all that speak it.
      if (each.protocol === printerProtocols.ieee1284_4) return 2
      return each.protocol === printerProtocols.ippOverUsb ? 0 : 4
    }
    if (each.class === vendorClass) return bulkIn(each) === undefined ? 1 : 3
    // A class that is no printer's is taken only when a person asked for that interface.
    return wanted === undefined ? 0 : 1
  }
  const best = own.reduce((one, other) => (rank(other) > rank(one) ? other : one))
  if (rank(best) > 0) return best
  return own.some((each) => each.class === printerClass && each.protocol === printerProtocols.ippOverUsb)
    ? 'it speaks IPP over USB only; install ipp-usb and use its ipp:// address'
    : 'it has no interface that takes print data'
}
