/** Teaching: one scan of a code on the screen says for which keyboard a scanner is programmed. */
import { randomBytes } from 'node:crypto'
import bwipjs from 'bwip-js'
import { describe, expect, it } from 'vitest'
import { type LayoutId, layoutIds } from '../../../src/drivers/scanners/hid-keyboard-scanner/layouts.ts'
import {
  createTypist,
  type Typist,
  teachingCode,
  teachingLimits,
} from '../../../src/drivers/scanners/hid-keyboard-scanner/teaching.ts'
import {
  bootKeyboardDescriptor,
  createHidKeyboardScannerTwin,
  type HidKeyboardScannerTwinOptions,
} from '../../../src/drivers/scanners/hid-keyboard-scanner/twin.ts'
import { TestClock } from '../../support/clock.ts'
import { keysOn } from './xkb.ts'

const random = (n: number) => [...randomBytes(n)]
/** Layouts with the same keys for everything but `\` and `|`. */
const alike: readonly (readonly LayoutId[])[] = [
  ['ch-de', 'ch-fr'],
  ['se', 'fi', 'dk', 'no'],
]
const likeOf = (id: LayoutId): LayoutId[] => [...(alike.find((group) => group.includes(id)) ?? [id])]

function listen(options: Partial<HidKeyboardScannerTwinOptions>): {
  typist: Typist
  scan: (code: string, aim?: string) => void
} {
  const typist = createTypist(bootKeyboardDescriptor)
  const twin = createHidKeyboardScannerTwin({ clock: new TestClock(), ...options })
  twin.attach({ write: (report) => typist.feed(report), onBytes() {}, close() {} })
  return { typist, scan: (code, aim) => twin.scan(code, aim) }
}

describe('the code', () => {
  it('[HKS17] is short, new each time, and fits into Code 128', () => {
    const codes = Array.from({ length: 200 }, () => teachingCode(random))
    expect(new Set(codes).size).toBe(200)
    for (const code of codes) {
      expect(code.length).toBeLessThanOrEqual(20)
      expect(code).toMatch(/^[\x21-\x7e]+$/)
      expect(() => bwipjs.raw({ bcid: 'code128', text: code })).not.toThrow()
    }
  })

  it('[HKS17] is made of whatever numbers it is given', () => {
    expect(teachingCode((n) => new Array(n).fill(0))).toHaveLength(teachingCode(random).length)
    expect(teachingCode(() => [])).toHaveLength(teachingCode(random).length - teachingLimits.randomDigits)
  })
})

describe('who typed it', () => {
  it.each(layoutIds)('[HKS17] a scanner programmed for %s is found out by one scan', (id) => {
    for (const suffix of ['enter', 'tab', 'none'] as const) {
      const code = teachingCode(random)
      const { typist, scan } = listen({ keys: keysOn(id), suffix })
      scan(code, ']C0')
      expect(new Set(typist.spells(code)), suffix).toEqual(new Set(likeOf(id)))
      expect(typist.spells(teachingCode(random))).toEqual([])
      typist.clear()
      expect(typist.spells(code)).toEqual([])
    }
  })

  it('[HKS17] what was typed before and after does not matter, half a code is none', () => {
    const code = teachingCode(random)
    const { typist, scan } = listen({ keys: keysOn('fr') })
    scan('4006381333931')
    scan(code.slice(0, -1))
    scan(`x${code}`)
    expect(typist.spells(code)).toEqual([])
    scan(code)
    scan('another')
    expect(typist.spells(code)).toEqual(['fr'])
  })

  it('[HKS17] ALT codes are spelled under every layout', () => {
    const code = teachingCode(random)
    const { typist, scan } = listen({ layout: 'alt' })
    scan(code)
    expect(typist.spells(code)).toEqual(layoutIds)
  })

  it('[HKS17] Caps Lock is found out, too', () => {
    const code = teachingCode(random)
    const turned = (character: string) =>
      character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase()
    const keys = keysOn('de')
    const { typist, scan } = listen({ keys: (character) => keys(turned(character)) })
    scan(code)
    expect(typist.spellings(code)).toEqual([{ layout: 'de', capsLock: 'on', capsLockKeys: 'letters' }])
  })

  it('[HKS17] being asked after each report costs little, however much was typed', () => {
    const code = teachingCode(random)
    const { typist, scan } = listen({})
    for (let count = 0; count < 60; count++) scan('0123456789')
    const idle = new Uint8Array(8)
    const before = performance.now()
    for (let report = 0; report < 5_000; report++) {
      typist.feed(idle)
      expect(typist.spellings(code)).toEqual([])
    }
    // Reading it all each time would take 1 ms a report.
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('[HKS17] a keyboard that is typed on all day takes no memory', () => {
    const { typist, scan } = listen({})
    const code = teachingCode(random)
    scan(code)
    for (let count = 0; count < 2_000; count++) scan('0123456789')
    expect(typist.spells(code)).toEqual([])
    scan(code)
    expect(typist.spells(code)).toContain('us')
  })
})
