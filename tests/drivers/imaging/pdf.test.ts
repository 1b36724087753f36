/** Bitmap pages as PDF and as PWG raster, read by other programs and by the letter of the format. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { expect, it } from 'vitest'
import { drawBarcode } from '../../../src/drivers/imaging/barcode.ts'
import { type Bitmap, createBitmap, fillBlack, isBlack, paste } from '../../../src/drivers/imaging/bitmap.ts'
import { type PdfOptions, packPages, pdfOf, unpackPage } from '../../../src/drivers/imaging/pdf.ts'
import { pwgRasterOf } from '../../../src/drivers/imaging/pwg-raster.ts'
import { codesIn } from '../labels/support.ts'

const drawn = async (pages: Bitmap[], options: PdfOptions) => pdfOf(await packPages(pages), options)

/** The pages of a PDF as PNG files, by poppler (Debian `poppler-utils`). */
function rasterised(pdf: Uint8Array, dpi: number): Buffer[] {
  const folder = mkdtempSync(join(tmpdir(), 'pdf-'))
  try {
    writeFileSync(join(folder, 'file.pdf'), pdf)
    execFileSync('pdftoppm', ['-r', String(dpi), '-png', join(folder, 'file.pdf'), join(folder, 'page')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const pages = readdirSync(folder).filter((name) => name.endsWith('.png'))
    return pages.sort().map((name) => readFileSync(join(folder, name)))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

it('[IMG20] poppler draws the pages dot by dot, and zbar reads what is on them', async () => {
  const page = createBitmap(800, 600)
  const request = { symbology: 'qr', data: 'page one', module: 8, height: 0, path: 'p' } as const
  paste(page, await drawBarcode(request), 80, 80)
  const second = createBitmap(400, 300)
  fillBlack(second, 100, 50, 37, 11)
  const [one, two, ...more] = rasterised(await drawn([page, second], { dpi: 200 }), 200)
  expect(more).toEqual([])
  expect(codesIn(one!)).toEqual(['QR-Code:page one'])
  const png = PNG.sync.read(two!)
  expect([png.width, png.height]).toEqual([400, 300])
  let wrong = 0
  for (let y = 0; y < 300; y++) {
    for (let x = 0; x < 400; x++) if (png.data[(y * 400 + x) * 4]! < 128 !== isBlack(second, x, y)) wrong++
  }
  expect(wrong).toBe(0)
})

it('[IMG20] paper and margins are as asked for', async () => {
  const page = createBitmap(100, 100)
  fillBlack(page, 0, 0, 100, 100)
  const options = { dpi: 72, paper: { width: 300, height: 400 }, margin: { left: 20, top: 30 } }
  const [sheet] = rasterised(await drawn([page], options), 72)
  const png = PNG.sync.read(sheet!)
  expect([png.width, png.height]).toEqual([300, 400])
  const at = (x: number, y: number) => png.data[(y * 300 + x) * 4]
  expect([at(19, 60), at(21, 60), at(118, 60), at(121, 60)]).toEqual([255, 0, 0, 255])
  expect([at(60, 29), at(60, 31), at(60, 128), at(60, 131)]).toEqual([255, 0, 0, 255])
})

it('[IMG20] every object is where the table says, and the same pages give the same bytes', async () => {
  const pages = [createBitmap(9, 3), createBitmap(17, 5)]
  const pdf = await drawn(pages, { dpi: 203 })
  expect(await drawn(pages, { dpi: 203 })).toEqual(pdf)
  const text = Buffer.from(pdf).toString('latin1')
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)![1])
  const entries = [...text.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset))
  expect(entries).toHaveLength(2 + 3 * pages.length)
  for (const [index, offset] of entries.entries())
    expect(text.slice(offset)).toMatch(new RegExp(`^${index + 1} 0 obj\n`))
})

it('[IMG20] copies come in sets and share what they show; a page that waits comes back as it was', async () => {
  const [first, second] = [createBitmap(40, 40), createBitmap(40, 40)]
  fillBlack(first, 0, 0, 40, 20)
  const packed = await packPages([first, second])
  expect(packed.map(unpackPage)).toEqual([first, second])
  const once = pdfOf(packed, { dpi: 72 })
  const thrice = pdfOf(packed, { dpi: 72, copies: 3 })
  const dark = rasterised(thrice, 72).map((png) => PNG.sync.read(png).data[0]! < 128)
  expect(dark).toEqual([true, false, true, false, true, false])
  expect(
    Buffer.from(thrice)
      .toString('latin1')
      .match(/\/Subtype \/Image/g),
  ).toHaveLength(2)
  expect(thrice.length - once.length).toBeLessThan(1_000)
})

/** PWG raster by the letter of PWG 5102.4: repeats of rows, runs of equal and of different bytes. */
function readPwg(file: Uint8Array): { width: number; height: number; grey: Uint8Array }[] {
  expect(Buffer.from(file.subarray(0, 4)).toString()).toBe('RaS2')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const pages: { width: number; height: number; grey: Uint8Array }[] = []
  let at = 4
  while (at < file.length) {
    expect(Buffer.from(file.subarray(at, at + 10)).toString()).toBe('PwgRaster\0')
    const number = (offset: number) => view.getUint32(at + offset)
    const [width, height] = [number(372), number(376)]
    expect([number(384), number(388), number(392), number(400), number(420)]).toEqual([8, 8, width, 18, 1])
    at += 1_796
    const grey = new Uint8Array(width * height)
    for (let row = 0; row < height; ) {
      const repeats = file[at++]! + 1
      const line = new Uint8Array(width)
      for (let x = 0; x < width; ) {
        const count = file[at++]!
        if (count <= 127) {
          line.fill(file[at++]!, x, x + count + 1)
          x += count + 1
        } else {
          line.set(file.subarray(at, at + 257 - count), x)
          at += 257 - count
          x += 257 - count
        }
      }
      for (let repeat = 0; repeat < repeats; repeat++, row++) grey.set(line, row * width)
    }
    pages.push({ width, height, grey })
  }
  return pages
}

const bitmaps = fc
  .record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 40 }) })
  .chain(({ width, height }) =>
    fc
      .array(
        fc.tuple(fc.nat(69), fc.nat(39), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })),
        {
          maxLength: 5,
        },
      )
      .map((boxes): Bitmap => {
        const bitmap = createBitmap(width, height)
        for (const [x, y, w, h] of boxes) fillBlack(bitmap, x, y, w, h)
        return bitmap
      }),
  )

it('[IMG21] PWG raster holds each dot in its place on the paper', () => {
  fc.assert(
    fc.property(
      fc.array(bitmaps, { minLength: 1, maxLength: 3 }),
      fc.nat(20),
      fc.nat(300),
      (pages, left, top) => {
        const paper = { width: 100, height: 345 }
        const options = { dpi: 72, paper, margin: { left, top }, paperName: 'iso_a4_210x297mm' }
        const read = readPwg(pwgRasterOf(pages, options))
        expect(read).toHaveLength(pages.length)
        for (const [index, { width, height, grey }] of read.entries()) {
          expect([width, height]).toEqual([100, 345])
          let wrong = 0
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++)
              if ((grey[y * width + x] === 0) !== isBlack(pages[index]!, x - left, y - top)) wrong++
          }
          expect(wrong).toBe(0)
        }
      },
    ),
    { numRuns: 40 },
  )
})
