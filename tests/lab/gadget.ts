/** USB devices made by the kernel's own gadget functions (configfs on dummy_hcd): printer, CDC-ACM, HID. A cable is a file. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Twin } from '../../src/drivers/driver.ts'
import { until } from '../support/hub-process.ts'
import { DeviceEnd } from './device-end.ts'
import type { Check } from './lab-run.ts'

const gadgets = '/sys/kernel/config/usb_gadget'

export interface GadgetIds {
  vendorId: number
  productId: number
  maker: string
  product: string
  serial?: string
}

export type GadgetKind =
  | { kind: 'printer'; ieee1284: string }
  | { kind: 'acm' }
  /**
   * `takesReports`: by interrupt, so that a SET_REPORT is refused with a stall, as this kernel does then; otherwise by SET_REPORT
   * on the control pipe. `repeats`: what is not fetched in time is replaced by the next, as scales do.
   */
  | {
      kind: 'hid'
      descriptor: Uint8Array
      reportBytes: number
      keyboard?: boolean
      takesReports?: boolean
      repeats?: boolean
    }

let made = 0
const printerMinors = new Set<number>()

/** A device on a socket of its own: each of the eight virtual controllers has one. */
export class Gadget {
  readonly #folder: string
  readonly #function: string
  readonly #socket: number
  readonly #kind: GadgetKind
  #printerMinor: number | undefined
  #plugged = false

  constructor(socket: number, ids: GadgetIds, kind: GadgetKind) {
    const name = `lab${made++}`
    this.#kind = kind
    this.#socket = socket
    this.#folder = join(gadgets, name)
    this.#function = `${kind.kind === 'hid' ? 'hid' : kind.kind}.${name}`
    const set = (path: string, value: string) => writeFileSync(join(this.#folder, path), value)
    mkdirSync(this.#folder)
    set('idVendor', `0x${ids.vendorId.toString(16)}`)
    set('idProduct', `0x${ids.productId.toString(16)}`)
    mkdirSync(join(this.#folder, 'strings/0x409'))
    set('strings/0x409/manufacturer', ids.maker)
    set('strings/0x409/product', ids.product)
    if (ids.serial !== undefined) set('strings/0x409/serialnumber', ids.serial)
    mkdirSync(join(this.#folder, 'configs/c.1'))
    mkdirSync(join(this.#folder, 'functions', this.#function))
    this.#define()
    symlinkSync(
      join(this.#folder, 'functions', this.#function),
      join(this.#folder, 'configs/c.1', this.#function),
    )
  }

  /** Puts the cable in, into another socket than before when one is named. */
  plug(socket = this.#socket): void {
    writeFileSync(join(this.#folder, 'UDC'), `dummy_udc.${socket}`)
    this.#plugged = true
  }

  /** Pulls the cable. */
  unplug(): void {
    if (!this.#plugged) return
    this.#plugged = false
    writeFileSync(join(this.#folder, 'UDC'), '\n')
  }

  /** The device's end of the wire, as long as the cable is in. */
  async open(): Promise<DeviceEnd> {
    const node = this.#node()
    // The kernel makes a terminal of it that echoes what the hub says.
    if (this.#kind.kind === 'acm') execFileSync('stty', ['-F', node, 'raw', '-echo', '-hupcl'])
    const latestOnly = this.#kind.kind === 'hid' && this.#kind.repeats === true
    return until(() => {
      try {
        return new DeviceEnd(node, { latestOnly })
      } catch (error) {
        // A printer's node cannot be opened before the host has chosen the configuration.
        if (['ENODEV', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
        throw error
      }
    }, node)
  }

  destroy(): void {
    this.unplug()
    if (this.#printerMinor !== undefined) printerMinors.delete(this.#printerMinor)
    unlinkSync(join(this.#folder, 'configs/c.1', this.#function))
    rmdirSync(join(this.#folder, 'configs/c.1'))
    rmdirSync(join(this.#folder, 'functions', this.#function))
    rmdirSync(join(this.#folder, 'strings/0x409'))
    rmdirSync(this.#folder)
  }

  #define(): void {
    const define = (attribute: string, value: string | Uint8Array) =>
      writeFileSync(join(this.#folder, 'functions', this.#function, attribute), value)
    const kind = this.#kind
    if (kind.kind === 'printer') {
      // This kernel's printer function counts the two bytes of the length, and cuts as many off the end.
      define('pnp_string', `${kind.ieee1284}  `)
      define('q_len', '2')
      // It tells its number nowhere, and takes the lowest that is free.
      let minor = 0
      while (printerMinors.has(minor)) minor++
      printerMinors.add(minor)
      this.#printerMinor = minor
    } else if (kind.kind === 'hid') {
      define('protocol', kind.keyboard === true ? '1' : '0')
      define('subclass', kind.keyboard === true ? '1' : '0')
      if (kind.takesReports !== true) define('no_out_endpoint', '1')
      define('report_length', String(kind.reportBytes))
      define('report_desc', kind.descriptor)
    }
  }

  #node(): string {
    const attribute = (name: string) =>
      readFileSync(join(this.#folder, 'functions', this.#function, name), 'utf8').trim()
    switch (this.#kind.kind) {
      case 'acm':
        return `/dev/ttyGS${attribute('port_num')}`
      case 'hid':
        return `/dev/hidg${attribute('dev').split(':')[1]}`
      default:
        return `/dev/g_printer${this.#printerMinor}`
    }
  }
}

/** A gadget with the twin that plays its inside; taken down with the check. */
export class LabDevice<T extends Twin> {
  readonly gadget: Gadget
  readonly twin: T
  end: DeviceEnd | undefined

  constructor(check: Check, gadget: Gadget, twin: T) {
    this.gadget = gadget
    this.twin = twin
    check.defer(() => {
      this.unplug()
      twin.stop()
      gadget.destroy()
    })
  }

  /** Answers when the cable went in, as performance.now(). */
  async plug(socket?: number): Promise<number> {
    const at = performance.now()
    this.gadget.plug(socket)
    this.end = await this.gadget.open()
    this.twin.attach(this.end)
    return at
  }

  unplug(): number {
    const at = performance.now()
    this.end?.close()
    this.end = undefined
    this.gadget.unplug()
    return at
  }
}

/** The input device that the kernel made of a hidraw node: its folder in sysfs and its event node. */
export function inputOf(hidraw: string): { folder: string; node: string } {
  const inputs = `/sys/class/hidraw/${hidraw}/device/input`
  const [input = ''] = readdirSync(inputs).filter((name) => /^input\d+$/.test(name))
  const [event = ''] = readdirSync(join(inputs, input)).filter((name) => /^event\d+$/.test(name))
  return { folder: join(inputs, input), node: `/dev/input/${event}` }
}
