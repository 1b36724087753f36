/** The French words of the customer display. */
import { commonFr } from '../../words/common/fr.ts'
import { displayFr } from '../../words/display/fr.ts'
import { errorsFr } from '../../words/errors/fr.ts'

export const words = { ...commonFr, ...displayFr }
export const errors = errorsFr
