/** Wrong PINs and badges: whoever guesses waits longer and longer, at that till only. */
import { HubError } from '../../protocol/errors.ts'

export const lockOutLimits = {
  /** Of one client at one employee. */
  employee: {
    /** Wrong tries that cost nothing. */
    freeTries: 4,
    /** The first wait; each wrong try after it doubles it. */
    waitMsMin: 30_000,
    waitMsMax: 15 * 60_000,
    /** After so long without a wrong try, all begins anew. */
    forgetMs: 60 * 60_000,
  },
  /** Of one client over all employees and unknown badges; many people mistype at one till. */
  client: { freeTries: 15, waitMsMin: 30_000, waitMsMax: 5 * 60_000, forgetMs: 30 * 60_000 },
  /** Pairs of client and employee, and clients, remembered; of more, those that were quiet longest go. */
  rememberedMax: 5_000,
} as const

type Limits = (typeof lockOutLimits)['employee' | 'client']

interface Tries {
  wrong: number
  /** ms since 1970. */
  lastAt: number
  /** Tries that were opened: a right one takes back the time of no other. */
  opened: number
}

export class LockOut {
  readonly #now: () => number
  readonly #tries = new Map<string, Tries>()

  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Opens a try, which counts as wrong until `right` is called (the answer was right) or `undo` (it was no answer, such as a
   * hub too busy to compare): many guesses at once are many guesses. `employee` undefined for an unknown badge. Throws
   * `locked_out` with the seconds to wait; such a try does not count.
   */
  begin(client: string, employee: string | undefined): { right(): void; undo(): void } {
    const found = [this.#of(key(client), lockOutLimits.client)]
    if (employee !== undefined) found.push(this.#of(key(client, employee), lockOutLimits.employee))
    const wait = Math.max(...found.map(({ tries, limits }) => this.#waitMs(tries, limits)))
    if (wait > 0) throw new HubError('locked_out', { seconds: Math.ceil(wait / 1000) })
    // Only now: a try that is not looked at leaves nothing that could push others out.
    for (const { name, tries } of found) this.#remember(name, tries)
    const takeBacks = found.map(({ tries }) => this.#count(tries))
    const undo = () => {
      for (const takeBack of takeBacks) takeBack()
    }
    return {
      right: () => {
        undo()
        // What was guessed before at others still counts for the client: a right PIN of one's own opens no door to theirs.
        if (employee !== undefined) this.#tries.delete(key(client, employee))
      },
      undo: () => {
        undo()
        for (const { name, tries } of found)
          if (tries.wrong === 0 && this.#tries.get(name) === tries) this.#tries.delete(name)
      },
    }
  }

  #count(tries: Tries): () => void {
    const before = tries.lastAt
    tries.wrong++
    tries.lastAt = this.#now()
    const own = ++tries.opened
    let open = true
    return () => {
      if (!open) return
      open = false
      tries.wrong = Math.max(0, tries.wrong - 1)
      if (tries.opened === own) tries.lastAt = before
    }
  }

  #waitMs(tries: Tries, { freeTries, waitMsMax, waitMsMin }: Limits): number {
    if (tries.wrong <= freeTries) return 0
    const wait = Math.min(waitMsMax, waitMsMin * 2 ** (tries.wrong - freeTries - 1))
    return tries.lastAt + wait - this.#now()
  }

  #of(name: string, limits: Limits): { name: string; limits: Limits; tries: Tries } {
    let tries = this.#tries.get(name)
    if (tries === undefined || tries.lastAt + limits.forgetMs <= this.#now())
      tries = { wrong: 0, lastAt: Number.NEGATIVE_INFINITY, opened: 0 }
    // A clock that was set back makes nobody wait longer than the wait itself.
    tries.lastAt = Math.min(tries.lastAt, this.#now())
    return { name, limits, tries }
  }

  /** The newest is last in its map, so that the first is the one to forget. */
  #remember(name: string, tries: Tries): void {
    this.#tries.delete(name)
    this.#tries.set(name, tries)
    const oldest =
      this.#tries.size > lockOutLimits.rememberedMax ? this.#tries.keys().next().value : undefined
    if (oldest !== undefined) this.#tries.delete(oldest)
  }
}

const key = (client: string, employee?: string): string => JSON.stringify([client, employee])
