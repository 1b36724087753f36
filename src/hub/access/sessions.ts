/** Sessions of the console: what a user gets for the password, until it is idle or old. Only hashes are stored. */
import { HubError } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import type { SessionRow, Store, UserRow } from '../../store/store.ts'
import type { Caller, NewSession } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import { newSecret, sha256 } from './secrets.ts'

export const sessionLimits = {
  /** A use is written at most so often. */
  touchEveryMs: 60_000,
  agentCharsMax: 300,
  /** Longer timers than this do not exist in the runtime; the end is looked at again then. */
  timerMsMax: 2_000_000_000,
} as const

export interface SessionSettings {
  /** A session ends after so long without use. */
  sessionIdleMs: number
  /** A session ends after so long in any case. */
  sessionMs: number
}

interface Live {
  user: string
  /** When it was last used, and when it ends in any case; ms since 1970. */
  lastUsedAt: number
  expiresAt: number
  touchedAt: number
}

export class Sessions {
  readonly #store: Store
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #settings: SessionSettings
  readonly #ended: (id: string) => void
  /** Sessions that were used since the start, so that their connections close when they end. */
  readonly #live = new Map<string, Live>()
  /** Counts sessions that ended: what is read meanwhile may be of before. */
  #endings = 0
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(tools: {
    store: Store
    clock: Clock
    newId: () => string
    settings: SessionSettings
    /** Told of each session that ends. */
    ended: (id: string) => void
  }) {
    this.#store = tools.store
    this.#clock = tools.clock
    this.#newId = tools.newId
    this.#settings = tools.settings
    this.#ended = tools.ended
  }

  async begin(user: UserRow, from: string, agent: string): Promise<NewSession> {
    const secret = newSecret()
    const now = this.#clock.now()
    const dropped = await this.#store.access.insertSession({
      hash: sha256(secret),
      id: this.#newId(),
      user: user.id,
      createdAt: now,
      lastUsedAt: now,
      from,
      agent: agent.slice(0, sessionLimits.agentCharsMax),
      expiresAt: now + this.#settings.sessionMs,
    })
    for (const id of dropped) this.#forget(id)
    return { secret, user: user.id, name: user.name, role: user.role, ms: this.#settings.sessionMs }
  }

  async check(secret: string, from?: string): Promise<Caller | undefined> {
    const before = this.#endings
    const row = await this.#store.access.sessionByHash(sha256(secret))
    if (row === undefined) return undefined
    if (this.#endOf(row) <= this.#clock.now()) {
      await this.#end(row.id)
      return undefined
    }
    const user = (await this.#store.access.users()).find(({ id }) => id === row.user)
    if (this.#endings !== before) return this.check(secret, from)
    if (user === undefined) return undefined
    this.#note(row)
    this.used(row.id)
    return {
      client: row.id,
      name: user.name,
      role: user.role,
      user: user.id,
      ...(from !== undefined && { from }),
    }
  }

  /** A call was made in it. */
  used(id: string): void {
    const live = this.#live.get(id)
    if (live === undefined) return
    const now = this.#clock.now()
    live.lastUsedAt = Math.max(live.lastUsedAt, now)
    if (now - live.touchedAt < sessionLimits.touchEveryMs) return
    live.touchedAt = now
    void this.#store.access.touchSession(id, now).catch(() => {})
  }

  async list(own: string): Promise<Result<'session.list'>> {
    const names = new Map((await this.#store.access.users()).map(({ id, name }) => [id, name]))
    const now = this.#clock.now()
    const open = (await this.#store.access.sessions()).filter((row) => this.#endOf(row) > now)
    return {
      sessions: open.map(({ id, user, createdAt, lastUsedAt, from, agent }) => ({
        id,
        user,
        name: names.get(user) ?? user,
        createdAt: isoTime(createdAt),
        lastUsedAt: isoTime(lastUsedAt),
        from,
        agent,
        own: id === own,
      })),
    }
  }

  /** Throws `session_unknown`. */
  async end(id: string): Promise<void> {
    if (!(await this.#end(id))) throw new HubError('session_unknown', { id })
  }

  /** Ends the session of a secret; an unknown one is no error. */
  async endBySecret(secret: string): Promise<void> {
    const row = await this.#store.access.sessionByHash(sha256(secret))
    if (row !== undefined) await this.#end(row.id)
  }

  /** Ends the sessions of a user, but one. */
  async endOf(user: string, but?: string): Promise<void> {
    for (const id of await this.#store.access.deleteSessionsOf(user, but)) this.#forget(id)
    this.forgetOf(user, but)
  }

  /** The sessions of a user are gone from the store already. */
  forgetOf(user: string, but?: string): void {
    this.#endings++
    for (const [id, live] of [...this.#live]) if (live.user === user && id !== but) this.#forget(id)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #end(id: string): Promise<boolean> {
    const deleted = await this.#store.access.deleteSession(id)
    this.#forget(id)
    return deleted
  }

  #forget(id: string): void {
    this.#endings++
    this.#live.delete(id)
    this.#ended(id)
  }

  #note(row: SessionRow): void {
    if (this.#live.has(row.id)) return
    const { user, lastUsedAt, expiresAt } = row
    this.#live.set(row.id, { user, lastUsedAt, expiresAt, touchedAt: lastUsedAt })
    this.#plan()
  }

  #endOf({ lastUsedAt, expiresAt }: { lastUsedAt: number; expiresAt: number }): number {
    return Math.min(expiresAt, lastUsedAt + this.#settings.sessionIdleMs)
  }

  /** One timer, for the one that ends first; uses meanwhile only make it look again. */
  #plan(): void {
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#stopped || this.#live.size === 0) return
    const first = Math.min(...[...this.#live.values()].map((live) => this.#endOf(live)))
    const ms = Math.min(sessionLimits.timerMsMax, Math.max(0, first - this.#clock.now()))
    this.#cancel = this.#clock.after(ms, () => void this.#endExpired())
  }

  async #endExpired(): Promise<void> {
    const now = this.#clock.now()
    for (const [id, live] of [...this.#live]) {
      if (this.#endOf(live) > now) continue
      // Whatever the disk says: its connections close, and the row is refused by its times.
      this.#forget(id)
      await this.#store.access.deleteSession(id).catch(() => false)
    }
    this.#plan()
  }
}
