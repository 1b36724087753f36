/** Alerts on the broker: each under its own topic, kept there while it is raised, taken away when it is cleared. */
import type { Alert } from '../../../protocol/alert.ts'
import type { Clock } from '../../clock.ts'
import type { Outgoing } from './outgoing.ts'
import type { HubTopics } from './topics.ts'

interface Tools {
  clock: Clock
  topics: HubTopics
  outgoing: Outgoing
  list(): Promise<{ alerts: readonly Alert[]; wholeFrom: string }>
  /** Does it later, unless the door is closed before. */
  later(ms: number, act: () => void): void
}

export class AlertTopics {
  readonly #tools: Tools
  readonly #raised = new Set<string>()
  /** What the broker had kept of a run or a connection before, and is not raised now. */
  #kept = new Set<string>()

  constructor(tools: Tools) {
    this.#tools = tools
  }

  /**
   * Tells all that are raised, for the broker may have lost them, and later takes away what it had kept of others: not before the
   * hub knows which troubles have lasted through its restart. Throws while the hub is starting.
   */
  async tell(): Promise<void> {
    const { clock, later, list } = this.#tools
    const { alerts, wholeFrom } = await list()
    this.#raised.clear()
    for (const alert of alerts) this.raised(alert)
    later(Math.max(0, Date.parse(wholeFrom) - clock.now()), () => this.#sweep())
  }

  raised(alert: Alert): void {
    this.#raised.add(alert.id)
    this.#kept.delete(alert.id)
    this.#tools.outgoing.state(this.#tools.topics.alert(alert.id), JSON.stringify(alert))
  }

  cleared({ id }: Alert): void {
    this.#raised.delete(id)
    this.#kept.delete(id)
    this.#tools.outgoing.state(this.#tools.topics.alert(id), '')
  }

  /** What the broker had kept, with the listening for it. */
  heard(topic: string): void {
    const id = topic.slice(this.#tools.topics.alert('').length)
    if (!this.#raised.has(id)) this.#kept.add(id)
  }

  #sweep(): void {
    const gone = this.#kept
    this.#kept = new Set()
    for (const id of gone)
      if (!this.#raised.has(id)) this.#tools.outgoing.state(this.#tools.topics.alert(id), '')
  }
}
