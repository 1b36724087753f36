/** Lines of a receipt: wrapping, rows of columns, rules, and lines that are drawn. */
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { linesOf, placeColumns } from '../../../src/drivers/printers/common/layout/layout.ts'
import { CharTable } from '../../../src/drivers/printers/common/layout/segment.ts'
import type { Block, Column } from '../../../src/protocol/receipt.ts'
import { bodyHex, encodeNow, encoderWith, newImaging, readBack, settingsWith } from './codec-support.ts'

const imaging = newImaging()
afterAll(() => imaging.stop())

const table = new CharTable(settingsWith())
const wrapped = (text: string, columns: number) =>
  linesOf(table, text, columns, false).map((line) => line.text)

/** Printed lines of blocks that are ASCII. */
function linesPrinted(blocks: Block[], settings = {}): string[] {
  const bytes = encodeNow(encoderWith(settings), blocks).copies[0]!
  const text = readBack(bytes)
    .map((part) => ('text' in part ? part.text : ''))
    .join('')
  return text.split('\n').slice(0, -1)
}

it.each([
  ['words', 'the quick brown fox', 10, ['the quick', 'brown fox']],
  ['a word that fits exactly', 'exactly ten', 7, ['exactly', 'ten']],
  ['a word longer than the line', 'abcdefghij kl', 4, ['abcd', 'efgh', 'ij', 'kl']],
  ['spaces at the beginning stay', '  indented text', 10, ['  indented', 'text']],
  ['spaces between words stay', 'a  b', 10, ['a  b']],
  ['one space at the break is dropped', 'ab cd', 2, ['ab', 'cd']],
  ['line breaks of all kinds', 'a\nb\r\nc\rd', 9, ['a', 'b', 'c', 'd']],
  ['empty lines', 'a\n\nb', 9, ['a', '', 'b']],
  ['no text', '', 9, ['']],
  ['a space that must not break', '12\u00a0000 x', 5, ['12', '000 x']],
  ['Japanese anywhere', '日本語日本語', 6, ['日本語', '日本語']],
  ['Japanese and words', 'abc日本 de', 6, ['abc日', '本 de']],
  ['a mark stays on its letter', 'aaẽ̈b', 3, ['aaẽ̈', 'b']],
])('[ESC10] %s', (name, text, columns, lines) => {
  if (name === 'a space that must not break') {
    // A word with such a space is one word: cut only because it is longer than a line.
    expect(wrapped(text, 6)).toEqual(['12\u00a0000', 'x'])
    return
  }
  expect(wrapped(text, columns)).toEqual(lines)
})

it('[ESC10] no line is wider than the paper, and no word is lost', () => {
  const words = fc.array(fc.stringMatching(/^[a-z日本é]{1,12}$/), { maxLength: 20 })
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (list, columns) => {
      const text = list.join(' ')
      const lines = linesOf(table, text, columns, false)
      for (const line of lines) expect(line.cells).toBeLessThanOrEqual(columns)
      expect(
        lines
          .map((line) => line.text)
          .join('')
          .replaceAll(' ', ''),
      ).toBe(text.replaceAll(' ', ''))
    }),
    { numRuns: 500 },
  )
})

it('[ESC10] size and small type change how much fits into a line', () => {
  const text = 'x'.repeat(64)
  const lengths = (style: object) =>
    linesPrinted([{ type: 'text', text, ...style }]).map((line) => line.length)
  expect(lengths({})).toEqual([48, 16])
  expect(lengths({ size: 2 })).toEqual([24, 24, 16])
  expect(lengths({ size: 4 })).toEqual([12, 12, 12, 12, 12, 4])
  expect(lengths({ small: true })).toEqual([64])
})

it('[ESC11] columns: fixed and flexible, aligned, a free cell between them', () => {
  const columns: Column[] = [
    { text: 'Coffee', flex: 1 },
    { text: '2', width: 4, align: 'center' },
    { text: '5.00', width: 8, align: 'right' },
  ]
  expect(linesPrinted([{ type: 'row', columns }])).toEqual([`${'Coffee'.padEnd(34)}  2       5.00`])
})

it('[ESC11] a column wraps within itself, the others stay beside it', () => {
  const columns: Column[] = [
    { text: 'a long name of something', width: 10 },
    { text: '1.00', width: 6, align: 'right' },
  ]
  expect(linesPrinted([{ type: 'row', columns }])).toEqual(['a long       1.00', 'name of', 'something'])
})

it('[ESC11] a right-hand column alone on a later line keeps its place', () => {
  const columns: Column[] = [
    { text: 'x', width: 4 },
    { text: 'aa bb', width: 2 },
  ]
  expect(linesPrinted([{ type: 'row', columns }])).toEqual(['x    aa', '     bb'])
})

it('[ESC11] bold columns within a row that is not', () => {
  const columns: Column[] = [
    { text: 'a', width: 2 },
    { text: 'b', width: 2, bold: true },
  ]
  expect(bodyHex([{ type: 'row', columns }])).toBe('61 20 20 1b 45 01 62 1b 45 00 0a')
  // The same when a column wraps.
  const wrapping = [{ text: 'a a', width: 1 }, columns[1]!]
  expect(bodyHex([{ type: 'row', columns: wrapping }])).toBe('61 20 1b 45 01 62 1b 45 00 0a 61 0a')
})

it('[ESC11] fixed widths are in characters of the normal font, whatever the size', () => {
  const columns: Column[] = [
    { text: 'ab', width: 24 },
    { text: 'cd', width: 24 },
  ]
  expect(linesPrinted([{ type: 'row', columns, size: 2 }])).toEqual(['ab          cd'])
})

it('[ESC11] places cover the line without overlap, gaps where there is room', () => {
  const column = fc.record({
    width: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    flex: fc.integer({ min: 1, max: 5 }),
  })
  let placed = 0
  fc.assert(
    fc.property(fc.array(column, { minLength: 1, maxLength: 8 }), (list) => {
      const columns = list.map(
        ({ width, flex }): Column => (width === undefined ? { text: '', flex } : { text: '', width }),
      )
      const places = placeColumns(columns, 48, 48)
      const fixed = columns.reduce((sum, { width }) => sum + (width ?? 1), 0)
      expect(places === undefined).toBe(fixed > 48)
      if (places === undefined) return
      placed += 1
      let free = 0
      for (const { column: at, width } of places) {
        expect(at).toBeGreaterThanOrEqual(free)
        expect(width).toBeGreaterThanOrEqual(1)
        free = at + width
      }
      expect(free).toBeLessThanOrEqual(48)
      if (columns.some(({ width }) => width === undefined)) expect(free).toBe(48)
    }),
    { numRuns: 500 },
  )
  expect(placed).toBeGreaterThan(100)
})

it('[ESC11] columns that cannot fit are an error that names the row', () => {
  const columns: Column[] = [
    { text: 'a', width: 40 },
    { text: 'b', width: 20 },
  ]
  expect(() => encodeNow(encoderWith(), [{ type: 'feed' }, { type: 'row', columns }])).toThrow(
    expect.objectContaining({
      code: 'payload_unsupported',
      context: expect.objectContaining({ path: 'payload.receipt.blocks[1].columns' }),
    }),
  )
})

it('[ESC11] a table of alike rows keeps its places, an odd row among them has its own', () => {
  const row = (text: string, width: number): Block => ({
    type: 'row',
    columns: [{ text, width }, { text: 'x' }],
  })
  expect(linesPrinted([row('a', 4), row('b', 4), row('c', 9), row('d', 4)])).toEqual([
    'a    x',
    'b    x',
    'c         x',
    'd    x',
  ])
})

it('[ESC12] rules are lines of the font where a page has them, ASCII where none does', () => {
  const rules: Block[] = [
    { type: 'rule' },
    { type: 'rule', style: 'double' },
    { type: 'rule', style: 'dashed' },
  ]
  const narrow = { columnsA: 16, columnsB: 16 }
  const lines = (byte: string) => `${byte} `.repeat(16)
  expect(bodyHex(rules, narrow)).toBe(`1b 74 13 ${lines('c4')}0a ${lines('cd')}0a ${'2d 20 '.repeat(8)}0a`)
  expect(bodyHex(rules, { ...narrow, codePages: { 'windows-1252': 16 } })).toBe(
    `${lines('2d')}0a ${lines('3d')}0a ${'2d 20 '.repeat(8)}0a`,
  )
})

it('[ESC12] a rule is in the plain style, whatever came before', () => {
  const blocks: Block[] = [{ type: 'text', text: 'x', bold: true, align: 'right' }, { type: 'rule' }]
  const settings = { columnsA: 16, columnsB: 16, codePages: {} }
  expect(bodyHex(blocks, settings)).toBe(`1b 45 01 1b 61 02 78 0a 1b 45 00 1b 61 00 ${'2d '.repeat(16)}0a`)
})

it('[ESC7] one character that has to be drawn draws its whole line, not its neighbours', async () => {
  const columns: Column[] = [
    { text: '茶 tea', flex: 1 },
    { text: '5.00', width: 8, align: 'right', bold: true },
  ]
  const encoded = await encoderWith({}, imaging).prepare({
    receipt: {
      blocks: [
        { type: 'text', text: 'above' },
        { type: 'row', columns },
        { type: 'text', text: 'below' },
      ],
    },
  })
  const kinds = readBack(encoded.copies[0]!).map((part) =>
    'raster' in part ? `${part.raster.rows} rows` : 'text' in part ? part.text : '',
  )
  expect(kinds.filter((kind) => kind !== '')).toEqual(['above\n', '30 rows', 'below\n'])
  const raster = readBack(encoded.copies[0]!).flatMap((part) => ('raster' in part ? [part.raster] : []))[0]!
  // The price ends at the right edge: there is ink in the last 12 dots, and none between the name and the price.
  const inkIn = (from: number, to: number) => {
    for (let y = 0; y < raster.rows; y++) {
      for (let byte = from; byte < to; byte++)
        if (raster.data[y * raster.widthBytes + byte] !== 0) return true
    }
    return false
  }
  expect(raster.widthBytes).toBe(72)
  expect([inkIn(70, 72), inkIn(20, 60), inkIn(0, 3)]).toEqual([true, false, true])
})

it('[ESC7] drawn lines that follow each other are one picture', async () => {
  const encoded = await encoderWith({}, imaging).prepare({ text: '日本\n茶茶', cut: false })
  expect(
    readBack(encoded.copies[0]!).flatMap((part) => ('raster' in part ? [part.raster.rows] : [])),
  ).toEqual([60])
})

it('[ESC7] a drawn line is as large and where it was asked to be', async () => {
  const blocks: Block[] = [{ type: 'text', text: '日', size: 2, align: 'right' }]
  const encoded = await encoderWith({}, imaging).prepare({ receipt: { blocks } })
  const raster = readBack(encoded.copies[0]!).flatMap((part) => ('raster' in part ? [part.raster] : []))[0]!
  expect(raster.rows).toBe(60)
  // The character takes the last 48 dots, bytes 66 to 71; the last dots of it may be white.
  expect(raster.widthBytes).toBeGreaterThan(69)
  const columnsWithInk = Array.from({ length: raster.widthBytes }, (_, column) => column).filter((column) =>
    Array.from({ length: 60 }, (_, y) => raster.data[y * raster.widthBytes + column]).some(
      (byte) => byte !== 0,
    ),
  )
  expect(columnsWithInk[0]).toBeGreaterThanOrEqual(66)
})
