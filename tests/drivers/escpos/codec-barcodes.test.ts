/** Barcodes: what each symbology holds, and how large the symbols get, against bwip-js. */
import bwip from 'bwip-js/node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prepareBarcode } from '../../../src/drivers/printers/common/layout/barcodes.ts'
import { pdf417Level, qrModules } from '../../../src/drivers/printers/common/layout/symbols.ts'
import type { Symbology } from '../../../src/protocol/receipt.ts'
import { bodyHex, encodeNow, encoderWith } from './codec-support.ts'

const sent = (symbology: Symbology, data: string): string => {
  const ready = prepareBarcode(symbology, data)
  return 'reason' in ready
    ? `refused: ${ready.reason}`
    : `${ready.system} ${Buffer.from(ready.data).toString('latin1')}`
}

interface Drawn {
  sbs?: number[]
  pixx?: number
}

const bwipRaw = (options: Record<string, unknown>): Drawn =>
  (bwip.raw(options as never) as unknown as Drawn[])[0]!
const bwipModules = (bcid: string, text: string): number =>
  bwipRaw({ bcid, text }).sbs!.reduce((sum, width) => sum + width, 0)

describe('[ESC14] data of fixed length', () => {
  it.each<[Symbology, string, string]>([
    ['ean13', '4006381333931', '67 4006381333931'],
    ['ean13', '400638133393', '67 4006381333931'],
    ['ean13', '4006381333930', 'refused: the check digit is 0; the right one is 1'],
    ['ean13', '40063813339', 'refused: it has 12 digits and a check digit; this has 11'],
    ['ean13', '40063813339310', 'refused: it has 12 digits and a check digit; this has 14'],
    ['ean13', '40063813339a1', 'refused: it holds digits only'],
    ['ean8', '96385074', '68 96385074'],
    ['ean8', '9638507', '68 96385074'],
    ['ean8', '96385075', 'refused: the check digit is 5; the right one is 4'],
    ['upca', '036000291452', '65 036000291452'],
    ['upca', '03600029145', '65 036000291452'],
    ['upca', '036000291453', 'refused: the check digit is 3; the right one is 2'],
    ['upce', '425261', '66 042100005264'],
    ['upce', '04252614', '66 042100005264'],
    ['upce', '04252615', 'refused: the check digit is 5; the right one is 4'],
    ['upce', '042100005264', '66 042100005264'],
    ['upce', '012345678905', 'refused: this UPC-A has too few zeros to be shortened'],
    ['upce', '14252614', 'refused: its number system is 0'],
    [
      'upce',
      '12345',
      'refused: it has 6 to 8 digits, or 11 or 12 of a UPC-A that can be shortened; this has 5',
    ],
    ['itf', '123456', '70 123456'],
    ['itf', '12345', 'refused: it holds an even number of digits; this has 5'],
    ['itf', '12a4', 'refused: it holds digits only'],
    ['code39', 'AB-12 $/+%.', '69 AB-12 $/+%.'],
    ['code39', 'ab', 'refused: it holds digits, capital letters, space and $ % + - . /, not a'],
    ['code39', 'A*', 'refused: it holds digits, capital letters, space and $ % + - . /, not *'],
  ])('%s %s', (symbology, data, expected) => {
    expect(sent(symbology, data)).toBe(expected)
  })
})

describe('[ESC15] Code 128', () => {
  it.each([
    ['Hello', '73 {BHello'],
    ['12345678', '73 {C\x0c\x22\x38\x4e'],
    ['A1234567', '73 {BA1{C\x17\x2d\x43'],
    ['a{b', '73 {Ba{{b'],
    ['AB\tC', '73 {AAB\tC'],
    ['ab\tcd', '73 {Bab{S\tcd'],
    ['é', 'refused: it holds ASCII characters only, not é'],
  ])('%s', (data, expected) => {
    expect(sent('code128', data)).toBe(expected)
  })

  /** Reads GS k 73 data as a printer does. */
  const read = (data: Uint8Array): { text: string; symbols: number } => {
    let set = ''
    let text = ''
    let symbols = 0
    let shifted = false
    for (let at = 0; at < data.length; at++) {
      if (data[at] === 0x7b && data[at + 1] !== 0x7b) {
        const next = String.fromCharCode(data[++at]!)
        if (next === '1') text += '\u001d'
        else if (next === 'S') shifted = true
        else set = next
        symbols += 1
        continue
      }
      if (data[at] === 0x7b) at += 1
      text += set === 'C' ? String(data[at]).padStart(2, '0') : String.fromCharCode(data[at]!)
      symbols += 1
      const code = data[at]!
      if (set === (shifted ? 'B' : 'A') && code >= 0x60) throw new Error('not in set A')
      if (set === (shifted ? 'A' : 'B') && code < 0x20) throw new Error('not in set B')
      shifted = false
      if (set === 'C' && code > 99) throw new Error('not in set C')
    }
    return { text, symbols }
  }

  it('says what it was given, in no more symbols than bwip-js, and knows its width', () => {
    const data = fc.string({
      unit: fc.constantFrom(...'0123456789012345678901234567890123456789AbZ-{\t'),
      minLength: 1,
      maxLength: 30,
    })
    fc.assert(
      fc.property(data, (text) => {
        const ready = prepareBarcode('code128', text)
        if ('reason' in ready) throw new Error(ready.reason)
        const back = read(ready.data)
        expect(back.text).toBe(text)
        expect(ready.modules).toBe(11 * (back.symbols - 1) + 35)
        const escaped = text.replaceAll('\t', '^009')
        const theirs = bwipRaw({ bcid: 'code128', text: escaped, parse: true }).sbs!.reduce(
          (sum, width) => sum + width,
          0,
        )
        expect(ready.modules).toBeLessThanOrEqual(theirs)
      }),
      { numRuns: 1_500 },
    )
  })

  it('holds 255 bytes with those that choose the set', () => {
    expect(sent('code128', 'x'.repeat(253))).toMatch(/^73/)
    expect(sent('code128', 'x'.repeat(254))).toBe(
      'refused: it is too long: 256 bytes for the printer, of 255',
    )
  })
})

describe('[ESC16] GS1-128', () => {
  it.each([
    ['(01)09521234543213(10)ABC123', '73 {C{1\x01\x09\x34\x0c\x22\x36\x20\x0d\x0a{BABC123'],
    ['(10)ABC(17)260131', '73 {B{110ABC{1{C\x11\x1a\x01\x1f'],
    ['(01)09521234543214', 'refused: (01) has the check digit 4; the right one is 3'],
    ['(01)0952123454321', 'refused: (01) has 14 digits'],
    [
      '0109521234543213',
      'refused: it is written with its identifiers in brackets, like (01)09521234543213(10)ABC',
    ],
    ['(10)', 'refused: it is written with its identifiers in brackets, like (01)09521234543213(10)ABC'],
    ['(10)AÉ', 'refused: (10) cannot hold the character É'],
    ['(3103)001750', '73 {C{1\x1f\x03\x00\x11\x32'],
    ['(3103)01750', 'refused: (3103) has 6 digits'],
  ])('%s', (data, expected) => {
    expect(sent('gs1-128', data)).toBe(expected)
  })

  it('is as wide as bwip-js draws it', () => {
    for (const data of ['(01)09521234543213', '(01)09521234543213(10)ABC123', '(10)A1(21)99(17)260131']) {
      const ready = prepareBarcode('gs1-128', data)
      if ('reason' in ready) throw new Error(ready.reason)
      expect(ready.modules).toBeLessThanOrEqual(bwipModules('gs1-128', data))
    }
  })
})

describe('[ESC17] what is too wide for the paper', () => {
  const barcode = (data: string, module?: number) =>
    ({
      type: 'barcode',
      symbology: 'code128',
      data,
      text: false,
      ...(module === undefined ? {} : { module }),
    }) as const
  const moduleSent = (data: string, widthDots: number, module?: number) =>
    bodyHex([barcode(data, module)], { widthDots }).match(/1d 77 (..)/)![1]

  it('gets narrower bars, down to two dots', () => {
    // 10 characters: 145 modules.
    expect(moduleSent('abcdefghij', 576, 6)).toBe('03')
    expect(moduleSent('abcdefghij', 290, 6)).toBe('02')
    expect(() => moduleSent('abcdefghij', 289, 6)).toThrow(
      expect.objectContaining({
        code: 'barcode_invalid',
        context: {
          path: 'payload.receipt.blocks[0].data',
          symbology: 'code128',
          reason: 'it would be 290 dots wide; the paper has 289',
        },
      }),
    )
  })

  it.each<[Symbology, string, string]>([
    ['ean13', '4006381333931', 'ean13'],
    ['ean8', '96385074', 'ean8'],
    ['upca', '036000291452', 'upca'],
    ['upce', '425261', 'upce'],
    ['code39', 'ABC-123', 'code39'],
    ['itf', '12345678', 'interleaved2of5'],
  ])('%s is at most as wide as reckoned', (symbology, data, name) => {
    const ready = prepareBarcode(symbology, data)
    if ('reason' in ready) throw new Error(ready.reason)
    const text = symbology === 'upce' ? '04252614' : data
    // bwip-js counts the gap behind Code 39, and draws the wide bars of ITF two modules wide where printers take up to three.
    const theirs = bwipModules(name, text) - (symbology === 'code39' ? 1 : 0)
    if (symbology === 'itf') expect(ready.modules).toBeGreaterThan(theirs)
    else expect(ready.modules).toBe(theirs)
  })

  it('a QR code gets smaller modules, and one dot only when it was asked for', () => {
    const data = 'x'.repeat(400)
    const module = (wanted: number | undefined, widthDots: number) =>
      bodyHex([{ type: 'qr', data, ...(wanted === undefined ? {} : { module: wanted }) }], {
        widthDots,
      }).match(/31 43 (..)/)![1]
    // 400 bytes at M: version 15, 77 modules.
    expect(qrModules(data, 400, 'M')).toBe(77)
    expect(module(undefined, 576)).toBe('06')
    expect(module(undefined, 384)).toBe('04')
    expect(module(undefined, 154)).toBe('02')
    expect(module(1, 154)).toBe('01')
    expect(() => module(undefined, 153)).toThrow(expect.objectContaining({ code: 'barcode_invalid' }))
  })
})

describe('[ESC18] QR', () => {
  it('is as large as bwip-js makes it, for every level, kind of text and length at the edges', () => {
    const kinds = { digits: '7', capitals: 'A', bytes: 'é' }
    let compared = 0
    for (const level of ['L', 'M', 'Q', 'H'] as const) {
      for (const char of Object.values(kinds)) {
        for (const length of [1, 17, 18, 60, 150, 300, 700, 1_100]) {
          const text = char.repeat(length)
          const bytes = Buffer.byteLength(text)
          const modules = qrModules(text, bytes, level)
          const latin = Buffer.from(text).toString('latin1')
          let theirs: number | undefined
          try {
            theirs = bwipRaw({ bcid: 'qrcode', text: latin, eclevel: level, binarytext: true }).pixx
          } catch {
            theirs = undefined
          }
          expect([level, char, length, modules]).toEqual([level, char, length, theirs])
          compared += 1
        }
      }
    }
    expect(compared).toBe(4 * 3 * 8)
  })

  it('holds as much as ISO/IEC 18004 says, and not a character more', () => {
    const most = {
      L: [7_089, 4_296, 2_953],
      M: [5_596, 3_391, 2_331],
      Q: [3_993, 2_420, 1_663],
      H: [3_057, 1_852, 1_273],
    } as const
    for (const [level, lengths] of Object.entries(most) as ['L' | 'M' | 'Q' | 'H', readonly number[]][]) {
      for (const [kind, char] of ['1', 'A', 'a'].entries()) {
        const length = lengths[kind]!
        expect([level, char, qrModules(char.repeat(length), length, level)]).toEqual([level, char, 177])
        expect([level, char, qrModules(char.repeat(length + 1), length + 1, level)]).toEqual([
          level,
          char,
          undefined,
        ])
      }
    }
  })

  it('data over the capacity of its level is refused', () => {
    const data = 'a'.repeat(1_800)
    expect(() => encodeNow(encoderWith(), [{ type: 'qr', data, errorCorrection: 'Q' }])).toThrow(
      expect.objectContaining({
        code: 'barcode_invalid',
        context: {
          path: 'payload.receipt.blocks[0].data',
          symbology: 'qr',
          reason: '1800 bytes are too many at error correction Q',
        },
      }),
    )
    expect(encodeNow(encoderWith(), [{ type: 'qr', data, errorCorrection: 'L' }]).bytes).toBeGreaterThan(
      1_800,
    )
  })
})

describe('[ESC19] PDF417', () => {
  it('what is let through, bwip-js can draw in as many columns', () => {
    for (const [length, module, widthDots] of [
      [10, 3, 576],
      [200, 3, 576],
      [500, 2, 384],
      [1_000, 2, 576],
    ] as const) {
      const text = 'aB3€'.repeat(length / 4).slice(0, length / 2)
      const level = pdf417Level(text, Buffer.byteLength(text), module, widthDots)
      expect(level).toBeDefined()
      const columns = Math.min(30, Math.floor((Math.floor(widthDots / module) - 69) / 17))
      const latin = Buffer.from(text).toString('latin1')
      const drawn = bwipRaw({ bcid: 'pdf417', text: latin, binarytext: true, eclevel: level, columns })
      expect(drawn.pixx! * module).toBeLessThanOrEqual(widthDots)
    }
  })

  it('gets smaller modules before it is refused', () => {
    const module = (length: number) =>
      bodyHex([{ type: 'pdf417', data: 'x'.repeat(length) }], { widthDots: 384 }).match(/30 43 (..)/)![1]
    expect(module(100)).toBe('03')
    expect(module(400)).toBe('02')
    expect(() => module(1_200)).toThrow(expect.objectContaining({ code: 'barcode_invalid' }))
  })
})
