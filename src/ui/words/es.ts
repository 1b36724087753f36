/** All Spanish words; loaded when a browser asks for them. */
import { accessEs } from './access/es.ts'
import { boxEs } from './box/es.ts'
import { commonEs } from './common/es.ts'
import { devicesEs } from './devices/es.ts'
import type { Words } from './en.ts'
import { errorsEs } from './errors/es.ts'
import { jobsEs } from './jobs/es.ts'
import { shellEs } from './shell/es.ts'

export const words: Words = {
  ...commonEs,
  ...shellEs,
  ...accessEs,
  ...devicesEs,
  ...jobsEs,
  ...boxEs,
}
export const errors = errorsEs
