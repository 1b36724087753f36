/** Decimal text as whole millionths and back: what quantities are counted and compared in. */

const unitE6 = 1_000_000

/** Exact: quantities have at most 9 digits and 6 decimals, which a double holds as millionths. */
export function toE6(text: string): number {
  const negative = text.startsWith('-')
  const [whole = '0', decimals = ''] = (negative ? text.slice(1) : text).split('.')
  const e6 = Number(whole) * unitE6 + Number(decimals.padEnd(6, '0'))
  return negative && e6 !== 0 ? -e6 : e6
}

/** The shortest text: "2", "0.345", "-1.5". */
export function fromE6(e6: number): string {
  const size = Math.abs(e6)
  const decimals = String(size % unitE6)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const whole = Math.floor(size / unitE6)
  return `${e6 < 0 ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`
}

/** The nearest multiple of `step`, half away from zero. Both in millionths. */
export function roundE6(e6: number, step: number): number {
  if (step <= 0) return e6
  const size = Math.abs(e6)
  const rest = size % step
  const rounded = size - rest + (rest * 2 >= step ? step : 0)
  return e6 < 0 && rounded !== 0 ? -rounded : rounded
}
