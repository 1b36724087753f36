/** Bytes to and from a claimed printer interface: pieces out, a pending read in, stalls cleared once, one clean release. */
import { errorText } from '../../protocol/errors.ts'
import type { Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import {
  type PendingTransfer,
  type TransferResult,
  type UsbDevice,
  type UsbEndpoint,
  type UsbSetting,
  usbFailureOf,
} from './usb-host.ts'

export const usbLimits = {
  /** What is handed to libusb at once, in bytes: so much may count as gone although it was not, after a loss. */
  pieceBytes: 4096,
  /** Some printers answer every read at once with nothing: the next one waits this long. */
  emptyReadPauseMs: 50,
  /** After a read that failed for no told reason, before the one other try. */
  failedReadPauseMs: 100,
  /** How long letting go waits for the system to give back cancelled transfers. */
  releaseMsMax: 1_000,
} as const

/** What a person reads when the connection ends. */
export const usbReasons = {
  gone: 'the USB cable was pulled or the printer was switched off',
  stalled: 'the printer refuses data although its USB connection was cleared; switch it off and on',
  broken: 'the USB connection is disturbed; try another cable or socket',
} as const

export class UsbWire implements Wire {
  readonly #device: UsbDevice
  readonly #setting: UsbSetting
  readonly #clock: TransportClock
  readonly #out: number
  readonly #packetBytes: number
  readonly #pending = new Set<PendingTransfer>()
  #released = false
  #lose: (reason: string) => void = () => {}
  #wakeReader: () => void = () => {}
  /** Calls to the system that cannot be cancelled. The device is not closed before they are over. */
  #clearing: Promise<unknown> = Promise.resolve()

  constructor(device: UsbDevice, setting: UsbSetting, clock: TransportClock) {
    this.#device = device
    this.#setting = setting
    this.#clock = clock
    const out = bulkOut(setting)
    this.#out = out?.address ?? 0
    this.#packetBytes = out?.packetBytes ?? 0
  }

  /** Reads from now on, until the end. `lose` is called when the connection is over, with the reason. */
  start(receive: (bytes: Uint8Array) => void, lose: (reason: string) => void): void {
    this.#lose = lose
    const endpoint = bulkIn(this.#setting)
    // A printer that cannot answer is never read; that it is gone shows with the next write.
    if (endpoint === undefined) return
    this.#readAll(endpoint, receive).then(
      (reason) => lose(reason),
      (error: unknown) => lose(explainUsb(error)),
    )
  }

  /**
   * Every piece counts as gone from the moment it is handed on, because libusb tells only at its end how much went; what did
   * not go is then taken back. After a broken connection one packet more counts as gone than was acknowledged: it may have
   * arrived and its acknowledgement not.
   */
  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    let start = 0
    let cleared = false
    try {
      while (start < bytes.length && !this.#released) {
        const piece = bytes.subarray(start, start + usbLimits.pieceBytes)
        const transfer = this.#hold(this.#device.send(this.#out, piece))
        handed(piece.length)
        const { status, count } = await transfer.ended
        // The ending was told already: the whole piece stays counted, rather too much than too little.
        if (this.#released) return
        const gone = status === 'completed' || status === 'stall' ? count : count + this.#packetBytes
        if (gone < piece.length) handed(gone - piece.length)
        start += count
        if (count > 0) cleared = false
        if (status === 'completed' && count > 0) continue
        if (status === 'stall' && !cleared) {
          cleared = true
          await this.#clearHalt(this.#out)
        } else return this.#lose(reasonOf(status))
      }
    } catch (error) {
      this.#lose(explainUsb(error))
    }
  }

  async #readAll(endpoint: UsbEndpoint, receive: (bytes: Uint8Array) => void): Promise<string> {
    // One packet a read: a longer one waits for more when an answer fills its packets exactly, as printers send no empty one
    // after it.
    const length = endpoint.packetBytes
    let troubled = false
    while (!this.#released) {
      const { status, bytes } = await this.#hold(this.#device.receive(endpoint.address, length)).ended
      if (this.#released) break
      // What came before the end, whatever the end was, is news of the printer all the same.
      receive(bytes)
      if (status === 'completed') {
        troubled = false
        if (bytes.length === 0) await this.#pause(usbLimits.emptyReadPauseMs)
      } else if (status === 'stall' && !troubled) {
        troubled = true
        await this.#clearHalt(endpoint.address)
      } else if ((status === 'error' || status === 'overflow') && !troubled) {
        troubled = true
        await this.#pause(usbLimits.failedReadPauseMs)
      } else return reasonOf(status)
    }
    return 'the port was closed'
  }

  /** Cancels what is under way and waits for its end: libusb does not close over pending transfers. */
  async release(): Promise<void> {
    this.#released = true
    this.#wakeReader()
    const ended = [...this.#pending].map((transfer) => transfer.ended)
    for (const transfer of this.#pending) transfer.cancel()
    await this.#within(Promise.allSettled([...ended, this.#clearing]))
    await releaseDevice(this.#device, this.#setting.interface)
  }

  #hold(transfer: PendingTransfer): PendingTransfer {
    this.#pending.add(transfer)
    void transfer.ended.then((_: TransferResult) => this.#pending.delete(transfer))
    return transfer
  }

  async #clearHalt(endpoint: number): Promise<void> {
    if (this.#released) return
    const call = this.#device.clearHalt(endpoint)
    this.#clearing = Promise.allSettled([this.#clearing, call])
    await call
  }

  #pause(ms: number): Promise<void> {
    if (this.#released) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#wakeReader = () => {
        cancel()
        resolve()
      }
    })
  }

  #within(work: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(usbLimits.releaseMsMax, () => resolve(undefined))
      void work.then((value) => {
        cancel()
        resolve(value)
      })
    })
  }
}

/** Gives the interface back. What is gone is free already, so nothing here fails. */
export async function releaseDevice(device: UsbDevice, number: number): Promise<void> {
  await device.release(number).catch(() => {})
  try {
    device.close()
  } catch {
    // A transfer that the system did not give back holds it; the next opening takes it as it is.
  }
}

export const bulkOut = ({ endpoints }: UsbSetting) =>
  endpoints.find(({ bulk, address }) => bulk && (address & 0x80) === 0)
export const bulkIn = ({ endpoints }: UsbSetting) =>
  endpoints.find(({ bulk, address, packetBytes }) => bulk && (address & 0x80) !== 0 && packetBytes > 0)

function reasonOf(status: TransferResult['status']): string {
  if (status === 'no-device') return usbReasons.gone
  return status === 'stall' ? usbReasons.stalled : usbReasons.broken
}

/** The words for what libusb refused. */
export function explainUsb(error: unknown): string {
  switch (usbFailureOf(error)) {
    case 'access':
      return 'the hub may not open it; install the udev rules of the hub and plug it in again (see tillbridge doctor)'
    case 'busy':
      return 'another program holds it (see tillbridge doctor)'
    case 'no-device':
      return usbReasons.gone
    case 'not-found':
      return 'the USB library does not see it'
    default:
      return `the USB library says ${errorText(error)}`
  }
}
