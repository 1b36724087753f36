/**
 * The simulated CAS scale: a load cell with prices, speaking AP-1 or the line of 22 bytes. It knows what a scale knows from its
 * manual and shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface CasTwinOptions {
  clock: DriverClock
  dialect?: 'ap1' | 'stream22'
  /** `stream22`: which commands it knows; `none`: it sends all the time. */
  commands?: 'none' | 'nt500' | 'nt570'
  id?: number
  unit?: 'kg' | 'lb'
  capacityGrams?: number
  zeroCaptureGrams?: number
  /** Hundredths of the currency for one unit of weight, as set on its keys. */
  unitPrice?: number
  /** Time between two lines of the stream, in ms. */
  streamMs?: number
}

const requestCharsMax = 16

export class CasTwin extends ScaleTwin {
  readonly #options: Required<CasTwinOptions>
  #request = ''
  #ready = false
  /** How many ENQ it refuses next, for tests. */
  naks = 0
  /** Spoils the check byte of the next answers, for tests. */
  badChecks = 0
  /** Bytes and commands it was sent, for tests. */
  readonly received: string[] = []

  constructor(options: CasTwinOptions) {
    super(options)
    this.#options = {
      dialect: 'ap1',
      commands: 'none',
      id: 1,
      unit: 'kg',
      capacityGrams: 15_000,
      zeroCaptureGrams: 300,
      unitPrice: 1_299,
      streamMs: 100,
      ...options,
    }
  }

  protected override powerUp(): void {
    this.#request = ''
    this.#ready = false
    const { dialect, commands } = this.#options
    if (dialect === 'stream22' && commands === 'none') this.#stream()
  }

  protected override take(byte: number): void {
    if (this.#options.dialect === 'ap1') this.#obey(byte)
    else if (this.#options.commands !== 'none') this.#collect(String.fromCharCode(byte))
  }

  #stream(): void {
    this.line.after(this.#options.streamMs, () => {
      this.#say(this.#lineText())
      this.#stream()
    })
  }

  /** AP-1: the question of a byte. */
  #obey(byte: number): void {
    this.received.push(String.fromCharCode(byte))
    if (byte === 0x05) {
      this.#ready = this.naks === 0
      if (this.naks > 0) this.naks--
      this.#say(this.#ready ? '\x06' : '\x15')
    } else if (this.#ready && (byte === 0x11 || byte === 0x12)) {
      this.#ready = false
      const weight = this.#block(this.#weightText())
      if (byte === 0x11) this.#say(`\x01${weight}\x04`)
      else {
        const { unitPrice } = this.#options
        const total = Math.round((Math.max(0, this.#value()) * unitPrice) / 10 ** this.#decimals())
        this.#say(`\x01${this.#block(price(total))}${weight}${this.#block(price(unitPrice))}\x04`)
      }
    }
  }

  #block(text: string): string {
    let check = 0
    for (const character of text) check ^= character.charCodeAt(0)
    if (this.badChecks > 0) {
      this.badChecks--
      check ^= 0x01
    }
    return `\x02${text}${String.fromCharCode(check)}\x03`
  }

  #weightText(): string {
    const { unit } = this.#options
    if (this.#isOver()) return `SF      ${unit}`
    const value = this.#value()
    const sign = value < 0 ? '-' : ' '
    return `${this.motion ? 'U' : 'S'}${sign}${this.#number(Math.abs(value)).padStart(6, '0')}${unit}`
  }

  /** Indicators: a command to CR LF. */
  #collect(character: string): void {
    this.#request = (this.#request + character).slice(-requestCharsMax)
    if (!this.#request.endsWith('\r\n')) return
    const request = this.#request.slice(0, -2)
    this.#request = ''
    this.received.push(request)
    if (!request.startsWith(String(this.#options.id).padStart(2, '0'))) return
    const names = this.#options.commands === 'nt500' ? ['RW', 'MZ', 'MT'] : ['KW', 'KZ', 'KT']
    switch (names.indexOf(request.slice(2))) {
      case 0:
        this.#say(this.#lineText())
        return
      case 1:
        this.#say(this.#zero() ? `${request}\r\n` : '!\r\n')
        return
      case 2:
        this.#say(this.#tare() ? `${request}\r\n` : '!\r\n')
        return
      default:
        this.#say('?\r\n')
    }
  }

  #zero(): boolean {
    const can = !this.motion && Math.abs(this.loadGrams) <= this.#options.zeroCaptureGrams
    if (can) {
      this.zeroGrams = this.loadGrams
      this.tareGrams = 0
    }
    return can
  }

  #tare(): boolean {
    const can = !this.motion && !this.#isOver() && this.grossGrams > 0
    if (can) this.tareGrams = this.grossGrams
    return can
  }

  #lineText(): string {
    const state = this.#isOver() ? 'OL' : this.motion ? 'US' : 'ST'
    const isNet = this.tareGrams !== 0
    const value = this.#value()
    const lamp = 0xa0 | (this.motion ? 0 : 0x40) | (isNet ? 0x02 : 0x04) | (value === 0 ? 0x01 : 0)
    const number = this.#number(Math.abs(value)).padStart(7, '0')
    const shown = this.#isOver() ? '        ' : `${value < 0 ? '-' : ' '}${number}`
    const { id, unit } = this.#options
    return `${state},${isNet ? 'NT' : 'GS'},${String.fromCharCode(0x30 + id, lamp)},${shown} ${unit}\r\n`
  }

  #isOver(): boolean {
    return this.grossGrams > this.#options.capacityGrams
  }

  #decimals(): number {
    return this.#options.unit === 'kg' ? 3 : 2
  }

  /** Net weight in the last digit of the display. */
  #value(): number {
    const { unit } = this.#options
    return Math.round(unit === 'kg' ? this.netGrams : (this.netGrams / gramsPerPound) * 100)
  }

  #number(value: number): string {
    const decimals = this.#decimals()
    const digits = String(value).padStart(decimals + 1, '0')
    return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  }

  #say(text: string): void {
    this.line.say(bytesOf(text))
  }
}

/** Eight digits, in hundredths. */
const price = (hundredths: number): string => String(hundredths).padStart(8, '0')

/** A scale fresh out of its box: empty, at rest, zeroed. */
export function createCasTwin(options: CasTwinOptions): CasTwin {
  return new CasTwin(options)
}
