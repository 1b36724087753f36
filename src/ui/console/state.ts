/** All facts the console shows, in signals: a snapshot of the hub, kept up to date by its events. */
import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { Device, PortRecord, Scan, Weight } from '../../protocol/device.ts'
import type { EventData, EventTopic, HubEvent } from '../../protocol/event.ts'
import type { DisplayShowPayload, Job, JobState } from '../../protocol/job.ts'
import type { Result } from '../../protocol/methods.ts'
import type { Toasts } from '../parts/toast.tsx'
import { say } from '../words/say.ts'

export const stateLimits = {
  /** Scans kept per scanner. */
  scansMax: 20,
  /** Jobs kept per device for its card. */
  recentJobsMax: 4,
  /** Events kept for the events view. */
  eventsMax: 1_000,
} as const

export type HubInfo = Result<'hub.info'>
export type DriverInfo = Result<'driver.list'>['drivers'][number]
export type Lesson = Result<'port.teach.start'>

export interface SeenScan extends Scan {
  seq: number
  at: string
}

/** What moves on one device's card. */
export interface DeviceLive {
  readonly weight: Signal<Weight | undefined>
  readonly scans: Signal<readonly SeenScan[]>
  readonly scanCount: Signal<number>
  readonly drawerOpen: Signal<boolean | undefined>
  /** When the drawer was last opened without a job, ISO 8601, as far as this page has seen. */
  readonly drawerForcedAt: Signal<string | undefined>
  /** What the display shows; null for its idle screen, undefined while this page has not been told. */
  readonly display: Signal<DisplayShowPayload | null | undefined>
  /** The device's last jobs, newest first. */
  readonly recentJobs: Signal<readonly Job[]>
  /** Revision of the demo paper that the hub last told of. */
  readonly paperRevision: Signal<number>
}

export interface Queue {
  /** Jobs that have not ended. */
  length: number
  /** Why the first of them waits, as a code. */
  waitingFor: string | undefined
}

/** Jobs that still want something: a device, or a person. */
const openStates: ReadonlySet<JobState> = new Set(['pending', 'running', 'unknown'])
const emptyQueue: Queue = { length: 0, waitingFor: undefined }

export interface Snapshot {
  hub: HubInfo
  devices: readonly Device[]
  /** Jobs in an open state, any order. */
  openJobs: readonly Job[]
}

export class ConsoleState {
  readonly hub = signal<HubInfo | undefined>(undefined)
  readonly devices = signal<ReadonlyMap<string, Device>>(new Map())
  readonly openJobs = signal<ReadonlyMap<string, Job>>(new Map())
  readonly events = signal<readonly HubEvent[]>([])
  /** Rises when ports come or go. */
  readonly portChanges = signal(0)
  readonly ports = signal<readonly PortRecord[]>([])
  readonly drivers = signal<readonly DriverInfo[]>([])
  /** The search for a scanner among the keyboards; it goes on when its dialog is closed. */
  readonly lesson = signal<Lesson | undefined>(undefined)
  /** Ports that were put off here, by fingerprint. */
  readonly putOff = signal<ReadonlySet<string>>(new Set())

  /** By class and name: a card keeps its place whatever happens to its device. */
  readonly deviceList: ReadonlySignal<readonly Device[]> = computed(() =>
    [...this.devices.value.values()].sort(byClassAndName),
  )
  readonly unknownJobs: ReadonlySignal<readonly Job[]> = computed(() =>
    [...this.openJobs.value.values()].filter((job) => job.state === 'unknown'),
  )
  readonly #queues = computed(() => queuesOf(this.openJobs.value.values()))
  readonly #live = new Map<string, DeviceLive>()
  readonly #jobListeners = new Set<(job: Job) => void>()
  readonly #eventListeners = new Set<(event: HubEvent) => void>()

  live(device: string): DeviceLive {
    const known = this.#live.get(device)
    if (known !== undefined) return known
    const made: DeviceLive = {
      weight: signal(undefined),
      scans: signal([]),
      scanCount: signal(0),
      drawerOpen: signal(undefined),
      drawerForcedAt: signal(undefined),
      display: signal(undefined),
      recentJobs: signal([]),
      paperRevision: signal(0),
    }
    this.#live.set(device, made)
    return made
  }

  /** The name of a device; its id when it is gone. */
  nameOf(device: string): string {
    return this.devices.value.get(device)?.name ?? device
  }

  queue(device: string): Queue {
    return this.#queues.value.get(device) ?? emptyQueue
  }

  /** Told of every job as it changes. Answers how to stop. */
  onJob(listener: (job: Job) => void): () => void {
    this.#jobListeners.add(listener)
    return () => this.#jobListeners.delete(listener)
  }

  /** Told of every event after it was applied. Answers how to stop. */
  onEvent(listener: (event: HubEvent) => void): () => void {
    this.#eventListeners.add(listener)
    return () => this.#eventListeners.delete(listener)
  }

  /** Puts a port in the place of what was known of it. */
  putPort(port: PortRecord): void {
    const others = this.ports.value
    this.ports.value = others.some(({ url }) => url === port.url)
      ? others.map((other) => (other.url === port.url ? port : other))
      : [...others, port]
  }

  /** Replaces what was known. `later` are events that came while the snapshot was on its way. */
  take(snapshot: Snapshot, later: readonly HubEvent[]): void {
    batch(() => {
      this.hub.value = snapshot.hub
      this.devices.value = new Map(snapshot.devices.map((device) => [device.id, device]))
      this.openJobs.value = new Map(snapshot.openJobs.map((job) => [job.id, job]))
      for (const live of this.#live.values()) live.weight.value = undefined
      this.apply(later)
    })
  }

  /** Applies events in their order, with one drawing of the screen for all of them. */
  apply(events: readonly HubEvent[]): void {
    if (events.length === 0) return
    batch(() => {
      for (const event of events) this.#applyOne(event)
      const kept = [...events].reverse().concat(this.events.value)
      this.events.value = kept.slice(0, stateLimits.eventsMax)
    })
    for (const event of events) for (const listener of this.#eventListeners) listener(event)
  }

  putDevice(device: Device): void {
    this.devices.value = new Map(this.devices.value).set(device.id, device)
    if (device.state !== 'ready' && device.state !== 'busy') this.live(device.id).weight.value = undefined
  }

  putJob(job: Job): void {
    const open = openStates.has(job.state)
    if (open || this.openJobs.value.has(job.id)) {
      const jobs = new Map(this.openJobs.value)
      if (open) jobs.set(job.id, job)
      else jobs.delete(job.id)
      this.openJobs.value = jobs
    }
    this.putRecent([job])
    for (const listener of this.#jobListeners) listener(job)
  }

  /** Takes jobs in among the last ones of their devices. */
  putRecent(jobs: readonly Job[]): void {
    for (const job of jobs) {
      const recent = this.live(job.device).recentJobs
      const others = recent.value.filter((other) => other.id !== job.id)
      recent.value = [job, ...others]
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
        .slice(0, stateLimits.recentJobsMax)
    }
  }

  #applyOne(event: HubEvent): void {
    const live = event.device === undefined ? undefined : this.live(event.device)
    if (is(event, 'device.added') || is(event, 'device.changed')) this.putDevice(event.data)
    else if (is(event, 'device.removed')) this.#dropDevice(event.data.id)
    else if (is(event, 'job.changed')) this.putJob(event.data)
    else if (is(event, 'hub.health')) this.#setHealth(event.data)
    else if (is(event, 'port.found') || is(event, 'port.lost')) this.portChanges.value += 1
    else if (live === undefined) return
    else if (is(event, 'scale.weight')) live.weight.value = event.data
    else if (is(event, 'scan')) addScan(live, event)
    else if (is(event, 'drawer.opened')) live.drawerOpen.value = true
    else if (is(event, 'drawer.closed')) live.drawerOpen.value = false
    else if (is(event, 'drawer.forced')) live.drawerForcedAt.value = event.at
    else if (is(event, 'display.changed')) live.display.value = event.data.document
    else if (is(event, 'demo.paper')) live.paperRevision.value = event.data.revision
  }

  #dropDevice(id: string): void {
    const devices = new Map(this.devices.value)
    devices.delete(id)
    this.devices.value = devices
    this.#live.delete(id)
  }

  #setHealth(health: EventData<'hub.health'>): void {
    if (this.hub.value !== undefined) this.hub.value = { ...this.hub.value, ...health }
  }
}

/** A drawer that nobody asked to open is said aloud. */
export function tellForced(event: HubEvent, state: ConsoleState, toasts: Toasts): void {
  if (event.topic !== 'drawer.forced') return
  const name = state.nameOf(event.device ?? '')
  toasts.show({ tone: 'bad', text: say('devices.forcedToast', { name }), todo: say('devices.forcedTodo') })
}

function is<T extends EventTopic>(event: HubEvent, topic: T): event is HubEvent<T> {
  return (event.topic as EventTopic) === topic
}

function addScan(live: DeviceLive, event: HubEvent<'scan'>): void {
  const seen = { ...event.data, seq: event.seq, at: event.at }
  live.scans.value = [seen, ...live.scans.value].slice(0, stateLimits.scansMax)
  live.scanCount.value += 1
}

function queuesOf(jobs: Iterable<Job>): ReadonlyMap<string, Queue> {
  const queues = new Map<string, Queue>()
  for (const job of jobs) {
    if (job.state === 'unknown') continue
    const before = queues.get(job.device) ?? emptyQueue
    queues.set(job.device, {
      length: before.length + 1,
      waitingFor: before.waitingFor ?? job.waitingFor,
    })
  }
  return queues
}

const classOrder = ['printer', 'scale', 'scanner', 'drawer', 'display', 'terminal'] as const

function byClassAndName(a: Device, b: Device): number {
  const byClass = classOrder.indexOf(a.class) - classOrder.indexOf(b.class)
  return byClass !== 0
    ? byClass
    : a.name.localeCompare(b.name, undefined, { numeric: true }) || a.id.localeCompare(b.id)
}
