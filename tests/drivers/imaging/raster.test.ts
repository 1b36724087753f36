/** Ready dots: taken as they are by printers of every kind, with nothing beyond their width. */
import { describe, expect, it } from 'vitest'
import { isBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { readRaster } from '../../../src/drivers/imaging/raster.ts'
import { ReceiptPicture } from '../../../src/drivers/printers/common/receipt-picture.ts'
import { codeOf } from '../../support/hub-bench.ts'
import { sharedImaging } from '../labels/support.ts'
import { bodyHex } from '../star/bench.ts'

const imaging = sharedImaging()
const raster = (width: number, height: number, bytes: number[]) =>
  ({ type: 'raster', width, height, bits: Buffer.from(bytes).toString('base64') }) as const

describe('ready dots', () => {
  it('[EP8] bits beyond the width are nobody’s dots', () => {
    expect([...readRaster(raster(9, 2, [0xff, 0xff, 0x00, 0x7f]), 'p').data]).toEqual([
      0xff, 0x80, 0x00, 0x00,
    ])
  })

  it('[EP8] a byte more or less than the size tells is refused', async () => {
    const read = (bytes: number[]) =>
      codeOf(Promise.resolve().then(() => readRaster(raster(9, 2, bytes), 'p')))
    expect(await read([1, 2, 3, 4])).toBe('no error')
    expect(await read([1, 2, 3])).toBe('image_invalid')
    expect(await read([1, 2, 3, 4, 5])).toBe('image_invalid')
  })

  it('[EP8] labels and pages carry them dot by dot; wider than the paper they are scaled down', async () => {
    const bytes = Array.from({ length: 72 * 5 }, (_, index) => (index * 73) & 0xff)
    const block = raster(576, 5, bytes)
    const draw = (widthDots: number) =>
      new ReceiptPicture(imaging, { widthDots, columns: 48 }).draw({ receipt: { blocks: [block] } })
    const [page] = await draw(576)
    let wrong = 0
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 576; x++)
        if (isBlack(page!, x, y) !== (((bytes[y * 72 + (x >> 3)]! >> (7 - (x & 7))) & 1) === 1)) wrong++
    expect(wrong).toBe(0)
    const [narrow] = await draw(384)
    expect([narrow!.width, narrow!.height]).toEqual([384, 3])
  })

  it('[EP8] Star printers get the rows as they came', () => {
    expect(bodyHex([raster(16, 3, [0xa5, 0x81, 0x00, 0x3c, 0xff, 0x01])])).toContain('a5')
    expect(bodyHex([raster(16, 1, [0xa5, 0x81])])).not.toBe(bodyHex([raster(16, 1, [0xa5, 0x80])]))
  })
})
