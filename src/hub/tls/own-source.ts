/** Certificates of a root that the box made for itself, which vouches for the names of this hub only. */
import { X509Certificate } from 'node:crypto'
import { copyFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText } from '../../protocol/errors.ts'
import { isoTime } from '../clock.ts'
import { privateRanges } from '../host-names.ts'
import { isFor, type KeyPair, notAfterOf, notBeforeOf, readKeyPair, renewalOf } from './certificate.ts'
import { makeCertificate } from './certificate-maker.ts'
import { type CertificateSource, type SourceTools, unsavedText } from './certificate-source.ts'
import { covers, type Permitted, permittedOf } from './der.ts'
import { asFailed, failed, reasonOf } from './failed.ts'
import { leafFile, rootFile } from './file-names.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { readSecret, secretFolder, writeSecret } from './secret-file.ts'
import { tlsLimits } from './tls-limits.ts'

export interface Root {
  certificate: X509Certificate
  permitted: Permitted
}

/** A file as it was found. */
type Found = { pair: KeyPair } | 'missing' | { damaged: string }

export class OwnSource implements CertificateSource {
  readonly #tools: SourceTools
  readonly #work = new OneAtATime()
  #root: Root | undefined
  #pair: KeyPair | undefined
  /** What happened to the root, until the next start. */
  #notice: string | undefined
  #failure: string | undefined
  #failures = 0
  #unsaved: string | undefined
  #cancelNext: (() => void) | undefined
  #cancelSettling: (() => void) | undefined
  #stopListening: (() => void) | undefined

  constructor(tools: SourceTools) {
    this.#tools = tools
  }

  get pair(): KeyPair | undefined {
    return this.#pair
  }

  get root(): Root | undefined {
    return this.#root
  }

  get renewsAt(): number | null {
    return this.#pair === undefined ? null : Math.floor(renewalOf(this.#pair.leaf))
  }

  get problem(): string | null {
    const clockWrong = this.#clockIsWrong
      ? `The clock of the box says ${isoTime(this.#tools.clock.now()).slice(0, 10)}: set it, or tills may refuse the certificate.`
      : undefined
    const problems = [this.#failure, this.#notice, this.#unsaved, clockWrong, this.#rootEnds()]
    return problems.find((problem) => problem !== undefined) ?? null
  }

  /** Names of the hub that the root may not vouch for. */
  uncovered(): string[] {
    const root = this.#root
    return root === undefined ? [] : this.#names().filter((name) => !covers(root.permitted, name))
  }

  async start(): Promise<void> {
    this.#stopListening = this.#tools.network.onChange(() => {
      this.#cancelSettling ??= this.#tools.clock.after(tlsLimits.settleMs, () => {
        this.#cancelSettling = undefined
        void this.#look()
      })
    })
    await this.#look()
  }

  async stop(): Promise<void> {
    this.#stopListening?.()
    this.#cancelSettling?.()
    this.#cancelNext?.()
    await this.#work.stop()
  }

  renew(): Promise<void> {
    return this.#run(async () => {
      const root = await this.#needRoot()
      this.#pair = await this.#newLeaf(root)
    }, true)
  }

  /** A new root with a new leaf; the old one stays as a dated file. */
  renewRoot(): Promise<void> {
    return this.#run(async () => {
      const { dir, clock, log } = this.#tools
      const old = join(dir, rootFile)
      const kept = `${old}.${isoTime(clock.now()).replace(/[:.]/g, '-')}`
      if ((await readSecret(old, () => {})) !== undefined) await copyFile(old, kept)
      this.#root = await this.#newRoot()
      this.#notice = undefined
      this.#pair = await this.#newLeaf(this.#root)
      log.warn({ kept }, 'a new root was made: every till has to install it')
    }, true)
  }

  #look(): Promise<void> {
    return this.#run(async () => {
      const root = await this.#needRoot()
      const found = this.#pair === undefined ? await this.#find(leafFile) : { pair: this.#pair }
      const reason = found === 'missing' ? 'there is none' : await this.#objection(found, root)
      if (reason === undefined && found !== 'missing' && 'pair' in found) {
        this.#pair = found.pair
        await this.#keep(found.pair)
        return
      }
      this.#tools.log.info({ reason }, 'the certificate is made anew')
      this.#pair = await this.#newLeaf(root)
    }, false)
  }

  /** One piece of work with what follows from its end. Rejects only when somebody waits for the outcome. */
  async #run(work: () => Promise<void>, asked: boolean): Promise<void> {
    try {
      await this.#work.do(work)
      this.#failure = undefined
      this.#failures = this.#unsaved === undefined ? 0 : this.#failures + 1
    } catch (error) {
      this.#failures++
      this.#failure = `The certificate could not be made: ${reasonOf(error)}.`
      this.#tools.log.error({ reason: reasonOf(error) }, 'the certificate could not be made')
      if (asked) throw asFailed(error)
    } finally {
      this.#lookLater()
      if (!this.#work.stopped) this.#tools.changed()
    }
  }

  #lookLater(): void {
    this.#cancelNext?.()
    if (this.#work.stopped) return
    const { retryMs } = tlsLimits
    const usualMs = this.#clockIsWrong ? tlsLimits.wrongClockCheckMs : tlsLimits.checkMs
    const due = (this.renewsAt ?? 0) - this.#tools.clock.now()
    // A leaf that ends with its root is due for ever.
    const untilDueMs = due > 0 ? due : usualMs
    const waitMs =
      this.#failures > 0
        ? (retryMs[Math.min(this.#failures, retryMs.length) - 1] ?? tlsLimits.checkMs)
        : Math.min(usualMs, untilDueMs)
    this.#cancelNext = this.#tools.clock.after(waitMs, () => void this.#look())
  }

  async #needRoot(): Promise<Root> {
    if (this.#root !== undefined) return this.#root
    await secretFolder(this.#tools.dir)
    const found = await this.#find(rootFile)
    if (found !== 'missing' && 'pair' in found) {
      const certificate = found.pair.leaf
      const permitted = permittedOf(certificate.raw)
      if (certificate.ca && permitted !== undefined) {
        this.#root = { certificate, permitted }
        return this.#root
      }
    }
    if (found !== 'missing') {
      const reason = 'damaged' in found ? found.damaged : 'it is no root with name constraints'
      const kept = await this.#putAside(rootFile)
      this.#notice = `The root of this hub was damaged (${reason}) and made anew; the old file is ${kept}. Every till has to install the new root.`
      this.#tools.log.error({ kept, reason }, 'the root was damaged and is made anew')
    }
    this.#root = await this.#newRoot()
    return this.#root
  }

  async #newRoot(): Promise<Root> {
    const { dir, clock, network, config } = this.#tools
    const { cert } = await makeCertificate(
      {
        make: 'root',
        dir,
        wish: {
          label: config.hub.name === 'Tillbridge' ? network.info().name : config.hub.name,
          permitted: { dns: network.names().dns, ranges: [...privateRanges] },
          nowMs: this.#now(),
        },
      },
      clock,
    )
    const certificate = new X509Certificate(cert as string)
    const permitted = permittedOf(certificate.raw)
    if (permitted === undefined) throw failed('it has no constraints')
    return { certificate, permitted }
  }

  async #newLeaf(root: Root): Promise<KeyPair> {
    const { dir, clock, network, log } = this.#tools
    const { dns, addresses } = network.names()
    const within = (name: string) => covers(root.permitted, name)
    const { cert, key, unsaved } = await makeCertificate(
      {
        make: 'leaf',
        dir,
        wish: {
          label: network.info().name,
          dns: dns.filter(within),
          addresses: addresses.filter(within),
          nowMs: this.#now(),
        },
      },
      clock,
    )
    this.#unsaved = unsaved === undefined ? undefined : unsavedText(unsaved)
    if (unsaved !== undefined) log.warn({ reason: unsaved }, 'the certificate could not be kept')
    const pair = readKeyPair(cert as string, key as string)
    if (!isSignedBy(pair.leaf, root)) {
      this.#root = undefined
      throw failed('the file of the root is not the one that was read')
    }
    return pair
  }

  /** Writes again what is in memory only; a disk that was full has room some day. */
  async #keep({ key, cert }: KeyPair): Promise<void> {
    if (this.#unsaved === undefined) return
    try {
      await writeSecret(join(this.#tools.dir, leafFile), key + cert)
      this.#unsaved = undefined
    } catch (error) {
      this.#unsaved = unsavedText(errorText(error))
    }
  }

  /** Why a leaf has to be made anew; undefined when it is good. */
  async #objection(found: Exclude<Found, 'missing'>, root: Root): Promise<string | undefined> {
    if ('damaged' in found) {
      await this.#putAside(leafFile)
      return found.damaged
    }
    const { leaf } = found.pair
    if (!isSignedBy(leaf, root)) return 'another root signed it'
    const missing = this.#names().filter((name) => covers(root.permitted, name) && !isFor(leaf, name))
    if (missing.length > 0) return `it is not for ${missing.join(', ')}`
    // A clock that is wrong says nothing about a certificate.
    if (this.#clockIsWrong) return undefined
    if (notBeforeOf(leaf) > this.#tools.clock.now()) return 'it is not valid yet'
    if (renewalOf(leaf) <= this.#tools.clock.now() && notAfterOf(leaf) < notAfterOf(root.certificate))
      return 'it is due'
    return undefined
  }

  async #find(name: string): Promise<Found> {
    const file = join(this.#tools.dir, name)
    const text = await readSecret(file, () =>
      this.#tools.log.warn({ file }, 'others could read this key; its file is closed to them now'),
    )
    if (text === undefined) return 'missing'
    try {
      return { pair: readKeyPair(text, text) }
    } catch (error) {
      return { damaged: reasonOf(error) }
    }
  }

  async #putAside(name: string): Promise<string> {
    const file = join(this.#tools.dir, name)
    const kept = `${file}.bad-${isoTime(this.#tools.clock.now()).replace(/[:.]/g, '-')}`
    await rename(file, kept)
    return kept
  }

  #rootEnds(): string | undefined {
    const end = this.#root && notAfterOf(this.#root.certificate)
    if (end === undefined || end - this.#now() > tlsLimits.rootWarnMs) return undefined
    return `The root of this hub ends on ${isoTime(end).slice(0, 10)}: make a new one and install it on every till.`
  }

  #names(): string[] {
    const { dns, addresses } = this.#tools.network.names()
    return [...dns, ...addresses]
  }

  get #clockIsWrong(): boolean {
    return this.#tools.clock.now() < tlsLimits.earliestMs
  }

  #now(): number {
    return Math.max(this.#tools.clock.now(), tlsLimits.earliestMs)
  }
}

const isSignedBy = (leaf: X509Certificate, root: Root): boolean =>
  leaf.checkIssued(root.certificate) && leaf.verify(root.certificate.publicKey)
