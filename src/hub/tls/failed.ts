/** The one error of everything about certificates, made of a reason and read again as one. */
import { type ErrorContext, errorText, HubError } from '../../protocol/errors.ts'

export const failed = (reason: string, context: ErrorContext = {}, cause?: unknown): HubError =>
  new HubError('certificate_failed', { reason, ...context }, cause)

/** Any thrown value as `certificate_failed`; what is not one becomes its reason and its cause. */
export function asFailed(error: unknown): HubError {
  return error instanceof HubError && error.code === 'certificate_failed'
    ? error
    : failed(errorText(error), {}, error)
}

export const reasonOf = (error: unknown): string => String(asFailed(error).context.reason)
