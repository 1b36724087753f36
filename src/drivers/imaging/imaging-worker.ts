/** The thread that decodes large pictures and draws text and barcodes, so that the hub's own thread never waits. */
import { parentPort } from 'node:worker_threads'
import { type ErrorRecord, toHubError } from '../../protocol/errors.ts'
import { type BarcodeRequest, drawBarcode } from './barcode.ts'
import type { Bitmap } from './bitmap.ts'
import type { JpegDecoder } from './decode-jpeg.ts'
import { ditherRgba } from './dither.ts'
import { type DitherOptions, ditherGrey, ditherPng, printedWidth } from './dither-file.ts'
import { greyOfRgba } from './grey.ts'
import { readImageHeader } from './image-limits.ts'
import { fitRaster } from './raster.ts'
import { type TextLine, TextRaster } from './text.ts'

export type ImagingTask =
  | { kind: 'dither'; bytes: Uint8Array; options: DitherOptions }
  | { kind: 'raster'; bitmap: Bitmap; widthDots: number }
  | { kind: 'text'; lines: readonly TextLine[] }
  | { kind: 'barcode'; request: BarcodeRequest }

export interface ImagingRequest {
  readonly id: number
  readonly task: ImagingTask
}

export type ImagingReply =
  | { readonly id: number; readonly bitmaps: Bitmap[] }
  | { readonly id: number; readonly error: ErrorRecord }

const raster = new TextRaster()
let jpeg: Promise<JpegDecoder> | undefined

async function perform(task: ImagingTask): Promise<Bitmap[]> {
  switch (task.kind) {
    case 'dither':
      return [await ditherFile(task.bytes, task.options)]
    case 'raster':
      return [fitRaster(task.bitmap, task.widthDots)]
    case 'text':
      return raster.draw(task.lines)
    case 'barcode':
      return [await drawBarcode(task.request)]
  }
}

async function ditherFile(bytes: Uint8Array, options: DitherOptions): Promise<Bitmap> {
  const header = readImageHeader(bytes, options.path)
  if (header.format === 'png') return ditherPng(bytes, header, options)
  const width = printedWidth(header, options)
  jpeg ??= import('./decode-jpeg.ts').then(({ JpegDecoder }) => new JpegDecoder())
  const picture = await (await jpeg).decode(bytes, options.path)
  // As wide as it is printed it needs no grey copy of itself.
  if (picture.width === width) return ditherRgba(picture.data, width, picture.height, options.mode)
  return ditherGrey(greyOfRgba(picture), width, options.mode)
}

parentPort?.on('message', (request: ImagingRequest) => {
  void answer(request)
})

async function answer({ id, task }: ImagingRequest): Promise<void> {
  try {
    const bitmaps = await perform(task)
    // Moved, not copied: each bitmap has its own memory.
    const moved = [...new Set(bitmaps.map((bitmap) => bitmap.data.buffer))]
    parentPort?.postMessage({ id, bitmaps } satisfies ImagingReply, moved)
  } catch (error) {
    parentPort?.postMessage({ id, error: toHubError(error).toRecord() } satisfies ImagingReply)
  }
}
