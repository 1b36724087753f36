/** Names and addresses of the box: what it is called, where it listens, which Host headers are its own. */
import { hostname, networkInterfaces } from 'node:os'
import type { Result } from '../protocol/methods.ts'
import { AddressWatch } from './address-watch.ts'
import type { Network } from './api.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import {
  hostOf,
  inUrl,
  isCertified,
  isLoopback,
  isPrivateAddress,
  isServed,
  plainAddress,
  safeName,
} from './host-names.ts'
import type { Log } from './log.ts'

export const networkLimits = {
  /** Addresses of the box that are counted: one with many containers has hundreds. */
  addressesMax: 64,
} as const

export interface NetworkTools {
  config: Pick<Config, 'network' | 'tls' | 'access'>
  clock: Clock
  log: Log
  /** What the system calls the box, and its addresses; from the system when left out. */
  hostname?: () => string
  interfaces?: typeof networkInterfaces
}

export interface OwnAddress {
  address: string
  interface: string
}

interface Listening {
  bind: string
  http: number
  https: number | null
}

/** Bridges and tunnels, whose addresses nobody in the shop can use. */
const inner = /^(docker|br-|veth|virbr|cni|flannel|podman|lxc|tun|tap|wg|tailscale|zt)/

export class HubNetwork implements Network {
  readonly name = 'network'
  readonly #tools: NetworkTools
  readonly #listeners = new Set<() => void>()
  readonly #watch: AddressWatch
  /** Names without addresses, the best first. */
  #names: readonly string[] = []
  #boxName = ''
  #addresses: readonly OwnAddress[] = []
  #listening: Listening = { bind: '127.0.0.1', http: 0, https: null }
  #started = false

  constructor(tools: NetworkTools) {
    this.#tools = tools
    this.#watch = new AddressWatch({ ...tools, changed: () => this.#look() })
  }

  start(): void {
    this.#boxName = this.#tools.config.network.name ?? safeName((this.#tools.hostname ?? hostname)())
    this.#names = [...new Set([...this.#configured, `${this.#boxName}.local`, this.#boxName, 'localhost'])]
    this.#addresses = this.#read()
    this.#started = true
    this.#watchIfOpen()
  }

  stop(): void {
    this.#started = false
    this.#watch.stop()
    this.#listeners.clear()
  }

  /**
   * Names for a certificate: `NAME.local`, `localhost`, configured names, addresses. Public IPv6 addresses are left out:
   * systems change them daily, and nobody types one.
   */
  names(): { dns: string[]; addresses: string[] } {
    const dns = this.#names.filter((name) => plainAddress(name) === undefined)
    const configured = this.#names.filter((name) => plainAddress(name) !== undefined)
    const listed = this.#served().map(({ address }) => address)
    const own = listed.filter(isCertified)
    return { dns, addresses: [...new Set([...configured, ...own, '127.0.0.1', '::1'])] }
  }

  /** Called when names or addresses have changed. Answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  isOwnHost(host: string): boolean {
    const asked = hostOf(host)
    if (asked === undefined) return false
    return (
      this.#names.includes(asked) ||
      isLoopback(asked) ||
      this.#addresses.some(({ address }) => address === asked)
    )
  }

  carriesSecrets({ encrypted, source }: { encrypted: boolean; source: string }): boolean {
    return encrypted || isLoopback(source) || this.#tools.config.access.tokensOver === 'any'
  }

  secureUrl(host: string): string | null {
    const { https } = this.#listening
    if (https === null) return null
    const asked = this.isOwnHost(host) ? hostOf(host) : undefined
    return urlOf('https', asked ?? this.#hosts()[0] ?? 'localhost', https)
  }

  listening(ports: Listening): void {
    const before = JSON.stringify(this.#listening)
    this.#listening = { ...ports }
    if (before === JSON.stringify(ports)) return
    this.#watchIfOpen()
    this.#tell()
  }

  /** The best address to type into a browser of another machine, or of this one when the hub listens here only. */
  url(): string {
    return this.#urls()[0] ?? 'http://localhost'
  }

  info(): Result<'network.info'> {
    const { http, https } = this.#listening
    return {
      name: this.#boxName,
      hosts: [...new Set([...this.#names, '127.0.0.1', '::1', ...this.#addresses.map((own) => own.address)])],
      addresses: this.#served().map((own) => ({ ...own })),
      reachable: this.#reachable(),
      urls: this.#urls(),
      httpPort: http,
      httpsPort: https,
      tokensOver: this.#tools.config.access.tokensOver,
    }
  }

  /** Names and addresses that the configuration gives, the best first. */
  get #configured(): string[] {
    const { network, tls } = this.#tools.config
    return [...(tls.mode === 'acme' ? tls.acme.names : []), ...network.hosts]
  }

  #reachable(): boolean {
    const { bind } = this.#listening
    return bind !== 'localhost' && !isLoopback(bind)
  }

  /** The addresses under which the doors can be reached: without loopback, unless there is nothing else. */
  #served(): OwnAddress[] {
    const { bind } = this.#listening
    if (!this.#reachable()) return [{ address: plainAddress(bind) ?? '127.0.0.1', interface: 'lo' }]
    return this.#addresses.filter(({ address }) => !isLoopback(address) && isServed(address, bind))
  }

  /**
   * Hosts to type, the best first. A name of the shop's own DNS was configured to be used; next an address, which
   * every system can reach; `NAME.local` needs one that asks by multicast.
   */
  #hosts(): string[] {
    if (!this.#reachable()) return ['localhost']
    const addresses = this.#served().map(({ address }) => address)
    const typed = addresses.filter((address) => !address.includes(':'))
    return [...new Set([...this.#configured, ...typed, `${this.#boxName}.local`])]
  }

  #urls(): string[] {
    const { http, https } = this.#listening
    const plain = (host: string) => urlOf('http', host, http)
    if (https === null) return this.#hosts().map(plain)
    const secure = this.#hosts().map((host) => urlOf('https', host, https))
    const plainFirst = !this.#reachable() || this.#tools.config.access.tokensOver === 'any'
    return plainFirst ? [...this.#hosts().map(plain), ...secure] : secure
  }

  /** Whoever can be reached on this box only has no address that could change. */
  #watchIfOpen(): void {
    if (this.#started && this.#reachable()) this.#watch.start()
    else this.#watch.stop()
  }

  #look(): void {
    const now = this.#read()
    if (JSON.stringify(now) === JSON.stringify(this.#addresses)) return
    this.#addresses = now
    this.#tools.log.info({ addresses: now.map(({ address }) => address) }, 'the addresses of the box changed')
    this.#tell()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Private ones of real interfaces first, in the order of the system. */
  #read(): OwnAddress[] {
    const found: OwnAddress[] = []
    for (const [name, entries] of Object.entries((this.#tools.interfaces ?? networkInterfaces)())) {
      for (const entry of entries ?? []) {
        const address = plainAddress(entry.address)
        if (address !== undefined) found.push({ address, interface: name })
      }
    }
    const rank = (own: OwnAddress) =>
      (inner.test(own.interface) ? 4 : 0) +
      (isPrivateAddress(own.address) ? 0 : 2) +
      (own.address.includes(':') ? 1 : 0)
    return found.sort((a, b) => rank(a) - rank(b)).slice(0, networkLimits.addressesMax)
  }
}

function urlOf(scheme: 'http' | 'https', host: string, port: number): string {
  const usual = port === (scheme === 'http' ? 80 : 443)
  return `${scheme}://${inUrl(host)}${usual ? '' : `:${port}`}`
}
