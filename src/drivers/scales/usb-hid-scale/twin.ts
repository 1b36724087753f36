/** The simulated USB scale: a load cell with a display that sends a report a few times a second, as long as it is awake. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import type { HidFace, TransportFaces } from '../../transports/transport.ts'
import { TwinLine } from '../../twin-line.ts'

export interface UsbHidScaleTwinOptions {
  clock: DriverClock
  /** What its display shows, changed by the key in front. */
  unit?: TwinUnit
  /** Power of ten of one count of the display. */
  exponent?: number
  capacityGrams?: number
  /** Time between two reports. */
  everyMs?: number
  /** How it takes a zero: an output report, a feature report, or its key alone. */
  zero?: 'output' | 'feature' | 'none'
  /** The descriptor as the system tells it; `none` for a system that does not, `plain` for status and unit as plain numbers. */
  descriptor?: 'selectors' | 'plain' | 'none'
  /** Switches itself off after this time without a change, in ms; 0 never. */
  idleOffMs?: number
  /** Sends the weight of before once more when it is plugged in. */
  stale?: boolean
}

export type TwinUnit = 'mg' | 'g' | 'kg' | 'ct' | 'oz' | 'lb'

/** Number in the language, and grams in one. */
const units: Readonly<Record<TwinUnit, { number: number; grams: number }>> = {
  mg: { number: 1, grams: 0.001 },
  g: { number: 2, grams: 1 },
  kg: { number: 3, grams: 1_000 },
  ct: { number: 4, grams: 0.2 },
  oz: { number: 11, grams: 28.349523125 },
  lb: { number: 12, grams: 453.59237 },
}

const status = {
  fault: 1,
  zero: 2,
  motion: 3,
  stable: 4,
  under: 5,
  over: 6,
  calibration: 7,
  rezero: 8,
} as const
const pollTurns = 6
export type TwinTrouble = 'fault' | 'calibration' | 'rezero'

export class UsbHidScaleTwin implements Twin {
  readonly faces: TransportFaces
  readonly #line: TwinLine
  readonly #options: Required<UsbHidScaleTwinOptions>
  #wire: TwinWire | undefined
  #drops = false
  #awake = false
  #loadGrams = 0
  #zeroGrams = 0
  #motion = false
  #trouble: TwinTrouble | undefined
  #changedAt = 0
  #lastReport: Uint8Array | undefined
  onPlug: ((on: boolean) => void) | undefined
  /** Every report it was sent, output and feature, for tests. */
  readonly received: Uint8Array[] = []

  constructor(options: UsbHidScaleTwinOptions) {
    this.#options = {
      unit: 'g',
      exponent: 0,
      capacityGrams: 10_000,
      everyMs: 250,
      zero: 'output',
      descriptor: 'selectors',
      idleOffMs: 0,
      stale: false,
      ...options,
    }
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

  attach(wire: TwinWire): void {
    this.#wire = wire
    this.#awake = false
    this.#line.attach(wire)
  }

  /**
   * The host fetches reports now. On USB a scale talks only while somebody has it open; here the first request of a driver
   * stands for that, and tests without one call this.
   */
  poll(): void {
    if (this.#awake || this.#wire === undefined) return
    this.#awake = true
    this.#changedAt = this.#options.clock.monotonic()
    if (this.#options.stale && this.#lastReport !== undefined) this.#line.say(this.#lastReport)
    this.#tick()
  }

  order(order: DemoOrder): void {
    if (order.order === 'fault') this.#drops = order.fault === 'drop'
    if (this.#line.order(order)) return
    switch (order.order) {
      case 'load':
        this.#loadGrams = order.grams
        break
      case 'motion':
        this.#motion = order.on
        break
      default:
        throw new HubError('params_invalid', { path: 'order.order', reason: `a scale cannot ${order.order}` })
    }
    this.#changedAt = this.#options.clock.monotonic()
  }

  /** Orders that only tests give: the display shows a trouble, or its key was pressed for another unit. */
  trouble(trouble: TwinTrouble | undefined): void {
    this.#trouble = trouble
  }

  key(unit: TwinUnit, exponent: number): void {
    this.#options.unit = unit
    this.#options.exponent = exponent
  }

  stop(): void {
    this.#line.stop()
    this.#wire = undefined
  }

  /** Reports come on a pipe of their own, a few turns after the answer to the request. */
  async #pollLater(): Promise<void> {
    for (let turn = 0; turn < pollTurns; turn++) await Promise.resolve()
    this.poll()
  }

  #tick(): void {
    const { clock, everyMs, idleOffMs } = this.#options
    if (this.#drops) {
      this.#wire?.close()
      this.#wire = undefined
      return
    }
    if (idleOffMs > 0 && clock.monotonic() - this.#changedAt >= idleOffMs) {
      this.#line.order({ order: 'plug', on: false })
      return
    }
    this.#lastReport = this.#report()
    this.#line.say(this.#lastReport)
    this.#line.after(everyMs, () => this.#tick())
  }

  #report(): Uint8Array {
    const { unit, exponent, capacityGrams } = this.#options
    const grams = this.#loadGrams - this.#zeroGrams
    const counts = Math.round(grams / units[unit].grams / 10 ** exponent)
    const shown = Math.min(Math.abs(counts), 0xffff)
    const state =
      this.#trouble !== undefined
        ? status[this.#trouble]
        : this.#motion
          ? status.motion
          : grams > capacityGrams
            ? status.over
            : counts < 0
              ? status.under
              : counts === 0
                ? status.zero
                : status.stable
    return Uint8Array.of(3, state, units[unit].number, exponent & 0xff, shown & 0xff, shown >> 8)
  }

  #take(report: Uint8Array, by: 'output' | 'feature'): void {
    this.received.push(report)
    this.poll()
    const isZero = report[0] === 2 && ((report[1] ?? 0) & 1) === 1
    if (!isZero || by !== this.#options.zero || this.#motion || this.#line.silent) return
    // A tenth of the capacity, as a scale with a zero key has it.
    if (Math.abs(this.#loadGrams) <= this.#options.capacityGrams / 10) this.#zeroGrams = this.#loadGrams
  }

  #face(): HidFace {
    const twin = this
    const gone = () => new HubError('port_closed', { port: 'twin', reason: 'it is not plugged in' })
    return {
      vendorId: 0x0922,
      productId: 0x8003,
      usagePage: 0x8d,
      usage: 0x20,
      maker: 'Twin',
      product: 'USB Scale',
      serial: '',
      descriptor: descriptorOf(this.#options),
      async sendFeature(report) {
        if (twin.#wire === undefined) throw gone()
        twin.#take(report, 'feature')
      },
      async getFeature(reportId) {
        if (twin.#wire === undefined) throw gone()
        void twin.#pollLater()
        if (twin.#line.silent || reportId !== 1)
          throw new HubError('answer_timeout', { device: 'twin', ms: 0 })
        // Class III metric, 5 bytes of limits that nobody asks for.
        return Uint8Array.of(1, 3, 0, 0, 0, 0, 0)
      },
    }
  }
}

/** Report descriptors of scales, put together from the rules of the HID Point of Sale Usage Tables. */
function descriptorOf({ descriptor, zero }: Required<UsbHidScaleTwinOptions>): Uint8Array {
  if (descriptor === 'none') return new Uint8Array(0)
  const collection = (usage: number, ...items: number[]) => [0x09, usage, 0xa1, 0x02, ...items, 0xc0]
  const list = (first: number, last: number, main: number) => [
    ...[0x19, first, 0x29, last, 0x15, 0x01, 0x25, last - first + 1, 0x75, 0x08, 0x95, 0x01],
    ...[main, 0x00],
  ]
  const number = (usage: number) => [
    0x09,
    usage,
    0x15,
    0x00,
    0x26,
    0xff,
    0x00,
    0x75,
    0x08,
    0x95,
    0x01,
    0x81,
    0x02,
  ]
  const flags = zero === 'feature' ? 0xb1 : 0x91
  return Uint8Array.from([
    ...[0x05, 0x8d, 0x09, 0x20, 0xa1, 0x01],
    ...[0x85, 0x01, ...collection(0x30, ...list(0x22, 0x2a, 0xb1), 0x75, 0x08, 0x95, 0x05, 0xb1, 0x03)],
    ...(zero === 'none'
      ? []
      : [
          ...[0x85, 0x02],
          ...collection(
            ...[0x31, 0x09, 0x80, 0x09, 0x81, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x02],
            ...[flags, 0x02, 0x75, 0x06, 0x95, 0x01, flags, 0x03],
          ),
        ]),
    ...[0x85, 0x03],
    ...collection(
      0x32,
      ...(descriptor === 'plain' ? number(0x70) : list(0x71, 0x78, 0x81)),
      ...(descriptor === 'plain' ? number(0x50) : list(0x51, 0x5c, 0x81)),
      ...[0x09, 0x41, 0x15, 0x80, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x01, 0x81, 0x02],
      ...[0x09, 0x40, 0x15, 0x00, 0x27, 0xff, 0xff, 0x00, 0x00, 0x75, 0x10, 0x95, 0x01, 0x81, 0x02],
    ),
    0xc0,
  ])
}

/** A scale fresh out of its box: empty, in grams, awake. */
export function createUsbHidScaleTwin(options: UsbHidScaleTwinOptions): UsbHidScaleTwin {
  return new UsbHidScaleTwin(options)
}
