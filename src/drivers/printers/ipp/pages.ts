/** A payload as the document that one printer takes: its own file as it is, everything else drawn and put into pages. */
import { HubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import type { PreparedPrint } from '../../driver.ts'
import { decodeBase64 } from '../../imaging/base64.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { pdfOf } from '../../imaging/pdf.ts'
import { pwgRasterOf } from '../../imaging/pwg-raster.ts'
import { unsupported } from '../common/layout/receipt.ts'
import { ReceiptPicture } from '../common/receipt-picture.ts'
import type { PrinterFacts } from './operations.ts'
import { type IppSettings, paperSizes } from './settings.ts'

export interface IppDocument extends PreparedPrint {
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

  /** Throws, or rejects with, what `ReceiptPicture.draw` does, and `payload_unsupported` for what this printer does not take. */
  prepare(payload: PrintPayload, facts: PrinterFacts): IppDocument | Promise<IppDocument> {
    const copies = payload.copies ?? 1
    if (payload.raw !== undefined) return this.#raw(payload.raw, payload, copies, facts)
    if (payload.pdf === undefined) return this.#draw(payload, copies, facts)
    refuseDrawer(payload)
    if (!facts.formats.includes(pdfType)) throw unsupported('payload.pdf', 'it takes no PDF')
    const data = decodeBase64(payload.pdf, 'payload.pdf')
    if (!isPdf(data))
      throw new HubError('params_invalid', { path: 'payload.pdf', reason: 'is not a PDF file' })
    checkCopies(copies, facts)
    return { bytes: data.length, format: pdfType, data, copies, onOurPaper: false }
  }

  #raw(raw: string, payload: PrintPayload, copies: number, facts: PrinterFacts): IppDocument {
    const { rawFormat } = this.#settings
    refuseDrawer(payload)
    if (rawFormat === undefined)
      throw unsupported('payload.raw', 'it has no language of its own here; set rawFormat')
    if (!facts.formats.includes(rawFormat)) throw unsupported('payload.raw', `it takes no ${rawFormat}`)
    checkCopies(copies, facts)
    const data = decodeBase64(raw, 'payload.raw')
    return { bytes: data.length, format: rawFormat, data, copies, onOurPaper: false }
  }

  async #draw(payload: PrintPayload, copies: number, facts: PrinterFacts): Promise<IppDocument> {
    const format = [pdfType, rasterType].find((type) => facts.formats.includes(type))
    if (format === undefined) throw unsupported('payload', 'it takes neither PDF nor PWG raster')
    const pages = await this.#picture.draw(payload)
    const { dpi, paper, marginMm } = this.#settings
    const [widthMm, heightMm] = paperSizes[paper]
    // A printer that makes no copies gets the pages as often.
    const own = facts.copiesMax >= copies
    const all = own ? pages : Array(copies).fill(pages).flat()
    const points = (mm: number) => (mm * pointsPerInch) / mmPerInch
    const sheet = { width: points(widthMm), height: points(heightMm) }
    const margin = { left: points(marginMm), top: points(marginMm) }
    const data =
      format === pdfType
        ? await pdfOf(all, { dpi, paper: sheet, margin })
        : pwgRasterOf(all, { dpi, paper: sheet, margin, paperName: paper })
    return { bytes: data.length, format, data, copies: own ? copies : 1, onOurPaper: true }
  }
}

/** Readers take the header anywhere in the first kilobyte (ISO 32000-1, annex H). */
function isPdf(data: Uint8Array): boolean {
  return String.fromCharCode(...data.subarray(0, 1_024)).includes('%PDF-')
}

function refuseDrawer(payload: PrintPayload): void {
  if (payload.openDrawer === true) throw unsupported('payload.openDrawer', 'it has no drawer')
}

function checkCopies(copies: number, facts: PrinterFacts): void {
  if (copies > facts.copiesMax)
    throw unsupported('payload.copies', `it makes at most ${facts.copiesMax} copies of a document`)
}
