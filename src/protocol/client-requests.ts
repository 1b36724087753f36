/** Single HTTP requests of the client: a time limit, and an error of the hub as HubError. */
import type { ClientClock } from './client-connection.ts'
import { type ErrorContext, HubError } from './errors.ts'

export const requestTimes = {
  /** A page waits so long for an answer, or for a person to answer the browser's question. */
  answerMs: 15_000,
} as const

/** The part of `fetch` that is used. */
export type ClientFetch = (
  url: string,
  init: {
    method?: 'GET' | 'POST'
    headers?: Record<string, string>
    body?: string
    mode?: 'cors' | 'no-cors'
    cache: 'no-store'
    credentials: 'omit'
    signal: AbortSignal
    /** Chromium: says beforehand that the target is in the shop, which a page over https may then ask in the open. */
    targetAddressSpace?: 'local'
  },
) => Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>

/** An error as JSON-RPC and the HTTP door write it. */
export function readError(error: unknown): HubError {
  const { message, data } = (error ?? {}) as {
    message?: string
    data?: { code?: string; context?: ErrorContext }
  }
  if (typeof data?.code !== 'string') return new HubError('internal', { reason: message ?? 'no code' })
  return HubError.fromRecord({
    code: data.code,
    ...(data.context === undefined ? {} : { context: data.context }),
  })
}

/** `lost`: it never came to an answer. `late`: none within `answerMs`. `body` is undefined when it was not JSON. */
export type Answer =
  | { kind: 'lost' }
  | { kind: 'late' }
  | { kind: 'answer'; ok: boolean; status: number; body: unknown }

export type Asking = Omit<Parameters<ClientFetch>[1], 'signal' | 'cache' | 'credentials'>

/** Asks once. Never rejects. */
export async function ask(
  { fetch, clock }: { fetch: ClientFetch; clock: ClientClock },
  url: URL | string,
  init: Asking = {},
): Promise<Answer> {
  const abort = new AbortController()
  let late = false
  const cancel = clock.after(requestTimes.answerMs, () => {
    late = true
    abort.abort()
  })
  try {
    const response = await fetch(String(url), {
      ...init,
      cache: 'no-store',
      credentials: 'omit',
      signal: abort.signal,
    })
    const body = await response.json().catch(() => undefined)
    return { kind: 'answer', ok: response.ok, status: response.status, body }
  } catch {
    return { kind: late ? 'late' : 'lost' }
  } finally {
    cancel()
  }
}

/** The error of a body that carries one: `{"error": …}`, as every refusal of the hub does. */
export function errorOf(body: unknown): HubError | undefined {
  const { error } = (body ?? {}) as { error?: unknown }
  return error === undefined ? undefined : readError(error)
}
