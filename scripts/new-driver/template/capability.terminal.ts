/** What the device can do: the paying part of the driver contract goes here. */
import type { DeviceListener } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'terminal'
export const capabilities: readonly Capability[] = ['paying']

export function createParts(_link: Link): object {
  return {}
}

/** Lines that answer no question. */
export function onUnasked(_line: string, _listener: DeviceListener): void {}
