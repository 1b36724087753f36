/** Tokens of paired clients: made, checked, changed, taken back. Only their hashes are stored. */
import { HubError } from '../../protocol/errors.ts'
import type { Params, Result, Role } from '../../protocol/methods.ts'
import type { Store, TokenRow } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'
import { newSecret, sha256 } from './secrets.ts'

export const tokenLimits = {
  /** How long an unknown token is remembered as unknown, so that guessing costs no disk. */
  unknownMs: 2_000,
  knownMs: 60_000,
  cachedMax: 2_000,
  /** A use from the same address is written at most so often. */
  touchEveryMs: 60_000,
} as const

export interface NewToken {
  name: string
  role: Role
  devices?: readonly string[] | null | undefined
}

interface Cached {
  caller: Caller | undefined
  until: number
  touchedAt: number
  touchedFrom: string | undefined
}

export class Tokens {
  readonly #store: Store
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #cache = new Map<string, Cached>()
  /** Counts what was taken back or changed: what is read meanwhile may be of before. */
  #changes = 0

  constructor(tools: { store: Store; clock: Clock; newId: () => string }) {
    this.#store = tools.store
    this.#clock = tools.clock
    this.#newId = tools.newId
  }

  async check(token: string, from?: string): Promise<Caller | undefined> {
    const hash = sha256(token)
    const now = this.#clock.monotonic()
    let cached = this.#cache.get(hash)
    if (cached === undefined || cached.until <= now) {
      const row = await this.#read(hash)
      const caller = row === undefined ? undefined : callerOf(row)
      const keepMs = caller === undefined ? tokenLimits.unknownMs : tokenLimits.knownMs
      cached = { caller, until: now + keepMs, touchedAt: Number.NEGATIVE_INFINITY, touchedFrom: undefined }
      if (this.#cache.size >= tokenLimits.cachedMax) this.#cache.clear()
      this.#cache.set(hash, cached)
    }
    if (cached.caller === undefined) return undefined
    this.#touch(cached, cached.caller.client, now, from)
    return from === undefined ? cached.caller : { ...cached.caller, from }
  }

  /** Makes a token. It is shown once; the store keeps its hash. Throws `params_invalid`: see `refuseHeld`. */
  async issue({ name, role, devices }: NewToken): Promise<string> {
    refuseHeld(role, devices)
    const token = `tb_${newSecret()}`
    await this.#store.access.insertToken({
      id: this.#newId(),
      name,
      role,
      hash: sha256(token),
      createdAt: this.#clock.now(),
      ...(devices != null && { devices }),
    })
    return token
  }

  async list(connectionsOf: (client: string) => number): Promise<Result<'token.list'>> {
    const rows = await this.#store.access.tokens()
    return { tokens: rows.map((row) => shown(row, connectionsOf(row.id))) }
  }

  /** Throws `token_unknown`, or `params_invalid` for devices of a technician. */
  async change({ id, name, devices }: Params<'token.change'>): Promise<Result<'token.change'>> {
    const known = (await this.#store.access.tokens()).find((row) => row.id === id)
    if (known === undefined) throw new HubError('token_unknown', { id })
    refuseHeld(known.role, devices)
    const row = await this.#store.access.changeToken(id, {
      ...(name !== undefined && { name }),
      ...(devices !== undefined && { devices }),
    })
    this.#forget(id)
    return shown(row, 0)
  }

  /** Throws `token_unknown`. */
  async revoke(id: string): Promise<void> {
    if (!(await this.#store.access.deleteToken(id))) throw new HubError('token_unknown', { id })
    this.#forget(id)
  }

  async #read(hash: string): Promise<TokenRow | undefined> {
    for (;;) {
      const before = this.#changes
      const row = await this.#store.access.tokenByHash(hash)
      if (this.#changes === before) return row
    }
  }

  #forget(id: string): void {
    this.#changes++
    for (const [hash, { caller }] of this.#cache) if (caller?.client === id) this.#cache.delete(hash)
  }

  #touch(cached: Cached, client: string, now: number, from: string | undefined): void {
    const elsewhere = from !== undefined && from !== cached.touchedFrom
    if (!elsewhere && now - cached.touchedAt < tokenLimits.touchEveryMs) return
    cached.touchedAt = now
    if (from !== undefined) cached.touchedFrom = from
    void this.#store.access.touchToken(client, this.#clock.now(), from).catch(() => {})
  }
}

/** Whoever sets the box up needs all of it. Throws `params_invalid`. */
export function refuseHeld(role: Role, devices: readonly string[] | null | undefined): void {
  if (devices == null || role === 'cashier' || role === 'monitor') return
  throw new HubError('params_invalid', { path: 'devices', reason: `a ${role} cannot be held to devices` })
}

function callerOf({ id, name, role, devices }: TokenRow): Caller {
  return { client: id, name, role, ...(devices !== undefined && { devices: new Set(devices) }) }
}

function shown(row: TokenRow, connections: number): Result<'token.change'> {
  const { id, name, role, devices, createdAt, lastUsedAt, lastUsedFrom } = row
  return {
    id,
    name,
    role,
    devices: devices === undefined ? null : [...devices],
    createdAt: isoTime(createdAt),
    lastUsedAt: lastUsedAt === undefined ? null : isoTime(lastUsedAt),
    lastUsedFrom: lastUsedFrom ?? null,
    connections,
  }
}
