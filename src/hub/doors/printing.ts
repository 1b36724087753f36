/** What doors of other people's protocols share: which device is meant, and a job whose end is waited for. */
import type { Device, DeviceClass } from '../../protocol/device.ts'
import type { Job } from '../../protocol/job.ts'
import { parseBy } from '../../protocol/messages.ts'
import type { Params } from '../../protocol/methods.ts'
import { methods } from '../../protocol/methods.ts'
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

/**
 * Submits a job and answers it as it is after at most `ms`: ended, or still under way. Throws what `job.submit` throws, such as
 * `device_unknown` or `params_invalid`.
 */
export async function doJob(
  hub: HubApi,
  caller: Caller,
  job: Params<'job.submit'>,
  ms: number,
): Promise<Job> {
  const { id } = await hub.call('job.submit', parseBy(methods['job.submit'].params, job), caller)
  return hub.call('job.wait', { id, ms }, caller)
}
