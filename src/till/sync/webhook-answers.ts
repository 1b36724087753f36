/** What the answers of a webhook mean. Nothing in them is trusted further than it was asked for. */
import type { HttpAnswer } from './http.ts'
import { outboxLimits } from './outbox-limits.ts'
import type { Figures } from './upstream.ts'
import { webhookLimits } from './webhook-limits.ts'

const figureFields = ['total', 'tax', 'paid', 'payments', 'lines'] as const

/** `{"id": …}`: what the upstream calls it. An answer that is no such JSON acknowledges all the same. */
export function readRemote(answer: HttpAnswer): { remote?: string } {
  const id = fieldsOf(answer)?.id
  if (typeof id !== 'string' && typeof id !== 'number') return {}
  const remote = String(id)
  return remote === '' || remote.length > webhookLimits.remoteCharsMax ? {} : { remote }
}

/** An upstream that says nothing in figures confirms that it is there. */
export function readFigures(answer: HttpAnswer): Figures {
  const fields = fieldsOf(answer) ?? {}
  const figures: Figures = {}
  for (const field of figureFields) {
    const value = fields[field]
    if (typeof value === 'number') figures[field] = value
  }
  return figures
}

/** The words of the upstream: `error`, `message` or `reason` of its JSON, else the beginning of its text. */
export function refusalOf(answer: HttpAnswer): string {
  const { status, headers, body } = answer
  if (status >= 300 && status < 400)
    return `answered ${status}, to look at ${headers.location ?? 'another place'}; give that address itself`
  const fields = fieldsOf(answer)
  const said = [fields?.error, fields?.message, fields?.reason].find((text) => typeof text === 'string')
  const words = (said ?? (fields === undefined ? body : JSON.stringify(fields))).replace(/\s+/g, ' ').trim()
  return words === ''
    ? `answered ${status}`
    : `answered ${status}: ${words.slice(0, outboxLimits.reasonCharsMax)}`
}

/** How long the upstream wants to be left alone (RFC 9110, 10.2.3), in ms; 0 when it did not say. */
export function retryAfterMs({ headers }: HttpAnswer, now: number): number {
  const text = headers['retry-after']
  if (text === undefined) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0)
}

function fieldsOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
