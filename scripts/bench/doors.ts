/** What a till that knows another protocol waits for: from its request to the last byte at the printer, beside the same bytes on a bare socket. */
import { rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HubProcess, temporaryDir, until } from '../../tests/support/hub-process.ts'
import { RawClient, silentPrinter } from './parts.ts'
import { eposReceipt, jpegReceipt } from './receipt-pictures.ts'
import { atMost, median, percentile, type Row } from './rows.ts'

const samples = 200
const warmUp = 30
/** Between two requests, in ms: within the rate of ePOS. */
const pauseMs = 60

interface CountingPrinter {
  port: number
  /** Bytes since the last call of it. */
  count(): number
  /** Settles with the time when so many bytes have come since `count`. */
  until(bytes: number): Promise<number>
  close(): void
}

async function countingPrinter(): Promise<CountingPrinter> {
  const sockets = new Set<Socket>()
  let [bytes, wanted] = [0, Number.POSITIVE_INFINITY]
  let reached: (at: number) => void = () => {}
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes < wanted) return
      wanted = Number.POSITIVE_INFINITY
      reached(performance.now())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    count() {
      const counted = bytes
      bytes = 0
      return counted
    },
    until: (more) =>
      new Promise((resolve) => {
        wanted = more
        reached = resolve
        if (bytes >= wanted) resolve(performance.now())
      }),
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

export async function run(): Promise<Row[]> {
  const [printer, floorPrinter] = [await countingPrinter(), await countingPrinter()]
  const dir = temporaryDir()
  writeFileSync(
    join(dir, 'tillbridge.toml'),
    '[epos]\nsources = ["127.0.0.1"]\n[odoo]\nsources = ["127.0.0.1"]\n',
  )
  const hub = await HubProcess.start({ dir, args: ['--log', 'error'] })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const bare = connect({ port: floorPrinter.port, host: '127.0.0.1', noDelay: true })
  try {
    const client = await RawClient.connect(hub, await hub.token('technician'))
    await client.call('device.add', {
      ...{
        class: 'printer',
        driver: 'escpos',
        port: `tcp://127.0.0.1:${printer.port}`,
        settings: silentPrinter,
      },
    })
    await until(
      async () => JSON.stringify(await client.call('device.list', {})).includes('"ready"'),
      'the printer',
    )
    client.close()
    const post = (path: string, body: string, type: string) => posted(agent, `${hub.url}${path}`, body, type)
    const epos = (body: string) => () =>
      post('/cgi-bin/epos/service.cgi?devid=local_printer', body, 'text/plain;charset=UTF-8')
    const proxy = (body: string) => () => post('/hw_proxy/default_printer_action', body, 'application/json')
    const rows: Row[] = []
    const cases = [
      ['ePOS receipt', 8, 20, epos(eposReceipt())],
      ['ePOS drawer', 3, undefined, epos('<epos-print><pulse/></epos-print>')],
      ['hw_proxy receipt', 8, 20, proxy(jpegReceipt())],
      ['hw_proxy drawer', 3, undefined, proxy('{"id":1,"params":{"data":{"action":"cashbox"}}}')],
    ] as const
    for (const [name, p50, p99, ask] of cases) {
      // The first may come with what a printer is asked once.
      for (let round = 0; round < 2; round++) {
        await sleep(200)
        printer.count()
        await ask()
      }
      await sleep(200)
      const bytes = printer.count()
      const [ours, floor]: [number[], number[]] = [[], []]
      for (let sample = -warmUp; sample < samples; sample++) {
        await sleep(pauseMs)
        printer.count()
        const last = printer.until(bytes)
        const begun = performance.now()
        const answered = ask()
        const took = (await last) - begun
        await answered
        floorPrinter.count()
        const bareLast = floorPrinter.until(bytes)
        const bareBegun = performance.now()
        bare.write(Buffer.alloc(bytes))
        const bareTook = (await bareLast) - bareBegun
        if (sample < 0) continue
        ours.push(took)
        floor.push(bareTook)
      }
      const against = `the same ${bytes} bytes on a bare socket ${median(floor).toFixed(2)} ms, ratio ${(median(ours) / median(floor)).toFixed(0)}`
      rows.push(atMost(`${name}: request to last byte, p50`, median(ours), 'ms', p50, against))
      if (p99 !== undefined)
        rows.push(atMost(`${name}: request to last byte, p99`, percentile(ours, 0.99), 'ms', p99, against))
    }
    return rows
  } finally {
    agent.destroy()
    bare.destroy()
    await hub.stop()
    printer.close()
    floorPrinter.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

function posted(agent: Agent, url: string, body: string, type: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => {
        if (/success="true"|"result":true/.test(text)) resolve(text)
        else reject(new Error(`not done: ${text}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
