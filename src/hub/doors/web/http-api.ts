/** The HTTP side of the API: health, rpc, pairing, documents, metrics. */
import type { IncomingMessage } from 'node:http'
import express, { type ErrorRequestHandler, type RequestHandler, type Response, type Router } from 'express'
import { asyncApiDocument, openApiDocument } from '../../../protocol/documents.ts'
import { errorTable, HubError, toHubError } from '../../../protocol/errors.ts'
import { parseBy, type RpcAnswer, rpcError } from '../../../protocol/messages.ts'
import { pairRequestSchema } from '../../../protocol/methods.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { callHub, errorAnswer, readMessage } from './rpc.ts'
import { TokenBucket } from './token-bucket.ts'
import type { WebLimits } from './web-limits.ts'

export interface HttpTools {
  hub: HubApi
  clock: Clock
  log: Log
  limits: WebLimits
}

/** A router for `/`: everything under `/api/` and `/metrics`. */
export function httpApi(tools: HttpTools): Router {
  const { hub, limits } = tools
  const router = express.Router()
  const body = express.text({ type: () => true, limit: limits.messageBytesMax, inflate: false })
  const rates = new Map<string, TokenBucket>()

  router.use('/api', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  router.get('/api/v1/health', (_request, response) => {
    const { status, reasons } = hub.health()
    sendJson(response, 200, { status, version: hub.version, hub: hub.hub, reasons })
  })

  const rpcErrors: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error)
    sendAnswer(response, errorAnswer(null, bodyError(error, limits), tools.log))
  }
  router.post(
    '/api/v1/rpc',
    authorize(hub),
    limitRate(tools, rates),
    requireJson,
    body,
    rpc(tools),
    rpcErrors,
  )

  router.post('/api/v1/pair', requireJson, body, async (request, response) => {
    const { code, name } = parseBy(pairRequestSchema, readJson(request.body))
    sendJson(response, 200, await hub.access.pair(code, name, sourceOf(request)))
  })

  const openApi = once(() => JSON.stringify(openApiDocument(hub.version)))
  const asyncApi = once(() => JSON.stringify(asyncApiDocument(hub.version)))
  router.get('/api/v1/openapi.json', (_request, response) => sendText(response, 200, openApi()))
  router.get('/api/v1/asyncapi.json', (_request, response) => sendText(response, 200, asyncApi()))

  router.get('/metrics', loopbackOr(authorize(hub)), async (_request, response) => {
    const { contentType, body: text } = await hub.metrics()
    response.setHeader('Content-Type', contentType)
    response.end(text)
  })

  router.use('/api', (request) => {
    throw new HubError('method_unknown', { method: `${request.method} ${request.originalUrl.slice(0, 200)}` })
  })
  return router
}

/** What the routes throw, as `{"error": …}`. Last in the app. */
export function httpErrors({ log, limits }: HttpTools): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const known = toHubError(bodyError(error, limits))
    if (known.code === 'internal')
      log.error({ err: known.cause ?? known, path: request.path }, 'a request failed unexpectedly')
    sendJson(response, errorTable[known.code].http, { error: rpcError(known) })
  }
}

function rpc({ hub, log, limits }: HttpTools): RequestHandler {
  return async (request, response) => {
    const message = readMessage(textOf(request.body), limits.nestingMax)
    if ('notification' in message) {
      response.status(204).end()
      return
    }
    const { caller } = response.locals as { caller: Caller }
    const answer =
      'error' in message
        ? errorAnswer(message.id, message.error, log)
        : await callHub(message.request, caller, { hub, log })
    sendAnswer(response, answer)
  }
}

function authorize(hub: HubApi): RequestHandler {
  return async (request, response, next) => {
    const token = /^Bearer +([\x21-\x7e]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1]
    const caller = token === undefined ? undefined : await hub.access.check(token)
    if (caller === undefined) {
      response.setHeader('WWW-Authenticate', 'Bearer')
      throw new HubError('unauthorized')
    }
    response.locals.caller = caller
    next()
  }
}

function loopbackOr(otherwise: RequestHandler): RequestHandler {
  return (request, response, next) =>
    /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(sourceOf(request))
      ? next()
      : otherwise(request, response, next)
}

/** The rate of a connection, counted for each token; the token that came first is forgotten first. */
function limitRate({ clock, limits }: HttpTools, rates: Map<string, TokenBucket>): RequestHandler {
  return (_request, response, next) => {
    const { client } = (response.locals as { caller: Caller }).caller
    let bucket = rates.get(client)
    if (bucket === undefined) {
      const oldest = rates.size >= limits.clientsMax ? rates.keys().next().value : undefined
      if (oldest !== undefined) rates.delete(oldest)
      bucket = new TokenBucket(clock, limits.requestsPerSecondMax, limits.requestsBurstMax)
      rates.set(client, bucket)
    }
    if (!bucket.take()) throw new HubError('rate_limited')
    next()
  }
}

/** A page of another origin cannot send this type without asking first, and nobody answers it. */
const requireJson: RequestHandler = (request, _response, next) => {
  if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new HubError('bad_request', { reason: 'its Content-Type is not application/json' })
  next()
}

/** Errors of the body reader carry `type` and `status`; everything else passes as it is. */
function bodyError(error: unknown, limits: WebLimits): unknown {
  const { type, status, message } = error as { type?: unknown; status?: unknown; message?: string }
  if (error instanceof HubError || typeof status !== 'number' || status >= 500) return error
  if (type === 'entity.too.large')
    return new HubError('message_too_large', { bytesMax: limits.messageBytesMax })
  return new HubError('bad_request', { reason: message ?? 'its body cannot be read' })
}

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch (error) {
    throw new HubError('bad_json', {}, error)
  }
}

/** The body reader leaves a body without bytes undefined. */
const textOf = (body: unknown): string => (typeof body === 'string' ? body : '')
const sourceOf = (request: IncomingMessage): string => request.socket.remoteAddress ?? ''

function sendAnswer(response: Response, answer: RpcAnswer): void {
  sendJson(response, 'error' in answer ? errorTable[answer.error.data.code].http : 200, answer)
}

function sendJson(response: Response, status: number, value: unknown): void {
  sendText(response, status, JSON.stringify(value))
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).setHeader('Content-Type', 'application/json; charset=utf-8')
  response.end(text)
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
