/** Pictures for printers: small ones at once, everything else in a worker that is started when first needed. */
import { Worker } from 'node:worker_threads'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { BlockOf } from '../../protocol/receipt.ts'
import type { DriverClock } from '../driver.ts'
import type { BarcodeRequest } from './barcode.ts'
import type { Bitmap } from './bitmap.ts'
import { scaledHeight } from './dither.ts'
import { type DitherOptions, ditherPng, printedWidth } from './dither-file.ts'
import { readImageHeader } from './image-limits.ts'
import type { ImagingReply, ImagingTask } from './imaging-worker.ts'
import { fitRaster, readRaster } from './raster.ts'
import type { TextLine } from './text.ts'

export const imagingLimits = {
  /**
   * Pixels of a PNG, as it comes and as it is printed, up to which it is faster to dither here than to ask the worker: a logo
   * of 576 × 227.
   */
  mainThreadPixelsMax: 131_072,
  /** Pixels of all pictures of one job that are dithered here; the others go to the worker, for their times add up. */
  jobPixelsMax: 524_288,
  /** Tasks under way and waiting. */
  tasksMax: 100,
  /** Longest that one task may take before the worker counts as stuck, in ms. */
  taskMsMax: 60_000,
  /** The worker and its fonts are let go after so long without a task, in ms. */
  idleMsMax: 30_000,
  /** Heap of the worker in MB; pixels live outside of it. */
  workerHeapMbMax: 256,
} as const

/** What one job may still dither on the hub's own thread. */
export interface PixelBudget {
  left: number
}

interface Pending {
  readonly resolve: (bitmaps: Bitmap[]) => void
  readonly reject: (error: HubError) => void
  readonly cancelTimeout: () => void
}

export interface ImagingOptions {
  readonly clock: DriverClock
  /** The worker's file; another one only in tests. */
  readonly worker?: URL
}

export class Imaging {
  readonly #clock: DriverClock
  readonly #workerUrl: URL
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #nextId = 1
  #cancelIdle: (() => void) | undefined

  constructor(options: ImagingOptions) {
    this.#clock = options.clock
    this.#workerUrl = options.worker ?? new URL('./imaging-worker.ts', import.meta.url)
  }

  /**
   * A PNG or JPEG file as the dots of a print. Answers at once for a small PNG within the job's budget, with a promise for all
   * others; everything the header tells is checked before either.
   * Throws HubError `image_invalid`, `image_too_large`.
   */
  dither(bytes: Uint8Array, options: DitherOptions, budget?: PixelBudget): Bitmap | Promise<Bitmap> {
    const header = readImageHeader(bytes, options.path)
    const width = printedWidth(header, options)
    // A picture of a few pixels may be scaled up to metres of paper.
    const pixels = Math.max(header.width * header.height, width * scaledHeight(header, width))
    const most = Math.min(imagingLimits.mainThreadPixelsMax, budget?.left ?? Number.POSITIVE_INFINITY)
    if (header.format === 'png' && pixels <= most) {
      if (budget !== undefined) budget.left -= pixels
      return ditherPng(bytes, header, options)
    }
    return this.#ask({ kind: 'dither', bytes, options }).then((bitmaps) => bitmaps[0]!)
  }

  /**
   * Ready dots for paper of that width. Answers at once unless many of them have to be scaled down. Throws HubError
   * `base64_invalid`, `image_invalid`.
   */
  raster(
    block: BlockOf<'raster'>,
    widthDots: number,
    path: string,
    budget?: PixelBudget,
  ): Bitmap | Promise<Bitmap> {
    const bitmap = readRaster(block, path)
    const pixels = bitmap.width * bitmap.height
    const most = Math.min(imagingLimits.mainThreadPixelsMax, budget?.left ?? Number.POSITIVE_INFINITY)
    if (bitmap.width <= widthDots) return bitmap
    if (pixels <= most) {
      if (budget !== undefined) budget.left -= pixels
      return fitRaster(bitmap, widthDots)
    }
    return this.#ask({ kind: 'raster', bitmap, widthDots }).then((bitmaps) => bitmaps[0]!)
  }

  /** Lines of text, each as a bitmap of the paper's width. Rejects with HubError `text_unprintable`. */
  drawText(lines: readonly TextLine[]): Promise<Bitmap[]> {
    return this.#ask({ kind: 'text', lines })
  }

  /** Rejects with HubError `barcode_invalid`. */
  async drawBarcode(request: BarcodeRequest): Promise<Bitmap> {
    return (await this.#ask({ kind: 'barcode', request }))[0]!
  }

  /** Whether the worker is running. */
  get working(): boolean {
    return this.#worker !== undefined
  }

  /** Ends the worker; what is under way rejects with `stopping`. Safe twice; a later request starts a new worker. */
  async stop(): Promise<void> {
    const worker = this.#worker
    this.#letGo(new HubError('stopping'))
    await worker?.terminate()
  }

  #ask(task: ImagingTask): Promise<Bitmap[]> {
    if (this.#pending.size >= imagingLimits.tasksMax) return Promise.reject(new HubError('rate_limited'))
    const worker = this.#running()
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      const cancelTimeout = this.#clock.after(imagingLimits.taskMsMax, () => {
        this.#fail(worker, `a picture took longer than ${imagingLimits.taskMsMax} ms`)
      })
      this.#pending.set(id, { resolve, reject, cancelTimeout })
      worker.ref()
      worker.postMessage({ id, task })
    })
  }

  #running(): Worker {
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(this.#workerUrl, {
      resourceLimits: { maxOldGenerationSizeMb: imagingLimits.workerHeapMbMax },
    })
    worker.on('message', (reply: ImagingReply) => this.#settle(worker, reply))
    worker.on('error', (error) => this.#fail(worker, errorText(error)))
    worker.on('exit', (code) => this.#fail(worker, `it ended with code ${code}`))
    this.#worker = worker
    return worker
  }

  #settle(worker: Worker, reply: ImagingReply): void {
    const pending = this.#pending.get(reply.id)
    if (worker !== this.#worker || pending === undefined) return
    this.#pending.delete(reply.id)
    pending.cancelTimeout()
    if ('error' in reply) pending.reject(HubError.fromRecord(reply.error))
    else pending.resolve(reply.bitmaps)
    if (this.#pending.size === 0) {
      // An idle worker must not keep the process alive.
      worker.unref()
      this.#cancelIdle = this.#clock.after(imagingLimits.idleMsMax, () => void this.stop())
    }
  }

  /** The worker died or is stuck: what is under way fails, and the next request gets a new one. */
  #fail(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return
    this.#letGo(new HubError('internal', { reason: `the imaging worker stopped: ${reason}` }))
    void worker.terminate()
  }

  #letGo(error: HubError): void {
    this.#worker = undefined
    this.#cancelIdle?.()
    this.#cancelIdle = undefined
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject, cancelTimeout } of pending) {
      cancelTimeout()
      reject(error)
    }
  }
}
