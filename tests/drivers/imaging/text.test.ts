/** Drawn text: the cell grid, styles, right-to-left lines and characters that no font has. */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { hasRightToLeft, visualOrder } from '../../../src/drivers/imaging/bidi.ts'
import { type Bitmap, isBlack } from '../../../src/drivers/imaging/bitmap.ts'
import { clustersOf, isWide, withoutInvisible } from '../../../src/drivers/imaging/cells.ts'
import { Fonts } from '../../../src/drivers/imaging/fonts.ts'
import { type TextLine, TextRaster, type TextRun, textLimits } from '../../../src/drivers/imaging/text.ts'

const raster = new TextRaster()

function line(text: string, style: Partial<TextRun> = {}, more: Partial<TextLine> = {}): TextLine {
  const run: TextRun = { text, column: 0, ...style }
  return {
    runs: [run],
    widthDots: 576,
    cellWidth: 12,
    cellHeight: 24,
    lineHeight: 30,
    size: 1,
    offset: 0,
    path: 'p',
    ...more,
  }
}

const draw = async (...lines: TextLine[]): Promise<Bitmap[]> => raster.draw(lines)

/** Black dots in columns `from` to `to`, rows `top` to `bottom`. */
function inked(bitmap: Bitmap, from: number, to: number, top = 0, bottom = bitmap.height): number {
  let count = 0
  for (let y = top; y < bottom; y++) for (let x = from; x < to; x++) if (isBlack(bitmap, x, y)) count += 1
  return count
}

/** Which cells of a line have ink. */
const cellsWithInk = (bitmap: Bitmap, width = 12): number[] =>
  Array.from({ length: Math.floor(bitmap.width / width) }, (_, cell) => cell).filter(
    (cell) => inked(bitmap, cell * width, (cell + 1) * width) > 0,
  )

describe('[IMG8] the cell grid', () => {
  it('a line is as wide as the paper and as high as a line of the printer', async () => {
    const [one, two] = await draw(line('Ž'), line('Ž', {}, { size: 2 }))
    expect([one!.width, one!.height, two!.width, two!.height]).toEqual([576, 30, 576, 60])
  })

  it('half-width characters take one cell, East Asian wide ones two', async () => {
    const [bitmap] = await draw(line('Ž 日本 x'))
    expect(cellsWithInk(bitmap!)).toEqual([0, 2, 3, 4, 5, 7])
  })

  it('a full line of wide letters stays inside the paper, each in its own cell', async () => {
    const text = 'Ŵ'.repeat(48)
    const [bitmap] = await draw(line(text))
    expect(cellsWithInk(bitmap!).length).toBe(48)
    const ink = Array.from({ length: 48 }, (_, cell) => inked(bitmap!, cell * 12, cell * 12 + 12))
    // The same letter in each cell: nothing creeps.
    expect(Math.max(...ink) - Math.min(...ink)).toBeLessThanOrEqual(2)
  })

  it('runs begin at their column, an offset moves the whole line', async () => {
    const runs: TextRun[] = [
      { text: 'a', column: 1 },
      { text: '日', column: 10 },
    ]
    const [bitmap, moved] = await draw(line('', {}, { runs }), line('', {}, { runs, offset: 120 }))
    expect(cellsWithInk(bitmap!)).toEqual([1, 10, 11])
    expect(cellsWithInk(moved!)).toEqual([11, 20, 21])
  })

  it('a character named wide takes two cells', async () => {
    const [narrow, wide] = await draw(line('→x'), line('→x', {}, { wide: '→' }))
    expect([cellsWithInk(narrow!), cellsWithInk(wide!).at(-1)]).toEqual([[0, 1], 2])
  })

  it('letter and mark share a cell, what cannot be seen has none', async () => {
    const [bitmap] = await draw(line('x\u0302\u200b\u00ady'))
    expect(cellsWithInk(bitmap!)).toEqual([0, 1])
  })

  it('many lines, more than one canvas holds, each come out as they do alone', async () => {
    const count = Math.ceil(textLimits.canvasRowsMax / 30) + 5
    const many = await draw(...Array.from({ length: count }, (_, index) => line(`Ž${index}`)))
    const [last] = await draw(line(`Ž${count - 1}`))
    expect(many.length).toBe(count)
    expect(many.at(-1)!.data).toEqual(last!.data)
    expect(many[0]!.data).not.toEqual(last!.data)
  })

  it('East Asian width is what Python knows of Unicode', () => {
    let python: string
    try {
      python = execFileSync('python3', [
        '-c',
        `
import unicodedata as u
print(''.join(('W' if u.east_asian_width(chr(c)) in 'WF' else 'n') if u.category(chr(c)) not in ('Cn', 'Cs') else '?' for c in range(0x20000)))`,
      ]).toString()
    } catch {
      // Without Python the ranges still have to agree with what everybody knows.
      expect([isWide(0x41), isWide(0x65e5), isWide(0xac00), isWide(0xff61)]).toEqual([
        false,
        true,
        true,
        false,
      ])
      return
    }
    const wrong: string[] = []
    let compared = 0
    for (let code = 0; code < 0x2_0000; code++) {
      if (python[code] === '?') continue
      compared += 1
      if (isWide(code) !== (python[code] === 'W')) wrong.push(code.toString(16))
    }
    // Unicode releases after ours widen a few symbols.
    expect(wrong.length).toBeLessThan(100)
    expect(compared).toBeGreaterThan(80_000)
  })
})

describe('[IMG9] styles', () => {
  it('bold has more ink, also of a character that only the regular face has', async () => {
    const fonts = new Fonts()
    const onlyRegular = '\u{1d5a0}'
    expect(fonts.faceFor(onlyRegular, true)?.bold).toBe(false)
    for (const text of ['Žž', '日', onlyRegular]) {
      const [plain, bold] = await draw(line(text), line(text, { bold: true }))
      expect(inked(bold!, 0, 48)).toBeGreaterThan(inked(plain!, 0, 48))
    }
  })

  it('an underline runs through the spaces, under the run only', async () => {
    const [bitmap] = await draw(line('Ž  Ž', { underline: true }))
    expect(inked(bitmap!, 0, 48, 23, 24)).toBe(48)
    expect(inked(bitmap!, 48, 576)).toBe(0)
  })

  it('inverted text is white on black', async () => {
    const [plain, inverted] = await draw(line('Ž '), line('Ž ', { invert: true }))
    expect(inked(inverted!, 0, 24, 0, 24)).toBe(24 * 24 - inked(plain!, 0, 24, 0, 24))
    expect(inked(inverted!, 24, 576)).toBe(0)
  })

  it('size multiplies the cells', async () => {
    const [bitmap] = await draw(line('日x', {}, { size: 3 }))
    expect(cellsWithInk(bitmap!, 36)).toEqual([0, 1, 2])
  })
})

describe('[IMG10] right to left', () => {
  const visual = (text: string) =>
    visualOrder(clustersOf(text).map((cluster) => cluster.text))
      .map((placed) => placed.text)
      .join('')

  // Worked out by hand from UAX #9; letters of Hebrew are written here as they are read.
  it.each([
    ['abc', 'abc'],
    ['שלום', 'םולש'],
    ['שלום עולם', 'םלוע םולש'],
    ['שלום abc', 'abc םולש'],
    ['abc שלום', 'abc םולש'],
    ['abc שלום def', 'abc םולש def'],
    ['מחיר: 12.50', '12.50 :ריחמ'],
    ['12.50 ₪ סהכ', 'כהס ₪ 12.50'],
    ['סהכ 12.50 ₪', '₪ 12.50 כהס'],
    ['סהכ 12.50₪', '12.50₪ כהס'],
    ['קפה (גדול) x2', 'x2 (לודג) הפק'],
    ['טל. 03-1234567', '03-1234567 .לט'],
    ['Total סהכ: 5', 'Total 5 :כהס'],
    ['', ''],
  ])('%s', (text, shown) => {
    expect(visual(text)).toBe(shown)
  })

  it('every unit is placed once', () => {
    const units = clustersOf('abc שלום (12.50 ₪) def سلام 7').map((cluster) => cluster.text)
    const order = visualOrder(units).map((placed) => placed.index)
    expect([...order].sort((a, b) => a - b)).toEqual(units.map((_, index) => index))
  })

  it('a drawn Hebrew line is the drawn visual line', async () => {
    const [hebrew, visualLine] = await draw(line('אבג'), line('\u05d2'), line('\u05d1'), line('\u05d0'))
    // The last letter in reading order stands leftmost.
    expect(inked(hebrew!, 0, 12)).toBe(inked(visualLine!, 0, 12))
    expect(cellsWithInk(hebrew!)).toEqual([0, 1, 2])
  })

  it('Arabic letters join: the word has less ink gaps than its letters apart', async () => {
    const [joined, apart] = await draw(line('ببب'), line('ب ب ب'))
    const gaps = (bitmap: Bitmap, width: number) =>
      Array.from({ length: width }, (_, x) => inked(bitmap, x, x + 1)).filter((count) => count === 0).length
    expect(gaps(joined!, 36)).toBeLessThan(gaps(apart!, 60))
    expect(hasRightToLeft('ب')).toBe(true)
  })
})

describe('[IMG11] characters that no font has', () => {
  it('are an error that names path and characters, never a box or a question mark', async () => {
    await expect(draw(line('fine'), line('한국 ok 국', {}, { path: 'payload.text' }))).rejects.toMatchObject({
      code: 'text_unprintable',
      context: { path: 'payload.text', characters: '한 국' },
    })
  })

  it('half a surrogate pair and control characters are among them', async () => {
    for (const text of ['\ud800', '\u0085', '\ue000'])
      await expect(draw(line(text))).rejects.toMatchObject({ code: 'text_unprintable' })
  })

  it('the shipped fonts have every letter of the European Union, Cyrillic, Greek, Hebrew, Vietnamese and JIS X 0208', () => {
    const fonts = new Fonts()
    const letters =
      'ąćęłńóśźżăâîșțåäöéèêëïôœùûüÿçñáíúßşğıİčďěňřšťůžľĺŕőűāēģīķļņūėįųøæþðħġċ€„“”’–—…•™ЁёЖщыЯїєґўљњџΆώςאבתםףץệảởư₫₪₴₺'
    const missing = (text: string, bold: boolean) =>
      [...text].filter((char) => fonts.faceFor(char, bold) === undefined)
    expect([missing(letters, false), missing(letters, true)]).toEqual([[], []])
    const decoder = new TextDecoder('shift_jis')
    let count = 0
    for (let lead = 0x88; lead <= 0x9f; lead++) {
      for (let trail = 0x40; trail <= 0xfc; trail++) {
        const char = decoder.decode(Uint8Array.of(lead, trail))
        if (char.length !== 1 || char === '\ufffd') continue
        count += 1
        expect([char, fonts.faceFor(char, false)?.family]).toEqual([char, 'Noto Sans JP'])
      }
    }
    expect(count).toBeGreaterThan(4_000)
  })

  it('withoutInvisible leaves what can be seen', () => {
    expect(withoutInvisible('a\u200f\u2066b\ufe0fc')).toBe('abc')
  })
})
