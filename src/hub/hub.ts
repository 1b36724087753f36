/** The hub: its services in order, and what the doors see of them. */

import { join } from 'node:path'
import { errorText, HubError } from '../protocol/errors.ts'
import type { MethodEntry } from '../protocol/methods/method.ts'
import { type MethodName, methods, type ParsedParams, type Result } from '../protocol/methods.ts'
import type { EventLog, Store } from '../store/store.ts'
import { Access } from './access/access.ts'
import { SetUpTicket } from './access/set-up-ticket.ts'
import { eventVisible, refuseHidden, withoutHidden } from './access/visibility.ts'
import { AlertTelling } from './alerts/alert-telling.ts'
import { Alerts } from './alerts/alerts.ts'
import type {
  Access as AccessApi,
  Caller,
  EventFrame,
  EventStream,
  Health as HealthReport,
  HubApi,
} from './api.ts'
import { type BoxParts, Care } from './care/care.ts'
import { tellRestored } from './care/restore-note.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { BrowserDisplays } from './devices/browser-displays.ts'
import type { DemoDevice, DemoPorts } from './devices/demo.ts'
import { Demo } from './devices/demo.ts'
import { Devices, type DriverCatalogue } from './devices/devices.ts'
import { Discovery, type DiscoveryTools, type PortSource } from './devices/discovery.ts'
import { readScale } from './devices/read-scale.ts'
import { applyScanRules, scanRules } from './devices/scan-rules.ts'
import { Teaching, type TeachingTools } from './devices/teaching.ts'
import { Traces } from './devices/traces.ts'
import { Events } from './events.ts'
import { createHandlers, type Handlers } from './handlers/handlers.ts'
import { Health } from './health.ts'
import { Jobs } from './jobs/jobs.ts'
import { Leases } from './jobs/leases.ts'
import { UnknownJobs } from './jobs/unknown-jobs.ts'
import type { Log } from './log.ts'
import { Monitoring } from './monitoring/monitoring.ts'
import { HubNetwork } from './network.ts'
import { type Service, ServiceRunner } from './service.ts'
import { TillService } from './till-service.ts'
import { HubTls } from './tls/tls.ts'
import { upstreamSettings } from './upstream-settings.ts'

export const hubLimits = {
  /** How often a store that could not be opened is tried again. */
  storeRetryMs: 5_000,
} as const

/** Who asks for a support bundle: nothing on it may need more than a technician. */
const onTheBox: Caller = { client: 'box', name: 'box', role: 'technician' }

/** A way in for others: started before everything, so that the hub can say that it is starting. */
export interface Door extends Service {
  readonly clients: number
  /** Of a door to a broker: whether it is there, and how many happenings it could not be told. */
  readonly broker?: { readonly up: boolean; readonly dropped: number }
}

export interface HubParts {
  config: Config
  version: string
  clock: Clock
  log: Log
  newId: () => string
  random: () => number
  catalogue: DriverCatalogue
  /** Matches what a device says of itself against the profiles. */
  matchProfile(words: string): { driver: string; profile: string } | undefined
  /** What is on a port, as far as ids and names tell. */
  suggest: DiscoveryTools['suggest']
  scanNetwork: DiscoveryTools['scanNetwork']
  teaching: TeachingTools['teaching']
  /** A QR code as SVG. */
  qrSvg(text: string): Promise<string>
  /** Where browsers that show the customer display offer themselves. */
  pagePorts: DemoPorts
  /** Pictures of the customer display for idle times. */
  picturesDir: string
  portSources: readonly PortSource[]
  box: BoxParts
  demoDevices: readonly DemoDevice[]
  demoPorts: DemoPorts
  openStore(): Promise<Store>
  openEventLog(): Promise<EventLog>
  createDoors(hub: HubApi): readonly Door[]
}

/** The services that need the store; they exist once it is open. */
interface Running {
  store: Store
  events: Events
  access: Access
  devices: Devices
  jobs: Jobs
  unknownJobs: UnknownJobs
  alerts: Alerts
  alertTelling: AlertTelling
  handlers: Handlers
}

export class Hub implements HubApi {
  readonly version: string
  /** What is wrong, gathered from all parts; the starter of the hub may add to it. */
  readonly status = new Health()
  readonly network: HubNetwork
  readonly tls: HubTls
  readonly care: Care
  readonly #parts: HubParts
  readonly #runner: ServiceRunner
  readonly #startedAt: number
  readonly #monitoring: Monitoring
  readonly #nowRunning = Promise.withResolvers<void>()
  #hubId = 'starting'
  #running: Running | undefined
  #doors: readonly Door[] = []
  #cancelRetry: (() => void) | undefined
  #weightWishes = 0

  constructor(parts: HubParts) {
    this.#parts = parts
    this.version = parts.version
    this.#startedAt = parts.clock.now()
    this.#runner = new ServiceRunner(parts)
    this.network = new HubNetwork(parts)
    this.tls = new HubTls({
      ...parts,
      dir: join(parts.box.data, 'tls'),
      network: this.network,
      health: this.status,
    })
    this.care = new Care({
      ...parts,
      hub: () => this.#hubId,
      ask: (method, params) => this.call(method, params, onTheBox),
      health: () => this.health(),
      metrics: () => this.metrics(),
    })
    this.#monitoring = new Monitoring({
      ...parts,
      hub: () => this.#hubId,
      name: parts.config.hub.name,
      data: parts.box.data,
      startedAt: this.#startedAt,
      health: this.status,
      tls: this.tls,
      doors: () => this.#doors,
      upstreams: parts.config.till.upstreams.map(({ name }) => name),
      backedUpAt: () => this.care.backedUpAt,
      running: () => this.#running,
    })
  }

  get hub(): string {
    return this.#hubId
  }

  get running(): Promise<void> {
    return this.#nowRunning.promise
  }

  get name(): string {
    return this.#parts.config.hub.name
  }

  get events(): EventStream {
    return this.#mustRun().events
  }

  get access(): AccessApi {
    return this.#mustRun().access
  }

  /** Doors first, then everything else; what cannot start is a reason to be degraded, not to end. */
  async start(): Promise<void> {
    this.#doors = this.#parts.createDoors(this)
    await this.#runner.start(this.care)
    await this.#runner.start(this.network)
    for (const door of this.#doors) await this.#runner.start(door)
    await Promise.all([this.#runner.start(this.tls), this.#bringUp()])
    this.status.started()
  }

  async stop(): Promise<void> {
    this.#cancelRetry?.()
    await this.#runner.stop()
    this.#monitoring.stop()
  }

  health(): HealthReport {
    return this.status.current()
  }

  metrics(): Promise<{ contentType: string; body: string }> {
    return this.#monitoring.text()
  }

  async call<M extends MethodName>(method: M, params: ParsedParams<M>, caller: Caller): Promise<Result<M>> {
    const { audited, roles, socketOnly }: MethodEntry = methods[method]
    const running = this.#mustRun()
    const { access, jobs } = running
    if (!roles.includes(caller.role)) {
      access.refusedCall(method, caller)
      throw new HubError('forbidden', { role: caller.role, method })
    }
    if (socketOnly === true && caller.onClose === undefined)
      throw new HubError('bad_request', { reason: `${method} belongs to a WebSocket connection` })
    access.used(caller)
    const handlers = running.handlers as unknown as Record<
      MethodName,
      (params: ParsedParams<M>, caller: Caller) => Result<M> | Promise<Result<M>>
    >
    const work = async (): Promise<Result<M>> => {
      await refuseHidden(method, params, caller, (id) => jobs.get(id))
      return withoutHidden(method, await handlers[method](params, caller), caller)
    }
    if (audited !== true) return work()
    return access.audit(method, caller, params as Record<string, unknown>, work)
  }

  sees(caller: Caller, event: EventFrame): boolean {
    return eventVisible(event, caller)
  }

  wantWeights(): () => void {
    this.#weightWishes++
    if (this.#weightWishes === 1) this.#running?.devices.wantWeights(true)
    let wanted = true
    return () => {
      if (!wanted) return
      wanted = false
      this.#weightWishes--
      if (this.#weightWishes === 0) this.#running?.devices.wantWeights(false)
    }
  }

  /** The set-up code of this start for the terminal, while there is no owner. */
  setUpCode(): string | undefined {
    return this.#running?.access.setUpCode
  }

  async #bringUp(): Promise<void> {
    if (this.#runner.stopping) return
    const services = new ServiceRunner(this.#parts)
    try {
      await this.#startServices(services, await this.#parts.openStore())
      this.status.mended('store')
    } catch (error) {
      await services.stop()
      if (this.#runner.stopping) return
      const reason = errorText(error)
      this.#parts.log.error({ reason }, 'the hub cannot come up; trying again')
      this.status.report('store', reason.replace(/ \(\w+\)$/, ''))
      this.#cancelRetry = this.#parts.clock.after(hubLimits.storeRetryMs, () => void this.#bringUp())
    }
  }

  async #startServices(services: ServiceRunner, store: Store): Promise<void> {
    const { catalogue, clock, config, log, newId, random } = this.#parts
    await services.start({ name: 'store', start() {}, stop: () => store.close() })
    const eventLog = await this.#openEventLog()
    this.#hubId = await ensureHubId(store, newId)
    const events = new Events({ clock, log, health: this.status, newId, eventLog })
    await services.start({
      name: 'events',
      start() {},
      async stop() {
        await events.stop()
        await eventLog?.close()
      },
    })
    const access = new Access({
      store,
      clock,
      newId,
      log,
      hubName: config.hub.name,
      settings: config.access,
      publish: (topic, data) => events.publish(topic, data),
    })
    const leases = new Leases({ store, clock, newId })
    access.onRevoked((client) => leases.dropClient(client))
    const rules = scanRules(config.scanning)
    const devices = new Devices({
      store,
      events,
      health: this.status,
      clock,
      log,
      newId,
      random,
      catalogue,
      configured: config.devices,
      describeScan: (scan) => applyScanRules(scan, rules),
      movingKinds: new Set(this.#parts.portSources.map(({ kind }) => kind).filter((kind) => kind === 'hid')),
    })
    const unknownJobs = new UnknownJobs({ store, clock, log })
    const jobs = new Jobs({
      store,
      eventLog,
      events,
      devices,
      leases,
      health: this.status,
      clock,
      log,
      settings: config.jobs,
      onEnded: (row) => {
        this.#monitoring.jobEnded(row)
        unknownJobs.ended(row)
      },
      onSettled: (row) => unknownJobs.settled(row),
    })
    const discovery = new Discovery({
      sources: this.#parts.portSources,
      match: (words) => this.#parts.matchProfile(words),
      suggest: (facts) => this.#parts.suggest(facts),
      scanNetwork: (network) => this.#parts.scanNetwork(network),
      autoAccept: config.discovery.autoAccept,
      devices,
      catalogue,
      events,
      clock,
      log,
    })
    const demo = new Demo({
      demoDevices: this.#parts.demoDevices,
      ports: this.#parts.demoPorts,
      devices,
      events,
      health: this.status,
      catalogue,
    })
    const traces = new Traces(clock)
    const teaching = new Teaching({ discovery, catalogue, clock, newId, log, teaching: this.#parts.teaching })
    const displays = new BrowserDisplays({
      devices,
      catalogue,
      events,
      log,
      ports: this.#parts.pagePorts,
      picturesDir: this.#parts.picturesDir,
    })
    const till = new TillService({
      store,
      clock,
      newId,
      random,
      log,
      hub: this.#hubId,
      demo: config.demo.enabled,
      health: this.status,
      publish: (topic, data) => void events.publish(topic, data),
      print: async ({ id, device, payload }, caller) => {
        await jobs.submit({ id, device, kind: 'print', payload }, caller)
      },
      openDrawer: async ({ id, device }, caller) => {
        await jobs.submit({ id, device, kind: 'drawer.open', payload: {} }, caller)
      },
      device: (id) => devices.get(id)?.snapshot(),
      readScale: (device) => readScale(devices, device, {}),
      eventLog,
      sends: config.till.upstreams.length > 0,
      upstreams: () => upstreamSettings(config.till.upstreams),
    })
    access.onRevoked((client, gone) => {
      if (gone) void till.clientGone(client)
    })
    const alerts = new Alerts({
      settings: config.alerts,
      data: this.#parts.box.data,
      clock,
      events,
      devices,
      health: this.status,
      tls: this.tls,
      unknownJobs,
    })
    const alertTelling = new AlertTelling({
      ...{ settings: config.alerts, alerts, health: this.status, hub: this.#hubId, name: config.hub.name },
      ...{ clock, log, random },
    })
    const handlers = createHandlers({
      hub: this.#hubId,
      name: config.hub.name,
      version: this.version,
      startedAt: this.#startedAt,
      newId,
      health: this.status,
      events,
      access,
      alerts,
      network: this.network,
      tls: this.tls,
      care: this.care,
      store,
      devices,
      jobs,
      leases,
      discovery,
      teaching,
      traces,
      displays,
      demo,
      till,
      demoEnabled: config.demo.enabled,
      catalogue,
      clients: () => this.#clients(),
      qrSvg: (text) => this.#parts.qrSvg(text),
    })
    await services.start(access)
    void this.care.recallBackup(store.access)
    await tellRestored(this.#parts.box.data, access.auditLog, log)
    await services.start({ name: 'traces', start() {}, stop: () => traces.stop() })
    await services.start(displays)
    await services.start(devices)
    if (config.demo.enabled) await services.start(demo)
    await services.start(unknownJobs)
    await services.start(jobs)
    await services.start(till)
    await services.start(discovery)
    await services.start(alertTelling)
    await services.start(alerts)
    await services.start({ name: 'teaching', start() {}, stop: () => teaching.stop() })
    const url = () => this.network.url()
    await services.start(
      new SetUpTicket({ access, devices, events, jobs, clock, log, newId, hubName: config.hub.name, url }),
    )
    await this.#runner.start({ name: 'services', start() {}, stop: () => services.stop() })
    if (this.#runner.stopping) return services.stop()
    this.status.onChange((report) => events.publish('hub.health', report))
    this.network.onChange(() => events.publish('network.changed', {}))
    this.tls.onChange(() => events.publish('network.changed', {}))
    this.#running = { store, events, access, devices, jobs, unknownJobs, alerts, alertTelling, handlers }
    this.#nowRunning.resolve()
    if (this.#weightWishes > 0) devices.wantWeights(true)
  }

  /** Without its event log the hub still works, from memory. */
  async #openEventLog(): Promise<EventLog | undefined> {
    try {
      return await this.#parts.openEventLog()
    } catch (error) {
      this.#parts.log.error(
        { reason: errorText(error) },
        'the event log cannot be opened; events are kept in memory',
      )
      this.status.report('events', `Events are kept in memory only: ${errorText(error)}`)
      return undefined
    }
  }

  #clients(): number {
    return this.#doors.reduce((sum, door) => sum + door.clients, 0)
  }

  #mustRun(): Running {
    if (this.#running !== undefined) return this.#running
    if (this.#runner.stopping) throw new HubError('stopping')
    const { status, reasons } = this.status.current()
    throw status === 'degraded'
      ? new HubError('store_unavailable', { reason: reasons[0] ?? 'it is not open' })
      : new HubError('starting')
  }
}

async function ensureHubId(store: Store, newId: () => string): Promise<string> {
  const known = await store.getMeta('hub')
  if (known !== undefined) return known
  const id = `hub-${newId()
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 8)
    .padEnd(8, '0')}`
  await store.setMeta('hub', id)
  return id
}
