/** A payload as the document that one printer takes: its own file as it is, everything else drawn and put into pages. */
import { HubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import type { PreparedPrint } from '../../driver.ts'
import { decodeBase64 } from '../../imaging/base64.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { joined } from '../../imaging/joined.ts'
import { type PackedPage, packPages, pdfOf, unpackPage } from '../../imaging/pdf.ts'
import { pwgPageOf, pwgStart } from '../../imaging/pwg-raster.ts'
import { unsupported } from '../common/layout/receipt.ts'
import { ReceiptPicture } from '../common/receipt-picture.ts'
import type { PrinterFacts } from './operations.ts'
import { type IppSettings, paperSizes } from './settings.ts'

export const pageLimits = {
  /** Longest document of drawn pages, in bytes: some 30 pages of A4 at 300 dpi full of pictures, as PWG raster. */
  documentBytesMax: 64 * 1024 * 1024,
} as const

/** A payload made ready without knowing the printer: what it takes is known when it is there. */
export interface IppDraft extends PreparedPrint {
  readonly copies: number
  readonly content:
    | { readonly kind: 'file'; readonly format: string; readonly data: Uint8Array; readonly path: string }
    | { readonly kind: 'pages'; readonly pages: readonly PackedPage[] }
}

/** What one printer gets. */
export interface IppDocument {
  readonly format: string
  readonly data: Uint8Array
  /** Copies that the printer has to make of the document. */
  readonly copies: number
  /** Whether it is made for the paper of the settings. */
  readonly onOurPaper: boolean
}

const pdfType = 'application/pdf'
const rasterType = 'image/pwg-raster'
const mmPerInch = 25.4
const pointsPerInch = 72

export class IppPages {
  readonly #settings: IppSettings
  readonly #picture: ReceiptPicture

  constructor(settings: IppSettings, imaging: Imaging) {
    this.#settings = settings
    const { paper, marginMm, dpi, columns } = settings
    const [widthMm, heightMm] = paperSizes[paper]
    const dots = (mm: number) => Math.floor((mm * dpi) / mmPerInch)
    this.#picture = new ReceiptPicture(imaging, {
      widthDots: dots(widthMm - 2 * marginMm),
      heightDots: dots(heightMm - 2 * marginMm),
      columns,
    })
  }

  /** Throws, or rejects with, what `ReceiptPicture.draw` does, and `payload_unsupported` for what no printer is sent. */
  prepare(payload: PrintPayload): IppDraft | Promise<IppDraft> {
    const copies = payload.copies ?? 1
    if (payload.pictures !== undefined)
      throw unsupported('payload.pictures', 'pictures among raw bytes are for receipt printers')
    if (payload.raw !== undefined) {
      const { rawFormat } = this.#settings
      refuseDrawer(payload)
      if (rawFormat === undefined)
        throw unsupported('payload.raw', 'it has no language of its own here; set rawFormat')
      return fileDraft(payload.raw, rawFormat, copies, 'payload.raw')
    }
    if (payload.pdf === undefined) return this.#draw(payload, copies)
    refuseDrawer(payload)
    const draft = fileDraft(payload.pdf, pdfType, copies, 'payload.pdf')
    if (!isPdf(draft.content.data))
      throw new HubError('params_invalid', { path: 'payload.pdf', reason: 'is not a PDF file' })
    return draft
  }

  async #draw(payload: PrintPayload, copies: number): Promise<IppDraft> {
    const pages = await packPages(await this.#picture.draw(payload))
    const bytes = pages.reduce((sum, { deflated }) => sum + deflated.length, 0)
    return { bytes, copies, content: { kind: 'pages', pages } }
  }

  /**
   * The document for a printer that is there. `pause` lets others work between two pages. Rejects with HubError
   * `payload_unsupported` for what this printer does not take, and `receipt_too_long`.
   */
  async documentFor(
    { content, copies }: IppDraft,
    facts: PrinterFacts,
    pause: () => Promise<void>,
  ): Promise<IppDocument> {
    if (content.kind === 'file') {
      const { format, data, path } = content
      if (!facts.formats.includes(format)) throw unsupported(path, `it takes no ${format}`)
      if (copies > facts.copiesMax)
        throw unsupported('payload.copies', `it makes at most ${facts.copiesMax} copies of a document`)
      return { format, data, copies, onOurPaper: false }
    }
    const format = [pdfType, rasterType].find((type) => facts.formats.includes(type))
    if (format === undefined) throw unsupported('payload', 'it takes neither PDF nor PWG raster')
    // A printer that makes no copies gets the pages as often.
    const [theirs, ours] = facts.copiesMax >= copies ? [copies, 1] : [1, copies]
    const { pages } = content
    const data =
      format === pdfType
        ? pdfOf(pages, { ...this.#sheet(), copies: ours })
        : await this.#raster(pages, ours, pause)
    return { format, data, copies: theirs, onOurPaper: true }
  }

  async #raster(
    pages: readonly PackedPage[],
    copies: number,
    pause: () => Promise<void>,
  ): Promise<Uint8Array> {
    const options = { ...this.#sheet(), paperName: this.#settings.paper }
    const drawn: Uint8Array[] = []
    let bytes = 0
    for (const page of pages) {
      const part = pwgPageOf(unpackPage(page), pages.length * copies, options)
      bytes += part.length * copies
      if (bytes > pageLimits.documentBytesMax)
        throw new HubError('receipt_too_long', {
          max: pageLimits.documentBytesMax,
          what: 'bytes for the printer',
        })
      drawn.push(part)
      await pause()
    }
    return joined([pwgStart, ...Array<Uint8Array[]>(copies).fill(drawn).flat()])
  }

  #sheet() {
    const { dpi, paper, marginMm } = this.#settings
    const [widthMm, heightMm] = paperSizes[paper]
    const points = (mm: number) => (mm * pointsPerInch) / mmPerInch
    return {
      dpi,
      paper: { width: points(widthMm), height: points(heightMm) },
      margin: { left: points(marginMm), top: points(marginMm) },
    }
  }
}

function fileDraft(base64: string, format: string, copies: number, path: string) {
  const data = decodeBase64(base64, path)
  return { bytes: data.length, copies, content: { kind: 'file', format, data, path } } as const
}

/** Readers take the header anywhere in the first kilobyte (ISO 32000-1, annex H). */
function isPdf(data: Uint8Array): boolean {
  return String.fromCharCode(...data.subarray(0, 1_024)).includes('%PDF-')
}

function refuseDrawer(payload: PrintPayload): void {
  if (payload.openDrawer === true) throw unsupported('payload.openDrawer', 'it has no drawer')
}
