/** How engine and orders tell what is wrong with a request: code, path of the field, what to do. */
import { HubError } from '../../protocol/errors.ts'

export const invalid = (path: string, reason: string) => new HubError('till_invalid', { path, reason })
export const badPayment = (path: string, reason: string) => new HubError('payment_invalid', { path, reason })

/** Throws `till_unknown` with the path of the field that names what is not there. */
export function atPath<T>(path: string, look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw withPath(path, error)
  }
}

/** `till_unknown` with a path; any other error as it is. */
export function withPath(path: string, error: unknown): unknown {
  return error instanceof HubError && error.code === 'till_unknown'
    ? new HubError('till_unknown', { ...error.context, path })
    : error
}
