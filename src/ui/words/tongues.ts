/** Where the console has its words: one file per language, fetched when it is spoken. */
import type { Tongues } from './say.ts'

export const consoleTongues: Tongues = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
}
