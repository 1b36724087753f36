/** Tells an address of alerts as they are raised and cleared: signed, tried again, and never waited for. */
import { createHash } from 'node:crypto'
import { errorText } from '../../protocol/errors.ts'
import { webhookUrl } from '../../webhook/address.ts'
import { refusalOf, refusesItem, retryAfterMs } from '../../webhook/answers.ts'
import { HttpLine } from '../../webhook/http.ts'
import { signedHeaders } from '../../webhook/signature.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { AlertChange } from './alerts.ts'

export const alertWebhookLimits = {
  /** Alerts that wait to be told; of more, the oldest go. */
  waitingMax: 200,
  /** An attempt is given up after so long, in ms. */
  attemptMsMax: 10_000,
  /** The first wait before another try, and the longest, in ms. Each wait is anything between half of that and that. */
  backOffMsMin: 1_000,
  backOffMsMax: 5 * 60_000,
  /** Longest time for which the address may ask to be left alone, in ms. */
  retryAfterMsMax: 10 * 60_000,
  /** Of an answer. */
  answerBytesMax: 64 * 1024,
  /** A connection that nothing was sent on is closed after so long, in ms. */
  idleMs: 30_000,
} as const

export interface AlertWebhookSettings {
  url: string
  severity: 'warning' | 'critical'
  /** PEM with the root of a private authority. */
  ca?: string | undefined
  /** Asked for each request, so that a new secret counts at once. */
  secret(): Promise<string>
}

interface Tools {
  hub: string
  /** As the configuration calls it, for people. */
  name: string
  clock: Clock
  log: Log
  random: () => number
}

type Attempt = { state: 'taken' } | { state: 'refused' | 'troubled'; reason: string; waitMs?: number }

const file = 'alerts'

export class AlertWebhook {
  readonly #settings: AlertWebhookSettings
  readonly #tools: Tools
  readonly #url: URL
  readonly #line: HttpLine
  /** The newest word on each alert, by id. */
  readonly #waiting = new Map<string, AlertChange>()
  /** Alerts that the address was to hear of: of their end it hears too. */
  readonly #told = new Set<string>()
  readonly #stopping = new AbortController()
  #sending = false
  #failures = 0
  #cancelRetry: (() => void) | undefined
  dropped = 0

  /** Throws `config_invalid` for an address that may not be used. */
  constructor(settings: AlertWebhookSettings, tools: Tools) {
    this.#settings = settings
    this.#tools = tools
    this.#url = webhookUrl(settings.url, { file, path: 'webhook' })
    this.#line = new HttpLine(alertWebhookLimits, settings.ca)
  }

  get waiting(): number {
    return this.#waiting.size
  }

  take(change: AlertChange): void {
    const { alert, topic } = change
    const isSevere = this.#settings.severity === 'warning' || alert.severity === 'critical'
    const isNews = topic === 'alert.raised' && isSevere
    if (!isNews && !this.#told.has(alert.id)) return
    if (topic === 'alert.raised') this.#told.add(alert.id)
    else this.#told.delete(alert.id)
    // To the end of the queue, so that what is told comes in the order of what happened.
    this.#waiting.delete(alert.id)
    this.#waiting.set(alert.id, change)
    if (this.#waiting.size > alertWebhookLimits.waitingMax) {
      const [oldest = ''] = this.#waiting.keys()
      this.#waiting.delete(oldest)
      this.dropped++
    }
    void this.#pump()
  }

  stop(): void {
    this.#stopping.abort()
    this.#cancelRetry?.()
    this.#line.close()
  }

  /** One after the other, in one run at a time. */
  async #pump(): Promise<void> {
    if (this.#sending || this.#cancelRetry !== undefined) return
    this.#sending = true
    try {
      for (;;) {
        const [first] = this.#waiting
        if (first === undefined || this.#stopping.signal.aborted) return
        const [id, change] = first
        const attempt = await this.#attempt(change)
        if (this.#stopping.signal.aborted) return
        this.#judge(id, change, attempt)
        if (attempt.state === 'troubled') return
      }
    } finally {
      this.#sending = false
    }
  }

  #judge(id: string, change: AlertChange, attempt: Attempt): void {
    const { log } = this.#tools
    if (attempt.state === 'troubled') {
      if (this.#failures === 0)
        log.warn({ url: this.#url.origin, reason: attempt.reason }, 'alerts cannot be told; trying again')
      this.#retryLater(attempt.waitMs ?? 0)
      return
    }
    if (attempt.state === 'refused') log.warn({ alert: id, reason: attempt.reason }, 'an alert was refused')
    else if (this.#failures > 0) log.info({ url: this.#url.origin }, 'alerts are told again')
    this.#failures = 0
    // Another word on the same alert may have come meanwhile.
    if (this.#waiting.get(id) === change) this.#waiting.delete(id)
  }

  #retryLater(leastMs: number): void {
    const { backOffMsMax, backOffMsMin, retryAfterMsMax } = alertWebhookLimits
    const { clock, random } = this.#tools
    const most = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(this.#failures++, 10))
    const ms = Math.max(most * (0.5 + random() / 2), Math.min(leastMs, retryAfterMsMax))
    this.#cancelRetry = clock.after(Math.round(ms), () => {
      this.#cancelRetry = undefined
      void this.#pump()
    })
  }

  async #attempt({ alert, topic }: AlertChange): Promise<Attempt> {
    const { clock, hub, name } = this.#tools
    const body = JSON.stringify({ kind: topic, hub, name, alert })
    const late = new AbortController()
    const cancel = clock.after(alertWebhookLimits.attemptMsMax, () => late.abort())
    try {
      const signing = { secret: await this.#settings.secret(), hub, now: clock.now() }
      const headers = {
        ...signedHeaders(body, { ...signing, place: { file, path: 'secret' } }),
        'Content-Type': 'application/json',
        'Idempotency-Key': createHash('sha256').update(body).digest('hex'),
      }
      const signal = AbortSignal.any([late.signal, this.#stopping.signal])
      const answer = await this.#line.ask({ method: 'POST', url: this.#url, headers, body, signal })
      if ('failed' in answer) return { state: 'troubled', reason: answer.failed }
      const { status } = answer
      if ((status >= 200 && status < 300) || status === 409) return { state: 'taken' }
      const reason = refusalOf(answer)
      if (refusesItem(status)) return { state: 'refused', reason }
      return { state: 'troubled', reason, waitMs: retryAfterMs(answer, clock.now()) }
    } catch (error) {
      // The secret cannot be read, or is none.
      return { state: 'troubled', reason: errorText(error) }
    } finally {
      cancel()
    }
  }
}
