/** What every conversation with a printer has, whatever its language: news to wait for, writing, and how a link ends. */
import { HubError } from '../../../../protocol/errors.ts'
import type { DriverClock, DriverFault, DriverLog } from '../../../driver.ts'
import type { CloseReason, Transport } from '../../../transports/transport.ts'
import type { Pending } from './conversation.ts'

export abstract class OpenLink {
  readonly #transport: Transport
  readonly #log: DriverLog | undefined
  readonly #clock: DriverClock
  #waiters: (() => void)[] = []
  #lost: CloseReason | undefined
  #lastHeardAt = Number.NEGATIVE_INFINITY
  #inBody = false

  constructor(transport: Transport, clock: DriverClock, log?: DriverLog) {
    this.#transport = transport
    this.#clock = clock
    this.#log = log
  }

  abstract get faults(): readonly DriverFault[]

  /** Takes what came in, at a time in monotonic ms; whoever waits is woken behind it. */
  protected abstract received(bytes: Uint8Array, at: number): void

  start(): void {
    this.#transport.onBytes((bytes) => {
      this.#lastHeardAt = this.now
      this.received(bytes, this.#lastHeardAt)
      this.wake()
    })
    void this.#transport.closed.then((reason) => this.#lose(reason))
  }

  /** The first fault that keeps the printer from printing. */
  get blocking(): DriverFault | undefined {
    return this.faults.find((fault) => fault.blocking)
  }

  /** True while a job's bytes are under way: nothing may be asked in their midst. */
  get inBody(): boolean {
    return this.#inBody
  }

  set inBody(on: boolean) {
    this.#inBody = on
    if (!on) this.wake()
  }

  get lost(): CloseReason | undefined {
    return this.#lost
  }

  /** Monotonic ms at which the last byte came in. */
  get lastHeardAt(): number {
    return this.#lastHeardAt
  }

  /** Settles at the next news (an answer, a change, the loss of the link) or at `until`, in monotonic ms. */
  news(until?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timed = until !== undefined && Number.isFinite(until)
    const cancel = timed
      ? this.#clock.after(until - this.now, () => {
          this.#waiters = this.#waiters.filter((waiter) => waiter !== wake)
          resolve()
        })
      : undefined
    const wake = () => {
      cancel?.()
      resolve()
    }
    this.#waiters.push(wake)
    return promise
  }

  /** Wakes everybody who waits for news. */
  wake(): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const wake of waiters) wake()
  }

  /** Lets go: ends every question, and nothing is sent from here on. The transport stays open. */
  stop(): void {
    this.#lose({ by: 'ours', reason: 'the device was let go' })
  }

  /** Throws what the transport throws; a link that cannot be written to is lost. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#lost !== undefined) throw this.closedError()
    await this.#transport.write(bytes)
  }

  /** Writes without waiting; a failure shows as the loss of the link. */
  post(bytes: Uint8Array): void {
    this.write(bytes).catch(() => undefined)
  }

  /** Gives the link up, so that the hub opens a new one. */
  giveUp(reason: string): void {
    this.#log?.warn({ port: this.#transport.port, reason }, 'printer link given up')
    this.#lose({ by: 'ours', reason })
    void this.#transport.close()
  }

  closedError(): HubError {
    return new HubError('port_closed', {
      port: this.#transport.port,
      reason: this.#lost?.reason ?? 'it was closed',
    })
  }

  /** Waits for an answer in its turn. undefined: none until `until`, or it cannot come any more. */
  async answerOf<T>(pending: Pending<T>, until: number): Promise<T | undefined> {
    while (pending.answer === undefined && !pending.dropped && this.#lost === undefined) {
      if (this.now >= until) return undefined
      await this.news(until)
    }
    return pending.answer
  }

  protected get now(): number {
    return this.#clock.monotonic()
  }

  protected noise(bytes: number): void {
    this.#log?.debug({ port: this.#transport.port, bytes }, 'noise from printer')
  }

  #lose(reason: CloseReason): void {
    this.#lost ??= reason
    this.wake()
  }
}
