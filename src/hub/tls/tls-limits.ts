/** Lifetimes, waits and sizes of everything about certificates. */

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

export const tlsLimits = {
  rootYears: 20,
  /** Apple refuses more than 398 days of public certificates, and 825 of others; the day before counts. */
  leafDays: 397,
  /** How long before its making a leaf is valid, for tills whose clock is behind. */
  backMs: dayMs,
  /** A leaf is made anew when this much of its life is over. */
  renewAt: 2 / 3,
  /** No certificate was made before: a clock that says so is wrong, as on a box without a battery. */
  earliestMs: Date.UTC(2026, 10, 1),
  /** How often is looked whether the leaf is due: a clock that is set gives no sign. */
  checkMs: hourMs,
  /** The same while the clock is wrong. */
  wrongClockCheckMs: minuteMs,
  /** Names and addresses of the box change in bursts. */
  settleMs: 2_000,
  /** A certificate that could not be made or kept is tried again after so long, each time later: a full disk has room soon. */
  retryMs: [5 * secondMs, 15 * secondMs, minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs],
  /** How long the process that makes keys and certificates may take; a Pi Zero takes 3 s. */
  workMsMax: minuteMs,
  /** How long the start of the hub waits for its certificate; https comes later then. */
  startMsMax: 5 * secondMs,
  /** A root is called old so long before its end, for every till has to get the next one. */
  rootWarnMs: 365 * dayMs,
  /** A certificate file; chains have a few kB. */
  fileBytesMax: 256 * 1024,
  /** Files of others are read again so long after the last sign of a change. */
  filesSettleMs: 500,
  /** They are read again after so long when they were no good and nothing told of a change. */
  filesRetryMs: minuteMs,
} as const
