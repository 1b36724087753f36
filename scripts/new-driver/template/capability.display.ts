/** What the device can do: show lines. */
import type { DeviceListener, OpenDevice } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import { act } from './attempt.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'display'
export const capabilities: readonly Capability[] = ['displaying']

export function createParts(link: Link): Pick<OpenDevice, 'displaying'> {
  return {
    displaying: {
      show: ({ lines = [], message = '' }, attempt) => act(link, 'L', lines[0] ?? message, attempt),
      clear: (attempt) => act(link, 'L', '', attempt),
    },
  }
}

/** Lines that answer no question. */
export function onUnasked(_line: string, _listener: DeviceListener): void {}
