/** The HTTP side of the API: health, reach, rpc, pairing, documents, metrics, and the routers of the other parts. */
import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express'
import { asyncApiDocument, openApiDocument } from '../../../protocol/documents.ts'
import { errorTable, HubError, toHubError } from '../../../protocol/errors.ts'
import { parseBy, type RpcAnswer, rpcError } from '../../../protocol/messages.ts'
import { pairRequestSchema } from '../../../protocol/methods.ts'
import { sourceKey } from '../../access/source.ts'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { isLoopback } from '../../host-names.ts'
import type { Log } from '../../log.ts'
import { Rates } from '../rates.ts'
import { callHub, errorAnswer, readMessage } from '../rpc.ts'
import { authorize, callerOf, type DoorLocals, presentsCredentials, requireSecrecy } from './authorize.ts'
import { careRoutes } from './care-routes.ts'
import { anyOrigin, crossOrigin } from './cross-origin.ts'
import { refused, visitorOf } from './guards.ts'
import {
  bodyError,
  readJson,
  requireJson,
  sendJson,
  sendSentence,
  sendText,
  textBody,
  textOf,
} from './http-parts.ts'
import { reachRoute, sessionRoutes } from './session-routes.ts'
import { sourceOf } from './source.ts'
import type { WebLimits } from './web-limits.ts'

export interface HttpTools {
  hub: HubApi
  clock: Clock
  log: Log
  limits: WebLimits
}

export interface ApiTools extends HttpTools {
  /** What `countStrangers` made; pages and API share it. */
  strangers: RequestHandler
  /** Where https is served; null while it is not. */
  httpsPort(): number | null
}

/** A router for `/`: everything under `/api/` and `/metrics`. */
export function httpApi(tools: ApiTools): Router {
  const { hub, limits } = tools
  const router = express.Router()

  router.use('/api', tools.strangers, (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  router.all('/api/v1/reach', anyOrigin)
  router.get('/api/v1/reach', reachRoute(hub, tools.httpsPort))
  router.use('/api', crossOrigin(hub))
  router.get('/api/v1/health', (_request, response) => {
    const { status, reasons } = hub.health()
    sendJson(response, 200, { status, version: hub.version, hub: hub.hub, reasons })
  })

  const rpcErrors: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    sendAnswer(response, errorAnswer(null, bodyError(error), tools.log))
  }
  router.post(
    '/api/v1/rpc',
    authorize(hub),
    limitRate(tools),
    requireJson,
    textBody(limits.messageBytesMax),
    rpc(tools),
    rpcErrors,
  )

  router.post(
    '/api/v1/pair',
    requireSecrecy(hub),
    requireJson,
    textBody(limits.strangerBodyBytesMax),
    async (request, response) => {
      const { code, name } = parseBy(pairRequestSchema, readJson(request.body))
      sendJson(response, 200, await hub.access.pair(code, name, sourceOf(request.socket)))
    },
  )
  router.use('/api/v1', sessionRoutes(tools))
  router.use(careRoutes(tools))

  const openApi = once(() => JSON.stringify(openApiDocument(hub.version)))
  const asyncApi = once(() => JSON.stringify(asyncApiDocument(hub.version)))
  router.get('/api/v1/openapi.json', (_request, response) => sendText(response, 200, openApi()))
  router.get('/api/v1/asyncapi.json', (_request, response) => sendText(response, 200, asyncApi()))

  router.get('/metrics', crossOrigin(hub), loopbackOr(authorize(hub)), async (_request, response) => {
    const { contentType, body: text } = await hub.metrics()
    response.setHeader('Content-Type', contentType)
    response.end(text)
  })

  router.use('/api', (request) => {
    throw new HubError('method_unknown', { method: `${request.method} ${request.originalUrl.slice(0, 200)}` })
  })
  return router
}

/** What the routes throw, as `{"error": …}`, or in words where a person looks at a page. Last in the app. */
export function httpErrors({ log }: HttpTools): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const known = toHubError(bodyError(error))
    if (known.code === 'internal')
      log.error({ err: known.cause ?? known, path: request.path }, 'a request failed unexpectedly')
    if (known.code === 'message_too_large')
      log.info(
        { from: sourceOf(request.socket), path: request.path },
        'a request that is too large was refused',
      )
    const { http } = errorTable[known.code]
    sayWhenToRetry(response, http, known.context.seconds)
    // A page that was given a name the hub does not know has to be able to read just that.
    if (request.path === '/api/v1/reach') response.setHeader('Access-Control-Allow-Origin', '*')
    if (/^\/(api|metrics)\b/.test(request.path)) return sendJson(response, http, { error: rpcError(known) })
    sendSentence(response, http, known.message)
  }
}

function rpc({ hub, log, limits }: HttpTools): RequestHandler {
  return async (request, response) => {
    const message = readMessage(textOf(request.body), limits.nestingMax)
    if ('notification' in message) {
      response.status(204).end()
      return
    }
    const answer =
      'error' in message
        ? errorAnswer(message.id, message.error, log)
        : await callHub(message.request, callerOf(response), { hub, log })
    sendAnswer(response, answer)
  }
}

function loopbackOr(otherwise: RequestHandler): RequestHandler {
  return (request, response, next) =>
    isLoopback(sourceOf(request.socket)) ? next() : otherwise(request, response, next)
}

/** Where routes look at credentials, and count who shows wrong ones. Elsewhere credentials that nobody checks exempt nobody. */
const checked = /^(GET \/api\/v1\/session|POST \/api\/v1\/(rpc|backup|restore|support-bundle))$/

/** The rate of a source whose requests show no credentials, or wrong ones, for which the routes use the counter. */
export function countStrangers({ hub, clock, limits }: HttpTools): RequestHandler {
  const rates = new Rates(clock, {
    perSecond: limits.strangersPerSecondMax,
    burst: limits.strangersBurstMax,
    rememberedMax: limits.ratesRememberedMax,
  })
  return (request, response, next) => {
    const countStranger = () => {
      if (rates.take(sourceKey(sourceOf(request.socket)))) return
      refused(hub, 'flood', visitorOf(request), {})
      throw new HubError('rate_limited')
    }
    const locals = response.locals as DoorLocals
    locals.countStranger = countStranger
    const isChecked = checked.test(`${request.method} ${request.baseUrl}${request.path}`)
    if (!isChecked || !presentsCredentials(request)) countStranger()
    next()
  }
}

/** The rate of a connection, counted for each token. */
function limitRate({ clock, limits }: HttpTools): RequestHandler {
  const rates = new Rates(clock, {
    perSecond: limits.requestsPerSecondMax,
    burst: limits.requestsBurstMax,
    rememberedMax: limits.ratesRememberedMax,
  })
  return (_request, response, next) => {
    if (!rates.take(callerOf(response).client)) throw new HubError('rate_limited')
    next()
  }
}

function sendAnswer(response: Response, answer: RpcAnswer): void {
  if ('error' in answer) {
    const { code, context } = answer.error.data
    sayWhenToRetry(response, errorTable[code].http, context.seconds)
    sendJson(response, errorTable[code].http, answer)
  } else sendJson(response, 200, answer)
}

/** For programs that look at the header only, such as libraries that repeat by themselves. */
function sayWhenToRetry(response: Response, status: number, seconds: unknown): void {
  if (status === 429) response.setHeader('Retry-After', typeof seconds === 'number' ? Math.ceil(seconds) : 1)
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
