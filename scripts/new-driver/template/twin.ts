/** The simulated device: knows the language from its manual, and nothing of the driver. */
import type { DriverClock, Twin, TwinWire } from '../../../src/drivers/driver.ts'
import { TwinLine } from '../../../src/drivers/twin-line.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import type { DemoOrder } from '../../../src/protocol/methods.ts'

const lineEnd = '\r'
const lineCharsMax = 4_096

export class TemplateLanguageTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  readonly #wire: TwinLine
  #grams = 1_235
  #line = ''
  /** Commands that act, as they came, for tests. */
  readonly acts: string[] = []

  constructor({ clock }: { clock: DriverClock }) {
    this.#wire = new TwinLine({
      clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.#take(String.fromCharCode(byte))
      },
      onAttach: () => {
        this.#line = ''
      },
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.#wire.plugged
  }

  attach(wire: TwinWire): void {
    this.#wire.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.#wire.order(order)) return
    if (order.order === 'load') this.#grams = order.grams
    else if (order.order === 'scan') this.#say(`S${order.code}`)
    else {
      const reason = `this device cannot ${order.order}`
      throw new HubError('params_invalid', { path: 'order.order', reason })
    }
  }

  stop(): void {
    this.#wire.stop()
  }

  #take(character: string): void {
    if (character !== lineEnd) {
      this.#line = (this.#line + character).slice(-lineCharsMax)
      return
    }
    const line = this.#line
    this.#line = ''
    if (line === 'I') this.#say('ITWIN 1')
    else if (line === 'W') this.#say(`W${(this.#grams / 1_000).toFixed(3)}`)
    else {
      this.acts.push(line)
      this.#say('OK')
    }
  }

  #say(line: string): void {
    this.#wire.say(Uint8Array.from(line + lineEnd, (character) => character.charCodeAt(0)))
  }
}

export function createTemplateLanguageTwin(options: { clock: DriverClock }): Twin {
  return new TemplateLanguageTwin(options)
}
