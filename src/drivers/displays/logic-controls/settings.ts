/** Settings of a Logic Controls display and its relatives. */
import { z } from 'zod'
import { poleFields } from '../common/pole-settings.ts'

/** `lci`: Logic Controls; `utc-standard`, `utc-enhanced`: Ultimate (UTC 3190); `adm`: ADM 787 and 788. */
export const dialects = ['lci', 'utc-standard', 'utc-enhanced', 'adm'] as const

export const logicControlsSettings = z.strictObject({
  ...poleFields,
  rows: z.int().min(1).max(2).default(2),
  dialect: z.enum(dialects).default('lci'),
  /** 1 (dim) to 4; only `lci` has a command for it. Left as it is when not given. */
  brightness: z.int().min(1).max(4).optional(),
  cursorOff: z.boolean().default(true),
  /** `utc-enhanced`: `ESC d` at the start, for a display that is in standard mode at power-on. */
  enterEnhanced: z.boolean().default(true),
  /** `adm`: a CR after each line. */
  admLineEnd: z.enum(['cr', 'none']).default('cr'),
})
export type LogicControlsSettings = z.infer<typeof logicControlsSettings>
