/** The Spanish words of the till. */
import { cashEs } from '../../words/cash/es.ts'
import { commonEs } from '../../words/common/es.ts'
import { errorsEs } from '../../words/errors/es.ts'
import { floorEs } from '../../words/floor/es.ts'
import { ordersEs } from '../../words/orders/es.ts'
import { payEs } from '../../words/pay/es.ts'
import { reportsEs } from '../../words/reports/es.ts'
import { sellEs } from '../../words/sell/es.ts'
import { startEs } from '../../words/start/es.ts'
import { tillEs } from '../../words/till/es.ts'
import type { TillWords } from './en.ts'

export const words: TillWords = {
  ...commonEs,
  ...tillEs,
  ...startEs,
  ...sellEs,
  ...payEs,
  ...ordersEs,
  ...floorEs,
  ...cashEs,
  ...reportsEs,
}
export const errors = errorsEs
