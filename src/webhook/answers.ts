/** What the answers of a webhook say in words, and when it wants to be asked again. Nothing in them is trusted. */
import type { HttpAnswer } from './http.ts'

/** Characters of a reason that are kept. */
const reasonCharsMax = 500

/** Answers that say nothing of the item, but of the address, the secret, or the moment: they are tried again. */
const troubles: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408, 410, 421, 425, 426, 429])

/** True for a refusal of the item itself: trying again would not change it. */
export const refusesItem = (status: number): boolean => status >= 400 && status < 500 && !troubles.has(status)

/** The words of the other side: `error`, `message` or `reason` of its JSON, else the beginning of its text. */
export function refusalOf(answer: HttpAnswer): string {
  const { status, headers, body } = answer
  if (status >= 300 && status < 400)
    return `answered ${status}, to look at ${headers.location ?? 'another place'}; give that address itself`
  const fields = fieldsOf(answer)
  const said = [fields?.error, fields?.message, fields?.reason].find((text) => typeof text === 'string')
  const words = (said ?? (fields === undefined ? body : JSON.stringify(fields))).replace(/\s+/g, ' ').trim()
  return words === '' ? `answered ${status}` : `answered ${status}: ${words.slice(0, reasonCharsMax)}`
}

/** How long the other side wants to be left alone (RFC 9110, 10.2.3), in ms; 0 when it did not say. */
export function retryAfterMs({ headers }: HttpAnswer, now: number): number {
  const text = headers['retry-after']
  if (text === undefined) return 0
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0)
}

export function fieldsOf({ body }: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
