/** Pairing from a page of a POS: a code from the console for a token of its own. */

import type { ClientClock } from './client-connection.ts'
import { ask, type ClientFetch, errorOf, requestTimes } from './client-requests.ts'
import { baseUrl } from './client-urls.ts'
import { HubError } from './errors.ts'
import type { Role } from './methods.ts'

export interface PairOptions {
  /** The hub, as `createClient` takes it. */
  url: string
  /** What the console or the set-up ticket shows. */
  code: string
  /** What the hub shall call this till. */
  name: string
  fetch?: ClientFetch
  clock?: ClientClock
}

/**
 * Redeems the code. The token is shown this once: keep it. Rejects with HubError: `pair_code_invalid`, `locked_out
 * {seconds}`, `setup_required`, `origin_not_allowed`, `tls_required {url}`, `params_invalid {path}`, `connection_lost` (ask
 * `diagnose` why), `request_timeout`. After one of the last two the code may be used up.
 */
export async function pairBy(
  { url, code, name }: PairOptions,
  tools: { fetch: ClientFetch; clock: ClientClock },
): Promise<{ token: string; role: Role }> {
  const base = baseUrl(url)
  const answer = await ask(tools, new URL('api/v1/pair', base), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: code.replace(/[\s-]/g, ''), name }),
  })
  if (answer.kind === 'lost') throw (await originRefusal(base, tools)) ?? new HubError('connection_lost')
  if (answer.kind === 'late') throw new HubError('request_timeout', { ms: requestTimes.answerMs })
  const { token, role } = (answer.body ?? {}) as { token?: string; role?: Role }
  if (answer.ok && typeof token === 'string' && role !== undefined) return { token, role }
  throw errorOf(answer.body) ?? new HubError('internal', { reason: `HTTP ${answer.status}` })
}

/** A page of an origin that is not allowed may not even read that it is not: to it the request was lost. */
async function originRefusal(
  base: URL,
  tools: { fetch: ClientFetch; clock: ClientClock },
): Promise<HubError | undefined> {
  const reach = await ask(tools, new URL('api/v1/reach', base))
  const { origin, originAllowed } = ((reach.kind === 'answer' && reach.body) || {}) as {
    origin?: string | null
    originAllowed?: boolean
  }
  return originAllowed === false ? new HubError('origin_not_allowed', { origin: origin ?? null }) : undefined
}
