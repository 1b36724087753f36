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
  open: bytesSchema
    .default([0x07])
    .describe('Bytes that open the drawer: BEL for those that open at any character.'),
  open2: bytesSchema
    .optional()
    .describe('Bytes that open a second drawer on the same line; without them there is none.'),
  sense: z
    .enum(['none', 'cts', 'dsr', 'dcd', 'query', 'stream'])
    .default('none')
    .describe(
      'How the drawer tells that it is open: `cts`, `dsr` or `dcd` by a modem line of the port; `query` by an answer to a question; `stream` by sending a byte again and again while it is open; `none` not at all.',
    ),
  openLine: z
    .enum(['on', 'off'])
    .default('on')
    .describe('The state of the modem line while the drawer is open; which it is depends on the cable.'),
  query: bytesSchema.default([0x1b, 0x3a]).describe('The question of `query`, in bytes.'),
  queryOpen: bytesSchema.default([0x1b, 0x34, 0x42]).describe('Its answer while the drawer is open.'),
  queryClosed: bytesSchema.default([0x1b, 0x34, 0x41]).describe('Its answer while the drawer is shut.'),
  streamByte: z.int().min(0).max(255).default(0).describe('The byte of `stream`.'),
  streamGapMs: z
    .int()
    .min(50)
    .max(10_000)
    .default(1_000)
    .describe('Without a byte of `stream` for this long the drawer is shut, in ms.'),
  pollMs: z
    .int()
    .min(100)
    .max(10_000)
    .default(250)
    .describe('Time between two looks at the modem lines or two questions, in ms.'),
  answerMsMax: z.int().min(50).max(5_000).default(500).describe('How long an answer may take, in ms.'),
  openMsMax: z
    .int()
    .min(200)
    .max(10_000)
    .default(1_500)
    .describe('Within this time after the command the sensor has to see the drawer open, in ms.'),
})
export type SerialDrawerSettings = z.infer<typeof serialDrawerSettings>
