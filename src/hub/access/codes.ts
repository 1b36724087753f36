/** Pairing codes: six digits for two minutes, good for one token, dead after five wrong tries from anywhere. */
import { HubError } from '../../protocol/errors.ts'
import type { Role } from '../../protocol/methods.ts'
import type { PairCodeRow, Store } from '../../store/store.ts'
import { type Clock, isoTime } from '../clock.ts'
import { newDigits, sha256 } from './secrets.ts'
import { refuseHeld } from './tokens.ts'

export const codeLimits = {
  digits: 6,
  ms: 2 * 60_000,
  /** Of a code made at the box: whoever made it walks to the till. */
  boxMs: 15 * 60_000,
  /** Wrong codes, from anywhere, after which every open code dies. */
  wrongMax: 5,
  /** Wrong tries are forgotten after so long: no code of before lives any more. */
  wrongMs: 15 * 60_000,
} as const

export interface NewCode {
  role: Role
  name?: string | undefined
  devices?: readonly string[] | null | undefined
}

export class Codes {
  readonly #store: Store
  readonly #clock: Clock
  /** When the last open code that was made here ends, on the monotonic clock. */
  #openUntil = Number.NEGATIVE_INFINITY
  #wrong: number[] = []

  constructor(tools: { store: Store; clock: Clock }) {
    this.#store = tools.store
    this.#clock = tools.clock
  }

  /** Throws `params_invalid` for devices of a technician. */
  async make(
    { role, name, devices }: NewCode,
    ms: number = codeLimits.ms,
  ): Promise<{ code: string; expiresAt: string }> {
    refuseHeld(role, devices)
    const now = this.#clock.monotonic()
    // Tries from before it was there were no tries at it.
    if (this.#openUntil <= now) this.#wrong = []
    this.#openUntil = Math.max(this.#openUntil, now + ms)
    const code = newDigits(codeLimits.digits)
    const expiresAt = this.#clock.now() + ms
    await this.#store.access.insertPairCode({
      hash: sha256(code),
      role,
      expiresAt,
      ...(name !== undefined && { name }),
      ...(devices != null && { devices }),
    })
    return { code, expiresAt: isoTime(expiresAt) }
  }

  /** Takes the code, which works once. Throws `pair_code_invalid`, with `dropped` open codes when it was one try too many. */
  async take(typed: string): Promise<PairCodeRow> {
    const now = this.#clock.monotonic()
    this.#wrong = this.#wrong.filter((at) => at > now - codeLimits.wrongMs)
    // Counted as wrong before the disk is asked, so that many guesses at once are many guesses.
    this.#wrong.push(now)
    const over = this.#wrong.length > codeLimits.wrongMax
    const row = over
      ? undefined
      : await this.#store.access.takePairCode(sha256(typed.replace(/[\s-]/g, '')), this.#clock.now())
    if (row !== undefined) {
      const own = this.#wrong.indexOf(now)
      if (own >= 0) this.#wrong.splice(own, 1)
      return row
    }
    const dropped = this.#wrong.length >= codeLimits.wrongMax ? await this.drop() : 0
    throw new HubError('pair_code_invalid', dropped === 0 ? {} : { dropped })
  }

  /** Drops every open code. Answers how many. */
  async drop(): Promise<number> {
    const dropped = await this.#store.access.clearPairCodes()
    this.#wrong = []
    this.#openUntil = Number.NEGATIVE_INFINITY
    return dropped
  }
}
