/** The signed requests of ACME (RFC 8555, 6): a key of the account, a fresh nonce each time. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { HubError } from '../../../protocol/errors.ts'
import { failed } from '../failed.ts'
import { type AcmeAnswer, type AcmeLine, ask } from './acme-https.ts'
import { acmeLimits } from './acme-limits.ts'

export interface Directory {
  newNonce: string
  newAccount: string
  newOrder: string
}

const base64url = (data: string | Buffer): string => Buffer.from(data).toString('base64url')

export class AcmeAccount {
  readonly #line: AcmeLine
  readonly #key: KeyObject
  readonly #jwk: { crv: string; kty: string; x: string; y: string }
  #directory: Directory | undefined
  #nonce: string | undefined
  /** URL of the account, its name in all requests but the first. */
  #id: string | undefined

  /** `key`: PEM of a P-256 key. */
  constructor(line: AcmeLine, key: string) {
    this.#line = line
    this.#key = createPrivateKey(key)
    const { crv = '', kty = '', x = '', y = '' } = createPublicKey(this.#key).export({ format: 'jwk' })
    this.#jwk = { crv, kty, x, y }
  }

  /** What a TXT record has to say for a token (RFC 8555, 8.4). */
  recordOf(token: string): string {
    // RFC 7638: the members in the order of their names.
    const thumbprint = base64url(createHash('sha256').update(JSON.stringify(this.#jwk)).digest())
    return base64url(createHash('sha256').update(`${token}.${thumbprint}`).digest())
  }

  /** Asks for the directory and for the account, which is made when the authority does not know the key. */
  async open(directoryUrl: string, email: string | undefined): Promise<Directory> {
    const directory = parse<Directory>(
      refused(await ask(this.#line, { method: 'GET', url: directoryUrl }), this.#line.clock.now()),
    )
    if ([directory.newNonce, directory.newAccount, directory.newOrder].some((url) => typeof url !== 'string'))
      throw failed(`${directoryUrl} is no ACME directory`)
    this.#directory = directory
    const answer = await this.post(directory.newAccount, {
      termsOfServiceAgreed: true,
      ...(email === undefined ? {} : { contact: [`mailto:${email}`] }),
    })
    this.#id = headerOf(answer, 'location')
    if (this.#id === undefined) throw failed('the authority gave the account no address')
    return directory
  }

  /** A signed request; without content it only reads (POST-as-GET). Rejects with `certificate_failed`. */
  async post(url: string, content?: object): Promise<AcmeAnswer> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#post(url, content)
      } catch (error) {
        const again = error instanceof HubError && error.context.type === 'badNonce'
        if (!again || tries === acmeLimits.nonceTriesMax) throw error
      }
    }
  }

  async #post(url: string, content?: object): Promise<AcmeAnswer> {
    const nonce = this.#nonce ?? (await this.#newNonce())
    this.#nonce = undefined
    const who = this.#id === undefined ? { jwk: this.#jwk } : { kid: this.#id }
    const head = base64url(JSON.stringify({ alg: 'ES256', nonce, url, ...who }))
    const payload = content === undefined ? '' : base64url(JSON.stringify(content))
    const signature = sign('sha256', Buffer.from(`${head}.${payload}`), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    })
    const body = JSON.stringify({ protected: head, payload, signature: base64url(signature) })
    const answer = await ask(this.#line, { method: 'POST', url, body })
    this.#nonce = headerOf(answer, 'replay-nonce')
    return refused(answer, this.#line.clock.now())
  }

  async #newNonce(): Promise<string> {
    const url = this.#directory?.newNonce
    const answer = url === undefined ? undefined : await ask(this.#line, { method: 'HEAD', url })
    const nonce = answer && headerOf(answer, 'replay-nonce')
    if (nonce === undefined) throw failed('the authority gave no nonce')
    return nonce
  }
}

export function headerOf({ headers }: AcmeAnswer, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** How long the authority wants to be left alone (RFC 9110, 10.2.3), in ms, within reason; undefined when it did not say. */
export function retryAfterMs(answer: AcmeAnswer, now: number): number | undefined {
  const text = headerOf(answer, 'retry-after')
  if (text === undefined) return undefined
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), acmeLimits.retryMsMax)
}

export function parse<T>({ body }: AcmeAnswer): T {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null) return value as T
  } catch {
    // Said below, like everything else that is no object.
  }
  throw failed('an answer of the authority is not JSON')
}

/** Throws what the authority refuses, in its own words. */
function refused(answer: AcmeAnswer, now: number): AcmeAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer
  let problem: AcmeProblem = {}
  try {
    problem = (JSON.parse(answer.body) ?? {}) as AcmeProblem
  } catch {
    // A proxy in between answers in HTML.
  }
  const waitMs = retryAfterMs(answer, now)
  throw failed(problemText(problem, answer.status), {
    type: String(problem.type ?? '').replace('urn:ietf:params:acme:error:', ''),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  })
}

/** RFC 7807, as ACME uses it. */
export interface AcmeProblem {
  type?: string
  detail?: string
}

export function problemText({ type, detail }: AcmeProblem, status?: number): string {
  const what = detail ?? type ?? (status === undefined ? 'without a reason' : `HTTP ${status}`)
  return `the authority refused: ${what.replace(/\.$/, '')}`
}
