/** What the hub says on a broker of itself, its devices, its jobs, its alerts and its till: which topic, which text, and when all of it anew. */
import type { Alert } from '../../../protocol/alert.ts'
import type { Device } from '../../../protocol/device.ts'
import type { Caller, EventFrame, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import { AlertTopics } from './alert-topics.ts'
import { configTopicOf, discoveryOf, hubDiscovery } from './home-assistant.ts'
import type { Message } from './outgoing.ts'
import type { HubTopics } from './topics.ts'

export const voiceTimes = {
  /** While the hub is starting, its devices are asked for again after so long, in ms. */
  startingMs: 500,
} as const

/** Where it is said. */
export interface Ears {
  /** Kept by the broker; an empty text takes it away. */
  state(topic: string, payload: string): void
  happening(message: Message): void
  /** Is of no use to anybody later. */
  passing(message: Message): void
}

export interface VoiceOptions {
  hub: HubApi
  clock: Clock
  topics: HubTopics
  ears: Ears
  /** Prefix of Home Assistant's discovery; undefined: it is told nothing. */
  discovery: string | undefined
  /** Whether buttons of Home Assistant would be heard. */
  mayRequest: boolean
  /** Whether tills sell on this broker, and have to hear of each other. */
  tills: boolean
}

/** Topics whose events are told of the device that they come from. */
const deviceEvents: ReadonlySet<string> = new Set([
  'scan',
  'scale.weight',
  'drawer.opened',
  'drawer.closed',
  'drawer.forced',
])

const itself: Caller = { client: 'mqtt', name: 'MQTT', role: 'monitor' }

interface EventText {
  seq: number
  topic: string
  device?: string
  at: string
  data: unknown
}

export class Voice {
  readonly #options: VoiceOptions
  readonly #devices = new Map<string, Device>()
  readonly #alerts: AlertTopics
  #unfollow: () => void = () => undefined
  #cancelRetry: () => void = () => undefined

  constructor(options: VoiceOptions) {
    const { clock, ears, hub, topics } = options
    this.#options = options
    this.#alerts = new AlertTopics({
      ...{ clock, topics },
      state: (topic, payload) => ears.state(topic, payload),
      list: () => hub.call('alert.list', {}, itself),
    })
  }

  start(): void {
    this.#unfollow = this.#options.hub.events.follow((event) => this.#take(event))
  }

  stop(): void {
    this.#unfollow()
    this.#alerts.stop()
    this.#cancelRetry()
  }

  /** Says everything that is kept, as to somebody who knows nothing. */
  async sayAll(): Promise<void> {
    const { clock, ears, hub, topics } = this.#options
    ears.state(topics.status, 'online')
    ears.state(topics.info, JSON.stringify({ hub: hub.hub, name: hub.name, version: hub.version }))
    try {
      const { devices } = await hub.call('device.list', {}, itself)
      this.#devices.clear()
      for (const device of devices) this.#sayDevice(device)
      await this.#alerts.tell()
    } catch {
      this.#cancelRetry()
      this.#cancelRetry = clock.after(voiceTimes.startingMs, () => void this.sayAll())
      return
    }
    this.discover()
  }

  /** Tells Home Assistant of the hub and each device; it forgets nothing that is told twice. */
  discover(devices: Iterable<Device> = this.#devices.values()): void {
    const { discovery, ears, mayRequest, topics } = this.#options
    if (discovery === undefined) return
    const { hub, name, version } = this.#options.hub
    const about = { hub, name, version, topics, mayRequest }
    ears.state(configTopicOf(discovery, hub), JSON.stringify(hubDiscovery(about)))
    for (const device of devices)
      ears.state(configTopicOf(discovery, hub, device.id), JSON.stringify(discoveryOf(device, about)))
  }

  /** Somebody keeps the state of a device. When it is no more, it is taken away. */
  found(device: string): void {
    if (this.#devices.size > 0 && !this.#devices.has(device)) this.#forget(device)
  }

  /** Somebody keeps an alert. When it is not raised, it is taken away. */
  foundAlert(topic: string): void {
    this.#alerts.found(topic)
  }

  #sayDevice(device: Device): void {
    const { ears, topics } = this.#options
    this.#devices.set(device.id, device)
    ears.state(topics.state(device.id), JSON.stringify(device))
  }

  #forget(device: string): void {
    const { discovery, ears, hub, topics } = this.#options
    this.#devices.delete(device)
    ears.state(topics.state(device), '')
    if (discovery !== undefined) ears.state(configTopicOf(discovery, hub.hub, device), '')
  }

  #take({ device, frame, topic }: EventFrame): void {
    const { ears, tills, topics } = this.#options
    if (topic === 'device.added' || topic === 'device.changed') {
      const told = read(frame).data as Device
      const before = this.#devices.get(told.id)
      this.#sayDevice(told)
      // Its name or model may be in what Home Assistant was told.
      if (before?.name !== told.name || before.profile !== told.profile) this.discover([told])
    } else if (topic === 'device.removed') {
      this.#forget((read(frame).data as { id: string }).id)
    } else if (topic === 'alert.raised') {
      this.#alerts.raised(read(frame).data as Alert)
    } else if (topic === 'alert.cleared') {
      this.#alerts.cleared(read(frame).data as Alert)
    } else if (topic === 'job.changed') {
      const { data } = read(frame)
      const { id } = data as { id: string }
      ears.happening({ topic: topics.job(id), payload: JSON.stringify(data), retain: false })
    } else if (device !== undefined && deviceEvents.has(topic)) {
      ears.passing({ topic: topics.event(device), payload: textOf(frame), retain: false })
    } else if (tills && topic.startsWith('till.')) {
      ears.passing({ topic: topics.till, payload: textOf(frame), retain: false })
    }
  }
}

function textOf(frame: Buffer): string {
  const { at, data, seq, topic } = read(frame)
  return JSON.stringify({ topic, seq, at, data })
}

function read(frame: Buffer): EventText {
  return (JSON.parse(frame.toString()) as { params: EventText }).params
}
