/** Rows of a benchmark: a figure, its bound, and what it was measured against in the same run. */

export interface Row {
  name: string
  value: number
  unit: string
  bound: string
  holds: boolean
  against?: string
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

const round = (value: number): number => Number(value.toPrecision(4))

export function atMost(name: string, value: number, unit: string, bound: number, against?: string): Row {
  const row = { name, value: round(value), unit, bound: `<= ${round(bound)}`, holds: value <= bound }
  return against === undefined ? row : { ...row, against }
}

export function atLeast(name: string, value: number, unit: string, bound: number, against?: string): Row {
  const row = { name, value: round(value), unit, bound: `>= ${round(bound)}`, holds: value >= bound }
  return against === undefined ? row : { ...row, against }
}
