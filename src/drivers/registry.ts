/** The registry: every driver by name, the ports they open, and the profiles. The hub's only door to the drivers. */
import type { Driver, DriverClock, Profile } from './driver.ts'
import { Imaging } from './imaging/imaging.ts'
import { createEscposDriver } from './printers/escpos/driver.ts'
import { loadProfiles, matchProfile } from './profiles.ts'
import { toledo8217 } from './scales/toledo-8217/driver.ts'
import { serialScanner } from './scanners/serial-scanner/driver.ts'
import { SerialPorts } from './transports/enumerate.ts'
import { MdnsPorts } from './transports/mdns.ts'
import { MemoryPorts } from './transports/memory.ts'
import { createOpenTransport } from './transports/open.ts'
import { parsePortUrl } from './transports/port-url.ts'
import type { OpenTransport, PortAddress } from './transports/transport.ts'

interface FoundPort {
  url: string
  fingerprint: string
  label: string
  model?: string
}

/** A watcher of places where devices may be. */
export interface RegistryPortSource {
  readonly kind: 'serial' | 'mdns'
  start(onChange: (ports: readonly FoundPort[]) => void, onProblem: (reason: string) => void): Promise<void>
  stop(): Promise<void>
}

export interface Registry {
  readonly drivers: readonly Driver[]
  readonly memoryPorts: MemoryPorts
  readonly portSources: readonly RegistryPortSource[]
  /** Profiles that could not be read, as sentences; their models are missing. */
  readonly problems: readonly string[]
  driver(id: string): Driver | undefined
  profiles(driver: string): readonly Profile[]
  /** The profile whose identity fits what a device or announcement says of itself. */
  matchProfile(words: string): { driver: string; profile: string } | undefined
  parsePort(url: string): PortAddress
  openTransport: OpenTransport
  stop(): Promise<void>
}

export interface RegistryOptions {
  profilesDir: string
  clock: DriverClock
  serial: boolean
  mdns: boolean
}

/** The list of drivers. `imaging` draws what a printer's own letters cannot spell. */
export function createDrivers(imaging: Imaging): readonly Driver[] {
  return [
    createEscposDriver({ imaging }),
    toledo8217,
    serialScanner,
    // new drivers go above this line
  ] as readonly Driver[]
}

export function createRegistry(options: RegistryOptions): Registry {
  const { clock, profilesDir } = options
  const imaging = new Imaging({ clock })
  const drivers = createDrivers(imaging)
  const { profiles, problems } = loadProfiles(profilesDir, drivers)
  const memoryPorts = new MemoryPorts(clock)
  const sources: RegistryPortSource[] = []
  if (options.serial) sources.push(source('serial', new SerialPorts({ clock })))
  if (options.mdns) sources.push(source('mdns', new MdnsPorts({ clock })))
  return {
    drivers,
    memoryPorts,
    portSources: sources,
    problems,
    driver: (id) => drivers.find((driver) => driver.id === id),
    profiles: (driver) => profiles.filter((profile) => profile.driver === driver),
    matchProfile(words) {
      const profile = matchProfile(profiles, words)
      return profile === undefined ? undefined : { driver: profile.driver, profile: profile.id }
    },
    parsePort: parsePortUrl,
    openTransport: createOpenTransport(clock, memoryPorts),
    stop: () => imaging.stop(),
  }
}

interface Watcher {
  readonly trouble: string | undefined
  start(
    onChange: (
      ports: readonly {
        url: string
        fingerprint: string
        label: string
        details: Readonly<Record<string, string>>
      }[],
    ) => void,
  ): Promise<void>
  stop(): void | Promise<void>
}

function source(kind: 'serial' | 'mdns', watcher: Watcher): RegistryPortSource {
  return {
    kind,
    async start(onChange, onProblem) {
      await watcher.start((ports) =>
        onChange(
          ports.map(({ url, fingerprint, label, details }) => ({
            url,
            fingerprint,
            label,
            model: [label, details.maker, details.model].filter(Boolean).join(' '),
          })),
        ),
      )
      if (watcher.trouble !== undefined) onProblem(watcher.trouble)
    },
    stop: async () => watcher.stop(),
  }
}
