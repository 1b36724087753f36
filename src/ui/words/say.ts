/** The words of the pages in the language of the browser: English at once, the others when they have been loaded. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { type ErrorCode, errorTable } from '../../protocol/errors.ts'
import type { WordKey } from './en.ts'
import { keepLanguage, type Language, markLanguage, offeredBy, wishedLanguage } from './languages.ts'

export type Values = Readonly<Record<string, string | number>>
/** `key` of the pair `key.one` and `key.other`. */
export type CountKey = { [K in WordKey]: K extends `${infer Stem}.one` ? Stem : never }[WordKey]

/** What a page says in one language. It has the words that the page needs, not those of all pages. */
export interface Tongue {
  words: Readonly<Partial<Record<WordKey, string>>>
  /** Empty in English, which the error table itself speaks. */
  errors: Readonly<Partial<Record<ErrorCode, string>>>
}
/** Where a page has its words: fetched in the one language that is spoken. */
export type Tongues = Readonly<
  Partial<Record<Language, () => Promise<Tongue>>> & Record<'en', () => Promise<Tongue>>
>

interface Spoken extends Tongue {
  language: Language
  plural: Intl.PluralRules
  /** With the region of the browser, where it has one of this language: `de-AT`. */
  locale: string
}

/** Before a page has begun to speak there is nothing to be read. */
const spoken = signal<Spoken>({
  language: 'en',
  words: {},
  errors: {},
  plural: new Intl.PluralRules('en'),
  locale: 'en-GB',
})

/** The language in use; components that read it, or call `say`, are drawn anew when it changes. */
export const language: ReadonlySignal<Language> = {
  get value() {
    return spoken.value.language
  },
  peek: () => spoken.peek().language,
} as ReadonlySignal<Language>

/** How numbers, dates and times are written; components that read it are drawn anew when it changes. */
export const locale: ReadonlySignal<string> = {
  get value() {
    return spoken.value.locale
  },
  peek: () => spoken.peek().locale,
} as ReadonlySignal<string>

/** Speaks what this browser was told to, else the first of its languages: to be awaited before anything is drawn. */
export function speakAsWished(storage: Storage, wanted: readonly string[], tongues: Tongues): Promise<void> {
  return speak(wishedLanguage(storage, wanted, offeredBy(tongues)), wanted, tongues)
}

/** A person chooses: spoken from now on, and remembered in this browser. */
export function chooseLanguage(
  storage: Storage,
  chosen: Language,
  wanted: readonly string[],
  tongues: Tongues,
): Promise<void> {
  keepLanguage(storage, chosen)
  return speak(chosen, wanted, tongues)
}

/** Speaks a language from now on. When its words cannot be fetched, what was spoken before goes on. */
export async function speak(wanted: Language, regions: readonly string[], tongues: Tongues): Promise<void> {
  const tag = regions.find((candidate) => candidate.toLowerCase().split('-')[0] === wanted)
  const { words, errors } = await (tongues[wanted] ?? tongues.en)()
  const locale = tag ?? (wanted === 'en' ? 'en-GB' : wanted)
  spoken.value = { language: wanted, words, errors, plural: new Intl.PluralRules(wanted), locale }
  markLanguage(wanted)
}

/** True for a key that this page has a word for. */
export function isWord(key: string): key is WordKey {
  return Object.hasOwn(spoken.value.words, key)
}

export function say(key: WordKey, values: Values = {}): string {
  return filled(spoken.value.words[key] ?? key, values)
}

/** `1 till`, `3 tills`: `{count}` is filled in as the language writes numbers. */
export function sayCount(key: CountKey, count: number, values: Values = {}): string {
  const { plural, words, locale: of } = spoken.value
  const form = plural.select(count) === 'one' ? 'one' : 'other'
  const text = words[`${key}.${form}` as WordKey] ?? key
  return filled(text, { count: count.toLocaleString(of), ...values })
}

/** The sentence of an error code in the language of the page. */
export function sayError(code: ErrorCode, values: Readonly<Record<string, unknown>>): string {
  return filled(spoken.value.errors[code] ?? errorTable[code].text, values)
}

function filled(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '?'))
}
