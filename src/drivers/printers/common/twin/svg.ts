/** Draws the twin's paper as one self-contained SVG: the receipt in the printer on top, the newest cut ones below it. */
import { type Cell, type Item, type Paper, sameLook, type Ticket } from './paper.ts'
import { pngDataUri } from './png.ts'

export const pictureLimits = {
  /** Cut receipts in the picture. */
  ticketsMax: 4,
  /** Of a longer receipt only the end is drawn. */
  ticketDotsMax: 6_000,
} as const

const ink = '#2a2a30'
const inkRgb = [0x2a, 0x2a, 0x30] as const
const paperColour = '#fdfcf7'
const families =
  "'DejaVu Sans Mono','Noto Sans Mono','Liberation Mono',Menlo,Consolas,'Noto Sans JP',monospace"

/** Layout of the picture, in dots. */
const desk = 28
const side = 32
const head = 40
const foot = 40
const gap = 44
const tooth = { width: 8, height: 6 }
const slot = { height: 26, overlap: 10, reach: 14 }

/** Size and baseline of a character in its cell, for fonts whose advance is 0.6 of their size. */
const faces = {
  A: { size: 20, baseline: 18.5 },
  B: { size: 14.6, baseline: 13 },
  kanji: { size: 23, baseline: 20 },
} as const

export class Picture {
  readonly #paperWidth: number
  #drawn = new Map<number, string>()
  #revision = -1
  #svg = ''

  constructor(options: { readonly widthDots: number }) {
    this.#paperWidth = options.widthDots + 2 * side
  }

  /** Width and height of the viewBox are dots; drawing again without a change costs nothing. */
  draw(paper: Paper): string {
    if (paper.revision === this.#revision) return this.#svg
    const shown = paper.tickets.slice(-pictureLimits.ticketsMax).reverse()
    const { items, height } = paper.current
    const parts: string[] = []
    const sheetHeight = visible(height) + head
    parts.push(at(desk, desk, this.#sheet(items, height, false)), at(desk, desk + sheetHeight, this.#slot()))
    let y = desk + sheetHeight + slot.height + gap - slot.overlap
    const drawn = new Map<number, string>()
    for (const ticket of shown) {
      const fragment = this.#drawn.get(ticket.number) ?? this.#sheet(ticket.items, ticket.height, ticket.cut)
      drawn.set(ticket.number, fragment)
      parts.push(at(desk, y, fragment))
      y += visible(ticket.height) + head + foot + gap
    }
    this.#drawn = drawn
    this.#revision = paper.revision
    this.#svg = this.#frame(parts.join(''), y - gap + desk)
    return this.#svg
  }

  #frame(body: string, height: number): string {
    const width = this.#paperWidth + 2 * desk
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `role="img" aria-label="Receipt paper" font-family="${families}" fill="${ink}" text-anchor="middle">` +
      `<defs><linearGradient id="twin-paper" x1="0" x2="1" y1="0" y2="0"><stop offset="0" stop-color="#f3f1ea"/>` +
      `<stop offset=".06" stop-color="${paperColour}"/><stop offset=".94" stop-color="${paperColour}"/>` +
      `<stop offset="1" stop-color="#efede5"/></linearGradient>` +
      `<linearGradient id="twin-slot" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="#1c1d22"/>` +
      `<stop offset="1" stop-color="#4a4c55"/></linearGradient></defs>${body}</svg>`
    )
  }

  /** One piece of paper with what is on it. The one in the printer has no lower edge of its own. */
  #sheet(items: readonly Item[], height: number, cut: Ticket['cut'] | false): string {
    const hidden = height - visible(height)
    const total = visible(height) + head + (cut === false ? slot.overlap : foot)
    const outline = this.#outline(total, cut)
    const things = items.filter((item) => item.y >= hidden).map(drawItem)
    return (
      `<path d="${outline}" fill="#000" opacity=".07" transform="translate(0 7)"/>` +
      `<path d="${outline}" fill="#000" opacity=".10" transform="translate(0 2)"/>` +
      `<path d="${outline}" fill="url(#twin-paper)"/>${at(side, head - hidden, things.join(''))}`
    )
  }

  #outline(height: number, cut: Ticket['cut'] | false): string {
    const width = this.#paperWidth
    const teeth = Math.floor(width / tooth.width)
    const half = tooth.width / 2
    const top = `M0 ${tooth.height}${`l${half} -${tooth.height}l${half} ${tooth.height}`.repeat(teeth)}`
    if (cut === false) return `${top}V${height}H0z`
    const down = `V${height - tooth.height}`
    const zag = `l-${half} ${tooth.height}l-${half} -${tooth.height}`
    if (cut !== 'partial') return `${top}${down}${zag.repeat(teeth)}z`
    // A partial cut leaves a bridge in the middle.
    const left = (teeth - 4) >> 1
    const bridge = `v${tooth.height + 4}h-${4 * tooth.width}v-${tooth.height + 4}`
    return `${top}${down}${zag.repeat(teeth - 4 - left)}${bridge}${zag.repeat(left)}z`
  }

  #slot(): string {
    const width = this.#paperWidth + 2 * slot.reach
    return (
      `<rect x="${-slot.reach}" y="0" width="${width}" height="${slot.height}" rx="9" fill="url(#twin-slot)"/>` +
      `<rect x="-4" y="4" width="${this.#paperWidth + 8}" height="6" rx="3" fill="#0b0b0e"/>` +
      `<rect x="0" y="0" width="${this.#paperWidth}" height="7" fill="url(#twin-paper)"/>`
    )
  }
}

function visible(height: number): number {
  return Math.min(height, pictureLimits.ticketDotsMax)
}

function at(x: number, y: number, body: string): string {
  return `<g transform="translate(${x} ${y})">${body}</g>`
}

function drawItem(item: Item): string {
  switch (item.kind) {
    case 'text':
      return runs(item.cells)
        .map((run) => drawRun(run, item.y + item.height, item.flipped))
        .join('')
    case 'image': {
      const turn = item.flipped ? ` transform="${upsideDown(item.x, item.y, item.width, item.height)}"` : ''
      const place = `x="${item.x}" y="${item.y}" width="${item.width}" height="${item.height}"`
      const look = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
      return `<image ${place}${turn} ${look} href="${pngDataUri(item.bitmap, inkRgb)}"/>`
    }
    case 'barcode':
      return drawBarcode(item)
    case 'symbol':
      return drawSymbol(item)
  }
}

function upsideDown(x: number, y: number, width: number, height: number): string {
  return `rotate(180 ${number(x + width / 2)} ${number(y + height / 2)})`
}

/** Neighbouring characters of one look. */
function runs(cells: readonly Cell[]): Cell[][] {
  const all: Cell[][] = []
  for (const cell of cells) {
    const last = all.at(-1)
    const before = last?.at(-1)
    if (before !== undefined && sameLook(before.style, cell.style)) last!.push(cell)
    else all.push([cell])
  }
  return all
}

/** Every character gets its own place, so that columns align whatever font the viewer has. */
function drawRun(run: readonly Cell[], bottom: number, flipped: boolean): string {
  const first = run[0]!
  const { style, height } = first
  const { scaleX, scaleY } = style
  const left = Math.min(...run.map((cell) => cell.x))
  const right = Math.max(...run.map((cell) => cell.x + cell.width))
  const top = bottom - height
  const seen = run.filter((cell) => cell.char.trim() !== '')
  let svg = ''
  if (style.invert) svg += rect(left, top, right - left, height)
  if (style.underline > 0) svg += rect(left, bottom - style.underline, right - left, style.underline)
  if (seen.length > 0) {
    const face = faces[style.font]
    const plain = scaleX === 1 && scaleY === 1
    const xs = seen.map((cell) =>
      number((plain ? cell.x : (cell.x - left) / scaleX) + cell.width / scaleX / 2),
    )
    const y = plain ? top + face.baseline : face.baseline
    const size = number(face.size)
    const scale = plain
      ? ''
      : ` transform="translate(${number(left)} ${number(top)}) scale(${scaleX} ${scaleY})"`
    const look = `${style.bold ? ' font-weight="700"' : ''}${style.invert ? ` fill="${paperColour}"` : ''}`
    const text = seen.map((cell) => escapeXml(cell.char)).join('')
    svg += `<text x="${xs.join(' ')}" y="${number(y)}" font-size="${size}"${look}${scale}>${text}</text>`
  }
  // Each character is turned in its place: the line itself has been mirrored already.
  return flipped ? flipEach(run, bottom, svg) : svg
}

/** Upside down: draws the run mirrored back, then turns the whole by half a turn. */
function flipEach(run: readonly Cell[], bottom: number, svg: string): string {
  const left = Math.min(...run.map((cell) => cell.x))
  const right = Math.max(...run.map((cell) => cell.x + cell.width))
  const straight = run.map((cell) => ({ ...cell, x: left + right - cell.x - cell.width }))
  if (straight[0]!.x !== run[0]!.x || run.length > 1) svg = drawRun(straight, bottom, false)
  const height = run[0]!.height
  return `<g transform="${upsideDown(left, bottom - height, right - left, height)}">${svg}</g>`
}

function drawBarcode(item: Extract<Item, { kind: 'barcode' }>): string {
  const face = faces[item.textFont]
  const textHeight =
    (item.height - item.barHeight) / Math.max(1, Number(item.textAbove) + Number(item.textBelow))
  const top = item.y + (item.textAbove ? textHeight : 0)
  let x = item.x
  let bars = ''
  item.elements.forEach((width, i) => {
    if (i % 2 === 0) bars += `M${x} ${top}h${width}v${item.barHeight}h-${width}z`
    x += width
  })
  const label = (y: number) =>
    `<text x="${number(item.x + item.width / 2)}" y="${number(y + face.baseline)}" font-size="${number(face.size)}" ` +
    `xml:space="preserve">${escapeXml(item.text)}</text>`
  const above = item.textAbove ? label(item.y) : ''
  const below = item.textBelow ? label(top + item.barHeight + 2) : ''
  return `<path d="${bars}"/>${above}${below}`
}

function drawSymbol(item: Extract<Item, { kind: 'symbol' }>): string {
  const { drawn, moduleWidth, moduleHeight, x, y, width, height } = item
  if (drawn === undefined) {
    const frame = `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${ink}" stroke-dasharray="6 4"/>`
    return `${frame}<text x="${number(x + width / 2)}" y="${number(y + height / 2)}" font-size="14">${item.symbology}</text>`
  }
  let modules = ''
  for (let row = 0; row < drawn.rows; row++) {
    for (let column = 0; column < drawn.columns; column++) {
      const start = column
      while (column < drawn.columns && drawn.modules[row * drawn.columns + column]) column++
      const run = (column - start) * moduleWidth
      if (run > 0)
        modules += `M${x + start * moduleWidth} ${y + row * moduleHeight}h${run}v${moduleHeight}h-${run}z`
    }
  }
  return `<path d="${modules}" shape-rendering="crispEdges"/>`
}

function rect(x: number, y: number, width: number, height: number): string {
  return `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"/>`
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100)
}

/** Characters that XML 1.0 forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
}
