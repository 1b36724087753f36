/** What the hub costs a small box: time to ready, memory and processor when nothing happens. */
import { rmSync } from 'node:fs'
import { systemClock } from '../../src/hub/clock.ts'
import { twins } from '../../tests/contracts/twins.ts'
import { HubProcess, temporaryDir, until } from '../../tests/support/hub-process.ts'
import { ttyTwin } from '../../tests/support/twin-pty.ts'
import { serveTwin } from '../../tests/support/twin-tcp.ts'
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
  const demo = await idle(await HubProcess.start({ dir, demo: true }))
  rmSync(dir, { recursive: true, force: true })
  const shop = await idle(await shopHub(dir))
  rmSync(dir, { recursive: true, force: true })
  return [
    atMost(
      'ready after spawn',
      median(ready),
      'ms',
      1_000,
      `first start ${Math.round(first)} ms; with the demo’s six devices`,
    ),
    atMost('idle memory (RSS)', shop.rss, 'MiB', 124, 'with a printer, a scale and a scanner'),
    atMost(
      'idle memory (RSS), demo',
      demo.rss,
      'MiB',
      124,
      'six devices, five of them simulated in the same process',
    ),
    atMost('idle processor', Math.max(shop.cpu, demo.cpu), '%', 1, 'of one core, the higher of the two'),
  ]
}

/** What a shop runs: real ports, nothing simulated in the hub. Started anew when its devices are known, as after a boot. */
async function shopHub(dir: string): Promise<HubProcess> {
  const hub = await HubProcess.start({ dir })
  const client = await hub.client()
  const wires = [
    { class: 'printer', driver: 'escpos', wire: serveTwin },
    { class: 'scale', driver: 'toledo-8217', wire: ttyTwin },
    { class: 'scanner', driver: 'serial-scanner', wire: ttyTwin },
  ] as const
  for (const { class: deviceClass, driver, wire } of wires) {
    const twin = twins[driver]?.createTwin(systemClock as never)
    if (twin === undefined) throw new Error(`there is no twin of ${driver}`)
    const place = await wire(twin)
    const port = 'port' in place ? `tcp://127.0.0.1:${place.port}` : `serial:${place.path}`
    await client.call('device.add', { class: deviceClass, driver, port })
  }
  await until(
    async () => (await client.call('device.list', {})).devices.every(({ state }) => state === 'ready'),
    'three devices',
  )
  await hub.stop()
  return HubProcess.start({ dir })
}

/** Memory and processor of a hub that has been left alone for a while; ends it. */
async function idle(hub: HubProcess): Promise<{ rss: number; cpu: number }> {
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const cpu = await cpuShare(hub.pid, idleMs)
  const rss = residentMiB(hub.pid)
  await hub.stop()
  return { rss, cpu }
}
