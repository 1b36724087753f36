/** Alerts on the broker: each under its own topic, kept there while it is raised, taken away when it is cleared. */
import type { Alert } from '../../../protocol/alert.ts'
import type { Clock } from '../../clock.ts'
import type { HubTopics } from './topics.ts'

export const alertTopicTimes = {
  /** What the broker has kept of other alerts is waited for so long at least, in ms. */
  sweepMs: 2_000,
} as const

interface Tools {
  clock: Clock
  topics: HubTopics
  /** Kept by the broker; an empty text takes it away. */
  state(topic: string, payload: string): void
  list(): Promise<{ alerts: readonly Alert[]; wholeFrom: string }>
}

export class AlertTopics {
  readonly #tools: Tools
  readonly #raised = new Set<string>()
  /** What the broker had kept of a run or a connection before, and is not raised now. */
  #kept = new Set<string>()
  #cancelSweep: () => void = () => undefined

  constructor(tools: Tools) {
    this.#tools = tools
  }

  stop(): void {
    this.#cancelSweep()
  }

  /**
   * Tells all that are raised, for the broker may have lost them, and later takes away what it had kept of others: not before the
   * hub knows which troubles have lasted through its restart. Throws while the hub is starting.
   */
  async tell(): Promise<void> {
    const { clock, list } = this.#tools
    const { alerts, wholeFrom } = await list()
    this.#raised.clear()
    for (const alert of alerts) this.raised(alert)
    this.#cancelSweep()
    const ms = Math.max(alertTopicTimes.sweepMs, Date.parse(wholeFrom) - clock.now())
    this.#cancelSweep = clock.after(ms, () => this.#sweep())
  }

  raised(alert: Alert): void {
    const { state, topics } = this.#tools
    this.#raised.add(alert.id)
    this.#kept.delete(alert.id)
    state(topics.alert(alert.id), JSON.stringify(alert))
  }

  cleared({ id }: Alert): void {
    const { state, topics } = this.#tools
    this.#raised.delete(id)
    this.#kept.delete(id)
    state(topics.alert(id), '')
  }

  /** Somebody keeps an alert. */
  found(topic: string): void {
    const id = topic.slice(this.#tools.topics.alert('').length)
    if (!this.#raised.has(id)) this.#kept.add(id)
  }

  #sweep(): void {
    const { state, topics } = this.#tools
    const gone = [...this.#kept].filter((id) => !this.#raised.has(id))
    this.#kept = new Set()
    for (const id of gone) state(topics.alert(id), '')
  }
}
