/** What the hub costs a small box: time to ready, memory and processor when nothing happens. */
import { rmSync } from 'node:fs'
import { HubProcess, temporaryDir } from '../../tests/support/hub-process.ts'
import { cpuShare, residentMiB } from './process-figures.ts'
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
  const cpu = await cpuShare(hub.pid, idleMs)
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
