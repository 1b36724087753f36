/** The twin's mechanism: obeys commands that put something onto the paper. */
import { encodeBarcode } from '../../common/twin/barcodes.ts'
import { Line } from '../../common/twin/line.ts'
import type { CellStyle, DrawnSymbol, Item, Paper } from '../../common/twin/paper.ts'
import { isShiftJisLead, missing, nationalChar, shiftJisChar, upperHalf } from '../../common/twin/tables.ts'
import type { Command } from './grammar.ts'

/** Draws a two-dimensional symbol; undefined when the data does not fit. */
export type DrawSymbol = (
  kind: 'qr' | 'pdf417',
  data: Uint8Array,
  options: { errorCorrection: string },
) => DrawnSymbol | undefined

export interface EngineOptions {
  readonly widthDots: number
  /** A printer that takes dots only. */
  readonly graphicOnly: boolean
  readonly kanji: 'none' | 'shift-jis'
  readonly drawSymbol?: DrawSymbol | undefined
}

/** ESC GS t (line mode specifications rev. 1.12, 3.3.1). */
const pages: Readonly<Record<number, string>> = {
  0: 'cp437',
  1: 'cp437',
  4: 'cp858',
  5: 'cp852',
  6: 'cp860',
  7: 'cp861',
  8: 'cp863',
  9: 'cp865',
  10: 'cp866',
  11: 'cp855',
  12: 'cp857',
  13: 'cp862',
  14: 'cp864',
  15: 'cp737',
  17: 'cp869',
  32: 'windows-1252',
  33: 'windows-1250',
  34: 'windows-1251',
}

const fontA = { width: 12, height: 24 }
const fontB = { width: 9, height: 24 }
/** 4 mm and 3 mm at 8 dots a mm. */
const lineSpacings = { wide: 32, narrow: 24 }
const hriGap = 2
const utf8 = new TextDecoder()
const plain = (n: number) => (n >= 48 ? n - 48 : n)
const word = (low: number, high: number) => low + high * 256

const barcodeNames = ['upce', 'upca', 'ean8', 'ean13', 'code39', 'itf', 'code128', 'code93', 'codabar']
/** Dots of the narrowest element by mode, for the modes whose wide elements are three times as wide. */
const moduleOf = (type: string, mode: number) => (type === 'itf' ? mode - 5 : mode + 1)
/** Raster modes for form feed and end: what they cut. */
const rasterCuts: Readonly<Record<number, 'full' | 'partial'>> = {
  8: 'full',
  9: 'full',
  12: 'partial',
  13: 'partial',
}
const rasterDefault = 13

type Handler = (args: readonly number[], data: Uint8Array) => void

export class Engine {
  readonly paper: Paper
  cuts = 0
  images = 0
  readonly #options: EngineOptions
  readonly #violate: (reason: string) => void
  readonly #handlers: Readonly<Record<string, Handler>>
  #line = new Line()
  #moved = 0
  #page = upperHalf('cp437')!
  #national = 0
  #shiftJis = false
  #lead: number | undefined
  #style: CellStyle = plainStyle
  #spacing = 0
  #lineSpacing = lineSpacings.wide
  #align = 0
  #left = 0
  #right = 0
  #rows: Uint8Array[] = []
  #raster = { ff: rasterDefault, end: rasterDefault }
  #qr = { correction: 'L', module: 3, data: undefined as Uint8Array | undefined }
  #pdf = { correction: '1', module: 2, height: 3, data: undefined as Uint8Array | undefined }

  constructor(options: EngineOptions, paper: Paper, violate: (reason: string) => void) {
    this.#options = options
    this.paper = paper
    this.#violate = violate
    this.#handlers = {
      ...this.#textHandlers(),
      ...this.#layoutHandlers(),
      ...this.#rasterHandlers(),
      ...this.#symbolHandlers(),
    }
    this.reset()
  }

  /** Dots that the paper has moved since this was last asked. */
  takeMoved(): number {
    const moved = this.#moved
    this.#moved = 0
    return moved
  }

  /** As after power on: an unprinted line is lost, the paper stays. */
  reset(): void {
    this.#line = new Line()
    this.#page = upperHalf('cp437')!
    this.#national = 0
    this.#shiftJis = false
    this.#lead = undefined
    this.#style = plainStyle
    this.#spacing = 0
    this.#lineSpacing = lineSpacings.wide
    this.#align = 0
    this.#left = 0
    this.#right = this.#options.widthDots
    this.#rows = []
    this.#raster = { ff: rasterDefault, end: rasterDefault }
    this.#qr = { correction: 'L', module: 3, data: undefined }
    this.#pdf = { correction: '1', module: 2, height: 3, data: undefined }
  }

  /** Prints what is in the line, as the end of a document does. */
  flush(): void {
    if (!this.#line.empty) this.#printLine(this.#lineSpacing)
  }

  obey(command: Command): void {
    const handler = this.#handlers[command.name]
    if (handler === undefined) this.#violate(`${command.name} is not modelled`)
    else if (this.#options.graphicOnly && !graphicCommands.has(command.name)) {
      this.#violate(`${command.name} on a printer that takes dots only`)
    } else handler(command.args, command.data)
  }

  get #area(): number {
    return Math.max(fontA.width, Math.min(this.#right, this.#options.widthDots) - this.#left)
  }

  #textHandlers(): Record<string, Handler> {
    const style = (change: Partial<CellStyle>) => {
      this.#style = { ...this.#style, ...change }
    }
    return {
      text: (_, data) => {
        for (const byte of data) this.#byte(byte)
      },
      'ESC R': ([n]) => {
        this.#national = plain(n!)
      },
      'ESC GS t': ([n]) => {
        const page = pages[n!]
        const upper = page === undefined ? undefined : upperHalf(page)
        if (upper === undefined) this.#violate(`no code page ${n}`)
        else this.#page = upper
      },
      'ESC $': ([n]) => {
        if (plain(n!) === 1 && this.#options.kanji === 'none') this.#violate('no two-byte characters')
        else this.#shiftJis = plain(n!) === 1
      },
      'ESC E': () => style({ bold: true }),
      'ESC F': () => style({ bold: false }),
      'ESC 4': () => style({ invert: true }),
      'ESC 5': () => style({ invert: false }),
      'ESC -': ([n]) => style({ underline: plain(n!) }),
      'ESC i': ([high, wide]) => style({ scaleY: plain(high!) + 1, scaleX: plain(wide!) + 1 }),
      'ESC W': ([n]) => style({ scaleX: plain(n!) + 1 }),
      'ESC h': ([n]) => style({ scaleY: plain(n!) + 1 }),
      'ESC RS F': ([n]) => style({ font: plain(n!) === 1 ? 'B' : 'A' }),
      'ESC SP': ([n]) => {
        this.#spacing = plain(n!)
      },
    }
  }

  #byte(byte: number): void {
    if (this.#lead !== undefined) {
      const char = shiftJisChar(this.#lead, byte)
      this.#lead = undefined
      this.#put(char, fontA.width * 2, fontA.height, 'kanji')
    } else if (this.#shiftJis && isShiftJisLead(byte)) this.#lead = byte
    else {
      const char = byte < 0x80 ? nationalChar(byte, this.#national) : this.#page[byte - 0x80]!
      if (char === missing) this.#violate(`byte ${byte.toString(16)}h is no character of its page`)
      const font = this.#style.font === 'B' ? fontB : fontA
      this.#put(char, font.width, font.height, this.#style.font)
    }
  }

  #put(char: string, width: number, height: number, font: CellStyle['font']): void {
    const { scaleX, scaleY } = this.#style
    const wide = (width + this.#spacing) * scaleX
    if (this.#line.x > 0 && this.#line.x + wide > this.#area) this.#printLine(this.#lineSpacing)
    this.#line.put(char, wide, height * scaleY, { ...this.#style, font })
  }

  #printLine(feed: number): void {
    const { height } = this.#line
    const layout = { left: this.#left, width: this.#area, align: this.#align, flipped: false }
    for (const item of this.#line.items(this.paper.y, layout)) this.paper.add(item)
    this.#line.clear()
    this.#feed(Math.max(feed, height))
  }

  #feed(dots: number): void {
    this.#moved += dots
    this.paper.feed(dots)
  }

  #layoutHandlers(): Record<string, Handler> {
    const ignored: Handler = () => {}
    const move = (x: number) => {
      if (x < 0 || x > this.#area) this.#violate(`position ${x} is outside the print area`)
      else this.#line.x = x
    }
    return {
      LF: () => this.#printLine(this.#lineSpacing),
      FF: () => this.flush(),
      'ESC a': ([n]) => this.#printLine(n! * this.#lineSpacing),
      'ESC J': ([n]) => this.#printLine(n!),
      'ESC z': ([n]) => {
        this.#lineSpacing = plain(n!) === 1 ? lineSpacings.wide : lineSpacings.narrow
      },
      'ESC 0': () => {
        this.#lineSpacing = lineSpacings.narrow
      },
      'ESC l': ([n]) => {
        this.#left = Math.min(n! * fontA.width, this.#options.widthDots - fontA.width)
      },
      'ESC Q': ([n]) => {
        this.#right = n! * fontA.width
      },
      'ESC GS a': ([n]) => {
        this.#align = plain(n!)
      },
      'ESC GS A': ([low, high]) => move(word(low!, high!)),
      'ESC GS R': ([low, high]) => {
        const distance = word(low!, high!)
        move(this.#line.x + (distance >= 0x8000 ? distance - 0x10000 : distance))
      },
      'ESC d': ([n]) => {
        this.flush()
        const how = plain(n!)
        if (how >= 2) this.#feed(this.paper.cutterDistanceDots)
        this.#cut(how % 2 === 0 ? 'full' : 'partial')
      },
      'ESC k': ([low, high], bits) => {
        this.#line.picture({
          bitmap: { width: word(low!, high!) * 8, height: 24, bits },
          scaleX: 1,
          scaleY: 1,
        })
        this.images++
      },
      CR: ignored,
      HT: ignored,
      SI: ignored,
      DC2: ignored,
      'ESC _': ignored,
      'ESC /': ignored,
      'ESC s': ignored,
      'ESC p': ignored,
      'ESC q': ignored,
      'ESC RS R': ignored,
      'ESC RS r': ignored,
      'ESC RS d': ignored,
    }
  }

  #cut(kind: 'full' | 'partial'): void {
    if (this.paper.cut(kind)) this.#violate('the blade went through something printed')
    this.cuts++
  }

  /** Puts a block of its own onto the paper, aligned like text, and feeds past it. */
  #block(width: number, height: number, align: number, item: (x: number, y: number) => Item): void {
    this.flush()
    if (width > this.#area) this.#violate(`${width} dots wide on an area of ${this.#area}`)
    const free = Math.max(0, this.#area - width)
    this.paper.add(item(this.#left + Math.floor((free * align) / 2), this.paper.y))
    this.#feed(height)
  }

  #image(width: number, height: number, bits: Uint8Array, align: number): void {
    const bitmap = { width, height, bits }
    const look = { kind: 'image', width, height, bitmap, scaleX: 1, scaleY: 1, flipped: false } as const
    this.#block(width, height, align, (x, y) => ({ ...look, x, y }))
    this.images++
  }

  #rasterHandlers(): Record<string, Handler> {
    const number = (data: Uint8Array) => Number(String.fromCharCode(...data))
    const orDefault = (n: number) => (n === 0 ? rasterDefault : n)
    const cutBy = (mode: number) => {
      const kind = rasterCuts[mode]
      if (kind === undefined) return
      if (mode % 4 === 1) this.#feed(this.paper.cutterDistanceDots)
      this.#cut(kind)
    }
    const ignored: Handler = () => {}
    return {
      'ESC GS S': ([, xl, xh, yl, yh], data) =>
        this.#image(word(xl!, xh!) * 8, word(yl!, yh!), data, this.#align),
      'ESC * r A': () => {
        this.flush()
        this.#raster = { ff: rasterDefault, end: rasterDefault }
      },
      'ESC * r B': () => {
        if (this.#rows.length === 0) return
        this.#printRows()
        cutBy(this.#raster.end)
      },
      'ESC * r C': () => {
        this.#rows = []
      },
      'ESC * r R': () => {
        this.#rows = []
      },
      'ESC * r E': (_, data) => {
        this.#raster.end = orDefault(number(data))
      },
      'ESC * r F': (_, data) => {
        this.#raster.ff = orDefault(number(data))
      },
      'ESC * r Y': (_, data) => {
        this.#printRows()
        this.#feed(number(data))
      },
      'ESC FF NUL': () => {
        this.#printRows()
        cutBy(this.#raster.ff)
      },
      'ESC FF EOT': () => {
        this.#printRows()
        cutBy(this.#raster.end)
      },
      rows: (_, data) => {
        this.#rows.push(data)
      },
      'ESC * r P': ignored,
      'ESC * r Q': ignored,
      'ESC * r T': ignored,
      'ESC * r m': ignored,
    }
  }

  /** Rows of different lengths stand on one left edge. */
  #printRows(): void {
    const rows = this.#rows
    this.#rows = []
    if (rows.length === 0) return
    const rowBytes = Math.max(1, ...rows.map((row) => row.length))
    const bits = new Uint8Array(rowBytes * rows.length)
    for (const [index, row] of rows.entries()) bits.set(row, index * rowBytes)
    this.#image(rowBytes * 8, rows.length, bits, 0)
  }

  #symbolHandlers(): Record<string, Handler> {
    return {
      'ESC b': ([type, under, mode, height], data) => {
        const name = barcodeNames[plain(type!)]
        if (name === undefined) this.#violate(`barcode type ${type}`)
        else this.#barcode(name, plain(under!), moduleOf(name, plain(mode!)), height!, data)
      },
      'ESC GS y S': ([what, n]) => {
        if (what === 0x31) this.#qr.correction = 'LMQH'[n!] ?? 'L'
        else if (what === 0x32 && n! >= 1 && n! <= 8) this.#qr.module = n!
        else if (what !== 0x30) this.#violate(`QR setting ${what} ${n}`)
      },
      'ESC GS y D 1': (_, data) => {
        this.#qr.data = data
      },
      'ESC GS y P': () => {
        const { data, module, correction } = this.#qr
        this.#symbol('qr', data, correction, module, module)
      },
      'ESC GS x S 0': () => {},
      'ESC GS x S 1': ([n]) => {
        this.#pdf.correction = String(n)
      },
      'ESC GS x S 2': ([n]) => {
        this.#pdf.module = n!
      },
      'ESC GS x S 3': ([n]) => {
        this.#pdf.height = n!
      },
      'ESC GS x D': (_, data) => {
        this.#pdf.data = data
      },
      'ESC GS x P': () => {
        const { data, module, height, correction } = this.#pdf
        this.#symbol('pdf417', data, correction, module, module * height)
      },
    }
  }

  #symbol(
    symbology: 'qr' | 'pdf417',
    data: Uint8Array | undefined,
    errorCorrection: string,
    moduleWidth: number,
    moduleHeight: number,
  ): void {
    if (data === undefined) {
      this.#violate(`no ${symbology} data was stored`)
      return
    }
    const drawn = this.#options.drawSymbol?.(symbology, data, { errorCorrection })
    const size = drawn ?? { columns: symbology === 'qr' ? 33 : 120, rows: 33 }
    const width = size.columns * moduleWidth
    const height = size.rows * moduleHeight
    const look = {
      kind: 'symbol',
      symbology,
      text: utf8.decode(data),
      drawn,
      moduleWidth,
      moduleHeight,
    } as const
    this.#block(width, height, this.#align, (x, y) => ({ ...look, x, y, width, height }))
  }

  #barcode(symbology: string, under: number, module: number, barHeight: number, data: Uint8Array): void {
    const text = symbology === 'code128' ? epsonCode128(data) : data
    const barcode = encodeBarcode(symbology, text, module)
    if ('wrong' in barcode) {
      this.#violate(`${symbology}: ${barcode.wrong}`)
      return
    }
    const { elements } = barcode
    const width = elements.reduce((sum, element) => sum + element, 0)
    if (width > this.#area) {
      this.#violate(`${symbology} of ${width} dots on an area of ${this.#area}`)
      return
    }
    const textBelow = under === 2 || under === 4
    const height = barHeight + (textBelow ? fontA.height + hriGap : 0)
    const look = { kind: 'barcode', symbology, elements, barHeight, text: barcode.text } as const
    const below = { textAbove: false, textBelow, textFont: 'A' } as const
    this.#block(width, height, this.#align, (x, y) => ({ ...look, ...below, x, y, width, height }))
  }
}

const plainStyle: CellStyle = {
  font: 'A',
  scaleX: 1,
  scaleY: 1,
  bold: false,
  underline: 0,
  invert: false,
}

/** What a printer knows that takes dots only (Star graphic mode specifications): raster mode, and no letters. */
const graphicCommands: ReadonlySet<string> = new Set([
  'rows',
  'ESC FF NUL',
  'ESC FF EOT',
  ...'ABCREFPQYTm'.split('').map((letter) => `ESC * r ${letter}`),
])

/** `%0`, `%A` and `%5` of Star as the set and shift notation that the barcode maker reads: long digits first in set C. */
function epsonCode128(data: Uint8Array): Uint8Array {
  const plainBytes: number[] = []
  for (let at = 0; at < data.length; at++) {
    const byte = data[at]!
    if (byte !== 0x25) {
      plainBytes.push(byte)
      continue
    }
    const next = data[++at] ?? 0
    plainBytes.push(next === 0x30 ? 0x25 : next === 0x35 ? 0x7f : next - 0x40)
  }
  const text = String.fromCharCode(...plainBytes)
  const digits = /^(?:\d\d){2,}/.exec(text)?.[0] ?? ''
  const out: number[] = []
  if (digits !== '') {
    out.push(0x7b, 0x43)
    for (let at = 0; at < digits.length; at += 2) out.push(Number(digits.slice(at, at + 2)))
  }
  const others = plainBytes.slice(digits.length)
  if (others.length > 0 || digits === '') out.push(0x7b, 0x42)
  for (const byte of others) {
    if (byte < 0x20) out.push(0x7b, 0x53)
    if (byte === 0x7b) out.push(0x7b)
    out.push(byte)
  }
  return Uint8Array.from(out)
}
