/**
 * Counts through a stream of MQTT packets: how long the one is that comes. The library takes packets of up to 256 MiB into memory before
 * anybody is asked; here a connection with one that is too long ends at its first bytes.
 */
import type { Duplex } from 'node:stream'
import { HubError } from '../../../protocol/errors.ts'

/** A remaining length takes 4 bytes at most (MQTT 3.1.1, 2.2.3). */
const lengthBytesMax = 4

export class PacketMeter {
  readonly #bytesMax: () => number
  /** Bytes of the present packet that are still to come. */
  #left = 0
  /** Bytes read of its remaining length; undefined: its first byte is to come. */
  #lengthAt: number | undefined
  #length = 0

  /** `bytesMax` is asked at each packet: strangers may send less. */
  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax
  }

  /** False when a packet begins that is too long, or no length at all. */
  take(chunk: Uint8Array): boolean {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at)
        this.#left -= skipped
        at += skipped
      } else if (this.#lengthAt === undefined) {
        this.#lengthAt = 0
        this.#length = 0
        at++
      } else {
        const byte = chunk[at++] ?? 0
        this.#length += (byte & 0x7f) * 128 ** this.#lengthAt++
        if ((byte & 0x80) === 0) {
          if (this.#length > this.#bytesMax()) return false
          this.#left = this.#length
          this.#lengthAt = undefined
        } else if (this.#lengthAt === lengthBytesMax) return false
      }
    }
    return true
  }
}

/** Ends a connection at a packet that is too long. The library reads by `read` only. */
export function meterPackets(connection: Duplex, bytesMax: () => number): void {
  const meter = new PacketMeter(bytesMax)
  const read = connection.read.bind(connection)
  connection.read = (size?: number) => {
    const chunk = read(size) as Buffer | null
    if (chunk === null || meter.take(chunk)) return chunk
    connection.destroy(new HubError('message_too_large', { bytesMax: bytesMax() }))
    return null
  }
}
