/** A growing run of bytes: where commands and text are written, one after the other. */

/** Bytes a new run starts with; doubled as needed. */
const bytesAtFirst = 4_096

/** Memory kept from one run to the next; what a large picture needed is given back. */
const bytesKeptMax = 262_144

export class Bytes {
  /** The memory; only the first `length` bytes count. Replaced when it grows: ask again after `room`. */
  buffer: Uint8Array<ArrayBuffer> = new Uint8Array(bytesAtFirst)
  length = 0

  /** Makes sure that `count` more bytes fit, and gives the memory. */
  room(count: number): Uint8Array<ArrayBuffer> {
    const needed = this.length + count
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2))
      larger.set(this.buffer.subarray(0, this.length))
      this.buffer = larger
    }
    return this.buffer
  }

  put1(a: number): void {
    this.room(1)[this.length++] = a
  }

  put2(a: number, b: number): void {
    const buffer = this.room(2)
    buffer[this.length++] = a
    buffer[this.length++] = b
  }

  put3(a: number, b: number, c: number): void {
    const buffer = this.room(3)
    buffer[this.length++] = a
    buffer[this.length++] = b
    buffer[this.length++] = c
  }

  put(...bytes: readonly number[]): void {
    const buffer = this.room(bytes.length)
    for (const byte of bytes) buffer[this.length++] = byte
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length).set(bytes, this.length)
    this.length += bytes.length
  }

  /** `byte`, `count` times. */
  repeat(byte: number, count: number): void {
    const buffer = this.room(count)
    // For the few bytes of an indent a loop is quicker than fill.
    for (const end = this.length + count; this.length < end; ) buffer[this.length++] = byte
  }

  /** A copy of bytes `from` up to here. */
  slice(from = 0): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(from, this.length)
  }

  clear(): void {
    if (this.buffer.length > bytesKeptMax) this.buffer = new Uint8Array(bytesAtFirst)
    this.length = 0
  }
}
