/**
 * ESC/POS commands as bytes, each written to the end of a run of bytes. Names and parameters as in Epson's command
 * reference (TM printers); where clones differ, the settings choose among these.
 */
import type { Align } from '../../../protocol/receipt.ts'
import type { Bytes } from '../common/layout/bytes.ts'
import type { Raster } from '../common/layout/language.ts'
import type { QrErrorCorrection } from '../common/layout/symbols.ts'

const ESC = 0x1b
const FS = 0x1c
const GS = 0x1d

const alignments: Readonly<Record<Align, number>> = { left: 0, center: 1, right: 2 }

/** ESC @: styles, alignment, code page and character set as after power on; the print buffer is emptied. */
export function initialize(out: Bytes): void {
  out.put2(ESC, 0x40)
}

/** ESC R 0: the USA set, in which bytes 20h to 7Eh are ASCII. Printers for Japan print ¥ for a backslash without it. */
export function asciiCharacters(out: Bytes): void {
  out.put3(ESC, 0x52, 0)
}

/** ESC a: counts at the beginning of a line only. */
export function align(out: Bytes, where: Align): void {
  out.put3(ESC, 0x61, alignments[where])
}

/** ESC E. */
export function bold(out: Bytes, on: boolean): void {
  out.put3(ESC, 0x45, on ? 1 : 0)
}

/** ESC -: one dot thick. */
export function underline(out: Bytes, on: boolean): void {
  out.put3(ESC, 0x2d, on ? 1 : 0)
}

/** FS -: the same for two-byte characters, which ESC - leaves alone. */
export function underlineKanji(out: Bytes, on: boolean): void {
  out.put3(FS, 0x2d, on ? 1 : 0)
}

/** GS B: white on black. */
export function invert(out: Bytes, on: boolean): void {
  out.put3(GS, 0x42, on ? 1 : 0)
}

/** GS !: 1 to 8 times as wide and as high. */
export function size(out: Bytes, width: number, height: number): void {
  out.put3(GS, 0x21, ((width - 1) << 4) | (height - 1))
}

/** ESC M: font B is the small one. */
export function smallFont(out: Bytes, on: boolean): void {
  out.put3(ESC, 0x4d, on ? 1 : 0)
}

/** ESC t. */
export function codePage(out: Bytes, number: number): void {
  out.put3(ESC, 0x74, number)
}

/**
 * Two-byte Shift-JIS characters from here on. Manuals differ on whether FS & or FS C 1 is what turns them on, so both
 * are sent; leaving undoes both.
 */
export function enterShiftJis(out: Bytes): void {
  out.put2(FS, 0x26)
  out.put3(FS, 0x43, 1)
}

export function leaveShiftJis(out: Bytes): void {
  out.put3(FS, 0x43, 0)
  out.put2(FS, 0x2e)
}

/** FS .: one-byte characters. Many printers of Chinese make start in two-byte mode, where € é ß come out as hanzi. */
export function oneByteCharacters(out: Bytes): void {
  out.put2(FS, 0x2e)
}

/** LF: prints the line. */
export function lineFeed(out: Bytes): void {
  out.put1(0x0a)
}

/** ESC d: prints what is in the line and feeds 0 to 255 lines. */
export function feed(out: Bytes, lines: number): void {
  out.put3(ESC, 0x64, lines)
}

/** GS V, without feeding. */
export function cut(out: Bytes, partial: boolean): void {
  out.put3(GS, 0x56, partial ? 1 : 0)
}

/** ESC p: times in ms, sent in steps of 2 ms up to 510. */
export function pulse(out: Bytes, drawer: 1 | 2, onMs: number, offMs: number): void {
  const steps = (ms: number) => Math.min(255, Math.round(ms / 2))
  out.put(ESC, 0x70, drawer - 1, steps(onMs), steps(offMs))
}

/** ESC ( A, function 97: 100 ms on and 100 ms off, `times` times (TM-U230 specification; ° on other models). */
export function beepEpson(out: Bytes, times: number): void {
  out.put(ESC, 0x28, 0x41, 5, 0, 97, 100, times, 1, 1)
}

/** ESC B n t of clones: n times, t in steps of about 50 ms. */
export function beepClone(out: Bytes, times: number): void {
  out.put(ESC, 0x42, times, 2)
}

export interface BarcodeStyle {
  /** Dots. */
  readonly height: number
  /** Dots of the narrowest bar, 2 to 6. */
  readonly module: number
  /** Whether the text stands below. */
  readonly text: boolean
}

/** GS h, GS w, GS H, then GS k in its second form: `system` 65 to 79, at most 255 bytes. */
export function barcode(out: Bytes, system: number, data: Uint8Array, style: BarcodeStyle): void {
  out.put3(GS, 0x68, style.height)
  out.put3(GS, 0x77, style.module)
  out.put3(GS, 0x48, style.text ? 2 : 0)
  out.put(GS, 0x6b, system, data.length)
  out.append(data)
}

const qrLevels: Readonly<Record<QrErrorCorrection, number>> = { L: 48, M: 49, Q: 50, H: 51 }
const qrSymbol = 49
const pdf417Symbol = 48

/** GS ( k, functions 165 (model 2), 167 (module in dots, 1 to 16), 169, 180 (data) and 181 (print). */
export function qr(out: Bytes, data: Uint8Array, module: number, level: QrErrorCorrection): void {
  symbolFunction(out, qrSymbol, 65, 50, 0)
  symbolFunction(out, qrSymbol, 67, module)
  symbolFunction(out, qrSymbol, 69, qrLevels[level])
  symbolData(out, qrSymbol, data)
  symbolFunction(out, qrSymbol, 81, 48)
}

/**
 * GS ( k, functions 065 (columns, 0: as many as fit), 066 (rows likewise), 067 (module, 2 to 8), 068 (row height in
 * modules), 069 (level 0 to 8), 070 (options), 080 (data) and 081 (print).
 */
export function pdf417(out: Bytes, data: Uint8Array, module: number, level: number): void {
  symbolFunction(out, pdf417Symbol, 65, 0)
  symbolFunction(out, pdf417Symbol, 66, 0)
  symbolFunction(out, pdf417Symbol, 67, module)
  symbolFunction(out, pdf417Symbol, 68, 3)
  symbolFunction(out, pdf417Symbol, 69, 48, 48 + level)
  symbolFunction(out, pdf417Symbol, 70, 0)
  symbolData(out, pdf417Symbol, data)
  symbolFunction(out, pdf417Symbol, 81, 48)
}

function symbolFunction(out: Bytes, symbol: number, fn: number, ...parameters: readonly number[]): void {
  out.put(GS, 0x28, 0x6b, parameters.length + 2, 0, symbol, fn, ...parameters)
}

/** The length counts bytes, with the three parameters before the data. */
function symbolData(out: Bytes, symbol: number, data: Uint8Array): void {
  const length = data.length + 3
  out.put(GS, 0x28, 0x6b, length & 0xff, length >> 8, symbol, 80, 48)
  out.append(data)
}

/** GS v 0: rows of dots at once. Obsolete at Epson, understood everywhere. */
export function rasterImage(out: Bytes, raster: Raster): void {
  const { rowBytes, height } = raster
  out.put(GS, 0x76, 0x30, 0, rowBytes & 0xff, rowBytes >> 8, height & 0xff, height >> 8)
  out.append(raster.data)
}

/**
 * GS ( L function 112 (store, monochrome, at its size) and 50 (print what is stored); GS 8 L, whose length has four
 * bytes, where GS ( L's two are too few.
 */
export function graphicsImage(out: Bytes, raster: Raster): void {
  const { width, height } = raster
  const length = raster.data.length + 10
  if (length > 0xffff) {
    out.put(GS, 0x38, 0x4c, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24)
  } else {
    out.put(GS, 0x28, 0x4c, length & 0xff, length >> 8)
  }
  out.put(48, 112, 48, 1, 1, 49, width & 0xff, width >> 8, height & 0xff, height >> 8)
  out.append(raster.data)
  out.put(GS, 0x28, 0x4c, 2, 0, 48, 50)
}
