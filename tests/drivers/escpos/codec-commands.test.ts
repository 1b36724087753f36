/** Golden bytes, written down by hand from Epson's command reference. */
import { expect, it } from 'vitest'
import { Bytes } from '../../../src/drivers/printers/common/layout/bytes.ts'
import * as command from '../../../src/drivers/printers/escpos/commands.ts'
import { bodyHex, encodeNow, encoderWith, hex, preamble } from './codec-support.ts'

const written = (write: (out: Bytes) => void): string => {
  const out = new Bytes()
  write(out)
  return hex(out.slice())
}

const golden: readonly (readonly [string, (out: Bytes) => void, string])[] = [
  ['ESC @', (out) => command.initialize(out), '1b 40'],
  ['ESC R 0', (out) => command.asciiCharacters(out), '1b 52 00'],
  ['ESC a 1', (out) => command.align(out, 'center'), '1b 61 01'],
  ['ESC a 2', (out) => command.align(out, 'right'), '1b 61 02'],
  ['ESC E', (out) => command.bold(out, true), '1b 45 01'],
  ['ESC -', (out) => command.underline(out, true), '1b 2d 01'],
  ['FS -', (out) => command.underlineKanji(out, true), '1c 2d 01'],
  ['GS B', (out) => command.invert(out, false), '1d 42 00'],
  ['GS !', (out) => command.size(out, 2, 3), '1d 21 12'],
  ['ESC M', (out) => command.smallFont(out, true), '1b 4d 01'],
  ['ESC t', (out) => command.codePage(out, 19), '1b 74 13'],
  ['FS & FS C 1', (out) => command.enterShiftJis(out), '1c 26 1c 43 01'],
  ['FS C 0 FS .', (out) => command.leaveShiftJis(out), '1c 43 00 1c 2e'],
  ['ESC d', (out) => command.feed(out, 3), '1b 64 03'],
  ['GS V full', (out) => command.cut(out, false), '1d 56 00'],
  ['GS V partial', (out) => command.cut(out, true), '1d 56 01'],
  ['ESC p', (out) => command.pulse(out, 2, 50, 500), '1b 70 01 19 fa'],
  ['ESC p at its longest', (out) => command.pulse(out, 1, 500, 510), '1b 70 00 fa ff'],
  ['ESC ( A', (out) => command.beepEpson(out, 3), '1b 28 41 05 00 61 64 03 01 01'],
  ['ESC B', (out) => command.beepClone(out, 9), '1b 42 09 02'],
  [
    'GS k',
    (out) => command.barcode(out, 67, Buffer.from('4006381333931'), { height: 80, module: 3, text: true }),
    '1d 68 50 1d 77 03 1d 48 02 1d 6b 43 0d 34 30 30 36 33 38 31 33 33 33 39 33 31',
  ],
  [
    'GS ( k QR',
    (out) => command.qr(out, Buffer.from('é'), 6, 'Q'),
    '1d 28 6b 04 00 31 41 32 00 1d 28 6b 03 00 31 43 06 1d 28 6b 03 00 31 45 32 ' +
      '1d 28 6b 05 00 31 50 30 c3 a9 1d 28 6b 03 00 31 51 30',
  ],
  [
    'GS ( k PDF417',
    (out) => command.pdf417(out, Buffer.from('A'), 3, 2),
    '1d 28 6b 03 00 30 41 00 1d 28 6b 03 00 30 42 00 1d 28 6b 03 00 30 43 03 1d 28 6b 03 00 30 44 03 ' +
      '1d 28 6b 04 00 30 45 30 32 1d 28 6b 03 00 30 46 00 1d 28 6b 04 00 30 50 30 41 1d 28 6b 03 00 30 51 30',
  ],
  [
    'GS v 0',
    (out) => command.rasterImage(out, { width: 16, height: 2, rowBytes: 2, data: Uint8Array.of(1, 2, 3, 4) }),
    '1d 76 30 00 02 00 02 00 01 02 03 04',
  ],
  [
    'GS ( L',
    (out) =>
      command.graphicsImage(out, { width: 12, height: 2, rowBytes: 2, data: Uint8Array.of(1, 2, 3, 4) }),
    '1d 28 4c 0e 00 30 70 30 01 01 31 0c 00 02 00 01 02 03 04 1d 28 4c 02 00 30 32',
  ],
]

it.each(golden)('[ESC2] %s', (_, write, bytes) => {
  expect(written(write)).toBe(bytes)
})

it('[ESC2] GS 8 L takes over where the length of GS ( L ends', () => {
  const raster = (rows: number) => ({ width: 8, height: rows, rowBytes: 1, data: new Uint8Array(rows) })
  expect(written((out) => command.graphicsImage(out, raster(65_525))).slice(0, 14)).toBe('1d 28 4c ff ff')
  expect(written((out) => command.graphicsImage(out, raster(65_526))).slice(0, 20)).toBe(
    '1d 38 4c 00 00 01 00',
  )
})

it('[ESC2] data of a symbol is counted in bytes, two bytes for the length', () => {
  const bytes = written((out) => command.qr(out, new Uint8Array(300).fill(0x41), 4, 'L'))
  expect(bytes).toContain('1d 28 6b 2f 01 31 50 30 41')
})

it('[ESC1] a copy begins with a reset, ASCII and one-byte mode, and ends in the plain style', () => {
  const blocks = [
    { type: 'text', text: 'x', bold: true, size: 2, align: 'center', underline: true, invert: true } as const,
  ]
  expect(hex(encodeNow(encoderWith(), blocks).copies[0]!)).toBe(
    `${preamble} 1d 21 11 1b 45 01 1d 42 01 1b 2d 01 1b 61 01 78 0a 1d 21 00 1b 45 00 1d 42 00 1b 2d 00 1b 61 00`,
  )
})

it('[ESC1] one-byte mode is left alone where the profile says so', () => {
  const bytes = encodeNow(encoderWith({ oneByteMode: false }), [{ type: 'text', text: 'x' }]).copies[0]!
  expect(hex(bytes)).toBe('1b 40 1b 52 00 78 0a')
})

it('[ESC13] a style is sent when it differs from the one before, and only then', () => {
  const line = (text: string, bold: boolean) => ({ type: 'text', text, bold }) as const
  expect(bodyHex([line('a', true), line('b', true), line('c', false), line('d', false)])).toBe(
    '1b 45 01 61 0a 62 0a 1b 45 00 63 0a 64 0a',
  )
  expect(bodyHex([{ type: 'text', text: 'a', small: true }])).toBe('1b 4d 01 61 0a 1b 4d 00')
})

it('[ESC13] two-byte characters are underlined by their own command', () => {
  const blocks = [{ type: 'text', text: '日', underline: true } as const]
  expect(bodyHex(blocks, { kanji: 'shift-jis' })).toBe(
    '1b 2d 01 1c 2d 01 1c 26 1c 43 01 93 fa 1c 43 00 1c 2e 0a 1b 2d 00 1c 2d 00',
  )
})

it('[ESC22] a cut feeds past the blade first; full, partial or as the profile says', () => {
  expect(bodyHex([{ type: 'cut' }])).toBe('1b 64 03 1d 56 01')
  expect(bodyHex([{ type: 'cut' }], { cut: 'full', cutFeedLines: 5 })).toBe('1b 64 05 1d 56 00')
  expect(bodyHex([{ type: 'cut', partial: false }])).toBe('1b 64 03 1d 56 00')
  expect(bodyHex([{ type: 'cut', partial: true }], { cut: 'full', cutFeedLines: 0 })).toBe('1d 56 01')
  const none = encodeNow(encoderWith({ cut: 'none' }), [{ type: 'cut' }])
  expect([hex(none.copies[0]!), none.cuts]).toEqual([`${preamble} 1b 64 03`, 0])
})

it('[ESC24] a buzzer beeps in its own way, and a printer without one prints on', () => {
  expect(bodyHex([{ type: 'buzzer', times: 2 }], { buzzer: 'epson' })).toBe('1b 28 41 05 00 61 64 02 01 01')
  expect(bodyHex([{ type: 'buzzer' }], { buzzer: 'clone' })).toBe('1b 42 01 02')
  expect(bodyHex([{ type: 'buzzer' }])).toBe('')
})

it('[ESC2] feeding', () => {
  expect(bodyHex([{ type: 'feed' }, { type: 'feed', lines: 50 }, { type: 'feed', lines: 0 }])).toBe(
    '1b 64 01 1b 64 32',
  )
})
