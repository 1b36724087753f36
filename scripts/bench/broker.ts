/** Events through the broker on the box, beside a bare aedes that checks nothing and records nothing; and a request to its answer. */
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import mqtt from 'mqtt'
import { freePort } from '../../tests/support/free-port.ts'
import { HubProcess, temporaryDir, until } from '../../tests/support/hub-process.ts'
import { peer, RawClient } from './parts.ts'
import { atLeast, atMost, median, percentile, type Row } from './rows.ts'

const subscribers = 100
const events = 400
const rounds = 7
const asked = 300
/** Between two requests, in ms: within the rate that the hub allows. */
const pauseMs = 11

export async function run(): Promise<Row[]> {
  const sockets: Socket[] = []
  const source = createServer({ noDelay: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve))
  const from = (source.address() as AddressInfo).port
  const [dir, port] = [temporaryDir(), await freePort()]
  writeFileSync(join(dir, 'tillbridge.toml'), `[broker]\nenabled = true\nport = ${port}\ntlsPort = 0\n`)
  const hub = await HubProcess.start({ dir, args: ['--log', 'error'] })
  const token = await hub.token('technician')
  const control = await RawClient.connect(hub, token)
  await control.call('device.add', {
    ...{ class: 'scanner', driver: 'serial-scanner', port: `tcp://127.0.0.1:${from}` },
  })
  await until(() => sockets.length === 1, 'the hub to open the scanner')
  const bare = await peer<number>('./bare-broker.ts', String(from))
  await until(() => sockets.length === 2, 'the peer to open the scanner')
  const [hubScanner, bareScanner] = sockets as [Socket, Socket]
  const audiences = {
    ours: await peer<string>('./mqtt-audience.ts', String(port), token, String(subscribers)),
    floor: await peer<string>('./mqtt-audience.ts', String(bare.hello), '', String(subscribers)),
  }
  try {
    const measure = async ({ child }: typeof audiences.ours, scanner: Socket): Promise<number> => {
      const heard = new Promise<void>((resolve) => child.once('message', () => resolve()))
      child.send(subscribers * events)
      const begun = performance.now()
      for (let number = 0; number < events; number++)
        scanner.write(`40063813${String(number).padStart(5, '0')}\r`)
      await heard
      return (subscribers * events) / ((performance.now() - begun) / 1_000)
    }
    const rates = { ours: [] as number[], floor: [] as number[] }
    for (let round = 0; round <= rounds; round++) {
      const ours = await measure(audiences.ours, hubScanner)
      const floor = await measure(audiences.floor, bareScanner)
      if (round === 0) continue
      rates.ours.push(ours)
      rates.floor.push(floor)
    }
    const times = await answerTimes(port, token)
    return [
      atLeast(
        `Broker: events to ${subscribers} subscribers, share of bare aedes`,
        (median(rates.ours) / median(rates.floor)) * 100,
        '%',
        80,
        `ours ${Math.round(median(rates.ours))}/s, bare aedes ${Math.round(median(rates.floor))}/s`,
      ),
      atMost(
        'Broker: request to answer, p99',
        percentile(times, 0.99),
        'ms',
        10,
        `p50 ${median(times).toFixed(2)} ms`,
      ),
    ]
  } finally {
    control.close()
    for (const { child } of [bare, audiences.ours, audiences.floor]) child.kill()
    await hub.end()
    for (const socket of sockets) socket.destroy()
    source.close()
  }
}

async function answerTimes(port: number, token: string): Promise<number[]> {
  const till = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    ...{ protocolVersion: 4, username: 'any', password: token },
  })
  try {
    await till.subscribeAsync('tillbridge/+/response/+')
    let topic = ''
    till.on('message', (told) => {
      topic = told
    })
    await till.subscribeAsync('tillbridge/+/info')
    await until(() => topic.endsWith('/info'), 'the id of the hub')
    const [, hub] = topic.split('/')
    const times: number[] = []
    for (let at = 0; at < asked; at++) {
      await sleep(pauseMs)
      const answered = new Promise<void>((resolve) => till.once('message', () => resolve()))
      const begun = performance.now()
      till.publish(`tillbridge/${hub}/request/device.list`, `{"id":"q-${at}"}`, { qos: 1 })
      await answered
      times.push(performance.now() - begun)
    }
    return times
  } finally {
    await till.endAsync(true)
  }
}

if (import.meta.main) for (const row of await run()) console.log(JSON.stringify(row))
