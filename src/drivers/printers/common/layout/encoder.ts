/** What a print job's payload is in a printer's bytes: the pure half of a driver of receipt printers. */

import { HubError } from '../../../../protocol/errors.ts'
import type { PrintPayload } from '../../../../protocol/job.ts'
import type { Receipt } from '../../../../protocol/receipt.ts'
import { decodeBase64 } from '../../../imaging/base64.ts'
import type { Bitmap } from '../../../imaging/bitmap.ts'
import { stack } from '../../../imaging/bitmap.ts'
import { type Imaging, imagingLimits } from '../../../imaging/imaging.ts'
import { type TextLine, textLimits } from '../../../imaging/text.ts'
import { Bytes } from './bytes.ts'
import { Emitter, type Gap, plainStyle } from './emitter.ts'
import type { LayoutSettings, ReceiptLanguage } from './language.ts'
import { ReceiptEncoder, unsupported } from './receipt.ts'

export interface EncodedPrint {
  /** What to send for each copy, in order. Copies that are the same share their memory. */
  readonly copies: readonly Uint8Array[]
  /** All copies together. */
  readonly bytes: number
  /** Characters that had to be drawn because no code page of the printer spells them. */
  readonly substituted: readonly string[]
  /** Cut commands in one copy. A raw payload's own commands are not looked into. */
  readonly cuts: number
  /** How long the paper of one copy takes on a slow printer, in ms. For raw bytes a guess from what looks like lines and cuts. */
  readonly paperMs: number
  /** Questions that raw bytes may hold: their answers look like those to ours. */
  readonly questions: number
  /** Drawer pulses in the whole job: they go out with the first copy only. */
  readonly pulses: number
}

export const codecLimits = {
  /** Bytes of one copy: the largest receipt of text there can be, with room; more than 25 m of pictures on 80 mm paper. */
  copyBytesMax: 16 * 1024 * 1024,
} as const

/** A slow printer: 50 mm a second at 203 dpi, and a blade that takes its time. */
const paperDotsPerSecond = 400
const cutMs = 1_500

/** Tab stops of plain text, in cells. */
const tabCells = 8

/** Control characters of plain text that mean nothing on paper; line breaks, form feeds and tabs do. */
const strayControl = /[\x00-\x08\x0b\x0e-\x1f\x7f]/

export class PrintEncoder {
  readonly #settings: LayoutSettings
  readonly #language: ReceiptLanguage
  readonly #imaging: Imaging
  #emitter: Emitter | undefined
  #receipts: ReceiptEncoder | undefined

  constructor(settings: LayoutSettings, language: ReceiptLanguage, imaging: Imaging) {
    this.#settings = settings
    this.#language = language
    this.#imaging = imaging
  }

  /**
   * Encodes a payload, at once unless something has to be drawn or a large picture dithered. `path` prefixes the field
   * paths of errors. Throws, or rejects with, HubError `barcode_invalid`, `image_invalid`, `image_too_large`,
   * `base64_invalid`, `payload_unsupported`, `text_unprintable`, `params_invalid`.
   */
  prepare(payload: PrintPayload, path = 'payload'): EncodedPrint | Promise<EncodedPrint> {
    if (payload.pdf !== undefined) throw unsupported(`${path}.pdf`, 'PDF is for page printers')
    // Tables of 150 to 300 KB, made when the first job comes.
    this.#emitter ??= new Emitter(this.#settings, this.#language)
    this.#receipts ??= new ReceiptEncoder(this.#settings, this.#language, this.#imaging, this.#emitter)
    const emitter = this.#emitter
    const receipts = this.#receipts
    if (payload.raw !== undefined) emitter.beginRaw()
    else emitter.begin()
    receipts.begin()
    try {
      if (payload.openDrawer === true) receipts.pulse(1, `${path}.openDrawer`)
      this.#content(payload, path, emitter, receipts)
      return this.#finish(emitter, payload)
    } catch (error) {
      disown(emitter.gaps)
      throw error
    } finally {
      // Pictures are large, and of this job only.
      receipts.begin()
    }
  }

  #content(payload: PrintPayload, path: string, emitter: Emitter, receipts: ReceiptEncoder): void {
    if (payload.receipt !== undefined) {
      this.#receipt(payload.receipt, payload.cut, `${path}.receipt`, emitter, receipts)
    } else if (payload.text !== undefined) {
      receipts.text(plainText(payload.text, `${path}.text`), plainStyle, 'left', `${path}.text`)
      emitter.end()
      if (payload.cut ?? true) emitter.cut(undefined)
    } else if (payload.image !== undefined) {
      const bytes = decodeBase64(payload.image, `${path}.image`)
      const options = { widthDots: this.#settings.widthDots, path: `${path}.image` }
      emitter.picture(this.#imaging.dither(bytes, options), 'center')
      if (payload.cut ?? true) emitter.cut(undefined)
    } else if (payload.raw !== undefined) {
      this.#raw(decodeBase64(payload.raw, `${path}.raw`), payload.pictures ?? [], path, emitter)
      if (payload.cut === true) emitter.cut(undefined)
    } else {
      throw new HubError('params_invalid', { path, reason: 'has nothing to print' })
    }
  }

  /** Bytes of another program with pictures between: these stand where the commands before them have put the line. */
  #raw(
    bytes: Uint8Array,
    pictures: NonNullable<PrintPayload['pictures']>,
    path: string,
    emitter: Emitter,
  ): void {
    const { widthDots } = this.#settings
    const budget = { left: imagingLimits.jobPixelsMax }
    let done = 0
    for (const [index, { at, image, dither: mode }] of pictures.entries()) {
      if (at > bytes.length)
        throw new HubError('params_invalid', {
          path: `${path}.pictures.${index}.at`,
          reason: `lies behind the ${bytes.length} raw bytes`,
        })
      const where = `${path}.pictures.${index}.image`
      emitter.out.append(bytes.subarray(done, at))
      emitter.picture(
        this.#imaging.dither(decodeBase64(image, where), { widthDots, mode, path: where }, budget),
        'left',
      )
      done = at
    }
    emitter.out.append(bytes.subarray(done))
  }

  /** `cut` true: at the end, unless the receipt ends so; false: nowhere; undefined: where its blocks say. */
  #receipt(
    receipt: Receipt,
    cut: boolean | undefined,
    path: string,
    emitter: Emitter,
    receipts: ReceiptEncoder,
  ): void {
    const { blocks } = receipt
    for (let index = 0; index < blocks.length; index++) {
      const block = blocks[index]!
      if (block.type === 'cut' && cut === false) continue
      receipts.block(block, path, index)
      checkLength(emitter.out.length)
    }
    emitter.end()
    if (cut === true && !endsInCut(receipt)) emitter.cut(undefined)
  }

  #finish(emitter: Emitter, payload: PrintPayload): EncodedPrint | Promise<EncodedPrint> {
    const { copies = 1, raw } = payload
    const { gaps, cuts } = emitter
    const substituted = [...emitter.substituted]
    const main = emitter.out.slice()
    const pulses = gaps.filter((gap) => gap.kind === 'pulse').length
    const seen =
      raw === undefined ? { questions: 0, cuts, paperDots: emitter.paperDots } : this.#language.survey(main)
    // The first cut is part of any job's time.
    const paperMs = (seen.paperDots / paperDotsPerSecond) * 1_000 + Math.max(0, seen.cuts - 1) * cutMs
    const facts = { substituted, cuts, pulses, paperMs, questions: seen.questions }
    if (gaps.length === 0) return { copies: Array(copies).fill(main), bytes: main.length * copies, ...facts }
    const assemble = (bitmaps: ReadonlyMap<Gap, Bitmap>): EncodedPrint => {
      const first = this.#assemble(main, gaps, bitmaps, true)
      const other = pulses > 0 && copies > 1 ? this.#assemble(main, gaps, bitmaps, false) : first
      const bytes = first.length + other.length * (copies - 1)
      return { copies: [first, ...Array(copies - 1).fill(other)], bytes, ...facts }
    }
    if (pulses === gaps.length) return assemble(new Map())
    return this.#draw(gaps).then(assemble)
  }

  /** All lines in one request to the worker; pictures are under way already. */
  async #draw(gaps: readonly Gap[]): Promise<Map<Gap, Bitmap>> {
    const drawn = gaps.filter((gap) => gap.kind === 'drawn')
    const pictures = gaps.filter((gap) => gap.kind === 'bitmap')
    const lines: TextLine[] = drawn.map((gap) => gap.line)
    if (lines.length > textLimits.linesMax) {
      disown(gaps)
      throw new HubError('receipt_too_long', {
        max: textLimits.linesMax,
        what: 'lines that have to be drawn',
      })
    }
    const [texts, bitmaps] = await Promise.all([
      lines.length === 0 ? [] : this.#imaging.drawText(lines),
      Promise.all(pictures.map((gap) => gap.bitmap)),
    ])
    checkLength([...texts, ...bitmaps].reduce((sum, { data }) => sum + data.length, 0))
    const known = new Map<Gap, Bitmap>()
    for (const [index, gap] of drawn.entries()) known.set(gap, texts[index]!)
    for (const [index, gap] of pictures.entries()) known.set(gap, bitmaps[index]!)
    return known
  }

  #assemble(
    main: Uint8Array,
    gaps: readonly Gap[],
    bitmaps: ReadonlyMap<Gap, Bitmap>,
    first: boolean,
  ): Uint8Array {
    const out = new Bytes()
    let written = 0
    for (let index = 0; index < gaps.length; index++) {
      const gap = gaps[index]!
      out.append(main.subarray(written, gap.at))
      written = gap.at
      if (gap.kind === 'pulse') {
        if (first) this.#language.pulse(out, gap.drawer)
      } else if (gap.kind === 'bitmap') {
        this.#emitter!.bitmap(bitmaps.get(gap)!, gap.align, out)
      } else {
        // Lines that follow each other become one picture: fewer commands, and no seams between them.
        const together = [bitmaps.get(gap)!]
        for (
          let next = gaps[index + 1];
          next?.kind === 'drawn' && next.at === gap.at;
          next = gaps[index + 1]
        ) {
          together.push(bitmaps.get(next)!)
          index += 1
        }
        this.#emitter!.bitmap(stack(together), 'left', out)
      }
    }
    out.append(main.subarray(written))
    return out.slice()
  }
}

function checkLength(bytes: number): void {
  if (bytes <= codecLimits.copyBytesMax) return
  throw new HubError('receipt_too_long', { max: codecLimits.copyBytesMax, what: 'bytes for the printer' })
}

/** Pictures under way of a job that failed: nobody waits for them, and their own failure is not another error. */
function disown(gaps: readonly Gap[]): void {
  for (const gap of gaps) if (gap.kind === 'bitmap') gap.bitmap.catch(() => {})
}

function endsInCut(receipt: Receipt): boolean {
  return receipt.blocks.findLast((block) => block.type !== 'pulse' && block.type !== 'buzzer')?.type === 'cut'
}

/** Plain text with tabs as spaces and form feeds as line breaks; a last line break does not make an empty line. */
function plainText(text: string, path: string): string {
  if (strayControl.test(text))
    throw new HubError('params_invalid', { path, reason: 'holds a control character' })
  const broken = text.replace(/\r\n|\r|\f/g, '\n').replace(/\n$/, '')
  if (!broken.includes('\t')) return broken
  return broken
    .split('\n')
    .map((line) => line.replace(/([^\t]*)\t/g, (_, before: string) => before.padEnd(nextStop(before.length))))
    .join('\n')
}

function nextStop(cells: number): number {
  return (Math.floor(cells / tabCells) + 1) * tabCells
}
