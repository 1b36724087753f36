/** Errors as sentences for the people in the shop, and what they can do about them. */
import type { Device } from '../../protocol/device.ts'
import type { ErrorActor, ErrorContext } from '../../protocol/errors.ts'

/** What an error's reader can do, by who can act on it. */
const actorHints: Readonly<Record<ErrorActor, string>> = {
  operator: 'You can put this right at the device.',
  technician: 'Check the cable, the power and the settings of the device.',
  developer: 'The request was not one the hub takes. Reload the page; if it stays, report the code.',
  retry: 'Wait a moment and try again.',
}

const codeHints: Readonly<Record<string, string>> = {
  unauthorized: 'Pair this browser again.',
  forbidden: 'Pair this browser as technician to do this.',
  pair_code_invalid: 'A code works once, and only for some minutes.',
  rate_limited: 'Wait half a minute, then try again.',
  device_exists: 'Remove the other device first, or choose another port.',
  connection_lost: 'Whether it was done is not known yet: the job list will tell.',
}

export function hintFor(code: string, who: ErrorActor): string {
  return codeHints[code] ?? actorHints[who]
}

interface Told {
  message: string
  context: ErrorContext
}

/** The sentence of an error with the device's name in place of its id, and without the code: screens show that apart. */
export function sentenceOf(error: Told, devices: ReadonlyMap<string, Device>): string {
  const sentence = error.message.replace(/ \([a-z0-9_]+\)$/, '')
  const id = error.context.device
  const name = typeof id === 'string' ? devices.get(id)?.name : undefined
  return name === undefined ? sentence : sentence.replace(String(id), name)
}
