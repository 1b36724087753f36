/** What the tests of the ESC/POS twin share: a twin on a wire in memory, and bytes by name. */
import {
  createEscposTwin,
  type EscposTwin,
  type EscposTwinOptions,
} from '../../../src/drivers/printers/escpos/twin/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { MemoryWire } from '../../support/twin-memory.ts'

export const ESC = 0x1b
export const GS = 0x1d
export const FS = 0x1c
export const DLE = 0x10
export const LF = 0x0a

export interface TwinBench {
  readonly twin: EscposTwin
  readonly wire: MemoryWire
  readonly clock: TestClock
  send(...parts: Part[]): void
}

export type Part = number | string | readonly number[] | Uint8Array

/** Strings stand for their Latin-1 bytes. */
export function bytesOf(...parts: Part[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string'
        ? [...Buffer.from(part, 'latin1')]
        : typeof part === 'number'
          ? [part]
          : [...part],
    ),
  )
}

export function twinBench(options: Partial<EscposTwinOptions> = {}): TwinBench {
  const clock = new TestClock()
  const twin = createEscposTwin({ clock, ...options })
  const wire = new MemoryWire()
  twin.attach(wire)
  return { twin, wire, clock, send: (...parts) => wire.send(bytesOf(...parts)) }
}

/** GS ( k with its length. */
export function symbolCommand(...parts: Part[]): Uint8Array {
  const data = bytesOf(...parts)
  return bytesOf(GS, '(k', data.length & 255, data.length >> 8, data)
}

export function qr(data: string, module = 4, correction = 49): Uint8Array {
  return bytesOf(
    symbolCommand(49, 65, 50, 0),
    symbolCommand(49, 67, module),
    symbolCommand(49, 69, correction),
    symbolCommand(49, 80, 48, data),
    symbolCommand(49, 81, 48),
  )
}
