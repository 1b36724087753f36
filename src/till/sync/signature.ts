/** The signature of a webhook: HMAC-SHA256 over time and body, so that neither can be changed nor used again much later. */
import { createHmac } from 'node:crypto'

/** `t=<seconds since 1970>,v1=<hex of HMAC-SHA256(secret, "<t>.<body>")>`. `now` in ms since 1970. */
export function signatureOf(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
