/** Figures for Prometheus: what a person who watches many shops wants to know, at the price of nothing while nobody asks. */
import type { Counter, Histogram, Registry } from 'prom-client'
import type { JobRow, Store } from '../../store/store.ts'
import type { AlertTelling } from '../alerts/alert-telling.ts'
import type { Alerts } from '../alerts/alerts.ts'
import type { Clock } from '../clock.ts'
import type { Devices } from '../devices/devices.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { Door } from '../hub.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { UnknownJobs } from '../jobs/unknown-jobs.ts'
import type { HubTls } from '../tls/tls.ts'

export interface Sources {
  hub: () => string
  name: string
  version: string
  /** The data folder. */
  data: string
  startedAt: number
  clock: Clock
  health: Health
  tls: HubTls
  doors: () => readonly Door[]
  /** Names of those that sales are sent to. */
  upstreams: readonly string[]
  /** When a backup was made last, as far as the hub knows, in ms since 1970. */
  backedUpAt: () => number | undefined
  /** Undefined until the hub has come up. */
  running: () => Running | undefined
}

export interface Running {
  devices: Devices
  events: Events
  jobs: Jobs
  store: Store
  unknownJobs: UnknownJobs
  alerts: Alerts
  alertTelling: AlertTelling
}

export interface Figures {
  registry: Registry
  jobs: Counter<'kind' | 'state'>
  jobSeconds: Histogram<'kind' | 'state'>
  stop(): void
}

/** The library is loaded with the first figure that somebody needs: an idle hub that nobody watches does without. */
export class Monitoring {
  readonly #sources: Sources
  #figures: Promise<Figures> | undefined

  constructor(sources: Sources) {
    this.#sources = sources
  }

  jobEnded({ createdAt, finishedAt, kind, state }: JobRow): void {
    void this.#load().then(({ jobs, jobSeconds }) => {
      jobs.inc({ kind, state })
      jobSeconds.observe({ kind, state }, Math.max(0, (finishedAt ?? createdAt) - createdAt) / 1000)
    })
  }

  async text(): Promise<{ contentType: string; body: string }> {
    const { registry } = await this.#load()
    return { contentType: registry.contentType, body: await registry.metrics() }
  }

  /** Lets go of the observers that the figures hold. */
  stop(): void {
    void this.#figures?.then((figures) => figures.stop())
  }

  #load(): Promise<Figures> {
    this.#figures ??= import('./figures.ts').then(({ createFigures }) => createFigures(this.#sources))
    return this.#figures
  }
}
