/**
 * A USB device as libusb shows it, following its documents (libusb.h; "Packets and overflows", "Asynchronous device I/O"):
 * transfers end later and tell how much went, a halted endpoint stays halted until it is cleared, cancelling is a request,
 * an unplugged device ends everything with NO_DEVICE, a claimed interface is needed, nothing closes over pending transfers.
 */
import type {
  PendingTransfer,
  TransferResult,
  TransferStatus,
  UsbDevice,
  UsbEndpoint,
  UsbHost,
  UsbSetting,
} from '../../../src/drivers/transports/usb-host.ts'
import { Received } from '../../contracts/transport.ts'

/** enum libusb_error */
export const libusb = { invalid: -2, access: -3, noDevice: -4, notFound: -5, busy: -6, other: -99 } as const

export const failure = (errno: number, text = 'LIBUSB_ERROR') => Object.assign(new Error(text), { errno })

export const bulk = (address: number, packetBytes = 512): UsbEndpoint => ({
  address,
  bulk: true,
  packetBytes,
})

export function setting(
  kind: string,
  more: Partial<Pick<UsbSetting, 'interface' | 'alternate' | 'endpoints'>> = {},
): UsbSetting {
  const [group = 0, subclass = 0, protocol = 0] = kind.split(':').map((part) => Number.parseInt(part, 16))
  const endpoints = more.endpoints ?? [bulk(0x01), bulk(0x82)]
  return { interface: 0, alternate: 0, class: group, subclass, protocol, ...more, endpoints }
}

interface Transfer {
  endpoint: number
  buffer: Uint8Array
  count: number
  cancelled: boolean
  resolve: (result: TransferResult) => void
}

export class UsbTwin {
  readonly received = new Received()
  /** What was asked of it, in words. */
  readonly log: string[] = []
  /** Errors for the next calls of these names, as errno. */
  readonly refusals = new Map<string, number>()
  /** Packets it still takes before it says NAK; undefined: all. */
  takes: number | undefined
  /** Answers every read at once with nothing when it has nothing to say. */
  emptyAnswers = false
  /** How often a read began. */
  reads = 0
  /** Ends the next reads this way. */
  readonly failNextReads: TransferStatus[] = []
  /** The system does not give cancelled transfers back. */
  keepsCancelled = false
  kernelDriver: string | undefined
  readonly #settings: readonly UsbSetting[]
  readonly #halted = new Map<number, number>()
  readonly #claimed = new Set<number>()
  #transfers: Transfer[] = []
  #said = Buffer.alloc(0)
  #open = false
  #autoDetach = false
  #gone = false
  #planned = false

  constructor(settings: readonly UsbSetting[], kernelDriver?: string) {
    this.#settings = settings
    this.kernelDriver = kernelDriver
  }

  get pending(): number {
    return this.#transfers.length
  }

  /** The library, with this device at one place of the bus. */
  host(bus: number, address: number): UsbHost {
    return { find: (b, a) => (b === bus && a === address && !this.#gone ? this.face() : undefined) }
  }

  say(bytes: Uint8Array): void {
    this.#said = Buffer.concat([this.#said, bytes])
    this.#plan()
  }

  stall(on: boolean): void {
    this.takes = on ? 0 : undefined
    this.#plan()
  }

  takePackets(count: number): void {
    this.takes = count
    this.#plan()
  }

  /** Halts the endpoint; after a clearing it halts `times - 1` times more. */
  halt(endpoint: number, times = 1): void {
    this.#halted.set(endpoint, times)
    this.#plan()
  }

  unplug(): void {
    this.#gone = true
    this.#plan()
  }

  plugIn(): void {
    this.#gone = false
    this.#open = false
    this.#claimed.clear()
  }

  face(): UsbDevice {
    return {
      settings: () => this.#settings,
      open: () => {
        this.#call('open')
        this.#open = true
      },
      kernelDriverActive: () => this.kernelDriver !== undefined && this.kernelDriver !== 'detached',
      autoDetach: () => {
        this.#call('auto-detach')
        this.#autoDetach = true
      },
      claim: (number) => {
        this.#call(`claim ${number}`)
        if (this.kernelDriver === 'usblp') {
          if (!this.#autoDetach) throw failure(libusb.busy)
          this.kernelDriver = 'detached'
        }
        this.#claimed.add(number)
      },
      setAlternate: async (number, alternate) => {
        this.#call(`alternate ${number}.${alternate}`)
        if (!this.#claimed.has(number)) throw failure(libusb.notFound)
      },
      clearHalt: async (endpoint) => {
        this.#call(`clear ${endpoint.toString(16)}`)
        const left = (this.#halted.get(endpoint) ?? 0) - 1
        if (left > 0) this.#halted.set(endpoint, left)
        else this.#halted.delete(endpoint)
      },
      send: (endpoint, bytes) => this.#submit(endpoint, bytes),
      receive: (endpoint, length) => {
        this.reads++
        return this.#submit(endpoint, new Uint8Array(length))
      },
      release: async (number) => {
        this.#call(`release ${number}`)
        if (!this.#claimed.delete(number)) throw failure(libusb.notFound)
        if (this.#gone) throw failure(libusb.noDevice)
        if (this.#autoDetach && this.kernelDriver === 'detached') this.kernelDriver = 'usblp'
      },
      close: () => {
        this.#call('close')
        if (this.#transfers.length > 0) throw failure(libusb.other, 'a request is pending')
        this.#open = false
        this.#autoDetach = false
      },
    }
  }

  #call(name: string): void {
    this.log.push(name)
    const errno = this.refusals.get(name.split(' ')[0] ?? '')
    if (errno !== undefined) throw failure(errno)
    if (this.#gone && !['close', 'release'].includes(name.split(' ')[0] ?? '')) throw failure(libusb.noDevice)
  }

  #submit(endpoint: number, buffer: Uint8Array): PendingTransfer {
    if (this.#gone) throw failure(libusb.noDevice)
    if (!this.#open || this.#claimed.size === 0) throw failure(libusb.notFound)
    const { promise: ended, resolve } = Promise.withResolvers<TransferResult>()
    const transfer: Transfer = { endpoint, buffer, count: 0, cancelled: false, resolve }
    this.#transfers.push(transfer)
    this.#plan()
    return {
      ended,
      cancel: () => {
        transfer.cancelled = true
        this.#plan()
      },
    }
  }

  /** Completions come from libusb's own thread: never in the turn of the call. */
  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    setImmediate(() => {
      this.#planned = false
      for (const transfer of [...this.#transfers]) this.#serve(transfer)
    })
  }

  #serve(transfer: Transfer): void {
    if (this.#gone) this.#end(transfer, 'no-device')
    else if (transfer.cancelled) {
      if (!this.keepsCancelled) this.#end(transfer, 'cancelled')
    } else if (this.#halted.has(transfer.endpoint)) this.#end(transfer, 'stall')
    else if ((transfer.endpoint & 0x80) !== 0) this.#serveRead(transfer)
    else this.#serveWrite(transfer)
  }

  #serveWrite(transfer: Transfer): void {
    const packetBytes = this.#packetBytes(transfer.endpoint)
    while (transfer.count < transfer.buffer.length && this.takes !== 0) {
      const packet = transfer.buffer.subarray(transfer.count, transfer.count + packetBytes)
      if (this.takes !== undefined) this.takes--
      transfer.count += packet.length
      this.received.push(packet)
    }
    if (transfer.count === transfer.buffer.length) this.#end(transfer, 'completed')
  }

  #serveRead(transfer: Transfer): void {
    const failed = this.failNextReads.shift()
    const packetBytes = this.#packetBytes(transfer.endpoint)
    let ends: TransferStatus | undefined = failed
    if (this.#said.length === 0 && this.emptyAnswers) ends ??= 'completed'
    while (ends === undefined && this.#said.length > 0) {
      const packet = this.#said.subarray(0, packetBytes)
      if (packet.length > transfer.buffer.length - transfer.count) ends = 'overflow'
      else {
        transfer.buffer.set(packet, transfer.count)
        transfer.count += packet.length
        this.#said = this.#said.subarray(packet.length)
        // A short packet ends a transfer; after a full one the host waits for more.
        if (packet.length < packetBytes || transfer.count === transfer.buffer.length) ends = 'completed'
      }
    }
    if (ends !== undefined) this.#end(transfer, ends)
  }

  #packetBytes(endpoint: number): number {
    const all = this.#settings.flatMap(({ endpoints }) => endpoints)
    return all.find(({ address }) => address === endpoint)?.packetBytes ?? 64
  }

  #end(transfer: Transfer, status: TransferStatus): void {
    this.#transfers = this.#transfers.filter((other) => other !== transfer)
    const incoming = (transfer.endpoint & 0x80) !== 0
    const bytes = incoming ? transfer.buffer.slice(0, transfer.count) : new Uint8Array()
    transfer.resolve({ status, count: transfer.count, bytes })
  }
}
