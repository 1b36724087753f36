/** The way to the upstreams: one runner for each, their status for everybody, and the health of the hub. */
import { HubError } from '../../protocol/errors.ts'
import type { OutboxItem, UpstreamStatus } from '../../protocol/till/upstream.ts'
import type { OutboxRow } from '../../store/store.ts'
import type { TillParams, TillResult, TillTools } from '../parts.ts'
import { outboxLimits } from './outbox-limits.ts'
import { Runner, type RunnerTools } from './runner.ts'
import type { Upstream } from './upstream.ts'

type OutboxTools = RunnerTools & Pick<TillTools, 'publish' | 'health'>

export class Outbox {
  readonly #tools: OutboxTools
  readonly #runners = new Map<string, Runner>()
  /** Upstreams of which an event was just published, with whether there is more to tell. */
  readonly #quiet = new Map<Runner, { cancel: () => void; again: boolean }>()
  #telling: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(tools: OutboxTools, upstreams: readonly Upstream[]) {
    this.#tools = tools
    for (const upstream of upstreams) {
      const runner: Runner = new Runner(tools, upstream, () => this.#tell(runner))
      this.#runners.set(upstream.connector.name, runner)
    }
  }

  start(): void {
    this.#stopped = false
    for (const runner of this.#runners.values()) runner.start()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()))
    for (const { cancel } of this.#quiet.values()) cancel()
    this.#quiet.clear()
    await this.#telling
  }

  /** There is something new in the ledger. Costs nothing where there is no upstream. */
  wake(): void {
    for (const runner of this.#runners.values()) runner.wake()
  }

  async status(): Promise<TillResult<'till.outbox.status'>> {
    return {
      upstreams: await Promise.all([...this.#runners.values()].map((runner) => this.#statusOf(runner))),
    }
  }

  /** Throws `till_unknown`. */
  async list(params: TillParams<'till.outbox.list'>): Promise<TillResult<'till.outbox.list'>> {
    this.#must(params.upstream)
    const { items, next } = await this.#tools.store.till.outbox.list(params)
    return { items: items.map(itemOf), ...(next !== undefined && { next }) }
  }

  /** Parked items are queued again, and all of it is tried now. Throws `till_unknown`. */
  async retry(upstream: string, seq: number | undefined): Promise<number> {
    const runner = this.#must(upstream)
    const retried = await this.#tools.store.till.outbox.retry(upstream, seq)
    runner.hurry()
    this.#tell(runner)
    return retried
  }

  #must(name: string): Runner {
    const runner = this.#runners.get(name)
    if (runner === undefined) throw new HubError('till_unknown', { kind: 'upstream', id: name })
    return runner
  }

  async #statusOf(runner: Runner): Promise<UpstreamStatus> {
    const { name, kind, state, problem } = runner
    const { sold, sent, verified, parked, lastSuccessAt } = await this.#tools.store.till.outbox.status(name)
    const at = lastSuccessAt === null ? null : new Date(lastSuccessAt).toISOString()
    return { upstream: name, kind, state, sold, sent, verified, parked, lastSuccessAt: at, problem }
  }

  /** At once, and then no more than a few times a second; nothing ticks where nothing happens. */
  #tell(runner: Runner): void {
    const quiet = this.#quiet.get(runner)
    if (quiet !== undefined) {
      quiet.again = true
      return
    }
    if (this.#stopped) return
    const cancel = this.#tools.clock.after(outboxLimits.eventMsMin, () => {
      const more = this.#quiet.get(runner)?.again
      this.#quiet.delete(runner)
      if (more) this.#tell(runner)
    })
    this.#quiet.set(runner, { cancel, again: false })
    this.#telling = this.#telling.then(() => this.#publish(runner))
  }

  async #publish(runner: Runner): Promise<void> {
    try {
      const status = await this.#statusOf(runner)
      this.#tools.publish('till.outbox.changed', status)
      this.#judge(runner, status)
    } catch {
      // The books cannot be read: that is told by those who keep them.
    }
  }

  #judge({ name, failingSince }: Runner, { parked, problem }: UpstreamStatus): void {
    const { health, clock } = this.#tools
    const key = `upstream.${name}`
    const failing = failingSince !== undefined && clock.now() - failingSince >= outboxLimits.unhealthyMs
    if (failing) health.report(key, `${name} takes no sales: ${problem}. They are kept and sent later.`)
    else if (parked > 0) health.report(key, `${name} refused ${parked} entries. Look at them and try again.`)
    else health.mended(key)
  }
}

function itemOf({ ref, nextAt, waitsFor: _waitsFor, ...row }: OutboxRow): OutboxItem {
  return { ...row, id: ref, nextAt: nextAt === null ? null : new Date(nextAt).toISOString() }
}
