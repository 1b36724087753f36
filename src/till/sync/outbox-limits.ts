/** Limits on the way to an upstream. */
export const outboxLimits = {
  /** An attempt is given up after so long, in ms: a black hole must not hold up what a person is waiting to see. */
  attemptMsMax: 2_000,
  /** The next attempt comes at least so much later, in ms. */
  backOffMsMin: 1_000,
  /** And at most so much, in ms; the range doubles from twice the least with each failure. */
  backOffMsMax: 60_000,
  /** Longest time for which an upstream may ask to be left alone, in ms. */
  retryAfterMsMax: 10 * 60_000,
  /** An item that failed so often lets the next one try: perhaps it is not the upstream that is broken. */
  stuckAttempts: 5,
  /** Between two events of one upstream, in ms. */
  eventMsMin: 300,
  /** An upstream that takes nothing for so long is told in the health of the hub, in ms. */
  unhealthyMs: 5 * 60_000,
  /** Entries of the ledger that are taken up in one step. */
  takeEntries: 500,
  /** Items fetched from the store for sending one after the other. */
  batchItems: 20,
  /** What could not be read back is asked for again after so long, in ms. */
  readBackMs: 60_000,
  /** Characters of a reason that are kept. */
  reasonCharsMax: 500,
} as const
