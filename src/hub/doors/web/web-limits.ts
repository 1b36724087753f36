/** Limits of the web door, each with its unit. */

export const webLimits = {
  messageBytesMax: 16 * 1_024 * 1_024,
  /** Levels of objects and arrays in a request. */
  nestingMax: 64,
  requestsPerSecondMax: 200,
  requestsBurstMax: 400,
  /** Above it, a message over the rate is not even read for its id. */
  rateLimitedReadCharsMax: 4_096,
  pendingRequestsMax: 256,
  /** Waiting to be sent to one client. */
  bufferedBytesMax: 8 * 1_024 * 1_024,
  /** Events read in one go for a client that resumes. */
  resumePageEvents: 500,
  clientsMax: 1_000,
  helloMsMax: 10_000,
  heartbeatMs: 15_000,
  heartbeatMissesMax: 2,
  /** From our close frame to the end of the socket. */
  closeMsMax: 2_000,
  /** For what is under way when the hub stops. */
  stopMsMax: 3_000,
} as const

export type WebLimits = { readonly [K in keyof typeof webLimits]: number }

/** Closing codes of `docs/protocol.md`. */
export const closeCodes = {
  restart: 1012,
  tryLater: 1013,
  unauthorized: 4401,
  revoked: 4403,
  slowClient: 4408,
} as const
