/** What the hub needs to find out which keyboard is a scanner: a code, its picture, and somebody who reads keys. */
import { randomBytes } from 'node:crypto'
import { code128Svg } from './imaging/code128-svg.ts'
import { hidKeyboardScanner } from './scanners/hid-keyboard-scanner/driver.ts'
import { createTypist, teachingCode } from './scanners/hid-keyboard-scanner/teaching.ts'

export interface TeachingKit {
  /** Driver that the found keyboard gets. */
  readonly driver: string
  /** A code whose characters stand on different keys in different countries. */
  code(): string
  /** The code as a picture to scan, SVG. */
  picture(code: string): Promise<string>
  /** Follows the keys of one keyboard by its reports. */
  typist(descriptor: Uint8Array): {
    feed(report: Uint8Array): void
    /** Settings of the driver under which the keys typed so far spell the code, the likeliest first. */
    spellings(code: string): readonly Record<string, unknown>[]
  }
}

export const teaching: TeachingKit = {
  driver: hidKeyboardScanner.id,
  code: () => teachingCode((count) => [...randomBytes(count)]),
  picture: code128Svg,
  typist: (descriptor) => createTypist(descriptor),
}
