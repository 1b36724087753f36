/** The simulated HID drawer: a solenoid, a spring and a switch that reports when it changes. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import type { HidFace, TransportFaces } from '../../transports/transport.ts'
import { TwinLine } from '../../twin-line.ts'

export interface HidDrawerTwinOptions {
  clock: DriverClock
  /** The report that opens it, with its id in the first byte. */
  openReport?: readonly number[]
  openVia?: 'output' | 'feature'
  /** The reports of its switch; undefined for a drawer without one. */
  openSays?: readonly number[] | undefined
  closedSays?: readonly number[] | undefined
  /** Says what its switch is every so many ms, beside each change; 0 at changes only. */
  everyMs?: number
  /** Time from the command to the open drawer. */
  travelMs?: number
}

export class HidDrawerTwin implements Twin {
  readonly faces: TransportFaces
  onPlug: ((on: boolean) => void) | undefined
  readonly #options: HidDrawerTwinOptions
  readonly #line: TwinLine
  #wire: TwinWire | undefined
  #drops = false
  #isOpen = false
  #stuck = false
  #talking = false
  /** How often the solenoid has fired. */
  kicks = 0

  constructor(options: HidDrawerTwinOptions) {
    this.#options = options
    this.#line = new TwinLine({
      clock: options.clock,
      onBytes: (bytes) => this.#take(bytes, 'output'),
      onPlug: (on) => this.onPlug?.(on),
    })
    this.faces = { hid: this.#face() }
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  attach(wire: TwinWire): void {
    this.#wire = wire
    this.#talking = false
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (order.order === 'fault') this.#drops = order.fault === 'drop'
    if (this.#line.order(order)) return
    if (order.order !== 'drawer')
      throw new HubError('params_invalid', { path: 'order.order', reason: `a drawer cannot ${order.order}` })
    this.#move(order.open)
  }

  /** For tests: something holds it. */
  stick(on: boolean): void {
    this.#stuck = on
  }

  stop(): void {
    this.#line.stop()
    this.#wire = undefined
  }

  #take(report: Uint8Array, by: 'output' | 'feature'): void {
    const { openReport = [0, 1], openVia = 'output', travelMs = 0, everyMs = 0 } = this.#options
    if (everyMs > 0 && !this.#talking) this.#repeat(everyMs)
    if (by !== openVia || report.length !== openReport.length) return
    if (!openReport.every((byte, index) => report[index] === byte)) return
    this.kicks++
    if (this.#stuck) return
    if (travelMs > 0) this.#line.after(travelMs, () => this.#move(true))
    else this.#move(true)
  }

  #repeat(everyMs: number): void {
    this.#talking = true
    this.#line.after(everyMs, () => {
      this.#say()
      this.#repeat(everyMs)
    })
  }

  #move(open: boolean): void {
    const changed = open !== this.#isOpen
    this.#isOpen = open
    if (changed) this.#say()
  }

  #say(): void {
    const says = this.#isOpen ? this.#options.openSays : this.#options.closedSays
    if (says !== undefined) this.#line.say(Uint8Array.from(says))
  }

  #face(): HidFace {
    const twin = this
    return {
      vendorId: 0,
      productId: 0,
      usagePage: 0xff00,
      usage: 0x01,
      maker: 'Twin',
      product: 'HID Drawer',
      serial: '',
      descriptor: new Uint8Array(0),
      async sendFeature(report) {
        if (twin.#wire === undefined || !twin.#line.plugged)
          throw new HubError('port_closed', { port: 'twin', reason: 'it is not plugged in' })
        if (twin.#drops) {
          twin.#wire.close()
          throw new HubError('port_closed', { port: 'twin', reason: 'the cable was pulled' })
        }
        twin.#take(report, 'feature')
      },
      async getFeature() {
        throw new HubError('answer_invalid', { device: 'twin', reason: 'there is no such report' })
      },
    }
  }
}

/** A closed drawer. */
export function createHidDrawerTwin(options: HidDrawerTwinOptions): HidDrawerTwin {
  return new HidDrawerTwin(options)
}
