/** The lines of the log as they come: a long question to the hub again and again, kept in blocks that change little. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import type { LogLine } from '../../../../protocol/methods/box.ts'
import type { Result } from '../../../../protocol/methods.ts'
import type { UiClock } from '../../../parts/time.ts'
import type { Session } from '../../session.ts'

export const logFeedLimits = {
  /** Lines on the page; the hub keeps as many. */
  linesMax: 2_000,
  /** Lines drawn as one piece: what is in sight is drawn anew, not the rest. */
  blockLines: 50,
  /** How long one question waits for a line. */
  waitMs: 25_000,
  /** A hub that logs the questions themselves would otherwise be asked without end. */
  restMs: 250,
  /** After an error. */
  retryMs: 3_000,
} as const

export type LogLevel = LogLine['level']

/** Never changed once made: a block with more lines is another one. */
export interface LogBlock {
  readonly first: number
  readonly lines: readonly LogLine[]
}

type Answer = Result<'log.read'>

export class LogFeed {
  readonly #session: Pick<Session, 'call'>
  readonly #clock: UiClock
  readonly #blocks = signal<readonly LogBlock[]>([])
  readonly #lost = signal(0)
  readonly #waiting = signal(0)
  readonly #error = signal<HubError | undefined>(undefined)
  readonly #levels = signal<Pick<Answer, 'level' | 'devices'> | undefined>(undefined)
  #held: LogLine[] = []
  #holding = false
  #next: number | undefined
  #running = false
  #cancel: (() => void) | undefined

  constructor(session: Pick<Session, 'call'>, clock: UiClock) {
    this.#session = session
    this.#clock = clock
  }

  get blocks(): ReadonlySignal<readonly LogBlock[]> {
    return this.#blocks
  }

  /** Lines that the hub had dropped before they were read, and that were dropped here while the page stood still. */
  get lost(): ReadonlySignal<number> {
    return this.#lost
  }

  /** Lines that came while the page stands still. */
  get waiting(): ReadonlySignal<number> {
    return this.#waiting
  }

  get error(): ReadonlySignal<HubError | undefined> {
    return this.#error
  }

  /** Level of the hub, and of devices with one of their own; undefined until the first answer. */
  get levels(): Signal<Pick<Answer, 'level' | 'devices'> | undefined> {
    return this.#levels
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    void this.#ask()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
  }

  /** True: new lines wait, so that what is being read stays where it is. */
  hold(holding: boolean): void {
    if (this.#holding === holding) return
    this.#holding = holding
    if (holding) return
    const held = this.#held
    this.#held = []
    this.#waiting.value = 0
    this.#add(held)
  }

  async #ask(): Promise<void> {
    const first = this.#next === undefined
    const wait = first ? 0 : logFeedLimits.waitMs
    try {
      // From the very first line that the hub has kept.
      const params = { after: this.#next ?? 0, ms: wait }
      const answer = await this.#session.call('log.read', params, { timeoutMs: wait + 15_000 })
      if (!this.#running) return
      this.#take(answer, first)
      const more = answer.lines.length > 0 && wait === 0
      this.#again(more ? 0 : logFeedLimits.restMs)
    } catch (thrown) {
      if (!this.#running) return
      this.#error.value = toHubError(thrown)
      this.#again(logFeedLimits.retryMs)
    }
  }

  #again(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => void this.#ask())
  }

  #take({ devices, level, lines, lost, next }: Answer, first: boolean): void {
    this.#error.value = undefined
    // A hub that was started anew counts from the beginning.
    if (this.#next !== undefined && next < this.#next) this.#next = 0
    else this.#next = next
    // What was dropped before this page was opened is nobody's loss.
    if (!first && lost > 0) this.#lost.value += lost
    this.#levels.value = { level, devices }
    if (this.#holding) this.#keep(lines)
    else this.#add(lines)
  }

  #keep(lines: readonly LogLine[]): void {
    this.#held.push(...lines)
    const over = this.#held.length - logFeedLimits.linesMax
    if (over > 0) {
      this.#held.splice(0, over)
      this.#lost.value += over
    }
    this.#waiting.value = this.#held.length
  }

  #add(lines: readonly LogLine[]): void {
    if (lines.length === 0) return
    const blocks = [...this.#blocks.peek()]
    for (let at = 0; at < lines.length; ) {
      const last = blocks.at(-1)
      const room = last === undefined ? 0 : logFeedLimits.blockLines - last.lines.length
      const take = lines.slice(at, at + (room > 0 ? room : logFeedLimits.blockLines))
      if (last !== undefined && room > 0)
        blocks[blocks.length - 1] = { first: last.first, lines: [...last.lines, ...take] }
      else blocks.push({ first: take[0]?.seq ?? 0, lines: take })
      at += take.length
    }
    this.#blocks.value = trimmed(blocks)
  }
}

/** Whole blocks go, so that the others stay what they are. */
function trimmed(blocks: readonly LogBlock[]): readonly LogBlock[] {
  let count = blocks.reduce((sum, { lines }) => sum + lines.length, 0)
  let from = 0
  for (; from < blocks.length - 1; from++) {
    const size = blocks[from]?.lines.length ?? 0
    if (count - size < logFeedLimits.linesMax) break
    count -= size
  }
  return from === 0 ? blocks : blocks.slice(from)
}
