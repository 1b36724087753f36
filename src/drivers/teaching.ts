/** What the hub needs to find out which keyboard is a scanner: a code, its picture, and somebody who reads keys. */
import { randomBytes } from 'node:crypto'
import { hidKeyboardScanner } from './scanners/hid-keyboard-scanner/driver.ts'
import { createTypist, teachingCode } from './scanners/hid-keyboard-scanner/teaching.ts'

export interface TeachingKit {
  readonly driver: string
  code(): string
  picture(code: string): Promise<string>
  typist(descriptor: Uint8Array): {
    feed(report: Uint8Array): void
    spellings(code: string): readonly Record<string, unknown>[]
  }
}

/** Millimetres that a scanner reads from a screen at arm's length: modules of half a millimetre, bars of two centimetres. */
const barcodeScale = 2
const barcodeHeightMm = 20

export const teaching: TeachingKit = {
  driver: hidKeyboardScanner.id,
  code: () => teachingCode((count) => [...randomBytes(count)]),
  async picture(code) {
    const { default: bwip } = await import('bwip-js/node')
    return bwip.toSVG({
      bcid: 'code128',
      text: code,
      scale: barcodeScale,
      height: barcodeHeightMm,
      paddingwidth: 10,
      backgroundcolor: 'ffffff',
    })
  },
  typist: (descriptor) => createTypist(descriptor),
}
