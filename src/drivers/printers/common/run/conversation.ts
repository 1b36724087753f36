/** The conversation with one printer as a job sees it, whatever language it is in. */
import type { HubError } from '../../../../protocol/errors.ts'
import type { DriverFault } from '../../../driver.ts'
import type { CloseReason } from '../../../transports/transport.ts'

export const conversationLimits = {
  /** Longest wait for the answer to a question that a printer answers at once, in ms. */
  answerMsMax: 3_000,
} as const

/** A question that is answered in its turn with the data. `answer` is set once the answer is certain to be its own. */
export interface Pending<T> {
  answer: T | undefined
  /** True when its answer cannot come any more. */
  dropped: boolean
}

export interface Conversation {
  /** Present faults, the one to mend first in front. */
  readonly faults: readonly DriverFault[]
  /** The first fault that keeps the printer from printing. */
  readonly blocking: DriverFault | undefined
  /** True once the printer has told its status without being asked. */
  readonly reportsByItself: boolean
  /** True while a job's bytes are under way: nothing may be asked in their midst. */
  inBody: boolean
  readonly lost: CloseReason | undefined
  /** Monotonic ms at which the last byte came in. */
  readonly lastHeardAt: number
  /** Settles at the next news (an answer, a change, the loss of the link) or at `until`, in monotonic ms. */
  news(until?: number): Promise<void>
  /** Wakes everybody who waits for news. */
  wake(): void
  /** Throws what the transport throws. */
  write(bytes: Uint8Array): Promise<void>
  /** Gives the link up, so that the hub opens a new one. */
  giveUp(reason: string): void
  closedError(): HubError
  /**
   * Asks for the status as it is now, waiting for a question under way; false when no answer comes until then. `afresh`: only
   * whether it answers, also when an earlier question never will be. `brief`: no more than one question.
   */
  look(until: number, options?: { afresh?: boolean; brief?: boolean }): Promise<boolean>
}

/** Why a job ended before its time. */
export interface Stop {
  reason: 'link_lost' | 'no_answer' | 'stopped'
  error: HubError | undefined
}
