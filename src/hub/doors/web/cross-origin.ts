/** CORS: pages of allowed origins may read answers, each origin named exactly; preflights are answered. */
import type { RequestHandler } from 'express'
import type { HubApi } from '../../api.ts'
import { checkOrigin, visitorOf } from './guards.ts'

const preflightHeaders = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Tillbridge',
  'Access-Control-Max-Age': '600',
} as const

/** Keeps out pages of origins that are not allowed. Throws `origin_not_allowed`, or `starting` while it cannot be known. */
export function crossOrigin(hub: HubApi): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin')
    const visitor = visitorOf(request)
    if (checkOrigin(hub, visitor) === 'allowed')
      response.setHeader('Access-Control-Allow-Origin', visitor.origin ?? '')
    if (!isPreflight(request)) return next()
    answerPreflight(request.headers, response)
  }
}

/** What pages of every origin may read. */
export const anyOrigin: RequestHandler = (request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
  if (!isPreflight(request)) return next()
  answerPreflight(request.headers, response)
}

const isPreflight = (request: { method: string; headers: object }): boolean =>
  request.method === 'OPTIONS' && 'access-control-request-method' in request.headers

/** Chromium before 142 asks whether the page may reach a private address at all; kiosks keep such browsers for years. */
function answerPreflight(headers: Record<string, unknown>, response: Parameters<RequestHandler>[1]): void {
  for (const [name, value] of Object.entries(preflightHeaders)) response.setHeader(name, value)
  if (headers['access-control-request-private-network'] === 'true')
    response.setHeader('Access-Control-Allow-Private-Network', 'true')
  response.status(204).end()
}
