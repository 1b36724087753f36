/** HID devices by /dev/uhid: the kernel's HID core with this process as the hardware (linux/uhid.h). Fast, and without USB. */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'

/** enum uhid_event_type */
const types = {
  destroy: 1,
  output: 6,
  getReport: 9,
  getReportReply: 10,
  create2: 11,
  input2: 12,
  setReport: 13,
  setReportReply: 14,
} as const
const eventBytes = 4 + 4_372
const dataBytes = 4_096
const usbBus = 3
const pollMs = 10

export interface UhidIds {
  name: string
  /** Where it is plugged in, as HID_PHYS. */
  place: string
  serial?: string
  vendorId: number
  productId: number
  descriptor: Uint8Array
}

export class UhidDevice {
  readonly #fd: number
  readonly #timer: NodeJS.Timeout
  #destroyed = false
  /** Feature and output reports that the hub sent, as they came. */
  readonly received: Buffer[] = []

  /** Plugs it in. */
  constructor({ name, place, serial = '', vendorId, productId, descriptor }: UhidIds) {
    this.#fd = openSync('/dev/uhid', constants.O_RDWR | constants.O_NONBLOCK)
    const event = Buffer.alloc(eventBytes)
    event.writeUInt32LE(types.create2, 0)
    event.write(name, 4)
    event.write(place, 132)
    event.write(serial, 196)
    event.writeUInt16LE(descriptor.length, 260)
    event.writeUInt16LE(usbBus, 262)
    event.writeUInt32LE(vendorId, 264)
    event.writeUInt32LE(productId, 268)
    event.set(descriptor, 280)
    writeSync(this.#fd, event)
    this.#timer = setInterval(() => this.#look(), pollMs)
  }

  input(report: Uint8Array): void {
    const event = Buffer.alloc(6 + dataBytes)
    event.writeUInt32LE(types.input2, 0)
    event.writeUInt16LE(report.length, 4)
    event.set(report, 6)
    writeSync(this.#fd, event)
  }

  /** Pulls the cable. Safe twice. */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    clearInterval(this.#timer)
    const event = Buffer.alloc(4)
    event.writeUInt32LE(types.destroy, 0)
    writeSync(this.#fd, event)
    closeSync(this.#fd)
  }

  #look(): void {
    const event = Buffer.alloc(eventBytes)
    for (;;) {
      try {
        if (readSync(this.#fd, event) === 0) return
      } catch {
        return
      }
      const type = event.readUInt32LE(0)
      if (type === types.output)
        this.received.push(Buffer.from(event.subarray(4, 4 + event.readUInt16LE(4 + dataBytes))))
      else if (type === types.setReport) {
        const size = event.readUInt16LE(10)
        this.received.push(Buffer.from(event.subarray(12, 12 + size)))
        this.#reply(types.setReportReply, event.readUInt32LE(4))
      } else if (type === types.getReport) this.#reply(types.getReportReply, event.readUInt32LE(4))
    }
  }

  /** Everything that is set is taken; what is asked for has no bytes. */
  #reply(type: number, id: number): void {
    const reply = Buffer.alloc(type === types.getReportReply ? 12 + dataBytes : 10)
    reply.writeUInt32LE(type, 0)
    reply.writeUInt32LE(id, 4)
    writeSync(this.#fd, reply)
  }
}
