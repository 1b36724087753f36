/** The certificate of the hub: which way it is had, when it is made anew, and what is wrong with it. */
import { HubError } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import type { Tls, TlsMaterial } from '../api.ts'
import type { Clock } from '../clock.ts'
import { isoTime } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Health } from '../health.ts'
import type { Log } from '../log.ts'
import type { HubNetwork } from '../network.ts'
import { factsOf } from './certificate.ts'
import type { CertificateSource } from './certificate-source.ts'
import { failed } from './failed.ts'
import { OwnSource } from './own-source.ts'
import { tlsLimits } from './tls-limits.ts'

export interface TlsTools {
  config: Pick<Config, 'hub' | 'https' | 'tls' | 'network'>
  /** Folder of keys and certificates. */
  dir: string
  network: HubNetwork
  health: Health
  clock: Clock
  log: Log
}

export class HubTls implements Tls {
  readonly name = 'tls'
  readonly #tools: TlsTools
  readonly #listeners = new Set<(material: TlsMaterial) => void>()
  #source: CertificateSource | undefined
  #own: OwnSource | undefined
  #material: TlsMaterial | undefined
  #stopped = false

  constructor(tools: TlsTools) {
    this.#tools = tools
  }

  get mode(): 'own' | 'files' | 'acme' {
    return this.#tools.config.tls.mode
  }

  /**
   * Settles when there is a certificate, or when it is known that there is none, but waits no longer than `startMsMax`: what
   * comes later is told. Never rejects: health tells.
   */
  async start(): Promise<void> {
    const { config, clock, health } = this.#tools
    if (!config.https.enabled) return
    const source = await this.#makeSource()
    if (this.#stopped) return
    this.#source = source
    const started = source.start().then(() => this.#changed())
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const cancel = clock.after(tlsLimits.startMsMax, () => {
      health.report('tls', 'The certificate is still being made; https comes when it is there.')
      resolve()
    })
    await Promise.race([started, late])
    cancel()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#listeners.clear()
    await this.#source?.stop()
  }

  current(): TlsMaterial | undefined {
    return this.#material
  }

  onChange(listener: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  root(): { pem: string; der: Buffer; name: string } | undefined {
    const certificate = this.#own?.root?.certificate
    if (certificate === undefined) return undefined
    const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? 'Tillbridge'
    return { pem: certificate.toString(), der: certificate.raw, name }
  }

  info(): Result<'tls.info'> {
    const source = this.#source
    const root = this.#own?.root
    return {
      mode: this.mode,
      leaf: source?.pair === undefined ? null : factsOf(source.pair.leaf),
      root:
        root === undefined
          ? null
          : {
              ...factsOf(root.certificate),
              permitted: [
                ...root.permitted.dns,
                ...root.permitted.ranges.map(({ address, prefix }) => `${address}/${prefix}`),
              ],
            },
      uncovered: this.#own?.uncovered() ?? [],
      renewsAt: source?.renewsAt == null ? null : isoTime(source.renewsAt),
      problem: source?.problem ?? null,
    }
  }

  /** Throws `certificate_failed`; what was shown before stays. */
  async renew(): Promise<void> {
    if (this.#source === undefined) throw failed('https is switched off')
    await this.#source.renew()
  }

  /** Throws `tls_mode` unless the mode is `own`, and `certificate_failed`. */
  async renewRoot(): Promise<void> {
    if (this.mode !== 'own') throw new HubError('tls_mode', { mode: this.mode, wanted: 'own' })
    if (this.#own === undefined) throw failed('https is switched off')
    await this.#own.renewRoot()
  }

  /** The ways that few boxes take are loaded when they are taken: the memory of a small box is dear. */
  async #makeSource(): Promise<CertificateSource> {
    const tools = { ...this.#tools, changed: () => this.#changed() }
    switch (this.mode) {
      case 'own':
        this.#own = new OwnSource(tools)
        return this.#own
      case 'files':
        return new (await import('./files-source.ts')).FilesSource(tools)
      case 'acme':
        return new (await import('./acme/acme-source.ts')).AcmeSource(tools)
    }
  }

  #changed(): void {
    const { health } = this.#tools
    const source = this.#source
    if (source === undefined) return
    if (source.problem === null) health.mended('tls')
    else health.report('tls', source.problem)
    const { pair } = source
    if (pair === undefined || pair.cert === this.#material?.cert) return
    const material = { cert: pair.cert, key: pair.key }
    this.#material = material
    for (const listener of [...this.#listeners]) listener(material)
  }
}
