/** An order as the corpus writes it down: what was sold, by which rules, and what came out. Money in minor units. */
import type { CashRounding, Tax } from '../../../src/protocol/till/catalogue.ts'

export interface WorkedLine {
  id: string
  quantity: string
  price: string
  /** In percent. */
  discount?: string
  taxes: string[]
  listPrice?: string
}

export type WorkedTax = Pick<Tax, 'id' | 'kind' | 'amount'> & Partial<Tax>

export interface WorkedOrder {
  name: string
  digits: number
  rounding: 'per-tax' | 'per-line'
  taxes: WorkedTax[]
  lines: WorkedLine[]
  /** Off the whole order, in percent. */
  discount?: string
  tip?: number
  /** Of the tip, which holds them. */
  tipTaxes?: string[]
  cashRounding?: CashRounding
  payments?: { kind: 'cash' | 'card'; amount: number }[]
}

export interface LineFigures {
  id: string
  net: number
  tax: number
  gross: number
}

export interface Outcome {
  lines: LineFigures[]
  /** Lines of the order's discount, by their taxes. */
  discounts: (Omit<LineFigures, 'id'> & { taxes: string })[]
  taxes: { tax: string; base: number; amount: number }[]
  net: number
  tax: number
  total: number
  rounding: number
  tip: number
  saved: number
  settled?: { paid: number; change: number; cashRounding: number }
}
