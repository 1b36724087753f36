/** Connector `webhook`: every item as signed JSON to an address of the shop's own. Rules: docs/till-upstreams.md. */
import { webhookUrl } from '../../webhook/address.ts'
import { refusalOf, refusesItem, retryAfterMs } from '../../webhook/answers.ts'
import { HttpLine } from '../../webhook/http.ts'
import { signedHeaders } from '../../webhook/signature.ts'
import type { Connector, Looked, Outcome, UpstreamItem } from './upstream.ts'
import { readFigures, readRemote } from './webhook-answers.ts'
import { webhookLimits } from './webhook-limits.ts'

export interface WebhookSettings {
  name: string
  url: string
  /** With `{kind}`, `{id}` and `{remote}` in it; absent: nothing is read back. */
  readBackUrl?: string
  /** PEM with the root of a private authority. */
  ca?: string
  /** Asked for each request, so that a new secret counts at once. */
  secret(): Promise<string>
}

interface WebhookTools {
  hub: string
  clock: { now(): number }
}

/** Known already: what was sent arrived the time before. */
const known = 409

/** Throws `config_invalid` for an address that may not be used. */
export function webhookConnector(settings: WebhookSettings, { hub, clock }: WebhookTools): Connector {
  const { name, readBackUrl, ca } = settings
  const place = (setting: string) => ({ file: 'till.upstreams', path: `${name}.${setting}` })
  const url = webhookUrl(settings.url, place('url'))
  if (readBackUrl !== undefined) webhookUrl(readBackUrl.replace(/\{\w+\}/g, 'x'), place('readBackUrl'))
  const line = new HttpLine(webhookLimits, ca)

  const signed = async (body: string): Promise<Record<string, string>> =>
    signedHeaders(body, { secret: await settings.secret(), hub, now: clock.now(), place: place('secret') })

  const send = async (item: UpstreamItem, signal: AbortSignal): Promise<Outcome> => {
    const body = bodyOf(item)
    const headers = {
      ...(await signed(body)),
      'Content-Type': 'application/json',
      'Idempotency-Key': item.key,
    }
    const answer = await line.ask({ method: 'POST', url, headers, body, signal })
    if ('failed' in answer) return { state: 'troubled', reason: answer.failed }
    const { status } = answer
    if ((status >= 200 && status < 300) || status === known) return { state: 'taken', ...readRemote(answer) }
    const reason = refusalOf(answer)
    if (refusesItem(status)) return { state: 'refused', reason }
    return { state: 'troubled', reason, waitMs: retryAfterMs(answer, clock.now()) }
  }

  const readBack = async (
    { kind, id }: UpstreamItem,
    remote: string | null,
    signal: AbortSignal,
  ): Promise<Looked> => {
    const fields: Readonly<Record<string, string>> = { kind, id, remote: remote ?? '' }
    const address = readBackUrl?.replace(/\{(\w+)\}/g, (_, field: string) =>
      encodeURIComponent(fields[field] ?? ''),
    )
    const answer = await line.ask({
      method: 'GET',
      url: new URL(address ?? ''),
      headers: await signed(''),
      signal,
    })
    if ('failed' in answer) return { state: 'troubled', reason: answer.failed }
    if (answer.status === 404) return { state: 'missing' }
    if (answer.status !== 200) return { state: 'troubled', reason: refusalOf(answer) }
    return { state: 'there', figures: readFigures(answer) }
  }

  return {
    name,
    kind: 'webhook',
    send,
    ...(readBackUrl !== undefined && { readBack }),
    close: () => line.close(),
  }
}

/** What is sent; docs/till-upstreams.md has an example. */
function bodyOf({ kind, id, seq, at, key, body, needs }: UpstreamItem): string {
  return JSON.stringify({ kind, id, seq, at: new Date(at).toISOString(), key, needs, body })
}
