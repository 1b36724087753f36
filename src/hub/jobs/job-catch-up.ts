/** What the run before left: states that nobody heard of, and prints that a device may still tell of. */
import type { JobState } from '../../protocol/job.ts'
import type { EventLog, JobRow, JobStore } from '../../store/store.ts'

export const catchUpLimits = {
  /** Ended jobs, and job events, that are looked at. */
  jobsMax: 5_000,
  ms: 10 * 60_000,
} as const

export interface LeftBehind {
  /** Ended jobs whose state was recorded and not announced. */
  unheard: JobRow[]
  /** The last print of each device, where its outcome is unknown. */
  doubtful: JobRow[]
  /** The state of each job that was announced last; empty without a log. */
  announced: ReadonlyMap<string, JobState>
}

export async function leftBehind(
  jobs: JobStore,
  eventLog: EventLog | undefined,
  now: number,
): Promise<LeftBehind> {
  const announced = await eventLog?.lastJobStates(catchUpLimits.jobsMax)
  const ended = await jobs.endedSince(now - catchUpLimits.ms, catchUpLimits.jobsMax)
  const lastPrints = new Map<string, JobRow>()
  for (const row of ended) if (row.kind === 'print' && row.attempts > 0) lastPrints.set(row.device, row)
  return {
    unheard: ended.filter(({ id, state }) => announced !== undefined && announced.get(id) !== state),
    doubtful: [...lastPrints.values()].filter(({ state }) => state === 'unknown'),
    announced: announced ?? new Map(),
  }
}
