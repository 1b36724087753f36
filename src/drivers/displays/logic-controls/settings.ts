/** Settings of a Logic Controls display and its relatives. */
import { z } from 'zod'
import { poleFields } from '../common/pole-settings.ts'

export const dialects = ['lci', 'utc-standard', 'utc-enhanced', 'adm'] as const

export const logicControlsSettings = z.strictObject({
  ...poleFields,
  rows: z.int().min(1).max(2).default(2).describe('Lines of the display.'),
  dialect: z
    .enum(dialects)
    .default('lci')
    .describe(
      'What the display is set to. `lci`: Logic Controls; `utc-standard`, `utc-enhanced`: Ultimate (UTC 3190); `adm`: ADM 787 and 788.',
    ),
  brightness: z
    .int()
    .min(1)
    .max(4)
    .optional()
    .describe('1 (dim) to 4; only `lci` has a command for it. Left as it is when not given.'),
  cursorOff: z.boolean().default(true).describe('The cursor is switched off at the start.'),
  enterEnhanced: z
    .boolean()
    .default(true)
    .describe('`utc-enhanced`: `ESC d` at the start, for a display that is in standard mode at power-on.'),
  admLineEnd: z.enum(['cr', 'none']).default('cr').describe('`adm`: a CR after each line.'),
})
export type LogicControlsSettings = z.infer<typeof logicControlsSettings>
