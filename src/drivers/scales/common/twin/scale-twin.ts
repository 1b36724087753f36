/** What every simulated scale has whatever it speaks: a load cell on a wire, and the orders that load it. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { TwinLine } from '../../../twin-line.ts'

export const gramsPerPound = 453.59237

export interface ScaleTwinBase {
  clock: DriverClock
  /** What lies on it from the beginning. */
  loadGrams?: number
  /** What it is, where an order is refused. */
  name?: string
}

export abstract class ScaleTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  protected readonly line: TwinLine
  /** On the load cell, in grams. */
  protected loadGrams: number
  /** The load that shows as zero. */
  protected zeroGrams = 0
  protected tareGrams = 0
  /** The load moves. */
  protected motion = false
  readonly #name: string

  constructor({ clock, loadGrams = 0, name = 'scale' }: ScaleTwinBase) {
    this.loadGrams = loadGrams
    this.#name = name
    this.line = new TwinLine({
      clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.take(byte)
      },
      onAttach: () => this.powerUp(),
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.line.plugged
  }

  attach(wire: TwinWire): void {
    this.line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.line.order(order)) return
    switch (order.order) {
      case 'load':
        this.loadGrams = order.grams
        return
      case 'motion':
        this.motion = order.on
        return
      default:
        throw new HubError('params_invalid', {
          path: 'order.order',
          reason: `a ${this.#name} cannot ${order.order}`,
        })
    }
  }

  stop(): void {
    this.line.stop()
  }

  protected get grossGrams(): number {
    return this.loadGrams - this.zeroGrams
  }

  protected get netGrams(): number {
    return this.grossGrams - this.tareGrams
  }

  /** A byte from the hub. */
  protected abstract take(byte: number): void

  /** A wire was plugged in: half a request from before is forgotten. Load, zero and tare stay. */
  protected abstract powerUp(): void
}
