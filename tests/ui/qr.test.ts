/** The QR encoder of the customer display: every version is read by somebody else's reader. */
import fc from 'fast-check'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { encodeQr, type QrCode, qrPath, quietModules } from '../../src/ui/parts/qr.ts'
import { readCodes } from './zbar.ts'

const pixelsPerModule = 3
/** Bytes that the smallest and the largest code of each level hold (ISO/IEC 18004, table 7). */
const bytesMax = { M1: 14, M40: 2_331, L40: 2_953 } as const

function png(code: QrCode): Uint8Array {
  const side = (code.size + 2 * quietModules) * pixelsPerModule
  const image = new PNG({ width: side, height: side })
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const module = (at: number) => Math.floor(at / pixelsPerModule) - quietModules
      image.data.fill(code.dark(module(x), module(y)) ? 0 : 255, (y * side + x) * 4, (y * side + x) * 4 + 3)
      image.data[(y * side + x) * 4 + 3] = 255
    }
  }
  return PNG.sync.write(image)
}

/** `length` letters that do not repeat soon. */
function letters(length: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(97 + ((index * 7 + length) % 26))).join('')
}

function mustEncode(text: string): QrCode {
  const code = encodeQr(text)
  if (code === undefined) throw new Error(`no code for ${text.length} characters`)
  return code
}

describe('QR codes', () => {
  /** The longest text of each version at level M. */
  const lengths: number[] = []
  for (let length = 1, version = 1; length <= bytesMax.M40 + 1; length++) {
    const code = mustEncode('x'.repeat(length))
    if (code.version === version && code.level === 'M') continue
    lengths.push(length - 1)
    version = code.version
  }

  it('[UI20] has 40 versions at level M, of the sizes and capacities of the standard', () => {
    expect(lengths).toHaveLength(40)
    expect(lengths[0]).toBe(bytesMax.M1)
    expect(lengths.at(-1)).toBe(bytesMax.M40)
    expect(mustEncode(letters(bytesMax.M1)).size).toBe(21)
    expect(mustEncode(letters(bytesMax.M40)).size).toBe(177)
  })

  it('[UI20] each version at level M is read by another reader', () => {
    for (const [index, length] of lengths.entries()) {
      const code = mustEncode(letters(length))
      expect([code.version, code.level]).toEqual([index + 1, 'M'])
      expect(readCodes(png(code), 'qrcode')).toEqual([letters(length)])
    }
  }, 60_000)

  it('[UI20] takes level L for what is too long for M, and nothing for what is too long for both', () => {
    for (const length of [bytesMax.M40 + 1, bytesMax.L40]) {
      const code = mustEncode(letters(length))
      expect(code.level).toBe('L')
      expect(readCodes(png(code), 'qrcode')).toEqual([letters(length)])
    }
    expect(encodeQr('x'.repeat(bytesMax.L40 + 1))).toBeUndefined()
  })

  it('[UI20] letters of all scripts arrive', () => {
    const text = 'https://example.com/účet?kč=12,50 日本 € שלום'
    expect(readCodes(png(mustEncode(text)), 'qrcode')).toEqual([text])
  })

  it('[UI20] the drawing covers exactly the dark modules', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'binary' }), (text) => {
        const code = mustEncode(text)
        const dark = new Set<string>()
        for (const [, x, y, run] of qrPath(code).matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g))
          for (let step = 0; step < Number(run); step++) dark.add(`${Number(x) + step} ${y}`)
        let darks = 0
        for (let y = 0; y < code.size; y++)
          for (let x = 0; x < code.size; x++) {
            expect(dark.has(`${x} ${y}`)).toBe(code.dark(x, y))
            if (code.dark(x, y)) darks++
          }
        expect(dark.size).toBe(darks)
      }),
      { numRuns: 20 },
    )
  })
})
