/**
 * Scans for points of sale that ask for one at a time, without saying who they are. The tabs of one machine go in step: a scan is
 * given to all of them, and the next one when all have asked again, so that none misses a scan and none gets one twice. A tab that does
 * not come back is not waited for.
 */
import type { Clock } from '../../clock.ts'
import { odooLimits } from './odoo-limits.ts'

interface Scan {
  code: string
  at: number
}

interface Poll {
  answer(code: string | null): void
  cancel(): void
}

/** The tabs of one machine and page. */
interface Group {
  readonly polls: Set<Poll>
  /** How many are to come back before the next scan. */
  expected: number
  scans: Scan[]
  /** Id of the only scanner that they hear; undefined for all. */
  scanner: string | undefined
  /** When a tab was here last, in ms of the steady clock. */
  seenAt: number
  cancelRound: () => void
}

export class ScanPolls {
  readonly #clock: Clock
  readonly #groups = new Map<string, Group>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get waiting(): number {
    return [...this.#groups.values()].reduce((sum, { polls }) => sum + polls.size, 0)
  }

  /** The next code for a tab of a group; null when none came in time. `scanner`: only its scans. `onGone` is told how to forget a tab that hung up. */
  poll(
    name: string,
    scanner: string | undefined,
    onGone: (forget: () => void) => void,
  ): Promise<string | null> {
    const group = this.#group(name)
    // Not at once: whoever is told nothing asks again.
    if (group === undefined || group.polls.size >= odooLimits.tabsMax)
      return new Promise((resolve) => onGone(this.#clock.after(odooLimits.scanPollMs, () => resolve(null))))
    group.scanner = scanner
    return new Promise((resolve) => {
      const cancelWait = this.#clock.after(odooLimits.scanPollMs, () => {
        // It is back in a moment: it still counts.
        this.#settle(group, poll, null, resolve)
      })
      const poll: Poll = {
        answer: (code) => {
          cancelWait()
          this.#settle(group, poll, code, resolve)
        },
        cancel: cancelWait,
      }
      onGone(() => {
        if (!group.polls.delete(poll)) return
        poll.cancel()
        group.expected = Math.max(group.polls.size, group.expected - 1)
        group.seenAt = this.#clock.monotonic()
        resolve(null)
        this.#next(group)
      })
      group.polls.add(poll)
      group.expected = Math.max(group.expected, group.polls.size)
      this.#next(group)
    })
  }

  scan(code: string, scanner: string | undefined): void {
    for (const group of this.#groups.values()) {
      if (group.scanner !== undefined && group.scanner !== scanner) continue
      group.scans.push({ code, at: this.#clock.monotonic() })
      if (group.scans.length > odooLimits.scansMax) group.scans.shift()
      this.#next(group)
    }
  }

  stop(): void {
    for (const group of this.#groups.values()) {
      group.cancelRound()
      for (const poll of [...group.polls]) poll.answer('')
    }
    this.#groups.clear()
  }

  #group(name: string): Group | undefined {
    const known = this.#groups.get(name)
    if (known !== undefined) return known
    if (this.#groups.size >= odooLimits.groupsMax) this.#forgetIdle()
    if (this.#groups.size >= odooLimits.groupsMax) return undefined
    const group: Group = {
      polls: new Set(),
      expected: 0,
      scans: [],
      scanner: undefined,
      seenAt: this.#clock.monotonic(),
      cancelRound: () => {},
    }
    this.#groups.set(name, group)
    return group
  }

  /** By when a tab was here, not by what waits for it: every scan waits for a machine that has left, too. */
  #forgetIdle(): void {
    const oldest = this.#clock.monotonic() - odooLimits.scanMs
    for (const [name, { polls, seenAt }] of this.#groups)
      if (polls.size === 0 && seenAt < oldest) this.#groups.delete(name)
  }

  #settle(group: Group, poll: Poll, code: string | null, resolve: (code: string | null) => void): void {
    group.polls.delete(poll)
    group.seenAt = this.#clock.monotonic()
    resolve(code)
    this.#awaitRound(group)
  }

  /** Gives the oldest scan to all tabs, when all are there. */
  #next(group: Group): void {
    const oldest = this.#clock.monotonic() - odooLimits.scanMs
    while (group.scans[0] !== undefined && group.scans[0].at < oldest) group.scans.shift()
    if (group.polls.size === 0 || group.polls.size < group.expected) return
    const scan = group.scans.shift()
    if (scan === undefined) return
    for (const poll of [...group.polls]) poll.answer(scan.code)
  }

  /** Whoever is not back when the time is over has gone. */
  #awaitRound(group: Group): void {
    group.cancelRound()
    group.cancelRound = this.#clock.after(odooLimits.roundMs, () => {
      group.expected = group.polls.size
      this.#next(group)
    })
  }
}
