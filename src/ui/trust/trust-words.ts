/** The words of the trust page: apart from those of the console, so that a phone fetches a few kilobytes only. */
import { signal } from '@preact/signals'
import { type languages, markLanguage } from '../words/languages.ts'
import { trustEn } from '../words/trust/en.ts'

export type TrustKey = keyof typeof trustEn
export type TrustLanguage = (typeof languages)[number]
type Words = Readonly<Record<TrustKey, string>>

const loaders: Readonly<Record<TrustLanguage, () => Promise<Words>>> = {
  en: () => Promise.resolve(trustEn),
  de: async () => (await import('../words/trust/de.ts')).trustDe,
  fr: async () => (await import('../words/trust/fr.ts')).trustFr,
  es: async () => (await import('../words/trust/es.ts')).trustEs,
}

const spoken = signal<{ language: TrustLanguage; words: Words }>({ language: 'en', words: trustEn })

export const trustLanguage = (): TrustLanguage => spoken.value.language

/** Speaks a language from now on; English when its words cannot be loaded. */
export async function speakTrust(language: TrustLanguage): Promise<void> {
  try {
    spoken.value = { language, words: await loaders[language]() }
  } catch {
    spoken.value = { language: 'en', words: trustEn }
  }
  markLanguage(spoken.value.language)
}

export function tell(key: TrustKey, values: Readonly<Record<string, string>> = {}): string {
  return spoken.value.words[key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '?')
}
