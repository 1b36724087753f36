/** The simulated scanner: sends codes as a real one is programmed to, and misbehaves when told to. */
import type { DriverClock } from '../../driver.ts'
import { ScannerTwin } from '../common/twin/scanner-twin.ts'

export interface SerialScannerTwinOptions {
  clock: DriverClock
  /** Sent before each code, before the AIM identifier. */
  prefix?: string
  /** Sent after each code. */
  suffix?: string
  /** Sends the AIM identifier of an order that has one. */
  aim?: boolean
  /** What it sends for GS inside a code. */
  gs?: string
  encoding?: 'utf-8' | 'latin1'
}

/**
 * How it misbehaves: `split` cuts what it sends into pieces of `bytes`, `everyMs` apart; `garble` puts a byte that is no
 * character into the next scans; `no_suffix` forgets the suffix.
 */
export type SerialScannerFault =
  | { kind: 'split'; bytes: number; everyMs: number }
  | { kind: 'garble'; scans: number }
  | { kind: 'no_suffix'; on: boolean }

export class SerialScannerTwin extends ScannerTwin {
  readonly #options: Required<SerialScannerTwinOptions>
  #withoutSuffix = false
  #garbled = 0
  #split: { bytes: number; everyMs: number } | undefined

  constructor(options: SerialScannerTwinOptions) {
    super(options.clock)
    this.#options = { prefix: '', suffix: '\r', aim: true, gs: '\x1d', encoding: 'utf-8', ...options }
  }

  /** Orders that only tests give. */
  fault(fault: SerialScannerFault): void {
    if (fault.kind === 'split') this.#split = { bytes: fault.bytes, everyMs: fault.everyMs }
    else if (fault.kind === 'garble') this.#garbled = fault.scans
    else this.#withoutSuffix = fault.on
  }

  override scan(code: string, aim?: string): void {
    this.#send(this.#frame(code, aim))
  }

  /** Many scans in one breath: a presentation scanner with a buffer, or one that was out of range. */
  burst(codes: readonly string[], aim?: string): void {
    const frames = codes.map((code) => this.#frame(code, aim))
    this.#send(Uint8Array.from(frames.flatMap((frame) => [...frame])))
  }

  #frame(code: string, aim: string | undefined): Uint8Array {
    const { prefix, suffix, gs } = this.#options
    const identifier = this.#options.aim ? (aim ?? '') : ''
    const text = `${prefix}${identifier}${code.replaceAll('\x1d', gs)}${this.#withoutSuffix ? '' : suffix}`
    const bytes = this.#encode(text)
    if (this.#garbled > 0) {
      this.#garbled--
      bytes[Math.floor(bytes.length / 2)] = 0xff
    }
    return bytes
  }

  #encode(text: string): Uint8Array {
    return this.#options.encoding === 'utf-8'
      ? new TextEncoder().encode(text)
      : Uint8Array.from(text, (character) => character.charCodeAt(0))
  }

  #send(bytes: Uint8Array): void {
    const step = this.#split?.bytes ?? bytes.length
    const pieces: Uint8Array[] = []
    for (let start = 0; start < bytes.length; start += step) pieces.push(bytes.slice(start, start + step))
    this.send(pieces)
  }

  protected override get everyMs(): number {
    return this.#split?.everyMs ?? 0
  }
}

/** A scanner as it leaves the factory: no prefix, CR after each code, AIM identifiers on. */
export function createSerialScannerTwin(options: SerialScannerTwinOptions): SerialScannerTwin {
  return new SerialScannerTwin(options)
}
