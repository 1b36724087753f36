/** The job of a request: submitted, watched, and taken back when its printer cannot go on before anything was printed. */
import type { Device } from '../../../protocol/device.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { Job } from '../../../protocol/job.ts'
import { endedStates } from '../../../protocol/job.ts'
import { parseBy } from '../../../protocol/messages.ts'
import { methods } from '../../../protocol/methods.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { eposLimits } from './epos-limits.ts'
import type { EposWork } from './receipt.ts'

export interface WorkTools {
  hub: HubApi
  clock: Clock
  newId: () => string
}

/**
 * The job as it is when there is something to tell: ended, stopped by a fault, or still under way when the till has waited long enough.
 * undefined when there was nothing to do. Throws what `job.submit` throws, and `payload_unsupported`.
 */
export async function doWork(
  work: EposWork,
  timeoutMs: number,
  printer: Device,
  caller: Caller,
  tools: WorkTools,
): Promise<Job | undefined> {
  const { clock, hub, newId } = tools
  if (work.kind === 'status') return undefined
  if (work.kind === 'raw' && printer.driver !== 'escpos')
    throw new HubError('payload_unsupported', {
      path: 'command',
      device: printer.name,
      reason: 'it does not speak ESC/POS',
    })
  const ms = Math.max(eposLimits.timeoutMsMin, timeoutMs) - eposLimits.answerMs
  const what =
    work.kind === 'drawer'
      ? { kind: 'drawer.open' as const, payload: { drawer: work.drawer } }
      : { kind: 'print' as const, payload: { ...work.payload } }
  const id = `epos-${newId()}`
  // What the till has given up is never printed behind its back.
  const expiresAt = new Date(clock.now() + ms).toISOString()
  const told = watch(hub, id)
  try {
    const params = parseBy(methods['job.submit'].params, { id, device: printer.id, expiresAt, ...what })
    told.job = await hub.call('job.submit', params, caller)
    const job = await told.matter(clock, ms)
    if (endedStates.has(job.state)) return job
    return await takeBack(hub, job, caller)
  } finally {
    told.stop()
  }
}

/** A print of which nothing has left does not wait for paper: the till prints it again. What has begun goes on by itself. */
async function takeBack(hub: HubApi, job: Job, caller: Caller): Promise<Job> {
  try {
    await hub.call('job.cancel', { id: job.id }, caller)
    return job
  } catch (error) {
    // It is being printed, or has ended at this very moment.
    if (!(error instanceof HubError)) throw error
    const now = await hub.call('job.get', { id: job.id }, caller)
    return now.waitingFor === undefined && job.waitingFor !== undefined && !endedStates.has(now.state)
      ? { ...now, waitingFor: job.waitingFor }
      : now
  }
}

/** Follows a job by the events of the hub, so that nothing has to be asked for. */
function watch(hub: HubApi, id: string) {
  const mark = Buffer.from(JSON.stringify(id))
  let latest: Job | undefined
  let wake: () => void = () => {}
  const matters = (job: Job | undefined) =>
    job !== undefined && (endedStates.has(job.state) || job.waitingFor !== undefined)
  const stop = hub.events.follow(({ frame, topic }) => {
    if (topic !== 'job.changed' || !frame.includes(mark)) return
    const job = (JSON.parse(frame.toString()) as { params: { data: Job } }).params.data
    if (job.id !== id) return
    latest = job
    if (matters(job)) wake()
  })
  return {
    stop,
    /** As `job.submit` answers it: an event that came before is newer. */
    set job(submitted: Job) {
      latest ??= submitted
    },
    async matter(clock: Clock, ms: number): Promise<Job> {
      if (!matters(latest)) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        const cancel = clock.after(ms, resolve)
        await promise
        cancel()
      }
      if (latest === undefined) throw new HubError('job_unknown', { id })
      return latest
    },
  }
}
