/** Limits of the door that speaks QZ Tray's WebSocket, each with its unit. */
export const qzLimits = {
  /** A picture in base64 is the longest thing there is. */
  messageBytesMax: 12 * 1_024 * 1_024,
  /** What whoever was not let in may send until it is told so. */
  strangerBytesMax: 64 * 1_024,
  /** From the upgrade to the certificate, which every client sends, be it null. */
  certificateMsMax: 10_000,
  nestingMax: 64,
  /** WebSockets of this door. */
  connectionsMax: 500,
  /** Requests of one client that are not answered yet. */
  pendingRequestsMax: 64,
  requestsPerSecondMax: 100,
  requestsBurstMax: 200,
  /** New WebSockets of one source. */
  upgradesPerSecondMax: 20,
  upgradesBurstMax: 200,
  sourcesRememberedMax: 1_024,
  /** Waiting to be sent to one client. */
  bufferedBytesMax: 4 * 1_024 * 1_024,
  heartbeatMs: 15_000,
  heartbeatMissesMax: 2,
  /** From our close frame to the end of the socket. */
  closeMsMax: 2_000,
  /** For a print, from the request to the printer's last word. */
  printMsMax: 120_000,
  /** Parts of one print. */
  partsMax: 500,
  /** Jobs of one print: documents come one after the other. */
  documentsMax: 50,
  /** How far the time of a signature may be from the hub's: as QZ Tray has it. */
  signatureMsMax: 15 * 60_000,
  /** Jobs of the door that are taken back by `clearQueue` in one go. */
  clearedJobsMax: 500,
  /** Until https ports are tried again that were taken. */
  retryMs: 30_000,
} as const
