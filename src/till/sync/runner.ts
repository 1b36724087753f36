/** Sends the ledger to one upstream: in its order, one item at a time, as long as it takes. Woken by events; it never polls. */
import { errorText } from '../../protocol/errors.ts'
import type { PaidOrder } from '../../protocol/till/order.ts'
import type { UpstreamStatus } from '../../protocol/till/upstream.ts'
import type { OutboxEntry, OutboxRow } from '../../store/store.ts'
import type { TillTools } from '../parts.ts'
import { Alarm } from './alarm.ts'
import { differenceOf } from './compare.ts'
import { outboxLimits } from './outbox-limits.ts'
import type { Upstream, UpstreamItem } from './upstream.ts'

type State = UpstreamStatus['state']
export type RunnerTools = Pick<TillTools, 'store' | 'clock' | 'random' | 'log'>

export class Runner {
  readonly #tools: RunnerTools
  readonly #upstream: Upstream
  readonly #changed: () => void
  /** Nothing is sent before it rings. */
  readonly #pause: Alarm
  /** Rings when a single row is to be tried again or read back. */
  readonly #later: Alarm
  #running: Promise<void> | undefined
  #woken = false
  #stopped = true
  #opened = false
  #attempt: AbortController | undefined
  #busy = false
  /** Acknowledged or refused, and not on the disk yet: nothing else is sent before it is. */
  #unrecorded: OutboxRow | undefined
  /** Failures in a row, of any item. */
  #failures = 0
  /** The upstream has answered another item since the last failure. */
  #alive = false
  #failingSince: number | undefined
  #problem: string | null = null
  #difference: string | null = null

  /** `changed` is told whenever the status is not what it was. */
  constructor(tools: RunnerTools, upstream: Upstream, changed: () => void) {
    this.#tools = tools
    this.#upstream = upstream
    this.#changed = changed
    this.#pause = new Alarm(tools.clock, () => this.wake())
    this.#later = new Alarm(tools.clock, () => this.wake())
  }

  get name(): string {
    return this.#upstream.connector.name
  }

  get kind(): string {
    return this.#upstream.connector.kind
  }

  get state(): State {
    if (this.#stopped) return 'stopped'
    if (this.#pause.isSet) return 'waiting'
    return this.#busy ? 'sending' : 'idle'
  }

  /** For a person; null when all is well. */
  get problem(): string | null {
    return this.#problem ?? this.#difference
  }

  /** Since when nothing gets through, ms since 1970. */
  get failingSince(): number | undefined {
    return this.#failingSince
  }

  start(): void {
    this.#stopped = false
    this.wake()
  }

  /** Gives up what is under way: it is sent again, under the same key, by the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#pause.clear()
    this.#later.clear()
    this.#attempt?.abort()
    await this.#running
    this.#upstream.connector.close?.()
  }

  /** There is something new in the ledger. */
  wake(): void {
    this.#woken = true
    if (this.#stopped || this.#running !== undefined) return
    this.#running = this.#work().finally(() => {
      this.#running = undefined
    })
  }

  /** A person wants it tried now. */
  hurry(): void {
    this.#pause.clear()
    this.#later.clear()
    this.#failures = 0
    this.wake()
  }

  async #work(): Promise<void> {
    while (this.#woken && !this.#stopped) {
      this.#woken = false
      try {
        await this.#round()
      } catch (error) {
        // The books cannot be read or written now: nothing is lost, and nothing can be sent.
        this.#fail(errorText(error), 0)
      }
    }
  }

  async #round(): Promise<void> {
    const { outbox } = this.#tools.store.till
    if (!this.#opened) {
      await outbox.upstream(this.name, this.#upstream.history)
      this.#opened = true
    }
    if (this.#unrecorded !== undefined) await this.#record(this.#unrecorded)
    if ((await outbox.take(this.name, outboxLimits.takeEntries)) > 0) {
      this.#woken = true
      this.#changed()
    }
    if (this.#pause.isSet) return
    const { entries, waiting } = await outbox.due(this.name, this.#now(), outboxLimits.batchItems)
    if (entries.length > 0 || waiting > 0) this.#woken = true
    if (this.#busy !== entries.length > 0) {
      this.#busy = !this.#busy
      this.#changed()
    }
    await this.#sendAll(entries)
    if (this.#woken || this.#pause.isSet) return
    await this.#readBackRest()
    const nextAt = await outbox.ahead(this.name)
    if (nextAt !== null) this.#later.set(nextAt)
    else this.#isWell()
  }

  /** What an alarm was set for is due when it rings, also when somebody has put the clock back meanwhile. */
  #now(): number {
    return Math.max(this.#tools.clock.now(), this.#pause.rangFor, this.#later.rangFor)
  }

  async #sendAll(entries: readonly OutboxEntry[]): Promise<void> {
    const remotes = new Map<number, string | null>()
    for (const entry of entries) {
      if (this.#stopped) return
      const needs = entry.needs.map((need) => ({ ...need, remote: remotes.get(need.seq) ?? need.remote }))
      const sent = await this.#send({ ...entry, needs })
      // What comes next in the batch may depend on it.
      if (sent === undefined) return
      remotes.set(sent.seq, sent.remote)
    }
  }

  /** Answers the row when it arrived. */
  async #send(entry: OutboxEntry): Promise<OutboxRow | undefined> {
    const item = await this.#itemOf(entry)
    if (item === undefined) return this.#taken(entry, { reason: 'it was removed here before it was sent' })
    const outcome = await this.#within((signal) => this.#upstream.connector.send(item, signal))
    if (this.#stopped && outcome.state === 'troubled') return undefined
    if (outcome.state === 'troubled') return this.#troubled(entry, outcome)
    this.#alive = true
    this.#isWell()
    if (outcome.state === 'refused') return this.#park(entry, outcome.reason)
    const row = await this.#taken(entry, { remote: outcome.remote ?? null })
    if (row.nextAt !== null) await this.#readBack(entry, item, row)
    return row
  }

  async #taken(
    entry: OutboxEntry,
    { remote = null, reason = null }: { remote?: string | null; reason?: string | null },
  ): Promise<OutboxRow> {
    const { clock } = this.#tools
    const isRead = reason === null && this.#upstream.connector.readBack !== undefined
    const attempts = entry.attempts + 1
    const nextAt = isRead ? clock.now() : null
    const row = { ...rowOf(entry), state: 'sent' as const, attempts, reason, remote, nextAt }
    await this.#record(row)
    return row
  }

  async #park(entry: OutboxRow, reason: string): Promise<undefined> {
    const attempts = entry.attempts + 1
    const { seq, kind, ref } = entry
    this.#tools.log.warn({ upstream: this.name, seq, kind, ref, reason }, 'an item was parked')
    await this.#record({ ...rowOf(entry), state: 'parked', attempts, reason: cut(reason), nextAt: null })
  }

  async #troubled(
    entry: OutboxEntry,
    { reason, waitMs = 0 }: { reason: string; waitMs?: number },
  ): Promise<undefined> {
    const attempts = entry.attempts + 1
    const isStuck = attempts >= outboxLimits.stuckAttempts
    if (isStuck && this.#alive)
      return this.#park(entry, `failed ${attempts} times while others got through: ${reason}`)
    this.#alive = false
    const pausedMs = this.#fail(reason, waitMs)
    // Every other time the next item may show whether anything gets through at all.
    const asideMs = isStuck && attempts % 2 === 1 ? pausedMs : 0
    const nextAt = this.#tools.clock.now() + pausedMs + asideMs
    await this.#record({ ...rowOf(entry), attempts, reason: cut(reason), nextAt })
  }

  #isWell(): void {
    if (this.#problem !== null) this.#changed()
    this.#failures = 0
    this.#failingSince = undefined
    this.#problem = null
  }

  /** Nothing is sent for a while; answers for how many ms. */
  #fail(reason: string, waitMs: number): number {
    const { clock, random, log } = this.#tools
    const { backOffMsMin, backOffMsMax, retryAfterMsMax } = outboxLimits
    const most = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(this.#failures + 1, 16))
    const ms = Math.max(
      Math.round(backOffMsMin + random() * (most - backOffMsMin)),
      Math.min(waitMs, retryAfterMsMax),
    )
    if (this.#failures === 0) log.warn({ upstream: this.name, reason }, 'an upstream cannot be reached')
    this.#failures++
    this.#failingSince ??= clock.now()
    this.#problem = cut(reason)
    this.#pause.set(clock.now() + ms)
    this.#changed()
    return ms
  }

  async #record(row: OutboxRow): Promise<void> {
    this.#unrecorded = row
    await this.#tools.store.till.outbox.update(row, this.#tools.clock.now())
    this.#unrecorded = undefined
    this.#changed()
  }

  /** What was sent and could not be read back then. */
  async #readBackRest(): Promise<void> {
    if (this.#upstream.connector.readBack === undefined) return
    const { outbox } = this.#tools.store.till
    for (const entry of await outbox.unread(this.name, this.#now(), outboxLimits.batchItems)) {
      const item = await this.#itemOf(entry)
      if (item === undefined || this.#stopped || !(await this.#readBack(entry, item, rowOf(entry)))) return
      this.#woken = true
    }
  }

  /** Answers false when the upstream could not be asked. */
  async #readBack({ kind, ref }: OutboxEntry, item: UpstreamItem, row: OutboxRow): Promise<boolean> {
    const { connector } = this.#upstream
    const { clock, log } = this.#tools
    if (connector.readBack === undefined) return false
    const readBack = connector.readBack.bind(connector)
    const looked = await this.#within((signal) => readBack(item, row.remote, signal))
    if (this.#stopped) return false
    if (looked.state === 'troubled') {
      const nextAt = clock.now() + outboxLimits.readBackMs
      await this.#record({ ...row, reason: cut(looked.reason), nextAt })
      return false
    }
    if (looked.state === 'missing') {
      await this.#park({ ...row, attempts: row.attempts - 1 }, 'it was acknowledged, and is not there')
      return true
    }
    const difference = kind === 'order' ? differenceOf(item.body as PaidOrder, looked.figures) : undefined
    if (difference === undefined) {
      await this.#record({ ...row, state: 'verified', reason: null, nextAt: null })
      return true
    }
    this.#difference = cut(`order ${ref} differs: ${difference}`)
    log.warn({ upstream: this.name, order: ref, difference }, 'an upstream has an order otherwise')
    await this.#record({ ...row, reason: cut(`differs: ${difference}`), nextAt: null })
    return true
  }

  /** undefined for a customer who was removed meanwhile. */
  async #itemOf(entry: OutboxEntry): Promise<UpstreamItem | undefined> {
    const { kind, ref, seq, at, hash, needs } = entry
    const body =
      kind === 'customer'
        ? (await this.#tools.store.till.catalogue.customers([ref]))[0]
        : (JSON.parse(entry.body) as unknown)
    if (body === undefined) return undefined
    const found = needs.map(({ kind, id, remote }) => ({ kind, id, remote }))
    return { kind, id: ref, seq, at, key: hash, body, needs: found }
  }

  /** What is given up, or throws, is a trouble. */
  async #within<T extends { state: string }>(
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | { state: 'troubled'; reason: string }> {
    const attempt = new AbortController()
    this.#attempt = attempt
    let late = false
    const cancel = this.#tools.clock.after(outboxLimits.attemptMsMax, () => {
      late = true
      attempt.abort()
    })
    const troubled = (reason: string) => ({ state: 'troubled' as const, reason })
    try {
      const answer = await work(attempt.signal)
      return late && answer.state === 'troubled' ? troubled(tooLate) : answer
    } catch (error) {
      return troubled(late ? tooLate : errorText(error))
    } finally {
      cancel()
      this.#attempt = undefined
    }
  }
}

const tooLate = `no answer within ${outboxLimits.attemptMsMax} ms`
const cut = (text: string): string => text.slice(0, outboxLimits.reasonCharsMax)

function rowOf({
  at: _at,
  hash: _hash,
  body: _body,
  needs: _needs,
  ...row
}: OutboxRow & Partial<OutboxEntry>): OutboxRow {
  return row
}
