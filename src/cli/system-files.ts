/** What the system tells the doctor by its files: names in a folder, texts, and who has what open. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface Process {
  pid: number
  name: string
  /** What it has open; undefined when this user may not know. */
  files: readonly string[] | undefined
}

export function readProcesses(root: string): Process[] {
  const proc = join(root, 'proc')
  return names(proc)
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const folder = join(proc, pid)
      return { pid: Number(pid), name: readText(join(folder, 'comm')), files: openFiles(join(folder, 'fd')) }
    })
}

function openFiles(folder: string): string[] | undefined {
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return [readlinkSync(join(folder, fd))]
      } catch {
        return []
      }
    })
  } catch (error) {
    // A process that has just ended holds nothing.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined
  }
}

/** Empty without the folder. */
export function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Without the space around it; empty where it cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
