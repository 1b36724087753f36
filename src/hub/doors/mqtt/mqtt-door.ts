/**
 * The hub on somebody's MQTT broker: what its devices are and do is told there, and whoever may publish to its requests calls its
 * methods. The broker decides who that is; the hub decides as which role they act.
 */
import type { IPublishPacket } from 'mqtt'
import { errorText } from '../../../protocol/errors.ts'
import type { Role } from '../../../protocol/methods.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { Broker, type BrokerSettings } from './broker.ts'
import { Outgoing } from './outgoing.ts'
import { Requests } from './requests.ts'
import { deviceOfState, topicsOf } from './topics.ts'
import { Voice } from './voice.ts'

export const mqttTimes = {
  /** What the broker has kept of devices that are no more is looked for so long, in ms. */
  sweepMs: 5_000,
} as const

export interface MqttSettings extends Omit<BrokerSettings, 'clientId'> {
  /** undefined: `tillbridge-` and the id of the hub. */
  clientId: string | undefined
  /** As which role requests act; undefined: none are taken. */
  requests: Exclude<Role, 'owner'> | undefined
  /** Prefix of Home Assistant's discovery; undefined: it is told nothing. */
  discovery: string | undefined
}

interface MqttTools {
  hub: HubApi
  clock: Clock
  log: Log
  random: () => number
}

/** The door: it opens as soon as the hub knows who it is. */
export class MqttDoor {
  readonly name = 'mqtt'
  readonly #settings: MqttSettings
  readonly #tools: MqttTools
  #link: BrokerLink | undefined
  #stopped = true

  constructor(settings: MqttSettings, tools: MqttTools) {
    this.#settings = settings
    this.#tools = tools
  }

  /** The broker counts as one, while it is there. */
  get clients(): number {
    return this.#link?.online === true ? 1 : 0
  }

  /** For the figures. */
  get broker(): { up: boolean; dropped: number } {
    return { up: this.#link?.online === true, dropped: this.#link?.dropped ?? 0 }
  }

  start(): void {
    this.#stopped = false
    void this.#tools.hub.running.then(() => {
      if (this.#stopped) return
      this.#link = new BrokerLink(this.#settings, this.#tools)
      this.#link.start()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#link?.stop()
    this.#link = undefined
  }
}

class BrokerLink {
  readonly #settings: MqttSettings
  readonly #tools: MqttTools
  readonly #topics
  readonly #broker: Broker
  readonly #outgoing: Outgoing
  readonly #requests: Requests
  readonly #voice: Voice
  readonly #caller: Caller
  #cancelSweep: () => void = () => undefined
  #sweeping = false

  constructor(settings: MqttSettings, tools: MqttTools) {
    const { clock, hub, log, random } = tools
    this.#settings = settings
    this.#tools = tools
    this.#topics = topicsOf(hub.hub)
    this.#caller = { client: 'mqtt', name: 'MQTT', role: settings.requests ?? 'monitor' }
    this.#requests = new Requests({ hub, clock, log, topics: this.#topics })
    this.#outgoing = new Outgoing((message) => this.#broker.publish(message))
    this.#voice = new Voice({
      hub,
      clock,
      topics: this.#topics,
      ears: {
        state: (topic, payload) => this.#outgoing.state(topic, payload),
        happening: (message) => this.#outgoing.happening(message),
        passing: (message) => {
          if (this.#broker.online) this.#outgoing.happening(message)
        },
      },
      discovery: settings.discovery,
      mayRequest: settings.requests === 'technician',
      tills: settings.requests === 'cashier' || settings.requests === 'technician',
    })
    this.#broker = new Broker(
      { ...settings, clientId: settings.clientId ?? `tillbridge-${hub.hub}` },
      {
        will: { topic: this.#topics.status, payload: 'offline' },
        online: () => void this.#online(),
        offline: () => this.#outgoing.close(),
        message: (topic, payload, packet) => this.#message(topic, payload, packet),
      },
      { clock, log, random },
    )
  }

  get online(): boolean {
    return this.#broker.online
  }

  get dropped(): number {
    return this.#outgoing.dropped
  }

  start(): void {
    this.#voice.start()
    this.#broker.start()
  }

  async stop(): Promise<void> {
    this.#voice.stop()
    this.#cancelSweep()
    this.#outgoing.close()
    await this.#broker.stop({ topic: this.#topics.status, payload: 'offline', retain: true })
  }

  /** Whatever was told before, this broker may have lost: all of it is told anew. */
  async #online(): Promise<void> {
    const { discovery, requests } = this.#settings
    const { anyAlert, anyState, request } = this.#topics
    const { clock, log } = this.#tools
    const topics = [
      anyState,
      anyAlert,
      ...(requests === undefined ? [] : [`${request}+`]),
      ...(discovery === undefined ? [] : [`${discovery}/status`]),
    ]
    try {
      this.#sweeping = true
      await this.#broker.subscribe(topics)
    } catch (error) {
      log.warn({ reason: errorText(error) }, 'the broker does not let the hub listen to its requests')
    }
    this.#outgoing.open()
    await this.#voice.sayAll()
    this.#cancelSweep()
    this.#cancelSweep = clock.after(mqttTimes.sweepMs, () => {
      this.#sweeping = false
      this.#broker.unsubscribe([anyState, anyAlert]).catch(() => undefined)
    })
  }

  #message(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { discovery } = this.#settings
    if (topic.startsWith(this.#topics.request)) {
      void this.#request(topic.slice(this.#topics.request.length), payload, packet)
    } else if (discovery !== undefined && topic === `${discovery}/status`) {
      if (payload.toString() === 'online') this.#voice.discover()
    } else if (this.#sweeping && packet.retain && payload.length > 0) {
      const device = deviceOfState(topic)
      if (topic.startsWith(this.#topics.alert(''))) this.#voice.foundAlert(topic)
      else if (device !== undefined) this.#voice.found(device)
    }
  }

  async #request(method: string, payload: Buffer, packet: IPublishPacket): Promise<void> {
    const { correlationData: correlation, responseTopic } = packet.properties ?? {}
    const request = {
      ...{ method, payload, responseTopic, correlation },
      retained: packet.retain,
      caller: this.#caller,
    }
    const answer = await this.#requests.answer(request)
    if (answer !== undefined) this.#outgoing.happening(answer)
  }
}
