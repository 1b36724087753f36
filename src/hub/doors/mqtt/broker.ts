/** The connection to a broker: MQTT 5 where it is spoken, else 3.1.1; tried again for ever, at moments that no other hub shares. */
import { readFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import mqtt, { type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { Message } from './outgoing.ts'

export const brokerTimes = {
  /** Until the broker has answered a connection, in ms. */
  connectMsMax: 10_000,
  /** A broker hears of the hub at least so often, in s; after one and a half of it, it says `offline` for it. */
  keepaliveS: 30,
  /** The first wait before another try, and the longest, in ms. Each wait is anything between 0 and that (full jitter). */
  backOffMsMin: 1_000,
  backOffMsMax: 60_000,
  /** For the farewell when the hub ends. */
  farewellMsMax: 1_000,
} as const

export interface BrokerSettings {
  url: string
  /** As the broker knows the connection; of two with the same the older one is cut off. */
  clientId: string
  username?: string | undefined
  /** Read at each connection, so that a new one counts at once. */
  password?: (() => Promise<string>) | undefined
  /** PEM files: the root of a private authority; certificate and key of the hub. */
  ca?: string | undefined
  cert?: string | undefined
  key?: string | undefined
}

interface BrokerTools {
  clock: Clock
  log: Log
  random: () => number
}

interface Listeners {
  /** What the broker says of the hub when it is gone without a word. */
  will: { topic: string; payload: string }
  online(): void
  offline(): void
  message(topic: string, payload: Buffer, packet: IPublishPacket): void
}

/** `Unacceptable protocol version` of MQTT 3.1.1 and `Unsupported Protocol Version` of MQTT 5. */
const versionRefused: ReadonlySet<unknown> = new Set([1, 0x84])

export class Broker {
  readonly #settings: BrokerSettings
  readonly #tools: BrokerTools
  readonly #listeners: Listeners
  #client: MqttClient | undefined
  /** MQTT 3.1.1 calls itself 4. */
  #version: 4 | 5 = 5
  #online = false
  #stopped = true
  #failures = 0
  #cancelRetry: () => void = () => undefined

  constructor(settings: BrokerSettings, listeners: Listeners, tools: BrokerTools) {
    this.#settings = settings
    this.#listeners = listeners
    this.#tools = tools
  }

  get online(): boolean {
    return this.#online
  }

  start(): void {
    this.#stopped = false
    void this.#connect()
  }

  /** Says goodbye, so that the broker need not guess. */
  async stop(farewell: Message): Promise<void> {
    this.#stopped = true
    this.#cancelRetry()
    const client = this.#client
    this.#client = undefined
    if (client === undefined) return
    if (this.#online) {
      const late = Promise.withResolvers<void>()
      const cancel = this.#tools.clock.after(brokerTimes.farewellMsMax, late.resolve)
      await Promise.race([this.#publish(client, farewell).catch(() => undefined), late.promise])
      cancel()
    }
    this.#online = false
    await new Promise<void>((resolve) => {
      const cancel = this.#tools.clock.after(brokerTimes.farewellMsMax, () =>
        client.end(true, {}, () => resolve()),
      )
      client.end(false, {}, () => {
        cancel()
        resolve()
      })
    })
  }

  /** Settles when the broker has it. */
  publish(message: Message): Promise<void> {
    const client = this.#client
    if (client === undefined || !this.#online) return Promise.reject(new HubError('connection_lost'))
    return this.#publish(client, message)
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    // MQTT 5: nothing of what the hub said itself, and whether a message was published to be retained. Older brokers tell that only
    // of what they had kept.
    const more = this.#version === 5 ? { nl: true, rap: true } : {}
    await this.#client?.subscribeAsync([...topics], { qos: 1, ...more })
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#client?.unsubscribeAsync([...topics])
  }

  async #publish(client: MqttClient, { correlation, payload, retain, topic }: Message): Promise<void> {
    const properties =
      correlation === undefined || this.#version === 4 ? {} : { properties: { correlationData: correlation } }
    await client.publishAsync(topic, payload, { qos: 1, retain, ...properties })
  }

  async #connect(): Promise<void> {
    const { log } = this.#tools
    const { clientId, password, url, username } = this.#settings
    let client: MqttClient
    try {
      const options: IClientOptions = {
        clientId,
        protocolVersion: this.#version,
        clean: true,
        keepalive: brokerTimes.keepaliveS,
        connectTimeout: brokerTimes.connectMsMax,
        // By its own, all hubs of a chain would come back to their broker in the same second.
        reconnectPeriod: 0,
        queueQoSZero: false,
        resubscribe: false,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password: await password() }),
        ...(await this.#tls()),
        will: {
          ...this.#listeners.will,
          payload: Buffer.from(this.#listeners.will.payload),
          qos: 1,
          retain: true,
        },
      }
      if (this.#stopped) return
      client = mqtt.connect(url, options)
    } catch (error) {
      // A file that is not there, a certificate without its key, an address that is none.
      log.warn({ url, reason: errorText(error) }, 'the broker cannot be reached as it is configured')
      return this.#again()
    }
    this.#client = client
    let problem: { code?: unknown; message?: string } | undefined
    client.on('error', (error) => {
      problem = error
    })
    client.on('connect', () => {
      // An answer goes out behind the confirmation of its request: Nagle's rule would hold it back for the 40 ms that the broker
      // may take to acknowledge that.
      if (client.stream instanceof Socket) client.stream.setNoDelay(true)
      this.#failures = 0
      this.#online = true
      log.info({ url, version: this.#version }, 'the broker is there')
      this.#listeners.online()
    })
    client.on('message', (topic, payload, packet) => this.#listeners.message(topic, payload, packet))
    client.on('close', () => {
      if (client !== this.#client) return
      this.#client = undefined
      client.end(true)
      if (this.#online) this.#listeners.offline()
      else if (problem === undefined || versionRefused.has(problem.code)) {
        // It hung up at the greeting: it may speak the other version only.
        this.#version = this.#version === 5 ? 4 : 5
        if (versionRefused.has(problem?.code)) {
          void this.#connect()
          return
        }
      }
      if (this.#failures === 0)
        log.warn({ url, reason: problem?.message ?? 'it hung up' }, 'the broker is away; the hub works on')
      this.#online = false
      this.#again()
    })
  }

  #again(): void {
    if (this.#stopped) return
    const { backOffMsMax, backOffMsMin } = brokerTimes
    const most = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(this.#failures++, 10))
    const { clock, random } = this.#tools
    this.#cancelRetry = clock.after(Math.round(random() * most), () => void this.#connect())
  }

  async #tls(): Promise<IClientOptions> {
    const { ca, cert, key } = this.#settings
    const [root, own, secret] = await Promise.all(
      [ca, cert, key].map((file) => (file === undefined ? undefined : readFile(file))),
    )
    return {
      ...(root !== undefined && { ca: root }),
      ...(own !== undefined && { cert: own }),
      ...(secret !== undefined && { key: secret }),
    }
  }
}
