/**
 * The simulated Adam scale: a load cell that prints its weight when asked, and is silent when that is zero or was told already;
 * or one that sends lines like A&D. It knows what a scale knows and shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

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

const requestCharsMax = 8

export class AdamTwin extends ScaleTwin {
  readonly #options: Required<AdamTwinOptions>
  #request = ''
  #told: string | undefined
  /** Every request it was sent, for tests. */
  readonly received: string[] = []

  constructor(options: AdamTwinOptions) {
    super(options)
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
  }

  protected override powerUp(): void {
    this.#request = ''
    this.#told = undefined
    if (this.#options.request === 'none') this.#stream()
  }

  protected override take(byte: number): void {
    const character = String.fromCharCode(byte)
    if (character !== '\n') {
      this.#request = (this.#request + character).slice(-requestCharsMax)
      return
    }
    const request = this.#request.trim()
    this.#request = ''
    this.received.push(request)
    if (request === 'Z') {
      if (!this.motion) this.zeroGrams = this.loadGrams
    } else if (request === 'T') {
      if (!this.motion) this.tareGrams = this.grossGrams
    } else if (request === this.#options.request) this.#print()
  }

  #stream(): void {
    this.line.after(this.#options.streamMs, () => {
      this.#say(this.#headed())
      this.#stream()
    })
  }

  #print(): void {
    if (this.#options.dialect === 'headed') {
      this.#say(this.#headed())
      return
    }
    const text = this.#number()
    const isNews = this.netGrams !== 0 && text !== this.#told
    if (this.motion || this.#isOver() || !(isNews || this.#options.alwaysAnswers)) return
    this.#told = text
    this.#say(`${this.#options.heading}${text.padStart(7)}${this.#options.unit}`)
  }

  #headed(): string {
    const state = this.#isOver() ? 'OL' : this.motion ? 'US' : 'ST'
    const sign = this.netGrams < 0 ? '-' : '+'
    return `${state},${sign}${this.#number().replace('-', '').padStart(8, '0')}${this.#options.unit.padStart(3)}`
  }

  #isOver(): boolean {
    return this.grossGrams > this.#options.capacityGrams
  }

  #number(): string {
    const { unit } = this.#options
    const per = { kg: 1_000, g: 1, lb: gramsPerPound }[unit]
    return (this.netGrams / per).toFixed({ kg: 3, g: 2, lb: 2 }[unit])
  }

  #say(text: string): void {
    this.line.say(bytesOf(`${text}\r\n`))
  }
}

/** A scale fresh out of its box: at rest, zeroed. */
export function createAdamTwin(options: AdamTwinOptions): AdamTwin {
  return new AdamTwin(options)
}
