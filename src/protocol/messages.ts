/** The JSON-RPC 2.0 envelope, both ways. Parsing never throws: what is wrong becomes an answer. */
import type { z } from 'zod'
import { type ErrorRecord, errorText, HubError, rpcCodeOf, toHubError } from './errors.ts'
import { issueReason } from './issue-reason.ts'

export type RpcId = string | number

export interface RpcRequest {
  jsonrpc: '2.0'
  id: RpcId
  method: string
  params?: unknown
}

export interface RpcError {
  code: number
  message: string
  data: Pick<ErrorRecord, 'code' | 'who' | 'context'>
}

export type RpcAnswer =
  | { jsonrpc: '2.0'; id: RpcId | null; result: unknown }
  | { jsonrpc: '2.0'; id: RpcId | null; error: RpcError }

export interface RpcNotification {
  jsonrpc: '2.0'
  method: string
  params?: unknown
}

export const rpcLimits = { idCharsMax: 128, methodCharsMax: 128 } as const

export type ParsedRequest =
  | { request: RpcRequest }
  /** A request without id: JSON-RPC wants no answer. */
  | { notification: RpcNotification }
  | { id: RpcId | null; error: HubError }

function isId(value: unknown): value is RpcId {
  return typeof value === 'string' ? value.length <= rpcLimits.idCharsMax : Number.isFinite(value)
}

/** Reads one request. Batches are refused: they would hide order and limits. */
export function parseRequest(text: string): ParsedRequest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { id: null, error: new HubError('bad_json', { reason: errorText(error) }) }
  }
  return readRequest(value)
}

export function readRequest(value: unknown): ParsedRequest {
  const bad = (reason: string, id: RpcId | null = null): ParsedRequest => ({
    id,
    error: new HubError('bad_request', { reason }),
  })
  if (Array.isArray(value)) return bad('batches are not taken; send one request a message')
  if (typeof value !== 'object' || value === null) return bad('it is not an object')
  const { jsonrpc, id, method, params } = value as Record<string, unknown>
  const known = isId(id) ? id : null
  if (jsonrpc !== '2.0') return bad('jsonrpc is not "2.0"', known)
  if (typeof method !== 'string' || method.length > rpcLimits.methodCharsMax)
    return bad('method is not a string', known)
  if (params !== undefined && (typeof params !== 'object' || params === null || Array.isArray(params)))
    return bad('params is not an object', known)
  if (id === undefined)
    return { notification: { jsonrpc, method, ...(params === undefined ? {} : { params }) } }
  if (known === null) return bad('id is not a string or number')
  return { request: { jsonrpc, id: known, method, params: params ?? {} } }
}

export function rpcError(error: unknown): RpcError {
  const { code, message, who, context } = toHubError(error).toRecord()
  return { code: rpcCodeOf(code), message, data: { code, who, context } }
}

/** The dotted path of a schema issue: `payload.receipt.blocks[3].data`. */
export function issuePath(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += text === '' ? String(part) : `.${String(part)}`
  }
  return text === '' ? 'params' : text
}

/** A path that is written with dots alone, as paths of messages are: `lines.3.price` is `lines[3].price`. */
export const wirePath = (path: string): string => path.replace(/\.(\d+)(?=\.|$)/g, '[$1]')

/** Reads a value by its schema, or throws `params_invalid` with the path of the first field at fault. */
export function parseBy<S extends z.ZodType>(
  schema: S,
  value: unknown,
  prefix: readonly PropertyKey[] = [],
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw issueError(parsed.error, prefix)
}

export function issueError(error: z.ZodError, prefix: readonly PropertyKey[] = []): HubError {
  const issue = error.issues[0]
  if (issue === undefined)
    return new HubError('params_invalid', { path: issuePath(prefix), reason: 'is not valid' })
  const key = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = issuePath([...prefix, ...issue.path, ...key])
  return new HubError('params_invalid', { path, reason: issueReason(issue) })
}
