/** The words of the pages: the same in all languages, all of them used, none missing. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyShortener } from '../../scripts/short-keys.ts'
import { errorCodes, errorTable } from '../../src/protocol/errors.ts'
import { eventTopics } from '../../src/protocol/event.ts'
import { methodNames } from '../../src/protocol/methods.ts'
import { words as displayDe } from '../../src/ui/display/words/de.ts'
import { words as displayEn } from '../../src/ui/display/words/en.ts'
import { words as displayEs } from '../../src/ui/display/words/es.ts'
import { words as displayFr } from '../../src/ui/display/words/fr.ts'
import { words as tillDe } from '../../src/ui/till/words/de.ts'
import { words as tillEn } from '../../src/ui/till/words/en.ts'
import { words as tillEs } from '../../src/ui/till/words/es.ts'
import { words as tillFr } from '../../src/ui/till/words/fr.ts'
import { words as tillNl } from '../../src/ui/till/words/nl.ts'
import { words as consoleDe, errors as errorsDe } from '../../src/ui/words/de.ts'
import { words as consoleEn } from '../../src/ui/words/en.ts'
import { errorsNl } from '../../src/ui/words/errors/nl.ts'
import { words as consoleEs, errors as errorsEs } from '../../src/ui/words/es.ts'
import { words as consoleFr, errors as errorsFr } from '../../src/ui/words/fr.ts'
import { languageOf, languages } from '../../src/ui/words/languages.ts'
import { root } from '../support/hub-process.ts'

/** What all pages say together; the till speaks Dutch too. */
const en = { ...consoleEn, ...displayEn, ...tillEn }
const de = { ...consoleDe, ...displayDe, ...tillDe }
const fr = { ...consoleFr, ...displayFr, ...tillFr }
const es = { ...consoleEs, ...displayEs, ...tillEs }
const keys = Object.keys(en) as (keyof typeof en)[]
const others = { de, fr, es }
const otherErrors = { de: errorsDe, fr: errorsFr, es: errorsEs }

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '').sort()

/** All code of the pages, without the words themselves. */
function source(): string {
  const dir = join(root, 'src/ui')
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/words\/.*\/?(en|de|fr|es|nl)\.ts$/.test(path))
    .map((path) => readFileSync(join(dir, path), 'utf8'))
    .join('\n')
}

describe('words', () => {
  it('[UI30] the languages have the same keys with the same placeholders', () => {
    expect(keys.length).toBeGreaterThan(300)
    for (const [language, words] of Object.entries(others)) {
      expect(Object.keys(words).sort(), language).toEqual([...keys].sort())
      for (const key of keys) {
        // `1 till` may be said without the number.
        if (key.endsWith('.one')) continue
        expect(placeholders(words[key]), `${language} ${key}`).toEqual(placeholders(en[key]))
      }
    }
  })

  it('[TU4] the till has all its words in Dutch too, with the same placeholders', () => {
    expect(Object.keys(tillNl).sort()).toEqual(Object.keys(tillEn).sort())
    const own = (Object.keys(tillEn) as (keyof typeof tillEn)[]).filter((key) => !key.endsWith('.one'))
    for (const key of own) expect(placeholders(tillNl[key]), key).toEqual(placeholders(tillEn[key]))
    for (const [code, text] of Object.entries(errorsNl))
      expect(placeholders(text), code).toEqual(placeholders(errorTable[code as keyof typeof errorTable].text))
  })

  it('[UI30] every plural has both forms', () => {
    const stems = keys.filter((key) => key.endsWith('.one')).map((key) => key.slice(0, -'.one'.length))
    expect(stems.length).toBeGreaterThan(5)
    for (const stem of stems) expect(keys, stem).toContain(`${stem}.other`)
  })

  it('[UI30] every error has a sentence with the same placeholders in each language', () => {
    for (const [language, errors] of Object.entries(otherErrors))
      for (const code of errorCodes)
        expect(placeholders(errors[code]), `${language} ${code}`).toEqual(placeholders(errorTable[code].text))
  })

  it('[UI30] no text was left in English by mistake', () => {
    for (const [language, words] of Object.entries(others)) {
      const same = keys.filter(
        (key) => words[key] === en[key] && /[a-z]{3,} [a-z]{2,} [a-z]{3,}/.test(en[key]),
      )
      expect(same, language).toEqual([])
    }
  })

  it('[UI30] every key is used, and every key that is used exists', () => {
    const text = source()
    const literal = new Set(
      [...text.matchAll(/['"`]([a-z]+(?:\.[A-Za-z0-9_-]+)+)['"`]/g)].map(([, key]) => key ?? ''),
    )
    // `common.role.${role}` stands for every key that fits.
    const made = [...text.matchAll(/[`']([a-z]+\.[^`'\s]*\$\{[^`']*)`/g)].map(
      ([, template = '']) =>
        new RegExp(
          `^${template
            .replace(/\$\{[^}]*\}/g, '§')
            .replace(/[.?*+^|()[\]\\]/g, '\\$&')
            .replace(/§/g, '.+')}$`,
        ),
    )
    const used = (key: string) => {
      const stem = key.replace(/\.(one|other)$/, '')
      return literal.has(key) || literal.has(stem) || made.some((fits) => fits.test(key) || fits.test(stem))
    }
    expect(keys.filter((key) => !used(key))).toEqual([])
    const areas = new Set(keys.map((key) => key.split('.')[0]))
    const called = [...text.matchAll(/\b(?:say|sayCount)\(\s*'([^']+)'/g)].map(([, key]) => key ?? '')
    expect(called.length).toBeGreaterThan(100)
    for (const key of called) expect(areas, key).toContain(key.split('.')[0])
    expect(called.filter((key) => !(key in en) && !(`${key}.other` in en))).toEqual([])
  })

  it('[UI13] browsers get keys of two letters, each its own, and find every word by them', () => {
    const shorten = keyShortener(join(root, 'src/ui'))
    const short = new Map(keys.map((key) => [key, shorten(`'${key}'`).slice(1, -1)]))
    expect(new Set(short.values()).size).toBe(keys.length)
    const brief = [...short.values()].filter((name) => /^[A-Za-z]{2}(\.one|\.other)?$/.test(name))
    expect(brief.length).toBeGreaterThan(keys.length / 2)
    // Whatever is put together while the page runs must be found under its full name.
    for (const key of ['common.role.owner', 'access.act.login', 'common.hint.retry'] as const)
      expect(short.get(key), key).toBe(key)
    const names = new Set(short.values())
    const called = [...shorten(source()).matchAll(/\b(?:say|sayCount)\(\s*'([^']+)'/g)].map(
      ([, key]) => key ?? '',
    )
    expect(called.length).toBeGreaterThan(100)
    expect(called.filter((key) => !names.has(key) && !names.has(`${key}.other`))).toEqual([])
    for (const words of Object.values(others))
      expect(Object.keys(words).filter((key) => !short.has(key as keyof typeof en))).toEqual([])
    // The same text with another meaning would be shortened too.
    const settings = readFileSync(join(root, 'src/ui/console/views/box/config-words.ts'), 'utf8')
    const paths = [...settings.matchAll(/^ {2}'([\w.]+)': \[/gm)].map(([, path]) => path ?? '')
    expect(paths.length).toBeGreaterThan(10)
    const taken = [...methodNames, ...eventTopics, ...paths]
    expect(taken.filter((name) => shorten(`'${name}'`) !== `'${name}'`)).toEqual([])
  })

  it('[UI29] takes the first language of the browser that there are words for', () => {
    expect(languageOf(['it-IT', 'fr-CH', 'de'], languages)).toBe('fr')
    expect(languageOf(['DE-at'], languages)).toBe('de')
    expect(languageOf(['ja', 'zh'], languages)).toBe('en')
    expect(languageOf([], languages)).toBe('en')
  })
})
