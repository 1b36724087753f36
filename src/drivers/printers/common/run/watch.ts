/** Keeps an eye on a printer between and during jobs: asks for its status now and then, and notices when nobody is there. */
import type { DriverClock } from '../../../driver.ts'
import { type Conversation, conversationLimits } from './conversation.ts'

export const watchTimes = {
  /** Pause between questions to a printer that reports changes by itself: only a sign of life. */
  aliveMs: 15_000,
  /** Pause on a printer that has to be asked, while it is idle and well. */
  idleMs: 10_000,
  /** Pause while a fault stands or a job waits for its end. */
  closeMs: 2_000,
} as const

export class Watch {
  readonly #link: Conversation
  readonly #clock: DriverClock
  readonly #dead: () => void
  #cancel: () => void = () => {}
  #running = false
  #close = false
  #asking = false

  constructor(link: Conversation, clock: DriverClock, dead: () => void) {
    this.#link = link
    this.#clock = clock
    this.#dead = dead
  }

  get running(): boolean {
    return this.#running
  }

  start(): void {
    this.#running = true
    this.#arm()
  }

  stop(): void {
    this.#running = false
    this.#cancel()
  }

  /** True while a job waits for its end. The sign of life may then stand behind the data, so its absence proves nothing. */
  closely(on: boolean): void {
    if (this.#close === on) return
    this.#close = on
    this.again()
  }

  /** The pause begins anew: what it depends on has changed. */
  again(): void {
    if (this.#running && !this.#asking) this.#arm()
  }

  #arm(): void {
    this.#cancel()
    this.#cancel = this.#clock.after(this.#pause(), () => void this.#round())
  }

  #pause(): number {
    if (this.#link.reportsByItself) return watchTimes.aliveMs
    return this.#close || this.#link.blocking !== undefined ? watchTimes.closeMs : watchTimes.idleMs
  }

  async #round(): Promise<void> {
    if (!this.#link.inBody) {
      this.#asking = true
      const until = this.#clock.monotonic() + conversationLimits.answerMsMax
      const answered = await this.#link.look(until)
      this.#asking = false
      const busy = this.#close || this.#link.inBody
      if (!answered && !busy && this.#running && this.#link.lost === undefined) this.#dead()
    }
    if (this.#running && this.#link.lost === undefined) this.#arm()
  }
}
