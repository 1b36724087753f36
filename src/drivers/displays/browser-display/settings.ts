/** Settings of a customer display in a browser. */
import { z } from 'zod'

export const browserDisplayLimits = {
  /** Longest line to the page, in bytes: a cart of some hundred items. A longer document is refused before it is sent. */
  documentBytesMax: 256 * 1024,
  /** Longest line from the page, in bytes. */
  answerBytesMax: 256,
  /** One write, in bytes: what a transport takes at once. */
  writeBytesMax: 64 * 1024,
} as const

export const browserDisplaySettings = z.strictObject({
  showMsMax: z
    .int()
    .min(100)
    .max(8_000)
    .default(2_000)
    .describe(
      'How long a page may take to say that it has painted, in ms. The greeting waits as long, and the hub 10 s for a greeting.',
    ),
  startWithoutPage: z
    .boolean()
    .default(true)
    .describe(
      'True: the device is there without a page, with a fault until one answers, and a page that comes later gets what is shown. False: without a page the device is absent.',
    ),
})
export type BrowserDisplaySettings = z.infer<typeof browserDisplaySettings>
