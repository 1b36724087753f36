/**
 * Draws lines of text as the printer would set them, for what no code page of it spells: every character in its cell of
 * the grid, so that columns stay in line with the lines the printer sets itself.
 */
import { HubError } from '../../protocol/errors.ts'
import { hasRightToLeft, isArabic, visualOrder } from './bidi.ts'
import { type Bitmap, createBitmap, fillBlack } from './bitmap.ts'
import { type Cluster, clustersOf, withoutInvisible } from './cells.ts'
import { type FontFace, Fonts } from './fonts.ts'

export const textLimits = {
  /** Lines drawn in one request. */
  linesMax: 20_000,
  /** Rows drawn at a time; bounds the renderer's memory. */
  canvasRowsMax: 2_000,
} as const

export interface TextRun {
  /** In reading order, without line breaks. Right-to-left scripts are put into visual order here. */
  readonly text: string
  /** Cell of the line where the run begins. */
  readonly column: number
  readonly bold?: boolean
  readonly underline?: boolean
  readonly invert?: boolean
}

export interface TextLine {
  readonly runs: readonly TextRun[]
  /** Dots of the paper's width. */
  readonly widthDots: number
  /** Dots of one cell at size 1. */
  readonly cellWidth: number
  readonly cellHeight: number
  /** Rows from this line to the next at size 1, at least `cellHeight`. */
  readonly lineHeight: number
  /** 1 to 4: how many times wider and higher. */
  readonly size: number
  /** Dots from the paper's left edge to the first cell. */
  readonly offset: number
  /** Characters that take two cells on this printer though their standard width is one. */
  readonly wide?: string
  /** Field path of the text, for errors. */
  readonly path: string
}

/** One thing to draw: a character in its cells, or a run of joined Arabic. */
interface Glyph {
  readonly text: string
  readonly face: FontFace
  readonly bold: boolean
  /** Dots; the left edge of its cells and their width. */
  readonly x: number
  readonly width: number
  /** Joined letters are drawn from their left edge, all others in the middle of their cells. */
  readonly joined: boolean
}

type Renderer = typeof import('@resvg/resvg-js').Resvg

/** Grey above it is white: anti-aliased strokes keep their weight. */
const inkBelow = 150

export class TextRaster {
  readonly #fonts = new Fonts()
  #renderer: Renderer | undefined

  /**
   * Each line as a bitmap of the paper's width.
   * Throws HubError `text_unprintable` naming path and characters when no font has them.
   */
  async draw(lines: readonly TextLine[]): Promise<Bitmap[]> {
    const laidOut = lines.map((line) => ({ line, glyphs: this.#layOut(line) }))
    this.#renderer ??= (await import('@resvg/resvg-js')).Resvg
    const bitmaps: Bitmap[] = []
    for (let index = 0; index < laidOut.length; ) {
      const batch: typeof laidOut = []
      let rows = 0
      while (index < laidOut.length) {
        const next = laidOut[index]!
        const sameWidth = batch.length === 0 || batch[0]!.line.widthDots === next.line.widthDots
        if (batch.length > 0 && (rows + heightOf(next.line) > textLimits.canvasRowsMax || !sameWidth)) break
        rows += heightOf(next.line)
        batch.push(next)
        index += 1
      }
      bitmaps.push(...this.#render(batch, rows))
    }
    return bitmaps
  }

  #layOut(line: TextLine): Glyph[] {
    const glyphs: Glyph[] = []
    const missing = new Set<string>()
    for (const run of line.runs) {
      const clusters = placed(withoutInvisible(run.text.normalize('NFC')), line.wide)
      let cell = run.column
      for (const { text, cells, joined } of clusters) {
        const face = text.trim() === '' ? undefined : this.#fonts.faceFor(text, run.bold === true)
        if (face !== undefined) {
          const dots = line.cellWidth * line.size
          const x = line.offset + cell * dots
          glyphs.push({ text, face, bold: run.bold === true, x, width: cells * dots, joined })
        } else if (text.trim() !== '') {
          missing.add(text)
        }
        cell += cells
      }
    }
    if (missing.size > 0)
      throw new HubError('text_unprintable', { path: line.path, characters: [...missing].join(' ') })
    return glyphs
  }

  #render(batch: readonly { line: TextLine; glyphs: readonly Glyph[] }[], rows: number): Bitmap[] {
    const width = batch[0]!.line.widthDots
    const parts: string[] = []
    const files = new Set<string>()
    let top = 0
    for (const { line, glyphs } of batch) {
      for (const glyph of glyphs) {
        files.add(this.#fonts.pathOf(glyph.face))
        parts.push(svgOf(glyph, line, top))
      }
      top += heightOf(line)
    }
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows}">${parts.join('')}</svg>`
    const pixels =
      parts.length === 0
        ? undefined
        : new this.#renderer!(svg, {
            font: { loadSystemFonts: false, fontFiles: [...files] },
            background: '#fff',
          }).render().pixels
    const bitmaps: Bitmap[] = []
    top = 0
    for (const { line } of batch) {
      const bitmap = createBitmap(width, heightOf(line))
      if (pixels !== undefined) ink(pixels, top * width, bitmap)
      decorate(line, bitmap)
      bitmaps.push(bitmap)
      top += heightOf(line)
    }
    return bitmaps
  }
}

/** Rows of a line's bitmap. */
function heightOf(line: TextLine): number {
  return line.lineHeight * line.size
}

interface PlacedCluster extends Cluster {
  joined: boolean
}

/** Clusters from left to right; neighbouring Arabic letters in one piece, in reading order, for the renderer to join. */
function placed(text: string, wide: string | undefined): PlacedCluster[] {
  const clusters = clustersOf(text)
  for (const cluster of clusters) if (wide?.includes(cluster.text)) cluster.cells = 2
  if (!hasRightToLeft(text)) return clusters.map((cluster) => ({ ...cluster, joined: false }))
  const result: PlacedCluster[] = []
  let before = -2
  for (const { index, text: shown } of visualOrder(clusters.map((cluster) => cluster.text))) {
    const { cells } = clusters[index]!
    const last = result.at(-1)
    const joined = isArabic(shown)
    if (joined && last?.joined && index === before - 1) {
      last.text = shown + last.text
      last.cells += cells
    } else {
      result.push({ text: shown, cells, joined })
    }
    before = index
  }
  return result
}

/** The largest size at which a character fits its cells. */
function svgOf(glyph: Glyph, line: TextLine, top: number): string {
  const { face, width } = glyph
  const high = (line.cellHeight * line.size) / (face.ascent + face.descent)
  const cell = line.cellWidth * line.size
  const fontSize = Math.min(
    high,
    face.advance === undefined ? Math.max(width, cell * 1.6) : cell / face.advance,
  )
  const spare = line.cellHeight * line.size - fontSize * (face.ascent + face.descent)
  const baseline = top + spare / 2 + fontSize * face.ascent
  const x = glyph.joined ? glyph.x : glyph.x + width / 2
  // A bold face that lacks the character is made up by an outline.
  const stroke = glyph.bold && !face.bold ? ` stroke="#000" stroke-width="${(fontSize / 20).toFixed(2)}"` : ''
  return (
    `<text x="${x}" y="${baseline.toFixed(2)}" font-family="${face.family}" font-size="${fontSize.toFixed(2)}"` +
    ` font-weight="${face.bold ? 700 : 400}" text-anchor="${glyph.joined ? 'start' : 'middle'}"${stroke}>` +
    `${escapeXml(glyph.text)}</text>`
  )
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Rendered RGBA on white to dots. The picture is grey, so one channel tells. */
function ink(pixels: Uint8Array, firstPixel: number, bitmap: Bitmap): void {
  for (let y = 0, pixel = firstPixel; y < bitmap.height; y++) {
    for (let x = 0; x < bitmap.width; x++, pixel++) {
      if (pixels[pixel * 4]! >= inkBelow) continue
      const at = y * bitmap.rowBytes + (x >> 3)
      bitmap.data[at] = bitmap.data[at]! | (0x80 >> (x & 7))
    }
  }
}

/** Underlines and inverts whole runs, spaces too, as printers do. */
function decorate(line: TextLine, bitmap: Bitmap): void {
  const dots = line.cellWidth * line.size
  const height = line.cellHeight * line.size
  for (const run of line.runs) {
    if (run.underline !== true && run.invert !== true) continue
    const cells = placed(withoutInvisible(run.text.normalize('NFC')), line.wide).reduce(
      (sum, { cells }) => sum + cells,
      0,
    )
    const x = line.offset + run.column * dots
    if (run.underline === true) fillBlack(bitmap, x, height - line.size, cells * dots, line.size)
    if (run.invert === true) invertArea(bitmap, x, cells * dots, height)
  }
}

function invertArea(bitmap: Bitmap, left: number, width: number, height: number): void {
  const right = Math.min(bitmap.width, left + width)
  for (let y = 0; y < Math.min(height, bitmap.height); y++) {
    for (let x = Math.max(0, left); x < right; x++) {
      const at = y * bitmap.rowBytes + (x >> 3)
      bitmap.data[at] = bitmap.data[at]! ^ (0x80 >> (x & 7))
    }
  }
}
