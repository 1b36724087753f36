/** What a failed call says about what the hub did. */
import type { ErrorCode } from '../../../protocol/errors.ts'

const lost: ReadonlySet<string> = new Set<ErrorCode>(['connection_lost', 'request_timeout'])
const unready: ReadonlySet<string> = new Set<ErrorCode>(['starting', 'stopping'])

/** Nobody knows whether the hub has done it: only the very same question under the same id finds out. */
export const answerLost = (code: string): boolean => lost.has(code)

/** The hub is there, and can do nothing yet, or any more: nothing has happened. */
export const hubUnready = (code: string): boolean => unready.has(code)
