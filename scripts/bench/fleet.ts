/**
 * A fleet on one broker: 2,000 hubs (the real client, a scripted hub behind it) on one mosquitto. How long until all are there, what
 * they tell a second, what a request to one of them takes meanwhile, and how they come back when the broker was killed.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import mqtt, { type MqttClient } from 'mqtt'
import { brokerTimes } from '../../src/hub/doors/mqtt/broker.ts'
import { devicesPerHub } from '../../tests/support/fleet-hub.ts'
import { until } from '../../tests/support/hub-process.ts'
import { Mosquitto } from '../../tests/support/mosquitto.ts'
import { residentMiB } from './process-figures.ts'
import { atLeast, atMost, percentile, type Row } from './rows.ts'

const hubs = 2_000
const processes = 2
/** Scans a second, of all hubs together, and for how long, in ms. */
const perSecond = 2_000
const loadMs = 10_000
/** The broker is away so long, in ms. */
const awayMs = 3_000
/** Nobody waits longer than this for a step, in ms. */
const stepMsMax = 75_000

const settings = {
  // What is told must not be dropped by the broker, and answers not be held back (docs/fleet.md).
  lines: ['allow_anonymous true', 'set_tcp_nodelay true', 'max_queued_messages 0', 'max_inflight_messages 0'],
}

export async function run(): Promise<Row[]> {
  const bareMs = await bareFleet()
  let broker = await Mosquitto.start(settings)
  const { port, url } = broker
  const office = new Office(url)
  let parts: ChildProcess[] = []
  try {
    const watch = new Watch(await office.client())
    const begun = performance.now()
    parts = startParts(url, 'hubs')
    await watch.all()
    const onlineMs = performance.now() - begun
    const brokerKiB = (residentMiB(broker.pid) * 1_024) / hubs
    const hubKiB = parts.reduce((sum, { pid = 0 }) => sum + residentMiB(pid) * 1_024, 0) / hubs
    const load = await underLoad(parts, await office.client(), await office.client())

    await broker.end()
    await sleep(awayMs)
    watch.forget()
    broker = await Mosquitto.start({ ...settings, port })
    const back = performance.now()
    await watch.all()
    const backS = watch.arrivals.map((at) => seconds(at - back))
    // Asked by somebody who was not there before: all of it is retained.
    const late = new Watch(await office.client())
    await late.all()

    const p = (values: readonly number[], share: number) => percentile(values, share).toFixed(1)
    return [
      atMost(
        `fleet: ${hubs} hubs from nothing to all states told`,
        seconds(onlineMs),
        's',
        15,
        'all come at once, as after a power cut',
      ),
      atMost(
        'fleet: the same, of bare clients',
        onlineMs / bareMs,
        'times',
        3,
        `${seconds(bareMs).toFixed(1)} s`,
      ),
      atLeast(
        'fleet: told happenings that the office hears',
        load.heard / load.told,
        'of 1',
        1,
        `${Math.round(load.told / seconds(loadMs))} a second for ${seconds(loadMs)} s`,
      ),
      atMost(
        'fleet: request to one hub meanwhile, p99',
        percentile(load.hub, 0.99),
        'ms',
        25,
        `a bare echo meanwhile: p50 ${p(load.echo, 0.5)} ms, p99 ${p(load.echo, 0.99)} ms`,
      ),
      atMost(
        'fleet: all back after the broker was killed',
        Math.max(...backS),
        's',
        seconds(brokerTimes.backOffMsMax) + 10,
        `it was away for ${seconds(awayMs)} s; half are back after ${p(backS, 0.5)} s, 99 of 100 after ${p(backS, 0.99)} s`,
      ),
      atMost('fleet: hubs that came back in the busiest second', busiestSecond(backS) / hubs, 'of 1', 0.6),
      atLeast(
        'fleet: retained states, of all that there are',
        late.states / (hubs * devicesPerHub),
        'of 1',
        1,
        `${late.states} states, ${late.online} online`,
      ),
      atMost(
        'fleet: memory of mosquitto',
        brokerKiB,
        'KiB a hub',
        64,
        `the hubs’ own clients: ${Math.round(hubKiB)} KiB each`,
      ),
    ]
  } finally {
    for (const part of parts) part.kill('SIGKILL')
    await office.close()
    await broker.end()
  }
}

/** The floor on a broker of its own: the same library says the same and does nothing else. Answers how long it took, in ms. */
async function bareFleet(): Promise<number> {
  const broker = await Mosquitto.start(settings)
  const office = new Office(broker.url)
  let parts: ChildProcess[] = []
  try {
    const watch = new Watch(await office.client())
    const begun = performance.now()
    parts = startParts(broker.url, 'bare')
    await watch.all()
    return performance.now() - begun
  } finally {
    for (const part of parts) part.kill('SIGKILL')
    await office.close()
    await broker.end()
  }
}

const seconds = (ms: number): number => ms / 1_000

function startParts(url: string, kind: 'hubs' | 'bare'): ChildProcess[] {
  const script = fileURLToPath(new URL('./fleet-hubs.ts', import.meta.url))
  const each = hubs / processes
  return Array.from({ length: processes }, (_, at) =>
    fork(script, [url, String(at * each), String(each), kind]),
  )
}

/** The fullest of the seconds since the broker was back. */
const busiestSecond = (arrivals: readonly number[]): number =>
  Math.max(
    ...Map.groupBy(arrivals, Math.floor)
      .values()
      .map(({ length }) => length),
  )

/** The clients of those who watch. */
class Office {
  readonly #url: string
  readonly #clients: MqttClient[] = []

  constructor(url: string) {
    this.#url = url
  }

  async client(): Promise<MqttClient> {
    const made = await mqtt.connectAsync(this.#url, { protocolVersion: 5, reconnectPeriod: 100 })
    ;(made.stream as unknown as Socket).setNoDelay(true)
    this.#clients.push(made)
    return made
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((each) => each.endAsync(true)))
  }
}

/** What an office sees of the fleet. */
class Watch {
  readonly #online = new Map<string, number>()
  readonly #states = new Set<string>()

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => {
      const [, hub = '', kind, , end] = topic.split('/')
      if (kind === 'status' && payload.toString() === 'online') this.#online.set(hub, performance.now())
      else if (kind === 'device' && end === 'state' && payload.length > 0) this.#states.add(topic)
    })
    const listen = () => client.subscribe(['tillbridge/+/status', 'tillbridge/+/device/+/state'], { qos: 1 })
    // The broker knows nobody after it was killed.
    client.on('connect', listen)
    listen()
  }

  get online(): number {
    return this.#online.size
  }

  /** When each hub came, on the clock of this process. */
  get arrivals(): number[] {
    return [...this.#online.values()]
  }

  get states(): number {
    return this.#states.size
  }

  forget(): void {
    this.#online.clear()
    this.#states.clear()
  }

  async all(): Promise<void> {
    const whole = () => this.online === hubs && this.states === hubs * devicesPerHub
    await until(whole, `all hubs are there; ${this.online} and ${this.states} states were`, stepMsMax)
  }
}

async function underLoad(parts: readonly ChildProcess[], office: MqttClient, asker: MqttClient) {
  let heard = 0
  office.on('message', () => heard++)
  await office.subscribeAsync('tillbridge/+/device/+/event', { qos: 1 })
  await asker.subscribeAsync(['tillbridge/hub-0/response/+', 'echo/response/+'], { qos: 1 })
  const echo = office
  await echo.subscribeAsync('echo/request/+', { qos: 1 })
  let echoed = 0
  echo.on('message', (topic, payload) => {
    if (!topic.startsWith('echo/')) return
    echoed++
    echo.publish(topic.replace('request', 'response'), payload, { qos: 1 })
  })
  const done = parts.map((part) => once(part, 'message') as Promise<[{ told: number }]>)
  for (const part of parts) part.send({ perSecond: perSecond / parts.length, ms: loadMs })
  const times = { hub: [] as number[], echo: [] as number[] }
  let running = true
  const told = Promise.all(done).then((all) => all.reduce((sum, [each]) => sum + each.told, 0))
  void told.then(() => {
    running = false
  })
  for (let number = 0; running; number++) {
    const name = `q-${number}`
    times.hub.push(
      await askedMs(asker, 'tillbridge/hub-0/request/hub.info', `tillbridge/hub-0/response/${name}`, name),
    )
    times.echo.push(await askedMs(asker, `echo/request/${name}`, `echo/response/${name}`, name))
    await sleep(20)
  }
  const all = await told
  await until(() => heard - echoed === all, 'the office has heard it', 5_000).catch(() => undefined)
  return { ...times, told: all, heard: heard - echoed }
}

function askedMs(client: MqttClient, topic: string, answer: string, id: string): Promise<number> {
  return new Promise((resolve) => {
    const begun = performance.now()
    const hear = (heard: string) => {
      if (heard !== answer) return
      client.off('message', hear)
      resolve(performance.now() - begun)
    }
    client.on('message', hear)
    client.publish(topic, JSON.stringify({ id }), { qos: 1 })
  })
}

if (import.meta.main) {
  for (const row of await run()) console.log(JSON.stringify(row))
  process.exit()
}
