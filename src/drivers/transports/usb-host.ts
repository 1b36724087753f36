/** The little of libusb that a printer needs, as an interface: the package `usb` behind it, and a twin in tests. */
import type { Device, LibUSBException } from 'usb'

/** How a transfer ended (enum libusb_transfer_status). */
export type TransferStatus =
  | 'completed'
  | 'error'
  | 'timed-out'
  | 'cancelled'
  | 'stall'
  | 'no-device'
  | 'overflow'

export interface TransferResult {
  status: TransferStatus
  /** Bytes that went over the wire, also when the transfer did not complete. */
  count: number
  /** What came in; empty for an outgoing one. */
  bytes: Uint8Array
}

/** A transfer that was handed to the system. */
export interface PendingTransfer {
  /** Settles once and never rejects. */
  readonly ended: Promise<TransferResult>
  /** Asks for an early end: `ended` tells when it came, with what had gone by then. */
  cancel(): void
}

/** Why a call was refused (enum libusb_error), as far as we act on it. */
export type UsbFailure = 'access' | 'busy' | 'no-device' | 'not-found' | 'other'

export interface UsbEndpoint {
  /** Bit 7 is set for one that brings bytes in. */
  address: number
  bulk: boolean
  packetBytes: number
}

/** One alternate setting of one interface. */
export interface UsbSetting {
  interface: number
  alternate: number
  class: number
  subclass: number
  protocol: number
  endpoints: readonly UsbEndpoint[]
}

/** A device of the bus. Calls throw, or reject with, what libusb says: an error with its number as `errno`; see `usbFailureOf`. */
export interface UsbDevice {
  /** Every alternate setting of the configuration in use; readable before `open`. */
  settings(): readonly UsbSetting[]
  open(): void
  kernelDriverActive(interfaceNumber: number): boolean
  /** From now on `claim` sends the kernel's driver away, and `release` lets it come back. */
  autoDetach(): void
  claim(interfaceNumber: number): void
  setAlternate(interfaceNumber: number, alternate: number): Promise<void>
  clearHalt(endpoint: number): Promise<void>
  /** Hands out `bytes`. The buffer must not change before it ended. */
  send(endpoint: number, bytes: Uint8Array): PendingTransfer
  /** Asks for up to `length` bytes, a multiple of the packet size; ends with the first short packet. */
  receive(endpoint: number, length: number): PendingTransfer
  /** In a thread of its own: the kernel's driver asks the printer who it is when it comes back, and that may take seconds. */
  release(interfaceNumber: number): Promise<void>
  /** Throws while a transfer is pending. */
  close(): void
}

export interface UsbHost {
  /** The device at this number of this bus, or undefined when libusb does not know it. */
  find(bus: number, address: number): UsbDevice | undefined
}

/** Loads libusb. Rejects when there is no build of it for this box. */
export async function loadUsbHost(): Promise<UsbHost> {
  const [usb, adapter] = await Promise.all([import('usb'), import('@node-escpos/usb-adapter')])
  return {
    find(bus, address) {
      const here = (device: Device) => device.busNumber === bus && device.deviceAddress === address
      // The adapter finds what calls itself a printer; makers with a class of their own are found in the complete list.
      const device = adapter.default.findPrinter().find(here) ?? usb.getDeviceList().find(here)
      return device === undefined ? undefined : libusbDevice(device, usb.usb)
    },
  }
}

type UsbModule = typeof import('usb')['usb']

function libusbDevice(device: Device, usb: UsbModule): UsbDevice {
  // Numbers of libusb.h; the names of the package are not there when it could not start.
  const bulkType = 2
  const later = (act: (done: (error?: LibUSBException) => void) => void) =>
    new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())))
  const submit = (endpoint: number, buffer: Buffer): PendingTransfer => {
    const { promise: ended, resolve } = Promise.withResolvers<TransferResult>()
    const incoming = (endpoint & 0x80) !== 0
    // Without a time limit of its own: a transfer that libusb gives up tells no more than one that waits, and giving up
    // disturbs the order of packets on some host controllers. Who waits too long is cancelled from above.
    const transfer = new usb.Transfer(device, endpoint, bulkType, 0, (error, _, actual) => {
      const count = actual ?? 0
      const bytes = incoming ? new Uint8Array(buffer.subarray(0, count)) : new Uint8Array()
      resolve({ status: error ? statusOf(error) : 'completed', count, bytes })
    })
    transfer.submit(buffer)
    return {
      ended,
      cancel() {
        try {
          transfer.cancel()
        } catch {
          // One whose device is gone ends by itself.
        }
      },
    }
  }
  return {
    settings: () =>
      (device.configDescriptor?.interfaces ?? []).flat().map((setting) => ({
        interface: setting.bInterfaceNumber,
        alternate: setting.bAlternateSetting,
        class: setting.bInterfaceClass,
        subclass: setting.bInterfaceSubClass,
        protocol: setting.bInterfaceProtocol,
        endpoints: setting.endpoints.map(({ bEndpointAddress, bmAttributes, wMaxPacketSize }) => ({
          address: bEndpointAddress,
          bulk: (bmAttributes & 3) === bulkType,
          packetBytes: wMaxPacketSize & 0x7ff,
        })),
      })),
    open: () => device.__open(),
    kernelDriverActive: (number) => device.__isKernelDriverActive(number),
    autoDetach: () => device.__setAutoDetachKernelDriver(1),
    // The package's own Interface takes the place in its list for the interface number: they differ on composite devices.
    claim: (number) => device.__claimInterface(number),
    setAlternate: (number, alternate) => later((done) => device.__setInterface(number, alternate, done)),
    clearHalt: (endpoint) => later((done) => device.__clearHalt(endpoint, done)),
    send: (endpoint, bytes) => submit(endpoint, Buffer.from(bytes)),
    receive: (endpoint, length) => submit(endpoint, Buffer.alloc(length)),
    release: (number) => later((done) => device.__releaseInterface(number, done)),
    close: () => device.__close(),
  }
}

/** Numbers of enum libusb_error in libusb.h. */
const failures: Readonly<Record<number, UsbFailure>> = {
  [-3]: 'access',
  [-4]: 'no-device',
  [-5]: 'not-found',
  [-6]: 'busy',
}

/** Which of the refusals an error of libusb is. */
export function usbFailureOf(error: unknown): UsbFailure {
  const { errno } = error as { errno?: unknown }
  return (typeof errno === 'number' ? failures[errno] : undefined) ?? 'other'
}

/** Numbers of enum libusb_transfer_status in libusb.h. */
const statuses: readonly TransferStatus[] = [
  'completed',
  'error',
  'timed-out',
  'cancelled',
  'stall',
  'no-device',
  'overflow',
]

function statusOf(error: LibUSBException): TransferStatus {
  return statuses[error.errno] ?? 'error'
}
