/**
 * The simulated MT-SICS scale: a load cell and the commands of level 0 and 1, or those of Ohaus. It knows what a scale knows
 * from its manual and shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface MtSicsTwinOptions {
  clock: DriverClock
  dialect?: 'sics' | 'ohaus'
  unit?: 'kg' | 'g' | 'lb' | 'oz' | 'mg'
  /** 0 knows no TA and TAC. */
  level?: 0 | 1
  capacityGrams?: number
  zeroCaptureGrams?: number
  serial?: string
  /** How long it waits for rest before it answers that it cannot, in ms. */
  patienceMs?: number
}

const requestCharsMax = 40
const stepMs = 50

export class MtSicsTwin extends ScaleTwin {
  readonly #options: Required<MtSicsTwinOptions>
  #request = ''
  /** Every request it was sent, for tests. */
  readonly received: string[] = []

  constructor(options: MtSicsTwinOptions) {
    super(options)
    this.#options = {
      dialect: 'sics',
      unit: 'kg',
      level: 1,
      capacityGrams: 15_000,
      zeroCaptureGrams: 300,
      serial: 'B021002593',
      patienceMs: 2_000,
      ...options,
    }
  }

  protected override powerUp(): void {
    this.#request = ''
  }

  protected override take(byte: number): void {
    const character = String.fromCharCode(byte)
    if (character !== '\n') {
      this.#request = (this.#request + character).slice(-requestCharsMax)
      return
    }
    const request = this.#request.replace(/\r$/, '')
    this.#request = ''
    this.received.push(request)
    if (this.#options.dialect === 'ohaus') this.#obeyOhaus(request)
    else this.#obey(request)
  }

  #obey(request: string): void {
    const [command = '', ...parameters] = request.split(' ')
    switch (command) {
      case 'SI':
        this.#say(this.#weighed(!this.motion))
        return
      case 'S':
        this.#atRest((rest) => this.#say(rest ? this.#weighed(true) : 'S I'))
        return
      case 'Z':
        this.#atRest((rest) => this.#say(rest ? this.#zero() : 'Z I'))
        return
      case 'T':
        this.#atRest((rest) => this.#say(rest ? this.#tare() : 'T I'))
        return
      case 'TA':
        if (this.#options.level === 0) break
        this.#say(
          parameters.length === 0 ? `TA A ${this.#text(this.tareGrams)}` : this.#tareKnown(parameters),
        )
        return
      case 'TAC':
        if (this.#options.level === 0) break
        this.tareGrams = 0
        this.#say('TAC A')
        return
      case 'I2':
        this.#say('I2 A "ICS425 15.000 kg"')
        return
      case 'I4':
      case '@':
        this.#say(`I4 A "${this.#options.serial}"`)
        return
    }
    this.#say('ES')
  }

  #obeyOhaus(request: string): void {
    switch (request) {
      case 'IP':
      case 'P': {
        const grams = this.netGrams
        const number = this.#text(Math.abs(grams)).trim().split(' ')[0] ?? ''
        const sign = grams < 0 ? '-' : ' '
        const net = this.tareGrams === 0 ? '' : ' NET'
        this.#say(`${sign}${number.padStart(10)} ${this.#options.unit}${this.motion ? ' ?' : '  '}${net}`)
        return
      }
      case 'Z':
        if (!this.motion) this.#zero()
        return
      case 'T':
        if (!this.motion) this.#tare()
        return
      case '0T':
        this.tareGrams = 0
        return
      default:
        this.#say('ES')
    }
  }

  /** Calls back at rest, or when its patience is over. */
  #atRest(tell: (rest: boolean) => void, leftMs = this.#options.patienceMs): void {
    if (!this.motion || leftMs <= 0) tell(!this.motion)
    else this.line.after(stepMs, () => this.#atRest(tell, leftMs - stepMs))
  }

  #weighed(stable: boolean): string {
    if (this.grossGrams > this.#options.capacityGrams) return 'S +'
    if (this.grossGrams < -this.#options.zeroCaptureGrams) return 'S -'
    return `S ${stable ? 'S' : 'D'} ${this.#text(this.netGrams)}`
  }

  #zero(): string {
    if (this.loadGrams > this.#options.zeroCaptureGrams) return 'Z +'
    if (this.loadGrams < -this.#options.zeroCaptureGrams) return 'Z -'
    this.zeroGrams = this.loadGrams
    this.tareGrams = 0
    return 'Z A'
  }

  #tare(): string {
    if (this.grossGrams > this.#options.capacityGrams) return 'T +'
    if (this.grossGrams < 0) return 'T -'
    this.tareGrams = this.grossGrams
    return `T S ${this.#text(this.tareGrams)}`
  }

  #tareKnown([number = '', unit]: string[]): string {
    if (unit !== this.#options.unit || !/^\d+(\.\d+)?$/.test(number)) return 'TA L'
    const grams = Number(number) * this.#gramsPerUnit()
    if (grams > this.#options.capacityGrams) return 'TA L'
    this.tareGrams = Number((Math.round(grams * 1_000) / 1_000).toFixed(3))
    return `TA A ${this.#text(this.tareGrams)}`
  }

  #gramsPerUnit(): number {
    return { kg: 1_000, g: 1, mg: 0.001, lb: gramsPerPound, oz: gramsPerPound / 16 }[this.#options.unit]
  }

  /** Right-aligned in ten characters, and the unit. */
  #text(grams: number): string {
    const decimals = { kg: 3, g: 0, mg: 0, lb: 2, oz: 1 }[this.#options.unit]
    return `${(grams / this.#gramsPerUnit()).toFixed(decimals).padStart(10)} ${this.#options.unit}`
  }

  #say(text: string): void {
    this.line.say(bytesOf(`${text}\r\n`))
  }
}

/** A scale fresh out of its box: empty, at rest, zeroed. */
export function createMtSicsTwin(options: MtSicsTwinOptions): MtSicsTwin {
  return new MtSicsTwin(options)
}
