/** Lock-outs: a source that guesses waits longer and longer; a name that is guessed at only answers a little later. */
import { HubError } from '../../protocol/errors.ts'
import { nameKey } from '../../store/store.ts'
import { type Clock, pause } from '../clock.ts'
import { sourceKey } from './source.ts'

export const lockOutLimits = {
  /** Wrong tries of a source that cost it nothing. Fewer than kill the open pairing codes. */
  freeTries: 4,
  /** The first wait; each wrong try after it doubles it. */
  waitMsMin: 15_000,
  waitMsMax: 15 * 60_000,
  /** A source that has made no wrong try for so long starts anew. */
  forgetMs: 30 * 60_000,
  /** Sources remembered; of more, the one that was quiet longest is forgotten. */
  sourcesMax: 5_000,
  /** Wrong passwords for a name, from anywhere, before its answers are delayed. */
  nameTries: 5,
  nameDelayMsMin: 250,
  nameDelayMsMax: 2_000,
  namesMax: 1_000,
} as const

interface Tries {
  wrong: number
  /** On the monotonic clock. */
  lastAt: number
  /** Tries that were opened: a right one takes back the time of no other. */
  opened: number
}

export class LockOut {
  readonly #clock: Clock
  readonly #sources = new Map<string, Tries>()
  readonly #names = new Map<string, Tries>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Opens a try of a source, which counts as wrong until the answer is called: many guesses at once are many guesses.
   * Throws `locked_out` with the seconds to wait; such a try does not count.
   */
  begin(source: string): () => void {
    const now = this.#clock.monotonic()
    const tries = this.#tries(this.#sources, sourceKey(source), lockOutLimits.sourcesMax)
    const until = tries.lastAt + waitMs(tries.wrong)
    if (until > now) throw new HubError('locked_out', { seconds: Math.ceil((until - now) / 1000) })
    const before = tries.lastAt
    tries.wrong++
    tries.lastAt = now
    const own = ++tries.opened
    let open = true
    return () => {
      if (!open) return
      open = false
      tries.wrong = Math.max(0, tries.wrong - 1)
      if (tries.opened === own) tries.lastAt = before
    }
  }

  /** Makes a try at a name wait when many were wrong. Never a refusal: that would let strangers keep the owner out. */
  async delay(name: string): Promise<void> {
    const { nameDelayMsMax, nameDelayMsMin, nameTries } = lockOutLimits
    const over = (this.#names.get(nameKey(name))?.wrong ?? 0) - nameTries
    if (over >= 0) await pause(this.#clock, Math.min(nameDelayMsMax, nameDelayMsMin * 2 ** over))
  }

  wrongFor(name: string): void {
    const tries = this.#tries(this.#names, nameKey(name), lockOutLimits.namesMax)
    tries.wrong++
    tries.lastAt = this.#clock.monotonic()
  }

  rightFor(name: string): void {
    this.#names.delete(nameKey(name))
  }

  /** The newest is last in its map, so that the first is the one to forget. */
  #tries(map: Map<string, Tries>, key: string, max: number): Tries {
    let tries = map.get(key)
    map.delete(key)
    if (tries === undefined || tries.lastAt + lockOutLimits.forgetMs <= this.#clock.monotonic())
      tries = { wrong: 0, lastAt: Number.NEGATIVE_INFINITY, opened: 0 }
    map.set(key, tries)
    const oldest = map.size > max ? map.keys().next().value : undefined
    if (oldest !== undefined) map.delete(oldest)
    return tries
  }
}

function waitMs(wrong: number): number {
  const { freeTries, waitMsMax, waitMsMin } = lockOutLimits
  return wrong < freeTries ? 0 : Math.min(waitMsMax, waitMsMin * 2 ** (wrong - freeTries))
}
