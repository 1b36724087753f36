/** Draws QR codes: text to modules, after ISO/IEC 18004, in byte mode, error correction level M (L for what is too long for M). */

export interface QrCode {
  /** Modules of one side, without the quiet zone. */
  readonly size: number
  readonly version: number
  readonly level: 'M' | 'L'
  /** True for a dark module; x to the right, y down, from 0. */
  dark(x: number, y: number): boolean
}

/** Light modules that have to stand around a code (ISO/IEC 18004, 5.3.8). */
export const quietModules = 4

interface Level {
  readonly name: 'M' | 'L'
  /** The two bits of the format information. */
  readonly bits: number
  /** Error correction codewords of each block, by version from 1 (ISO/IEC 18004, table 9). */
  readonly correction: readonly number[]
  /** Blocks, by version from 1 (the same table). */
  readonly blocks: readonly number[]
}

const versionMax = 40
// biome-ignore format: tables of the standard
const levelM: Level = {
  name: 'M',
  bits: 0b00,
  correction: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  blocks: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
}
// biome-ignore format: tables of the standard
const levelL: Level = {
  name: 'L',
  bits: 0b01,
  correction: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
    28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30],
  blocks: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
    8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25],
}

/** undefined when the text is longer than the largest code holds (2,953 bytes of UTF-8). */
export function encodeQr(text: string): QrCode | undefined {
  const bytes = new TextEncoder().encode(text)
  for (const level of [levelM, levelL]) {
    for (let version = 1; version <= versionMax; version++) {
      if (bytes.length <= bytesMax(version, level)) return draw(bytes, version, level)
    }
  }
  return undefined
}

/** The dark modules as one SVG path, a square of 1 each, rows joined to runs. */
export function qrPath(code: QrCode): string {
  let path = ''
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) {
      if (!code.dark(x, y)) continue
      const from = x
      while (code.dark(x + 1, y)) x++
      const run = x + 1 - from
      path += `M${from} ${y}h${run}v1h-${run}z`
    }
  }
  return path
}

const at = (table: readonly number[], index: number): number => table[index] ?? 0
const sizeOf = (version: number): number => 17 + 4 * version
/** Bits of the number of characters in byte mode. */
const countBits = (version: number): number => (version < 10 ? 8 : 16)

/** Centres of the alignment patterns along one side, evenly spread between the timing pattern and the far edge. */
function alignmentCentres(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const last = sizeOf(version) - 7
  // Even steps; version 32 is the one that the standard rounds the other way.
  const step = version === 32 ? 26 : 2 * Math.ceil((last - 6) / (2 * (count - 1)))
  return [6, ...Array.from({ length: count - 1 }, (_, index) => last - (count - 2 - index) * step)]
}

/** Codewords that fit beside the function patterns. */
function codewordsOf(version: number): number {
  const size = sizeOf(version)
  const side = alignmentCentres(version).length
  const finders = 3 * 64
  const formats = 2 * 15 + 1
  const timing = 2 * (size - 16)
  // Three corners have a finder instead; on the timing lines five modules are counted already.
  const alignment = side === 0 ? 0 : (side * side - 3) * 25 - 2 * (side - 2) * 5
  const versions = version >= 7 ? 2 * 18 : 0
  return Math.floor((size * size - finders - formats - timing - alignment - versions) / 8)
}

function dataCodewords(version: number, level: Level): number {
  return codewordsOf(version) - at(level.correction, version - 1) * at(level.blocks, version - 1)
}

function bytesMax(version: number, level: Level): number {
  return Math.floor((dataCodewords(version, level) * 8 - 4 - countBits(version)) / 8)
}

function draw(bytes: Uint8Array, version: number, level: Level): QrCode {
  const data = pack(bytes, version, dataCodewords(version, level))
  const words = interleave(data, version, level)
  let best: Grid | undefined
  let lowest = Number.POSITIVE_INFINITY
  const plain = new Grid(sizeOf(version))
  plain.patterns(version)
  for (let mask = 0; mask < 8; mask++) {
    const grid = plain.copy()
    grid.data(words, mask)
    grid.format(level.bits, mask)
    const penalty = grid.penalty()
    if (penalty >= lowest) continue
    lowest = penalty
    best = grid
  }
  const grid = best ?? plain
  return { size: grid.size, version, level: level.name, dark: (x, y) => grid.get(x, y) === 1 }
}

/** Mode, length, bytes, end, padding. */
function pack(bytes: Uint8Array, version: number, words: number): Uint8Array {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  put(0b0100, 4)
  put(bytes.length, countBits(version))
  for (const byte of bytes) put(byte, 8)
  put(0, Math.min(4, words * 8 - bits.length))
  put(0, (8 - (bits.length % 8)) % 8)
  for (let pad = 0xec; bits.length < words * 8; pad ^= 0xec ^ 0x11) put(pad, 8)
  const packed = new Uint8Array(words)
  bits.forEach((bit, index) => {
    packed[index >> 3] = (packed[index >> 3] ?? 0) | (bit << (7 - (index & 7)))
  })
  return packed
}

/** Product in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((b >> bit) & 1) * a
  }
  return product
}

/** Coefficients of the generator polynomial behind its leading 1. */
function generator(degree: number): Uint8Array {
  const result = new Uint8Array(degree)
  result[degree - 1] = 1
  let root = 1
  for (let index = 0; index < degree; index++) {
    for (let place = 0; place < degree; place++)
      result[place] = times(result[place] ?? 0, root) ^ (result[place + 1] ?? 0)
    root = times(root, 2)
  }
  return result
}

function correctionOf(block: Uint8Array, divisor: Uint8Array): Uint8Array {
  const rest = new Uint8Array(divisor.length)
  for (const byte of block) {
    const factor = byte ^ (rest[0] ?? 0)
    rest.copyWithin(0, 1)
    rest[rest.length - 1] = 0
    divisor.forEach((coefficient, place) => {
      rest[place] = (rest[place] ?? 0) ^ times(coefficient, factor)
    })
  }
  return rest
}

/** Splits into blocks, the short ones first, and takes one codeword of each in turn. */
function interleave(data: Uint8Array, version: number, level: Level): Uint8Array {
  const count = at(level.blocks, version - 1)
  const divisor = generator(at(level.correction, version - 1))
  const short = Math.floor(data.length / count)
  const shortCount = count - (data.length % count)
  const blocks: Uint8Array[] = []
  for (let start = 0; blocks.length < count; ) {
    const end = start + short + (blocks.length < shortCount ? 0 : 1)
    blocks.push(data.subarray(start, end))
    start = end
  }
  const corrections = blocks.map((block) => correctionOf(block, divisor))
  const words: number[] = []
  for (let place = 0; place <= short; place++)
    for (const block of blocks) if (place < block.length) words.push(block[place] ?? 0)
  for (let place = 0; place < divisor.length; place++)
    for (const correction of corrections) words.push(correction[place] ?? 0)
  return Uint8Array.from(words)
}

/** Remainder of `value` shifted up by the degree of the generator: the check bits of format and version. */
function checkBits(value: number, polynomial: number, degree: number): number {
  let rest = value
  for (let step = 0; step < degree; step++) rest = (rest << 1) ^ ((rest >> (degree - 1)) * polynomial)
  return rest
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

class Grid {
  readonly size: number
  readonly #modules: Uint8Array
  /** 1 where no data may stand. */
  readonly #reserved: Uint8Array

  constructor(size: number, from?: { modules: Uint8Array; reserved: Uint8Array }) {
    this.size = size
    this.#modules = from?.modules ?? new Uint8Array(size * size)
    this.#reserved = from?.reserved ?? new Uint8Array(size * size)
  }

  copy(): Grid {
    return new Grid(this.size, { modules: this.#modules.slice(), reserved: this.#reserved })
  }

  /** 0 outside, as the quiet zone. */
  get(x: number, y: number): number {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return 0
    return this.#modules[y * this.size + x] ?? 0
  }

  #set(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    this.#modules[y * this.size + x] = dark ? 1 : 0
    this.#reserved[y * this.size + x] = 1
  }

  /** Everything that does not depend on the data; the places of the format are kept free. */
  patterns(version: number): void {
    const last = this.size - 1
    for (let place = 0; place < this.size; place++) {
      this.#set(6, place, place % 2 === 0)
      this.#set(place, 6, place % 2 === 0)
    }
    const centres = alignmentCentres(version)
    const edge = centres.length - 1
    centres.forEach((x, column) => {
      centres.forEach((y, row) => {
        const corner = (column === 0 && (row === 0 || row === edge)) || (column === edge && row === 0)
        if (!corner) this.#rings(x, y, 2)
      })
    })
    this.#rings(3, 3, 4)
    this.#rings(last - 3, 3, 4)
    this.#rings(3, last - 3, 4)
    this.format(0, 0)
    if (version >= 7) this.#version(version)
  }

  /** A square of rings around a centre: dark but for the second ring, and for the fourth, which parts a finder from the rest. */
  #rings(x: number, y: number, radius: number): void {
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        const ring = Math.max(Math.abs(dx), Math.abs(dy))
        const light = radius === 2 ? ring === 1 : ring === 2 || ring === 4
        this.#set(x + dx, y + dy, !light)
      }
    }
  }

  format(level: number, mask: number): void {
    const value = (level << 3) | mask
    const bits = ((value << 10) | checkBits(value, 0x537, 10)) ^ 0x5412
    const bit = (index: number) => ((bits >> index) & 1) === 1
    const last = this.size - 1
    for (let index = 0; index < 15; index++) {
      // Down the right side of the upper left finder and back below it, around the timing patterns.
      if (index < 8) this.#set(8, index < 6 ? index : index + 1, bit(index))
      else this.#set(index === 8 ? 7 : 14 - index, 8, bit(index))
      // Below the upper right finder, and beside the lower left one.
      if (index < 8) this.#set(last - index, 8, bit(index))
      else this.#set(8, last - 14 + index, bit(index))
    }
    this.#set(8, last - 7, true)
  }

  #version(version: number): void {
    const bits = (version << 12) | checkBits(version, 0x1f25, 12)
    for (let index = 0; index < 18; index++) {
      const dark = ((bits >> index) & 1) === 1
      const far = this.size - 11 + (index % 3)
      const near = Math.floor(index / 3)
      this.#set(far, near, dark)
      this.#set(near, far, dark)
    }
  }

  /** Two columns at a time from the right, up and down in turn; the left timing column is left out. */
  data(words: Uint8Array, mask: number): void {
    const flips = masks[mask] ?? (() => false)
    let index = 0
    let up = true
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5
      for (let step = 0; step < this.size; step++) {
        const y: number = up ? this.size - 1 - step : step
        for (const x of [right, right - 1]) {
          const place = y * this.size + x
          if (this.#reserved[place] === 1) continue
          const bit = ((words[index >> 3] ?? 0) >> (7 - (index & 7))) & 1
          this.#modules[place] = flips(x, y) ? bit ^ 1 : bit
          index++
        }
      }
      up = !up
    }
  }

  /** How badly it reads: runs, blocks, look-alikes of finders, imbalance (ISO/IEC 18004, table 11). */
  penalty(): number {
    let sum = 0
    let darks = 0
    for (let line = 0; line < this.size; line++) {
      sum += this.#linePenalty((place) => this.get(place, line))
      sum += this.#linePenalty((place) => this.get(line, place))
      for (let x = 0; x < this.size; x++) {
        const module = this.get(x, line)
        darks += module
        if (x === 0 || line === 0) continue
        const square = module + this.get(x - 1, line) + this.get(x, line - 1) + this.get(x - 1, line - 1)
        if (square === 0 || square === 4) sum += 3
      }
    }
    const percent = (darks * 100) / (this.size * this.size)
    return sum + Math.floor(Math.abs(percent - 50) / 5) * 10
  }

  #linePenalty(get: (place: number) => number): number {
    let sum = 0
    let run = 0
    let window = 0
    for (let place = 0; place < this.size; place++) {
      const module = get(place)
      run = place > 0 && module === get(place - 1) ? run + 1 : 1
      if (run === 5) sum += 3
      else if (run > 5) sum += 1
      window = ((window << 1) | module) & 0x7ff
      if (place >= 10 && (window === 0b10111010000 || window === 0b00001011101)) sum += 40
    }
    return sum
  }
}
