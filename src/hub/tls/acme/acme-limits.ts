/** Waits and sizes of the talk with a public authority. */

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export const acmeLimits = {
  requestMsMax: 30_000,
  answerBytesMax: 256 * 1024,
  /** One request, with a new nonce each time that the authority refuses one (RFC 8555, 6.5). */
  nonceTriesMax: 6,
  /** How long the hook may take for one record. */
  hookMsMax: 120_000,
  /** How long is listened to what it left running behind, when itself it has ended. */
  hookTailMsMax: 1_000,
  /** What the hook says is kept in the log up to here. */
  hookOutputCharsMax: 4_000,
  /** Between two questions how far it is, unless the authority names a time. */
  pollMs: 3_000,
  pollMsMax: 60_000,
  /** Questions for one authorization or order. */
  pollsMax: 40,
  /** A certificate that could not be had is tried again after so long, each time later. Authorities count failures. */
  retryMs: [5 * minuteMs, 15 * minuteMs, hourMs, 3 * hourMs, 6 * hourMs],
  /** The longest wait that an authority may ask for. */
  retryMsMax: 7 * 24 * hourMs,
  /** A certificate that could not be written is tried to be written again after so long. */
  keepRetryMs: minuteMs,
  /** How often is looked whether the certificate is due. */
  checkMs: hourMs,
} as const
