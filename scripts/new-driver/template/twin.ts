/** The simulated device: knows the language from its manual, and nothing of the driver. */
import type { Twin, TwinWire } from '../../../src/drivers/driver.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import type { DemoOrder } from '../../../src/protocol/methods.ts'

const lineEnd = '\r'
const lineCharsMax = 4_096

export class TemplateLanguageTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  #wire: TwinWire | undefined
  #plugged = true
  #silent = false
  #grams = 1_235
  #line = ''
  /** Commands that act, as they came, for tests. */
  readonly acts: string[] = []

  get plugged(): boolean {
    return this.#plugged
  }

  attach(wire: TwinWire): void {
    this.#wire = wire
    this.#plugged = true
    this.#line = ''
    wire.onBytes((bytes) => {
      if (wire !== this.#wire) return
      for (const byte of bytes) this.#take(String.fromCharCode(byte))
    })
  }

  order(order: DemoOrder): void {
    switch (order.order) {
      case 'silent':
        this.#silent = order.on
        return
      case 'load':
        this.#grams = order.grams
        return
      case 'scan':
        this.#say(`S${order.code}`)
        return
      case 'plug':
        this.#plug(order.on)
        return
      default:
        throw new HubError('params_invalid', {
          path: 'order.order',
          reason: `this device cannot ${order.order}`,
        })
    }
  }

  stop(): void {
    this.#wire = undefined
  }

  #plug(on: boolean): void {
    if (on === this.#plugged) return
    this.#plugged = on
    if (!on) {
      this.#wire?.close()
      this.#wire = undefined
    }
    this.onPlug?.(on)
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
    if (!this.#silent)
      this.#wire?.write(Uint8Array.from(line + lineEnd, (character) => character.charCodeAt(0)))
  }
}

export function createTemplateLanguageTwin(): Twin {
  return new TemplateLanguageTwin()
}
