/** Whether the hub has the device that a request or a register names, before anything is counted or written because of it. */
import type { Capability } from '../protocol/device.ts'
import { HubError } from '../protocol/errors.ts'
import type { TillTools } from './parts.ts'

/** The kind of job that needs it, as `capability_missing` tells it. */
const kinds: Readonly<Record<Capability, string>> = {
  printing: 'print',
  drawer: 'drawer.open',
  weighing: 'scale.read',
  scanning: 'scan',
  displaying: 'display.show',
  paying: 'payment',
}

/** `path`: of the field that names it. Throws `device_unknown`, `capability_missing`; one that is only absent will do. */
export function mustHaveDevice(
  { device }: Pick<TillTools, 'device'>,
  id: string,
  needed: Capability,
  path: string,
): void {
  const found = device(id)
  if (found === undefined) throw new HubError('device_unknown', { device: id, path })
  if (!found.capabilities.includes(needed))
    throw new HubError('capability_missing', { device: id, kind: kinds[needed], path })
}
