/** Printers that announce themselves on the network (DNS-SD over multicast DNS). */
import type { Bonjour as BonjourInstance, Browser, Service } from 'bonjour-service'
import { errorText } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import type { FoundPort } from './enumerate.ts'
import { parsePortUrl, tcpPortDefault } from './port-url.ts'

/**
 * What is listened to: raw sockets; IPP, plain and by TLS; and LPD, whose printers nearly always take raw data on port 9100 as
 * well. In the order of news from good to worse.
 */
const serviceTypes = ['pdl-datastream', 'ipp', 'ipps', 'printer'] as const
type ServiceType = (typeof serviceTypes)[number]
/** Formats of page printers (TXT key `pdl`, Bonjour Printing 1.2.1): such a printer is better spoken to by IPP. */
const pageFormats = /application\/pdf|image\/pwg-raster|image\/urf/i
/** Questions come close together at first, as RFC 6762 section 5.2 wants it, then once a minute. */
export const roundsMs = [1_000, 3_000, 9_000, 60_000] as const
/** An announcement that stays unanswered for this many questions in a row is taken as gone. */
export const missedRoundsMax = 4
/** Anybody on the network can announce: more than this is noise. */
export const servicesMax = 128
const textCharsMax = 120

/** A printer on the network. */
export interface FoundService extends FoundPort {
  name: string
  host: string
  addresses: readonly string[]
  port: number
  txt: Readonly<Record<string, string>>
}

export interface MdnsPortsOptions {
  clock: TransportClock
  /** Interface address and UDP port; the default is every interface and 5353. */
  interface?: string
  udpPort?: number
}

/** The multicast socket that the browser sits on; it has to be reached for its errors, which would end the process unheard. */
interface MulticastSocket {
  on(event: 'ready' | 'error' | 'warning', listener: (error: Error) => void): unknown
}

export class MdnsPorts {
  readonly #options: MdnsPortsOptions
  readonly #seen = new Map<string, { type: ServiceType; service: FoundService; missed: number }>()
  #bonjour: BonjourInstance | undefined
  #browsers: Browser[] = []
  #onChange: ((services: readonly FoundService[]) => void) | undefined
  #cancelRound: (() => void) | undefined
  #round = 0
  #told: string | undefined
  #trouble: string | undefined

  constructor(options: MdnsPortsOptions) {
    this.#options = options
  }

  /** Why nothing can be found now; undefined when browsing works. It is tried again each minute. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Calls `onChange` with the complete list at each change. Settles when the socket is open or has failed; never throws. */
  async start(onChange: (services: readonly FoundService[]) => void): Promise<void> {
    if (this.#onChange !== undefined) return
    this.#onChange = onChange
    await this.#open()
  }

  async stop(): Promise<void> {
    this.#onChange = undefined
    this.#told = undefined
    this.#seen.clear()
    await this.#shut()
  }

  async #open(): Promise<void> {
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    const wanted = this.#onChange
    try {
      const { Bonjour } = await import('bonjour-service')
      if (this.#onChange !== wanted || this.#bonjour !== undefined) return
      const bonjour = new Bonjour({ ...this.#socketOptions() }, () => {})
      this.#bonjour = bonjour
      const { mdns } = (bonjour as unknown as { server: { mdns: MulticastSocket } }).server
      mdns.on('warning', () => {})
      mdns.on('error', (error) => {
        resolve()
        if (this.#bonjour === bonjour) void this.#fail(error)
      })
      mdns.on('ready', () => {
        resolve()
        if (this.#bonjour !== bonjour) return
        this.#trouble = undefined
        this.#round = 0
        this.#ask()
      })
    } catch (error) {
      resolve()
      await this.#fail(error)
    }
    await settled
  }

  /** Bound to any address in every case: a socket bound to one gets no multicast. */
  #socketOptions(): object {
    const { interface: interfaceAddress, udpPort } = this.#options
    return {
      bind: '0.0.0.0',
      ...(interfaceAddress === undefined ? {} : { interface: interfaceAddress }),
      ...(udpPort === undefined ? {} : { port: udpPort }),
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#trouble = `printers on the network cannot be looked for: ${errorText(error)}`
    await this.#shut()
    if (this.#onChange === undefined) return
    this.#cancelRound = this.#options.clock.after(roundsMs[3], () => void this.#open())
  }

  async #shut(): Promise<void> {
    this.#cancelRound?.()
    for (const browser of this.#browsers) browser.stop()
    this.#browsers = []
    const bonjour = this.#bonjour
    this.#bonjour = undefined
    if (bonjour !== undefined) await new Promise<void>((resolve) => bonjour.destroy(() => resolve()))
  }

  /** One question to all. A fresh browser each time: it tells of everybody who answers, also of those it knew before. */
  #ask(): void {
    const bonjour = this.#bonjour
    if (bonjour === undefined) return
    for (const [fqdn, seen] of this.#seen) {
      seen.missed += 1
      if (seen.missed > missedRoundsMax) this.#seen.delete(fqdn)
    }
    this.#tell()
    for (const browser of this.#browsers) browser.stop()
    this.#browsers = serviceTypes.map((type) => {
      const browser = bonjour.find({ type })
      const up = (service: Service) => this.#up(type, service)
      browser.on('up', up)
      browser.on('txt-update', up)
      browser.on('srv-update', up)
      browser.on('down', (service: Service) => this.#down(service.fqdn))
      return browser
    })
    const ms = roundsMs[Math.min(this.#round++, roundsMs.length - 1)] ?? roundsMs[3]
    this.#cancelRound = this.#options.clock.after(ms, () => this.#ask())
  }

  #up(type: ServiceType, service: Service): void {
    const known = this.#seen.get(service.fqdn)
    if (this.#seen.size >= servicesMax && known === undefined) return
    if (service.txt === undefined && known !== undefined) {
      // An answer may leave the text out. It says that the printer is there, not that it has lost its name.
      known.missed = 0
      return
    }
    const found = describeService(type, service)
    if (found === undefined) return
    this.#seen.set(service.fqdn, { type, service: found, missed: 0 })
    this.#tell()
  }

  #down(fqdn: string): void {
    if (this.#seen.delete(fqdn)) this.#tell()
  }

  /** One entry for each printer: many announce themselves under several types. */
  #tell(): void {
    const byFingerprint = new Map<string, FoundService>()
    const all = [...this.#seen.values()].sort((a, b) => rankOf(a) - rankOf(b))
    for (const { service } of all) {
      if (!byFingerprint.has(service.fingerprint)) byFingerprint.set(service.fingerprint, service)
    }
    const services = [...byFingerprint.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    const text = JSON.stringify(services)
    if (text === (this.#told ?? '[]')) return
    this.#told = text
    try {
      this.#onChange?.(services)
      this.#trouble = undefined
    } catch (error) {
      // We are in the call of a socket or a timer, where an error would end the process. The next answer tells it again.
      this.#told = undefined
      this.#trouble = `printers on the network could not be listed: ${errorText(error)}`
    }
  }
}

/** For receipt printers the raw socket comes first, for page printers IPP. */
function rankOf({ type, service }: { type: ServiceType; service: FoundService }): number {
  const rank = serviceTypes.indexOf(type)
  const isPagePrinter = pageFormats.test(service.txt.pdl ?? '')
  return isPagePrinter && (type === 'ipp' || type === 'ipps') ? rank - serviceTypes.length : rank
}

/** undefined for an announcement without an address that can be connected to. */
export function describeService(
  type: ServiceType,
  service: Pick<Service, 'fqdn' | 'host' | 'port' | 'addresses' | 'referer' | 'txt'>,
): FoundService | undefined {
  const addresses = [...(service.addresses ?? []), service.referer?.address ?? ''].filter(
    (text) => text !== '',
  )
  const address = addresses.find((text) => /^\d+\.\d+\.\d+\.\d+$/.test(text))
  const port = type === 'printer' ? tcpPortDefault : service.port
  const txt = cleanTxt(service.txt)
  const url = address === undefined ? undefined : urlOf(type, address, port, txt.rp)
  if (url === undefined) return undefined
  // The library cuts an instance name at its first dot; the full name has all of it.
  const name = clean(service.fqdn.slice(0, service.fqdn.lastIndexOf(`._${type}.`)))
  const id = txt.uuid ?? txt.serial ?? txt.sn
  return {
    url,
    fingerprint: `mdns:${id ?? name}`,
    label: txt.ty ?? txt.product?.replace(/^\((.*)\)$/, '$1') ?? name,
    details: {
      name,
      ...(txt.usb_mfg === undefined ? {} : { maker: txt.usb_mfg }),
      ...(txt.usb_mdl === undefined ? {} : { model: txt.usb_mdl }),
    },
    name,
    host: clean(service.host),
    addresses: [...new Set(addresses)],
    port,
    txt,
  }
}

/** `rp` is the path of the queue, without the slash at its beginning (Bonjour Printing 1.2.1). */
function urlOf(type: ServiceType, address: string, port: number, rp = 'ipp/print'): string | undefined {
  const isIpp = type === 'ipp' || type === 'ipps'
  const url = isIpp ? `${type}://${address}:${port}/${rp.replace(/^\//, '')}` : `tcp://${address}:${port}`
  try {
    return parsePortUrl(url).url
  } catch {
    return undefined
  }
}

/** Keys without case, as RFC 6763 section 6.4 wants it; values that are empty say nothing. */
function cleanTxt(txt: unknown): Record<string, string> {
  const entries = Object.entries((txt ?? {}) as Record<string, unknown>)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '')
    .map(([key, value]) => [key.toLowerCase(), clean(value)] as const)
  return Object.fromEntries(entries.slice(0, 64))
}

/** Text from the network goes to screens and logs: no control characters, no novels. */
function clean(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, textCharsMax)
    .trim()
}
