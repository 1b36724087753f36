/** Kinds of settings that several parts have. */
import { z } from 'zod'

export const variableSchema = z
  .string()
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, 'is not the name of an environment variable')
export const pathSchema = z.string().min(1).max(1_000)

/** Where Home Assistant is told of hub and devices, if it is. */
export const homeAssistantShape = {
  homeAssistant: z
    .boolean()
    .default(false)
    .describe('Tell Home Assistant of hub and devices, so that they are there by themselves.'),
  discoveryPrefix: z
    .string()
    .regex(/^[^#+\s/$][^#+\s]{0,99}$/, 'is not a topic')
    .default('homeassistant')
    .describe('Where Home Assistant looks for that.'),
}
