/** The signature of a webhook: HMAC-SHA256 over time and body, so that neither can be changed nor used again much later. */
import { createHmac } from 'node:crypto'
import { HubError } from '../protocol/errors.ts'

/** Of the secret, in bytes. */
export const secretBytesMin = 16

interface Signing {
  secret: string
  /** Who is calling. */
  hub: string
  /** ms since 1970. */
  now: number
  /** Where in the configuration the secret is named, for people. */
  place: { file: string; path: string }
}

/** What a request brings so that it can be believed. Throws `config_invalid` for a secret that is too short. */
export function signedHeaders(body: string, { hub, now, place, secret }: Signing): Record<string, string> {
  if (Buffer.byteLength(secret) < secretBytesMin)
    throw new HubError('config_invalid', { ...place, reason: `is shorter than ${secretBytesMin} bytes` })
  return { 'X-Tillbridge-Signature': signatureOf(secret, body, now), 'X-Tillbridge-Hub': hub }
}

/** `t=<seconds since 1970>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`. `now` in ms since 1970. */
export function signatureOf(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
