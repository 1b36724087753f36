/** What the kernel knows of a process: the time it has used and the memory it holds. */
import { readFileSync } from 'node:fs'

/** User and system time, in ms: fields 14 and 15 of /proc/PID/stat, in hundredths of a second. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** In MiB, as ps and top count. */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Share of one core that a process uses while `ms` pass, in percent. */
export async function cpuShare(pid: number, ms: number): Promise<number> {
  const before = cpuMs(pid)
  const begun = performance.now()
  await new Promise((resolve) => setTimeout(resolve, ms))
  return ((cpuMs(pid) - before) / (performance.now() - begun)) * 100
}
