/** The error table in Dutch, `{name}` filled from the context as in English. */
import type { ErrorCode } from '../../../protocol/errors.ts'

export const errorsNl: Readonly<Partial<Record<ErrorCode, string>>> = {}
