/** Text on one printer: which bytes spell it, under which page, and when it has to be drawn. */
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import type { CodePageName } from '../../../src/drivers/printers/common/layout/code-pages.ts'
import { cleaned } from '../../../src/drivers/printers/common/layout/segment.ts'
import { epsonCodePages } from '../../../src/drivers/printers/escpos/settings.ts'
import {
  bodyHex,
  encoderWith,
  glibcNames,
  iconvTable,
  newImaging,
  readBack,
  textOf,
} from './codec-support.ts'

const imaging = newImaging()
afterAll(() => imaging.stop())

const text = (line: string) => [{ type: 'text', text: line } as const]

/** What glibc says of each page, by its ESC t number. */
const oracle = new Map(
  (Object.entries(epsonCodePages) as [CodePageName, number][])
    .filter(([name]) => glibcNames[name] !== undefined)
    .map(([name, number]) => [number, iconvTable(glibcNames[name]!)]),
)
const knownPages = Object.fromEntries(
  (Object.entries(epsonCodePages) as [CodePageName, number][]).filter(
    ([name]) => glibcNames[name] !== undefined,
  ),
) as Partial<Record<CodePageName, number>>

it('[ESC4] € é ß Ž in one page where one has them all', () => {
  expect(bodyHex(text('€ é ß Ž'))).toBe('1b 74 10 80 20 e9 20 df 20 8e 0a')
})

it('[ESC4] € é ß by cp858 and Ž by cp852 on a printer without windows-1252', () => {
  expect(bodyHex(text('€ é ß Ž'), { codePages: { cp437: 0, cp858: 19, cp852: 18 } })).toBe(
    '1b 74 13 d5 20 82 20 e1 20 1b 74 12 a6 0a',
  )
})

it('[ESC8] € é ß Ž 日本 on a printer with Japanese characters', () => {
  expect(bodyHex(text('€ é ß Ž 日本'), { kanji: 'shift-jis' })).toBe(
    '1b 74 10 80 20 e9 20 df 20 8e 20 1c 26 1c 43 01 93 fa 96 7b 1c 43 00 1c 2e 0a',
  )
})

it('[ESC7] € é ß Ž 日本 is drawn as a whole on a printer without', async () => {
  const encoded = await encoderWith({}, imaging).prepare({ receipt: { blocks: text('€ é ß Ž 日本') } })
  expect(encoded.substituted).toEqual(['日', '本'])
  const parts = readBack(encoded.copies[0]!)
  const rasters = parts.flatMap((part) => ('raster' in part ? [part.raster] : []))
  expect(rasters.map(({ rows }) => rows)).toEqual([30])
  // 8 cells of 12 dots and two of 24, the last dots of which may be white.
  expect(rasters[0]!.widthBytes).toBeGreaterThan(15)
  expect(rasters[0]!.widthBytes).toBeLessThanOrEqual(18)
  expect(parts.some((part) => 'text' in part)).toBe(false)
})

it.each([
  ['Cyrillic', 'Привет, мир', '1b 74 11'],
  ['Greek', 'Καλημέρα κόσμε', '1b 74 0e'],
  ['Turkish', 'İstanbul şöğüçı', '1b 74 0d'],
  ['Central European', 'Příliš žluťoučký kůň', '1b 74 12'],
  ['Baltic', 'Ąžuolas čia ģērbies', '1b 74 21'],
  ['Nordic', 'Ærøskøbing', '1b 74 13'],
])('[ESC4] %s needs one page', (_, line, page) => {
  const bytes = encoderWith({ codePages: knownPages }).prepare({ receipt: { blocks: text(line) } })
  if (bytes instanceof Promise) throw new Error('drawn')
  expect(textOf(bytes.copies[0]!, oracle)).toBe(`${line}\n`)
  expect(
    Buffer.from(bytes.copies[0]!)
      .toString('hex')
      .match(/1b74../g),
  ).toEqual([page.replaceAll(' ', '')])
})

it('[ESC9] Hebrew comes out in visual order, numbers in theirs, brackets turned', () => {
  const encoded = encoderWith({ codePages: knownPages }).prepare({ text: 'שלום (abc) 12.50' })
  if (encoded instanceof Promise) throw new Error('drawn')
  expect(textOf(encoded.copies[0]!, oracle)).toContain('12.50 (abc) םולש')
})

it('[ESC9] Arabic is drawn even where a page has its letters, for they join', async () => {
  const encoded = await encoderWith({ codePages: { 'windows-1256': 50, cp864: 37 } }, imaging).prepare({
    text: 'سلام',
  })
  expect(encoded.substituted.join('')).toBe('سلام')
})

it('[ESC5] it stays on the page it is on, also on the next line', () => {
  expect(bodyHex([...text('é'), ...text('ä')])).toBe('1b 74 13 82 0a 84 0a')
  // windows-1252, chosen for ’, has é too.
  expect(bodyHex([...text('’'), ...text('é')])).toBe('1b 74 10 92 0a e9 0a')
})

it('[ESC5] among pages that spell the same stretch the first of the profile wins', () => {
  expect(bodyHex(text('é'), { codePages: { cp850: 2, cp437: 0 } })).toBe('1b 74 02 82 0a')
  expect(bodyHex(text('é'), { codePages: { cp437: 0, cp850: 2 } })).toBe('1b 74 00 82 0a')
})

it('[ESC5] no page is relied on before one was selected, not even page 0', () => {
  expect(bodyHex(text('é'), { codePages: { cp437: 0 } })).toBe('1b 74 00 82 0a')
})

it('[ESC5] a page past the 32nd of the profile is found too', () => {
  const names = Object.keys(epsonCodePages) as CodePageName[]
  const pages = Object.fromEntries(names.toReversed().map((name) => [name, epsonCodePages[name]!]))
  expect(names.length).toBeGreaterThan(32)
  expect(bodyHex(text('€é’'), { codePages: pages })).toMatch(/^1b 74 /)
  expect(bodyHex(text('Õ€Œ'), { codePages: { ...pages, 'windows-1254': 200 } })).toMatch(/^1b 74/)
})

it('[ESC5] page changes are as few as there can be', () => {
  // Fewest by dynamic programming over all pages, against what was written.
  const names = Object.keys(knownPages) as CodePageName[]
  const pool = [...'éäß€ŽřĄğşИжΩλ█─²½ñøþ']
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pool), { minLength: 1, maxLength: 30 }), (chars) => {
      const encoded = encoderWith({ codePages: knownPages }).prepare({ text: chars.join('') })
      if (encoded instanceof Promise) throw new Error('drawn')
      const written =
        Buffer.from(encoded.copies[0]!)
          .toString('hex')
          .match(/1b74../g)?.length ?? 0
      let alive: Set<string> = new Set()
      let fewest = 0
      for (const char of chars) {
        const having = names.filter((name) => oracle.get(knownPages[name]!)!.includes(char))
        const both = having.filter((name) => alive.has(name))
        if (both.length > 0) alive = new Set(both)
        else {
          alive = new Set(having)
          fewest += 1
        }
      }
      expect(written).toBeLessThanOrEqual(fewest)
    }),
    { numRuns: 300 },
  )
})

it('[ESC6] what is composed of letter and mark is printed as one character', () => {
  expect(bodyHex(text('e\u0301'))).toBe(bodyHex(text('é')))
})

it('[ESC6] spaces, hyphens and the minus of typography are printed as those of ASCII', () => {
  expect(bodyHex(text('1\u00a0000\u202f€ \u22125 a\u2011b'))).toBe(
    '31 20 30 30 30 20 1b 74 13 d5 20 2d 35 20 61 2d 62 0a',
  )
})

it('[ESC6] what cannot be seen is left out', () => {
  expect(bodyHex(text('a\u200bb\u00adc\ufeff'))).toBe('61 62 63 0a')
})

it('[ESC6] nothing is printed as something like it: Ž is never Z, “ never "', async () => {
  const narrow = encoderWith({ codePages: { cp437: 0 } }, imaging)
  for (const char of ['Ž', '“', '’', '–', '•', '…']) {
    const encoded = await narrow.prepare({ text: char })
    expect([char, encoded.substituted]).toEqual([char, [char]])
  }
})

it('[ESC4] what is printed decodes to what was asked for, by glibc’s tables', () => {
  const pool = [...new Set([...oracle.values()].flat().join(''))].filter((char) =>
    /^[^\p{M}\p{C}]$/u.test(char),
  )
  const chars = pool.filter((char) => !/[\u0590-\u08ff\ufb00-\ufeff]/.test(char))
  const encoder = encoderWith({ codePages: knownPages })
  let checked = 0
  const check = (line: string): void => {
    const encoded = encoder.prepare({ text: line })
    if (encoded instanceof Promise) {
      // Bytes on which sources disagree are never used: such a character is drawn.
      encoded.catch(() => {})
      return
    }
    checked += 1
    const expected = cleaned(line)
      .replace(/[\u00a0\u2000-\u200a\u202f]/g, ' ')
      .replace(/[\u2010\u2011\u2212]/g, '-')
    const shown = textOf(encoded.copies[0]!, oracle).replace(/\n$/, '').replace(/\n/g, '')
    expect(shown).toBe(expected)
  }
  for (const char of chars) check(char)
  expect(chars.length).toBe(443)
  expect(checked).toBe(443 - 2)
  const some = fc.array(fc.constantFrom(...chars, 'a', 'Z', '7'), { minLength: 1, maxLength: 46 })
  fc.assert(
    fc.property(some, (line) => check(line.join(''))),
    { numRuns: 500 },
  )
  return imaging.stop()
})

it('[ESC8] in small type Japanese is drawn, for it would not fit the grid of font B', async () => {
  const encoder = encoderWith({ kanji: 'shift-jis' }, imaging)
  const encoded = await encoder.prepare({
    receipt: { blocks: [{ type: 'text', text: '日本', small: true }] },
  })
  expect(encoded.substituted).toEqual(['日', '本'])
})

it('[ESC8] ASCII between two-byte characters does not leave their mode, a European letter does', () => {
  expect(bodyHex(text('日a本'), { kanji: 'shift-jis' })).toBe(
    '1c 26 1c 43 01 93 fa 61 96 7b 1c 43 00 1c 2e 0a',
  )
  expect(bodyHex(text('日é'), { kanji: 'shift-jis' })).toBe(
    '1c 26 1c 43 01 93 fa 1c 43 00 1c 2e 1b 74 13 82 0a',
  )
})

it('[ESC8] a character with one cell elsewhere and two on this printer counts as two', () => {
  const row = {
    type: 'row',
    columns: [
      { text: '→', width: 4 },
      { text: 'x', width: 4 },
    ],
  } as const
  // Two cells for the arrow, two spaces, the gap.
  expect(
    bodyHex([{ ...row, columns: [...row.columns] }], { kanji: 'shift-jis', codePages: { cp858: 19 } }),
  ).toBe('1c 26 1c 43 01 81 a8 1c 43 00 1c 2e 20 20 20 78 0a')
})

it('[ESC7] a character that no font has either is an error that names it', async () => {
  const failing = encoderWith({}, imaging).prepare({ receipt: { blocks: [...text('ok'), ...text('한글')] } })
  await expect(failing).rejects.toMatchObject({
    code: 'text_unprintable',
    context: { path: 'payload.receipt.blocks[1].text', characters: '한 글' },
  })
})
