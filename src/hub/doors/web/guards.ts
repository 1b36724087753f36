/** Which requests come in at all, the same for HTTP and WebSocket: host, origin, secrets on plain connections, tokens in URLs. */
import type { IncomingMessage } from 'node:http'
import { HubError } from '../../../protocol/errors.ts'
import type { HubApi, Refused } from '../../api.ts'
import { isEncrypted, sourceOf } from './source.ts'

/** What the guards look at. */
export interface Visitor {
  /** Address it comes from. */
  source: string
  encrypted: boolean
  /** The Host header in small letters; empty without one. */
  host: string
  /** The origin of the hub itself, as this visitor asked for it. */
  own: string
  /** The page that asks; programs have none. */
  origin: string | undefined
  /** The path without its query: for the log, where no secret may go. */
  path: string
}

const pathCharsMax = 200

export function visitorOf(request: IncomingMessage): Visitor {
  const host = (request.headers.host ?? '').toLowerCase()
  const encrypted = isEncrypted(request)
  return {
    source: sourceOf(request.socket),
    encrypted,
    host,
    own: `${encrypted ? 'https' : 'http'}://${host}`,
    origin: request.headers.origin,
    path: pathOf(request).slice(0, pathCharsMax),
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

/** Tells of what is turned away. While the hub is starting nobody can be told. */
export function refused(
  hub: HubApi,
  what: Refused,
  { source, path }: Visitor,
  detail: Record<string, string>,
): void {
  try {
    hub.access.refused(what, source, { path, ...detail })
  } catch {
    // Without a store there is no audit log either.
  }
}

/**
 * Throws `host_not_allowed` when the hub is asked under a name that is not its own (DNS rebinding: a page of somebody
 * else's name that now points here), `bad_request` for a target that is no path and for a token in the URL: addresses
 * end up in histories and logs.
 */
export function checkTarget(hub: HubApi, request: IncomingMessage, visitor: Visitor): void {
  const { host } = visitor
  if (!hub.network.isOwnHost(host)) {
    refused(hub, 'host', visitor, { host: host.slice(0, pathCharsMax) })
    throw new HubError('host_not_allowed', { host: host.slice(0, pathCharsMax) })
  }
  const { url = '' } = request
  if (!url.startsWith('/')) throw new HubError('bad_request', { reason: 'its target is not a path' })
  const query = url.indexOf('?')
  if (query >= 0 && hasToken(url.slice(query + 1))) {
    refused(hub, 'token', visitor, { reason: 'in the URL' })
    throw new HubError('bad_request', {
      reason: 'a token does not belong in a URL; send it as Authorization: Bearer',
    })
  }
}

function hasToken(query: string): boolean {
  for (const name of new URLSearchParams(query).keys()) if (/^(access_)?token$/i.test(name)) return true
  return false
}

/**
 * Whose page asks: `none` for programs, `own`, or `allowed`. Throws `origin_not_allowed`, or `starting` while it cannot be
 * known.
 */
export function checkOrigin(hub: HubApi, visitor: Visitor): 'none' | 'own' | 'allowed' {
  const { origin, own } = visitor
  if (origin === undefined) return 'none'
  if (origin === own) return 'own'
  if (isAllowed(hub, visitor)) return 'allowed'
  const shown = origin.slice(0, pathCharsMax)
  refused(hub, 'origin', visitor, { origin: shown })
  throw new HubError('origin_not_allowed', { origin: shown })
}

/** True when the page that asks may use the hub; one that may not is listed as seen. Throws `starting`. */
export function isAllowed(hub: HubApi, { origin, own, source }: Visitor): boolean {
  if (origin === undefined || origin === own) return true
  // `null` is what files, sandboxed frames and redirects share: it says nothing about who asks.
  return origin !== 'null' && hub.access.originAllowed(origin, source)
}

export function carriesSecrets(hub: HubApi, { encrypted, source }: Visitor): boolean {
  return hub.network.carriesSecrets({ encrypted, source })
}

/** The address of the hub to go on at, for a visitor whose connection may carry no secret. */
export function secureUrlFor(hub: HubApi, { host }: Visitor): string {
  return hub.network.secureUrl(host) ?? `https://${host.replace(/:\d+$/, '')}`
}

/** Throws `tls_required` when a token, a password or a code would travel readable for everybody on the network. */
export function checkSecrets(hub: HubApi, visitor: Visitor): void {
  if (carriesSecrets(hub, visitor)) return
  refused(hub, 'plain', visitor, {})
  throw new HubError('tls_required', { url: secureUrlFor(hub, visitor) })
}
