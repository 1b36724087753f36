/** What a client of QZ Tray is told when something cannot be: a sentence, since its wire knows no codes. */
import type { Device } from '../../../protocol/device.ts'
import { errorTable, HubError, toHubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import type { Log } from '../../log.ts'

/** The sentence of any error; what nobody expected goes to the log. */
export function sentenceOf(error: unknown, log: Log, call: string): string {
  const known = toHubError(error)
  if (known.code === 'internal')
    log.error({ err: known.cause ?? known, call }, 'a QZ Tray request failed unexpectedly')
  return known.message
}

/** Throws unless the job is done. */
export function checkDone(job: Job, printer: Device): void {
  if (job.state === 'done') return
  const device = printer.name
  if (job.state === 'unknown') throw new HubError('job_outcome_unknown', { device })
  if (job.state === 'expired') throw new HubError('job_expired', { device })
  if (job.error !== undefined) throw HubError.fromRecord(job.error)
  const fault = printer.faults.find(({ blocking }) => blocking)
  const code = job.waitingFor ?? fault?.code
  if (code !== undefined && code in errorTable)
    throw HubError.fromRecord({ code, context: { device, fault: fault?.message ?? code } })
  if (code !== undefined) throw new HubError('device_faulty', { device, fault: fault?.message ?? code })
  throw new HubError(job.state === 'running' ? 'job_outcome_unknown' : 'job_expired', { device })
}

export const wrong = (path: string, reason: string): HubError =>
  new HubError('params_invalid', { path, reason })
