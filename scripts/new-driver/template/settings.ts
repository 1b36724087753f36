/** What a profile says of a model, and a technician may change. */
import { z } from 'zod'

export const templateLanguageSettings = z.strictObject({
  answerMsMax: z.int().min(50).max(10_000).default(500).describe('How long an answer may take, in ms.'),
})

export type TemplateLanguageSettings = z.infer<typeof templateLanguageSettings>
