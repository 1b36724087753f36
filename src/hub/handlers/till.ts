/** Methods of the till: every one goes to the part of the till that knows it. */
import { HubError } from '../../protocol/errors.ts'
import { wirePath } from '../../protocol/messages.ts'
import { tillMethods } from '../../protocol/methods/till.ts'
import type { TillMethod, TillParams } from '../../till/till.ts'
import type { Caller } from '../api.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

type TillHandlers = HandlersOf<typeof tillMethods>

export function tillHandlers({ till }: HandlerTools): TillHandlers {
  const entries = (Object.keys(tillMethods) as TillMethod[]).map((method) => [
    method,
    async (params: TillParams<TillMethod>, caller: Caller) => {
      refuseForeignPrinter(params, caller)
      try {
        return await till.call(method, params, caller)
      } catch (error) {
        throw withWirePath(error)
      }
    },
  ])
  return Object.fromEntries(entries) as TillHandlers
}

/** The till writes paths with dots alone; on the wire all paths are written alike. */
function withWirePath(error: unknown): unknown {
  if (!(error instanceof HubError) || typeof error.context.path !== 'string') return error
  const path = wirePath(error.context.path)
  return path === error.context.path ? error : new HubError(error.code, { ...error.context, path }, error)
}

/** The printer of the register is the shop's choice; another one must be one that the client may use. */
function refuseForeignPrinter(params: object, { devices }: Caller): void {
  const printer = 'printer' in params ? params.printer : undefined
  if (typeof printer === 'string' && devices !== undefined && !devices.has(printer))
    throw new HubError('device_unknown', { device: printer })
}
