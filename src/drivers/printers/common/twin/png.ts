/** The smallest PNG writer that serves: two colours, no compression (so it needs no library and runs anywhere). */
import type { Bitmap } from './paper.ts'

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const storedBlockBytesMax = 0xffff
const adlerModulus = 65_521

/** A `data:` address of a PNG in which 1-dots have the ink's colour (three bytes) and 0-dots are transparent. */
export function pngDataUri(bitmap: Bitmap, ink: readonly [number, number, number]): string {
  const rowBytes = (bitmap.width + 7) >> 3
  const rows = new Uint8Array((rowBytes + 1) * bitmap.height)
  for (let y = 0; y < bitmap.height; y++)
    rows.set(bitmap.bits.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1)
  const header = [...big(bitmap.width), ...big(bitmap.height), 1, 3, 0, 0, 0]
  const bytes = [
    Uint8Array.from(signature),
    chunk('IHDR', Uint8Array.from(header)),
    chunk('PLTE', Uint8Array.from([255, 255, 255, ...ink])),
    chunk('tRNS', Uint8Array.of(0)),
    chunk('IDAT', stored(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]
  let binary = ''
  for (const part of bytes) for (const byte of part) binary += String.fromCharCode(byte)
  return `data:image/png;base64,${btoa(binary)}`
}

function big(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12)
  out.set(big(data.length))
  out.set(
    [...type].map((char) => char.charCodeAt(0)),
    4,
  ) // prettier-ignore
  out.set(data, 8)
  out.set(big(crc32(out.subarray(4, data.length + 8))), data.length + 8)
  return out
}

/** A zlib stream of stored blocks (RFC 1950 and 1951). */
function stored(data: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(data.length / storedBlockBytesMax))
  const out = new Uint8Array(2 + blocks * 5 + data.length + 4)
  out.set([0x78, 0x01])
  let at = 2
  for (let i = 0; i < blocks; i++) {
    const block = data.subarray(i * storedBlockBytesMax, (i + 1) * storedBlockBytesMax)
    const { length } = block
    out.set([i === blocks - 1 ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], at)
    out.set(block, at + 5)
    at += 5 + length
  }
  out.set(big(adler32(data)), at)
  return out
}

function adler32(data: Uint8Array): number {
  let a = 1
  let b = 0
  for (const byte of data) {
    a = (a + byte) % adlerModulus
    b = (b + a) % adlerModulus
  }
  return ((b << 16) | a) >>> 0
}

function crc32(data: Uint8Array): number {
  let crc = ~0
  for (const byte of data) {
    crc ^= byte
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
