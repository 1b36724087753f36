/** The note that a restore leaves for the hub that starts after it: the books with its entry in the audit log were put aside. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { roleSchema } from '../../protocol/access.ts'
import { errorText } from '../../protocol/errors.ts'
import type { Audit, Doer } from '../access/audit.ts'
import type { Log } from '../log.ts'
import type { Manifest } from './pack.ts'
import { restoreNote } from './restore-steps.ts'

const noteSchema = z.object({
  by: z.object({ who: z.string().nullable(), role: roleSchema.nullable(), from: z.string().nullable() }),
  /** What is told of it. */
  detail: z.record(z.string(), z.unknown()),
})

export function writeRestoreNote(
  folder: string,
  by: Doer,
  { at, hub, name, version }: Manifest,
  aside: string,
): Promise<void> {
  const note: z.infer<typeof noteSchema> = { by, detail: { backup: { name, hub, at, version }, aside } }
  return writeFile(join(folder, restoreNote), JSON.stringify(note), { mode: 0o600, flush: true })
}

/** Tells the audit log of a restore that the last start put in place, if it did. Never rejects: the next start tries again. */
export async function tellRestored(data: string, audit: Pick<Audit, 'act'>, log: Log): Promise<void> {
  const file = join(data, restoreNote)
  if (!existsSync(file)) return
  try {
    const { by, detail } = readNote(await readFile(file, 'utf8'))
    await audit.act('restore', by, detail, () => {})
    await rm(file)
  } catch (error) {
    log.warn({ reason: errorText(error) }, 'the audit log does not tell of the restore yet')
  }
}

/** A note that cannot be read is of a restore all the same. */
function readNote(text: string): z.infer<typeof noteSchema> {
  try {
    return noteSchema.parse(JSON.parse(text))
  } catch {
    return { by: { who: null, role: null, from: null }, detail: {} }
  }
}
