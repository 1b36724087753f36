/**
 * The simulated Adam scale: a load cell that prints its weight when asked, and is silent when that is zero or was told already;
 * or one that sends lines like A&D. It knows what a scale knows and shares nothing with the driver.
 */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { TwinLine } from '../../twin-line.ts'

export interface AdamTwinOptions {
  clock: DriverClock
  dialect?: 'label' | 'headed'
  /** The letter that it knows; `none`: it sends all the time. */
  request?: 'P' | 'Q' | 'none'
  unit?: 'kg' | 'g' | 'lb'
  capacityGrams?: number
  /** What lies on it from the beginning. */
  loadGrams?: number
  /** `label`: answers also when the weight is zero or unchanged, as some firmware does. */
  alwaysAnswers?: boolean
  /** Lines that it prints before the weight. */
  heading?: string
  streamMs?: number
}

const gramsPerPound = 453.59237
const requestCharsMax = 8

export class AdamTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  readonly #options: Required<AdamTwinOptions>
  readonly #line: TwinLine
  #request = ''
  #loadGrams: number
  #zeroGrams = 0
  #tareGrams = 0
  #motion = false
  #told: string | undefined
  /** Every request it was sent, for tests. */
  readonly received: string[] = []

  constructor(options: AdamTwinOptions) {
    this.#options = {
      dialect: 'label',
      request: 'P',
      unit: 'kg',
      capacityGrams: 15_000,
      loadGrams: 0,
      alwaysAnswers: false,
      heading: '',
      streamMs: 100,
      ...options,
    }
    this.#loadGrams = this.#options.loadGrams
    this.#line = new TwinLine({
      clock: options.clock,
      onBytes: (bytes) => {
        for (const byte of bytes) this.#take(String.fromCharCode(byte))
      },
      onAttach: () => {
        this.#request = ''
        this.#told = undefined
        if (this.#options.request === 'none') this.#stream()
      },
      onPlug: (on) => this.onPlug?.(on),
    })
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  attach(wire: TwinWire): void {
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.#line.order(order)) return
    switch (order.order) {
      case 'load':
        this.#loadGrams = order.grams
        return
      case 'motion':
        this.#motion = order.on
        return
      default:
        throw new HubError('params_invalid', { path: 'order.order', reason: `a scale cannot ${order.order}` })
    }
  }

  stop(): void {
    this.#line.stop()
  }

  #stream(): void {
    this.#line.after(this.#options.streamMs, () => {
      this.#say(this.#headed())
      this.#stream()
    })
  }

  #take(character: string): void {
    if (character !== '\n') {
      this.#request = (this.#request + character).slice(-requestCharsMax)
      return
    }
    const request = this.#request.trim()
    this.#request = ''
    this.received.push(request)
    if (request === 'Z') {
      if (!this.#motion) this.#zeroGrams = this.#loadGrams
    } else if (request === 'T') {
      if (!this.#motion) this.#tareGrams = this.#loadGrams - this.#zeroGrams
    } else if (request === this.#options.request) this.#print()
  }

  #print(): void {
    if (this.#options.dialect === 'headed') {
      this.#say(this.#headed())
      return
    }
    const text = this.#number()
    const isNews = this.#net() !== 0 && text !== this.#told
    if (this.#motion || this.#isOver() || !(isNews || this.#options.alwaysAnswers)) return
    this.#told = text
    this.#say(`${this.#options.heading}${text.padStart(7)}${this.#options.unit}`)
  }

  #headed(): string {
    const state = this.#isOver() ? 'OL' : this.#motion ? 'US' : 'ST'
    const sign = this.#net() < 0 ? '-' : '+'
    return `${state},${sign}${this.#number().replace('-', '').padStart(8, '0')}${this.#options.unit.padStart(3)}`
  }

  #net(): number {
    return this.#loadGrams - this.#zeroGrams - this.#tareGrams
  }

  #isOver(): boolean {
    return this.#loadGrams - this.#zeroGrams > this.#options.capacityGrams
  }

  #number(): string {
    const { unit } = this.#options
    const per = { kg: 1_000, g: 1, lb: gramsPerPound }[unit]
    return (this.#net() / per).toFixed({ kg: 3, g: 2, lb: 2 }[unit])
  }

  #say(text: string): void {
    this.#line.say(Uint8Array.from(`${text}\r\n`, (character) => character.charCodeAt(0)))
  }
}

/** A scale fresh out of its box: at rest, zeroed. */
export function createAdamTwin(options: AdamTwinOptions): AdamTwin {
  return new AdamTwin(options)
}
