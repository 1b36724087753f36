/** One accepted device: connects, reconnects, and shows its state. The only holder of its open driver instance. */
import type { Driver, DriverFault, OpenDevice, Profile } from '../../drivers/driver.ts'
import type { CloseReason, PortAddress, Transport } from '../../drivers/transports/transport.ts'
import type { Device, DeviceState, Fault, Scan, Weight } from '../../protocol/device.ts'
import { errorText, HubError, toHubError } from '../../protocol/errors.ts'
import type { DeviceRow } from '../../store/store.ts'
import { type Clock, isoTime } from '../clock.ts'
import type { Log } from '../log.ts'
import { type DrawerCause, DrawerCauses } from './drawer-causes.ts'
import { type Tap, tapped } from './traces.ts'

export const unitLimits = {
  /** Waits between attempts to connect; the last one repeats. A port that appears cuts the wait short. */
  retryMs: [500, 1_000, 2_000, 5_000, 10_000, 30_000],
  startMsMax: 10_000,
  stopMsMax: 2_000,
} as const

/** What a unit tells the hub. */
export interface UnitListener {
  changed(unit: DeviceUnit): void
  /** Connected and greeted, or lost. */
  online(unit: DeviceUnit, online: boolean): void
  scan(unit: DeviceUnit, scan: Scan): void
  weight(unit: DeviceUnit, weight: Weight): void
  /** `cause`: the job that opened it; `unbidden`: it opened before our eyes and nobody had asked for it. */
  drawer(unit: DeviceUnit, open: boolean, cause: DrawerCause): void
}

export interface UnitTools {
  clock: Clock
  log: Log
  newId: () => string
  /** 0 to 1, for the jitter of retries. */
  random: () => number
  openTransport(address: PortAddress, defaults?: Readonly<Record<string, string>>): Promise<Transport>
  listener: UnitListener
}

type Details = Device['details']

export class DeviceUnit {
  readonly id: string
  readonly demo: boolean
  row: DeviceRow
  readonly driver: Driver
  readonly profile: Profile
  readonly #tools: UnitTools
  readonly #log: Log
  readonly #settings: unknown
  #address: PortAddress
  #open: OpenDevice | undefined
  #transport: Transport | undefined
  #preparer: OpenDevice | undefined
  #connection: 'absent' | 'connecting' | 'online' = 'absent'
  #connecting: Promise<void> | undefined
  #cancelRetry: (() => void) | undefined
  #attempt = 0
  #busy = false
  #faults: Fault[] = []
  #details: Details = {}
  #stopped = true
  /** True while what is on its port is something else, or nothing, as discovery sees it: then it is not opened. */
  #portGone: boolean
  #tap: Tap | undefined
  /** The state that the drawer last told on this connection. */
  #drawerOpen: boolean | undefined
  readonly #drawerCauses: DrawerCauses
  /** Rises when the port is let go of: what was being opened before is not wanted any more. */
  #era = 0
  /** Somebody wanted a connection while an attempt was under way that may come to nothing. */
  #again = false

  constructor(unit: {
    row: DeviceRow
    driver: Driver
    profile: Profile
    settings: unknown
    address: PortAddress
    demo: boolean
    /** Waits for discovery to show where it is: the name of its port may be that of another thing by now. */
    awaitsPort: boolean
    tools: UnitTools
  }) {
    this.id = unit.row.id
    this.row = unit.row
    this.driver = unit.driver
    this.profile = unit.profile
    this.demo = unit.demo
    this.#settings = unit.settings
    this.#address = unit.address
    this.#portGone = unit.awaitsPort
    this.#tools = unit.tools
    this.#log = unit.tools.log.child({ device: unit.row.id })
    this.#drawerCauses = new DrawerCauses(unit.tools.clock)
  }

  /** The open device while it is connected and greeted. */
  get online(): OpenDevice | undefined {
    return this.#connection === 'online' ? this.#open : undefined
  }

  get port(): string {
    return this.#address.url
  }

  /** The first fault that keeps it from working. */
  get blockingFault(): Fault | undefined {
    return this.#faults.find((fault) => fault.blocking)
  }

  get state(): DeviceState {
    if (this.row.disabled) return 'disabled'
    if (this.#connection !== 'online') return this.#connection
    if (this.blockingFault !== undefined) return 'faulty'
    return this.#busy ? 'busy' : 'ready'
  }

  /** True when a job may be handed to it now. */
  get able(): boolean {
    return !this.row.disabled && this.#connection === 'online' && this.blockingFault === undefined
  }

  /** True when its drawer can be opened now: with some faults a printer cannot print and can do that. */
  get drawerAble(): boolean {
    if (this.row.disabled) return false
    const drawer = this.online?.drawer
    return (
      drawer !== undefined &&
      this.#faults.every(({ blocking, code }) => !blocking || drawer.opensDespite?.(code) === true)
    )
  }

  /** Why a job has to wait, as a code. */
  get waitingFor(): string | undefined {
    if (this.row.disabled) return 'device_disabled'
    if (this.#connection !== 'online') return 'device_absent'
    return this.blockingFault?.code
  }

  set busy(busy: boolean) {
    if (busy === this.#busy) return
    this.#busy = busy
    this.#changed()
  }

  /** A job that may open the drawer is about to be sent; `jobEnded` follows. */
  drawerAsked(job: string, reason: string | undefined): void {
    this.#drawerCauses.asked(job, reason)
  }

  /** The attempt at a job has ended, whatever its outcome. */
  jobEnded(job: string): void {
    this.#drawerCauses.ended(job)
  }

  tap(tap: Tap | undefined): void {
    this.#tap = tap
  }

  /** For a trace: something was answered to a client. */
  answered(what: string, data: unknown): void {
    this.#tap?.told(what, data)
  }

  /** Lets go of the port and greets the device anew. Throws HubError `device_busy` while it works. */
  reopen(): void {
    if (this.#busy) throw new HubError('device_busy', { device: this.id })
    this.#attempt = 0
    void this.#disconnect().then(() => this.#connectSoon(0))
  }

  traceHeader() {
    return {
      driver: this.driver.id,
      profile: this.profile.id,
      port: this.port,
      settings: this.#settings as Record<string, unknown>,
    }
  }

  snapshot(): Device {
    return {
      id: this.id,
      name: this.row.name,
      class: this.driver.class,
      state: this.state,
      capabilities: [...(this.#open?.capabilities ?? this.driver.capabilities)],
      driver: this.driver.id,
      profile: this.profile.id,
      port: this.#address.url,
      demo: this.demo,
      faults: this.#faults,
      details: { ...this.#details, ...(this.row.backup === undefined ? {} : { backup: this.row.backup }) },
    }
  }

  /**
   * An instance that is never connected, for preparing payloads: what can be wrong with a payload does not depend
   * on whether the printer is plugged in.
   */
  preparer(): OpenDevice {
    this.#preparer ??= this.driver.open(this.#context(nowhere(this.#address.url)))
    return this.#preparer
  }

  start(): void {
    this.#stopped = false
    if (this.#portGone) this.#showUnplugged()
    this.#connectSoon(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    await this.#disconnect()
    await this.#connecting?.catch(() => {})
    await this.#disconnect()
    await this.#preparer?.stop()
  }

  /** The row was changed (name, disabled, backup): shows it, and connects or lets go. */
  async update(row: DeviceRow): Promise<void> {
    const wasDisabled = this.row.disabled
    this.row = row
    if (row.disabled && !wasDisabled) {
      this.#cancelRetry?.()
      const gone = this.#disconnect()
      this.#faults = []
      await gone
    } else if (!row.disabled && wasDisabled) {
      this.#showUnplugged()
      this.#connectSoon(0)
    }
    this.#changed()
  }

  /** Discovery saw the port appear, perhaps in another place. */
  portAppeared(address: PortAddress): void {
    this.#portGone = false
    // It was away for good reason: what fails now is a new beginning, not one more of many failures.
    this.#attempt = 0
    if (address.url !== this.#address.url) {
      this.#address = address
      this.row = { ...this.row, port: address.url }
      this.#changed()
      // Not only from an open port: one that is being opened is the wrong one, too.
      void this.#disconnect().then(() => this.#connectSoon(0))
    } else if (this.#connection === 'absent') this.#connectSoon(0)
  }

  /** Discovery saw the thing go, or another one in its place. */
  portLost(): void {
    this.#portGone = true
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    void this.#disconnect()
    this.#showUnplugged()
  }

  #showUnplugged(): void {
    if (!this.#portGone || this.row.disabled) return
    const since = isoTime(this.#tools.clock.now())
    this.#setFaults([{ code: 'port_unavailable', blocking: true, message: 'It is not plugged in.', since }])
  }

  /** True while the name of its port says nothing of where it is. */
  get portGone(): boolean {
    return this.#portGone
  }

  get #unwanted(): boolean {
    return this.#stopped || this.row.disabled || this.#portGone
  }

  #connectSoon(ms: number): void {
    if (this.#unwanted) return
    this.#cancelRetry?.()
    this.#cancelRetry = this.#tools.clock.after(ms, () => {
      this.#cancelRetry = undefined
      this.#connectNow()
    })
  }

  /** One attempt at a time; a wish that comes meanwhile is kept, for the attempt may be one to a port that was let go of. */
  #connectNow(): void {
    if (this.#connecting !== undefined) {
      this.#again = true
      return
    }
    this.#connecting = this.#connect().finally(() => {
      this.#connecting = undefined
      if (!this.#again) return
      this.#again = false
      this.#connectSoon(0)
    })
  }

  async #connect(): Promise<void> {
    if (this.#unwanted || this.#connection !== 'absent') return
    // The first attempt shows; later ones would make an unplugged device flicker on the console.
    if (this.#attempt === 0) {
      this.#connection = 'connecting'
      this.#changed()
    }
    const era = this.#era
    try {
      const inner = await this.#tools.openTransport(this.#address, {
        ...this.driver.portDefaults,
        ...this.profile.port,
      })
      // Let go of while it was being opened: stopped, switched off, lost, moved.
      if (this.#unwanted || era !== this.#era) return await inner.close()
      const transport = tapped(inner, () => this.#tap)
      this.#tap?.port(true)
      this.#drawerOpen = undefined
      this.#transport = transport
      void transport.closed.then((reason) => this.#lost(transport, reason))
      this.#open = this.driver.open(this.#context(transport))
      await this.#inTime(unitLimits.startMsMax, this.#open.start())
      if (this.#transport !== transport)
        throw new HubError('port_closed', { port: this.port, reason: 'while greeting' })
      this.#attempt = 0
      this.#connection = 'online'
      this.#faults = this.#faults.filter((fault) => !connectionFaults.has(fault.code))
      this.#log.info({ port: this.port, profile: this.profile.id }, 'device is connected')
      // Before it shows as able: doubtful jobs are asked about before anything new is handed to it.
      this.#tools.listener.online(this, true)
      this.#changed()
    } catch (error) {
      await this.#failed(toHubError(error))
    }
  }

  async #inTime(msMax: number, work: Promise<void>): Promise<void> {
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      cancel = this.#tools.clock.after(msMax, () =>
        reject(new HubError('answer_timeout', { device: this.id, ms: msMax })),
      )
    })
    try {
      await Promise.race([work, late])
    } finally {
      cancel()
    }
  }

  async #failed(error: HubError): Promise<void> {
    const code = error.code === 'answer_timeout' ? 'not_responding' : 'port_unavailable'
    const since = this.#faults.find((fault) => fault.code === code)?.since ?? isoTime(this.#tools.clock.now())
    await this.#disconnect()
    if (this.#unwanted) return
    this.#setFaults([{ code, blocking: true, message: error.message.replace(/ \(\w+\)$/, ''), since }])
    this.#log.debug({ port: this.port, reason: error.message }, 'device cannot be connected')
    this.#retry()
  }

  #retry(): void {
    const waits = unitLimits.retryMs
    const wait = waits[Math.min(this.#attempt, waits.length - 1)] ?? 30_000
    this.#attempt++
    this.#connectSoon(wait * (0.75 + 0.5 * this.#tools.random()))
  }

  #lost(transport: Transport, reason: CloseReason): void {
    this.#tap?.port(false, reason.reason)
    if (this.#transport !== transport) return
    const wasOnline = this.#connection === 'online'
    if (reason.by === 'lost') this.#log.info({ port: this.port, reason: reason.reason }, 'device is gone')
    void this.#disconnect().then(() => {
      if (wasOnline) this.#retry()
    })
  }

  async #disconnect(): Promise<void> {
    const [open, transport] = [this.#open, this.#transport]
    const wasOnline = this.#connection === 'online'
    this.#era++
    this.#open = undefined
    this.#transport = undefined
    if (this.#connection !== 'absent') {
      this.#connection = 'absent'
      this.#faults = []
      this.#changed()
    }
    if (wasOnline) this.#tools.listener.online(this, false)
    try {
      if (open !== undefined) await this.#inTime(unitLimits.stopMsMax, open.stop())
    } catch (error) {
      this.#log.warn({ reason: errorText(error) }, 'driver failed to stop')
    }
    await transport?.close()
  }

  #context(transport: Transport) {
    const current = () => this.#transport === transport
    return {
      transport,
      profile: this.profile,
      settings: this.#settings,
      clock: this.#tools.clock,
      log: this.#log,
      device: this.id,
      newId: this.#tools.newId,
      listener: {
        faults: (faults: readonly DriverFault[]) => {
          if (!current()) return
          this.#tap?.told('faults', faults)
          const known = new Map(this.#faults.map((fault) => [fault.code, fault]))
          const since = isoTime(this.#tools.clock.now())
          this.#setFaults(faults.map((fault) => ({ ...fault, since: known.get(fault.code)?.since ?? since })))
        },
        details: (details: Readonly<Details>) => {
          if (!current()) return
          this.#tap?.told('details', details)
          this.#details = { ...this.#details, ...details }
          this.#changed()
        },
        scan: (scan: Scan) => {
          if (!current()) return
          this.#tap?.told('scan', scan)
          this.#tools.listener.scan(this, scan)
        },
        weight: (weight: Weight) => {
          if (!current()) return
          this.#tap?.told('weight', weight)
          this.#tools.listener.weight(this, weight)
        },
        drawer: (open: boolean) => {
          if (!current()) return
          this.#tap?.told('drawer', open)
          this.#details = { ...this.#details, drawer: open ? 'open' : 'closed' }
          this.#tools.listener.drawer(this, open, open ? this.#drawerCause() : { unbidden: false })
          this.#drawerOpen = open
          this.#changed()
        },
      },
    }
  }

  /** What was open already when we came says nothing of who opened it. */
  #drawerCause(): DrawerCause {
    return this.#drawerCauses.take() ?? { unbidden: this.#drawerOpen === false }
  }

  #setFaults(faults: Fault[]): void {
    this.#faults = faults
    this.#changed()
  }

  #changed(): void {
    this.#tools.listener.changed(this)
  }
}

/** Faults that say that there is no connection; a connection mends them. */
const connectionFaults: ReadonlySet<string> = new Set(['port_unavailable', 'not_responding'])

/** A transport to no place: closed from the start, so nothing can ever leave through it. */
function nowhere(port: string): Transport {
  return {
    port,
    bytesWritten: 0,
    write: () => Promise.reject(new HubError('port_closed', { port, reason: 'not connected' })),
    onBytes: () => {},
    closed: Promise.resolve({ by: 'ours' as const, reason: 'never opened' }),
    close: () => Promise.resolve(),
  }
}
