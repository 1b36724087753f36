/** How large QR and PDF417 symbols get, so that what does not fit the symbol or the paper is refused beforehand. */

export type QrErrorCorrection = 'L' | 'M' | 'Q' | 'H'

/** Error correction codewords of each block, by version 1 to 40 (ISO/IEC 18004, table 9). */
const correctionPerBlock: Readonly<Record<QrErrorCorrection, readonly number[]>> = {
  L: [
    7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30,
    30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
  ],
  M: [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  ],
  Q: [
    13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28,
    30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
  ],
  H: [
    17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30,
    30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
  ],
}

/** Number of blocks, by version (the same table). */
const blocks: Readonly<Record<QrErrorCorrection, readonly number[]>> = {
  L: [
    1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17,
    18, 19, 19, 20, 21, 22, 24, 25,
  ],
  M: [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29,
    31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
  ],
  Q: [
    1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38,
    40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
  ],
  H: [
    1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45,
    48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
  ],
}

const qrVersions = 40

/** Modules of a version that hold data or error correction: all without finders, timing, alignment and format. */
function rawModules(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const alignments = Math.floor(version / 7) + 2
    modules -= (25 * alignments - 10) * alignments - 55
    if (version >= 7) modules -= 36
  }
  return modules
}

/** Bits of data that a version holds. */
function dataBits(version: number, level: QrErrorCorrection): number {
  const codewords = Math.floor(rawModules(version) / 8)
  return 8 * (codewords - correctionPerBlock[level][version - 1]! * blocks[level][version - 1]!)
}

/** Bits of a segment: its mode (4), its length by range of versions (1–9, 10–26, 27–40), its characters. */
interface Segment {
  readonly lengthBits: readonly [number, number, number]
  readonly characterBits: number
}

/** Text in one segment; printers choose digits, capitals or bytes by what is in it. */
function segmentOf(text: string, bytes: number): Segment {
  if (/^[0-9]*$/.test(text))
    return { lengthBits: [10, 12, 14], characterBits: Math.ceil((text.length * 10) / 3) }
  if (/^[0-9A-Z $%*+\-./:]*$/.test(text)) {
    return { lengthBits: [9, 11, 13], characterBits: Math.ceil((text.length * 11) / 2) }
  }
  return { lengthBits: [8, 16, 16], characterBits: bytes * 8 }
}

/**
 * Modules of a side of the smallest symbol that holds the text; undefined when none does.
 * `bytes`: length of the text in UTF-8.
 */
export function qrModules(text: string, bytes: number, level: QrErrorCorrection): number | undefined {
  const { lengthBits, characterBits } = segmentOf(text, bytes)
  for (let version = 1; version <= qrVersions; version++) {
    const range = version <= 9 ? 0 : version <= 26 ? 1 : 2
    if (4 + lengthBits[range] + characterBits <= dataBits(version, level)) return 17 + 4 * version
  }
  return undefined
}

/** Rows, columns and codewords of the largest PDF417 (ISO/IEC 15438, 5.2). */
const pdf417RowsMax = 90
const pdf417ColumnsMax = 30
const pdf417CodewordsMax = 928
const modulesOfColumn = 17
/** Start, both row indicators and stop. */
const modulesAroundRow = 69

/** Error correction level and codewords recommended for so much data (ISO/IEC 15438, annex E). */
function pdf417Correction(codewords: number): { level: number; codewords: number } {
  const level = codewords <= 40 ? 2 : codewords <= 160 ? 3 : codewords <= 320 ? 4 : 5
  return { level, codewords: 2 ** (level + 1) }
}

/** Codewords that byte compaction takes: the most that any sensible encoder uses. One for the length, one or two to switch. */
function pdf417Codewords(text: string, bytes: number): number {
  if (/^\d+$/.test(text)) return 2 + Math.ceil(text.length / 44) * 15
  return 3 + Math.floor(bytes / 6) * 5 + (bytes % 6)
}

/**
 * Error correction level for a PDF417 of modules of `module` dots on paper of `widthDots`, in as many columns as fit;
 * undefined when the symbol cannot hold the text.
 */
export function pdf417Level(
  text: string,
  bytes: number,
  module: number,
  widthDots: number,
): number | undefined {
  const columns = Math.min(
    pdf417ColumnsMax,
    Math.floor((Math.floor(widthDots / module) - modulesAroundRow) / modulesOfColumn),
  )
  if (columns < 1) return undefined
  const data = pdf417Codewords(text, bytes)
  const correction = pdf417Correction(data)
  const room = Math.min(pdf417CodewordsMax, columns * pdf417RowsMax)
  return data + correction.codewords <= room ? correction.level : undefined
}
