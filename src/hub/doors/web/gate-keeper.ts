/** Lets in by HTTP whom a gate admits: others are refused and told of, pages that come in may read the answers. */
import type { RequestHandler, Response } from 'express'
import { HubError } from '../../../protocol/errors.ts'
import type { Caller } from '../../api.ts'
import type { Gate } from '../gate.ts'
import { refused, visitorOf } from './guards.ts'
import type { MountTools } from './web-door.ts'

const originCharsMax = 200

interface GateLocals {
  gateCaller?: Caller
}

/** `door` is its name for the audit log; `headers` answer preflights. Throws `origin_not_allowed`. */
export function gateKeeper(
  gate: Gate,
  { hub, strangers }: MountTools,
  door: string,
  headers: Readonly<Record<string, string>>,
): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin')
    const visitor = visitorOf(request)
    const { origin, source } = visitor
    const caller = gate.admit(visitor)
    if (caller === undefined) {
      if (origin === undefined)
        refused(hub, 'token', visitor, { reason: `${door}: its address is not on the list` })
      else refused(hub, 'origin', visitor, { origin: origin.slice(0, originCharsMax), door })
      const shut = new HubError('origin_not_allowed', { origin: origin ?? source })
      strangers(request, response, (error?: unknown) => next(error ?? shut))
      return
    }
    const locals = response.locals as GateLocals
    locals.gateCaller = caller
    if (origin !== undefined) {
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin')
    }
    if (request.method !== 'OPTIONS') {
      next()
      return
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    // Chromium before 142 asks whether the page may reach a private address at all.
    if (request.headers['access-control-request-private-network'] === 'true')
      response.setHeader('Access-Control-Allow-Private-Network', 'true')
    response.status(204).end()
  }
}

/** Whom the gate has let in; undefined before that. */
export const admitted = (response: Response): Caller | undefined => (response.locals as GateLocals).gateCaller
