/** Origins of web pages: those that may use the hub, and those that wanted to, for a click on the console. */
import { accessNumbers } from '../../protocol/access.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import type { OriginRow, Store } from '../../store/store.ts'
import { type Clock, isoTime } from '../clock.ts'

export const originLimits = {
  /** Refused origins that are listed; of more, the one that was seen longest ago goes. */
  seenMax: 50,
  /** A longer one is not listed: it could not be allowed either. */
  charsMax: 300,
  /** How often an origin is refused is written at most so often. */
  writeEveryMs: 60_000,
  /** Announcements of newly seen origins within a minute. */
  announcedPerMinuteMax: 10,
} as const

interface Known extends OriginRow {
  /** On the monotonic clock. */
  writtenAt: number
  /** `refused` as it is on the disk. */
  written: number
}

interface Tools {
  store: Store
  clock: Clock
  /** Origins of the configuration. */
  configured: readonly string[]
  /** Told of an origin that is seen for the first time. */
  seen: (origin: string) => void
}

export class Origins {
  readonly #tools: Tools
  readonly #configured: ReadonlySet<string>
  readonly #known = new Map<string, Known>()
  #announced: number[] = []

  constructor(tools: Tools) {
    this.#tools = tools
    this.#configured = new Set(tools.configured.map((origin) => originOf(origin) ?? origin))
  }

  async load(): Promise<void> {
    for (const row of await this.#tools.store.access.origins())
      this.#known.set(row.origin, { ...row, writtenAt: Number.NEGATIVE_INFINITY, written: row.refused })
  }

  /** An origin that may not is listed as seen. */
  allowed(origin: string, source: string): boolean {
    if (this.#configured.has(origin)) return true
    const known = this.#known.get(origin)
    if (known?.allowed === true) return true
    // `null` (files, sandboxed frames) could be anybody, and what browsers do not write is not worth a line.
    if (origin.length <= originLimits.charsMax && originOf(origin) === origin)
      this.#note(known ?? this.#newcomer(origin), source)
    return false
  }

  list(): Result<'origin.list'> {
    const configured = [...this.#configured].map((origin) => ({
      origin,
      state: 'configured' as const,
      lastSeenAt: null,
      lastSeenFrom: null,
      refused: 0,
    }))
    const known = [...this.#known.values()].filter(({ origin }) => !this.#configured.has(origin))
    return { origins: [...configured, ...known.map(shown)] }
  }

  /** Throws `params_invalid`, `origin_fixed` for one of the configuration, `origin_limit`. */
  async allow(text: string): Promise<Result<'origin.allow'>> {
    const origin = mustBe(text)
    if (this.#configured.has(origin)) throw new HubError('origin_fixed', { origin })
    const known = this.#known.get(origin)
    const allowed = [...this.#known.values()].filter((row) => row.allowed).length
    if (known?.allowed !== true && allowed >= accessNumbers.originsMax)
      throw new HubError('origin_limit', { max: accessNumbers.originsMax })
    const row = { ...(known ?? { origin, refused: 0 }), allowed: true }
    await this.#tools.store.access.putOrigin(rowOf(row))
    this.#known.set(origin, { ...row, writtenAt: this.#tools.clock.monotonic(), written: row.refused })
    return shown(row)
  }

  /** An unknown one is no error: it is off the list. Throws `params_invalid`, `origin_fixed`. Answers the origin. */
  async remove(text: string): Promise<string> {
    const origin = mustBe(text)
    if (this.#configured.has(origin)) throw new HubError('origin_fixed', { origin })
    await this.#tools.store.access.deleteOrigin(origin)
    this.#known.delete(origin)
    return origin
  }

  /** Writes what was not written yet. */
  async stop(): Promise<void> {
    const late = [...this.#known.values()].filter(
      ({ allowed, refused, written }) => !allowed && refused > written,
    )
    await Promise.all(late.map((row) => this.#tools.store.access.putOrigin(rowOf(row)).catch(() => {})))
  }

  #newcomer(origin: string): Known {
    const seen = [...this.#known.values()].filter(({ allowed }) => !allowed)
    if (seen.length >= originLimits.seenMax) {
      const oldest = seen.reduce((a, b) => ((b.lastSeenAt ?? 0) < (a.lastSeenAt ?? 0) ? b : a))
      this.#known.delete(oldest.origin)
      void this.#tools.store.access.deleteOrigin(oldest.origin).catch(() => {})
    }
    const writtenAt = Number.NEGATIVE_INFINITY
    const row: Known = { origin, allowed: false, refused: 0, writtenAt, written: 0 }
    this.#known.set(origin, row)
    this.#announce(origin)
    return row
  }

  #announce(origin: string): void {
    const now = this.#tools.clock.monotonic()
    this.#announced = this.#announced.filter((at) => at > now - 60_000)
    if (this.#announced.length >= originLimits.announcedPerMinuteMax) return
    this.#announced.push(now)
    this.#tools.seen(origin)
  }

  #note(row: Known, source: string): void {
    const { clock, store } = this.#tools
    row.refused++
    row.lastSeenAt = clock.now()
    row.lastSeenFrom = source
    if (clock.monotonic() - row.writtenAt < originLimits.writeEveryMs) return
    row.writtenAt = clock.monotonic()
    row.written = row.refused
    void store.access.putOrigin(rowOf(row)).catch(() => {})
  }
}

/** As browsers write it; undefined for what is no origin of a web page. */
export function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, protocol } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? origin : undefined
}

function mustBe(text: string): string {
  const origin = originOf(text)
  if (origin === undefined)
    throw new HubError('params_invalid', {
      path: 'origin',
      reason: 'is not an origin such as https://pos.example.com',
    })
  return origin
}

function rowOf({ origin, allowed, refused, lastSeenAt, lastSeenFrom }: OriginRow): OriginRow {
  return {
    origin,
    allowed,
    refused,
    ...(lastSeenAt !== undefined && { lastSeenAt }),
    ...(lastSeenFrom !== undefined && { lastSeenFrom }),
  }
}

function shown(row: OriginRow): Result<'origin.allow'> {
  return {
    origin: row.origin,
    state: row.allowed ? 'allowed' : 'seen',
    lastSeenAt: row.lastSeenAt === undefined ? null : isoTime(row.lastSeenAt),
    lastSeenFrom: row.lastSeenFrom ?? null,
    refused: row.refused,
  }
}
