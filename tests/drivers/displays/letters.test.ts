/** Letters of displays: the code pages against Python's, and the nearest spelling of what a page has not. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CodePage, codePages, Letters } from '../../../src/drivers/displays/common/letters.ts'

/** Python's name of a page. */
const pythonNames: Partial<Record<CodePage, string>> = {
  cp437: 'cp437',
  cp850: 'cp850',
  cp852: 'cp852',
  cp858: 'cp858',
  cp860: 'cp860',
  cp863: 'cp863',
  cp865: 'cp865',
  cp866: 'cp866',
  'windows-1250': 'cp1250',
  'windows-1251': 'cp1251',
  'windows-1252': 'cp1252',
  katakana: 'shift_jis',
}

const script = `
import json, sys
def table(name):
    out = {}
    for byte in range(0x80, 0x100):
        try:
            text = bytes([byte]).decode(name)
        except UnicodeDecodeError:
            continue
        if len(text) == 1 and text not in '\\xa0\\xad' and ord(text) > 0x9f:
            out[text] = byte
    return out
print(json.dumps({name: table(name) for name in sys.argv[1:]}))
`

describe('code pages', () => {
  it('[POLE5] every character of every page has the byte that Python gives it, and the pages have no others', () => {
    const names = Object.values(pythonNames)
    const tables = JSON.parse(
      execFileSync('python3', ['-c', script, ...names], { encoding: 'utf8' }),
    ) as Record<string, Record<string, number>>
    for (const [page, name] of Object.entries(pythonNames)) {
      const letters = new Letters(page as CodePage)
      const table = tables[name] as Record<string, number>
      const ours = Object.fromEntries(
        Object.keys(table).map((character) => {
          const spelt = letters.spell(character)
          return [character, spelt === character ? letters.encode(spelt)[0] : spelt]
        }),
      )
      expect([page, ours]).toEqual([page, table])
      expect(Object.keys(table).length).toBeGreaterThan(60)
    }
    const euro = codePages.filter((page) => new Letters(page).spell('€') === '€')
    expect(euro).toEqual(['cp858', 'windows-1250', 'windows-1251', 'windows-1252'])
  })
})

describe('spelling', () => {
  it.each<[page: CodePage, text: string, spelt: string]>([
    ['cp437', 'Žižkov', 'Zizkov'],
    ['cp437', 'Straße 5,00 €', 'Straße 5,00 EUR'],
    ['ascii', 'Straße', 'Strasse'],
    ['cp858', '5,00 €', '5,00 €'],
    ['cp852', 'Žižkov Łódź', 'Žižkov Łódź'],
    ['ascii', 'Łódź Ærø Þór œuf', 'Lodz AEro Thor oeuf'],
    ['ascii', '„Brot“ – ‘Milch’ … ½ №', '"Brot" - \'Milch\' ... 1/2 No'],
    ['ascii', 'Москва Щука', 'Moskva Shchuka'],
    ['cp866', 'Москва', 'Москва'],
    ['ascii', 'Ελλάδα', 'Ellada'],
    ['katakana', 'コーヒー', 'ｺｰﾋｰ'],
    ['katakana', 'がっこう　パン', 'ｶﾞｯｺｳ ﾊﾟﾝ'],
    ['cp437', 'e\u0301clair', 'éclair'],
    ['ascii', '日本 😀', '?? ?'],
    ['ascii', 'a\tb\nc\u00a0d\u200be', 'a b c de'],
    ['ascii', 'ＡＢＣ', 'ABC'],
  ])('[POLE4] on %s "%s" is spelt "%s"', (page, text, spelt) => {
    expect(new Letters(page).spell(text)).toBe(spelt)
  })

  it('[POLE4] whatever the text, what is spelt are letters of the page, one byte each, none of them a control character', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codePages),
        fc.string({ unit: 'binary', maxLength: 80 }),
        (page, text) => {
          const letters = new Letters(page)
          const spelt = letters.spell(text)
          const bytes = letters.encode(spelt)
          expect(bytes).toHaveLength(spelt.length)
          expect(bytes.every((byte) => byte >= 0x20 && byte !== 0x7f)).toBe(true)
          expect(letters.spell(spelt)).toBe(spelt)
          expect(spelt.length).toBeLessThanOrEqual(20 * text.length)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
