/** What the device can do: open. */
import type { DeviceListener, OpenDevice } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import { act } from './attempt.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'drawer'
export const capabilities: readonly Capability[] = ['drawer']

export function createParts(link: Link): Pick<OpenDevice, 'drawer'> {
  return { drawer: { openDrawer: (_payload, attempt) => act(link, 'O', '', attempt) } }
}

/** Lines that answer no question: the drawer says when it is opened or closed. */
export function onUnasked(line: string, listener: DeviceListener): void {
  if (line === 'D1' || line === 'D0') listener.drawer(line === 'D1')
}
