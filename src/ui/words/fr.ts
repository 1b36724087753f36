/** All French words; loaded when a browser asks for them. */
import { accessFr } from './access/fr.ts'
import { boxFr } from './box/fr.ts'
import { commonFr } from './common/fr.ts'
import { devicesFr } from './devices/fr.ts'
import type { Words } from './en.ts'
import { errorsFr } from './errors/fr.ts'
import { jobsFr } from './jobs/fr.ts'
import { shellFr } from './shell/fr.ts'

export const words: Words = {
  ...commonFr,
  ...shellFr,
  ...accessFr,
  ...devicesFr,
  ...jobsFr,
  ...boxFr,
}
export const errors = errorsFr
