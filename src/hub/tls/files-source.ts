/** A certificate that somebody else puts into files and keeps new there. */
import { type FSWatcher, watch } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorText } from '../../protocol/errors.ts'
import { isoTime } from '../clock.ts'
import { isFor, type KeyPair, notAfterOf, notBeforeOf, readKeyPair } from './certificate.ts'
import type { CertificateSource, SourceTools } from './certificate-source.ts'
import { asFailed, failed } from './failed.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { readText } from './secret-file.ts'
import { tlsLimits } from './tls-limits.ts'

export class FilesSource implements CertificateSource {
  readonly renewsAt = null
  readonly #tools: SourceTools
  readonly #work = new OneAtATime()
  readonly #watchers = new Map<string, FSWatcher>()
  #pair: KeyPair | undefined
  #failure: string | undefined
  #cancelNext: (() => void) | undefined
  #cancelSettling: (() => void) | undefined

  constructor(tools: SourceTools) {
    this.#tools = tools
  }

  get pair(): KeyPair | undefined {
    return this.#pair
  }

  get problem(): string | null {
    const shown = this.#pair === undefined ? undefined : this.#objection(this.#pair)
    return this.#failure ?? shown ?? null
  }

  async start(): Promise<void> {
    await this.#read().catch(() => {})
  }

  async stop(): Promise<void> {
    this.#cancelNext?.()
    this.#cancelSettling?.()
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
    await this.#work.stop()
  }

  renew(): Promise<void> {
    return this.#read()
  }

  async #read(): Promise<void> {
    try {
      await this.#work.do(async () => {
        const { cert, key } = this.#tools.config.tls
        if (cert === undefined || key === undefined) throw failed('tls.cert and tls.key are not both set')
        await this.#watch([cert, key])
        const pair = readKeyPair(await needText(cert), await needText(key))
        if (pair.cert !== this.#pair?.cert)
          this.#tools.log.info({ file: cert, until: pair.leaf.validTo }, 'the certificate was read')
        this.#pair = pair
      })
      this.#failure = undefined
    } catch (error) {
      const known = asFailed(error)
      const reason = String(known.context.reason)
      const still = this.#pair === undefined ? 'https is not served' : 'the one before is still in use'
      this.#failure = `The certificate files cannot be used: ${reason}; ${still}.`
      this.#tools.log.error({ reason }, 'the certificate files cannot be used')
      throw known
    } finally {
      this.#readLater()
      if (!this.#work.stopped) this.#tools.changed()
    }
  }

  /** Not every file system tells of changes, and time alone ends a certificate. */
  #readLater(): void {
    this.#cancelNext?.()
    if (this.#work.stopped) return
    const waitMs = this.#failure === undefined ? tlsLimits.checkMs : tlsLimits.filesRetryMs
    this.#cancelNext = this.#tools.clock.after(waitMs, () => void this.#read().catch(() => {}))
  }

  /** The folders, not the files: whoever renews puts another file in the place of the old, or of a link to it. */
  async #watch(files: readonly string[]): Promise<void> {
    for (const file of files) {
      const real = await realpath(file).catch(() => file)
      for (const folder of new Set([dirname(file), dirname(real)])) this.#watchFolder(folder)
    }
  }

  #watchFolder(folder: string): void {
    if (this.#watchers.has(folder) || this.#work.stopped) return
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle())
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.delete(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch (error) {
      this.#tools.log.warn({ folder, reason: errorText(error) }, 'the folder cannot be watched')
    }
  }

  #settle(): void {
    this.#cancelSettling ??= this.#tools.clock.after(tlsLimits.filesSettleMs, () => {
      this.#cancelSettling = undefined
      void this.#read().catch(() => {})
    })
  }

  #objection({ leaf }: KeyPair): string | undefined {
    const now = this.#tools.clock.now()
    if (notAfterOf(leaf) <= now) return `The certificate ended on ${isoTime(notAfterOf(leaf)).slice(0, 10)}.`
    if (notBeforeOf(leaf) > now)
      return `The certificate is valid only from ${isoTime(notBeforeOf(leaf)).slice(0, 10)}, or the clock of the box is wrong.`
    // Names of the box itself are not asked for: no public certificate can have them.
    const missing = this.#tools.config.network.hosts.filter((name) => !isFor(leaf, name))
    return missing.length === 0 ? undefined : `The certificate is not for ${missing.join(', ')}.`
  }
}

async function needText(file: string): Promise<string> {
  const text = await readText(file)
  if (text === undefined) throw failed(`there is no file ${file}`)
  return text
}
