/** Discovery: watches the places where devices may be, says what is there, and finds known devices again. */
import type { PortFacts, Suggestion } from '../../drivers/registry.ts'
import type { PortAddress } from '../../drivers/transports/transport.ts'
import type { DeviceClass, PortRecord } from '../../protocol/device.ts'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { Clock } from '../clock.ts'
import type { Events } from '../events.ts'
import type { Log } from '../log.ts'
import type { DeviceUnit } from './device-unit.ts'
import { type Devices, type DriverCatalogue, isKnownByPlace } from './devices.ts'
import { placeOf } from './places.ts'
import { Prober } from './prober.ts'

export const discoveryLimits = {
  portsMax: 500,
} as const

type Source = PortRecord['source']

/** A port as a source sees it. */
export interface FoundPort {
  url: string
  /** Names the thing or the place across reboots. */
  fingerprint: string
  label: string
  /** What is known of the thing without asking it. */
  details: Readonly<Record<string, string>>
}

/** Something that finds ports: serial devices, USB and HID devices, announcements. Reports the complete list at each change. */
export interface PortSource {
  readonly kind: 'serial' | 'usb' | 'hid' | 'mdns'
  /** Never throws for a missing network or tool; `onProblem` says what is missing. */
  start(
    onChange: (ports: readonly FoundPort[]) => void,
    onProblem: (reason: string) => void,
  ): void | Promise<void>
  stop(): void | Promise<void>
}

export interface DiscoveryTools {
  sources: readonly PortSource[]
  /** What ids and names say of a port. */
  suggest(facts: PortFacts): Suggestion | undefined
  /** Which driver a model's words fit, and with which profile. */
  match(words: string): { driver: string; profile: string } | undefined
  /** Addresses of a network that take connections on the raw printing port. */
  scanNetwork(network: string | undefined): Promise<{ hosts: readonly string[]; asked: number }>
  /** Classes whose devices are accepted without a technician, once there is no doubt what they are. */
  autoAccept: readonly DeviceClass[]
  devices: Devices
  catalogue: DriverCatalogue
  events: Events
  clock: Clock
  log: Log
}

export class Discovery {
  readonly name = 'discovery'
  readonly #tools: DiscoveryTools
  readonly #ports = new Map<string, PortRecord>()
  readonly #prober: Prober
  /** Fingerprints of things that are being accepted now: the same one on a second port waits. */
  readonly #accepting = new Set<string>()
  #scanning: Promise<{ ports: PortRecord[]; asked: number }> | undefined
  #stopped = false

  constructor(tools: DiscoveryTools) {
    this.#tools = tools
    this.#prober = new Prober({ ...tools, mustBeFree: (url) => this.#mustBeFree(url) })
  }

  start(): void {
    this.#stopped = false
    for (const source of this.#tools.sources) {
      // Not waited for: looking around must not delay the start.
      void Promise.resolve(
        source.start(
          (ports) => this.#seen(source.kind, ports),
          (reason) => this.#tools.log.warn({ source: source.kind, reason }, 'discovery is limited'),
        ),
      ).catch((error: unknown) =>
        this.#tools.log.warn({ source: source.kind, reason: errorText(error) }, 'discovery failed'),
      )
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#tools.sources.map((source) => source.stop()))
    await this.#prober.stop()
    await this.#scanning?.catch(() => {})
  }

  list(): PortRecord[] {
    return [...this.#ports.values()].map((port) => this.#shown(port))
  }

  /** Ports of a kind that no device has: the keyboards among which a scanner is looked for. */
  free(kind: Source): PortRecord[] {
    return this.list().filter((port) => port.source === kind && port.device === null)
  }

  /** The fingerprint of a port that a technician names, when discovery knows the port. */
  fingerprintOf(url: string): { fingerprint?: string } {
    const { catalogue, devices } = this.#tools
    const known = this.#ports.get(catalogue.parsePort(placeOf(url)).url)
    // Of two things that wear one name the second is known by its place.
    return known === undefined || devices.byFingerprint(known.fingerprint) !== undefined
      ? {}
      : { fingerprint: known.fingerprint }
  }

  /** Somebody has found out what is on a port: it is what the port is shown with from now on. */
  learned(url: string, suggestion: NonNullable<PortRecord['suggestion']>): PortRecord {
    const record = { ...this.#recordOf(url), suggestion }
    if (this.#ports.has(url)) this.#ports.set(url, record)
    return this.#shown(record)
  }

  /** Asks a port what is there, one question at a time per port. Read-only by the contract of probes. */
  async probe(url: string, driverId?: string): Promise<PortRecord> {
    const address = this.#tools.catalogue.parsePort(url)
    const found = await this.#prober.probe(address, driverId)
    const place = this.#tools.catalogue.parsePort(placeOf(address.url)).url
    const record = this.#recordOf(this.#ports.has(place) ? place : address.url)
    if (found === undefined) return this.#shown(record)
    const answered = { ...record, ...found, label: found.label ?? record.label }
    if (this.#ports.has(answered.url)) this.#ports.set(answered.url, answered)
    return this.#shown(answered)
  }

  /** Looks for printers on the LAN, when a technician asks for it; one search at a time. */
  scan(network: string | undefined): Promise<{ ports: PortRecord[]; asked: number }> {
    if (this.#scanning !== undefined) throw new HubError('device_busy', { device: 'the search' })
    this.#scanning = this.#scan(network).finally(() => {
      this.#scanning = undefined
    })
    return this.#scanning
  }

  async #scan(network: string | undefined): Promise<{ ports: PortRecord[]; asked: number }> {
    const { hosts, asked } = await this.#tools.scanNetwork(network)
    const urls = hosts.map((host) => this.#tools.catalogue.parsePort(`tcp://${host}`).url)
    // Those that announce themselves are listed already, and better.
    const others = urls.filter((url) => this.#ports.get(url)?.source !== 'mdns')
    this.#seen(
      'scan',
      others.map((url) => ({
        url,
        fingerprint: url,
        label: `Port 9100 at ${new URL(url).hostname}`,
        details: {},
      })),
    )
    const ports = urls.flatMap((url) => this.#ports.get(url) ?? []).map((port) => this.#shown(port))
    return { ports, asked }
  }

  /** Throws HubError `device_exists` for a port that a device has: only its driver speaks there. */
  #mustBeFree(url: string): void {
    const owner = this.#tools.devices.byPort(url)
    if (owner !== undefined) throw new HubError('device_exists', { port: url, device: owner.id })
  }

  #recordOf(url: string): PortRecord {
    return (
      this.#ports.get(url) ?? {
        url,
        fingerprint: `manual:${url}`,
        label: this.#tools.catalogue.parsePort(url).target,
        source: 'manual',
        device: null,
        suggestion: null,
      }
    )
  }

  #shown(port: PortRecord): PortRecord {
    return { ...port, device: (this.#deviceOn(port) ?? this.#tools.devices.byPort(port.url))?.id ?? null }
  }

  #seen(source: Source, ports: readonly FoundPort[]): void {
    if (this.#stopped) return
    const found = new Map(ports.map((port) => [port.url, port]))
    const lost = new Set<string>()
    for (const known of [...this.#ports.values()]) {
      // Another thing on the same node (hidraw0 was pulled, and something else plugged) is a port lost and one found.
      if (known.source !== source || found.get(known.url)?.fingerprint === known.fingerprint) continue
      this.#lose(known)
      lost.add(known.fingerprint)
    }
    // Some stay: a thing may be seen in its new place before it is seen to be gone from the old one.
    const stayed = [...this.#ports.values()].filter(({ fingerprint }) => lost.has(fingerprint))
    for (const port of ports) {
      const there = this.#ports.get(port.url)
      const isBetter = there?.source === 'scan' && source !== 'scan'
      if ((there !== undefined && !isBetter) || this.#ports.size >= discoveryLimits.portsMax) continue
      const record = this.#foundRecord(port, source)
      this.#ports.set(port.url, record)
      this.#tools.events.publish('port.found', { url: port.url, label: port.label })
      this.#tellDisplaced(record)
      this.#takeUp(record)
    }
    for (const record of stayed)
      if (this.#tools.devices.byFingerprint(record.fingerprint) !== undefined) this.#takeUp(record)
  }

  #lose(record: PortRecord): void {
    const unit = this.#deviceOn(record)
    this.#ports.delete(record.url)
    if (record.source === 'hid' && unit !== undefined && isAt(unit, record)) unit.portLost()
    this.#tools.events.publish('port.lost', { url: record.url })
  }

  /** A device whose place another thing has now is not to be looked for there. An address on the network may have two names. */
  #tellDisplaced(record: PortRecord): void {
    if (record.source === 'mdns' || record.source === 'scan') return
    for (const unit of this.#tools.devices.units())
      if (isAt(unit, record) && !isKnownByPlace(unit) && unit.row.fingerprint !== record.fingerprint)
        unit.portLost()
  }

  #takeUp(record: PortRecord): void {
    void this.#appeared(record).catch((error: unknown) =>
      this.#tools.log.warn(
        { port: record.url, reason: errorText(error) },
        'a found port could not be taken up',
      ),
    )
  }

  #foundRecord(port: FoundPort, source: Source): PortRecord {
    const { trouble, ...details } = port.details
    const { kind } = this.#tools.catalogue.parsePort(port.url)
    return {
      url: port.url,
      fingerprint: port.fingerprint,
      label: port.label.slice(0, 200),
      source,
      device: null,
      suggestion: this.#tools.suggest({ kind, label: port.label, details }) ?? null,
      details,
      ...(trouble === undefined ? {} : { trouble }),
    }
  }

  async #appeared(record: PortRecord): Promise<void> {
    const { autoAccept, catalogue, devices } = this.#tools
    const known = this.#deviceOn(record)
    if (known !== undefined) {
      const address = catalogue.parsePort(record.url)
      // A printer that announces itself in several ways is not torn from the one that its driver speaks.
      if (!known.driver.transports.includes(address.kind)) return
      return devices.portAppeared(known, { ...address, ...keepOptions(known.port, address) })
    }
    const suggestion = record.suggestion
    if (suggestion === null || !autoAccept.includes(suggestion.class) || !this.#isAcceptable(record)) return
    this.#accepting.add(record.fingerprint)
    try {
      const sure = suggestion.sure ? suggestion : await this.#confirmed(record, suggestion.driver)
      if (sure === null || this.#stopped || !this.#isThere(record) || this.#deviceOn(record) !== undefined)
        return
      const { sure: _, port, ...wanted } = sure
      await devices.add(
        { ...wanted, port: port ?? record.url, name: record.label.slice(0, 80) },
        { fingerprint: record.fingerprint },
      )
    } finally {
      this.#accepting.delete(record.fingerprint)
    }
    this.#catchUp(record)
  }

  #isThere({ url, fingerprint }: PortRecord): boolean {
    return this.#ports.get(url)?.fingerprint === fingerprint
  }

  /** Two things that wear one name leave doubt which is which: the second waits for a technician. */
  #isAcceptable({ fingerprint, url }: PortRecord): boolean {
    const { devices } = this.#tools
    return (
      !this.#accepting.has(fingerprint) &&
      devices.byFingerprint(fingerprint) === undefined &&
      devices.byPort(url) === undefined
    )
  }

  /** The thing went, or moved, while it was being accepted. */
  #catchUp(record: PortRecord): void {
    if (this.#isThere(record)) return
    const now = [...this.#ports.values()].find(({ fingerprint }) => fingerprint === record.fingerprint)
    if (now !== undefined) this.#takeUp(now)
    else if (record.source === 'hid') this.#tools.devices.byFingerprint(record.fingerprint)?.portLost()
  }

  /**
   * A printer that announces a known model is asked whether it is one. Nothing else is asked unbidden: a laser printer listens
   * on 9100 as well and would print our question, and a display on a serial port would show it.
   */
  async #confirmed(record: PortRecord, driver: string): Promise<PortRecord['suggestion']> {
    if (record.source !== 'mdns') return null
    const { suggestion } = await this.probe(record.url, driver)
    return suggestion?.sure === true ? suggestion : null
  }

  /**
   * The device that a person put in this place without knowing what is there; else the one that the thing is, unless that is
   * seen elsewhere under the same name.
   */
  #deviceOn(port: PortRecord): DeviceUnit | undefined {
    const { devices } = this.#tools
    const placed = [...devices.units()].find((unit) => isAt(unit, port) && isKnownByPlace(unit))
    if (placed !== undefined) return placed
    const known = devices.byFingerprint(port.fingerprint)
    if (known === undefined || isAt(known, port)) return known
    const isElsewhere = [...this.#ports.values()].some(
      (other) => other.fingerprint === port.fingerprint && isAt(known, other),
    )
    return isElsewhere ? undefined : known
  }
}

const isAt = (unit: DeviceUnit, { url }: PortRecord): boolean => placeOf(unit.port) === placeOf(url)

/** A tty that moved keeps the line settings that the technician gave it. */
function keepOptions(before: string, address: PortAddress): Partial<PortAddress> {
  const query = before.split('?')[1]
  if (query === undefined || address.url.includes('?')) return {}
  return { url: `${address.url}?${query}`, options: Object.fromEntries(new URLSearchParams(query)) }
}
