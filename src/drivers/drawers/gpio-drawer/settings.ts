/** Settings of a drawer on a pin. */
import { z } from 'zod'

export const gpioDrawerLimits = {
  /** Longest line from the port, in bytes. */
  lineBytesMax: 512,
  /** Longest pulse, in ms: a solenoid on for longer burns. The port has the same limit. */
  pulseMsMax: 200,
} as const

export const gpioDrawerSettings = z.strictObject({
  pulseMs: z
    .int()
    .min(10)
    .max(gpioDrawerLimits.pulseMsMax)
    .default(120)
    .describe('How long the solenoid is on, in ms.'),
  openLevel: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .describe('The level of the sense line while the drawer is open; which it is depends on the switch.'),
  answerMsMax: z
    .int()
    .min(100)
    .max(10_000)
    .default(3_000)
    .describe('How long the port may take to answer, in ms; a pulse comes on top.'),
  openMsMax: z
    .int()
    .min(200)
    .max(10_000)
    .default(1_500)
    .describe('Within this time after the pulse the sense line has to tell that the drawer is open, in ms.'),
})
export type GpioDrawerSettings = z.infer<typeof gpioDrawerSettings>
