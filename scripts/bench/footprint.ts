/** What the hub costs a small box: time to ready, memory and processor when nothing happens. */
import { readFileSync, rmSync } from 'node:fs'
import { HubProcess, temporaryDir } from '../../tests/support/hub-process.ts'
import { atMost, median, type Row } from './rows.ts'

const starts = 5
const settleMs = 10_000
const idleMs = 15_000

export async function run(): Promise<Row[]> {
  const dir = temporaryDir()
  const ready: number[] = []
  let first = 0
  for (let start = 0; start <= starts; start++) {
    const hub = await HubProcess.start({ dir, demo: true })
    if (start === 0) first = hub.readyMs
    else ready.push(hub.readyMs)
    await hub.stop()
  }
  const hub = await HubProcess.start({ dir, demo: true })
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const before = cpuMs(hub.pid)
  const begun = performance.now()
  await new Promise((resolve) => setTimeout(resolve, idleMs))
  const cpu = ((cpuMs(hub.pid) - before) / (performance.now() - begun)) * 100
  const rss = residentMiB(hub.pid)
  await hub.stop()
  rmSync(dir, { recursive: true, force: true })
  return [
    atMost(
      'ready after spawn',
      median(ready),
      'ms',
      1_000,
      `first start ${Math.round(first)} ms; with three demo devices`,
    ),
    atMost('idle memory (RSS)', rss, 'MiB', 110, 'with three demo devices'),
    atMost('idle processor', cpu, '%', 1, 'of one core, with three demo devices'),
  ]
}

/** User and system time of a process, in ms: fields 14 and 15 of /proc/PID/stat, in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** In MiB, as ps and top count. */
function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
