/** A USB printer by USB/IP: its own server and the attaching to vhci_hcd, for what no kernel gadget does: stalls and lies. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { TwinWire } from '../../src/drivers/driver.ts'

/** USB/IP protocol 1.1.1, Documentation/usb/usbip_protocol.rst. Numbers are big-endian. */
const version = 0x0111
const importReply = 0x0003
const importRequestBytes = 40
const importReplyBytes = 320
const headerBytes = 48
const commands = { submit: 1, unlink: 2, submitted: 3, unlinked: 4 } as const
const highSpeed = 3
const busId = '1-1'
const deviceId = (1 << 16) | 2
/** A free port of the virtual controller in its status file: VDEV_ST_NULL. */
const portFree = '004'
const vhci = '/sys/devices/platform/vhci_hcd.0'

/** Negative errno of a transfer that went wrong, as the kernel counts them. */
export const usbErrors = { stall: -32, protocol: -71, reset: -104 } as const

const endpoints = { out: 0x01, in: 0x82 } as const
const packetBytes = 512

/** What one bulk transfer out comes to; undefined: it is taken and said so. */
export type Misbehaviour = { error: number } | { silent: true } | undefined

interface Pending {
  length: number
  answer(bytes: Uint8Array): void
}

export interface UsbipPrinterIds {
  vendorId: number
  productId: number
  maker: string
  product: string
  serial: string
}

export class UsbipPrinter implements TwinWire {
  readonly #ids: UsbipPrinterIds
  #server: Server | undefined
  #socket: Socket | undefined
  #listener: ((bytes: Uint8Array) => void) | undefined
  readonly #reads = new Map<number, Pending>()
  #waiting: Buffer[] = []
  /** Asked at each bulk transfer out: how it goes wrong. */
  misbehave: ((bytes: Uint8Array) => Misbehaviour) | undefined
  /** CLEAR_FEATURE(ENDPOINT_HALT) requests that came. */
  clearedHalts = 0

  constructor(ids: UsbipPrinterIds) {
    this.#ids = ids
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener
  }

  write(bytes: Uint8Array): void {
    this.#waiting.push(Buffer.from(bytes))
    this.#answerReads()
  }

  /** Puts the cable in: serves the device and hands a connection to it to the kernel. */
  async plug(): Promise<void> {
    this.#waiting = []
    this.#reads.clear()
    const server = createServer({ noDelay: true }, (socket) => this.#serve(socket))
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    await attach((server.address() as AddressInfo).port)
  }

  /** Pulls the cable. */
  close(): void {
    this.#socket?.destroy()
    this.#server?.close()
    this.#server = undefined
  }

  #serve(socket: Socket): void {
    this.#socket = socket
    let received = Buffer.alloc(0)
    let imported = false
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (!imported) {
        if (received.length < importRequestBytes) return
        received = received.subarray(importRequestBytes)
        imported = true
        socket.write(importAnswer(this.#ids))
      }
      for (;;) {
        if (received.length < headerBytes) return
        const header = received.subarray(0, headerBytes)
        const isOut = header.readUInt32BE(0) === commands.submit && header.readUInt32BE(12) === 0
        const dataBytes = isOut ? header.readInt32BE(24) : 0
        if (received.length < headerBytes + dataBytes) return
        const data = Buffer.from(received.subarray(headerBytes, headerBytes + dataBytes))
        received = received.subarray(headerBytes + dataBytes)
        this.#command(header, data)
      }
    })
  }

  #command(header: Buffer, data: Buffer): void {
    const sequence = header.readUInt32BE(4)
    if (header.readUInt32BE(0) === commands.unlink) {
      const wasPending = this.#reads.delete(header.readUInt32BE(20))
      this.#socket?.write(head(commands.unlinked, sequence, wasPending ? usbErrors.reset : 0, 0))
      return
    }
    const isIn = header.readUInt32BE(12) === 1
    const endpoint = header.readUInt32BE(16)
    const length = header.readInt32BE(24)
    const answer = (status: number, count: number, bytes?: Uint8Array) => {
      const reply = head(commands.submitted, sequence, status, count)
      this.#socket?.write(bytes === undefined ? reply : Buffer.concat([reply, bytes]))
    }
    if (endpoint === 0) this.#control(header.subarray(40, 48), length, isIn, answer)
    else if (isIn) {
      this.#reads.set(sequence, { length, answer: (bytes) => answer(0, bytes.length, bytes) })
      this.#answerReads()
    } else {
      const wrong = this.misbehave?.(data)
      if (wrong !== undefined && 'silent' in wrong) return
      if (wrong !== undefined) {
        if ('error' in wrong) answer(wrong.error, 0)
        return
      }
      this.#listener?.(new Uint8Array(data))
      answer(0, data.length)
    }
  }

  #answerReads(): void {
    for (const [sequence, read] of this.#reads) {
      const bytes = this.#waiting[0]
      if (bytes === undefined) return
      this.#reads.delete(sequence)
      if (bytes.length > read.length) this.#waiting[0] = bytes.subarray(read.length)
      else this.#waiting.shift()
      read.answer(bytes.subarray(0, read.length))
    }
  }

  #control(
    setup: Buffer,
    length: number,
    isIn: boolean,
    answer: (status: number, count: number, bytes?: Uint8Array) => void,
  ): void {
    const reply = this.#controlReply(setup)
    if (reply === undefined) answer(usbErrors.stall, 0)
    else if (isIn) answer(0, Math.min(reply.length, length), reply.subarray(0, length))
    else answer(0, 0)
  }

  /** Requests of USB 2.0 chapter 9 and of the printer class; undefined: a stall. */
  #controlReply(setup: Buffer): Buffer | undefined {
    const [type = 0, request = 0] = setup
    const value = setup.readUInt16LE(2)
    if (type === 0x80 && request === 6) return descriptor(this.#ids, value >> 8, value & 0xff)
    if (type === 0x80 && request === 0) return Buffer.from([0, 0])
    if (type === 0xa1 && request === 0) return deviceIdOf(this.#ids)
    // Port status of a printer that lies: paper out, error. Nobody who reads the language may believe it.
    if (type === 0xa1 && request === 1) return Buffer.from([0x20])
    if (type === 0x02 && request === 1) this.clearedHalts++
    return (type & 0x80) === 0 ? Buffer.alloc(0) : undefined
  }
}

function head(command: number, sequence: number, status: number, count: number): Buffer {
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32BE(command, 0)
  header.writeUInt32BE(sequence, 4)
  header.writeInt32BE(status, 20)
  header.writeInt32BE(count, 24)
  return header
}

const littleEndian = (value: number) => [value & 0xff, value >> 8]

function deviceDescriptor({ vendorId, productId }: UsbipPrinterIds): Buffer {
  const ids = [...littleEndian(vendorId), ...littleEndian(productId)]
  return Buffer.from([18, 1, 0x00, 0x02, 0, 0, 0, 64, ...ids, 0x00, 0x01, 1, 2, 3, 1])
}

const configuration = Buffer.from([
  ...[9, 2, 32, 0, 1, 1, 0, 0xc0, 50],
  ...[9, 4, 0, 0, 2, 7, 1, 2, 0],
  ...[7, 5, endpoints.out, 2, ...littleEndian(packetBytes), 0],
  ...[7, 5, endpoints.in, 2, ...littleEndian(packetBytes), 0],
])

function descriptor(ids: UsbipPrinterIds, kind: number, index: number): Buffer | undefined {
  if (kind === 1) return deviceDescriptor(ids)
  if (kind === 2) return configuration
  if (kind !== 3) return undefined
  if (index === 0) return Buffer.from([4, 3, 0x09, 0x04])
  const text = Buffer.from([ids.maker, ids.product, ids.serial][index - 1] ?? '', 'utf16le')
  return Buffer.concat([Buffer.from([text.length + 2, 3]), text])
}

function deviceIdOf({ maker, product }: UsbipPrinterIds): Buffer {
  const text = Buffer.from(`MFG:${maker};CMD:ESC/POS;MDL:${product};CLS:PRINTER;`)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length + 2)
  return Buffer.concat([length, text])
}

function importAnswer(ids: UsbipPrinterIds): Buffer {
  const answer = Buffer.alloc(importReplyBytes)
  answer.writeUInt16BE(version, 0)
  answer.writeUInt16BE(importReply, 2)
  const device = answer.subarray(8)
  device.write('/sys/devices/lab/1-1', 0)
  device.write(busId, 256)
  device.writeUInt32BE(deviceId >> 16, 288)
  device.writeUInt32BE(deviceId & 0xffff, 292)
  device.writeUInt32BE(highSpeed, 296)
  device.writeUInt16BE(ids.vendorId, 300)
  device.writeUInt16BE(ids.productId, 302)
  device.writeUInt16BE(0x0100, 304)
  device.writeUInt8(1, 309)
  device.writeUInt8(1, 310)
  device.writeUInt8(1, 311)
  return answer
}

/** Asks the server for the device and gives the connection to the kernel, which keeps it when we let go. */
async function attach(port: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const request = Buffer.alloc(importRequestBytes)
  request.writeUInt16BE(version, 0)
  request.writeUInt16BE(0x8003, 2)
  request.write(busId, 8)
  socket.write(request)
  let received = Buffer.alloc(0)
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < importReplyBytes) return
      socket.pause()
      resolve()
    })
  })
  const row = readFileSync(`${vhci}/status`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([hub, , state]) => hub === 'hs' && state === portFree)
  if (row === undefined) throw new Error('the virtual controller has no free port')
  // Node tells the descriptor of a socket nowhere else.
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle
  writeFileSync(`${vhci}/attach`, `${Number(row[1])} ${fd} ${deviceId} ${highSpeed}`)
  socket.destroy()
}
