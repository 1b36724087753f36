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
  /** WebSockets that have said hello. */
  clientsMax: 1_000,
  helloMsMax: 10_000,
  /** What a WebSocket may send, in bytes on the wire, until its hello is answered. */
  ungreetedBytesMax: 64 * 1_024,
  heartbeatMs: 15_000,
  heartbeatMissesMax: 2,
  /** From our close frame to the end of the socket. */
  closeMsMax: 2_000,
  /** For what is under way when the hub stops. */
  stopMsMax: 3_000,

  /** Open connections of any kind, and those of them that have shown no token or session yet. */
  connectionsMax: 4_000,
  strangerConnectionsMax: 2_000,

  // One source is one address; of IPv6 one /64. A proxy or a router makes one source of everybody behind it: all tills of
  // the largest shop have to come back through it within seconds.
  /** New WebSockets of one source; those that say a proper hello do not count. */
  upgradesPerSecondMax: 100,
  upgradesBurstMax: 3_000,
  /** HTTP requests of one source that show no token or session, or a wrong one. */
  strangersPerSecondMax: 100,
  strangersBurstMax: 2_000,
  /** Body of a request that nobody vouches for yet: a code, a log-in. */
  strangerBodyBytesMax: 8 * 1_024,
  /** Lines of the log about connections that break off or speak nonsense. */
  nuisanceLinesPerSecondMax: 1,
  nuisanceLinesBurstMax: 20,
  /** Sources, and tokens, whose rates are remembered. */
  ratesRememberedMax: 4_096,

  /** Until the headers of a request are in, until all of it is, and until all of a file is that an owner sends. */
  headersMsMax: 10_000,
  requestMsMax: 60_000,
  uploadMsMax: 3_600_000,
  /** How often headers and uploads are looked at. */
  slowCheckMs: 2_000,
  headerBytesMax: 16 * 1_024,
  /** A connection between two requests. */
  keepAliveMsMax: 30_000,
  /** A connection on which nothing moves; longer than the longest `ms` of a method. */
  idleMsMax: 120_000,
  /** A TLS handshake, from the first byte to the last. */
  handshakeMsMax: 10_000,
  /** Until https is tried again on a port that was taken. */
  httpsRetryMs: 30_000,
} as const

export type WebLimits = { readonly [K in keyof typeof webLimits]: number }

/** Closing codes of `docs/protocol.md`. */
export const closeCodes = {
  tooLarge: 1009,
  restart: 1012,
  tryLater: 1013,
  unauthorized: 4401,
  revoked: 4403,
  slowClient: 4408,
} as const
