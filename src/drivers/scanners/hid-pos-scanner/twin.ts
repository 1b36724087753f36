/** The simulated HID POS scanner: cuts codes into reports of 64 bytes, with the AIM identifier apart from the code. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import type { HidFace, TransportFaces } from '../../transports/transport.ts'
import { TwinLine } from '../../twin-line.ts'

export interface HidPosScannerTwinOptions {
  clock: DriverClock
  /** The descriptor as the system tells it; `none` for a system that does not. */
  descriptor?: 'usages' | 'none'
  /** One byte more before the AIM identifier. */
  shifted?: boolean
  /** Sends the AIM identifier of an order that has one. */
  aim?: boolean
  /** The maker's own byte for the symbology, 0 for none. */
  vendorId?: number
  /** Sent after each code, as a part of it. */
  suffix?: string
  /** Says nothing before it got feature report FE 01. */
  needsSwitchOn?: boolean
  /** Refuses the feature report. */
  refusesSwitchOn?: boolean
}

const reportBytes = 64
const dataBytes = 56

export class HidPosScannerTwin implements Twin {
  readonly faces: TransportFaces
  onPlug: ((on: boolean) => void) | undefined
  readonly #options: Required<HidPosScannerTwinOptions>
  readonly #line: TwinLine
  #wire: TwinWire | undefined
  #on = false
  #drops = false
  /** Feature reports it was sent, for tests. */
  readonly features: Uint8Array[] = []

  constructor(options: HidPosScannerTwinOptions) {
    this.#options = {
      descriptor: 'usages',
      shifted: false,
      aim: true,
      vendorId: 0,
      suffix: '',
      needsSwitchOn: false,
      refusesSwitchOn: false,
      ...options,
    }
    this.#line = new TwinLine({
      clock: options.clock,
      // A scanner takes output reports (trigger, settings); this one takes none.
      onBytes: () => {},
      onPlug: (on) => this.onPlug?.(on),
    })
    this.faces = { hid: this.#face() }
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  /** Power is up: the mode is as the factory set it. */
  attach(wire: TwinWire): void {
    this.#wire = wire
    this.#on = !this.#options.needsSwitchOn
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (order.order === 'fault') this.#drops = order.fault === 'drop'
    if (this.#line.order(order)) return
    if (order.order === 'scan') this.scan(order.code, order.aim)
    else
      throw new HubError('params_invalid', { path: 'order.order', reason: `a scanner cannot ${order.order}` })
  }

  scan(code: string, aim?: string): void {
    for (const report of this.reports(code, aim)) this.say(report)
  }

  /** The reports of a code. */
  reports(code: string, aim?: string): Uint8Array[] {
    const { suffix, vendorId, shifted } = this.#options
    const shift = shifted ? 1 : 0
    const bytes = new TextEncoder().encode(code + suffix)
    const mark = new TextEncoder().encode(this.#options.aim ? (aim ?? '') : '')
    const room = dataBytes - shift
    const reports: Uint8Array[] = []
    for (let start = 0; start === 0 || start < bytes.length; start += room) {
      const data = bytes.subarray(start, start + room)
      const report = new Uint8Array(reportBytes)
      report[0] = 2
      report[1] = data.length
      report.set(mark.subarray(0, 3), 2 + shift)
      report.set(data, 5 + shift)
      report[61] = vendorId
      report[63] = start + room < bytes.length ? 1 : 0
      reports.push(report)
    }
    return reports
  }

  /** One report as it is. */
  say(report: Uint8Array): void {
    if (!this.#on) return
    if (this.#drops) {
      this.#wire?.close()
      this.#wire = undefined
    } else this.#line.say(report)
  }

  stop(): void {
    this.#line.stop()
    this.#wire = undefined
  }

  #face(): HidFace {
    const twin = this
    return {
      vendorId: 0x0c2e,
      productId: 0x0b8f,
      usagePage: 0x8c,
      usage: 0x02,
      maker: 'Twin',
      product: 'HID POS Scanner',
      serial: '',
      descriptor: twin.#options.descriptor === 'usages' ? descriptor : new Uint8Array(0),
      async sendFeature(report) {
        if (twin.#wire === undefined)
          throw new HubError('port_closed', { port: 'twin', reason: 'it is not plugged in' })
        twin.features.push(report)
        if (twin.#options.refusesSwitchOn)
          throw new HubError('answer_invalid', { device: 'twin', reason: 'the report was refused' })
        if (report[0] === 0xfe) twin.#on = report[1] === 1
      },
      async getFeature() {
        throw new HubError('answer_invalid', { device: 'twin', reason: 'there is no such report' })
      },
    }
  }
}

/** Put together from the rules of the HID Point of Sale Usage Tables: reports 2 (codes), 4 (trigger) and FE (the maker's). */
const descriptor = Uint8Array.from([
  ...[0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01],
  ...[0x85, 0x02, 0x09, 0x12, 0xa1, 0x02, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08],
  ...[0x05, 0x01, 0x09, 0x3b, 0x95, 0x01, 0x81, 0x02],
  ...[0x05, 0x8c, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x95, 0x03, 0x81, 0x02],
  ...[0x09, 0xfe, 0x95, dataBytes, 0x82, 0x02, 0x01],
  ...[0x06, 0x66, 0xff, 0x09, 0x04, 0x95, 0x01, 0x81, 0x02],
  ...[0x95, 0x01, 0x81, 0x03],
  ...[0x05, 0x8c, 0x09, 0xff, 0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x81, 0x02, 0x75, 0x07, 0x81, 0x03],
  0xc0,
  ...[0x85, 0x04, 0x09, 0x14, 0xa1, 0x02, 0x09, 0x5f, 0x09, 0x60, 0x75, 0x01, 0x95, 0x02, 0x91, 0x02],
  ...[0x75, 0x06, 0x95, 0x01, 0x91, 0x03, 0xc0],
  ...[0x85, 0xfe, 0x06, 0x66, 0xff, 0x09, 0x01, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x01, 0xb1, 0x02],
  0xc0,
])

/** A scanner that is in HID POS mode already, with AIM identifiers. */
export function createHidPosScannerTwin(options: HidPosScannerTwinOptions): HidPosScannerTwin {
  return new HidPosScannerTwin(options)
}
