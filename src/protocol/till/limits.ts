/** Limits of the till that its engine needs too: this file brings no validator along. */

export const tillLimits = {
  /** Money in minor units; far below what a double holds exactly. */
  amountMax: 1_000_000_000_000,
  linesMax: 1_000,
  paymentsMax: 50,
  nameCharsMax: 200,
  noteCharsMax: 2_000,
  barcodesMax: 50,
  taxesMax: 20,
  lotsMax: 500,
  /** Kinds of coins and notes in one count. */
  coinsMax: 50,
  searchCharsMax: 100,
  pageMax: 500,
  importRowsMax: 200_000,
  importBytesMax: 15 * 1024 * 1024,
  reserveMax: 1_000,
  holdMsMax: 10 * 60_000,
} as const
