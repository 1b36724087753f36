/** The audit log: who did which administrative act, and what was turned away. Without secrets, and bounded. */
import type { AuditEntry, Role } from '../../protocol/access.ts'
import { errorText, toHubError } from '../../protocol/errors.ts'
import type { ParsedParams, Result } from '../../protocol/methods.ts'
import type { Store } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Log } from '../log.ts'
import { detailOf } from './audit-detail.ts'
import { sourceKey } from './source.ts'

export const auditLimits = {
  /** Refusals of one kind from one source within this time are one entry. */
  togetherMs: 10 * 60_000,
  /** Kinds and sources told apart within that time; those beyond share one entry a kind. */
  apartMax: 50,
} as const

/** Who did it: a caller, or whoever is known of a request without one. */
export interface Doer {
  who: string | null
  role: Role | null
  from: string | null
}

export interface Refusal {
  /** `login`, `pair`, `setup`, `token.refused`, a method. */
  act: string
  /** Code of the error. */
  result: string
  source: string
  who?: string | null
  role?: Role | null
  detail?: Readonly<Record<string, unknown>>
}

interface Together {
  act: string
  count: number
  written: number
  /** undefined until the entry is on the disk, or when it could not be written. */
  id: Promise<number | undefined>
  cancel(): void
}

export const doerOf = (caller: Caller): Doer => ({
  who: caller.name,
  role: caller.role,
  from: caller.from ?? null,
})

export class Audit {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log | undefined
  readonly #together = new Map<string, Together>()
  #stopped = false

  constructor(tools: { store: Store; clock: Clock; log?: Log }) {
    this.#store = tools.store
    this.#clock = tools.clock
    this.#log = tools.log
  }

  /**
   * Runs an act whose entry is on the disk before it begins; what became of it is filled in after. Throws
   * `store_unavailable`, and does not run it, when the entry cannot be written.
   */
  async act<T>(
    act: string,
    doer: Doer,
    detail: Readonly<Record<string, unknown>>,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const id = await this.#append(act, doer, detail, null)
    try {
      const value = await work()
      await this.#finish(id, 'done')
      return value
    } catch (error) {
      await this.#finish(id, toHubError(error).code)
      throw error
    }
  }

  /** Tells of what was turned away; the first at once, those of the same kind and source after it as a count. Never throws. */
  refuse(refusal: Refusal): void {
    // The doors close last, and nothing would end the timer of an entry.
    if (this.#stopped) return
    const { act, result } = refusal
    const kind = `${act} ${result}`
    const known = `${kind} ${sourceKey(refusal.source)}`
    const key = this.#together.has(known) || this.#together.size < auditLimits.apartMax ? known : kind
    const together = this.#together.get(key)
    if (together !== undefined) {
      together.count++
      return
    }
    const from = key === known ? refusal.source : null
    this.#log?.warn({ act, result, from }, 'refused')
    const entry = {
      at: this.#clock.now(),
      who: refusal.who ?? null,
      role: refusal.role ?? null,
      from,
      act,
      detail: key === known ? detailOf(refusal.detail ?? {}) : {},
      result,
      count: 1,
    }
    this.#together.set(key, {
      act,
      count: 1,
      written: 1,
      id: this.#store.access.appendAudit(entry, true).catch(() => undefined),
      cancel: this.#clock.after(auditLimits.togetherMs, () => void this.#close(key)),
    })
  }

  async list({ text, limit, before }: ParsedParams<'audit.list'>): Promise<Result<'audit.list'>> {
    await Promise.all([...this.#together.values()].map((together) => this.#writeCount(together)))
    // One more than asked for tells whether there is a next page.
    const rows = await this.#store.access.audit({ text, before, limit: limit + 1 })
    const entries = rows.slice(0, limit).map(({ at, ...row }): AuditEntry => ({ ...row, at: isoTime(at) }))
    const last = entries.at(-1)
    return rows.length > limit && last !== undefined ? { entries, next: last.id } : { entries }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#together.keys()].map((key) => this.#close(key)))
  }

  async #close(key: string): Promise<void> {
    const together = this.#together.get(key)
    if (together === undefined) return
    this.#together.delete(key)
    together.cancel()
    if (together.count > 1)
      this.#log?.warn({ act: together.act, count: together.count }, 'refused more often')
    await this.#writeCount(together)
  }

  async #writeCount(together: Together): Promise<void> {
    const id = await together.id
    if (id === undefined || together.count === together.written) return
    const { count } = together
    try {
      await this.#store.access.countAudit(id, count)
      together.written = count
    } catch (error) {
      this.#log?.warn({ reason: errorText(error) }, 'a count of the audit log is not written')
    }
  }

  #append(
    act: string,
    { who, role, from }: Doer,
    detail: Readonly<Record<string, unknown>>,
    result: string | null,
  ): Promise<number> {
    const at = this.#clock.now()
    return this.#store.access.appendAudit({
      at,
      who,
      role,
      from,
      act,
      detail: detailOf(detail),
      result,
      count: 1,
    })
  }

  /** The act is done whatever becomes of its entry: one without a result says that it began. */
  async #finish(id: number, result: string): Promise<void> {
    await this.#store.access.finishAudit(id, result).catch((error: unknown) => {
      this.#log?.warn({ reason: errorText(error) }, 'the result of an audited act is not written')
    })
  }
}
