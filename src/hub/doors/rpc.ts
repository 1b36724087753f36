/** One request on its way through the hub, the same for WebSocket and HTTP: read, check, call, answer. */
import { HubError, toHubError } from '../../protocol/errors.ts'
import {
  type ParsedRequest,
  parseBy,
  parseRequest,
  type RpcAnswer,
  type RpcId,
  type RpcRequest,
  rpcError,
} from '../../protocol/messages.ts'
import { isMethod, type MethodName, methods, type ParsedParams } from '../../protocol/methods.ts'
import type { Caller, HubApi } from '../api.ts'
import type { Log } from '../log.ts'

/** Reads one request; never throws. Deep nesting is refused before it is built, since code behind may recurse into it. */
export function readMessage(text: string, nestingMax: number): ParsedRequest {
  if (!nestsDeeper(text, nestingMax)) return parseRequest(text)
  return {
    id: null,
    error: new HubError('bad_request', { reason: `it nests deeper than ${nestingMax} levels` }),
  }
}

/** Counts brackets outside of strings; strings, where the bulk of a message is, are skipped by search. */
export function nestsDeeper(text: string, max: number): boolean {
  if (text.length <= max) return false
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index)
    if (char === 0x22) {
      index = endOfString(text, index)
      if (index < 0) return false
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > max) return true
    } else if (char === 0x7d || char === 0x5d) depth--
  }
  return false
}

/** Index of the quote that ends the string which opens at `start`; -1 when none does. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, index: number): boolean {
  let slashes = 0
  while (text.charCodeAt(index - 1 - slashes) === 0x5c) slashes++
  return slashes % 2 === 1
}

/** Looks the method up and reads its params. Throws HubError `method_unknown` or `params_invalid`. */
export function readCall(request: RpcRequest): { method: MethodName; params: unknown } {
  const { method } = request
  if (!isMethod(method)) throw new HubError('method_unknown', { method })
  return { method, params: parseBy(methods[method].params, request.params) }
}

/** Runs a request; what needs a connection is refused to a caller without one. Never rejects: what goes wrong is the answer. */
export async function callHub(
  request: RpcRequest,
  caller: Caller,
  { hub, log }: { hub: HubApi; log: Log },
): Promise<RpcAnswer> {
  try {
    if (isSocketOnly(request.method) && caller.onClose === undefined)
      throw new HubError('bad_request', { reason: `${request.method} only makes sense on a WebSocket` })
    const { method, params } = readCall(request)
    if (method === 'ping') return resultAnswer(request.id, {})
    return resultAnswer(request.id, await hub.call(method, params as ParsedParams<typeof method>, caller))
  } catch (error) {
    return errorAnswer(request.id, error, log, request.method)
  }
}

function isSocketOnly(method: string): boolean {
  if (!isMethod(method)) return false
  const entry: { socketOnly?: boolean } = methods[method]
  return entry.socketOnly === true
}

export function resultAnswer(id: RpcId, result: unknown): RpcAnswer {
  return { jsonrpc: '2.0', id, result }
}

/** Logs what nobody expected; its cause stays in the log. */
export function errorAnswer(id: RpcId | null, error: unknown, log: Log, method?: string): RpcAnswer {
  const known = toHubError(error)
  if (known.code === 'internal')
    log.error({ err: known.cause ?? known, method }, 'a request failed unexpectedly')
  return { jsonrpc: '2.0', id, error: rpcError(known) }
}
