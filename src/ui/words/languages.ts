/** The languages of all pages: their names, which of them a browser wants and was told to speak, and telling it which is spoken. */

/** Those of at least one page: the till speaks more than the console. */
const allLanguages = ['en', 'de', 'fr', 'es', 'nl'] as const
export type Language = (typeof allLanguages)[number]
/** Those of all pages. */
export const languages = ['en', 'de', 'fr', 'es'] as const satisfies readonly Language[]

/** The languages in their own words. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  nl: 'Nederlands',
}

const storageKey = 'tillbridge.language'

/** The first of a browser's languages that a page has words for. */
export function languageOf<L extends Language>(wanted: readonly string[], offered: readonly L[]): L | 'en' {
  for (const tag of wanted) {
    const found = offered.find((candidate) => tag.toLowerCase().split('-')[0] === candidate)
    if (found !== undefined) return found
  }
  return 'en'
}

/** What this browser was told to speak, else the first of its languages. */
export function wishedLanguage<L extends Language>(
  storage: Storage,
  wanted: readonly string[],
  offered: readonly L[],
): L | 'en' {
  return offered.find((candidate) => candidate === storage.getItem(storageKey)) ?? languageOf(wanted, offered)
}

/** Languages that a page has words for, in the order in which they are offered. */
export function offeredBy(tongues: Readonly<Partial<Record<Language, unknown>>>): readonly Language[] {
  return allLanguages.filter((language) => tongues[language] !== undefined)
}

/** The choice on one page holds on all of them. */
export function keepLanguage(storage: Storage, chosen: Language): void {
  storage.setItem(storageKey, chosen)
}

/**
 * Tells the browser which language a page speaks, so that it is read aloud right. Does nothing where there is no page: the words
 * are also read by programs.
 */
export function markLanguage(of: string): void {
  const { document } = globalThis as { document?: { documentElement: { lang: string } } }
  if (document !== undefined) document.documentElement.lang = of
}
