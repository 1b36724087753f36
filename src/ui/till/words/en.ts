/** The English words of the till. */
import { cashEn } from '../../words/cash/en.ts'
import { commonEn } from '../../words/common/en.ts'
import { floorEn } from '../../words/floor/en.ts'
import { ordersEn } from '../../words/orders/en.ts'
import { payEn } from '../../words/pay/en.ts'
import { reportsEn } from '../../words/reports/en.ts'
import { sellEn } from '../../words/sell/en.ts'
import { startEn } from '../../words/start/en.ts'
import { tillEn } from '../../words/till/en.ts'

export const words = {
  ...commonEn,
  ...tillEn,
  ...startEn,
  ...sellEn,
  ...payEn,
  ...ordersEn,
  ...floorEn,
  ...cashEn,
  ...reportsEn,
} as const
/** The error table itself speaks English. */
export const errors = {}

export type TillWordKey = keyof typeof words
export type TillWords = Readonly<Record<TillWordKey, string>>
