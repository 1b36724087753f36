/** Access: tokens of paired clients and the short-lived codes that make them. Only hashes are stored. */
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { HubError } from '../../protocol/errors.ts'
import type { Result, Role } from '../../protocol/methods.ts'
import type { Store } from '../../store/store.ts'
import type { Access as AccessApi, Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'

export const accessLimits = {
  codeDigits: 6,
  codeMsMax: 2 * 60_000,
  /** The code that the first start shows on the terminal. */
  setUpCodeMsMax: 15 * 60_000,
  /** Wrong codes after which every open code dies. */
  wrongCodesMax: 5,
  wrongCodesWindowMs: 60_000,
  /** How long an unknown token is remembered as unknown, so that guessing costs no disk. */
  unknownTokenMs: 2_000,
  knownTokenMs: 60_000,
  tokensCachedMax: 2_000,
  touchEveryMs: 60_000,
} as const

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Cached {
  caller: Caller | undefined
  until: number
  touchedAt: number
}

export class Access implements AccessApi {
  readonly #store: Store
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #cache = new Map<string, Cached>()
  readonly #revokedListeners = new Set<(client: string) => void>()
  #wrong: number[] = []

  constructor(tools: { store: Store; clock: Clock; newId: () => string }) {
    this.#store = tools.store
    this.#clock = tools.clock
    this.#newId = tools.newId
  }

  async check(token: string): Promise<Caller | undefined> {
    const hash = sha256(token)
    const now = this.#clock.monotonic()
    const cached = this.#cache.get(hash)
    if (cached !== undefined && cached.until > now) {
      this.#touch(cached, now)
      return cached.caller
    }
    const row = await this.#store.access.tokenByHash(hash)
    const caller = row === undefined ? undefined : { client: row.id, name: row.name, role: row.role }
    const keepMs = caller === undefined ? accessLimits.unknownTokenMs : accessLimits.knownTokenMs
    const entry: Cached = { caller, until: now + keepMs, touchedAt: Number.NEGATIVE_INFINITY }
    if (this.#cache.size >= accessLimits.tokensCachedMax) this.#cache.clear()
    this.#cache.set(hash, entry)
    this.#touch(entry, now)
    return caller
  }

  /** Makes a token. It is shown once; the store keeps its hash. */
  async issue(name: string, role: Role): Promise<string> {
    const token = `tb_${randomBytes(32).toString('base64url')}`
    await this.#store.access.insertToken({
      id: this.#newId(),
      name,
      role,
      hash: sha256(token),
      createdAt: this.#clock.now(),
    })
    return token
  }

  /** Makes a code that pairs one client. */
  async code(
    role: Role,
    name: string | undefined,
    ms: number = accessLimits.codeMsMax,
  ): Promise<Result<'pair.code'>> {
    const code = String(randomInt(10 ** accessLimits.codeDigits)).padStart(accessLimits.codeDigits, '0')
    const expiresAt = this.#clock.now() + ms
    await this.#store.access.insertPairCode({
      hash: sha256(code),
      role,
      expiresAt,
      ...(name === undefined ? {} : { name }),
    })
    return { code, expiresAt: isoTime(expiresAt) }
  }

  async pair(code: string, name: string): Promise<{ token: string; role: Role }> {
    const now = this.#clock.monotonic()
    this.#wrong = this.#wrong.filter((at) => at > now - accessLimits.wrongCodesWindowMs)
    if (this.#wrong.length >= accessLimits.wrongCodesMax) throw new HubError('rate_limited')
    // Counted as wrong before the disk is asked, so that many guesses at once are many guesses.
    this.#wrong.push(now)
    const row = await this.#store.access.takePairCode(sha256(code.replace(/[\s-]/g, '')), this.#clock.now())
    if (row === undefined) {
      if (this.#wrong.length >= accessLimits.wrongCodesMax) await this.#store.access.clearPairCodes()
      throw new HubError('pair_code_invalid')
    }
    this.#wrong.splice(this.#wrong.indexOf(now), 1)
    return { token: await this.issue(row.name ?? name, row.role), role: row.role }
  }

  async list(): Promise<Result<'token.list'>> {
    const tokens = await this.#store.access.tokens()
    return {
      tokens: tokens.map(({ id, name, role, createdAt, lastUsedAt }) => ({
        id,
        name,
        role,
        createdAt: isoTime(createdAt),
        lastUsedAt: lastUsedAt === undefined ? null : isoTime(lastUsedAt),
      })),
    }
  }

  async revoke(id: string): Promise<void> {
    await this.#store.access.deleteToken(id)
    for (const [hash, { caller }] of this.#cache) if (caller?.client === id) this.#cache.delete(hash)
    for (const listener of this.#revokedListeners) listener(id)
  }

  onRevoked(listener: (client: string) => void): () => void {
    this.#revokedListeners.add(listener)
    return () => this.#revokedListeners.delete(listener)
  }

  #touch(cached: Cached, now: number): void {
    if (cached.caller === undefined || now - cached.touchedAt < accessLimits.touchEveryMs) return
    cached.touchedAt = now
    void this.#store.access.touchToken(cached.caller.client, this.#clock.now()).catch(() => {})
  }
}
