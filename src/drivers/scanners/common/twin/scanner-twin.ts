/** What simulated scanners that send piece by piece share: a wire, what waits to be sent, and the order to scan. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { TwinLine } from '../../../twin-line.ts'

export abstract class ScannerTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  protected readonly line: TwinLine
  #queue: Uint8Array[] = []
  #cancel: (() => void) | undefined

  constructor(clock: DriverClock) {
    this.line = new TwinLine({
      clock,
      // Commands that set it up, or the lamps of a keyboard: it takes none.
      onBytes: () => {},
      onPlug: (on) => {
        if (!on) this.#forget()
        this.onPlug?.(on)
      },
    })
  }

  get plugged(): boolean {
    return this.line.plugged
  }

  attach(wire: TwinWire): void {
    this.#forget()
    this.line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.line.order(order)) return
    if (order.order !== 'scan')
      throw new HubError('params_invalid', { path: 'order.order', reason: `a scanner cannot ${order.order}` })
    this.scan(order.code, order.aim)
  }

  abstract scan(code: string, aim?: string): void

  stop(): void {
    this.#forget()
    this.line.stop()
  }

  /** Time between two pieces, in ms; 0 sends them at once. */
  protected abstract get everyMs(): number

  protected send(pieces: readonly Uint8Array[]): void {
    if (this.line.silent) return
    for (const piece of pieces) this.#queue.push(piece)
    if (this.#cancel === undefined) this.#sendNext()
  }

  #sendNext(): void {
    this.#cancel = undefined
    const { everyMs } = this
    do {
      const piece = this.#queue.shift()
      if (piece === undefined) return
      this.line.say(piece)
    } while (everyMs === 0)
    this.#cancel = this.line.after(everyMs, () => this.#sendNext())
  }

  /** What it was about to send is lost with the wire. */
  #forget(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#queue = []
  }
}
