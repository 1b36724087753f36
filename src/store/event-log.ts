/** The event log as the contract has it, over a handle to `events.db`. */
import type { JobState } from '../protocol/job.ts'
import type { EventOperations, EventRecord, LogPosition } from './events.ts'
import type { Handle } from './handle.ts'
import type { EventLog, EventRow } from './store.ts'

/** Appended events after which old ones are dropped even when it never gets quiet. */
export const pruneEveryEvents = 250

const rowOf = ({ device, ...row }: EventRecord): EventRow => (device === null ? row : { ...row, device })
const recordOf = (row: EventRow): EventRecord => ({ ...row, device: row.device ?? null })

export function eventLogOver(
  events: Handle<EventOperations>,
  start: LogPosition,
  prune: () => Promise<void>,
): EventLog {
  let lastSeq = start.lastSeq
  let sincePrune = 0
  return {
    epoch: start.epoch,
    get lastSeq() {
      return lastSeq
    },
    async append(rows) {
      const last = rows.at(-1)
      if (last === undefined) return
      await events.write('append', rows.map(recordOf))
      lastSeq = last.seq
      sincePrune += rows.length
      if (sincePrune < pruneEveryEvents) return
      sincePrune = 0
      // What fails now is dropped the next time.
      void prune().catch(() => {})
    },
    async restart(epoch, rows) {
      await events.write('restart', epoch, rows.map(recordOf))
      lastSeq = rows.at(-1)?.seq ?? lastSeq
    },
    async after(seq, limit) {
      const rows = await events.read('after', seq, limit)
      return rows?.map(rowOf)
    },
    async newest(topic, limit) {
      return (await events.read('newest', topic, limit)).map(rowOf)
    },
    async lastJobStates(limit) {
      const states = new Map<string, JobState>()
      for (const { id, state } of await events.read('jobStates', limit)) {
        if (!states.has(id)) states.set(id, state)
      }
      return states
    },
    close: () => events.close(),
  }
}
