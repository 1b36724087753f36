/** What simulated drawers with a picture have whatever opens them: a tray on a wire, and the order that moves it by hand. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { TwinLine } from '../../../twin-line.ts'
import { drawerSvg } from './picture.ts'

export abstract class DrawerTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  /** Held shut by whatever: what opens it does nothing. */
  stuck = false
  protected readonly line: TwinLine
  #open = false
  #revision = 0

  constructor(clock: DriverClock) {
    this.line = new TwinLine({
      clock,
      onBytes: (bytes) => this.read(bytes),
      onAttach: () => this.powerUp(),
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.line.plugged
  }

  get open(): boolean {
    return this.#open
  }

  attach(wire: TwinWire): void {
    this.line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (order.order === 'drawer') this.move(order.open)
    else if (!this.line.order(order))
      throw new HubError('params_invalid', { path: 'order.order', reason: `a drawer cannot ${order.order}` })
  }

  paper(): { svg: string; revision: number; drawerOpen: boolean } {
    return { svg: drawerSvg(this.#open), revision: this.#revision, drawerOpen: this.#open }
  }

  stop(): void {
    this.line.stop()
  }

  protected move(open: boolean): void {
    if (open === this.#open) return
    this.#open = open
    this.#revision++
    this.onPaper?.(this.#revision)
    this.moved()
  }

  /** Bytes from the hub. */
  protected abstract read(bytes: Uint8Array): void

  /** A wire was plugged in: half a command from before is forgotten. */
  protected abstract powerUp(): void

  /** It was shut and is open, or the other way round. */
  protected abstract moved(): void
}
