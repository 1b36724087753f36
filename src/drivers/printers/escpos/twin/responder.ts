/** What the twin says when its turn comes to be asked: identity, sensors, process ids, counters. */
import type { Command } from './interpreter.ts'
import type { EscposTwinOptions } from './options.ts'
import type { PrinterStatus } from './status.ts'

const typeId = { twoByte: 0x01, cutter: 0x02 }
const modelId = 0x20
const romId = 0x01
/** Numbers of the counters for cuts, and the form of the answer, are unconfirmed. */
const cutCounters = { resettable: 50, cumulative: 178 }

const word = (low: number, high: number) => low + high * 256

export class Responder {
  readonly #options: EscposTwinOptions
  #cutsCleared = 0

  constructor(options: EscposTwinOptions) {
    this.#options = options
  }

  /** The answer to a command of the queue, or undefined when this model has none. */
  answer({ name, args, data }: Command, status: PrinterStatus, cuts: number): Uint8Array | undefined {
    const { identity, processId, gsR, cutCounter } = this.#options
    switch (name) {
      case 'GS I':
        return identity ? this.#identity(args[0]!) : undefined
      case 'GS r':
        return gsR ? Uint8Array.of(status.gsR(args[0]! % 48)) : undefined
      case 'GS ( H':
        return processId ? Uint8Array.of(0x37, 0x22, ...data.subarray(2), 0) : undefined
      case 'GS g 2':
        return cutCounter ? this.#counter(word(args[1]!, args[2]!), cuts) : undefined
      case 'GS g 0':
        if (word(args[1]!, args[2]!) === cutCounters.resettable) this.#cutsCleared = cuts
        return undefined
      default:
        return undefined
    }
  }

  #identity(n: number): Uint8Array {
    const { kanji, firmware, maker, model, serial } = this.#options
    const blocks: Readonly<Record<number, string>> = {
      65: firmware,
      66: maker,
      67: model,
      68: serial,
      69: kanji === 'none' ? '' : 'KANJI JAPANESE',
    }
    const block = blocks[n]
    if (block !== undefined) return infoB(block)
    const type = typeId.cutter | (kanji === 'none' ? 0 : typeId.twoByte)
    return Uint8Array.of([modelId, type, romId][(n % 48) - 1]!)
  }

  #counter(counter: number, cuts: number): Uint8Array | undefined {
    if (counter === cutCounters.resettable) return infoB(String(cuts - this.#cutsCleared))
    return counter === cutCounters.cumulative ? infoB(String(cuts)) : undefined
  }
}

/** Epson's block answer "info B": `5F`, printable text, NUL. */
export function infoB(text: string): Uint8Array {
  return Uint8Array.of(0x5f, ...[...text].map((char) => char.charCodeAt(0) & 0x7f), 0)
}
