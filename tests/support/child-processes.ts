/** Processes that a process has started, as the kernel lists them. */
import { readdirSync, readFileSync } from 'node:fs'

/** Ids of the children of a process whose command line has the text. */
export function childrenOf(pid: number, command: string): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).trim().split(' '))
    .filter((child) => child !== '' && read(`/proc/${child}/cmdline`).includes(command))
    .map(Number)
}

/** False also for one that has ended and that nobody has asked about yet. */
export const isRunning = (pid: number): boolean => /^\S+ \(.*\) [^ZX]/.test(read(`/proc/${pid}/stat`))

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
