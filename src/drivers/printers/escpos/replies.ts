/**
 * What a printer sends back, from bytes to reports: pure, in step again after noise, with a limit on every length.
 *
 * Three bits of the first byte tell the kinds apart (Citizen CT-S310 command reference, "Identification of Send Status"; Epson
 * TM-T88III specification p. 132): `& 93h` is 10h for automatic status, 12h for a real-time answer, 11h or 13h for flow control
 * and block headers; with bit 4 clear it is an answer in its turn, or a later byte of an automatic status.
 */

export type RealTimeQuestion = 1 | 2 | 3 | 4
export type AutoStatusBytes = readonly [number, number, number, number]

export type Report =
  /** Automatic status back: sent at each change (GS a). */
  | { kind: 'auto'; bytes: AutoStatusBytes }
  /** The answer to DLE EOT n. */
  | { kind: 'realtime'; question: RealTimeQuestion; value: number }
  /** A one-byte answer that comes in its turn with the data: GS r, GS I 1. */
  | { kind: 'byte'; value: number }
  /** Header to NUL: 5Fh identity and counters, 37h process id and others. Without header and NUL. */
  | { kind: 'block'; header: number; text: string }
  | { kind: 'flow'; go: boolean }
  /** Bytes that belong to nothing we know or asked for. */
  | { kind: 'noise'; bytes: number }

export const replyLimits = {
  /** Longest block without header and NUL; identity has at most 80 characters. */
  blockBytesMax: 128,
  /** The bytes of one report come together; a half report older than this is dropped. */
  gapMsMax: 1_000,
} as const

const xon = 0x11
const xoff = 0x13
const blockHeaders: ReadonlySet<number> = new Set([0x35, 0x37, 0x3b, 0x3d, 0x5f])

const opensAutoStatus = (byte: number) => (byte & 0x93) === 0x10
const isRealTime = (byte: number) => (byte & 0x93) === 0x12
const isQueued = (byte: number) => (byte & 0x90) === 0

interface Partial {
  /** 0 for automatic status, else the header of the block. */
  header: number
  bytes: number[]
}

export class ReplyParser {
  readonly #realTime: RealTimeQuestion[] = []
  #bytesOwed = 0
  #partial: Partial | undefined
  #lastAt = 0

  /** A DLE EOT was sent: the next real-time byte answers it. */
  expectRealTime(question: RealTimeQuestion): void {
    this.#realTime.push(question)
  }

  /** A question with a one-byte answer was sent. */
  expectByte(): void {
    this.#bytesOwed++
  }

  /** Nothing that was asked in real time will be answered any more. */
  forgetRealTime(): void {
    this.#realTime.length = 0
  }

  forgetBytes(): void {
    this.#bytesOwed = 0
  }

  /** `at`: monotonic ms. */
  push(bytes: Uint8Array, at: number): Report[] {
    const reports: Report[] = []
    if (at - this.#lastAt > replyLimits.gapMsMax) this.#dropPartial(reports)
    this.#lastAt = at
    for (const byte of bytes) this.#take(byte, reports)
    return reports
  }

  #take(byte: number, reports: Report[]): void {
    if (byte === xon || byte === xoff) reports.push({ kind: 'flow', go: byte === xon })
    else if (this.#partial !== undefined) this.#continue(this.#partial, byte, reports)
    else this.#open(byte, reports)
  }

  #open(byte: number, reports: Report[]): void {
    if (opensAutoStatus(byte)) this.#partial = { header: 0, bytes: [byte] }
    else if (blockHeaders.has(byte)) this.#partial = { header: byte, bytes: [] }
    else if (isRealTime(byte) && this.#realTime.length > 0) this.#answerRealTime(byte, reports)
    else if (isQueued(byte) && this.#bytesOwed > 0) {
      this.#bytesOwed--
      reports.push({ kind: 'byte', value: byte })
    } else this.#noise(1, reports)
  }

  #continue(partial: Partial, byte: number, reports: Report[]): void {
    if (partial.header === 0) this.#continueAuto(partial, byte, reports)
    else this.#continueBlock(partial, byte, reports)
  }

  #continueAuto(partial: Partial, byte: number, reports: Report[]): void {
    if (isQueued(byte)) {
      partial.bytes.push(byte)
      const [first, second, third, fourth] = partial.bytes
      if (fourth === undefined) return
      this.#partial = undefined
      reports.push({ kind: 'auto', bytes: [first!, second!, third!, fourth] })
    } else if (isRealTime(byte) && this.#realTime.length > 0) this.#answerRealTime(byte, reports)
    else this.#reopen(byte, reports)
  }

  #continueBlock(partial: Partial, byte: number, reports: Report[]): void {
    if (byte === 0) {
      this.#partial = undefined
      reports.push({ kind: 'block', header: partial.header, text: String.fromCharCode(...partial.bytes) })
    } else if (byte < 0x20 || byte === 0x7f || partial.bytes.length >= replyLimits.blockBytesMax) {
      this.#reopen(byte, reports)
    } else partial.bytes.push(byte)
  }

  /** The report under way was cut off: what came of it is noise, and this byte opens the next one. */
  #reopen(byte: number, reports: Report[]): void {
    this.#dropPartial(reports)
    this.#open(byte, reports)
  }

  #dropPartial(reports: Report[]): void {
    if (this.#partial === undefined) return
    const { header, bytes } = this.#partial
    this.#partial = undefined
    this.#noise(bytes.length + (header === 0 ? 0 : 1), reports)
  }

  #noise(bytes: number, reports: Report[]): void {
    const last = reports.at(-1)
    if (last?.kind === 'noise') reports[reports.length - 1] = { kind: 'noise', bytes: last.bytes + bytes }
    else reports.push({ kind: 'noise', bytes })
  }

  #answerRealTime(byte: number, reports: Report[]): void {
    reports.push({ kind: 'realtime', question: this.#realTime.shift()!, value: byte })
  }
}
