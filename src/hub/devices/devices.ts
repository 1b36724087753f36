/** The accepted devices: adds, finds, changes and removes them, and announces what they tell. */
import type { Driver, Profile } from '../../drivers/driver.ts'
import type { PortAddress, Transport } from '../../drivers/transports/transport.ts'
import type { Capability, Device, DeviceAdd, Scan } from '../../protocol/device.ts'
import { errorText, HubError } from '../../protocol/errors.ts'
import { issueError } from '../../protocol/messages.ts'
import type { DeviceRow, Store } from '../../store/store.ts'
import type { Clock } from '../clock.ts'
import type { Events } from '../events.ts'
import type { Health } from '../health.ts'
import type { Log } from '../log.ts'
import { withKeptSecrets } from './device-settings.ts'
import { DeviceUnit, type UnitListener } from './device-unit.ts'
import { placeOf } from './places.ts'

export const deviceLimits = {
  devicesMax: 200,
  /** Flips between busy and ready within this time are announced as one change. */
  changeDebounceMs: 40,
} as const

/** What the hub asks of the drivers: the registry, behind a contract so that the hub knows no brand. */
export interface DriverCatalogue {
  readonly drivers: readonly Driver[]
  driver(id: string): Driver | undefined
  profiles(driver: string): readonly Profile[]
  parsePort(url: string): PortAddress
  openTransport(address: PortAddress, defaults?: Readonly<Record<string, string>>): Promise<Transport>
}

/** Told to whoever hands jobs to devices. */
export interface DeviceWatcher {
  /** The device may be able to take jobs now, or no longer. */
  deviceChanged(unit: DeviceUnit): void
  deviceOnline(unit: DeviceUnit): void
  deviceRemoved(id: string): void
}

interface Tools {
  store: Store
  events: Events
  health: Health
  clock: Clock
  log: Log
  newId: () => string
  random: () => number
  catalogue: DriverCatalogue
  /** Adds what the rules of the shop make of a code. */
  describeScan?: (scan: Scan) => Scan
  /** Rows of the configuration file; they are made at start and win over rows of the same id. */
  /** Kinds of ports whose names move from thing to thing, and that discovery watches. */
  movingKinds: ReadonlySet<string>
  configured: readonly (DeviceAdd & { id?: string | undefined; backup?: string | undefined })[]
}

/** True for a device that a person put in a place without knowing what the thing there is called. */
export function isKnownByPlace({ row }: { row: DeviceRow }): boolean {
  return /^(manual|config|demo):/.test(row.fingerprint)
}

export class Devices implements UnitListener {
  readonly name = 'devices'
  readonly #tools: Tools
  readonly #units = new Map<string, DeviceUnit>()
  /** Stored rows that no driver or profile fits any more. */
  readonly #leftOut = new Map<string, DeviceRow>()
  /** Ids whose row is being written or deleted now, with their ports. */
  readonly #reserved = new Map<string, string>()
  readonly #announced = new Map<string, string>()
  readonly #pendingChanges = new Map<string, () => void>()
  /** Rows that are being written, by device: a change is made on what the one before has left. */
  readonly #writing = new Map<string, Promise<unknown>>()
  #stopped = false
  #watcher: DeviceWatcher | undefined
  #weightsWanted = false

  constructor(tools: Tools) {
    this.#tools = tools
  }

  watch(watcher: DeviceWatcher): void {
    this.#watcher = watcher
  }

  async start(): Promise<void> {
    const rows = new Map((await this.#tools.store.devices.all()).map((row) => [row.id, row]))
    for (const configured of this.#tools.configured) {
      const row = this.#configuredRow(configured, rows)
      if (row === undefined) continue
      rows.set(row.id, row)
      await this.#tools.store.devices.put(row)
    }
    for (const row of rows.values()) {
      // A device of the demo that is switched off now has no twin; it comes back with the demo.
      if (row.fingerprint.startsWith('demo:')) continue
      this.#takeUp(row)
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#units.values()].map((unit) => unit.stop()))
    for (const cancel of this.#pendingChanges.values()) cancel()
    this.#pendingChanges.clear()
  }

  list(): Device[] {
    return [...this.#units.values()].map((unit) => unit.snapshot())
  }

  units(): Iterable<DeviceUnit> {
    return this.#units.values()
  }

  get(id: string): DeviceUnit | undefined {
    return this.#units.get(id)
  }

  mustGet(id: string): DeviceUnit {
    const unit = this.#units.get(id)
    if (unit === undefined) throw new HubError('device_unknown', { device: id })
    return unit
  }

  /** The device if it has the capability, or `capability_missing` naming what was asked. */
  mustHave(id: string, capability: Capability, kind: string): DeviceUnit {
    const unit = this.mustGet(id)
    const capabilities = unit.online?.capabilities ?? unit.driver.capabilities
    if (!capabilities.includes(capability)) throw new HubError('capability_missing', { device: id, kind })
    return unit
  }

  byFingerprint(fingerprint: string): DeviceUnit | undefined {
    return [...this.#units.values()].find((unit) => unit.row.fingerprint === fingerprint)
  }

  /** The device on a port, whatever the line settings behind the question mark. */
  byPort(url: string): DeviceUnit | undefined {
    return [...this.#units.values()].find((unit) => !unit.portGone && placeOf(unit.port) === placeOf(url))
  }

  /** Accepts a device. `fingerprint` finds it again in another port; `id` is given for the demo. */
  async add(
    wanted: DeviceAdd,
    options: { fingerprint?: string; id?: string; demo?: boolean } = {},
  ): Promise<Device> {
    if (this.#units.size + this.#reserved.size >= deviceLimits.devicesMax)
      throw new HubError('device_limit', { max: deviceLimits.devicesMax })
    const row = this.#row(
      options.id ?? this.#freeId(wanted.class),
      wanted,
      options.fingerprint ?? `manual:${wanted.port}`,
    )
    const place = placeOf(row.port)
    const reserved = [...this.#reserved].find(([, port]) => port === place)?.[0]
    const taken = this.byPort(row.port)?.id ?? reserved ?? this.#units.get(row.id)?.id
    if (taken !== undefined) throw new HubError('device_exists', { port: row.port, device: taken })
    this.#reserved.set(row.id, place)
    try {
      return await this.#record(row, options.demo ?? false)
    } finally {
      this.#reserved.delete(row.id)
    }
  }

  async #record(row: DeviceRow, demo: boolean): Promise<Device> {
    const known = demo ? (await this.#tools.store.devices.all()).find(({ id }) => id === row.id) : undefined
    const kept =
      known === undefined
        ? row
        : {
            ...row,
            name: known.name,
            disabled: known.disabled,
            ...(known.backup === undefined ? {} : { backup: known.backup }),
          }
    const unit = this.#make(kept, demo)
    unit.portAppeared(this.#tools.catalogue.parsePort(kept.port))
    await this.#tools.store.devices.put(kept)
    // Accepted in the moment of a stop: it is there after the start.
    if (this.#stopped) throw new HubError('stopping')
    this.#units.set(kept.id, unit)
    this.#tools.events.publish('device.added', unit.snapshot(), kept.id)
    this.#announced.set(kept.id, JSON.stringify(unit.snapshot()))
    unit.start()
    return unit.snapshot()
  }

  change(id: string, patch: { name?: string; disabled?: boolean; backup?: string | null }): Promise<Device> {
    return this.#inTurn(id, () => this.#change(id, patch))
  }

  /**
   * Gives a device other settings, another profile or another port, and connects it anew; what waits for it goes on waiting.
   * Throws `device_busy` while it works, `settings_invalid`, `profile_unknown`, `port_invalid`, `device_exists`.
   */
  configure(
    id: string,
    wanted: { settings?: Record<string, unknown>; profile?: string; port?: string; fingerprint?: string },
  ): Promise<Device> {
    return this.#inTurn(id, () => this.#configure(id, wanted))
  }

  async #configure(id: string, wanted: Parameters<Devices['configure']>[1]): Promise<Device> {
    const { catalogue, store } = this.#tools
    const before = this.mustGet(id)
    const [row, address] = this.#configured(before, wanted)
    const after = this.#make(row, before.demo)
    if (before.state === 'busy') throw new HubError('device_busy', { device: id })
    // From here on it takes no job.
    await before.stop()
    let unit = after
    try {
      await store.devices.put(row)
    } catch (error) {
      unit = this.#make(before.row, before.demo)
      throw error
    } finally {
      // Removed meanwhile, or the hub stops: it stays gone.
      if (this.#units.get(id) === before && !this.#stopped) {
        this.#pendingChanges.get(id)?.()
        this.#pendingChanges.delete(id)
        this.#units.set(id, unit)
        // It is where it was, as discovery has seen; discovery tells changes only.
        if (!before.portGone || address !== before.port) unit.portAppeared(catalogue.parsePort(unit.row.port))
        unit.start()
        this.changed(unit)
      }
    }
    return unit.snapshot()
  }

  /** The row that is wanted, checked, and its port. */
  #configured(
    unit: DeviceUnit,
    { settings, profile, port, fingerprint }: Parameters<Devices['configure']>[1],
  ): [DeviceRow, string] {
    if (unit.row.fingerprint.startsWith('config:'))
      throw new HubError('settings_invalid', {
        path: settings !== undefined ? 'settings' : profile !== undefined ? 'profile' : 'port',
        reason: 'comes from the configuration file; change it there',
      })
    const row: DeviceRow = { ...unit.row, port: unit.port }
    if (settings !== undefined) row.settings = withKeptSecrets(settings, unit.row.settings)
    if (profile !== undefined) row.profile = profile
    if (port === undefined) return [row, row.port]
    const address = this.#tools.catalogue.parsePort(port)
    if (!unit.driver.transports.includes(address.kind) || unit.demo) {
      const reason = unit.demo
        ? 'a demo device stays where it is'
        : `the driver ${unit.driver.id} is not for ${address.kind}`
      throw new HubError('port_invalid', { port, reason })
    }
    const taken = this.byPort(address.url)
    if (taken !== undefined && taken !== unit) throw new HubError('device_exists', { port, device: taken.id })
    if (address.url === row.port) return [row, row.port]
    row.port = address.url
    // Line settings of the same place say nothing of what is there.
    if (placeOf(address.url) !== placeOf(unit.port)) row.fingerprint = fingerprint ?? `manual:${address.url}`
    return [row, row.port]
  }

  /** Writes the rows of a device one after another. */
  #inTurn<T>(id: string, write: () => Promise<T>): Promise<T> {
    const before = this.#writing.get(id) ?? Promise.resolve()
    const writing = before.then(write, write)
    const over = writing
      .catch(() => {})
      .then(() => {
        if (this.#writing.get(id) === over) this.#writing.delete(id)
      })
    this.#writing.set(id, over)
    return writing
  }

  async #change(
    id: string,
    patch: { name?: string; disabled?: boolean; backup?: string | null },
  ): Promise<Device> {
    const unit = this.mustGet(id)
    const { backup, ...rest } = patch
    const row: DeviceRow = { ...unit.row, ...rest }
    if (backup === null) delete row.backup
    else if (backup !== undefined) row.backup = backup
    await this.#tools.store.devices.put(row)
    // It may have been plugged into another port meanwhile.
    await unit.update({ ...row, port: unit.row.port })
    return unit.snapshot()
  }

  /** Discovery saw the port of a known device, perhaps in another place. */
  async portAppeared(unit: DeviceUnit, address: PortAddress): Promise<void> {
    const moved = unit.port !== address.url
    unit.portAppeared(address)
    if (!moved) return
    await this.#inTurn(unit.id, async () => {
      if (this.#units.get(unit.id) === unit) await this.#tools.store.devices.put(unit.row)
    })
  }

  /** Its id is free again when everything about it is gone. */
  async remove(id: string): Promise<void> {
    const unit = this.#leftOut.has(id) ? undefined : this.mustGet(id)
    this.#units.delete(id)
    this.#reserved.set(id, placeOf(unit?.port ?? ''))
    try {
      await this.#tools.store.devices.delete(id).catch((error: unknown) => {
        if (unit !== undefined) this.#units.set(id, unit)
        throw error
      })
      await unit?.stop()
    } finally {
      this.#reserved.delete(id)
    }
    this.#leftOut.delete(id)
    this.#tools.health.mended(`device:${id}`)
    this.#pendingChanges.get(id)?.()
    this.#pendingChanges.delete(id)
    this.#announced.delete(id)
    this.#tools.events.publish('device.removed', { id }, id)
    this.#watcher?.deviceRemoved(id)
    for (const other of [...this.#units.values()])
      if (other.row.backup === id) await this.change(other.id, { backup: null })
  }

  /** Scales report changes of weight only while somebody looks; an idle scale is not asked. */
  wantWeights(wanted: boolean): void {
    this.#weightsWanted = wanted
    for (const unit of this.#units.values()) unit.online?.weighing?.watch(wanted)
  }

  changed(unit: DeviceUnit): void {
    if (!this.#units.has(unit.id)) return
    this.#watcher?.deviceChanged(unit)
    if (this.#pendingChanges.has(unit.id)) return
    const cancel = this.#tools.clock.after(deviceLimits.changeDebounceMs, () => {
      this.#pendingChanges.delete(unit.id)
      this.#announce(unit)
    })
    this.#pendingChanges.set(unit.id, cancel)
  }

  online(unit: DeviceUnit, online: boolean): void {
    if (!online) return
    if (this.#weightsWanted) unit.online?.weighing?.watch(true)
    this.#watcher?.deviceOnline(unit)
  }

  scan(unit: DeviceUnit, scan: Parameters<UnitListener['scan']>[1]): void {
    this.#tools.events.publish('scan', this.#tools.describeScan?.(scan) ?? scan, unit.id)
  }

  weight(unit: DeviceUnit, weight: Parameters<UnitListener['weight']>[1]): void {
    this.#tools.events.publish('scale.weight', weight, unit.id)
  }

  drawer(unit: DeviceUnit, open: boolean, cause: Parameters<UnitListener['drawer']>[2]): void {
    const { events } = this.#tools
    if (!open) events.publish('drawer.closed', {}, unit.id)
    else if ('job' in cause) events.publish('drawer.opened', cause, unit.id)
    else {
      events.publish('drawer.opened', {}, unit.id)
      if (cause.unbidden) events.publish('drawer.forced', {}, unit.id)
    }
  }

  #announce(unit: DeviceUnit): void {
    if (this.#units.get(unit.id) !== unit) return
    const snapshot = unit.snapshot()
    const text = JSON.stringify(snapshot)
    if (this.#announced.get(unit.id) === text) return
    this.#announced.set(unit.id, text)
    this.#tools.events.publish('device.changed', snapshot, unit.id)
  }

  /** Makes a unit of a stored row; a row that fits no driver any more is a reason to be degraded, not to stop. */
  #takeUp(row: DeviceRow): void {
    try {
      const unit = this.#make(row, false)
      this.#units.set(row.id, unit)
      unit.start()
    } catch (error) {
      this.#tools.log.error({ device: row.id, reason: errorText(error) }, 'device cannot be taken up')
      this.#tools.health.report(`device:${row.id}`, `${row.name}: ${errorText(error)}`)
      this.#leftOut.set(row.id, row)
    }
  }

  /** The row of a device in the configuration file, over the one it had; undefined for one that cannot be, which is told. */
  #configuredRow(
    configured: Tools['configured'][number],
    rows: ReadonlyMap<string, DeviceRow>,
  ): DeviceRow | undefined {
    const before = [...rows.values()].find((row) => row.id === configured.id || row.port === configured.port)
    const id = before?.id ?? configured.id ?? this.#idFor(configured.class, (taken) => rows.has(taken))
    try {
      const row = this.#row(id, configured, `config:${configured.port}`)
      return {
        ...row,
        disabled: before?.disabled ?? false,
        createdAt: before?.createdAt ?? row.createdAt,
        ...(configured.backup === undefined ? {} : { backup: configured.backup }),
      }
    } catch (error) {
      const name = configured.name ?? configured.port
      this.#tools.log.error({ device: id, reason: errorText(error) }, 'a configured device is left out')
      this.#tools.health.report(`config:${configured.port}`, `${name}: ${errorText(error)}`)
      return undefined
    }
  }

  #make(row: DeviceRow, demo: boolean): DeviceUnit {
    const { catalogue } = this.#tools
    const driver = catalogue.driver(row.driver)
    if (driver === undefined) throw new HubError('driver_unknown', { driver: row.driver })
    const profile = catalogue.profiles(driver.id).find(({ id }) => id === row.profile)
    if (profile === undefined)
      throw new HubError('profile_unknown', { driver: driver.id, profile: row.profile })
    const parsed = driver.settings.safeParse({ ...profile.settings, ...row.settings })
    if (!parsed.success)
      throw new HubError('settings_invalid', issueError(parsed.error, ['settings']).context)
    const address = catalogue.parsePort(row.port)
    return new DeviceUnit({
      row,
      driver,
      profile,
      settings: parsed.data,
      address,
      demo,
      awaitsPort: !isKnownByPlace({ row }) && this.#tools.movingKinds.has(address.kind),
      tools: {
        clock: this.#tools.clock,
        log: this.#tools.log,
        newId: this.#tools.newId,
        random: this.#tools.random,
        openTransport: (address, defaults) => catalogue.openTransport(address, defaults),
        listener: this,
      },
    })
  }

  #row(id: string, wanted: DeviceAdd, fingerprint: string): DeviceRow {
    const driver = this.#tools.catalogue.driver(wanted.driver)
    if (driver === undefined) throw new HubError('driver_unknown', { driver: wanted.driver })
    if (driver.class !== wanted.class)
      throw new HubError('params_invalid', {
        path: 'class',
        reason: `the driver ${driver.id} is for a ${driver.class}`,
      })
    const profile = wanted.profile ?? this.#tools.catalogue.profiles(driver.id)[0]?.id ?? 'generic'
    const address = this.#tools.catalogue.parsePort(wanted.port)
    if (!driver.transports.includes(address.kind))
      throw new HubError('port_invalid', {
        port: wanted.port,
        reason: `the driver ${driver.id} is not for ${address.kind}`,
      })
    return {
      id,
      name:
        wanted.name ??
        `${driver.class.charAt(0).toUpperCase()}${driver.class.slice(1)} ${id.replace(/^.*-/, '')}`,
      class: wanted.class,
      driver: driver.id,
      profile,
      port: address.url,
      fingerprint,
      settings: wanted.settings ?? {},
      disabled: false,
      createdAt: this.#tools.clock.now(),
    }
  }

  #freeId(deviceClass: string): string {
    return this.#idFor(deviceClass, (id) =>
      [this.#units, this.#reserved, this.#leftOut].some((known) => known.has(id)),
    )
  }

  #idFor(deviceClass: string, taken: (id: string) => boolean): string {
    for (let number = 1; ; number++) {
      const id = `${deviceClass}-${number}`
      if (!taken(id)) return id
    }
  }
}
