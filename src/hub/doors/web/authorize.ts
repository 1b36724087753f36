/** Who asks over HTTP: a paired client by its token, or a user of the console by the cookie of a session. */
import type { IncomingMessage } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { Role } from '../../../protocol/access.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { Caller, HubApi } from '../../api.ts'
import { checkSecrets, refused, type Visitor, visitorOf } from './guards.ts'

/** `__Host-` ties a cookie to https and to this very host (RFC 6265bis, 4.1.3.2); plain http cannot set such a one. */
export const sessionCookies = { https: '__Host-tillbridge', http: 'tillbridge' } as const

/** What a page of the hub says with every request; a form cannot, and a foreign page only after being allowed to. */
const pageHeader = 'x-tillbridge'

/** What the door leaves in `response.locals` for the routes, and they for each other. */
export interface DoorLocals {
  caller?: Caller
  /** Counts the request as one of a stranger. Throws `rate_limited`. */
  countStranger?(): void
  /** Whoever is at the other end of the connection is no stranger. */
  vouch?(): void
}

/** Puts the caller into `response.locals.caller`. Throws `unauthorized`, `tls_required`, `request_forged`. */
export function authorize(hub: HubApi): RequestHandler {
  return async (request, response, next) => {
    const locals = response.locals as DoorLocals
    try {
      locals.caller = await whoAsks(hub, request)
      locals.vouch?.()
    } catch (error) {
      if (error instanceof HubError && error.code === 'unauthorized')
        response.setHeader('WWW-Authenticate', 'Bearer')
      // Who shows none was counted before.
      if (presentsCredentials(request)) locals.countStranger?.()
      throw error
    }
    next()
  }
}

/** The caller of a request that `authorize` has let through. */
export const callerOf = (response: Response): Caller => (response.locals as { caller: Caller }).caller

/** Before a body with a secret is read. Throws `tls_required`. */
export function requireSecrecy(hub: HubApi): RequestHandler {
  return (request, _response, next) => {
    checkSecrets(hub, visitorOf(request))
    next()
  }
}

/** After `authorize`. Throws `forbidden` for callers of other roles. */
export function requireRole(...roles: readonly Role[]): RequestHandler {
  return (request, response, next) => {
    const { role } = callerOf(response)
    if (!roles.includes(role))
      throw new HubError('forbidden', { role, method: `${request.method} ${request.path}` })
    next()
  }
}

export function presentsCredentials(request: IncomingMessage): boolean {
  return request.headers.authorization !== undefined || sessionSecret(request) !== undefined
}

async function whoAsks(hub: HubApi, request: IncomingMessage): Promise<Caller> {
  const visitor = visitorOf(request)
  checkSecrets(hub, visitor)
  const header = request.headers.authorization
  if (header !== undefined) return byToken(hub, header, visitor)
  const caller = await sessionCaller(hub, request, visitor)
  if (caller !== undefined) return caller
  refused(hub, 'token', visitor, { reason: 'none' })
  throw new HubError('unauthorized')
}

async function byToken(hub: HubApi, header: string, visitor: Visitor): Promise<Caller> {
  const token = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(header)?.[1]
  const caller = token === undefined ? undefined : await hub.access.check(token, visitor.source)
  if (caller !== undefined) return { ...caller, from: visitor.source }
  refused(hub, 'token', visitor, { reason: 'unknown' })
  throw new HubError('unauthorized')
}

/** The user of the session in the cookie; undefined without one. Throws `request_forged` unless a page of the hub asks. */
export async function sessionCaller(
  hub: HubApi,
  request: IncomingMessage,
  visitor: Visitor,
): Promise<Caller | undefined> {
  const secret = sessionSecret(request)
  if (secret === undefined) return undefined
  checkOwnPage(hub, request, visitor)
  const caller = await hub.access.checkSession(secret, visitor.source)
  return caller === undefined ? undefined : { ...caller, from: visitor.source }
}

/**
 * Browsers leave the origin out of a GET to the page's own origin. Sec-Fetch-Site, which no script can set, tells it then,
 * where it comes: not from older browsers (Safari before 16.4), nor over plain http to an address of the network. Without
 * it the header alone has to do: a page of another origin that sets it has to ask first and sends its origin along.
 */
export function checkOwnPage(hub: HubApi, request: IncomingMessage, visitor: Visitor): void {
  const { headers, method } = request
  const reads = method === 'GET' || method === 'HEAD'
  const ownOrigin =
    visitor.origin === undefined
      ? reads && (headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin'
      : visitor.origin === visitor.own
  if (!ownOrigin) throw forged(hub, visitor, 'its origin is not that of the hub')
  if (headers[pageHeader] !== '1') throw forged(hub, visitor, 'it lacks the header X-Tillbridge: 1')
}

export function forged(hub: HubApi, visitor: Visitor, reason: string): HubError {
  refused(hub, 'forged', visitor, { reason })
  return new HubError('request_forged', { reason })
}

/** The secret in the cookie of a session; undefined without one. */
export function sessionSecret(request: IncomingMessage): string | undefined {
  const name = cookieName(visitorOf(request))
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value !== undefined && /^[\w.~-]{1,200}$/.test(value)) return value
  }
  return undefined
}

export function cookieName({ encrypted }: Pick<Visitor, 'encrypted'>): string {
  return encrypted ? sessionCookies.https : sessionCookies.http
}
