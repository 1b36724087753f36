/** Pictures as other programs read them, and the imaging that draws them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll } from 'vitest'
import { type Bitmap, isBlack, pad } from '../../../src/drivers/imaging/bitmap.ts'
import { Imaging } from '../../../src/drivers/imaging/imaging.ts'
import type { Receipt } from '../../../src/protocol/receipt.ts'
import { TestClock } from '../../support/clock.ts'

/** One imaging for the tests of a file; its worker is warm before a test's clock runs. */
export function sharedImaging(): Imaging {
  const imaging = new Imaging({ clock: new TestClock() })
  const line = {
    runs: [{ text: 'warm', column: 0 }],
    widthDots: 100,
    cellWidth: 12,
    cellHeight: 24,
    lineHeight: 30,
    size: 1,
    offset: 0,
    path: 'p',
  }
  beforeAll(async () => void (await imaging.drawText([line])))
  afterAll(() => imaging.stop())
  return imaging
}

export function pngOf(bitmap: Bitmap): Buffer {
  const png = new PNG({ width: bitmap.width, height: bitmap.height })
  for (let y = 0; y < bitmap.height; y++) {
    for (let x = 0; x < bitmap.width; x++) {
      const level = isBlack(bitmap, x, y) ? 0 : 255
      png.data.set([level, level, level, 255], (y * bitmap.width + x) * 4)
    }
  }
  return PNG.sync.write(png)
}

/** Codes that zbar (Debian `zbar-tools`) reads in a picture, as `TYPE:data`, sorted. */
export function codesIn(png: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'codes-'))
  try {
    const file = join(folder, 'picture.png')
    writeFileSync(file, png)
    const read = execFileSync('zbarimg', ['-q', file], { stdio: ['ignore', 'pipe', 'ignore'] })
    return read.toString().trim().split('\n').sort()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The same of a bitmap, with white around it. */
export const codesOn = (bitmap: Bitmap): string[] =>
  codesIn(pngOf(pad(bitmap, { left: 40, right: 40, top: 40, bottom: 40 })))

export function ink(bitmap: Bitmap): number {
  let dots = 0
  for (const byte of bitmap.data) for (let left = byte; left !== 0; left &= left - 1) dots += 1
  return dots
}

/** Rows and columns of the black dots. */
export function inkBox(bitmap: Bitmap): { left: number; right: number; top: number; bottom: number } {
  const box = { left: bitmap.width, right: -1, top: bitmap.height, bottom: -1 }
  for (let y = 0; y < bitmap.height; y++) {
    for (let x = 0; x < bitmap.width; x++) {
      if (!isBlack(bitmap, x, y)) continue
      box.left = Math.min(box.left, x)
      box.right = Math.max(box.right, x)
      box.top = Math.min(box.top, y)
      box.bottom = y
    }
  }
  return box
}

/** A black square, or what `isDark` makes of it, as base64 PNG. */
export function squarePng(
  width: number,
  height: number,
  isDark: (x: number, y: number) => boolean = () => true,
): string {
  const png = new PNG({ width, height })
  for (let at = 0; at < width * height; at++) {
    const level = isDark(at % width, Math.floor(at / width)) ? 0 : 255
    png.data.set([level, level, level, 255], at * 4)
  }
  return PNG.sync.write(png).toString('base64')
}

export const ean = '4006381333931'
export const url = 'https://example.com/r/1'

/** A receipt with every kind of block. */
export const everything: Receipt = {
  blocks: [
    { type: 'image', png: squarePng(40, 20), align: 'center' },
    { type: 'text', text: 'Café Žižkov 日本', align: 'center', bold: true, size: 2 },
    { type: 'text', text: 'small underlined', small: true, underline: true },
    { type: 'text', text: 'inverted', invert: true, align: 'right' },
    {
      type: 'row',
      columns: [
        { text: '2 x Espresso', flex: 1 },
        { text: '5.00 €', align: 'right', width: 10 },
      ],
    },
    { type: 'rule' },
    { type: 'rule', style: 'double' },
    { type: 'rule', style: 'dashed' },
    { type: 'barcode', symbology: 'ean13', data: ean, align: 'center' },
    { type: 'qr', data: url, align: 'center' },
    { type: 'pdf417', data: 'PDF417', align: 'center' },
    { type: 'feed', lines: 2 },
    { type: 'pulse' },
    { type: 'buzzer' },
    { type: 'cut' },
  ],
}
