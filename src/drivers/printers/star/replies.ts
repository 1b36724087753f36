/**
 * What a Star printer sends back, from bytes to reports: pure, in step again after noise, with a limit on every length.
 *
 * Automatic status begins with a byte of which bit 0 is set and bits 4 and 7 are clear; in all others bits 0 and 4 are clear
 * (line mode specifications, appendix 2, "Status identification method"). The first byte holds the length, the second the
 * version; its bit 7 says that two bytes of length and so many bytes of other answers follow (Ethernet).
 */

export type Report =
  /** Automatic status, asked for or not: the status bytes from the third on, printer status 1 first. */
  | { kind: 'status'; bytes: Uint8Array }
  /** The echo of ESC GS ETX: its parameters, and the print end counter. */
  | { kind: 'mark'; update: boolean; id: number; counter: number }
  /** Bytes that belong to nothing we know. */
  | { kind: 'noise'; bytes: number }

export const replyLimits = {
  /** Shortest automatic status that tells of paper: two bytes of header and five of status. */
  statusBytesMin: 7,
  /** Most bytes of other answers behind an automatic status. */
  extraBytesMax: 0x200,
  /** The bytes of one report come together; a half report older than this is dropped. */
  gapMsMax: 1_000,
} as const

const ESC = 0x1b
const markHead = [ESC, 0x1d, 0x03] as const
const markBytes = 8
const xon = 0x11
const xoff = 0x13
const headerBytes = 2
const lengthBytes = 2

const opensStatus = (byte: number) => (byte & 0x91) === 0x01 && lengthOf(byte) >= replyLimits.statusBytesMin
/** Bits 1 to 3 and 5, 6 of the first byte: all bytes of the automatic status, headers included. */
const lengthOf = (byte: number) => ((byte >> 2) & 0x18) | ((byte >> 1) & 0x07)
/** An echo begins as the command and ends with NUL; between them any byte may stand. */
const fitsMark = (byte: number, index: number) =>
  index < markHead.length ? byte === markHead[index] : index === markBytes - 1 ? byte === 0 : true
const fitsStatus = (byte: number, index: number) => (byte & (index === 1 ? 0x11 : 0x91)) === 0

export class ReplyParser {
  #partial: number[] = []
  #lastAt = 0

  /** `now` in monotonic ms. */
  push(bytes: Uint8Array, now: number): Report[] {
    const reports: Report[] = []
    if (now - this.#lastAt > replyLimits.gapMsMax) this.#drop(reports)
    this.#lastAt = now
    for (const byte of bytes) this.#byte(byte, reports)
    return reports
  }

  #byte(byte: number, reports: Report[]): void {
    // Flow control may stand anywhere but in an echo, whose bytes are ours, and behind a status, where there is none on Ethernet.
    if ((byte === xon || byte === xoff) && !this.#inData) return
    if (this.#partial.length > 0 && !this.#belongs(byte)) this.#drop(reports)
    if (this.#partial.length === 0 && byte !== ESC && !opensStatus(byte)) {
      noise(reports, 1)
      return
    }
    this.#partial.push(byte)
    this.#finish(reports)
  }

  #belongs(byte: number): boolean {
    const index = this.#partial.length
    if (this.#partial[0] === ESC) return fitsMark(byte, index)
    const length = lengthOf(this.#partial[0]!)
    return index >= length || fitsStatus(byte, index)
  }

  /** Whether the next byte may have any value. */
  get #inData(): boolean {
    const [first] = this.#partial
    return first !== undefined && (first === ESC || this.#partial.length >= lengthOf(first))
  }

  #finish(reports: Report[]): void {
    const partial = this.#partial
    if (partial[0] === ESC) {
      if (partial.length < markBytes) return
      const [, , , how, low, high, counter] = partial as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      reports.push({ kind: 'mark', update: how === 1, id: low | (high << 8), counter })
    } else {
      const length = lengthOf(partial[0]!)
      if (partial.length < length + this.#extra(length)) return
      reports.push({ kind: 'status', bytes: Uint8Array.from(partial.slice(headerBytes, length)) })
      const extra = partial.slice(length + lengthBytes)
      this.#partial = []
      // Other answers travel behind the status on Ethernet; an echo may be among them.
      marksIn(extra, reports)
    }
    this.#partial = []
  }

  /** Bytes behind the status proper: none without bit 7 of the second byte; at least the two of the length with it. */
  #extra(length: number): number {
    const partial = this.#partial
    if ((partial[1]! & 0x80) === 0) return 0
    if (partial.length < length + lengthBytes) return lengthBytes
    const [first, second] = [partial[length]!, partial[length + 1]!]
    // Which of the two is the high one is not said°. It is 0 to 2, and an answer has more than two bytes.
    const count = first <= replyLimits.extraBytesMax >> 8 ? (first << 8) | second : (second << 8) | first
    return lengthBytes + (count <= replyLimits.extraBytesMax ? count : 0)
  }

  #drop(reports: Report[]): void {
    noise(reports, this.#partial.length)
    this.#partial = []
  }
}

function noise(reports: Report[], bytes: number): void {
  if (bytes === 0) return
  const last = reports.at(-1)
  if (last?.kind === 'noise') last.bytes += bytes
  else reports.push({ kind: 'noise', bytes })
}

function marksIn(bytes: readonly number[], reports: Report[]): void {
  for (let at = 0; at + markBytes <= bytes.length; at++) {
    if (!markHead.every((byte, index) => bytes[at + index] === byte)) continue
    const [how, low, high, counter] = bytes.slice(at + markHead.length) as [number, number, number, number]
    reports.push({ kind: 'mark', update: how === 1, id: low | (high << 8), counter })
    at += markBytes - 1
  }
}
