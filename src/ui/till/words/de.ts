/** The German words of the till. */
import { cashDe } from '../../words/cash/de.ts'
import { commonDe } from '../../words/common/de.ts'
import { errorsDe } from '../../words/errors/de.ts'
import { floorDe } from '../../words/floor/de.ts'
import { ordersDe } from '../../words/orders/de.ts'
import { payDe } from '../../words/pay/de.ts'
import { reportsDe } from '../../words/reports/de.ts'
import { sellDe } from '../../words/sell/de.ts'
import { startDe } from '../../words/start/de.ts'
import { tillDe } from '../../words/till/de.ts'
import type { TillWords } from './en.ts'

export const words: TillWords = {
  ...commonDe,
  ...tillDe,
  ...startDe,
  ...sellDe,
  ...payDe,
  ...ordersDe,
  ...floorDe,
  ...cashDe,
  ...reportsDe,
}
export const errors = errorsDe
