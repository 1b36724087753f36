/** What the device can do: scan. */
import type { DeviceListener } from '../../../src/drivers/driver.ts'
import type { Capability, DeviceClass } from '../../../src/protocol/device.ts'
import type { Link } from './link.ts'

export const deviceClass: DeviceClass = 'scanner'
export const capabilities: readonly Capability[] = ['scanning']

export function createParts(_link: Link): object {
  return {}
}

/** Lines that answer no question: what was scanned. */
export function onUnasked(line: string, listener: DeviceListener): void {
  if (/^S./.test(line)) listener.scan({ code: line.slice(1) })
}
