/**
 * From `<epos-print>` to what the hub prints. Elements and attributes as Epson's ePOS-Print XML User's Manual names them; what
 * is left out, and what is refused, stands in docs/epos.md.
 */
import { HubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import { type Align, type Block, receiptLimits, type Symbology } from '../../../protocol/receipt.ts'
import { Lines, plainText, type TextStyle } from './lines.ts'
import type { XmlElement } from './xml.ts'

export type EposWork =
  /** Nothing to do: the till asks how the printer is. */
  | { kind: 'status' }
  | { kind: 'drawer'; drawer: number }
  | { kind: 'print'; payload: PrintPayload }
  /** Bytes in ESC/POS; only printers of that language take them. */
  | { kind: 'raw'; payload: PrintPayload }

/** Dots of a character and of a line in the normal font at 203 dpi. */
const cellDots = 12
const lineDots = 30

const symbologies: Readonly<Record<string, Symbology>> = {
  upc_a: 'upca',
  upc_e: 'upce',
  jan13: 'ean13',
  ean13: 'ean13',
  jan8: 'ean8',
  ean8: 'ean8',
  code39: 'code39',
  itf: 'itf',
  code128: 'code128',
  code128_auto: 'code128',
  gs1_128: 'gs1-128',
}

const qrLevels: Readonly<Record<string, 'L' | 'M' | 'Q' | 'H'>> = {
  level_l: 'L',
  level_m: 'M',
  level_q: 'Q',
  level_h: 'H',
}

/** Without a mark on paper, or nothing that a receipt can do anything about. */
const silent: ReadonlySet<string> = new Set(['layout', 'recovery', 'reset', 'direction', 'area', 'logo'])

/** Throws HubError `payload_unsupported` for what this hub cannot print, `params_invalid` for what nobody can. */
export function readWork(document: XmlElement): EposWork {
  const { children } = document
  if (children.length === 0) return { kind: 'status' }
  const [first] = children
  if (children.length === 1 && first?.name === 'pulse') return { kind: 'drawer', drawer: drawerOf(first) }
  if (children.every(({ name }) => name === 'command'))
    return { kind: 'raw', payload: { raw: Buffer.concat(children.map(commandBytes)).toString('base64') } }
  const blocks = new Reader().read(children)
  if (blocks.length === 0) return { kind: 'status' }
  if (blocks.length > receiptLimits.blocksMax)
    throw new HubError('receipt_too_long', { max: receiptLimits.blocksMax, what: 'blocks' })
  return { kind: 'print', payload: { receipt: { blocks } } }
}

class Reader {
  readonly #blocks: Block[] = []
  readonly #lines = new Lines(this.#blocks)
  #style: TextStyle = { ...plainText }

  read(elements: readonly XmlElement[]): Block[] {
    for (const element of elements) this.#element(element)
    this.#lines.flush()
    return this.#blocks
  }

  #element(element: XmlElement): void {
    const block = this.#blockOf(element)
    if (block !== undefined) {
      this.#lines.flush()
      this.#blocks.push(block)
    } else this.#flow(element)
  }

  /** Of elements that stand for themselves. */
  #blockOf(element: XmlElement): Block | undefined {
    switch (element.name) {
      case 'image':
        return imageBlock(element, this.#style.align)
      case 'barcode':
        return barcodeBlock(element, this.#alignOf(element))
      case 'symbol':
        return symbolBlock(element, this.#alignOf(element))
      case 'hline':
        return { type: 'rule', ...(/double/.test(element.attributes.style ?? '') && { style: 'double' }) }
      case 'cut':
        return { type: 'cut' }
      case 'pulse':
        return { type: 'pulse', drawer: drawerOf(element) }
      case 'sound':
        return { type: 'buzzer', times: within(numberOf(element, 'repeat') ?? 1, 1, 9) }
      default:
        return undefined
    }
  }

  #flow(element: XmlElement): void {
    const { attributes, children, name } = element
    if (name === 'text') this.#text(element)
    else if (name === 'feed') this.#feed(element)
    else if (name === 'position') {
      // In page mode: a new height is a new line, a place in it is so many characters on.
      if (attributes.y !== undefined) this.#lines.flush()
      this.#lines.moveTo(Math.floor((numberOf(element, 'x') ?? 0) / cellDots), this.#style)
    } else if (name === 'page') {
      this.#lines.flush()
      for (const child of children) this.#element(child)
      this.#lines.flush()
    } else if (!silent.has(name) && !name.startsWith('vline'))
      throw unsupported(name, 'this hub does not print it')
  }

  #text(element: XmlElement): void {
    const { attributes, text } = element
    const style = this.#style
    const flag = (attribute: string, old: boolean) =>
      attributes[attribute] === undefined ? old : isTrue(attributes[attribute])
    const align = this.#alignOf(element)
    const doubled = (attribute: string, times: string, old: number) =>
      numberOf(element, times) ??
      (attributes[attribute] === undefined ? old : isTrue(attributes[attribute]) ? 2 : 1)
    this.#style = {
      align,
      bold: flag('em', style.bold),
      underline: flag('ul', style.underline),
      invert: flag('reverse', style.invert),
      small: attributes.font === undefined ? style.small : attributes.font !== 'font_a',
      width: within(doubled('dw', 'width', style.width), 1, 8),
      height: within(doubled('dh', 'height', style.height), 1, 8),
    }
    const x = numberOf(element, 'x')
    if (x !== undefined) this.#lines.moveTo(Math.floor(x / cellDots), this.#style)
    this.#lines.write(text, this.#style)
  }

  #alignOf({ attributes }: XmlElement): Align {
    const { align } = attributes
    if (align === undefined) return this.#style.align
    if (align !== 'left' && align !== 'center' && align !== 'right') throw invalid('align', align)
    this.#style = { ...this.#style, align }
    return align
  }

  #feed(element: XmlElement): void {
    const unit = numberOf(element, 'unit')
    const lines = numberOf(element, 'line')
    // It ends the line that was begun, which takes one; without numbers that is all that it does.
    const asked = lines ?? (unit === undefined ? 0 : Math.round(unit / lineDots))
    this.#lines.flush()
    for (let left = within(asked, 0, 255); left > 0; left -= 50)
      this.#blocks.push({ type: 'feed', lines: Math.min(50, left) })
  }
}

/** Of one bit a dot, the rows packed without gaps (odoo/odoo, epson_printer.js); grey of four bits is set to black below the middle. */
function imageBlock(element: XmlElement, before: Align): Block {
  const { attributes, text } = element
  const width = numberOf(element, 'width')
  const height = numberOf(element, 'height')
  if (width === undefined || width < 1) throw invalid('image.width', attributes.width)
  if (height === undefined || height < 1) throw invalid('image.height', attributes.height)
  const align = (attributes.align ?? before) as Align
  const base64 = /\s/.test(text) ? text.replace(/\s+/g, '') : text
  const gray = attributes.mode === 'gray16'
  const bits =
    !gray && (width & 7) === 0 ? base64 : repacked(Buffer.from(base64, 'base64'), { width, height, gray })
  return { type: 'raster', width, height, bits, align }
}

/** Rows in whole bytes, one bit a dot. */
function repacked(
  bytes: Buffer,
  { gray, height, width }: { width: number; height: number; gray: boolean },
): string {
  const bitsADot = gray ? 4 : 1
  // Printers of Epson pad their rows, the points of sale of Odoo do not: the number of bytes tells.
  const padded = ((width * bitsADot + 7) >> 3) * height === bytes.length
  const rowBits = padded ? ((width * bitsADot + 7) >> 3) * 8 : width * bitsADot
  if (Math.ceil((rowBits * height) / 8) !== bytes.length)
    throw invalid('image', `${bytes.length} bytes for ${width} × ${height}`)
  const rowBytes = (width + 7) >> 3
  const rows = Buffer.alloc(rowBytes * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = y * rowBits + x * bitsADot
      const byte = bytes[bit >> 3] ?? 0
      // 15 is black in grey of 16.
      const black = gray ? ((byte >> (4 - (bit & 7))) & 15) > 7 : ((byte >> (7 - (bit & 7))) & 1) === 1
      if (black) rows[y * rowBytes + (x >> 3)] = (rows[y * rowBytes + (x >> 3)] ?? 0) | (0x80 >> (x & 7))
    }
  return rows.toString('base64')
}

function barcodeBlock(element: XmlElement, align: Align): Block {
  const { attributes, text } = element
  const { hri = 'none', type = '' } = attributes
  const symbology = symbologies[type]
  if (symbology === undefined) throw unsupported(`barcode ${type}`, 'this hub does not print it')
  return {
    type: 'barcode',
    symbology,
    data: barcodeData(symbology, text.trim()),
    align,
    text: hri !== 'none',
    ...sized(element, 'height', 8, 255, 'height'),
    ...sized(element, 'width', 2, 6, 'module'),
  }
}

/** Code 128 comes with its code sets chosen, `{B`; they are chosen anew, so that only what they encode counts. */
function barcodeData(symbology: Symbology, text: string): string {
  if (symbology !== 'code128') return text
  let digits = false
  let data = ''
  for (let at = 0; at < text.length; at++) {
    const [mark, code] = [text[at], text[at + 1]]
    if (mark === '{' && (code === 'A' || code === 'B' || code === 'C')) {
      digits = code === 'C'
      at++
    } else if (mark === '{' && code === '{') {
      data += '{'
      at++
    } else data += digits ? pairOf(text.charCodeAt(at)) : mark
  }
  return data
}

/** In code set C a character is its value: 0 to 99, two digits. */
function pairOf(value: number): string {
  if (value > 99) throw invalid('barcode', `the value ${value} in code set C`)
  return String(value).padStart(2, '0')
}

function symbolBlock(element: XmlElement, align: Align): Block {
  const { attributes, text } = element
  const { level = '', type = '' } = attributes
  const module = numberOf(element, 'width')
  if (/^qrcode_model_[12]$/.test(type))
    return {
      ...{ type: 'qr', data: text, align, errorCorrection: qrLevels[level] ?? 'M' },
      ...(module !== undefined && { module: within(module, 1, 16) }),
    }
  if (/^pdf417_/.test(type))
    return {
      type: 'pdf417',
      data: text,
      align,
      ...(module !== undefined && { module: within(module, 2, 8) }),
    }
  throw unsupported(`symbol ${type}`, 'this hub does not print it')
}

function sized(
  element: XmlElement,
  attribute: string,
  min: number,
  max: number,
  as: 'height' | 'module',
): { height?: number; module?: number } {
  const value = numberOf(element, attribute)
  return value === undefined ? {} : { [as]: within(value, min, max) }
}

function drawerOf({ attributes }: XmlElement): number {
  const { drawer = 'drawer_1' } = attributes
  if (drawer !== 'drawer_1' && drawer !== 'drawer_2') throw invalid('pulse.drawer', drawer)
  return drawer === 'drawer_2' ? 2 : 1
}

function commandBytes({ text }: XmlElement): Buffer {
  const hex = text.replace(/\s+/g, '')
  if (hex === '' || hex.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(hex))
    throw invalid('command', hex.slice(0, 20))
  return Buffer.from(hex, 'hex')
}

function numberOf({ attributes, name }: XmlElement, attribute: string): number | undefined {
  const text = attributes[attribute]
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text)) throw invalid(`${name}.${attribute}`, text)
  return Number(text)
}

const isTrue = (text: string | undefined): boolean => text === 'true' || text === '1'
const within = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value))

const invalid = (path: string, value: string | undefined): HubError =>
  new HubError('params_invalid', {
    path,
    reason: `cannot be ${JSON.stringify(value?.slice(0, 100) ?? 'left out')}`,
  })

const unsupported = (path: string, reason: string): HubError =>
  new HubError('payload_unsupported', { path, device: 'ePOS-Print', reason })
