/** Discovery: watches the places where devices may be, asks them carefully, and finds known devices again. */
import type { ProbeAnswer } from '../drivers/driver.ts'
import type { PortAddress, Transport } from '../drivers/transports/transport.ts'
import type { PortRecord } from '../protocol/device.ts'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Clock } from './clock.ts'
import type { Devices, DriverCatalogue } from './devices.ts'
import type { Events } from './events.ts'
import type { Log } from './log.ts'

export const discoveryLimits = {
  portsMax: 500,
  probeAnswerMsMax: 500,
} as const

/** A port as a source sees it. */
export interface FoundPort {
  url: string
  /** Names the thing or the place across reboots. */
  fingerprint: string
  label: string
  /** What the announcement says of the model, if anything: matched against the profiles. */
  model?: string | undefined
}

/** Something that finds ports: serial devices, mDNS announcements. Reports the complete list at each change. */
export interface PortSource {
  readonly kind: 'serial' | 'mdns'
  /** Never throws for a missing network or tool; `onProblem` says what is missing. */
  start(
    onChange: (ports: readonly FoundPort[]) => void,
    onProblem: (reason: string) => void,
  ): void | Promise<void>
  stop(): void | Promise<void>
}

interface Tools {
  sources: readonly PortSource[]
  /** Which driver a model's words fit, and with which profile. */
  match(words: string): { driver: string; profile: string } | undefined
  accept: 'known-models' | 'never'
  devices: Devices
  catalogue: DriverCatalogue
  events: Events
  clock: Clock
  log: Log
}

export class Discovery {
  readonly name = 'discovery'
  readonly #tools: Tools
  readonly #ports = new Map<string, PortRecord>()
  readonly #probing = new Map<string, Promise<PortRecord>>()
  #stopped = false

  constructor(tools: Tools) {
    this.#tools = tools
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
    await Promise.allSettled(this.#probing.values())
  }

  list(): PortRecord[] {
    return [...this.#ports.values()].map((port) => ({ ...port, device: this.#deviceOn(port)?.id ?? null }))
  }

  /** The fingerprint of a port that a technician names, when discovery knows the port. */
  fingerprintOf(url: string): { fingerprint?: string } {
    const known = this.#ports.get(this.#tools.catalogue.parsePort(url).url)
    return known === undefined ? {} : { fingerprint: known.fingerprint }
  }

  /** Asks a port what is there, one question at a time per port. Read-only by the contract of probes. */
  async probe(url: string, driverId?: string): Promise<PortRecord> {
    const address = this.#tools.catalogue.parsePort(url)
    const running = this.#probing.get(address.url)
    if (running !== undefined) return running
    const probing = this.#probe(address, driverId).finally(() => this.#probing.delete(address.url))
    this.#probing.set(address.url, probing)
    return probing
  }

  async #probe(address: PortAddress, driverId: string | undefined): Promise<PortRecord> {
    const { catalogue, devices } = this.#tools
    const owner = devices.byPort(address.url)
    if (owner !== undefined) throw new HubError('device_exists', { port: address.url, device: owner.id })
    const record: PortRecord = this.#ports.get(address.url) ?? {
      url: address.url,
      fingerprint: `manual:${address.url}`,
      label: address.target,
      source: 'manual',
      device: null,
      suggestion: null,
    }
    const candidates = catalogue.drivers.filter(
      (driver) =>
        driver.probe !== undefined &&
        driver.transports.includes(address.kind) &&
        (driverId === undefined || driver.id === driverId),
    )
    if (driverId !== undefined && candidates.length === 0)
      throw new HubError('driver_unknown', { driver: driverId })
    for (const driver of candidates) {
      const answer = await this.#ask(address, driver)
      if (answer === undefined) continue
      const words = [answer.maker, answer.model].filter((word) => word !== undefined).join(' ')
      const match = this.#tools.match(words)
      const profile =
        match?.driver === driver.id ? match.profile : (catalogue.profiles(driver.id)[0]?.id ?? 'generic')
      const found: PortRecord = {
        ...record,
        label: words || record.label,
        suggestion: { class: driver.class, driver: driver.id, profile },
      }
      if (this.#ports.has(address.url)) this.#ports.set(address.url, found)
      return found
    }
    return record
  }

  async #ask(
    address: PortAddress,
    driver: DriverCatalogue['drivers'][number],
  ): Promise<ProbeAnswer | undefined> {
    let transport: Transport | undefined
    try {
      transport = await this.#tools.catalogue.openTransport(address, driver.portDefaults)
      return await driver.probe?.(transport, {
        clock: this.#tools.clock,
        answerMsMax: discoveryLimits.probeAnswerMsMax,
      })
    } catch (error) {
      if (transport === undefined) throw error
      return undefined
    } finally {
      await transport?.close()
    }
  }

  #seen(source: 'serial' | 'mdns', ports: readonly FoundPort[]): void {
    if (this.#stopped) return
    const urls = new Set(ports.map(({ url }) => url))
    for (const known of [...this.#ports.values()]) {
      if (known.source !== source || urls.has(known.url)) continue
      this.#ports.delete(known.url)
      this.#tools.events.publish('port.lost', { url: known.url })
    }
    for (const port of ports) {
      if (this.#ports.has(port.url) || this.#ports.size >= discoveryLimits.portsMax) continue
      const record = this.#recordOf(port, source)
      this.#ports.set(port.url, record)
      this.#tools.events.publish('port.found', { url: port.url, label: port.label })
      void this.#appeared(port, record).catch((error: unknown) =>
        this.#tools.log.warn(
          { port: port.url, reason: errorText(error) },
          'a found port could not be taken up',
        ),
      )
    }
  }

  #recordOf(port: FoundPort, source: 'serial' | 'mdns'): PortRecord {
    const match = port.model === undefined ? undefined : this.#tools.match(port.model)
    const driver = match === undefined ? undefined : this.#tools.catalogue.driver(match.driver)
    return {
      url: port.url,
      fingerprint: port.fingerprint,
      label: port.label,
      source,
      device: null,
      suggestion: match === undefined || driver === undefined ? null : { class: driver.class, ...match },
    }
  }

  async #appeared(port: FoundPort, record: PortRecord): Promise<void> {
    const { accept, catalogue, devices } = this.#tools
    const address = catalogue.parsePort(port.url)
    const known = this.#deviceOn(record)
    if (known !== undefined)
      return devices.portAppeared(known, { ...address, ...keepOptions(known.port, address) })
    // A laser printer listens on 9100 as well and would print our question: only models known by name are asked.
    if (accept === 'never' || record.suggestion === null || record.source !== 'mdns') return
    const answer = await this.probe(port.url, record.suggestion.driver)
    if (answer.suggestion === null || this.#stopped || this.#deviceOn(record) !== undefined) return
    await devices.add(
      { ...answer.suggestion, port: port.url, name: port.label.slice(0, 80) },
      { fingerprint: port.fingerprint },
    )
  }

  #deviceOn(port: PortRecord) {
    const { devices } = this.#tools
    const base = (url: string) => url.split('?')[0]
    return (
      devices.byFingerprint(port.fingerprint) ??
      [...devices.units()].find((unit) => base(unit.port) === base(port.url))
    )
  }
}

/** A tty that moved keeps the line settings that the technician gave it. */
function keepOptions(before: string, address: PortAddress): Partial<PortAddress> {
  const query = before.split('?')[1]
  if (query === undefined || address.url.includes('?')) return {}
  return { url: `${address.url}?${query}`, options: Object.fromEntries(new URLSearchParams(query)) }
}
