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
  /** What a WebSocket may send, in bytes on the wire, until its hello is answered. */
  ungreetedBytesMax: 64 * 1_024,
  heartbeatMs: 15_000,
  heartbeatMissesMax: 2,
  /** From our close frame to the end of the socket. */
  closeMsMax: 2_000,
  /** For what is under way when the hub stops. */
  stopMsMax: 3_000,

  // One source is one address; of IPv6 one /64. A proxy on the box makes one source of everybody.
  /** Open connections of any kind, together and from one source. */
  connectionsMax: 3_000,
  connectionsPerSourceMax: 600,
  /** WebSockets of one source that have not said hello. */
  ungreetedPerSourceMax: 64,
  /** New WebSockets of one source. */
  upgradesPerSecondMax: 50,
  upgradesBurstMax: 600,
  /** HTTP requests of one source that show no token or session, or a wrong one. */
  strangersPerSecondMax: 50,
  strangersBurstMax: 500,
  /** Body of a request that nobody vouches for yet: a code, a log-in. */
  strangerBodyBytesMax: 8 * 1_024,
  /** Lines of the log about connections that break off or speak nonsense. */
  nuisanceLinesPerSecondMax: 1,
  nuisanceLinesBurstMax: 20,
  /** Sources, and tokens, whose rates are remembered. */
  ratesRememberedMax: 4_096,

  /** Until the headers of a request are in, and until all of it is. */
  headersMsMax: 10_000,
  requestMsMax: 300_000,
  /** How often the two above are looked at. */
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
