/** What the hub needs to find out which keyboard is a scanner: a code, its picture, and somebody who reads keys. */
import { randomBytes } from 'node:crypto'
import { code128Svg } from './imaging/code128-svg.ts'
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

export const teaching: TeachingKit = {
  driver: hidKeyboardScanner.id,
  code: () => teachingCode((count) => [...randomBytes(count)]),
  picture: code128Svg,
  typist: (descriptor) => createTypist(descriptor),
}
