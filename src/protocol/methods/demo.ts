/** The demo devices. */
import { z } from 'zod'
import { deviceIdSchema } from '../device.ts'
import { byDeviceSchema, emptySchema, everyone, method, technicians } from './method.ts'

/** Orders to a twin: what a hand would do to the real thing. */
export const demoOrderSchema = z.discriminatedUnion('order', [
  z.strictObject({ order: z.literal('plug'), on: z.boolean() }),
  z.strictObject({ order: z.literal('paper'), state: z.enum(['full', 'low', 'out']) }),
  z.strictObject({ order: z.literal('cover'), open: z.boolean() }),
  z.strictObject({ order: z.literal('drawer'), open: z.boolean() }),
  z.strictObject({ order: z.literal('clear_paper') }),
  /** Load in grams. */
  z.strictObject({ order: z.literal('load'), grams: z.int().min(-5_000).max(50_000) }),
  z.strictObject({ order: z.literal('motion'), on: z.boolean() }),
  z.strictObject({
    order: z.literal('scan'),
    code: z.string().min(1).max(500),
    /** AIM identifier that the scanner sends before the code, `]E0`. */
    aim: z
      .string()
      .regex(/^\][A-Za-z][0-9A-Za-z]$/)
      .optional(),
  }),
  z.strictObject({ order: z.literal('silent'), on: z.boolean() }),
  /**
   * What a bad cable or a dying device does to answers: changes bytes, stops half-way, comes seconds late, or loses the
   * wire at the next request. `none` heals.
   */
  z.strictObject({
    order: z.literal('fault'),
    fault: z.enum(['none', 'garble', 'half_answer', 'slow', 'drop']),
  }),
])
export type DemoOrder = z.infer<typeof demoOrderSchema>

export const demoMethods = {
  'demo.order': method(
    technicians,
    'Do to a demo device what a hand would do to a real one',
    z.strictObject({ device: deviceIdSchema, order: demoOrderSchema }),
    emptySchema,
  ),
  'demo.paper': method(
    everyone,
    'What the demo printer has on its paper, as a picture',
    byDeviceSchema,
    z.strictObject({ svg: z.string(), revision: z.int(), drawerOpen: z.boolean() }),
  ),
} as const
