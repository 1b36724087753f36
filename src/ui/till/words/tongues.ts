/** Where the till has its words: one file per language, fetched when it is spoken. */
import type { Tongues } from '../../words/say.ts'

export const tillTongues: Tongues = {
  en: () => import('./en.ts'),
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  nl: () => import('./nl.ts'),
}
