/**
 * The hub on somebody's MQTT broker: what its devices are and do is told there, and whoever may publish to its requests calls its
 * methods. The broker decides who that is; the hub decides as which role they act.
 */
import type { IPublishPacket } from 'mqtt'
import type { Alert } from '../../../protocol/alert.ts'
import type { Device } from '../../../protocol/device.ts'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { RpcAnswer } from '../../../protocol/messages.ts'
import { isMethod, methods, type Role } from '../../../protocol/methods.ts'
import type { Caller, EventFrame, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { callHub, errorAnswer, nestsDeeper } from '../rpc.ts'
import { TokenBucket } from '../token-bucket.ts'
import { AlertTopics } from './alert-topics.ts'
import { Broker, type BrokerSettings } from './broker.ts'
import { configTopicOf, discoveryOf, hubDiscovery } from './home-assistant.ts'
import { Outgoing } from './outgoing.ts'
import { deviceOfState, topicsOf } from './topics.ts'

export const mqttLimits = {
  /** A request, in bytes; a receipt with pictures fits. */
  requestBytesMax: 4 * 1_024 * 1_024,
  nestingMax: 64,
  requestsPerSecondMax: 100,
  requestsBurstMax: 400,
  /** Requests under way. */
  pendingMax: 256,
  /** While the hub is starting, its devices are asked for again after so long, in ms. */
  startingMs: 500,
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

/** Topics whose events are told of the device that they come from. */
const deviceEvents: ReadonlySet<string> = new Set([
  'scan',
  'scale.weight',
  'drawer.opened',
  'drawer.closed',
  'drawer.forced',
])
const idPattern = /^[A-Za-z0-9._-]{1,64}$/

interface EventText {
  seq: number
  topic: string
  device?: string
  at: string
  data: unknown
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
  readonly #alerts: AlertTopics
  readonly #bucket: TokenBucket
  readonly #caller: Caller
  readonly #devices = new Map<string, Device>()
  readonly #alarms = new Set<() => void>()
  #unfollow: () => void = () => undefined
  #pending = 0
  #sweeping = false
  #stopped = true

  constructor(settings: MqttSettings, tools: MqttTools) {
    const { clock, hub, log, random } = tools
    this.#settings = settings
    this.#tools = tools
    this.#topics = topicsOf(hub.hub)
    this.#caller = { client: 'mqtt', name: 'MQTT', role: settings.requests ?? 'monitor' }
    this.#bucket = new TokenBucket(clock, mqttLimits.requestsPerSecondMax, mqttLimits.requestsBurstMax)
    this.#outgoing = new Outgoing((message) => this.#broker.publish(message))
    this.#alerts = new AlertTopics({
      clock,
      topics: this.#topics,
      outgoing: this.#outgoing,
      list: () => hub.call('alert.list', {}, { ...this.#caller, role: 'monitor' }),
      later: (ms, act) => this.#later(ms, act),
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
    this.#stopped = false
    this.#unfollow = this.#tools.hub.events.follow((event) => this.#take(event))
    this.#broker.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#unfollow()
    for (const cancel of this.#alarms) cancel()
    this.#outgoing.close()
    await this.#broker.stop({ topic: this.#topics.status, payload: 'offline', retain: true })
  }

  /** Whatever was told before, this broker may have lost: all of it is told anew. */
  async #online(): Promise<void> {
    const { discovery, requests } = this.#settings
    const { anyAlert, anyState, request, status } = this.#topics
    const { hub, log } = this.#tools
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
    this.#outgoing.state(status, 'online')
    this.#outgoing.state(
      this.#topics.info,
      JSON.stringify({ hub: hub.hub, name: hub.name, version: hub.version }),
    )
    await this.#tellDevices()
    this.#later(mqttLimits.sweepMs, () => {
      this.#sweeping = false
      this.#broker.unsubscribe([anyState, anyAlert]).catch(() => undefined)
    })
  }

  async #tellDevices(): Promise<void> {
    try {
      const { devices } = await this.#tools.hub.call('device.list', {}, { ...this.#caller, role: 'monitor' })
      this.#devices.clear()
      for (const device of devices) this.#tellDevice(device)
      await this.#alerts.tell()
    } catch {
      this.#later(mqttLimits.startingMs, () => void this.#tellDevices())
      return
    }
    this.#discover()
  }

  #tellDevice(device: Device): void {
    this.#devices.set(device.id, device)
    this.#outgoing.state(this.#topics.state(device.id), JSON.stringify(device))
  }

  /** Tells Home Assistant of the hub and each device; it forgets nothing that is told twice. */
  #discover(devices: Iterable<Device> = this.#devices.values()): void {
    const { discovery, requests } = this.#settings
    if (discovery === undefined) return
    const { hub, name, version } = this.#tools.hub
    const about = { hub, name, version, topics: this.#topics, mayRequest: requests === 'technician' }
    this.#outgoing.state(configTopicOf(discovery, hub), JSON.stringify(hubDiscovery(about)))
    for (const device of devices)
      this.#outgoing.state(
        configTopicOf(discovery, hub, device.id),
        JSON.stringify(discoveryOf(device, about)),
      )
  }

  #take({ device, frame, topic }: EventFrame): void {
    if (topic === 'device.added' || topic === 'device.changed') {
      const told = this.#read(frame).data as Device
      const before = this.#devices.get(told.id)
      this.#tellDevice(told)
      // Its name or model may be in what Home Assistant was told.
      if (before?.name !== told.name || before.profile !== told.profile) this.#discover([told])
    } else if (topic === 'device.removed') {
      this.#forget((this.#read(frame).data as { id: string }).id)
    } else if (topic === 'alert.raised') {
      this.#alerts.raised(this.#read(frame).data as Alert)
    } else if (topic === 'alert.cleared') {
      this.#alerts.cleared(this.#read(frame).data as Alert)
    } else if (topic === 'job.changed') {
      const { data } = this.#read(frame)
      const { id } = data as { id: string }
      this.#outgoing.happening({ topic: this.#topics.job(id), payload: JSON.stringify(data), retain: false })
    } else if (device !== undefined && deviceEvents.has(topic) && this.#broker.online) {
      // A scan or weight of an hour ago is none: of what happens while the broker is away nothing is kept.
      const { at, data, seq } = this.#read(frame)
      const payload = JSON.stringify({ topic, seq, at, data })
      this.#outgoing.happening({ topic: this.#topics.event(device), payload, retain: false })
    }
  }

  #read(frame: Buffer): EventText {
    return (JSON.parse(frame.toString()) as { params: EventText }).params
  }

  /** An empty text takes away what the broker has kept. */
  #forget(device: string): void {
    this.#devices.delete(device)
    this.#outgoing.state(this.#topics.state(device), '')
    const { discovery } = this.#settings
    if (discovery !== undefined)
      this.#outgoing.state(configTopicOf(discovery, this.#tools.hub.hub, device), '')
  }

  #message(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { discovery } = this.#settings
    if (topic.startsWith(this.#topics.request)) {
      void this.#request(topic.slice(this.#topics.request.length), payload, packet)
    } else if (discovery !== undefined && topic === `${discovery}/status`) {
      if (payload.toString() === 'online') this.#discover()
    } else if (topic.startsWith(this.#topics.alert(''))) {
      if (packet.retain && payload.length > 0) this.#alerts.heard(topic)
    } else if (this.#sweeping && packet.retain && payload.length > 0) {
      const device = deviceOfState(topic)
      if (device !== undefined && this.#devices.size > 0 && !this.#devices.has(device)) this.#forget(device)
    }
  }

  async #request(method: string, payload: Buffer, packet: IPublishPacket): Promise<void> {
    const { hub, log } = this.#tools
    if (packet.retain) {
      // It would be done again at each connection: a drawer would open whenever the link comes back.
      log.warn({ method }, 'a retained request on the broker is ignored; publish it without retain')
      return
    }
    const { correlationData: correlation, responseTopic } = packet.properties ?? {}
    const read = this.#readRequest(payload)
    const id = 'id' in read ? read.id : undefined
    const to = this.#answerTopic(responseTopic, id)
    if (to === undefined) {
      log.warn({ method }, 'a request on the broker has neither an id nor a response topic, and is not done')
      return
    }
    let answer: RpcAnswer
    if ('error' in read) answer = errorAnswer(id ?? null, read.error, log, method)
    else if (!this.#bucket.take() || this.#pending >= mqttLimits.pendingMax)
      answer = errorAnswer(id ?? null, new HubError('rate_limited'), log, method)
    else {
      this.#pending++
      const params = paramsOf(method, read.params)
      const request = { jsonrpc: '2.0' as const, id: id ?? '', method, params }
      answer = await callHub(request, this.#caller, { hub, log }).finally(() => this.#pending--)
    }
    const text = 'error' in answer ? { id, error: answer.error } : { id, result: answer.result }
    this.#outgoing.happening({
      topic: to,
      payload: JSON.stringify(text),
      retain: false,
      ...(correlation !== undefined && { correlation }),
    })
  }

  #readRequest(
    payload: Buffer,
  ): { id?: string; params: Record<string, unknown> } | { id?: string; error: HubError } {
    if (payload.length > mqttLimits.requestBytesMax) return { error: new HubError('message_too_large') }
    const text = payload.toString() || '{}'
    if (nestsDeeper(text, mqttLimits.nestingMax))
      return {
        error: new HubError('bad_request', {
          reason: `it nests deeper than ${mqttLimits.nestingMax} levels`,
        }),
      }
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      return { error: new HubError('bad_json', { reason: errorText(error) }) }
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { error: new HubError('bad_request', { reason: 'it is no object' }) }
    const params = value as Record<string, unknown>
    const { id } = params
    if (id === undefined) return { params }
    if (typeof id !== 'string' || !idPattern.test(id))
      return {
        error: new HubError('params_invalid', {
          path: 'id',
          reason: 'is not 1 to 64 of A-Z, a-z, 0-9, ., _ and -',
        }),
      }
    return { id, params }
  }

  /** Where the answer goes. A response topic of the hub's own would let one request call the next, for ever. */
  #answerTopic(responseTopic: string | undefined, id: string | undefined): string | undefined {
    if (responseTopic !== undefined) {
      const own = responseTopic.startsWith(`tillbridge/${this.#tools.hub.hub}/`)
      const ownAnswer = responseTopic.startsWith(this.#topics.response(''))
      return /[#+\0]/.test(responseTopic) || responseTopic.startsWith('$') || (own && !ownAnswer)
        ? undefined
        : responseTopic
    }
    return id === undefined ? undefined : this.#topics.response(id)
  }

  #later(ms: number, act: () => void): void {
    if (this.#stopped) return
    const cancel = this.#tools.clock.after(ms, () => {
      this.#alarms.delete(cancel)
      act()
    })
    this.#alarms.add(cancel)
  }
}

/** `id` names the request; to methods that have an id of their own (`job.submit`, `device.get`) it is that as well. */
function paramsOf(method: string, params: Record<string, unknown>): Record<string, unknown> {
  const schema: object | undefined = isMethod(method) ? methods[method].params : undefined
  const shape = schema !== undefined && 'shape' in schema ? (schema.shape as object) : {}
  if ('id' in shape) return params
  const { id: _id, ...rest } = params
  return rest
}
