/**
 * Star commands as bytes. Names and parameters as in Star's line mode command specifications (rev. 1.12) and StarPRNT command
 * specifications (rev. 2.25); StarPRNT is the later form of the same language.
 */
import type { Align, Symbology } from '../../../protocol/receipt.ts'
import type { Bytes } from '../common/layout/bytes.ts'
import type { Raster } from '../common/layout/language.ts'
import type { QrErrorCorrection } from '../common/layout/symbols.ts'

const ESC = 0x1b
const GS = 0x1d
const RS = 0x1e
const FS = 0x1c
const EM = 0x19
const BEL = 0x07
const SUB = 0x1a
const ETB = 0x17
const ETX = 0x03

/** ESC ACK SOH: the status as it is now, asked past the queue. The answer has the form of automatic status. */
export const askStatus = Uint8Array.of(ESC, 0x06, 0x01)

/** ESC RS a 1: automatic status at each change, and once at once. */
export const autoStatusOn = Uint8Array.of(ESC, RS, 0x61, 1)

/** ESC @: formatting as after power on. */
export const reset = Uint8Array.of(ESC, 0x40)

/** ETB: when everything before it is printed the counter rises by one and the status is sent. */
export const countEnd = Uint8Array.of(ETB)

/** ESC GS ETX 1: when everything before it is printed the printer echoes the command with its counter. `id`: 16 bits. */
export const markEnd = (id: number) => Uint8Array.of(ESC, GS, ETX, 1, id & 0xff, id >> 8)

/** ESC GS ETX 0: the same at its turn without waiting for the paper, and without counting. */
export const askCounter = (id: number) => Uint8Array.of(ESC, GS, ETX, 0, id & 0xff, id >> 8)

/** BEL after its times (ESC BEL, in steps of 10 ms) for drawer 1; SUB for drawer 2. In their turn. */
export function pulse(out: Bytes, drawer: 1 | 2, onMs: number, offMs: number): void {
  if (drawer === 1) out.put(ESC, BEL, steps(onMs), steps(offMs), BEL)
  else out.put1(SUB)
}

const steps = (ms: number) => Math.min(127, Math.max(1, Math.round(ms / 10)))

/** FS for drawer 1, EM for drawer 2: executed on reception, past the queue. */
export const pulseNow = (drawer: 1 | 2) => Uint8Array.of(drawer === 1 ? FS : EM)

/** ESC @, then ESC R 0: the USA set, in which bytes 20h to 7Eh are ASCII. */
export function initialize(out: Bytes): void {
  out.append(reset)
  out.put3(ESC, 0x52, 0)
}

export function bold(out: Bytes, on: boolean): void {
  out.put2(ESC, on ? 0x45 : 0x46)
}

export function underline(out: Bytes, on: boolean): void {
  out.put3(ESC, 0x2d, on ? 1 : 0)
}

/** ESC 4 and ESC 5: white on black. */
export function invert(out: Bytes, on: boolean): void {
  out.put2(ESC, on ? 0x34 : 0x35)
}

/** ESC i: height, then width, 0 for once. */
export function size(out: Bytes, times: number): void {
  out.put(ESC, 0x69, times - 1, times - 1)
}

/** ESC RS F: font B is the small one. */
export function smallFont(out: Bytes, on: boolean): void {
  out.put(ESC, RS, 0x46, on ? 1 : 0)
}

const alignments: Readonly<Record<Align, number>> = { left: 0, center: 1, right: 2 }

/** ESC GS a. */
export function align(out: Bytes, where: Align): void {
  out.put(ESC, GS, 0x61, alignments[where])
}

/** ESC GS t. */
export function codePage(out: Bytes, number: number): void {
  out.put(ESC, GS, 0x74, number)
}

/** ESC $: Shift-JIS mode. */
export function shiftJis(out: Bytes, on: boolean): void {
  out.put3(ESC, 0x24, on ? 1 : 0)
}

const feedLinesMax = 127

/** ESC a: feeds 1 to 127 lines. */
export function feed(out: Bytes, lines: number): void {
  out.put3(ESC, 0x61, Math.min(feedLinesMax, lines))
}

/** ESC d 2 and 3: feeds to the blade and cuts. */
export function cut(out: Bytes, partial: boolean): void {
  out.put3(ESC, 0x64, partial ? 3 : 2)
}

/** ESC GS BEL: buzzer on terminal 1, both times in steps of 20 ms. */
export function beep(out: Bytes, times: number): void {
  for (let time = 0; time < times; time++) out.put(ESC, GS, BEL, 1, 10, 10)
}

/** ESC GS S 1: rows of dots at once (StarPRNT). */
export function rasterImage(out: Bytes, { rowBytes, height, data }: Raster): void {
  out.put(ESC, GS, 0x53, 1, rowBytes & 0xff, rowBytes >> 8, height & 0xff, height >> 8, 0)
  out.append(data)
}

/** A setting of raster mode: its value as decimal digits, ended by NUL. */
function rasterSetting(out: Bytes, name: string, value: number): void {
  out.put(ESC, 0x2a, 0x72, name.charCodeAt(0))
  for (const digit of String(value)) out.put1(digit.charCodeAt(0))
  out.put1(0)
}

/** ESC * r A, with nothing cut or fed at its end (E 1, F 1) and no page length (P 0). */
function enterRaster(out: Bytes): void {
  out.put(ESC, 0x2a, 0x72, 0x41)
  rasterSetting(out, 'E', 1)
  rasterSetting(out, 'F', 1)
  rasterSetting(out, 'P', 0)
}

/** ESC * r B. */
function quitRaster(out: Bytes): void {
  out.put(ESC, 0x2a, 0x72, 0x42)
}

/** Raster mode: b and the bytes of each row (line mode, and the only way of printers that take dots only). */
export function rasterRows(out: Bytes, { rowBytes, height, data }: Raster): void {
  enterRaster(out)
  for (let row = 0; row < height; row++) {
    out.put3(0x62, rowBytes & 0xff, rowBytes >> 8)
    out.append(data.subarray(row * rowBytes, (row + 1) * rowBytes))
  }
  quitRaster(out)
}

/** ESC * r R: raster mode as after power on. */
export function initializeRaster(out: Bytes): void {
  out.put(ESC, 0x2a, 0x72, 0x52)
}

/** ESC * r Y: feeds dots. */
export function rasterFeed(out: Bytes, dots: number): void {
  enterRaster(out)
  rasterSetting(out, 'Y', dots)
  quitRaster(out)
}

/** ESC * r F 9 or 13, then ESC FF NUL: feeds to the blade and cuts. */
export function rasterCut(out: Bytes, partial: boolean): void {
  enterRaster(out)
  rasterSetting(out, 'F', partial ? 13 : 9)
  out.put3(ESC, 0x0c, 0)
  quitRaster(out)
}

const barcodeTypes: Readonly<Partial<Record<Symbology, number>>> = {
  upce: 0x30,
  upca: 0x31,
  ean8: 0x32,
  ean13: 0x33,
  code39: 0x34,
  itf: 0x35,
  code128: 0x36,
}

/** Modes of ESC b in which wide elements are three times the narrow ones: 1 to 3, and 7 to 9 of ITF. Modules of 2 to 4 dots. */
const modeOf = (symbology: Symbology, module: number) =>
  0x30 + (symbology === 'itf' ? module + 5 : module - 1)

export const barcodeModules = { min: 2, max: 4 } as const

/** Whether ESC b has the symbology in this size. */
export function hasBarcode(symbology: Symbology, module: number): boolean {
  return barcodeTypes[symbology] !== undefined && module >= barcodeModules.min && module <= barcodeModules.max
}

/** ESC b, ended by RS; the line is fed. `height` in dots, 1 to 255. */
export function barcode(
  out: Bytes,
  symbology: Symbology,
  data: Uint8Array,
  style: { height: number; module: number; text: boolean },
): void {
  const { height, module, text } = style
  out.put(ESC, 0x62, barcodeTypes[symbology]!, text ? 0x32 : 0x31, modeOf(symbology, module), height)
  out.append(data)
  out.put1(RS)
}

/** Code 128 as ESC b wants it: `%0` for %, `%` and a letter for a control character, `%5` for DEL. */
export function code128Data(text: string): Uint8Array {
  const bytes: number[] = []
  for (const char of text) {
    const code = char.charCodeAt(0)
    if (char === '%') bytes.push(0x25, 0x30)
    else if (code < 0x20) bytes.push(0x25, code + 0x40)
    else if (code === 0x7f) bytes.push(0x25, 0x35)
    else bytes.push(code)
  }
  return Uint8Array.from(bytes)
}

const qrLevels: Readonly<Record<QrErrorCorrection, number>> = { L: 0, M: 1, Q: 2, H: 3 }
const qrModuleMax = 8

/** ESC GS y: model 2 (S 0), level (S 1), module in dots 1 to 8 (S 2), data (D 1), print (P). */
export function qr(out: Bytes, data: Uint8Array, module: number, level: QrErrorCorrection): void {
  out.put(ESC, GS, 0x79, 0x53, 0x30, 2)
  out.put(ESC, GS, 0x79, 0x53, 0x31, qrLevels[level])
  out.put(ESC, GS, 0x79, 0x53, 0x32, Math.min(qrModuleMax, module))
  out.put(ESC, GS, 0x79, 0x44, 0x31, 0, data.length & 0xff, data.length >> 8)
  out.append(data)
  out.put(ESC, GS, 0x79, 0x50)
}

/** ESC GS x: level (S 1), module in dots (S 2), row height in modules (S 3), data (D), print (P). */
export function pdf417(out: Bytes, data: Uint8Array, module: number, level: number): void {
  out.put(ESC, GS, 0x78, 0x53, 0x31, level)
  out.put(ESC, GS, 0x78, 0x53, 0x32, module)
  out.put(ESC, GS, 0x78, 0x53, 0x33, 3)
  out.put(ESC, GS, 0x78, 0x44, data.length & 0xff, data.length >> 8)
  out.append(data)
  out.put(ESC, GS, 0x78, 0x50)
}
