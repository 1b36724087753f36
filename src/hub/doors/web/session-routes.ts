/** Set-up, log-in and log-out of people, and what a page can learn before it is let in. */
import express, { type RequestHandler, type Response, type Router } from 'express'
import type { z } from 'zod'
import {
  loginRequestSchema,
  type reachSchema,
  type sessionResultSchema,
  setUpRequestSchema,
  type setUpStateSchema,
  type UserRole,
} from '../../../protocol/access.ts'
import { HubError } from '../../../protocol/errors.ts'
import { parseBy } from '../../../protocol/messages.ts'
import type { HubApi, NewSession } from '../../api.ts'
import {
  checkOwnPage,
  cookieName,
  type DoorLocals,
  forged,
  presentsCredentials,
  requireSecrecy,
  sessionCaller,
  sessionSecret,
} from './authorize.ts'
import { carriesSecrets, isAllowed, secureUrlFor, type Visitor, visitorOf } from './guards.ts'
import { readJson, requireJson, sendJson, textBody } from './http-parts.ts'
import type { WebLimits } from './web-limits.ts'

const agentCharsMax = 200

/** `GET /api/v1/reach`: every page may read it, so that one that is kept out can say why. */
export function reachRoute(hub: HubApi, httpsPort: () => number | null): RequestHandler {
  return (request, response) => {
    const visitor = visitorOf(request)
    const reach: z.output<typeof reachSchema> = {
      hub: hub.hub,
      origin: visitor.origin ?? null,
      originAllowed: isAllowed(hub, visitor),
      tokensAllowed: carriesSecrets(hub, visitor),
      httpsPort: httpsPort(),
    }
    sendJson(response, 200, reach)
  }
}

/** `/api/v1/setup` and `/api/v1/session`. */
export function sessionRoutes({ hub, limits }: { hub: HubApi; limits: WebLimits }): Router {
  const router = express.Router()
  const body = textBody(limits.strangerBodyBytesMax)
  const secretsOnly = requireSecrecy(hub)
  /** A page of another origin has no business with passwords, though it may use the hub by a token. */
  const ownPagesOnly: RequestHandler = (request, _response, next) => {
    const visitor = visitorOf(request)
    if (visitor.origin !== undefined && visitor.origin !== visitor.own)
      throw forged(hub, visitor, 'its origin is not that of the hub')
    next()
  }
  const secretPost: RequestHandler[] = [ownPagesOnly, secretsOnly, requireJson, body]

  router.get('/setup', (request, response) => {
    const visitor = visitorOf(request)
    const state: z.output<typeof setUpStateSchema> = {
      needed: !hub.access.setUp,
      name: hub.name,
      secureUrl: carriesSecrets(hub, visitor) ? null : secureUrlFor(hub, visitor),
    }
    sendJson(response, 200, state)
  })

  router.post('/setup', ...secretPost, async (request, response) => {
    const asked = parseBy(setUpRequestSchema, readJson(request.body))
    const visitor = visitorOf(request)
    begin(response, visitor, await hub.access.setUpOwner(asked, visitor.source, agentOf(request.headers)))
  })

  router.post('/session', ...secretPost, async (request, response) => {
    const asked = parseBy(loginRequestSchema, readJson(request.body))
    const visitor = visitorOf(request)
    begin(response, visitor, await hub.access.logIn(asked, visitor.source, agentOf(request.headers)))
  })

  router.get('/session', secretsOnly, async (request, response) => {
    const visitor = visitorOf(request)
    const caller = await sessionCaller(hub, request, visitor)
    if (caller?.user === undefined) {
      if (presentsCredentials(request)) (response.locals as DoorLocals).countStranger?.()
      if (sessionSecret(request) !== undefined) response.setHeader('Set-Cookie', cookie(visitor, '', 0))
      throw new HubError('unauthorized')
    }
    const session = { user: caller.user, name: caller.name, role: caller.role as UserRole }
    sendJson(response, 200, session)
  })

  router.delete('/session', async (request, response) => {
    const visitor = visitorOf(request)
    const secret = sessionSecret(request)
    if (secret !== undefined) {
      checkOwnPage(hub, request, visitor)
      await hub.access.logOut(secret)
      response.setHeader('Set-Cookie', cookie(visitor, '', 0))
    }
    response.status(204).end()
  })
  return router
}

/** Answers who has logged in; the secret goes into a cookie that no script can read. */
function begin(response: Response, visitor: Visitor, session: NewSession): void {
  const { user, name, role } = session
  const result: z.output<typeof sessionResultSchema> = { user, name, role }
  response.setHeader('Set-Cookie', cookie(visitor, session.secret, Math.floor(session.ms / 1_000)))
  sendJson(response, 200, result)
}

function cookie(visitor: Visitor, secret: string, seconds: number): string {
  const flags = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${seconds}`]
  if (visitor.encrypted) flags.push('Secure')
  return [`${cookieName(visitor)}=${secret}`, ...flags].join('; ')
}

const agentOf = (headers: { 'user-agent'?: string | undefined }): string =>
  (headers['user-agent'] ?? '').slice(0, agentCharsMax)
