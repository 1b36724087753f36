/** What every simulated label printer has whatever it speaks: a strip of labels on a wire, and the orders about both. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DemoOrder } from '../../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../../driver.ts'
import { LabelStrip } from '../../../imaging/label-strip.ts'
import { TwinLine } from '../../../twin-line.ts'

export interface LabelTwinBase {
  clock: DriverClock
  /** How long one label takes. */
  printMs?: number | undefined
}

const unknownMax = 100

export abstract class LabelTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  paused = false
  /** Commands that it does not know, newest last, for tests. */
  readonly unknown: string[] = []
  readonly strip: LabelStrip
  protected readonly line: TwinLine

  constructor({ clock, printMs = 300 }: LabelTwinBase) {
    this.strip = new LabelStrip({ clock, printMs, onPrinted: () => this.printed() })
    this.line = new TwinLine({
      clock,
      onBytes: (bytes) => this.read(bytes),
      onAttach: () => this.forgetInput(),
      onPlug: (on) => {
        if (!on) this.powerOff()
        this.onPlug?.(on)
      },
    })
  }

  get plugged(): boolean {
    return this.line.plugged
  }

  set onPaper(listener: ((revision: number) => void) | undefined) {
    this.strip.onPaper = listener
  }

  get onPaper(): ((revision: number) => void) | undefined {
    return this.strip.onPaper
  }

  attach(wire: TwinWire): void {
    this.line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.line.order(order) || this.strip.order(order)) return
    throw new HubError('params_invalid', {
      path: 'order.order',
      reason: `a label printer cannot ${order.order}`,
    })
  }

  paper() {
    return this.strip.picture()
  }

  stop(): void {
    this.powerOff()
    this.line.stop()
  }

  /** Bytes from the hub. */
  protected abstract read(bytes: Uint8Array): void

  /** A wire was plugged in: half a command from before is forgotten. */
  protected abstract forgetInput(): void

  /** What is not on paper yet is lost. */
  protected powerOff(): void {
    this.strip.forget()
  }

  /** A label came out. */
  protected printed(): void {}

  /** Each character as a byte. */
  protected say(text: string): void {
    this.line.say(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  }

  protected doesNotKnow(command: string): void {
    this.unknown.push(command)
    if (this.unknown.length > unknownMax) this.unknown.shift()
  }
}
