/** What a request wants done, as a job of the hub. */
import type { Device } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { workOf } from '../work.ts'
import { eposLimits } from './epos-limits.ts'
import type { EposWork } from './receipt.ts'

/**
 * The job when there is something to tell of it; undefined when there was nothing to do. Throws what `job.submit` throws, and
 * `payload_unsupported`.
 */
export async function doWork(
  work: EposWork,
  timeoutMs: number,
  printer: Device,
  caller: Caller,
  { newId, ...tools }: { hub: HubApi; clock: Clock; newId: () => string },
): Promise<Job | undefined> {
  if (work.kind === 'status') return undefined
  if (work.kind === 'raw' && printer.driver !== 'escpos')
    throw new HubError('payload_unsupported', {
      path: 'command',
      device: printer.name,
      reason: 'it does not speak ESC/POS',
    })
  const what =
    work.kind === 'drawer'
      ? { kind: 'drawer.open' as const, payload: { drawer: work.drawer } }
      : { kind: 'print' as const, payload: { ...work.payload } }
  const ms = timeoutMs - eposLimits.answerMs
  return workOf({ id: `epos-${newId()}`, device: printer.id, ...what }, ms, caller, tools)
}
