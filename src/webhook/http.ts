/** One HTTP request with a limit on its answer. Redirects are answers like others: nothing is followed. */
import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { errorText } from '../protocol/errors.ts'

export interface HttpAsk {
  method: 'GET' | 'POST'
  url: URL
  headers: Readonly<Record<string, string>>
  body?: string
  signal: AbortSignal
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** There was no whole answer; the reason is for a person. */
export interface NoAnswer {
  failed: string
}

export interface HttpLimits {
  answerBytesMax: number
  /** ms. */
  idleMs: number
}

/** Keeps one connection for the requests that come one after the other. */
export class HttpLine {
  readonly #limits: HttpLimits
  readonly #agents: { http: HttpAgent; https: HttpsAgent }

  /** `ca`: PEM with the root of a private authority; the usual roots when left out. */
  constructor(limits: HttpLimits, ca?: string) {
    this.#limits = limits
    const options = { keepAlive: true, maxSockets: 1, timeout: limits.idleMs }
    this.#agents = {
      http: new HttpAgent(options),
      https: new HttpsAgent({ ...options, ...(ca !== undefined && { ca }) }),
    }
  }

  /**
   * Never rejects. A kept connection that the other side has just closed is tried once more on a new one:
   * nothing of the request was answered, and asking again is safe by its key.
   */
  async ask(ask: HttpAsk): Promise<HttpAnswer | NoAnswer> {
    const first = await this.#once(ask)
    if (first !== 'stale') return first
    const second = await this.#once(ask)
    return second === 'stale' ? { failed: 'the connection was closed before the answer' } : second
  }

  close(): void {
    this.#agents.http.destroy()
    this.#agents.https.destroy()
  }

  #once({ method, url, headers, body, signal }: HttpAsk): Promise<HttpAnswer | NoAnswer | 'stale'> {
    const secure = url.protocol === 'https:'
    return new Promise((resolve) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method,
        signal,
        agent: secure ? this.#agents.https : this.#agents.http,
        headers: {
          'User-Agent': 'tillbridge',
          Accept: 'application/json',
          ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
          ...headers,
        },
      })
      let answered = false
      const giveUp = (reason: string) => {
        resolve({ failed: `${url.host}: ${reason}` })
        request.destroy()
      }
      request.once('error', (error: NodeJS.ErrnoException) => {
        const isStale = !answered && request.reusedSocket && error.code === 'ECONNRESET'
        if (isStale) resolve('stale')
        else resolve({ failed: `${url.host} cannot be reached: ${wordsOf(error)}` })
      })
      request.once('response', (response) => {
        answered = true
        const parts: Buffer[] = []
        let size = 0
        response.on('data', (part: Buffer) => {
          size += part.length
          if (size > this.#limits.answerBytesMax)
            giveUp(`the answer is larger than ${this.#limits.answerBytesMax} bytes`)
          else parts.push(part)
        })
        response.once('error', () => giveUp('the connection was cut in the middle of the answer'))
        response.once('end', () => {
          const { statusCode = 0, headers } = response
          resolve({ status: statusCode, headers, body: Buffer.concat(parts).toString('utf8') })
        })
      })
      request.end(body)
    })
  }
}

/** Trying several addresses of a name in vain is an error without a message of its own. */
const wordsOf = (error: NodeJS.ErrnoException): string => errorText(error) || (error.code ?? 'unknown reason')
