/** Draws barcodes by bwip-js for printers that have no command for them. Bars and modules only, without text. */
import { errorText, HubError } from '../../protocol/errors.ts'
import type { Symbology } from '../../protocol/receipt.ts'
import { type Bitmap, createBitmap, fillBlack } from './bitmap.ts'

export interface BarcodeRequest {
  readonly symbology: Symbology | 'qr' | 'pdf417'
  readonly data: string
  /** Dots of one module. */
  readonly module: number
  /** Height of the bars in dots; for QR and PDF417 the symbol's own. */
  readonly height: number
  /** QR: L, M, Q or H. PDF417: the level 0 to 8. */
  readonly errorCorrection?: string
  /** Field path of the data, for errors. */
  readonly path: string
}

const namesOfBwip: Readonly<Record<BarcodeRequest['symbology'], string>> = {
  ean13: 'ean13',
  ean8: 'ean8',
  upca: 'upca',
  upce: 'upce',
  code39: 'code39',
  code128: 'code128',
  itf: 'interleaved2of5',
  'gs1-128': 'gs1-128',
  qr: 'qrcode',
  pdf417: 'pdf417',
}

/** PDF417 rows are three modules high (ISO/IEC 15438 recommends at least that). */
const pdf417RowModules = 3

/** What bwip-js answers for matrix codes and for bars. */
interface Drawn {
  readonly pixs?: readonly number[]
  /** Modules of a row of `pixs`. */
  readonly pixx?: number
  /** Widths of bars and spaces in turn, a bar first. */
  readonly sbs?: readonly number[]
}

/** Throws HubError `barcode_invalid` when the symbology cannot hold the data. */
export async function drawBarcode(request: BarcodeRequest): Promise<Bitmap> {
  const { default: bwip } = await import('bwip-js/node')
  let drawn: Drawn | undefined
  try {
    const stack = bwip.raw({
      bcid: namesOfBwip[request.symbology],
      text:
        request.symbology === 'qr' || request.symbology === 'pdf417'
          ? utf8AsBytes(request.data)
          : request.data,
      ...(request.symbology === 'qr' ? { binarytext: true, eclevel: request.errorCorrection ?? 'M' } : {}),
      ...(request.symbology === 'pdf417'
        ? { binarytext: true, eclevel: request.errorCorrection ?? '2' }
        : {}),
    } as unknown as Parameters<typeof bwip.raw>[0])
    drawn = (stack as unknown as Drawn[])[0]
  } catch (error) {
    const { path, symbology } = request
    throw new HubError('barcode_invalid', { path, symbology, reason: errorText(error) }, error)
  }
  if (drawn?.pixs !== undefined) return modulesOf(drawn, request)
  return barsOf(drawn?.sbs ?? [], request)
}

/** One character a byte, as bwip-js wants binary data. */
function utf8AsBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function modulesOf(drawn: Drawn, request: BarcodeRequest): Bitmap {
  const { pixs = [], pixx = 0 } = drawn
  const high = request.module * (request.symbology === 'pdf417' ? pdf417RowModules : 1)
  // Not its pixy: of PDF417 that counts rows as they are to be drawn, not those in pixs.
  const bitmap = createBitmap(pixx * request.module, Math.floor(pixs.length / Math.max(1, pixx)) * high)
  for (let index = 0; index < pixs.length; index++) {
    if (pixs[index] !== 1) continue
    fillBlack(bitmap, (index % pixx) * request.module, Math.floor(index / pixx) * high, request.module, high)
  }
  return bitmap
}

function barsOf(widths: readonly number[], request: BarcodeRequest): Bitmap {
  const modules = widths.reduce((sum, width) => sum + width, 0)
  const bitmap = createBitmap(modules * request.module, request.height)
  let x = 0
  for (const [index, width] of widths.entries()) {
    const dots = width * request.module
    if (index % 2 === 0) fillBlack(bitmap, x, 0, dots, request.height)
    x += dots
  }
  return bitmap
}
