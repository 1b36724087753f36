/** What happened at devices for clients of `hw_drivers` and `iot_drivers`, which say who they are and what they know. */
import type { Clock } from '../../clock.ts'
import { odooLimits } from './odoo-limits.ts'

export interface DeviceEvent extends Record<string, unknown> {
  /** Seconds since 1970; no two are the same: clients ask for what came after. */
  time: number
  device_identifier: string
}

export interface Listener {
  session: string
  devices: ReadonlySet<string>
  /** `time` of the last event that it knows; 0: it knows none, and wants none of before. */
  lastEvent: number
}

interface Poll extends Listener {
  answer(event: DeviceEvent | null): void
}

export class EventPolls {
  readonly #clock: Clock
  readonly #events: DeviceEvent[] = []
  readonly #polls = new Set<Poll>()
  #lastTime = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether somebody waits for events of one of these devices. */
  waitsFor(devices: Iterable<string>): boolean {
    return [...devices].some((device) => [...this.#polls].some((poll) => poll.devices.has(device)))
  }

  /** The next event for a listener; null when none came in time. */
  poll(listener: Listener, onGone: (forget: () => void) => void): Promise<DeviceEvent | null> {
    const missed =
      listener.lastEvent > 0
        ? this.#events.find(
            ({ device_identifier, time }) =>
              time > listener.lastEvent && listener.devices.has(device_identifier),
          )
        : undefined
    if (missed !== undefined) return Promise.resolve(missed)
    // Not at once: whoever is told nothing asks again.
    if (this.#polls.size >= odooLimits.eventPollsMax)
      return new Promise((resolve) => {
        const cancel = this.#clock.after(odooLimits.eventPollMs, () => resolve(null))
        onGone(() => {
          cancel()
          resolve(null)
        })
      })
    return new Promise((resolve) => {
      const finish = (event: DeviceEvent | null) => {
        cancel()
        this.#polls.delete(poll)
        resolve(event)
      }
      const cancel = this.#clock.after(odooLimits.eventPollMs, () => finish(null))
      const poll: Poll = { ...listener, answer: finish }
      onGone(() => finish(null))
      this.#polls.add(poll)
    })
  }

  /** Tells an event to all who listen to its device. */
  tell(device: string, facts: Readonly<Record<string, unknown>>): void {
    const now = this.#clock.now() / 1_000
    this.#lastTime = Math.max(now, this.#lastTime + 1e-4)
    const event = { ...facts, device_identifier: device, time: this.#lastTime }
    this.#events.push(event)
    if (this.#events.length > odooLimits.eventsMax) this.#events.shift()
    for (const poll of [...this.#polls]) if (poll.devices.has(device)) poll.answer(event)
  }

  stop(): void {
    for (const poll of [...this.#polls]) poll.answer(null)
  }
}
