/** What the answers of a webhook mean. Nothing in them is trusted further than it was asked for. */
import { fieldsOf } from '../../webhook/answers.ts'
import type { HttpAnswer } from '../../webhook/http.ts'
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
