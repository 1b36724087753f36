/** Plain requests of a page to its hub, with the header that proves them to be a page's own. */
import { type ErrorContext, HubError } from '../../protocol/errors.ts'

/** A session cookie counts only together with it: no form and no image can send a header. */
export const ownHeader = { 'X-Tillbridge': '1' } as const

/** Asks `path` of the hub at `hub` and answers its JSON. Throws HubError: what the hub said, or `connection_lost`. */
export async function askHub<T>(
  hub: URL,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(new URL(path, hub), {
      method,
      cache: 'no-store',
      headers: { ...ownHeader, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (error) {
    throw new HubError('connection_lost', {}, error)
  }
  const said: unknown = await answer.json().catch(() => undefined)
  if (answer.ok) return said as T
  throw readHubError(said)
}

/** Reads `{error: {data: {code, context}}}`, the hub's answer to a request that failed. */
export function readHubError(body: unknown): HubError {
  const error = (body as { error?: { data?: { code?: string; context?: ErrorContext } } } | undefined)?.error
  const code = error?.data?.code
  return HubError.fromRecord({ code: code ?? 'internal', context: error?.data?.context ?? {} })
}
