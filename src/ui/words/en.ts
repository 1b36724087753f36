/** All English words of the console: what the other languages are measured by. */
import type { TillWordKey } from '../till/words/en.ts'
import { accessEn } from './access/en.ts'
import { boxEn } from './box/en.ts'
import { commonEn } from './common/en.ts'
import { devicesEn } from './devices/en.ts'
import type { displayEn } from './display/en.ts'
import { jobsEn } from './jobs/en.ts'
import { shellEn } from './shell/en.ts'

export const words = {
  ...commonEn,
  ...shellEn,
  ...accessEn,
  ...devicesEn,
  ...jobsEn,
  ...boxEn,
} as const

/** The error table itself speaks English. */
export const errors = {}

export type Words = Readonly<Record<keyof typeof words, string>>
/** Of all pages: which words a page has is its own affair. */
export type WordKey = keyof typeof words | keyof typeof displayEn | TillWordKey
