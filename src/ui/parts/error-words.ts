/** Errors as sentences for the people in the shop, and what they can do about them. */
import type { Device } from '../../protocol/device.ts'
import type { ErrorActor, ErrorContext } from '../../protocol/errors.ts'
import { errorTable } from '../../protocol/errors.ts'
import { say, sayError } from '../words/say.ts'

/** Codes with a hint of their own; the others have that of whoever can act. */
const ownHints = [
  'unauthorized',
  'forbidden',
  'pair_code_invalid',
  'rate_limited',
  'device_exists',
  'connection_lost',
  'login_failed',
  'store_unavailable',
] as const

export function hintFor(code: string, who: ErrorActor): string {
  const own = ownHints.find((candidate) => candidate === code)
  return own === undefined ? say(`common.hint.${who}`) : say(`common.hint.${own}`)
}

interface Told {
  code: string
  message: string
  context: ErrorContext
}

/** The sentence of an error with the name of a device that is known in place of its id, and without the code: screens show that apart. */
export function sentenceOf(error: Told, devices?: ReadonlyMap<string, Device>): string {
  const id = error.context.device
  const name = typeof id === 'string' ? devices?.get(id)?.name : undefined
  const context = name === undefined ? error.context : { ...error.context, device: name }
  // A newer hub may have codes that this page has no words for.
  if (!Object.hasOwn(errorTable, error.code)) return error.message.replace(/ \([a-z0-9_]+\)$/, '')
  return sayError(error.code as keyof typeof errorTable, context)
}
