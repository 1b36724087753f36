/** Names of employees who have been removed: what they sold keeps their name in reports. */
import type { Store } from '../../store/store.ts'

const metaKey = 'till.employees.former'

export const formerLimits = {
  /** Names kept; of more, the oldest go. */
  namesMax: 1_000,
} as const

export class FormerNames {
  readonly #store: Pick<Store, 'getMeta' | 'setMeta'>
  #names = new Map<string, string>()

  constructor(store: Pick<Store, 'getMeta' | 'setMeta'>) {
    this.#store = store
  }

  async load(): Promise<void> {
    const text = await this.#store.getMeta(metaKey)
    this.#names = new Map(text === undefined ? [] : (JSON.parse(text) as [string, string][]))
  }

  of(id: string): string | undefined {
    return this.#names.get(id)
  }

  async keep(id: string, name: string): Promise<void> {
    const names = new Map(this.#names)
    names.delete(id)
    names.set(id, name)
    const oldest = names.size > formerLimits.namesMax ? names.keys().next().value : undefined
    if (oldest !== undefined) names.delete(oldest)
    await this.#store.setMeta(metaKey, JSON.stringify([...names]))
    this.#names = names
  }
}
