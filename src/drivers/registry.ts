/** The registry: every driver by name, the ports they open, and the profiles. The hub's only door to the drivers. */
import { aedex } from './displays/aedex/driver.ts'
import { browserDisplay } from './displays/browser-display/driver.ts'
import { cd5220 } from './displays/cd5220/driver.ts'
import { dsp800 } from './displays/dsp-800/driver.ts'
import { escposDisplay } from './displays/escpos-display/driver.ts'
import { logicControls } from './displays/logic-controls/driver.ts'
import { gpioDrawer } from './drawers/gpio-drawer/driver.ts'
import { hidDrawer } from './drawers/hid-drawer/driver.ts'
import { serialDrawer } from './drawers/serial-drawer/driver.ts'
import type { Driver, DriverClock, Profile } from './driver.ts'
import { Imaging } from './imaging/imaging.ts'
import { qrSvg } from './imaging/qr-svg.ts'
import { type PortFacts, type Suggestion, suggest } from './matching.ts'
import { createEplDriver } from './printers/epl/driver.ts'
import { createEscposDriver } from './printers/escpos/driver.ts'
import { createIppDriver } from './printers/ipp/driver.ts'
import { createStarDriver } from './printers/star/driver.ts'
import { createTsplDriver } from './printers/tspl/driver.ts'
import { createZplDriver } from './printers/zpl/driver.ts'
import { loadProfiles, matchProfile } from './profiles.ts'
import { adam } from './scales/adam/driver.ts'
import { averyBerkel } from './scales/avery-berkel/driver.ts'
import { cas } from './scales/cas/driver.ts'
import { dialog } from './scales/dialog/driver.ts'
import { magellan } from './scales/magellan/driver.ts'
import { mtSics } from './scales/mt-sics/driver.ts'
import { nci } from './scales/nci/driver.ts'
import { toledo8217 } from './scales/toledo-8217/driver.ts'
import { usbHidScale } from './scales/usb-hid-scale/driver.ts'
import { hidKeyboardScanner } from './scanners/hid-keyboard-scanner/driver.ts'
import { hidPosScanner } from './scanners/hid-pos-scanner/driver.ts'
import { serialScanner } from './scanners/serial-scanner/driver.ts'
import { type TeachingKit, teaching } from './teaching.ts'
import { type FoundPort, SerialPorts } from './transports/enumerate.ts'
import { HidPorts } from './transports/enumerate-hid.ts'
import { UsbPorts } from './transports/enumerate-usb.ts'
import { MdnsPorts } from './transports/mdns.ts'
import { MemoryPorts } from './transports/memory.ts'
import { createOpenTransport } from './transports/open.ts'
import { parsePortUrl } from './transports/port-url.ts'
import type { OpenTransport, PortAddress } from './transports/transport.ts'

export type { PortFacts, Suggestion, TeachingKit }

/** A watcher of places where devices may be. */
export interface RegistryPortSource {
  readonly kind: 'serial' | 'usb' | 'hid' | 'mdns'
  start(onChange: (ports: readonly FoundPort[]) => void, onProblem: (reason: string) => void): Promise<void>
  stop(): Promise<void>
}

export interface Registry {
  readonly drivers: readonly Driver[]
  readonly memoryPorts: MemoryPorts
  /** Browsers that show the customer display. */
  readonly pagePorts: MemoryPorts
  readonly portSources: readonly RegistryPortSource[]
  /** Profiles that could not be read, as sentences; their models are missing. */
  readonly problems: readonly string[]
  driver(id: string): Driver | undefined
  profiles(driver: string): readonly Profile[]
  /** The profile whose identity fits what a device or announcement says of itself. */
  matchProfile(words: string): { driver: string; profile: string } | undefined
  readonly teaching: TeachingKit
  /** A QR code as SVG. */
  qrSvg(text: string): Promise<string>
  /** What is on a port, as far as ids and names tell. */
  suggest(facts: PortFacts): Suggestion | undefined
  /** Addresses of a network that take connections on the raw printing port; see `transports/lan-scan.ts`. */
  scanNetwork(network: string | undefined): Promise<{ hosts: readonly string[]; asked: number }>
  parsePort(url: string): PortAddress
  openTransport: OpenTransport
  stop(): Promise<void>
}

export interface RegistryOptions {
  profilesDir: string
  clock: DriverClock
  serial: boolean
  usb: boolean
  hid: boolean
  mdns: boolean
}

/** The list of drivers. `imaging` draws what a printer's own letters cannot spell. */
export function createDrivers(imaging: Imaging): readonly Driver[] {
  return [
    createEscposDriver({ imaging }),
    toledo8217,
    serialScanner,
    usbHidScale,
    escposDisplay,
    cd5220,
    dsp800,
    aedex,
    logicControls,
    browserDisplay,
    dialog,
    averyBerkel,
    magellan,
    hidKeyboardScanner,
    hidPosScanner,
    hidDrawer,
    serialDrawer,
    gpioDrawer,
    createZplDriver({ imaging }),
    createEplDriver({ imaging }),
    createTsplDriver({ imaging }),
    createIppDriver({ imaging }),
    createStarDriver({ imaging }),
    nci,
    cas,
    mtSics,
    adam,
    // new drivers go above this line
  ] as readonly Driver[]
}

export function createRegistry(options: RegistryOptions): Registry {
  const { clock, profilesDir } = options
  const imaging = new Imaging({ clock })
  const drivers = createDrivers(imaging)
  const { profiles, problems } = loadProfiles(profilesDir, drivers)
  const memoryPorts = new MemoryPorts(clock)
  const pagePorts = new MemoryPorts(clock)
  const sources: RegistryPortSource[] = []
  if (options.serial) sources.push(source('serial', new SerialPorts({ clock })))
  if (options.usb) sources.push(source('usb', new UsbPorts({ clock })))
  if (options.hid) sources.push(source('hid', new HidPorts({ clock })))
  if (options.mdns) sources.push(source('mdns', new MdnsPorts({ clock })))
  return {
    drivers,
    memoryPorts,
    teaching,
    qrSvg,
    pagePorts,
    portSources: sources,
    problems,
    driver: (id) => drivers.find((driver) => driver.id === id),
    profiles: (driver) => profiles.filter((profile) => profile.driver === driver),
    matchProfile(words) {
      const profile = matchProfile(profiles, words)
      return profile === undefined ? undefined : { driver: profile.driver, profile: profile.id }
    },
    suggest: (facts) => suggest(facts, drivers, profiles),
    scanNetwork: async (network) =>
      (await import('./transports/lan-scan.ts')).scanNetwork(network, { clock }),
    parsePort: parsePortUrl,
    openTransport: createOpenTransport(clock, memoryPorts, pagePorts),
    stop: () => imaging.stop(),
  }
}

interface Watcher {
  readonly trouble: string | undefined
  start(onChange: (ports: readonly FoundPort[]) => void): Promise<void>
  stop(): void | Promise<void>
}

function source(kind: RegistryPortSource['kind'], watcher: Watcher): RegistryPortSource {
  return {
    kind,
    async start(onChange, onProblem) {
      await watcher.start(onChange)
      if (watcher.trouble !== undefined) onProblem(watcher.trouble)
    },
    stop: async () => watcher.stop(),
  }
}
