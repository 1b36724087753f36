/** Prints an ended print job once more, as a job of its own: a receipt that was torn, or wanted twice. */
import { HubError } from '../../protocol/errors.ts'
import { endedStates, type Job, type PrintPayload } from '../../protocol/job.ts'
import type { ParsedParams } from '../../protocol/methods.ts'
import type { Store } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import type { Jobs } from './jobs.ts'

/** The same `as` again answers the same job. A copy opens no drawer. Throws `job_unknown`, `params_invalid` and what a submit throws. */
export async function repeatJob(
  { id, as, device }: ParsedParams<'job.repeat'>,
  tools: { jobs: Jobs; store: Pick<Store, 'jobs'> },
  caller: Caller,
): Promise<Job> {
  const refused = (reason: string) => new HubError('params_invalid', { path: 'id', reason })
  // What memory knows is newer than the disk.
  const { state } = await tools.jobs.get(id)
  if (!endedStates.has(state))
    throw refused(`is a job that is ${state}: it can be repeated when it has ended`)
  const row = await tools.store.jobs.get(id)
  if (row === undefined) throw new HubError('job_unknown', { id })
  if (row.kind !== 'print') throw refused('is no print job')
  if (as === id) throw new HubError('params_invalid', { path: 'as', reason: 'is the id of the job itself' })
  const payload = withoutDrawer(JSON.parse(row.payload) as PrintPayload)
  return tools.jobs.submit({ id: as, device: device ?? row.device, kind: 'print', payload }, caller)
}

/** Nobody gives change for a copy. What raw bytes do is not known. */
function withoutDrawer({ openDrawer: _openDrawer, receipt, ...rest }: PrintPayload): PrintPayload {
  if (receipt === undefined) return rest
  return { ...rest, receipt: { ...receipt, blocks: receipt.blocks.filter(({ type }) => type !== 'pulse') } }
}
