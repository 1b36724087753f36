/**
 * Puts a restored box in place at the start of the hub, before anything is opened: what was there goes to a folder of its own,
 * what came takes its place. Each step can be done again, so that a power cut between any two of them loses nothing.
 */
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText } from '../../protocol/errors.ts'
import type { Log } from '../log.ts'
import { syncFolder } from '../sync-folder.ts'

/** Folder in the data folder with what is to be put in place. */
export const pendingFolder = 'restore-pending'
/** In it: the name of the folder that the old files go to. Written last, when everything is there and checked. */
export const readyMarker = 'READY'
/** The same marker once the old files are out of the way. */
const placingMarker = 'PLACING'

/** What a backup may bring. */
export const restoredFolders = ['tls', 'display', 'pictures'] as const
export const restoredNames = ['books.db', 'ledger.key', 'tillbridge.toml', ...restoredFolders] as const
/** Beside it, of the restore itself: what the audit log is to tell of it. */
export const restoreNote = 'restored.json'
const placedNames = [...restoredNames, restoreNote]
/** What makes way for it: nothing of the old box may be left beside the new one. */
const replacedNames = [
  ...placedNames,
  'books.db-wal',
  'books.db-shm',
  'events.db',
  'events.db-wal',
  'events.db-shm',
  'config.last-good.toml',
  'cli.token',
]

/** True when a backup waits for the next start. */
export const isRestorePending = (data: string): boolean => existsSync(join(data, pendingFolder, readyMarker))

/** Does what is still to be done, if anything. Rejects when the disk does not let it; the next start goes on. */
export async function putRestoredInPlace(data: string, log: Log): Promise<void> {
  const pending = join(data, pendingFolder)
  if (!existsSync(pending)) return
  try {
    while (await restoreStep(data));
    log.info('the backup is in place')
  } catch (error) {
    log.error({ reason: errorText(error) }, 'the backup could not be put in place')
    throw error
  }
}

/** The next single step. Answers false when there was nothing left to do. */
export async function restoreStep(data: string): Promise<boolean> {
  const pending = join(data, pendingFolder)
  if (!existsSync(pending)) return false
  const ready = join(pending, readyMarker)
  const placing = join(pending, placingMarker)
  if (existsSync(ready)) {
    const aside = join(data, (await readFile(ready, 'utf8')).trim())
    await mkdir(aside, { recursive: true, mode: 0o700 })
    await giveToOwner(aside, data)
    const old = replacedNames.find((name) => existsSync(join(data, name)))
    await (old === undefined ? rename(ready, placing) : rename(join(data, old), join(aside, old)))
    await Promise.all([pending, aside, data].map(syncFolder))
    return true
  }
  if (existsSync(placing)) {
    const next = placedNames.find((name) => existsSync(join(pending, name)))
    if (next !== undefined) {
      await rename(join(pending, next), join(data, next))
      await Promise.all([pending, data].map(syncFolder))
      return true
    }
  }
  // All is in place; or it never was complete, and then nothing was touched.
  await rm(pending, { recursive: true })
  await syncFolder(data)
  return true
}

/** What root makes in the data folder is for whoever the hub runs as: it could not read the books that root restored. */
export async function giveToOwner(path: string, data: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { gid, uid } = await stat(data)
  await chown(path, uid, gid)
}
