/** Dots: the ditherer against Floyd and Steinberg written plainly, scaling, and bitmaps cut, padded and stacked. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as bitmaps from '../../../src/drivers/imaging/bitmap.ts'
import { dither, ditherRgba, scaleToWidth } from '../../../src/drivers/imaging/dither.ts'
import { printedWidth } from '../../../src/drivers/imaging/dither-file.ts'
import { type Grey, luma, overWhite } from '../../../src/drivers/imaging/grey.ts'

const picture = (width: number, height: number, level: (x: number, y: number) => number): Grey => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, index) =>
    level(index % width, Math.floor(index / width)),
  ),
})

const dots = (bitmap: bitmaps.Bitmap): string[] =>
  Array.from({ length: bitmap.height }, (_, y) =>
    Array.from({ length: bitmap.width }, (_, x) => (bitmaps.isBlack(bitmap, x, y) ? '#' : '.')).join(''),
  )

/** As the paper of 1976 has it: each error goes to four neighbours at once, kept in sixteenths. */
function plainly(grey: Grey): string[] {
  const { width, height } = grey
  const errors = Array.from({ length: height + 1 }, () => new Array<number>(width + 2).fill(0))
  return Array.from({ length: height }, (_, y) => {
    let row = ''
    for (let x = 0; x < width; x++) {
      const level = grey.data[y * width + x]! + Math.floor((errors[y]![x + 1]! + 8) / 16)
      const error = level - (level > 127 ? 255 : 0)
      row += level > 127 ? '.' : '#'
      errors[y]![x + 2]! += 7 * error
      errors[y + 1]![x]! += 3 * error
      errors[y + 1]![x + 1]! += 5 * error
      errors[y + 1]![x + 2]! += error
    }
    return row
  })
}

const anyGrey = fc
  .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }))
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: width * height, maxLength: width * height })
      .map((data): Grey => ({ width, height, data })),
  )

describe('[IMG6] dithering', () => {
  it('is Floyd–Steinberg, dot for dot', () => {
    fc.assert(
      fc.property(anyGrey, (grey) => {
        expect(dots(dither(grey))).toEqual(plainly(grey))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the mean of a grey', () => {
    for (const level of [0, 32, 64, 127, 128, 200, 255]) {
      const black = dots(dither(picture(64, 64, () => level)))
        .join('')
        .replaceAll('.', '').length
      expect(Math.abs(black / 4_096 - (255 - level) / 255)).toBeLessThan(0.02)
    }
  })

  it('RGBA is dithered as the grey that it is, transparent as white', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4 * 30, maxLength: 4 * 30 }), (rgba) => {
        const grey = picture(10, 3, (x, y) => {
          const at = (y * 10 + x) * 4
          return overWhite(luma(rgba[at]!, rgba[at + 1]!, rgba[at + 2]!), rgba[at + 3]!)
        })
        expect(dots(ditherRgba(rgba, 10, 3))).toEqual(dots(dither(grey)))
        // At an address that is not a multiple of four too.
        const moved = new Uint8Array(121)
        moved.set(rgba, 1)
        expect(dots(ditherRgba(moved.subarray(1), 10, 3))).toEqual(dots(dither(grey)))
      }),
    )
  })

  it('threshold: above 127 is white', () => {
    expect(
      dots(
        dither(
          picture(9, 1, (x) => 124 + x),
          'threshold',
        ),
      ),
    ).toEqual(['####.....'])
  })

  it('bits past the width are white', () => {
    for (const width of [1, 7, 8, 9, 15]) {
      const { data, rowBytes } = dither(picture(width, 1, () => 0))
      expect(data[rowBytes - 1]).toBe((0xff << ((8 - (width & 7)) & 7)) & 0xff)
    }
  })
})

describe('[IMG7] scaling', () => {
  it('a pixel is the mean of the area it covers', () => {
    expect([
      ...scaleToWidth(
        picture(4, 2, (x) => (x < 2 ? 0 : 200)),
        2,
      ).data,
    ]).toEqual([0, 200])
    expect([
      ...scaleToWidth(
        picture(4, 4, (x, y) => (x + y) * 10),
        2,
      ).data,
    ]).toEqual([10, 30, 30, 50])
    // 3 to 2: the pixel in the middle is shared.
    expect([
      ...scaleToWidth(
        picture(3, 3, (x) => x * 100),
        2,
      ).data,
    ]).toEqual([33, 167, 33, 167])
  })

  it('widening repeats pixels, blending where they do not meet', () => {
    const { data, height } = scaleToWidth(
      picture(2, 1, (x) => x * 200),
      4,
    )
    expect([height, [...data]]).toEqual([2, [0, 0, 200, 200, 0, 0, 200, 200]])
    expect(
      [
        ...scaleToWidth(
          picture(2, 2, (x) => x * 200),
          3,
        ).data,
      ].slice(0, 3),
    ).toEqual([0, 100, 200])
  })

  it('keeps the mean of the whole, the range and the proportions', () => {
    fc.assert(
      fc.property(anyGrey, fc.integer({ min: 1, max: 60 }), (grey, width) => {
        const scaled = scaleToWidth(grey, width)
        expect(scaled.height).toBe(Math.max(1, Math.round((grey.height * width) / grey.width)))
        const mean = (of: Grey) => of.data.reduce((sum, level) => sum + level, 0) / of.data.length
        expect(Math.abs(mean(scaled) - mean(grey))).toBeLessThan(1)
        expect(Math.min(...scaled.data)).toBeGreaterThanOrEqual(Math.min(...grey.data))
        expect(Math.max(...scaled.data)).toBeLessThanOrEqual(Math.max(...grey.data))
      }),
      { numRuns: 300 },
    )
  })

  it('[IMG16] a print is at most 16,000 rows long', () => {
    const options = { widthDots: 576, path: 'p' }
    expect(printedWidth({ format: 'png', width: 8, height: 16_000 }, options)).toBe(8)
    expect(() => printedWidth({ format: 'png', width: 8, height: 16_001 }, options)).toThrow(
      expect.objectContaining({ code: 'image_invalid' }),
    )
    expect(() =>
      printedWidth({ format: 'png', width: 8, height: 1_000 }, { ...options, width: 576 }),
    ).toThrow()
  })
})

describe('[IMG18] bitmaps', () => {
  const ring = (width: number, height: number): bitmaps.Bitmap => {
    const bitmap = bitmaps.createBitmap(width, height)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (x === 0 || y === 0 || x === width - 1 || y === height - 1) bitmaps.fillBlack(bitmap, x, y, 1, 1)
      }
    }
    return bitmap
  }

  it('paste puts every dot in its place and cuts what does not fit', () => {
    for (let x = 0; x < 18; x++) {
      const target = bitmaps.createBitmap(23, 5)
      bitmaps.paste(target, ring(9, 3), x, 1)
      for (let column = 0; column < 23; column++) {
        const top = column >= x && column < x + 9
        expect(bitmaps.isBlack(target, column, 1)).toBe(top)
        expect(bitmaps.isBlack(target, column, 2)).toBe(column === x || column === x + 8)
      }
      expect(target.data[target.rowBytes * 2 - 1]! & 1).toBe(0)
    }
  })

  it('bands share memory and lose no row', () => {
    const whole = ring(9, 10)
    const parts = bitmaps.bands(whole, 4)
    expect(parts.map(({ height }) => height)).toEqual([4, 4, 2])
    expect(parts.flatMap(dots)).toEqual(dots(whole))
    expect(parts[1]!.data.buffer).toBe(whole.data.buffer)
  })

  it('stack, pad, align, trim', () => {
    expect(dots(bitmaps.stack([ring(3, 1), ring(5, 1)]))).toEqual(['###..', '#####'])
    expect(dots(bitmaps.pad(ring(1, 1), { left: 2, top: 1, right: 1, bottom: 1 }))).toEqual([
      '....',
      '..#.',
      '....',
    ])
    expect(dots(bitmaps.alignOnPaper(ring(3, 1), 8, 'center'))).toEqual(['..###'])
    expect(dots(bitmaps.alignOnPaper(ring(3, 1), 8, 'right'))).toEqual(['.....###'])
    expect(bitmaps.alignOnPaper(ring(9, 1), 8, 'right').width).toBe(9)
    const trimmed = bitmaps.trimRight(bitmaps.pad(ring(3, 2), { right: 40 }))
    expect([trimmed.width, dots(trimmed)]).toEqual([8, ['###.....', '###.....']])
    expect(bitmaps.trimRight(bitmaps.createBitmap(80, 2)).rowBytes).toBe(1)
  })
})
