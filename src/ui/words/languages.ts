/** The languages of all pages: their names, which of them a browser wants and was told to speak, and telling it which is spoken. */

export const languages = ['en', 'de', 'fr', 'es'] as const
export type Language = (typeof languages)[number]

/** The languages in their own words. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
}

const storageKey = 'tillbridge.language'

/** The first of a browser's languages that there are words for. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = languages.find((candidate) => tag.toLowerCase().split('-')[0] === candidate)
    if (found !== undefined) return found
  }
  return 'en'
}

/** What this browser was told to speak, else the first of its languages. */
export function wishedLanguage(storage: Storage, wanted: readonly string[]): Language {
  return languages.find((candidate) => candidate === storage.getItem(storageKey)) ?? languageOf(wanted)
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
