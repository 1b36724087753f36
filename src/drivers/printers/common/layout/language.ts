/** What the layout of receipts has to know of a printer, and the commands that every language of receipt printers has. */
import type { Align, BlockOf } from '../../../../protocol/receipt.ts'
import type { Bytes } from './bytes.ts'
import type { CodePageName } from './code-pages.ts'
import type { QrErrorCorrection } from './symbols.ts'

/** Paper, fonts and abilities: the part of a driver's settings that the layout reads. */
export interface LayoutSettings {
  /** Printable width in dots. */
  readonly widthDots: number
  /** Characters a line in the normal and in the small font. */
  readonly columnsA: number
  readonly columnsB: number
  /** Height of the normal font in dots, for text drawn as a picture. */
  readonly cellHeightDots: number
  /** Number of each code page in the order of preference. */
  readonly codePages: Readonly<Partial<Record<CodePageName, number>>>
  /** Two-byte characters of the printer's ROM. */
  readonly kanji: 'none' | 'shift-jis'
  /** Rows of a picture sent in one command. */
  readonly imageBandRows: number
  readonly nativeQr: boolean
  readonly nativePdf417: boolean
  readonly cut: 'full' | 'partial' | 'none'
  /** Lines fed before the cut so that the last line is past the blade. */
  readonly cutFeedLines: number
  readonly drawer: boolean
  /** The printer has no letters of its own: every line is drawn. */
  readonly textDrawn?: boolean
}

/** Rows of dots, 8 to a byte, 1 black. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly rowBytes: number
  readonly data: Uint8Array
}

/** A barcode that has been checked and fits the paper. */
export interface FittedBarcode {
  readonly block: BlockOf<'barcode'>
  /** In the form of GS k: code sets of Code 128 chosen, check digits in place. */
  readonly system: number
  readonly data: Uint8Array
  /** Dots. */
  readonly height: number
  /** Dots of the narrowest bar. */
  readonly module: number
  /** Whether the text stands below. */
  readonly text: boolean
}

/** What can be told of bytes that another program made, without reading them as commands. */
export interface RawSurvey {
  /** The most questions that there can be whose answers look like those to ours. */
  readonly questions: number
  /** Rough counts, for how long it takes. */
  readonly cuts: number
  readonly paperDots: number
}

/** Commands of one language, each written to the end of a run of bytes. */
export interface ReceiptLanguage {
  /** Everything is reset, whatever a job before has left behind; bytes 20h to 7Eh are ASCII. */
  begin(out: Bytes): void
  bold(out: Bytes, on: boolean): void
  /** `twoByte`: the printer has two-byte characters, which some languages underline by themselves. */
  underline(out: Bytes, on: boolean, twoByte: boolean): void
  invert(out: Bytes, on: boolean): void
  /** 1 to 4 times as wide and as high. */
  size(out: Bytes, size: number): void
  smallFont(out: Bytes, on: boolean): void
  /** At the beginning of a line only. */
  align(out: Bytes, where: Align): void
  codePage(out: Bytes, number: number): void
  /** Two-byte Shift-JIS characters from here on, or no longer. */
  shiftJis(out: Bytes, on: boolean): void
  /** Prints what is in the line and feeds 1 to 255 lines. */
  feed(out: Bytes, lines: number): void
  /** Without feeding to the blade. */
  cut(out: Bytes, partial: boolean): void
  pulse(out: Bytes, drawer: 1 | 2): void
  beep(out: Bytes, times: number): void
  /** One band of rows, at the left edge. */
  picture(out: Bytes, raster: Raster): void
  /** False, and nothing written, when it has to be drawn. */
  barcode(out: Bytes, barcode: FittedBarcode): boolean
  qr(out: Bytes, data: Uint8Array, module: number, level: QrErrorCorrection): void
  pdf417(out: Bytes, data: Uint8Array, module: number, level: number): void
  survey(raw: Uint8Array): RawSurvey
}
