/**
 * A job of a client that waits for its end and then forgets it: submitted, watched, and taken back when its device cannot go on before
 * anything was done. Such a client does it again: what it has given up must not happen behind its back.
 */

import { HubError } from '../../protocol/errors.ts'
import type { Job } from '../../protocol/job.ts'
import { endedStates } from '../../protocol/job.ts'
import { parseBy } from '../../protocol/messages.ts'
import { methods, type Params } from '../../protocol/methods.ts'
import type { Caller, HubApi } from '../api.ts'
import type { Clock } from '../clock.ts'

/**
 * The job as it is when there is something to tell: ended, stopped by a fault, or still under way after `ms`. Throws what `job.submit`
 * throws.
 */
export async function workOf(
  job: Omit<Params<'job.submit'>, 'expiresAt'>,
  ms: number,
  caller: Caller,
  { clock, hub }: { hub: HubApi; clock: Clock },
): Promise<Job> {
  const { id } = job
  const expiresAt = new Date(clock.now() + ms).toISOString()
  const told = watch(hub, id)
  try {
    const params = parseBy(methods['job.submit'].params, { ...job, expiresAt })
    told.job = await hub.call('job.submit', params, caller)
    const met = await told.matter(clock, ms)
    return endedStates.has(met.state) ? met : await takeBack(hub, met, caller)
  } finally {
    told.stop()
  }
}

/** What has begun goes on by itself: its printer has the rest of it. */
async function takeBack(hub: HubApi, job: Job, caller: Caller): Promise<Job> {
  try {
    await hub.call('job.cancel', { id: job.id }, caller)
    return job
  } catch (error) {
    // It is being done, or has ended at this very moment.
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
