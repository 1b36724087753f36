/** The French words of the till. */
import { cashFr } from '../../words/cash/fr.ts'
import { commonFr } from '../../words/common/fr.ts'
import { errorsFr } from '../../words/errors/fr.ts'
import { floorFr } from '../../words/floor/fr.ts'
import { ordersFr } from '../../words/orders/fr.ts'
import { payFr } from '../../words/pay/fr.ts'
import { reportsFr } from '../../words/reports/fr.ts'
import { sellFr } from '../../words/sell/fr.ts'
import { startFr } from '../../words/start/fr.ts'
import { tillFr } from '../../words/till/fr.ts'
import type { TillWords } from './en.ts'

export const words: TillWords = {
  ...commonFr,
  ...tillFr,
  ...startFr,
  ...sellFr,
  ...payFr,
  ...ordersFr,
  ...floorFr,
  ...cashFr,
  ...reportsFr,
}
export const errors = errorsFr
