/** Makes PNG files of every kind the standard has, which pngjs can read but not write. */
import { crc32, deflateSync } from 'node:zlib'

export interface PngKind {
  width: number
  height: number
  depth: number
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  colour: number
  interlaced?: boolean
  palette?: readonly (readonly [number, number, number])[]
  transparency?: Uint8Array
  /** Row filter by row; 0 to 4. */
  filter?: (row: number) => number
}

const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const passesOf = (interlaced: boolean): (readonly [number, number, number, number])[] =>
  interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]]

export function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const whole = Buffer.alloc(body.length + 8)
  whole.writeUInt32BE(data.length, 0)
  body.copy(whole, 4)
  whole.writeUInt32BE(crc32(body), body.length + 4)
  return whole
}

export function header(kind: PngKind): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(kind.width, 0)
  data.writeUInt32BE(kind.height, 4)
  data.set([kind.depth, kind.colour, 0, 0, kind.interlaced === true ? 1 : 0], 8)
  return chunk('IHDR', data)
}

export const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** `sample`: the value at a place, 0 to 2^depth - 1. */
export function makePng(kind: PngKind, sample: (x: number, y: number, index: number) => number): Buffer {
  const rows: Buffer[] = []
  const samples = samplesOf[kind.colour]!
  const step = Math.max(1, (kind.depth * samples) >> 3)
  for (const [x0, y0, stepX, stepY] of passesOf(kind.interlaced === true)) {
    let above: Buffer | undefined
    const width = Math.ceil((kind.width - x0) / stepX)
    if (width <= 0) continue
    for (let y = y0; y < kind.height; y += stepY) {
      const row = Buffer.alloc(Math.ceil((width * samples * kind.depth) / 8))
      for (let column = 0; column < width; column++) {
        for (let index = 0; index < samples; index++) {
          put(row, column * samples + index, kind.depth, sample(x0 + column * stepX, y, index))
        }
      }
      rows.push(filtered(row, above, kind.filter?.(y) ?? 0, step))
      above = row
    }
  }
  const parts = [signature, header(kind)]
  if (kind.palette !== undefined) parts.push(chunk('PLTE', Buffer.from(kind.palette.flat())))
  if (kind.transparency !== undefined) parts.push(chunk('tRNS', kind.transparency))
  const compressed = deflateSync(Buffer.concat(rows))
  // Two pieces, for IDAT may come in any number.
  parts.push(
    chunk('IDAT', compressed.subarray(0, 10)),
    chunk('IDAT', compressed.subarray(10)),
    chunk('IEND', Buffer.alloc(0)),
  )
  return Buffer.concat(parts)
}

function put(row: Buffer, index: number, depth: number, value: number): void {
  if (depth === 16) row.writeUInt16BE(value, index * 2)
  else {
    const bit = index * depth
    row[bit >> 3] = row[bit >> 3]! | (value << (8 - depth - (bit & 7)))
  }
}

function filtered(row: Buffer, above: Buffer | undefined, filter: number, step: number): Buffer {
  const out = Buffer.alloc(row.length + 1)
  out[0] = filter
  for (let at = 0; at < row.length; at++) {
    const a = at >= step ? row[at - step]! : 0
    const b = above?.[at] ?? 0
    const c = at >= step ? (above?.[at - step] ?? 0) : 0
    const p = a + b - c
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)]
    const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c
    const predicted = [0, a, b, (a + b) >> 1, paeth][filter]!
    out[at + 1] = row[at]! - predicted
  }
  return out
}
