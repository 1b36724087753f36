/** The print engine: obeys the commands that put something on the paper or say how it shall look. */
import { encodeBarcode } from '../../common/twin/barcodes.ts'
import { Line } from '../../common/twin/line.ts'
import { type CellStyle, type Item, type Paper, type Picture, sameLook } from '../../common/twin/paper.ts'
import { type CharacterOptions, Characters } from './characters.ts'
import { barcodeSystems } from './grammar.ts'
import type { Command } from './interpreter.ts'
import { columnPicture, storedPicture } from './pictures.ts'
import { type DrawSymbol, type ReadySymbol, SymbolStore } from './symbols.ts'

export interface EngineOptions extends CharacterOptions {
  readonly widthDots: number
  /** Characters of font A in a line. */
  readonly columns: number
  readonly drawSymbol?: DrawSymbol | undefined
}

const fontAHeight = 24
/** Font B is 9 by 17 dots on the TM-T88V, TM-m30 and their kin. */
const fontB = { width: 9, height: 17 }
const defaultLineSpacing = 30
const tabColumns = 8
const hriGap = 2
const latin = new TextDecoder('utf-8')

const word = (low: number, high: number) => low + high * 256
/** A parameter that comes as a number or as its ASCII digit. */
const plain = (n: number) => (n >= 48 ? n - 48 : n)

type Handler = (args: readonly number[], data: Uint8Array) => void

export class Engine {
  readonly paper: Paper
  onCut: (() => void) | undefined
  onImage: (() => void) | undefined
  readonly #options: EngineOptions
  readonly #violate: (reason: string) => void
  readonly #handlers: Readonly<Record<string, Handler>>
  readonly #cellWidth: number
  readonly #characters: Characters
  #line = new Line()
  #last: CellStyle | undefined
  #moved = 0
  #font: 'A' | 'B' = 'A'
  #bold = false
  #doubleStrike = false
  #underline = 0
  #invert = false
  #flipped = false
  #scaleX = 1
  #scaleY = 1
  #align = 0
  #spacing = 0
  #lineSpacing = defaultLineSpacing
  #left = 0
  #widthSet = 0
  #tabs: number[] = []
  #barcode = { height: 162, module: 3, text: 0, font: 'A' as 'A' | 'B' }
  #symbols = new SymbolStore()
  #graphics: Picture[] = []

  constructor(options: EngineOptions, paper: Paper, violate: (reason: string) => void) {
    this.#options = options
    this.paper = paper
    this.#violate = violate
    this.#characters = new Characters(options, violate)
    this.#cellWidth = Math.floor(options.widthDots / options.columns)
    this.#handlers = { ...this.#textHandlers(), ...this.#layoutHandlers(), ...this.#pictureHandlers() }
    this.reset()
  }

  /** Width of the printing area, which never reaches past the paper. */
  get #area(): number {
    return Math.min(this.#widthSet, this.#options.widthDots - this.#left)
  }

  /** Commands it obeys; `text` comes on top. */
  get commands(): readonly string[] {
    return Object.keys(this.#handlers)
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
    this.#characters.reset()
    this.#font = 'A'
    this.#bold = false
    this.#doubleStrike = false
    this.#underline = 0
    this.#invert = false
    this.#flipped = false
    this.#scaleX = 1
    this.#scaleY = 1
    this.#align = 0
    this.#spacing = 0
    this.#lineSpacing = defaultLineSpacing
    this.#left = 0
    this.#widthSet = this.#options.widthDots
    this.#tabs = Array.from({ length: 32 }, (_, i) => (i + 1) * tabColumns * this.#cellWidth)
    this.#barcode = { height: 162, module: 3, text: 0, font: 'A' }
    this.#symbols = new SymbolStore()
    this.#graphics = []
  }

  /** Obeys a command that is not text. Answers false when it is none of the engine's. */
  obey(command: Command): boolean {
    const handler = this.#handlers[command.name]
    if (handler === undefined) return false
    this.#characters.interrupted()
    handler(command.args, command.data)
    return true
  }

  /** Takes characters from `from` on and stops after the first that moved the paper. Answers where to go on. */
  text(bytes: Uint8Array, from: number): number {
    let at = from
    while (at < bytes.length && this.#moved === 0) this.#byte(bytes[at++]!)
    return at
  }

  #byte(byte: number): void {
    const decoded = this.#characters.next(byte)
    if (decoded === undefined) return
    if (decoded.twoByte) this.#put(decoded.char, this.#cellWidth * 2, fontAHeight, 'kanji')
    else if (this.#font === 'B') this.#put(decoded.char, fontB.width, fontB.height, 'B')
    else this.#put(decoded.char, this.#cellWidth, fontAHeight, 'A')
  }

  #put(char: string, width: number, height: number, font: CellStyle['font']): void {
    const wide = (width + this.#spacing) * this.#scaleX
    if (this.#line.x > 0 && this.#line.x + wide > this.#area) this.#printLine(this.#lineSpacing)
    this.#line.put(char, wide, height * this.#scaleY, this.#look(font))
  }

  /** The look of the next character; neighbours of one look share it. */
  #look(font: CellStyle['font']): CellStyle {
    const look = {
      font,
      scaleX: this.#scaleX,
      scaleY: this.#scaleY,
      bold: this.#bold || this.#doubleStrike,
      underline: this.#underline,
      invert: this.#invert,
    }
    if (this.#last === undefined || !sameLook(this.#last, look)) this.#last = look
    return this.#last
  }

  /** Prints the line, if there is one, and feeds `feed` dots, or the line's height when that is more. */
  #printLine(feed: number): void {
    const height = this.#line.height
    const layout = { left: this.#left, width: this.#area, align: this.#align, flipped: this.#flipped }
    for (const item of this.#line.items(this.paper.y, layout)) this.paper.add(item)
    this.#line.clear()
    this.#feed(Math.max(feed, height))
  }

  #feed(dots: number): void {
    this.#moved += dots
    this.paper.feed(dots)
  }

  /** Puts a block of its own onto the paper, aligned like text, and feeds past it. */
  #block(width: number, height: number, item: (x: number, y: number) => Item): void {
    if (!this.#startOfLine('it')) this.#printLine(this.#lineSpacing)
    if (width > this.#area) this.#violate(`${width} dots wide on an area of ${this.#area}`)
    const free = Math.max(0, this.#area - width)
    this.paper.add(item(this.#left + Math.floor((free * this.#align) / 2), this.paper.y))
    this.#feed(height)
  }

  /** Many settings only count at the beginning of a line; elsewhere printers ignore them. */
  #startOfLine(what: string): boolean {
    if (this.#line.empty) return true
    this.#violate(`${what} belongs to the beginning of a line`)
    return false
  }

  #textHandlers(): Record<string, Handler> {
    return {
      'ESC @': () => this.reset(),
      'ESC t': ([n]) => this.#characters.selectPage(n!),
      'ESC R': ([n]) => this.#characters.selectNational(n!),
      'ESC !': ([n]) => {
        this.#font = n! & 0x01 ? 'B' : 'A'
        this.#bold = (n! & 0x08) !== 0
        this.#scaleY = n! & 0x10 ? 2 : 1
        this.#scaleX = n! & 0x20 ? 2 : 1
        this.#underline = n! & 0x80 ? 1 : 0
      },
      'ESC -': ([n]) => {
        this.#underline = plain(n!)
      },
      'ESC E': ([n]) => {
        this.#bold = (n! & 1) !== 0
      },
      'ESC G': ([n]) => {
        this.#doubleStrike = (n! & 1) !== 0
      },
      'ESC M': ([n]) => {
        this.#font = plain(n!) === 1 ? 'B' : 'A'
      },
      'ESC SP': ([n]) => {
        this.#spacing = n!
      },
      'GS !': ([n]) => {
        this.#scaleX = (n! >> 4) + 1
        this.#scaleY = (n! & 7) + 1
      },
      'GS B': ([n]) => {
        this.#invert = (n! & 1) !== 0
      },
      'FS &': () => this.#characters.selectKanji(true),
      'FS .': () => this.#characters.selectKanji(false),
      'FS C': ([n]) => this.#characters.selectSystem(plain(n!) === 1),
    }
  }

  #layoutHandlers(): Record<string, Handler> {
    const ignored: Handler = () => {}
    return {
      LF: () => this.#printLine(this.#lineSpacing),
      // A printer with automatic line feed off, as TM printers are delivered, ignores CR.
      CR: ignored,
      HT: () => {
        const stop = this.#tabs.find((tab) => tab > this.#line.x)
        if (stop !== undefined) this.#line.x = Math.min(stop, this.#area)
      },
      'ESC D': (_, stops) => {
        this.#tabs = [...stops].map((columns) => columns * this.#fontWidth())
      },
      'ESC $': ([low, high]) => this.#moveTo(word(low!, high!)),
      'ESC \\': ([low, high]) => {
        const distance = word(low!, high!)
        this.#moveTo(this.#line.x + (distance >= 0x8000 ? distance - 0x10000 : distance))
      },
      'ESC 2': () => {
        this.#lineSpacing = defaultLineSpacing
      },
      'ESC 3': ([n]) => {
        this.#lineSpacing = n!
      },
      'ESC J': ([n]) => this.#printLine(n!),
      'ESC d': ([n]) => this.#printLine(n! * this.#lineSpacing),
      'ESC a': ([n]) => {
        if (this.#startOfLine('alignment')) this.#align = plain(n!)
      },
      'ESC {': ([n]) => {
        if (this.#startOfLine('upside-down printing')) this.#flipped = (n! & 1) !== 0
      },
      'GS L': ([low, high]) => {
        if (!this.#startOfLine('the left margin')) return
        this.#left = Math.min(word(low!, high!), this.#options.widthDots - this.#cellWidth)
      },
      'GS W': ([low, high]) => {
        if (this.#startOfLine('the print area')) this.#widthSet = word(low!, high!)
      },
      'GS V': ([mode, n]) => this.#cut(mode!, n ?? 0),
      'ESC i': () => this.#cut(1, 0),
      'ESC m': () => this.#cut(1, 0),
      // Settings without an effect that could be seen on this paper.
      'ESC =': ignored,
      'ESC S': ignored,
      'ESC U': ignored,
      'ESC V': ignored,
      'ESC c 3': ignored,
      'ESC c 4': ignored,
      'ESC c 5': ignored,
      'ESC r': ignored,
      'FS !': ignored,
      'FS -': ignored,
      'FS S': ignored,
      'FS W': ignored,
      'FS ( A': ignored,
      'GS P': ignored,
      'GS T': ignored,
      'GS b': ignored,
      'GS ( D': ignored,
      'GS ( K': ignored,
      'GS ( N': ignored,
    }
  }

  #fontWidth(): number {
    return ((this.#font === 'B' ? fontB.width : this.#cellWidth) + this.#spacing) * this.#scaleX
  }

  #moveTo(x: number): void {
    if (x < 0 || x > this.#area) this.#violate(`position ${x} is outside the print area`)
    else this.#line.x = x
  }

  /** Modes 65 and up feed to the blade and `n` dots further first. */
  #cut(mode: number, n: number): void {
    if (!this.#startOfLine('a cut')) this.#printLine(this.#lineSpacing)
    if (mode >= 65) this.#feed(n + this.paper.cutterDistanceDots)
    const partial = mode >= 65 ? mode % 2 === 0 : mode % 2 === 1
    const through = this.paper.cut(partial ? 'partial' : 'full')
    if (through) this.#violate('the blade went through something printed')
    this.onCut?.()
  }

  #pictureHandlers(): Record<string, Handler> {
    return {
      'ESC *': ([mode, low, high], data) => this.#columnImage(mode!, word(low!, high!), data),
      'GS v 0': ([mode, xl, xh, yl, yh], data) => {
        const bitmap = { width: word(xl!, xh!) * 8, height: word(yl!, yh!), bits: data }
        const scale = plain(mode!)
        this.#image({ bitmap, scaleX: scale & 1 ? 2 : 1, scaleY: scale & 2 ? 2 : 1 })
      },
      'GS ( L': (_, data) => this.#graphicsCommand(data),
      'GS 8 L': (_, data) => this.#graphicsCommand(data),
      'GS ( k': (_, data) => this.#symbol(data),
      'GS k': ([system], data) =>
        this.#drawBarcode(barcodeSystems[system! < 65 ? system! + 65 : system!]!, data),
      'GS h': ([n]) => {
        this.#barcode.height = n!
      },
      'GS w': ([n]) => {
        this.#barcode.module = n!
      },
      'GS H': ([n]) => {
        this.#barcode.text = plain(n!)
      },
      'GS f': ([n]) => {
        this.#barcode.font = plain(n!) === 1 ? 'B' : 'A'
      },
    }
  }

  #columnImage(mode: number, columns: number, data: Uint8Array): void {
    const picture = columnPicture(mode, columns, data, this.#area - this.#line.x)
    if (picture.bitmap.width < columns) this.#violate(`${columns} columns of dots do not fit into the line`)
    if (picture.bitmap.width === 0) return
    this.#line.picture(picture)
    this.onImage?.()
  }

  #image(picture: Picture): void {
    const width = picture.bitmap.width * picture.scaleX
    const height = picture.bitmap.height * picture.scaleY
    this.#block(width, height, (x, y) => ({
      kind: 'image',
      x,
      y,
      width,
      height,
      flipped: this.#flipped,
      ...picture,
    }))
    this.onImage?.()
  }

  /** GS ( L and GS 8 L: function 112 stores a picture, 50 (or 2) prints what is stored. */
  #graphicsCommand(data: Uint8Array): void {
    const [m, fn] = data
    if (m !== 48) this.#violate(`graphics class ${m}`)
    else if (fn === 112) {
      const picture = storedPicture(data)
      if ('wrong' in picture) this.#violate(picture.wrong)
      else this.#graphics.push(picture)
    } else if (fn === 50 || fn === 2) {
      if (this.#graphics.length === 0) this.#violate('no graphics were stored')
      for (const picture of this.#graphics) this.#image(picture)
      this.#graphics = []
    } else this.#violate(`graphics function ${fn} is not modelled`)
  }

  #symbol(data: Uint8Array): void {
    const ready = this.#symbols.obey(data)
    if (ready === undefined) return
    if ('wrong' in ready) this.#violate(ready.wrong)
    else this.#drawSymbol(ready)
  }

  #drawSymbol(ready: ReadySymbol): void {
    const drawn = this.#options.drawSymbol?.(ready.symbology, ready.data, ready.options)
    if (drawn === undefined && this.#options.drawSymbol !== undefined) {
      this.#violate(`${ready.symbology} cannot hold ${ready.data.length} bytes`)
      return
    }
    const size = drawn ?? { columns: ready.symbology === 'qr' ? 33 : 120, rows: 33 }
    const width = size.columns * ready.moduleWidth
    const height = size.rows * ready.moduleHeight
    this.#block(width, height, (x, y) => ({
      kind: 'symbol',
      symbology: ready.symbology,
      text: latin.decode(ready.data),
      x,
      y,
      width,
      height,
      drawn,
      moduleWidth: ready.moduleWidth,
      moduleHeight: ready.moduleHeight,
    }))
  }

  #drawBarcode(symbology: string, data: Uint8Array): void {
    const barcode = encodeBarcode(symbology, data, this.#barcode.module)
    if ('wrong' in barcode) {
      this.#violate(`${symbology}: ${barcode.wrong}`)
      return
    }
    const width = barcode.elements.reduce((sum, element) => sum + element, 0)
    // A printer prints nothing rather than a part of a barcode.
    if (width > this.#area) {
      this.#violate(`${symbology} of ${width} dots on an area of ${this.#area}`)
      return
    }
    const { height: barHeight, text: where, font } = this.#barcode
    const textHeight = (font === 'B' ? fontB.height : fontAHeight) + hriGap
    const textAbove = (where & 1) !== 0
    const textBelow = (where & 2) !== 0
    const height = barHeight + (textAbove ? textHeight : 0) + (textBelow ? textHeight : 0)
    const texts = { text: barcode.text, textAbove, textBelow, textFont: font }
    const { elements } = barcode
    this.#block(width, height, (x, y) => ({
      kind: 'barcode',
      symbology,
      elements,
      barHeight,
      ...texts,
      x,
      y,
      width,
      height,
    }))
  }
}
