/** What a client sees that is held to certain devices: these devices and their jobs. Everything else is not there for it. */
import type { Alert } from '../../protocol/alert.ts'
import type { Device } from '../../protocol/device.ts'
import { HubError } from '../../protocol/errors.ts'
import type { Job } from '../../protocol/job.ts'
import type { MethodName, Result } from '../../protocol/methods.ts'
import type { Caller, EventFrame } from '../api.ts'

/** Methods whose `id` is that of a device, and those whose `id` is that of a job. */
const byDeviceId: ReadonlySet<string> = new Set<MethodName>(['device.get'])
const byJobId: ReadonlySet<string> = new Set<MethodName>([
  'job.get',
  'job.cancel',
  'job.settle',
  'job.repeat',
  'job.wait',
])
/** Events without a device that are about the box in general, as those of the till are about the shop; the others are about ports, clients and origins. */
const generalTopics: ReadonlySet<string> = new Set([
  'hub.health',
  'network.changed',
  'alert.raised',
  'alert.cleared',
])

/** Refuses params that name what the caller does not see: `device_unknown`, `job_unknown`, as if it did not exist. */
export async function refuseHidden(
  method: MethodName,
  params: unknown,
  caller: Caller,
  jobOf: (id: string) => Promise<Job>,
): Promise<void> {
  const { devices } = caller
  if (devices === undefined) return
  const { device, id } = params as { device?: unknown; id?: unknown }
  for (const named of [device, byDeviceId.has(method) ? id : undefined])
    if (typeof named === 'string' && !devices.has(named))
      throw new HubError('device_unknown', { device: named })
  if (byJobId.has(method) && typeof id === 'string' && !seesJob(devices, await jobOf(id)))
    throw new HubError('job_unknown', { id })
}

/** Takes out of a result what the caller does not see. */
export function withoutHidden<M extends MethodName>(method: M, result: Result<M>, caller: Caller): Result<M> {
  const { devices } = caller
  if (devices === undefined) return result
  if (method === 'device.list') {
    const list = result as unknown as { devices: Device[] }
    return { ...list, devices: list.devices.filter(({ id }) => devices.has(id)) } as unknown as Result<M>
  }
  if (method === 'alert.list') {
    const list = result as unknown as { alerts: Alert[] }
    const seen = list.alerts.filter(({ device }) => device === undefined || devices.has(device))
    return { ...list, alerts: seen } as unknown as Result<M>
  }
  if (method === 'job.list') {
    // A page may become short, even empty; `next` tells whether there are more.
    const list = result as unknown as { jobs: Job[] }
    return { ...list, jobs: list.jobs.filter((job) => seesJob(devices, job)) } as unknown as Result<M>
  }
  return result
}

export function eventVisible({ topic, device, movedFrom }: EventFrame, caller: Caller): boolean {
  const { devices } = caller
  if (devices === undefined) return true
  if (device === undefined) return generalTopics.has(topic) || topic.startsWith('till.')
  return seesJob(devices, { device, movedFrom })
}

/** A job that moved to a backup is still the job of whoever sent it to the printer before. */
function seesJob(
  devices: ReadonlySet<string>,
  { device, movedFrom }: { device: string; movedFrom?: string | undefined },
): boolean {
  return devices.has(device) || (movedFrom !== undefined && devices.has(movedFrom))
}
