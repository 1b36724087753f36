/** The till as a service of the hub: loaded when the shop sells by it, so that a box that only prints does without its code. */
import { HubError } from '../protocol/errors.ts'
import type { Till, TillMethod, TillParams, TillParts, TillResult } from '../till/till.ts'
import type { Caller } from './api.ts'

interface TillServiceParts extends TillParts {
  /** True when there are upstreams. */
  sends: boolean
}

export class TillService {
  readonly name = 'till'
  readonly #parts: TillServiceParts
  #till: Promise<Till> | undefined
  #stopped = false

  constructor(parts: TillServiceParts) {
    this.#parts = parts
  }

  /** A shop that has sold before, or sends what it sells somewhere, has its till from the start. */
  async start(): Promise<void> {
    const { store, sends } = this.#parts
    if (sends || (await store.till.catalogue.revision()) > 0) await this.#started()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // One that did not start has nothing to stop.
    const till = await this.#till?.catch(() => undefined)
    await till?.stop()
  }

  async call<M extends TillMethod>(method: M, params: TillParams<M>, caller: Caller): Promise<TillResult<M>> {
    return (await this.#started()).call(method, params, caller)
  }

  /** A client was revoked: its log-ins end. */
  async clientGone(client: string): Promise<void> {
    const till = await this.#till?.catch(() => undefined)
    till?.clientGone(client)
  }

  #started(): Promise<Till> {
    if (this.#stopped) throw new HubError('stopping')
    this.#till ??= this.#start().catch((error: unknown) => {
      // The next call tries again.
      this.#till = undefined
      throw error
    })
    return this.#till
  }

  async #start(): Promise<Till> {
    const { Till } = await import('../till/till.ts')
    const till = new Till(this.#parts)
    await till.start()
    return till
  }
}
