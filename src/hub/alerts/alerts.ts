/** Alerts: raised when a trouble has lasted, cleared when it has been mended as long, so that nothing flaps. */
import { statfs } from 'node:fs/promises'
import type { Alert, ClearedAlert } from '../../protocol/alert.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Devices } from '../devices/devices.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { UnknownJobs } from '../jobs/unknown-jobs.ts'
import type { HubTls } from '../tls/tls.ts'
import type { AlertSettings } from './alert-config.ts'
import { type Condition, conditionsOf } from './conditions.ts'

export const alertLimits = {
  /** What changes within this time is looked at once, in ms. */
  gatherMs: 200,
  /** Disk, certificate and clock give no sign: they are looked at so often, in ms. */
  boxMs: 60_000,
} as const

export interface AlertTools {
  settings: AlertSettings
  /** The data folder. */
  data: string
  clock: Clock
  events: Events
  devices: Devices
  health: Health
  tls: HubTls
  unknownJobs: UnknownJobs
}

/** A trouble that was seen. Times are of the clock that only goes forward. */
interface Seen {
  condition: Condition
  since: string
  dueAt: number
  alert?: Alert
  /** When it was mended. */
  mendedAt?: number
}

export type AlertChange =
  | { topic: 'alert.raised'; alert: Alert }
  | { topic: 'alert.cleared'; alert: ClearedAlert }

/** Topics after which something may be wrong, or right again. */
const tellingTopics: ReadonlySet<string> = new Set([
  'device.added',
  'device.changed',
  'device.removed',
  'hub.health',
  'network.changed',
])

export class Alerts {
  readonly name = 'alerts'
  readonly #tools: AlertTools
  readonly #seen = new Map<string, Seen>()
  readonly #listeners = new Set<(change: AlertChange) => void>()
  #box: { diskFreeBytes: number | undefined; certificateEnds: number | undefined } = {
    diskFreeBytes: undefined,
    certificateEnds: undefined,
  }
  /** On the clock that only goes forward. */
  #wholeAt = 0
  #unfollow: () => void = () => undefined
  #cancelBox: () => void = () => undefined
  #cancelGathering: (() => void) | undefined
  #cancelDue: () => void = () => undefined
  #stopped = true

  constructor(tools: AlertTools) {
    this.#tools = tools
  }

  start(): void {
    const { clock, events, settings, unknownJobs } = this.#tools
    this.#stopped = false
    this.#wholeAt = clock.monotonic() + Math.max(settings.goneMs, settings.faultMs) + alertLimits.gatherMs
    this.#unfollow = events.follow(({ topic }) => {
      if (tellingTopics.has(topic)) this.#lookSoon()
    })
    unknownJobs.onChange(() => this.#lookSoon())
    void this.#lookAtBox()
  }

  stop(): void {
    this.#stopped = true
    this.#unfollow()
    this.#cancelBox()
    this.#cancelGathering?.()
    this.#cancelDue()
  }

  /** The oldest first. */
  get raised(): Alert[] {
    return [...this.#seen.values()]
      .flatMap(({ alert }) => (alert === undefined ? [] : [alert]))
      .sort((a, b) => (a.since < b.since ? -1 : 1))
  }

  /** From when all that lasted through the restart is raised again. */
  get wholeFrom(): string {
    const { clock } = this.#tools
    return isoTime(clock.now() + this.#wholeAt - clock.monotonic())
  }

  /** Called after the event. Answers how to stop. */
  onChange(listener: (change: AlertChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #lookAtBox(): Promise<void> {
    const { clock, data, tls } = this.#tools
    const disk = await statfs(data).catch(() => undefined)
    if (this.#stopped) return
    const { leaf } = tls.info()
    this.#box = {
      diskFreeBytes: disk === undefined ? undefined : disk.bavail * disk.bsize,
      certificateEnds: leaf === null ? undefined : Date.parse(leaf.notAfter),
    }
    this.#cancelBox = clock.after(alertLimits.boxMs, () => void this.#lookAtBox())
    this.#look()
  }

  #lookSoon(): void {
    if (this.#stopped) return
    this.#cancelGathering ??= this.#tools.clock.after(alertLimits.gatherMs, () => this.#look())
  }

  #look(): void {
    this.#cancelGathering?.()
    this.#cancelGathering = undefined
    const now = this.#tools.clock.monotonic()
    const present = this.#conditions()
    for (const condition of present.values()) this.#see(condition, now)
    for (const [id, seen] of this.#seen) if (!present.has(id)) this.#miss(id, seen, now)
    this.#setAlarm(now)
  }

  #conditions(): Map<string, Condition> {
    const { clock, devices, health, settings, unknownJobs } = this.#tools
    const found = conditionsOf(
      {
        ...this.#box,
        devices: devices.list(),
        unknownJobs: unknownJobs.byDevice(),
        health: health.parts,
        now: clock.now(),
        raised: (id) => this.#seen.get(id)?.alert !== undefined,
      },
      settings,
    )
    return new Map(found.map((condition) => [condition.id, condition]))
  }

  #see(condition: Condition, now: number): void {
    const known = this.#seen.get(condition.id)
    const seen = known ?? {
      condition,
      since: isoTime(condition.since ?? this.#tools.clock.now()),
      dueAt: now + condition.afterMs,
    }
    this.#seen.set(condition.id, seen)
    delete seen.mendedAt
    seen.condition = condition
    if (now < seen.dueAt) return
    const { message, severity } = condition
    if (seen.alert?.message === message && seen.alert.severity === severity) return
    const { afterMs: _afterMs, since: _since, ...rest } = condition
    seen.alert = { ...rest, since: seen.since }
    this.#tell({ topic: 'alert.raised', alert: seen.alert })
  }

  /** Gone before anybody was told: forgotten. */
  #miss(id: string, seen: Seen, now: number): void {
    const { alert } = seen
    seen.mendedAt ??= now
    if (alert !== undefined && now - seen.mendedAt < this.#tools.settings.faultMs) return
    this.#seen.delete(id)
    if (alert === undefined) return
    const clearedAt = isoTime(this.#tools.clock.now())
    this.#tell({ topic: 'alert.cleared', alert: { ...alert, clearedAt } })
  }

  #setAlarm(now: number): void {
    this.#cancelDue()
    const due = [...this.#seen.values()].flatMap(({ alert, dueAt, mendedAt }) =>
      mendedAt !== undefined ? [mendedAt + this.#tools.settings.faultMs] : alert === undefined ? [dueAt] : [],
    )
    if (due.length === 0) return
    const ms = Math.max(0, Math.min(...due) - now)
    this.#cancelDue = this.#tools.clock.after(ms, () => this.#look())
  }

  #tell(change: AlertChange): void {
    const { topic, alert } = change
    if (topic === 'alert.raised') this.#tools.events.publish(topic, alert, alert.device)
    else this.#tools.events.publish(topic, alert, alert.device)
    for (const listener of this.#listeners) listener(change)
  }
}
