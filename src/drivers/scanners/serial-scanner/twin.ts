/** The simulated scanner: sends codes as a real one is programmed to, and misbehaves when told to. */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import { TwinLine } from '../../twin-line.ts'

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

export class SerialScannerTwin implements Twin {
  onPlug: ((on: boolean) => void) | undefined
  readonly #options: Required<SerialScannerTwinOptions>
  readonly #line: TwinLine
  #withoutSuffix = false
  #garbled = 0
  #split: { bytes: number; everyMs: number } | undefined
  #queue: Uint8Array[] = []
  #cancel: (() => void) | undefined

  constructor(options: SerialScannerTwinOptions) {
    this.#options = { prefix: '', suffix: '\r', aim: true, gs: '\x1d', encoding: 'utf-8', ...options }
    this.#line = new TwinLine({
      clock: options.clock,
      // A scanner takes commands that set it up; this one takes none.
      onBytes: () => {},
      onPlug: (on) => {
        if (!on) this.#forget()
        this.onPlug?.(on)
      },
    })
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  attach(wire: TwinWire): void {
    this.#forget()
    this.#line.attach(wire)
  }

  order(order: DemoOrder): void {
    if (this.#line.order(order)) return
    if (order.order !== 'scan')
      throw new HubError('params_invalid', { path: 'order.order', reason: `a scanner cannot ${order.order}` })
    this.scan(order.code, order.aim)
  }

  /** Orders that only tests give. */
  fault(fault: SerialScannerFault): void {
    if (fault.kind === 'split') this.#split = { bytes: fault.bytes, everyMs: fault.everyMs }
    else if (fault.kind === 'garble') this.#garbled = fault.scans
    else this.#withoutSuffix = fault.on
  }

  scan(code: string, aim?: string): void {
    this.#send(this.#frame(code, aim))
  }

  /** Many scans in one breath: a presentation scanner with a buffer, or one that was out of range. */
  burst(codes: readonly string[], aim?: string): void {
    const frames = codes.map((code) => this.#frame(code, aim))
    this.#send(Uint8Array.from(frames.flatMap((frame) => [...frame])))
  }

  stop(): void {
    this.#forget()
    this.#line.stop()
  }

  /** What it was about to send is lost with the wire. */
  #forget(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#queue = []
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
    if (this.#line.silent) return
    const step = this.#split?.bytes ?? bytes.length
    for (let start = 0; start < bytes.length; start += step)
      this.#queue.push(bytes.slice(start, start + step))
    if (this.#cancel === undefined) this.#sendNext()
  }

  #sendNext(): void {
    this.#cancel = undefined
    const everyMs = this.#split?.everyMs ?? 0
    do {
      const piece = this.#queue.shift()
      if (piece === undefined) return
      this.#line.say(piece)
    } while (everyMs === 0)
    this.#cancel = this.#line.after(everyMs, () => this.#sendNext())
  }
}

/** A scanner as it leaves the factory: no prefix, CR after each code, AIM identifiers on. */
export function createSerialScannerTwin(options: SerialScannerTwinOptions): SerialScannerTwin {
  return new SerialScannerTwin(options)
}
