/** What is known of a drawer: open, closed or unknown; tells changes, and lets a job wait for the drawer to spring open. */
import { HubError } from '../../../protocol/errors.ts'
import type { Attempt, AttemptResult, DriverClock } from '../../driver.ts'

export class DrawerState {
  readonly #clock: DriverClock
  readonly #tell: (open: boolean) => void
  #open: boolean | undefined
  #told: boolean | undefined
  #openings = 0
  #waiting: (() => void) | undefined
  #stopped = false

  constructor(clock: DriverClock, tell: (open: boolean) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** undefined: nobody knows, or nobody knows any more. */
  get open(): boolean | undefined {
    return this.#open
  }

  /** How often it was seen to be open that was not before: one that is shut again at once has opened all the same. */
  get openings(): number {
    return this.#openings
  }

  /** What a sensor says now. A change is told, also one that no job asked for: the drawer was opened with a key, or shut. */
  set(open: boolean | undefined): void {
    if (this.#stopped) return
    if (open === true && this.#open !== true) this.#openings++
    this.#open = open
    this.#waiting?.()
    if (open === undefined || open === this.#told) return
    this.#told = open
    this.#tell(open)
  }

  stop(): void {
    this.#stopped = true
    this.#waiting?.()
  }

  /** Settles at the next word of the sensor, at `until` (monotonic), at an abort or a stop. */
  async news(until: number, signal: AbortSignal): Promise<void> {
    const ms = until - this.#clock.monotonic()
    if (ms <= 0 || this.#stopped || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(ms, resolve)
    this.#waiting = resolve
    const abort = () => resolve()
    signal.addEventListener('abort', abort)
    try {
      await promise
    } finally {
      cancel()
      signal.removeEventListener('abort', abort)
      if (this.#waiting === resolve) this.#waiting = undefined
    }
  }

  get stopped(): boolean {
    return this.#stopped
  }
}

/**
 * What came of a pulse on a drawer that is sensed and was shut before it: done when the sensor saw it open within `msMax`, or since
 * it had seen `openings`; `drawer_stuck` when the sensor says that it is shut still, unknown when the sensor has fallen silent.
 */
export async function sprangOpen(
  state: DrawerState,
  attempt: Attempt,
  options: { clock: DriverClock; msMax: number; device: string; openings: number },
): Promise<AttemptResult> {
  const { clock, msMax, device, openings } = options
  const hasOpened = () => state.open === true || state.openings > openings
  const until = clock.monotonic() + msMax
  while (!hasOpened() && !state.stopped && !attempt.signal.aborted && clock.monotonic() < until)
    await state.news(until, attempt.signal)
  if (hasOpened()) return { state: 'done', outcome: { confirmed: true } }
  if (state.stopped || attempt.signal.aborted) {
    const lost = new HubError('job_outcome_unknown', {
      device,
      reason: state.stopped ? 'link_lost' : 'stopped',
    })
    return { state: 'unknown', error: lost }
  }
  if (state.open === false) return { state: 'failed', error: new HubError('drawer_stuck', { device }) }
  return { state: 'unknown', error: new HubError('answer_timeout', { device, ms: msMax }) }
}
