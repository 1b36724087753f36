/** All German words; loaded when a browser asks for them. */
import { accessDe } from './access/de.ts'
import { boxDe } from './box/de.ts'
import { commonDe } from './common/de.ts'
import { devicesDe } from './devices/de.ts'
import type { Words } from './en.ts'
import { errorsDe } from './errors/de.ts'
import { jobsDe } from './jobs/de.ts'
import { shellDe } from './shell/de.ts'

export const words: Words = {
  ...commonDe,
  ...shellDe,
  ...accessDe,
  ...devicesDe,
  ...jobsDe,
  ...boxDe,
}
export const errors = errorsDe
