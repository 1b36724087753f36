/** From a scan on the wire to the till, alone and while 500 jobs a second are being recorded. */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { HubProcess, until } from '../../tests/support/hub-process.ts'
import { RawClient, silentPrinter, timedPrinter } from './parts.ts'
import { atLeast, atMost, percentile, type Row } from './rows.ts'

const samples = 400
const jobsPerSecond = 500
/** A connection may send 200 messages a second; that many tills share the load. */
const tills = 5
const printersCount = 5

export async function run(): Promise<Row[]> {
  let scanner: Socket | undefined
  const scannerServer = createServer({ noDelay: true }, (socket) => {
    scanner = socket
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => scannerServer.listen(0, '127.0.0.1', resolve))
  const printers = await Promise.all(Array.from({ length: printersCount }, () => timedPrinter()))
  const hub = await HubProcess.start({ args: ['--log', 'error'] })
  try {
    const token = await hub.token('technician')
    const client = await RawClient.connect(hub, token)
    await client.call('device.add', {
      class: 'scanner',
      driver: 'serial-scanner',
      port: `tcp://127.0.0.1:${(scannerServer.address() as AddressInfo).port}`,
    })
    for (const { port } of printers)
      await client.call('device.add', {
        class: 'printer',
        driver: 'escpos',
        port: `tcp://127.0.0.1:${port}`,
        settings: silentPrinter,
      })
    await until(async () => {
      const { devices } = (await client.call('device.list', {})) as { devices: { state: string }[] }
      return devices.every(({ state }) => state === 'ready')
    }, 'the devices')

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
    const measure = async (): Promise<number[]> => {
      const times: number[] = []
      for (let sample = 0; sample < samples; sample++) {
        times.push(await scanOnce(sample))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return times
    }
    await measure()
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
    for (const printer of printers) printer.close()
    scanner?.destroy()
    scannerServer.close()
  }
}

/** Keeps `jobsPerSecond` prints coming, spread over tills and printers. */
async function startLoad(hub: HubProcess, token: string): Promise<{ stop(): Promise<number> }> {
  const clients = await Promise.all(Array.from({ length: tills }, () => RawClient.connect(hub, token)))
  let number = 0
  let recorded = 0
  const begun = performance.now()
  const tick = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1_000) * jobsPerSecond)
    for (; number < due; number++) {
      const client = clients[number % tills]
      const device = `printer-${(number % printersCount) + 1}`
      void client
        ?.call('job.submit', { id: `load-${number}`, device, kind: 'print', payload: { text: 'load' } })
        .then(
          () => recorded++,
          () => {},
        )
    }
  }, 5)
  await new Promise((resolve) => setTimeout(resolve, 500))
  return {
    async stop() {
      clearInterval(tick)
      const seconds = (performance.now() - begun) / 1_000
      const rate = recorded / seconds
      await new Promise((resolve) => setTimeout(resolve, 200))
      for (const client of clients) client.close()
      return rate
    },
  }
}
