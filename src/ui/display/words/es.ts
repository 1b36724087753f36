/** The Spanish words of the customer display. */
import { commonEs } from '../../words/common/es.ts'
import { displayEs } from '../../words/display/es.ts'
import { errorsEs } from '../../words/errors/es.ts'

export const words = { ...commonEs, ...displayEs }
export const errors = errorsEs
