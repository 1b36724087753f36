/** The fonts that are shipped, and which characters each of them has (its cmap table), read when first needed. */
import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HubError } from '../../protocol/errors.ts'

export interface FontFace {
  readonly family: string
  readonly file: string
  readonly bold: boolean
  /** Width of a character in em, of a font where all have the same; undefined otherwise. */
  readonly advance?: number
  /** Room above and below the baseline in em. */
  readonly ascent: number
  readonly descent: number
}

const dejavu = (file: string) => `dejavu-fonts-ttf/ttf/${file}.ttf`
const noto = (file: string) => `@expo-google-fonts/noto-sans-jp/${file}.ttf`
const mono = { family: 'DejaVu Sans Mono', advance: 0.60205, ascent: 0.928, descent: 0.236 }
const sans = { family: 'DejaVu Sans', ascent: 0.928, descent: 0.236 }
const japanese = { family: 'Noto Sans JP', ascent: 0.88, descent: 0.12 }

/** In the order of preference; a face that is not bold stands in where the bold one lacks a character. */
const faces: readonly FontFace[] = [
  { ...mono, file: dejavu('DejaVuSansMono'), bold: false },
  { ...mono, file: dejavu('DejaVuSansMono-Bold'), bold: true },
  { ...sans, file: dejavu('DejaVuSans'), bold: false },
  { ...sans, file: dejavu('DejaVuSans-Bold'), bold: true },
  { ...japanese, file: noto('400Regular/NotoSansJP_400Regular'), bold: false },
  { ...japanese, file: noto('700Bold/NotoSansJP_700Bold'), bold: true },
]

export class Fonts {
  readonly #coverage = new Map<FontFace, Coverage>()
  readonly #require = createRequire(import.meta.url)

  /** The face to draw a character and its marks with; undefined when no font has all of them. */
  faceFor(text: string, bold: boolean): FontFace | undefined {
    const has = (face: FontFace) => Array.from(text).every((char) => this.#covers(face, char.codePointAt(0)!))
    const exact = faces.find((face) => face.bold === bold && has(face))
    return exact ?? (bold ? faces.find((face) => !face.bold && has(face)) : undefined)
  }

  /** Where the face's file is. */
  pathOf(face: FontFace): string {
    return this.#require.resolve(face.file)
  }

  #covers(face: FontFace, code: number): boolean {
    let coverage = this.#coverage.get(face)
    if (coverage === undefined) {
      coverage = readCoverage(this.pathOf(face))
      this.#coverage.set(face, coverage)
    }
    return coverage.has(code)
  }
}

/** Ranges of code points, sorted, as first and last. */
class Coverage {
  readonly #ranges: Uint32Array

  constructor(ranges: Uint32Array) {
    this.#ranges = ranges
  }

  has(code: number): boolean {
    let low = 0
    let high = this.#ranges.length / 2 - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      if (code < this.#ranges[middle * 2]!) high = middle - 1
      else if (code > this.#ranges[middle * 2 + 1]!) low = middle + 1
      else return true
    }
    return false
  }
}

/** Reads only the table directory and the cmap's format 12 subtable (OpenType: otff, cmap), not the whole font. */
function readCoverage(path: string): Coverage {
  const file = openSync(path, 'r')
  try {
    const tables = readAt(file, 12, readAt(file, 4, 2).getUint16(0) * 16)
    for (let entry = 0; entry < tables.byteLength; entry += 16) {
      if (tables.getUint32(entry) !== 0x636d6170) continue
      const start = tables.getUint32(entry + 8)
      const cmap = readAt(file, start, tables.getUint32(entry + 12))
      for (let record = 0; record < cmap.getUint16(2); record++) {
        const subtable = cmap.getUint32(4 + record * 8 + 4)
        if (cmap.getUint16(subtable) === 12) return new Coverage(rangesOf(cmap, subtable))
      }
    }
  } finally {
    closeSync(file)
  }
  throw new HubError('internal', { reason: `the font ${path} has no Unicode character map` })
}

function rangesOf(cmap: DataView, subtable: number): Uint32Array {
  const groups = cmap.getUint32(subtable + 12)
  const ranges = new Uint32Array(groups * 2)
  for (let group = 0; group < groups; group++) {
    ranges[group * 2] = cmap.getUint32(subtable + 16 + group * 12)
    ranges[group * 2 + 1] = cmap.getUint32(subtable + 20 + group * 12)
  }
  return ranges
}

function readAt(file: number, position: number, length: number): DataView {
  const bytes = new Uint8Array(length)
  readSync(file, bytes, 0, length, position)
  return new DataView(bytes.buffer)
}
