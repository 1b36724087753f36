/** The moments at which prices change by themselves: where rules of pricelists begin, and after they end. */
import type { Pricelist } from '../../../protocol/till/catalogue.ts'
import { instantOf } from '../../../till/engine/instant.ts'

/** In ms since 1970, rising. */
export function priceMoments(pricelists: readonly Pricelist[]): number[] {
  const texts = { from: new Set<string>(), until: new Set<string>() }
  for (const { rules } of pricelists)
    for (const { from, until } of rules) {
      if (from !== undefined) texts.from.add(from)
      if (until !== undefined) texts.until.add(until)
    }
  const moments = new Set([...texts.from].map(instantOf))
  for (const text of texts.until) moments.add(instantOf(text) + 1)
  return [...moments].filter((moment) => !Number.isNaN(moment)).sort((a, b) => a - b)
}

/** How many of the moments are over: a number that changes when prices may. */
export function passed(moments: readonly number[], now: number): number {
  const next = moments.findIndex((moment) => moment > now)
  return next < 0 ? moments.length : next
}
