/** The twin's characters against other people's tables: glibc's iconv for the code pages, bwip-js for the bars. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { encodeBarcode } from '../../../src/drivers/printers/common/twin/barcodes.ts'
import {
  epsonPageNumbers,
  jisChar,
  knownPages,
  missing,
  nationalChar,
  nationalSetsCount,
  shiftJisChar,
  upperHalf,
} from '../../../src/drivers/printers/common/twin/tables.ts'

const bwip = createRequire(import.meta.url)('bwip-js') as {
  raw(symbology: string, text: string, options: object): { sbs: number[] }[]
}

/** What iconv makes of each byte; undefined for a hole. */
function iconv(from: string, bytes: readonly number[]): (string | undefined)[] {
  // A line for each byte: -c leaves the line of a hole empty.
  const input = Uint8Array.from(bytes.flatMap((byte) => [byte, 0x0a]))
  const { stdout } = spawnSync('iconv', ['-c', '-f', from, '-t', 'UTF-8'], { input })
  const lines = stdout.toString().split('\n').slice(0, -1)
  expect(lines).toHaveLength(bytes.length)
  return lines.map((line) => (line === '' ? undefined : line))
}

const iconvName = (page: string) => page.replace('windows-', 'CP').replace('iso', 'ISO').replace('cp', 'CP')
/** glibc has no cp720; of Epson's katakana page it has the middle, which has a test of its own. */
const notInIconv = ['cp720', 'katakana']
/** Windows tables have grown since glibc's: these bytes are holes in one of the two. */
const mayDiffer = (page: string, ours: string, theirs: string | undefined) =>
  page.startsWith('windows-') && (ours === missing || theirs === undefined)

describe('characters', () => {
  it('[TWIN5] every page says what iconv says', () => {
    let compared = 0
    const differ: string[] = []
    for (const page of knownPages.filter((name) => !notInIconv.includes(name))) {
      const ours = upperHalf(page)!
      expect(ours).toHaveLength(128)
      const all = iconv(
        iconvName(page),
        Array.from({ length: 128 }, (_, i) => i + 0x80),
      )
      for (const [i, theirs] of all.entries()) {
        compared++
        const same = (theirs === undefined || theirs < '\u00a0' ? missing : theirs) === ours[i]
        if (!same && !mayDiffer(page, ours[i]!, theirs))
          differ.push(`${page} ${(i + 0x80).toString(16)} ${ours[i]} ${theirs}`)
      }
    }
    expect(differ).toEqual([])
    expect(compared).toBe((knownPages.length - notInIconv.length) * 128)
    expect(knownPages.length).toBeGreaterThan(30)
  })

  it('[TWIN5] every page that an Epson number selects is known', () => {
    const pages = Object.values(epsonPageNumbers)
    expect(pages.every((page) => upperHalf(page) !== undefined)).toBe(true)
    expect(new Set(pages).size).toBe(pages.length)
    expect(upperHalf('cp853')).toBeUndefined()
  })

  it('[TWIN5] katakana is the upper half of JIS X 0201', () => {
    const half = upperHalf('katakana')!
    expect(half).toHaveLength(128)
    const bytes = Array.from({ length: 0xdf - 0xa1 + 1 }, (_, i) => 0xa1 + i)
    expect(bytes.map((byte) => half[byte - 0x80])).toEqual(iconv('SHIFT_JIS', bytes))
  })

  it('[TWIN5] national sets change the twelve places and nothing else', () => {
    const ascii = Array.from({ length: 95 }, (_, i) => i + 0x20)
    expect(nationalSetsCount).toBe(16)
    expect(ascii.map((byte) => nationalChar(byte, 0)).join('')).toBe(String.fromCharCode(...ascii))
    for (let set = 1; set < nationalSetsCount; set++) {
      const changed = ascii.filter((byte) => nationalChar(byte, set) !== String.fromCharCode(byte))
      expect(changed.length).toBeGreaterThan(0)
      expect(changed.every((byte) => '#$@[\\]^`{|}~'.includes(String.fromCharCode(byte)))).toBe(true)
    }
  })

  it('[TWIN6] two-byte characters as iconv has them, in both systems', () => {
    const text = '日本語領収書、円税込レシート株式会社'
    const sjis = execFileSync('iconv', ['-f', 'UTF-8', '-t', 'SHIFT_JIS'], { input: text })
    const euc = execFileSync('iconv', ['-f', 'UTF-8', '-t', 'EUC-JP'], { input: text })
    const pairs = [...text].map((_, i) => i * 2)
    expect(pairs.map((i) => shiftJisChar(sjis[i]!, sjis[i + 1]!)).join('')).toBe(text)
    expect(pairs.map((i) => jisChar(euc[i]! & 0x7f, euc[i + 1]! & 0x7f)).join('')).toBe(text)
    expect(jisChar(0x20, 0x21)).toBe(missing)
  })
})

describe('bars', () => {
  const bars = (symbology: string, data: string) => {
    const made = encodeBarcode(symbology, Buffer.from(data, 'latin1'), 2)
    if ('wrong' in made) throw new Error(made.wrong)
    return made.elements
  }
  const theirs = (symbology: string, text: string, options = {}) => bwip.raw(symbology, text, options)[0]!.sbs
  /** Wide and narrow of two-width codes, whatever their ratio. */
  const kinds = (widths: number[]) =>
    // bwip-js ends some with a gap.
    widths
      .slice(0, widths.length - 1 + (widths.length % 2))
      .map((width) => (width > Math.min(...widths) ? 'w' : 'n'))
      .join('')

  it('[TWIN10] EAN and UPC are drawn as bwip-js draws them', () => {
    let compared = 0
    for (let i = 0; i < 100; i++) {
      const digits = String(i * 97_531_246_801 + 100_000_000_000).slice(0, 12)
      const same = (ours: string, bwipName: string, data: string) => {
        compared++
        expect(bars(ours, data)).toEqual(theirs(bwipName, data).map((width) => width * 2))
      }
      same('ean13', 'ean13', digits)
      same('ean8', 'ean8', digits.slice(0, 7))
      same('upca', 'upca', digits.slice(0, 11))
      same('upce', 'upce', `0${digits.slice(3, 9)}`)
    }
    expect(compared).toBe(400)
  })

  it('[TWIN10] UPC-E takes what UPC-A shortens to', () => {
    for (const six of ['123450', '123451', '123452', '123453', '120004', '123455', '123459', '654321'])
      expect(bars('upce', six)).toEqual(theirs('upce', `0${six}`).map((width) => width * 2))
    expect(encodeBarcode('upce', Buffer.from('01200000345'), 2)).toMatchObject({ text: '01234505' })
    expect(encodeBarcode('upce', Buffer.from('01234567890'), 2)).toHaveProperty('wrong')
  })

  it('[TWIN10] Code 39, ITF and Codabar have the wide and narrow elements of bwip-js', () => {
    const all = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%'
    expect(kinds(bars('code39', all))).toBe(kinds(theirs('code39', all)))
    expect(kinds(bars('itf', '01234567899876543210'))).toBe(
      kinds(theirs('interleaved2of5', '01234567899876543210')),
    )
    for (const stops of ['A', 'B', 'C', 'D'])
      expect(kinds(bars('codabar', `${stops}0123456789-$:/.+${stops}`))).toBe(
        kinds(theirs('rationalizedCodabar', `${stops}0123456789-$:/.+${stops}`)),
      )
  })

  it('[TWIN10] Code 128 draws all its values as bwip-js does', () => {
    let compared = 0
    const same = (epson: string, parsed: string) => {
      compared++
      const wanted = theirs('code128', parsed, { raw: true }).map((width) => width * 2)
      expect(bars('code128', epson)).toEqual(wanted)
    }
    for (let value = 0; value < 95; value++) {
      const char = String.fromCharCode(value + 32)
      same(`{B${char === '{' ? '{{' : char}`, `^104^${String(value).padStart(3, '0')}`)
    }
    for (let value = 0; value < 100; value++)
      same(`{C${String.fromCharCode(value)}`, `^105^${String(value).padStart(3, '0')}`)
    same('{A\x0d{Bx{C\x0c{1', '^103^077^100^088^099^012^102')
    same('{BA{S\x0d', '^104^033^098^077')
    expect(compared).toBe(197)
  })

  it('[TWIN10] GS1-128 starts with FNC1 and separates by {1', () => {
    const ours = bars('gs1-128', '(01)04006381333931(10)AB1{1(21)7')
    expect(ours).toEqual(theirs('gs1-128', '(01)04006381333931(10)AB1(21)7').map((width) => width * 2))
  })
})
