/** One HTTPS request to an authority, with limits on time and size. */
import { request as httpsRequest } from 'node:https'
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { Clock } from '../../clock.ts'
import { failed } from '../failed.ts'
import { acmeLimits } from './acme-limits.ts'

export interface AcmeAnswer {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
}

export interface AcmeRequest {
  method: 'GET' | 'HEAD' | 'POST'
  url: string
  body?: string
}

export interface AcmeLine {
  clock: Clock
  /** PEM with the root of a private authority; the usual roots when left out. */
  ca?: string | undefined
  /** Ends the talk when the hub stops. */
  signal: AbortSignal
}

/** Rejects with `certificate_failed` when there is no answer. */
export function ask(
  { clock, ca, signal }: AcmeLine,
  { method, url, body }: AcmeRequest,
): Promise<AcmeAnswer> {
  const where = new URL(url)
  if (where.protocol !== 'https:')
    return Promise.reject(failed(`the authority is spoken to over https only, not at ${url}`))
  return new Promise((resolve, reject) => {
    const request = httpsRequest(where, {
      method,
      signal,
      agent: false,
      ...(ca === undefined ? {} : { ca }),
      headers: {
        // RFC 8555, 6.1: a client says who it is.
        'User-Agent': 'tillbridge',
        Connection: 'close',
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/jose+json', 'Content-Length': Buffer.byteLength(body) }),
      },
    })
    const cancel = clock.after(acmeLimits.requestMsMax, () =>
      request.destroy(failed(`no answer within ${acmeLimits.requestMsMax} ms`)),
    )
    const giveUp = (error: unknown) => {
      cancel()
      reject(
        error instanceof HubError
          ? error
          : failed(`${where.host} cannot be reached: ${errorText(error)}`, {}, error),
      )
    }
    request.once('error', giveUp)
    request.once('response', (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size > acmeLimits.answerBytesMax)
          request.destroy(
            failed(`an answer of ${where.host} is larger than ${acmeLimits.answerBytesMax} bytes`),
          )
        else parts.push(part)
      })
      response.once('error', giveUp)
      response.once('end', () => {
        cancel()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        })
      })
    })
    request.end(body)
  })
}
