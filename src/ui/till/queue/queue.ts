/** Calls that wait for the hub: kept in this browser, sent in their order, and never thrown away by themselves. */
import { type ReadonlySignal, signal } from '@preact/signals'
import { newId } from '../../../protocol/client-core.ts'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import type { Params } from '../../../protocol/methods.ts'
import { sentenceOf } from '../../parts/error-words.ts'
import type { UiClock } from '../../parts/time.ts'
import type { Journal, Link, Queue, QueuedCall, QueuedMethod, RetryHow } from '../contract.ts'
import { answerLost } from '../link/answers.ts'

export const queueTimes = {
  /** A call without an answer for so long is asked again on the next connection, in ms. */
  callMs: 15_000,
  /** What has to wait although the hub is there (a closed register, nobody logged in) is tried again after so long, in ms. */
  againMs: 5_000,
} as const

const prefix = 'queue/'

/** The hub has not refused these: it could not answer, or is not ready to. */
const again: ReadonlySet<string> = new Set([
  'connection_lost',
  'request_timeout',
  'starting',
  'stopping',
  'rate_limited',
  'store_unavailable',
])
/** These pass by themselves: the register is opened again, somebody logs in, another till lets go. */
const later: ReadonlySet<string> = new Set([
  'session_closed',
  'session_stale',
  'login_required',
  'order_held',
])

interface QueueParts {
  link: Pick<Link, 'call' | 'onFresh' | 'stage'>
  journal: Journal
  clock: UiClock
  /** Who is at the till now. */
  by: () => { login?: string }
  /** Two tabs of one browser do not send at the same time. */
  locks?: LockManager | undefined
}

export class CallQueue implements Queue {
  readonly #parts: QueueParts
  readonly #calls = signal<readonly QueuedCall[]>([])
  readonly #sent = new Set<(call: QueuedCall, result: unknown) => void>()
  #running = false
  #last = 0

  constructor(parts: QueueParts) {
    this.#parts = parts
  }

  get calls(): ReadonlySignal<readonly QueuedCall[]> {
    return this.#calls
  }

  /** Reads what was kept before, and begins to send. */
  async start(): Promise<void> {
    const kept = await this.#parts.journal.list<QueuedCall>(prefix)
    // What was being sent when the page went away may have arrived: it is asked again under the same id.
    this.#calls.value = kept.map(({ value }) =>
      value.state === 'sending' ? { ...value, state: 'doubt' } : value,
    )
    this.#parts.link.onFresh(() => this.#send())
  }

  async add<M extends QueuedMethod>(
    call: Pick<QueuedCall<M>, 'method' | 'params' | 'label' | 'amount' | 'charged'> & {
      state?: 'waiting' | 'doubt'
    },
  ): Promise<void> {
    const at = this.#parts.clock.read()
    // Rises also when the clock stands or was set back.
    this.#last = Math.max(at, this.#last + 1)
    const key = `${prefix}${String(this.#last).padStart(15, '0')}`
    const queued: QueuedCall = { state: 'waiting', ...call, key, at, problem: null } as QueuedCall
    await this.#parts.journal.write(key, queued)
    this.#calls.value = [...this.#calls.value, queued]
    this.#send()
  }

  async retry(key: string, how: RetryHow = {}): Promise<void> {
    const call = this.#calls.value.find((each) => each.key === key)
    if (call === undefined || call.state !== 'parked') return
    const params = { ...call.params } as Params<'till.order.pay'> & Record<string, unknown>
    if (how.approval !== undefined) params.approval = how.approval
    if (how.atChargedPrices && call.charged !== undefined && params.order !== undefined)
      params.order = {
        ...params.order,
        lines: (params.order.lines ?? []).map((line) => {
          const price = call.charged?.[line.id]
          return price === undefined ? line : { ...line, price }
        }),
      }
    if (how.asItsOwn && params.order !== undefined) {
      params.id = newId()
      params.order = { ...params.order, id: params.id }
    }
    await this.#put({ ...call, params: params as QueuedCall['params'], state: 'waiting', problem: null })
    this.#send()
  }

  async drop(key: string): Promise<void> {
    await this.#parts.journal.remove(key)
    this.#calls.value = this.#calls.value.filter((call) => call.key !== key)
  }

  exported(): string {
    // Without the secrets of log-ins: the file may go by mail.
    const calls = this.#calls.value.map((call) => {
      const { login: _login, approval: _approval, ...params } = call.params as Record<string, unknown>
      return { ...call, params }
    })
    return JSON.stringify({ tillbridge: 'queue', calls }, undefined, 1)
  }

  onSent(listener: (call: QueuedCall, result: unknown) => void): () => void {
    this.#sent.add(listener)
    return () => this.#sent.delete(listener)
  }

  /** Somebody logged in, or the register was opened: what waited for that is tried now. */
  nudge(): void {
    this.#send()
  }

  async #put(call: QueuedCall): Promise<void> {
    await this.#parts.journal.write(call.key, call)
    this.#show(call)
  }

  #show(call: QueuedCall): void {
    this.#calls.value = this.#calls.value.map((each) => (each.key === call.key ? call : each))
  }

  #send(): void {
    if (this.#running || this.#parts.link.stage.peek() !== 'online') return
    this.#running = true
    const { clock, locks } = this.#parts
    const all = () => this.#sendAll()
    const work = locks === undefined ? all() : locks.request('tillbridge.till.queue', all)
    void Promise.resolve(work)
      .catch(() => 'again' as const)
      .then((outcome) => {
        this.#running = false
        if (outcome === 'again') clock.after(queueTimes.againMs, () => this.#send())
      })
  }

  /** `again`: something has to be tried later. */
  async #sendAll(): Promise<'again' | 'done'> {
    let waits = false
    const tried = new Set<string>()
    for (;;) {
      const next = this.#calls.value.find((call) => call.state !== 'parked' && !tried.has(call.key))
      if (next === undefined) return waits ? 'again' : 'done'
      tried.add(next.key)
      if (this.#waitsForCustomer(next)) continue
      const error = await this.#sendOne(next)
      if (error === undefined) continue
      if (again.has(error.code)) return this.#parts.link.stage.peek() === 'online' ? 'again' : 'done'
      waits ||= later.has(error.code)
    }
  }

  /** Answers why it did not go through; undefined when it did, or was parked. */
  async #sendOne(call: QueuedCall): Promise<HubError | undefined> {
    const { by, journal, link } = this.#parts
    this.#show({ ...call, state: 'sending' })
    const params = { ...call.params, ...by() } as QueuedCall['params']
    try {
      const result = await link.call(call.method, params as never, { timeoutMs: queueTimes.callMs })
      await journal.remove(call.key)
      this.#calls.value = this.#calls.value.filter(({ key }) => key !== call.key)
      for (const listener of this.#sent) listener(call, result)
      return undefined
    } catch (thrown) {
      const error = toHubError(thrown)
      const { path } = error.context
      const problem = {
        code: error.code,
        text: sentenceOf(error),
        ...(typeof path === 'string' && { path }),
      }
      if (again.has(error.code)) {
        await this.#put({ ...call, state: answerLost(error.code) ? 'doubt' : call.state, problem: null })
        return error
      }
      if (later.has(error.code)) {
        await this.#put({ ...call, problem })
        return error
      }
      await this.#put({ ...call, state: 'parked', problem })
      return undefined
    }
  }

  /** An order for a customer whom the hub does not have yet waits for them. */
  #waitsForCustomer(call: QueuedCall): boolean {
    if (call.method !== 'till.order.pay') return false
    const { customer } = (call as QueuedCall<'till.order.pay'>).params.order ?? {}
    if (customer == null) return false
    return this.#calls.value.some(
      (other) =>
        other.key < call.key &&
        other.method === 'till.catalogue.put' &&
        (other as QueuedCall<'till.catalogue.put'>).params.thing.customer?.id === customer,
    )
  }
}
