/** Dutch words of what every page says. */
import { commonEn } from './en.ts'

export const commonNl: Record<keyof typeof commonEn, string> = commonEn
