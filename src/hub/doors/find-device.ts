/** What doors of other people's protocols share: which device is meant. */
import type { Device, DeviceClass } from '../../protocol/device.ts'
import type { Caller, HubApi } from '../api.ts'

/** The device of a class that is named by id or name, or the first that is not disabled when none is named. undefined: there is none. */
export async function findDevice(
  hub: HubApi,
  caller: Caller,
  deviceClass: DeviceClass,
  wanted?: string,
): Promise<Device | undefined> {
  const { devices } = await hub.call('device.list', {}, caller)
  const known = devices.filter((device) => device.class === deviceClass)
  if (wanted !== undefined) return known.find(({ id, name }) => id === wanted || name === wanted)
  return known.find(({ state }) => state !== 'disabled')
}
