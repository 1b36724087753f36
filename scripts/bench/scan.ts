/** From a scan on the wire to the till, alone and while 500 jobs a second are being recorded. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { HubProcess, until } from '../../tests/support/hub-process.ts'
import { peer, RawClient } from './parts.ts'
import { atLeast, atMost, percentile, type Row } from './rows.ts'

/** Enough that one collection of garbage does not decide the 99th percentile. */
const samples = 1_000
const warmUp = 200
const jobsPerSecond = 500

export async function run(): Promise<Row[]> {
  let scanner: Socket | undefined
  const scannerServer = createServer({ noDelay: true }, (socket) => {
    scanner = socket
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => scannerServer.listen(0, '127.0.0.1', resolve))
  const hub = await HubProcess.start({ args: ['--log', 'error'] })
  try {
    const token = await hub.token('technician')
    const client = await RawClient.connect(hub, token)
    await client.call('device.add', {
      class: 'scanner',
      driver: 'serial-scanner',
      port: `tcp://127.0.0.1:${(scannerServer.address() as AddressInfo).port}`,
    })
    await until(async () => {
      const { devices } = (await client.call('device.list', {})) as { devices: { state: string }[] }
      return devices.every(({ state }) => state === 'ready')
    }, 'the scanner')

    let arrived: (at: number) => void = () => {}
    client.onEvent = () => arrived(performance.now())
    await client.call('event.subscribe', { topics: ['scan'] })
    const scanOnce = async (number: number): Promise<number> => {
      const event = new Promise<number>((resolve) => {
        arrived = resolve
      })
      const sentAt = performance.now()
      scanner?.write(`${4_000_000_000_000 + number}\r`)
      return (await event) - sentAt
    }
    const measure = async (count = samples): Promise<number[]> => {
      const times: number[] = []
      for (let sample = 0; sample < count; sample++) {
        times.push(await scanOnce(sample))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return times
    }
    await measure(warmUp)
    const alone = await measure()
    const load = await startLoad(hub, token)
    const loaded = await measure()
    const rate = await load.stop()
    client.close()
    return [
      atMost(
        'scan to client, p99',
        percentile(alone, 0.99),
        'ms',
        5,
        `p50 ${percentile(alone, 0.5).toFixed(2)} ms`,
      ),
      atMost(
        `scan to client while jobs are recorded, p99`,
        percentile(loaded, 0.99),
        'ms',
        5,
        `p50 ${percentile(loaded, 0.5).toFixed(2)} ms; alone p99 ${percentile(alone, 0.99).toFixed(2)} ms`,
      ),
      atLeast('jobs recorded a second meanwhile', rate, '/s', jobsPerSecond * 0.95),
    ]
  } finally {
    await hub.end()
    scanner?.destroy()
    scannerServer.close()
  }
}

/** Tills and printers that keep the hub busy, in a process of their own: in a shop they are other machines. */
async function startLoad(hub: HubProcess, token: string): Promise<{ stop(): Promise<number> }> {
  const { child } = await peer<string>('./load.ts', hub.url, token, String(jobsPerSecond))
  return {
    stop: () =>
      new Promise((resolve) => {
        child.once('message', (rate) => {
          child.kill()
          resolve(Number(rate))
        })
        child.send('stop')
      }),
  }
}
