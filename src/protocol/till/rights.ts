/** The order of rights: who may do more may do all that the others may. */
import type { Right } from './people.ts'

const ranks: Readonly<Record<Right, number>> = { minimal: 0, cashier: 1, manager: 2 }

export const covers = (right: Right, need: Right): boolean => ranks[right] >= ranks[need]
