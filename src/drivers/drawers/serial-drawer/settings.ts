/** Settings of a drawer on a serial line. */
import { z } from 'zod'

export const serialDrawerLimits = {
  /** Longest command that opens a drawer, or question for its state, in bytes. */
  commandBytesMax: 16,
  /** Time between two looks at the sensor while a job waits for the drawer, in ms. */
  waitPollMs: 50,
  /** After a lost answer, nothing that comes in is believed before the line was quiet for this long, in ms. */
  doubtMs: 10_000,
} as const

const bytesSchema = z.array(z.int().min(0).max(255)).min(1).max(serialDrawerLimits.commandBytesMax)

export const serialDrawerSettings = z.strictObject({
  /** Bytes that open the drawer: BEL for those that open at any character. */
  open: bytesSchema.default([0x07]),
  /** Bytes that open a second drawer on the same line; without them there is none. */
  open2: bytesSchema.optional(),
  /**
   * How the drawer tells that it is open: `cts`, `dsr` or `dcd` by a modem line of the port; `query` by an answer to a question;
   * `stream` by sending a byte again and again while it is open; `none` not at all.
   */
  sense: z.enum(['none', 'cts', 'dsr', 'dcd', 'query', 'stream']).default('none'),
  /** The state of the modem line while the drawer is open; which it is depends on the cable. */
  openLine: z.enum(['on', 'off']).default('on'),
  /** The question of `query`, and its two answers. */
  query: bytesSchema.default([0x1b, 0x3a]),
  queryOpen: bytesSchema.default([0x1b, 0x34, 0x42]),
  queryClosed: bytesSchema.default([0x1b, 0x34, 0x41]),
  /** The byte of `stream`. */
  streamByte: z.int().min(0).max(255).default(0),
  /** Without a byte of `stream` for this long the drawer is shut, in ms. */
  streamGapMs: z.int().min(50).max(10_000).default(1_000),
  /** Time between two looks at the modem lines or two questions, in ms. */
  pollMs: z.int().min(100).max(10_000).default(250),
  /** How long an answer may take, in ms. */
  answerMsMax: z.int().min(50).max(5_000).default(500),
  /** Within this time after the command the sensor has to see the drawer open, in ms. */
  openMsMax: z.int().min(200).max(10_000).default(1_500),
})
export type SerialDrawerSettings = z.infer<typeof serialDrawerSettings>
