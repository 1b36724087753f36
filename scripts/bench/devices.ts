/** Forty devices on one hub: what they cost when nothing happens, how quickly one is back, and whether a stuck one slows others. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { systemClock } from '../../src/hub/clock.ts'
import { twins } from '../../tests/contracts/twins.ts'
import { HubProcess, until } from '../../tests/support/hub-process.ts'
import { ttyTwin } from '../../tests/support/twin-pty.ts'
import { serveTwin } from '../../tests/support/twin-tcp.ts'
import { RawClient, silentPrinter, timedPrinter } from './parts.ts'
import { cpuShare, residentMiB } from './process-figures.ts'
import { documentText, receiptDocument } from './receipt-document.ts'
import { atMost, percentile, type Row } from './rows.ts'

const deviceCount = 40
const settleMs = 12_000
const idleMs = 20_000
const plugs = 15
const prints = 200

/** Languages of each wire, taken in turn until there are forty devices. */
const onTcp = [
  ['printer', 'escpos'],
  ['printer', 'star'],
  ['printer', 'zpl'],
  ['display', 'cd5220'],
] as const
const onTty = [
  ['scale', 'toledo-8217'],
  ['scanner', 'serial-scanner'],
  ['scale', 'nci'],
  ['scale', 'mt-sics'],
] as const

type Closer = () => unknown

export async function run(): Promise<Row[]> {
  const closers: Closer[] = []
  const hub = await HubProcess.start({ demo: true, args: ['--log', 'error'] })
  try {
    const client = await RawClient.connect(hub, await hub.token('technician'))
    closers.push(() => client.close())
    await plugIn(client, closers)
    await until(
      async () => (await states(client)).every((state) => state === 'ready'),
      'forty devices',
      60_000,
    )
    await pause(settleMs)
    const cpu = await cpuShare(hub.pid, idleMs)
    const memory = residentMiB(hub.pid)
    const back = await plugTimes(client)
    const [alone, beside] = await printTimes(client, closers)
    const ratio = percentile(beside, 0.5) / percentile(alone, 0.5)
    return [
      atMost(
        'idle processor with forty devices',
        cpu,
        '%',
        2,
        `of one core; ${Math.round(memory)} MiB resident`,
      ),
      atMost('plugged in to ready, p50', percentile(back, 0.5), 'ms', 1_000, 'a twin, by order'),
      atMost('plugged in to ready, longest', Math.max(...back), 'ms', 1_000, `of ${plugs}`),
      atMost(
        'first byte beside a stuck printer and a silent scale, p50',
        percentile(beside, 0.5),
        'ms',
        Math.max(3, percentile(alone, 0.5) * 1.5),
        `alone ${percentile(alone, 0.5).toFixed(2)} ms, ratio ${ratio.toFixed(2)}`,
      ),
      atMost(
        'first byte beside a stuck printer and a silent scale, p99',
        percentile(beside, 0.99),
        'ms',
        15,
        `alone ${percentile(alone, 0.99).toFixed(2)} ms`,
      ),
    ]
  } finally {
    for (const close of closers.reverse()) await close()
    await hub.end()
  }
}

async function plugIn(client: RawClient, closers: Closer[]): Promise<void> {
  const demo = (await states(client)).length
  for (let index = demo; index < deviceCount; index++) {
    const tcp = index % 2 === 0
    const [deviceClass, driver] = (tcp ? onTcp : onTty)[Math.floor(index / 2) % onTcp.length] ?? onTcp[0]
    const twin = twins[driver]
    if (twin === undefined) throw new Error(`there is no twin of ${driver}`)
    const device = twin.createTwin(systemClock as never)
    closers.push(() => device.stop())
    const place = tcp ? await serveTwin(device) : await ttyTwin(device)
    closers.push(() => ('close' in place ? place.close() : place.stop()))
    const port = 'port' in place ? `tcp://127.0.0.1:${place.port}` : `serial:${place.path}`
    await client.call('device.add', { class: deviceClass, driver, port, settings: twin.settings ?? {} })
  }
}

/** From the order that plugs a twin in to the event that says that it is ready. */
async function plugTimes(client: RawClient): Promise<number[]> {
  await client.call('event.subscribe', { topics: ['device.changed'] })
  const times: number[] = []
  const order = (on: boolean) =>
    client.call('demo.order', { device: 'demo-printer', order: { order: 'plug', on } })
  const told = (state: string) =>
    new Promise<number>((resolve) => {
      client.onEvent = (text) => {
        const { params } = JSON.parse(text) as { params: { device?: string; data: { state: string } } }
        if (params.device === 'demo-printer' && params.data.state === state) resolve(performance.now())
      }
    })
  for (let plug = 0; plug < plugs; plug++) {
    const gone = told('absent')
    await order(false)
    await gone
    await pause(200)
    const ready = told('ready')
    const begun = performance.now()
    await order(true)
    times.push((await ready) - begun)
  }
  client.onEvent = () => {}
  return times
}

/** Times to the first byte at a good printer: alone, then while another takes no data and a scale says nothing. */
async function printTimes(client: RawClient, closers: Closer[]): Promise<[number[], number[]]> {
  const printer = await timedPrinter()
  closers.push(() => printer.close())
  const add = async (port: string) =>
    (
      (await client.call('device.add', {
        class: 'printer',
        driver: 'escpos',
        port,
        settings: silentPrinter,
      })) as { id: string }
    ).id
  const good = await add(`tcp://127.0.0.1:${printer.port}`)
  await until(async () => (await stateOf(client, good)) === 'ready', 'the printer')
  const measure = async (run: string) => {
    const times: number[] = []
    for (let print = 0; print < prints; print++) {
      const id = `${run}-${print}`
      const receipt = receiptDocument(documentText(print))
      const first = printer.nextByte()
      const sentAt = performance.now()
      await client.call('job.submit', { id, device: good, kind: 'print', payload: { receipt } })
      times.push((await first) - sentAt)
      await client.call('job.wait', { id, ms: 5_000 })
      await pause(15)
    }
    return times
  }
  await measure('warm')
  const alone = await measure('alone')

  const stuck = await add(`tcp://127.0.0.1:${await deafServer(closers)}`)
  await until(async () => (await stateOf(client, stuck)) === 'ready', 'the stuck printer')
  const raw = Buffer.alloc(1_000_000, 0x41).toString('base64')
  for (let job = 0; job < 20; job++)
    await client.call('job.submit', { id: `stuck-${job}`, device: stuck, kind: 'print', payload: { raw } })
  await client.call('demo.order', { device: 'demo-scale', order: { order: 'silent', on: true } })
  let reading = true
  const reads = (async () => {
    while (reading) await client.call('scale.read', { device: 'demo-scale' }).catch(() => {})
  })()
  const beside = await measure('beside')
  reading = false
  await reads
  return [alone, beside]
}

/** Takes connections and reads nothing: the kernel's buffers fill, then nothing moves. */
async function deafServer(closers: Closer[]): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

interface Listed {
  devices: { id: string; state: string }[]
}
/** Without the demo's customer screen, which is there when somebody opens its page. */
const list = async (client: RawClient) =>
  ((await client.call('device.list', {})) as Listed).devices.filter(({ id }) => id !== 'demo-screen')
const states = async (client: RawClient) => (await list(client)).map(({ state }) => state)
const stateOf = async (client: RawClient, id: string) =>
  (await list(client)).find((device) => device.id === id)?.state
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
