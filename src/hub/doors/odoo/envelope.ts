/** JSON-RPC as Odoo has it: what is missing is made up, what goes wrong is answered with status 200. */
import { HubError, toHubError } from '../../../protocol/errors.ts'

export interface OdooCall {
  id: number | string | null
  params: Readonly<Record<string, unknown>>
}

/** Several callers send `{"params": …}` and nothing else. Throws HubError `bad_json`, `params_invalid`. */
export function readCall(body: string): OdooCall {
  let value: unknown
  try {
    value = body.trim() === '' ? {} : JSON.parse(body)
  } catch (error) {
    throw new HubError('bad_json', {}, error)
  }
  const { id, params } = objectOf(value, 'the request')
  return {
    id: typeof id === 'number' || typeof id === 'string' ? id : null,
    params: params === undefined || params === null ? {} : objectOf(params, 'params'),
  }
}

/** Throws HubError `params_invalid` for what is no object. */
export function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new HubError('params_invalid', { path, reason: 'is not an object' })
}

export const resultText = (id: OdooCall['id'], result: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result })

/** A sentence for whoever sells: points of sale show `data.message`. */
export function errorText(id: OdooCall['id'], error: unknown): string {
  const { code, message } = toHubError(error)
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: {
      code: 200,
      message: 'Odoo Server Error',
      data: { name: `tillbridge.${code}`, debug: '', message, arguments: [message], context: {} },
    },
  })
}
