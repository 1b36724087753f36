/** Methods of the till: every one goes to the part of the till that knows it. */
import { HubError } from '../../protocol/errors.ts'
import { tillMethods } from '../../protocol/methods/till.ts'
import type { TillMethod, TillParams } from '../../till/till.ts'
import type { Caller } from '../api.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

type TillHandlers = HandlersOf<typeof tillMethods>

export function tillHandlers({ till }: HandlerTools): TillHandlers {
  const entries = (Object.keys(tillMethods) as TillMethod[]).map((method) => [
    method,
    (params: TillParams<TillMethod>, caller: Caller) => {
      refuseForeignPrinter(params, caller)
      return till.call(method, params, caller)
    },
  ])
  return Object.fromEntries(entries) as TillHandlers
}

/** The printer of the register is the shop's choice; another one must be one that the client may use. */
function refuseForeignPrinter(params: object, { devices }: Caller): void {
  const printer = 'printer' in params ? params.printer : undefined
  if (typeof printer === 'string' && devices !== undefined && !devices.has(printer))
    throw new HubError('device_unknown', { device: printer })
}
