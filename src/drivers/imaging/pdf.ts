/** One-bit pages as a PDF file that any page printer takes: each page one picture, compressed without loss. */

import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { Bitmap } from './bitmap.ts'

const deflated = promisify(deflate)

export interface PdfOptions {
  /** Dots an inch of the bitmaps. */
  readonly dpi: number
  /** Size of the paper in points (1/72 inch); by default that of each bitmap. */
  readonly paper?: { readonly width: number; readonly height: number }
  /** White at the left and at the top in points. */
  readonly margin?: { readonly left: number; readonly top: number }
}

const pointsPerInch = 72

/** At most two decimals, never an exponent (ISO 32000-1, 7.3.3). */
const number = (value: number): string => String(Number(value.toFixed(2)))

/**
 * The pages as a PDF 1.4 file (ISO 32000-1): per page a DeviceGray picture of one bit with FlateDecode. The same pages give the
 * same bytes.
 */
export async function pdfOf(pages: readonly Bitmap[], options: PdfOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { dpi, margin = { left: 0, top: 0 } } = options
  const file = new PdfFile()
  const kids = pages.map((_, index) => `${3 + index * 3} 0 R`).join(' ')
  file.object(1, '<< /Type /Catalog /Pages 2 0 R >>')
  file.object(2, `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`)
  for (const [index, page] of pages.entries()) {
    const [self, content, picture] = [3 + index * 3, 4 + index * 3, 5 + index * 3]
    const width = (page.width * pointsPerInch) / dpi
    const height = (page.height * pointsPerInch) / dpi
    const paper = options.paper ?? { width: width + margin.left, height: height + margin.top }
    file.object(
      self,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${number(paper.width)} ${number(paper.height)}]` +
        ` /Resources << /XObject << /P ${picture} 0 R >> >> /Contents ${content} 0 R >>`,
    )
    const bottom = paper.height - margin.top - height
    const draw = `q ${number(width)} 0 0 ${number(height)} ${number(margin.left)} ${number(bottom)} cm /P Do Q`
    file.stream(content, '', ascii(draw))
    // In our bitmaps 1 is black; Decode turns that round.
    const details =
      `/Type /XObject /Subtype /Image /Width ${page.width} /Height ${page.height}` +
      ' /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0] /Filter /FlateDecode '
    file.stream(picture, details, await deflated(page.data))
  }
  return file.end()
}

class PdfFile {
  readonly #parts: Uint8Array[] = []
  readonly #offsets: number[] = []
  #length = 0

  constructor() {
    // The comment of four bytes above 127 marks the file as binary (7.5.2).
    this.#add(ascii('%PDF-1.4\n'))
    this.#add(Uint8Array.of(0x25, 0xe2, 0xe3, 0xcf, 0xd3, 0x0a))
  }

  object(id: number, body: string): void {
    this.#offsets[id] = this.#length
    this.#add(ascii(`${id} 0 obj\n${body}\nendobj\n`))
  }

  stream(id: number, details: string, data: Uint8Array): void {
    this.#offsets[id] = this.#length
    this.#add(ascii(`${id} 0 obj\n<< ${details}/Length ${data.length} >>\nstream\n`))
    this.#add(data)
    this.#add(ascii('\nendstream\nendobj\n'))
  }

  end(): Uint8Array<ArrayBuffer> {
    const start = this.#length
    const entries = this.#offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
    const size = entries.length + 1
    this.#add(ascii(`xref\n0 ${size}\n0000000000 65535 f \n${entries.join('')}`))
    this.#add(ascii(`trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`))
    const file = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      file.set(part, at)
      at += part.length
    }
    return file
  }

  #add(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
