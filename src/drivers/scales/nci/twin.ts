/**
 * The simulated NCI scale: a load cell and the language SCP-01 or SCP-02, byte by byte. It knows what a scale knows from its
 * manual and shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface NciTwinOptions {
  clock: DriverClock
  dialect?: 'scp-01' | 'scp-02'
  unit?: 'kg' | 'g' | 'lb' | 'oz' | 'lb-oz'
  capacityGrams?: number
  /** How far from the zero of the factory it may still be zeroed, in grams. */
  zeroCaptureGrams?: number
  /** It knows `T`. */
  tareCommand?: boolean
  /** How many status bytes it sends. */
  statusBytes?: 2 | 3
  /** Sends even parity on bit 7, as an 8-bit adapter sees a 7-bit line. */
  parityBit?: boolean
  /** It answers unknown commands with `?`; else it says nothing. */
  answersUnknown?: boolean
}

const requestCharsMax = 16

export class NciTwin extends ScaleTwin {
  readonly #options: Required<NciTwinOptions>
  #request = ''
  /** Its memory is broken, for tests. */
  ramError = false
  /** Every request it was sent, without CR, for tests. */
  readonly received: string[] = []

  constructor(options: NciTwinOptions) {
    super(options)
    this.#options = {
      dialect: 'scp-01',
      unit: 'kg',
      capacityGrams: 15_000,
      zeroCaptureGrams: 300,
      tareCommand: true,
      statusBytes: 3,
      parityBit: false,
      answersUnknown: true,
      ...options,
    }
  }

  protected override powerUp(): void {
    this.#request = ''
  }

  protected override take(byte: number): void {
    const character = String.fromCharCode(byte & 0x7f)
    if (character !== '\r') {
      this.#request = (this.#request + character).slice(-requestCharsMax)
      return
    }
    const request = this.#request
    this.#request = ''
    this.received.push(request)
    this.#obey(request)
  }

  #obey(request: string): void {
    switch (request) {
      case 'W':
        this.#sayWeight(1)
        return
      case 'H':
        this.#sayWeight(10)
        return
      case 'S':
        this.#say(`\n${this.#status()}`)
        return
      case 'Z':
        if (!this.motion && Math.abs(this.loadGrams) <= this.#options.zeroCaptureGrams) {
          this.zeroGrams = this.loadGrams
          this.tareGrams = 0
        }
        this.#say(`\n${this.#status()}`)
        return
      case 'T':
        if (!this.#options.tareCommand) break
        if (!this.motion && !this.#isOver() && this.grossGrams >= 0) this.tareGrams = this.grossGrams
        this.#say(`\n${this.#status()}`)
        return
    }
    if (this.#options.answersUnknown) this.#say('\n?')
  }

  #isOver(): boolean {
    return this.grossGrams > this.#options.capacityGrams
  }

  /** Negative gross weights are under capacity; a negative net weight is shown with a minus. */
  #isUnder(): boolean {
    return Math.round(this.grossGrams) < 0
  }

  #sayWeight(resolution: 1 | 10): void {
    const ecr = this.#options.dialect === 'scp-02'
    const shows = !this.#isOver() && !this.#isUnder() && !(ecr && (this.motion || this.netGrams < 0))
    if (!shows && ecr) this.#say(`\n${this.#status()}`)
    else
      this.#say(
        `\n${shows ? this.#display(resolution) : this.#isOver() ? '^^^^^^' : '______'}\r\n${this.#status()}`,
      )
  }

  #display(resolution: 1 | 10): string {
    const { unit, dialect } = this.#options
    const more = resolution === 10 ? 1 : 0
    const grams = this.netGrams
    const sign = grams < 0 ? '-' : ''
    const size = Math.abs(grams)
    if (unit === 'lb-oz') {
      const tenths = Math.round((size / gramsPerPound) * 160)
      return `${sign}${Math.floor(tenths / 160)}lb ${((tenths % 160) / 10).toFixed(1).padStart(4, '0')}oz`
    }
    const [value, decimals] = {
      kg: [size / 1_000, 3] as const,
      g: [size, 0] as const,
      lb: [size / gramsPerPound, 2] as const,
      oz: [(size / gramsPerPound) * 16, 1] as const,
    }[unit]
    const number = value.toFixed(decimals + more)
    if (dialect === 'scp-01') return `${(sign + number).padStart(7)}${unit}`
    return `${sign}${number.padStart(6 - sign.length, '0')}${unit.toUpperCase().padStart(2)}`
  }

  #status(): string {
    const byte = (...bits: boolean[]) =>
      String.fromCharCode(bits.reduce((value, on, bit) => value | (on ? 1 << bit : 0), 0x30))
    const isZero = Math.round(this.netGrams) === 0
    const first = byte(this.motion, isZero, this.ramError)
    const more = this.#options.statusBytes === 3
    const second = byte(this.#isUnder(), this.#isOver(), false, false, false, false, more)
    const third = more ? byte(false, false, this.tareGrams !== 0) : ''
    return `${this.#options.dialect === 'scp-02' ? 'S' : ''}${first}${second}${third}`
  }

  /** What stands before CR and ETX. */
  #say(text: string): void {
    this.line.say(bytesOf(`${text}\r\x03`, this.#options.parityBit))
  }
}

/** A scale fresh out of its box: empty, at rest, zeroed. */
export function createNciTwin(options: NciTwinOptions): NciTwin {
  return new NciTwin(options)
}
