/** One-bit pages as a PDF file that any page printer takes: each page one picture, compressed without loss. */

import { promisify } from 'node:util'
import { deflate, inflateSync } from 'node:zlib'
import type { Bitmap } from './bitmap.ts'
import { joined } from './joined.ts'

const deflated = promisify(deflate)

export interface PdfOptions {
  /** Dots an inch of the bitmaps. */
  readonly dpi: number
  /** Size of the paper in points (1/72 inch); by default that of each bitmap. */
  readonly paper?: { readonly width: number; readonly height: number }
  /** White at the left and at the top in points. */
  readonly margin?: { readonly left: number; readonly top: number }
  /** How often the pages come, one set after another; 1 by default. The file grows by a few bytes only. */
  readonly copies?: number
}

/** A page that takes little memory while it waits. */
export interface PackedPage extends Omit<Bitmap, 'data'> {
  readonly deflated: Uint8Array
}

export const packPages = (pages: readonly Bitmap[]): Promise<PackedPage[]> =>
  Promise.all(
    pages.map(async ({ data, ...size }) => ({ ...size, deflated: new Uint8Array(await deflated(data)) })),
  )

export function unpackPage({ deflated: packed, ...size }: PackedPage): Bitmap {
  const maxOutputLength = Math.max(1, size.rowBytes * size.height)
  return { ...size, data: new Uint8Array(inflateSync(packed, { maxOutputLength })) }
}

const pointsPerInch = 72

/** At most two decimals, never an exponent (ISO 32000-1, 7.3.3). */
const number = (value: number): string => String(Number(value.toFixed(2)))

/**
 * The pages as a PDF 1.4 file (ISO 32000-1): per page a DeviceGray picture of one bit with FlateDecode. The same pages give the
 * same bytes.
 */
export function pdfOf(pages: readonly PackedPage[], options: PdfOptions): Uint8Array<ArrayBuffer> {
  const { dpi, copies = 1, margin = { left: 0, top: 0 } } = options
  const file = new PdfFile()
  // First what each page shows, then the pages: those of further copies show the same.
  const [contents, sheets] = [firstObject, firstObject + 2 * pages.length]
  const count = pages.length * copies
  const kids = Array.from({ length: count }, (_, index) => `${sheets + index} 0 R`).join(' ')
  file.object(1, '<< /Type /Catalog /Pages 2 0 R >>')
  file.object(2, `<< /Type /Pages /Kids [${kids}] /Count ${count} >>`)
  const papers = pages.map((page, index) => {
    const [content, picture] = [contents + 2 * index, contents + 2 * index + 1]
    const width = (page.width * pointsPerInch) / dpi
    const height = (page.height * pointsPerInch) / dpi
    const paper = options.paper ?? { width: width + margin.left, height: height + margin.top }
    const bottom = paper.height - margin.top - height
    const draw = `q ${number(width)} 0 0 ${number(height)} ${number(margin.left)} ${number(bottom)} cm /P Do Q`
    file.stream(content, '', ascii(draw))
    // In our bitmaps 1 is black; Decode turns that round.
    const details =
      `/Type /XObject /Subtype /Image /Width ${page.width} /Height ${page.height}` +
      ' /ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0] /Filter /FlateDecode '
    file.stream(picture, details, page.deflated)
    return paper
  })
  for (let index = 0; index < count; index++) {
    const page = index % pages.length
    const { width, height } = papers[page]!
    file.object(
      sheets + index,
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${number(width)} ${number(height)}]` +
        ` /Resources << /XObject << /P ${contents + 2 * page + 1} 0 R >> >> /Contents ${contents + 2 * page} 0 R >>`,
    )
  }
  return file.end()
}

/** After the catalogue and the list of pages. */
const firstObject = 3

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
    return joined(this.#parts)
  }

  #add(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
