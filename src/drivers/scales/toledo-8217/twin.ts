/**
 * The simulated scale: a load cell, a keypad's worth of rules, and the Toledo 8217 language, byte by byte. It knows what a
 * scale knows from its manual and shares nothing with the driver.
 */
import type { DriverClock } from '../../driver.ts'
import { bytesOf } from '../common/twin/bytes.ts'
import { gramsPerPound, ScaleTwin } from '../common/twin/scale-twin.ts'

export interface Toledo8217TwinOptions {
  clock: DriverClock
  unit?: 'kg' | 'lb'
  capacityGrams?: number
  /** Division of the display, in grams (kg) or hundredths of a pound (lb). */
  division?: number
  /** How far from the zero of the factory it may still be zeroed, in grams. */
  zeroCaptureGrams?: number
  /** Tare was enabled at calibration. */
  tareEnabled?: boolean
  /** The first character of a weight in pounds is an extra zero: `0WW.WW`. */
  leadingZero?: boolean
  /** Sends even parity on bit 7, as an 8-bit adapter sees a 7-bit line. */
  parityBit?: boolean
  /** It knows the commands E and F. */
  echoMode?: boolean
}

/**
 * How it misbehaves: `silent` says nothing; `garble` spoils the next answers; `half` stops in the middle of the next ones;
 * `drop` loses the first byte of the next ones; `slow` answers late.
 */
export type Toledo8217Fault =
  | { kind: 'silent'; on: boolean }
  | { kind: 'garble' | 'half' | 'drop'; answers: number }
  | { kind: 'slow'; ms: number }

const tareAnswerMs = 150
/** A `T` that no digit follows takes the load; so long it waits for one. */
const tareDigitMs = 100

type State = { name: 'command' } | { name: 'echo' } | { name: 'tare'; digits: string; cancel: () => void }

export class Toledo8217Twin extends ScaleTwin {
  readonly #options: Required<Toledo8217TwinOptions>
  #state: State = { name: 'command' }
  /** A known tare may be of zero grams. */
  #hasTare = false
  #slowMs = 0
  #spoilt: { kind: 'garble' | 'half' | 'drop'; answers: number } | undefined
  /** Every byte it was sent, for tests. */
  readonly received: number[] = []

  constructor(options: Toledo8217TwinOptions) {
    super(options)
    this.#options = {
      unit: 'kg',
      capacityGrams: 15_000,
      division: options.unit === 'lb' ? 1 : 5,
      zeroCaptureGrams: 300,
      tareEnabled: true,
      leadingZero: false,
      parityBit: false,
      echoMode: true,
      ...options,
    }
  }

  /** Orders that only tests give. */
  fault(fault: Toledo8217Fault): void {
    if (fault.kind === 'silent') this.line.order({ order: 'silent', on: fault.on })
    else if (fault.kind === 'slow') this.#slowMs = fault.ms
    else this.#spoilt = { ...fault }
  }

  protected override powerUp(): void {
    this.#state = { name: 'command' }
  }

  protected override take(byte: number): void {
    this.received.push(byte)
    const character = String.fromCharCode(byte)
    if (this.#state.name === 'tare') this.#takeTare(character, this.#state)
    else if (this.#state.name === 'command') this.#obey(character)
    else if (character !== 'F') this.#send(character)
    else {
      this.#state = { name: 'command' }
      this.#answer('F')
    }
  }

  #obey(character: string): void {
    if (character === 'T') {
      this.#state = {
        name: 'tare',
        digits: '',
        cancel: this.line.after(tareDigitMs, () => this.#tareLoad()),
      }
    } else if (character === 'C') {
      if (!this.motion) this.#setTare(undefined)
      this.#answerTare()
    } else this.#answer(this.#immediate(character))
  }

  /** Does a command that is answered at once; answers what to say. */
  #immediate(character: string): string {
    switch (character) {
      case 'W':
        return this.#weight(1)
      case 'H':
        return this.#weight(10)
      case 'A':
        return ''
      case 'B':
        return '?@'
      case 'Z':
        this.#zero()
        return this.#status()
      case 'E':
        if (!this.#options.echoMode) return this.#status()
        this.#state = { name: 'echo' }
        return 'E'
      default:
        // Unknown commands, lower case among them, are answered with the status and do nothing.
        return this.#status()
    }
  }

  #answerTare(): void {
    this.line.after(tareAnswerMs, () => this.#answer(this.#status()))
  }

  #takeTare(character: string, state: Extract<State, { name: 'tare' }>): void {
    if (/\d/.test(character) && state.digits.length < 5) {
      state.cancel()
      state.digits += character
      return
    }
    state.cancel()
    this.#state = { name: 'command' }
    if (character === '\r' && state.digits === '') this.#tareLoad()
    else if (character === '\r' && state.digits.length === 5) this.#tareKnown(state.digits)
    else {
      this.#answer(this.#status())
      if (character !== '\r') this.#obey(character)
    }
  }

  /** Taken when the load is at rest and not zero. */
  #tareLoad(): void {
    this.#state = { name: 'command' }
    if (!this.#options.tareEnabled) return
    const gross = this.#rounded(this.grossGrams)
    if (!this.motion && gross > 0 && !this.#isOver()) this.#setTare(this.grossGrams)
    this.#answerTare()
  }

  #tareKnown(digits: string): void {
    if (!this.#options.tareEnabled) return
    const grams = this.#options.unit === 'kg' ? Number(digits) : (Number(digits) / 100) * gramsPerPound
    if (!this.motion && grams <= this.#options.capacityGrams) this.#setTare(grams)
    this.#answerTare()
  }

  #setTare(grams: number | undefined): void {
    this.#hasTare = grams !== undefined
    this.tareGrams = grams ?? 0
  }

  /** Captured when at rest, within the capture range, and without a tare. */
  #zero(): void {
    if (this.motion || this.#hasTare || this.#isOutsideCapture()) return
    this.zeroGrams = this.loadGrams
  }

  #isOver(): boolean {
    return this.grossGrams > this.#options.capacityGrams
  }

  #isOutsideCapture(): boolean {
    return Math.abs(this.loadGrams) > this.#options.zeroCaptureGrams
  }

  /** In divisions of the display times the division: grams or hundredths of a pound. */
  #rounded(grams: number): number {
    const { unit, division } = this.#options
    const counts = unit === 'kg' ? grams : (grams * 100) / gramsPerPound
    return Math.round(counts / division) * division
  }

  /** What stands between STX and CR: the weight, or the status when there is none to show. */
  #weight(resolution: 1 | 10): string {
    const shown = this.#rounded(this.netGrams)
    if (this.motion || this.#isOver() || shown < 0) return this.#status()
    const { unit, leadingZero } = this.#options
    const decimals = (unit === 'kg' ? 3 : 2) + (resolution === 10 ? 1 : 0)
    const fine = Math.max(
      0,
      Math.round((unit === 'kg' ? this.netGrams : (this.netGrams * 100) / gramsPerPound) * 10),
    )
    const digits = String(resolution === 10 ? fine : shown).padStart(decimals + 2, '0')
    const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
    return `${leadingZero ? '0' : ''}${text}${this.#hasTare ? 'N' : ''}`
  }

  #status(): string {
    const bits = [
      this.motion,
      this.#isOver(),
      this.#rounded(this.netGrams) < 0,
      this.#isOutsideCapture(),
      this.#rounded(this.grossGrams) === 0,
      this.#hasTare,
      true,
    ]
    return `?${String.fromCharCode(bits.reduce((byte, on, bit) => byte | (on ? 1 << bit : 0), 0))}`
  }

  #answer(text: string): void {
    const frame = `\x02${text}\r`
    const spoilt = this.#spoilt
    const isSpoilt = spoilt !== undefined && spoilt.answers-- > 0
    this.#send(isSpoilt ? spoil(frame, spoilt.kind) : frame)
  }

  #send(text: string): void {
    const bytes = bytesOf(text, this.#options.parityBit)
    if (this.#slowMs > 0) this.line.after(this.#slowMs, () => this.line.say(bytes))
    else this.line.say(bytes)
  }
}

function spoil(frame: string, kind: 'garble' | 'half' | 'drop'): string {
  const middle = Math.floor(frame.length / 2)
  switch (kind) {
    case 'half':
      return frame.slice(0, middle)
    case 'drop':
      return frame.slice(1)
    case 'garble':
      return (
        frame.slice(0, middle) +
        String.fromCharCode(frame.charCodeAt(middle) ^ 0x40) +
        frame.slice(middle + 1)
      )
  }
}

/** A scale fresh out of its box: empty, at rest, zeroed. */
export function createToledo8217Twin(options: Toledo8217TwinOptions): Toledo8217Twin {
  return new Toledo8217Twin(options)
}
