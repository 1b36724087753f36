/** A part of the hub with start and stop, and the runner that stops in the exact reverse order of starting. */
import { errorText } from '../protocol/errors.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export interface Service {
  readonly name: string
  /** Does the work that the constructor did not. `signal` aborts when the hub is told to stop meanwhile. */
  start(signal: AbortSignal): Promise<void> | void
  /** Safe twice, and safe when start failed half-way. */
  stop(): Promise<void> | void
}

export const serviceLimits = { stopStepMsMax: 5_000 } as const

/** Starts services in order and stops those that were started, last first, each within a deadline of its own. */
export class ServiceRunner {
  readonly #started: Service[] = []
  readonly #abort = new AbortController()
  readonly #clock: Clock
  readonly #log: Log
  #stopping: Promise<void> | undefined

  constructor(tools: { clock: Clock; log: Log }) {
    this.#clock = tools.clock
    this.#log = tools.log
  }

  get stopping(): boolean {
    return this.#stopping !== undefined
  }

  /** Starts one more service. A service that fails to start is stopped again and the error thrown on. */
  async start(service: Service): Promise<void> {
    if (this.stopping) return
    this.#started.push(service)
    try {
      await service.start(this.#abort.signal)
    } catch (error) {
      const index = this.#started.indexOf(service)
      if (index >= 0) this.#started.splice(index, 1)
      await this.#stopOne(service)
      throw error
    }
    if (this.stopping) await this.#stopOne(service)
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll()
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort()
    for (let service = this.#started.pop(); service !== undefined; service = this.#started.pop()) {
      await this.#stopOne(service)
    }
  }

  async #stopOne(service: Service): Promise<void> {
    let cancel = () => {}
    const late = new Promise<'late'>((resolve) => {
      cancel = this.#clock.after(serviceLimits.stopStepMsMax, () => resolve('late'))
    })
    try {
      if ((await Promise.race([service.stop(), late])) === 'late')
        this.#log.warn({ service: service.name }, 'service did not stop in time; going on')
    } catch (error) {
      this.#log.warn({ service: service.name, reason: errorText(error) }, 'service failed to stop')
    } finally {
      cancel()
    }
  }
}
