/** The German words of the customer display. */
import { commonDe } from '../../words/common/de.ts'
import { displayDe } from '../../words/display/de.ts'
import { errorsDe } from '../../words/errors/de.ts'

export const words = { ...commonDe, ...displayDe }
export const errors = errorsDe
