/** The English words of the customer display. */
import { commonEn } from '../../words/common/en.ts'
import { displayEn } from '../../words/display/en.ts'

export const words = { ...commonEn, ...displayEn }
/** The error table itself speaks English. */
export const errors = {}
