/** Files with keys: whole or not at all, for the hub's own user only, safe on the disk before anybody relies on them. */
import { constants } from 'node:fs'
import { chmod, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../sync-folder.ts'
import { failed } from './failed.ts'
import { tlsLimits } from './tls-limits.ts'

export const secretMode = 0o600
const folderMode = 0o700
/** A link that lies in wait where the new file is to be written is not followed. */
const freshFile = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW

/** Makes the folder, or takes the rights of others away from one that is there. */
export async function secretFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: folderMode })
  if (((await stat(dir)).mode & 0o077) !== 0) await chmod(dir, folderMode)
}

/** Writes beside it and moves into place; what could not be finished is taken away. The waiting for the disk is in the thread pool. */
export async function writeSecret(file: string, text: string): Promise<void> {
  const beside = `${file}.new`
  try {
    await writeWhole(beside, text)
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
  await syncFolder(dirname(file))
}

async function writeWhole(beside: string, text: string): Promise<void> {
  await unlink(beside).catch(() => {})
  const handle = await open(beside, freshFile, secretMode)
  try {
    await handle.chmod(secretMode)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** undefined when there is no such file. Throws `certificate_failed` for one too large, and what the system says. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file)
    if (size > tlsLimits.fileBytesMax) throw failed(`${file} is larger than ${tlsLimits.fileBytesMax} bytes`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The same for a file of ours; one that others may read is closed to them again. */
export async function readSecret(file: string, exposed: () => void): Promise<string | undefined> {
  const text = await readText(file)
  if (text !== undefined && ((await stat(file)).mode & 0o077) !== 0) {
    await chmod(file, secretMode)
    exposed()
  }
  return text
}
