/** Folders for work in progress in the data folder, each for one file that is made, sent and thrown away. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { FileToSend } from '../api.ts'

/** Beginning of their names; what an earlier run left of them is thrown away. */
export const workFolder = 'work-'

/** The file is in a folder of its own, which `done` throws away; when it cannot be made, nothing of it is left. */
export function makeFile(
  data: string,
  make: (folder: string) => Promise<Pick<FileToSend, 'path' | 'name'>>,
): Promise<FileToSend> {
  return onDisk(async () => {
    const folder = await mkdtemp(join(data, workFolder))
    const drop = () => rm(folder, { recursive: true, force: true }).catch(() => {})
    try {
      return { ...(await make(folder)), done: () => void drop() }
    } catch (error) {
      await drop()
      throw error
    }
  })
}

/** What an earlier run left half-made: with it go copies of the books. */
export async function dropWork(data: string): Promise<void> {
  for (const name of await readdir(data))
    if (name.startsWith(workFolder)) await rm(join(data, name), { recursive: true, force: true })
}

/** What the disk refuses is the disk's error, not ours. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError('store_unavailable', { reason: errorText(error) }, error)
  }
}

/** `2026-11-23-1911`, for names of files, of a time as the wire has it. */
export const nameTime = (at: string): string => at.slice(0, 16).replace('T', '-').replace(':', '')
