/** Limits of the webhook connector. */
export const webhookLimits = {
  /** Of an answer, in bytes: an id is short, and a page of some proxy is not wanted. */
  answerBytesMax: 64 * 1024,
  /** An id that an upstream gives, in characters. */
  remoteCharsMax: 200,
  /** A connection that nothing was sent on is closed after so long, in ms. */
  idleMs: 30_000,
} as const
