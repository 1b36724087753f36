/** Days and hours of the shop's calendar, whose time zone need not be the hub's. */

/** Keeps the formatter of the zone: making one costs a hundred times what using it does. */
export class ShopTime {
  #zone: string | undefined
  #format: Intl.DateTimeFormat | undefined

  /** `day` as YYYY-MM-DD, `hour` from 00 to 23. A zone that nobody knows counts as UTC. */
  at(ms: number, zone: string): { day: string; hour: string } {
    const parts: Record<string, string> = {}
    for (const { type, value } of this.#of(zone).formatToParts(ms)) parts[type] = value
    return { day: `${parts.year}-${parts.month}-${parts.day}`, hour: parts.hour ?? '00' }
  }

  #of(zone: string): Intl.DateTimeFormat {
    if (this.#format === undefined || this.#zone !== zone) {
      this.#format = formatterOf(zone)
      this.#zone = zone
    }
    return this.#format
  }
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const shape = {
    calendar: 'iso8601',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone })
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: 'UTC' })
  }
}
