/** One hub on a data folder: two would both take up the waiting jobs, and print them twice. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Log } from './log.ts'

const lockFileName = 'hub.lock'
/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5

/**
 * Takes the folder until the answer is called or the process ends, however it ends: the lock is the kernel's, by way of
 * SQLite, and no file is left that a later start could mistake. Throws HubError `data_in_use`.
 */
export function lockData(data: string, log: Log): () => void {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(join(data, lockFileName))
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db?.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)
      throw new HubError('data_in_use', { data }, error)
    // A full or read-only disk: the hub comes up all the same and says so.
    log.warn({ reason: errorText(error) }, 'the data folder could not be locked')
    return () => {}
  }
  const held = db
  return () => held.close()
}
