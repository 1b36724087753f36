/** A certificate from a public authority, kept new; the hub's own stands in while there is none. */
import { generateKeyPair } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { errorText } from '../../../protocol/errors.ts'
import { isoTime } from '../../clock.ts'
import { isFor, type KeyPair, notAfterOf, readKeyPair, renewalOf } from '../certificate.ts'
import { makeCertificate } from '../certificate-maker.ts'
import { type CertificateSource, type SourceTools, unsavedText } from '../certificate-source.ts'
import { asFailed, failed } from '../failed.ts'
import { acmeAccountFile, acmeFile } from '../file-names.ts'
import { OneAtATime } from '../one-at-a-time.ts'
import { OwnSource } from '../own-source.ts'
import { readSecret, readText, secretFolder, writeSecret } from '../secret-file.ts'
import { runHook } from './acme-hook.ts'
import { acmeLimits } from './acme-limits.ts'
import { orderCertificate } from './acme-order.ts'

export class AcmeSource implements CertificateSource {
  readonly #tools: SourceTools
  readonly #own: OwnSource
  readonly #work = new OneAtATime()
  readonly #abort = new AbortController()
  #public: KeyPair | undefined
  #failure: string | undefined
  #unsaved: string | undefined
  #failures = 0
  #nextTryAt: number | undefined
  /** Until then the authority wants to be left alone, whoever asks. */
  #quietUntil = 0
  #getting: Promise<void> | undefined
  #cancelNext: (() => void) | undefined
  #ownStarted: Promise<void> | undefined

  constructor(tools: SourceTools) {
    this.#tools = tools
    this.#own = new OwnSource(tools)
  }

  get pair(): KeyPair | undefined {
    return this.#usable() ?? this.#own.pair
  }

  get renewsAt(): number | null {
    return this.#public === undefined ? (this.#nextTryAt ?? null) : this.#due(this.#public)
  }

  get problem(): string | null {
    const why = this.#failure === undefined ? '' : ` ${this.#failure}`
    if (this.#usable() === undefined) {
      const shown = this.#own.pair === undefined ? this.#own.problem : "One of the hub's own is shown."
      return `There is no certificate of the public authority. ${shown ?? ''}${why}`
    }
    return this.#failure ?? this.#unsaved ?? null
  }

  /** What is on the disk at once; the authority is asked afterwards, for it may be far away for long. */
  async start(): Promise<void> {
    try {
      await secretFolder(this.#tools.dir)
      const text = await readSecret(join(this.#tools.dir, acmeFile), () =>
        this.#tools.log.warn({}, 'others could read the key of the certificate; it is closed to them now'),
      )
      if (text !== undefined) this.#public = readKeyPair(text, text)
    } catch (error) {
      this.#tools.log.warn({ reason: errorText(error) }, 'the kept certificate cannot be used')
    }
    await this.#standIn()
    this.#look()
  }

  async stop(): Promise<void> {
    this.#cancelNext?.()
    this.#abort.abort()
    await this.#work.stop()
    await this.#own.stop()
  }

  async renew(): Promise<void> {
    if (this.#quietUntil > this.#tools.clock.now())
      throw failed(`the authority wants to be asked again only after ${isoTime(this.#quietUntil)}`)
    await this.#get()
  }

  /** Asks the authority when it is time, and comes back. */
  #look(): void {
    this.#cancelNext?.()
    if (this.#work.stopped) return
    const now = this.#tools.clock.now()
    const due = this.#public === undefined ? now : this.#due(this.#public)
    if ((this.#nextTryAt ?? 0) > now + acmeLimits.retryMsMax) {
      // The clock was ahead and is set back: what was reckoned by it is void.
      this.#nextTryAt = undefined
      this.#quietUntil = 0
    }
    const at = Math.max(due, this.#nextTryAt ?? 0)
    if (at <= now) {
      void this.#get().catch(() => {})
      return
    }
    const usualMs = this.#unsaved === undefined ? acmeLimits.checkMs : acmeLimits.keepRetryMs
    this.#cancelNext = this.#tools.clock.after(Math.min(at - now, usualMs), () => void this.#wake())
  }

  async #wake(): Promise<void> {
    await this.#standIn()
    await this.#work.do(async () => {
      if (this.#unsaved !== undefined && this.#public !== undefined) await this.#keep(this.#public)
    })
    if (!this.#work.stopped) this.#tools.changed()
    this.#look()
  }

  /** One order at a time: whoever asks meanwhile gets the same. */
  #get(): Promise<void> {
    this.#getting ??= this.#getNow().finally(() => {
      this.#getting = undefined
      this.#look()
    })
    return this.#getting
  }

  async #getNow(): Promise<void> {
    this.#cancelNext?.()
    try {
      await this.#work.do(() => this.#order())
      this.#failure = undefined
      this.#failures = 0
      this.#nextTryAt = undefined
    } catch (error) {
      const known = asFailed(error)
      const reason = String(known.context.reason)
      this.#failures++
      const { retryMs } = acmeLimits
      const usualMs = retryMs[Math.min(this.#failures, retryMs.length) - 1] ?? acmeLimits.checkMs
      const askedMs = Number(known.context.retryAfterMs ?? 0)
      this.#quietUntil = this.#tools.clock.now() + askedMs
      this.#nextTryAt = this.#tools.clock.now() + Math.max(usualMs, askedMs)
      this.#failure = `The last try failed: ${reason}; the next is at ${isoTime(this.#nextTryAt)}.`
      this.#tools.log.error(
        { reason, nextTryAt: isoTime(this.#nextTryAt) },
        'no certificate from the authority',
      )
      throw known
    } finally {
      await this.#standIn()
      if (!this.#work.stopped) this.#tools.changed()
    }
  }

  async #order(): Promise<void> {
    const { clock, log, config } = this.#tools
    const { directory, email, names, hook, propagationMs, root } = config.tls.acme
    if (names.length === 0 || hook === undefined)
      throw failed('tls.acme.names and tls.acme.hook are not both set')
    const { signal } = this.#abort
    const hookTools = { program: hook, clock, log, signal }
    let key = ''
    const chain = await orderCertificate({
      line: { clock, signal, ca: root === undefined ? undefined : await rootText(root) },
      directory,
      email,
      names,
      propagationMs,
      accountKey: await this.#accountKey(),
      setRecord: (name, value) => runHook(hookTools, 'set', name, value),
      clearRecord: (name, value) => runHook(hookTools, 'clear', name, value),
      request: async () => {
        const made = await makeCertificate({ make: 'request', names }, clock)
        key = made.key ?? ''
        return made.request ?? ''
      },
    })
    const pair = readKeyPair(chain, key)
    const missing = names.filter((name) => !isFor(pair.leaf, name))
    if (missing.length > 0) throw failed(`the certificate is not for ${missing.join(', ')}`)
    this.#public = pair
    log.info({ names, until: pair.leaf.validTo }, 'the authority gave a certificate')
    await this.#keep(pair)
  }

  /** Not kept is no reason to order again, for authorities count; it is tried again alone. */
  async #keep({ key, cert }: KeyPair): Promise<void> {
    try {
      await writeSecret(join(this.#tools.dir, acmeFile), key + cert)
      this.#unsaved = undefined
    } catch (error) {
      this.#unsaved = unsavedText(errorText(error))
      this.#tools.log.warn({ reason: errorText(error) }, 'the certificate could not be kept')
    }
  }

  /** The hub's own is made only when it has to be shown. */
  async #standIn(): Promise<void> {
    if (this.#usable() !== undefined || this.#work.stopped) return
    this.#ownStarted ??= this.#own.start()
    await this.#ownStarted
  }

  async #accountKey(): Promise<string> {
    const file = join(this.#tools.dir, acmeAccountFile)
    const known = await readSecret(file, () => {})
    if (known !== undefined) return known
    const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
    const made = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await writeSecret(file, made)
    return made
  }

  #usable(): KeyPair | undefined {
    const pair = this.#public
    return pair !== undefined && notAfterOf(pair.leaf) > this.#tools.clock.now() ? pair : undefined
  }

  /** At once when the configuration wants other names than the certificate has. */
  #due(pair: KeyPair): number {
    const { names } = this.#tools.config.tls.acme
    return names.every((name) => isFor(pair.leaf, name)) ? Math.floor(renewalOf(pair.leaf)) : 0
  }
}

async function rootText(file: string): Promise<string> {
  const text = await readText(file)
  if (text === undefined) throw failed(`there is no file ${file}`)
  return text
}
