/** The words of each language that a shop may print in. */
import type { Shop } from '../../../protocol/till/catalogue.ts'
import { de } from './de.ts'
import { en, type Words } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { nl } from './nl.ts'

export type { Words } from './en.ts'

export const wordsOf: Readonly<Record<Shop['language'], Words>> = { en, de, fr, es, nl }
