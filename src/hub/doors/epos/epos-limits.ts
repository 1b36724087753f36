/** Limits of the ePOS door, each with its unit. */

export const eposLimits = {
  /** A request, in bytes: a receipt of two metres as a picture in base64, with room. */
  bodyBytesMax: 4 * 1_024 * 1_024,
  elementsMax: 20_000,
  depthMax: 16,
  attributesMax: 32,
  /** Requests of one source. */
  requestsPerSecondMax: 20,
  requestsBurstMax: 100,
  /** Sources whose rates are remembered. */
  sourcesMax: 1_000,
  /** How long a request waits for its printer, in ms: what a till may ask for, and what it gets that does not. */
  timeoutMsMin: 1_000,
  timeoutMsMax: 60_000,
  timeoutMsDefault: 15_000,
  /** After that its answer is told, in ms before the timeout of the till: it must not hang up before. */
  answerMs: 500,
} as const
