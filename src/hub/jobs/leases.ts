/** Leases: the right of one client to use a device alone until a time, with fencing numbers that only rise. */
import { HubError } from '../../protocol/errors.ts'
import type { Result } from '../../protocol/methods.ts'
import type { Store } from '../../store/store.ts'
import type { Caller } from '../api.ts'
import { type Clock, isoTime } from '../clock.ts'

interface Lease {
  id: string
  device: string
  client: string
  clientName: string
  fence: number
  /** On the monotonic clock, so that a clock that jumps ends no lease. */
  endsAt: number
}

export class Leases {
  readonly #store: Store
  readonly #clock: Clock
  readonly #newId: () => string
  readonly #byDevice = new Map<string, Lease>()

  constructor(tools: { store: Store; clock: Clock; newId: () => string }) {
    this.#store = tools.store
    this.#clock = tools.clock
    this.#newId = tools.newId
  }

  /** Grants a lease, or throws `device_leased`. The holder that asks again gets a new one with a higher fence. */
  async acquire(device: string, ms: number, caller: Caller): Promise<Result<'lease.acquire'>> {
    this.#refuseForeign(device, caller)
    const fence = await this.#store.devices.nextFence(device)
    // Another client may have been granted one while the number was being recorded.
    this.#refuseForeign(device, caller)
    const current = this.#live(device)
    if (current !== undefined && current.fence > fence)
      throw new HubError('device_leased', { device, client: current.clientName })
    const lease: Lease = {
      id: this.#newId(),
      device,
      client: caller.client,
      clientName: caller.name,
      fence,
      endsAt: this.#clock.monotonic() + ms,
    }
    this.#byDevice.set(device, lease)
    return this.#show(lease)
  }

  renew(id: string, ms: number, caller: Caller): Result<'lease.renew'> {
    const lease = this.#mine(id, caller)
    lease.endsAt = this.#clock.monotonic() + ms
    return this.#show(lease)
  }

  release(id: string, caller: Caller): void {
    this.#byDevice.delete(this.#mine(id, caller).device)
  }

  /**
   * May this client use the device? With a lease named, it must be the current one: a client that lost its lease
   * meanwhile gets `lease_unknown` instead of acting late.
   */
  check(device: string, caller: Caller, leaseId: string | undefined): void {
    const lease = this.#live(device)
    if (leaseId !== undefined) {
      if (lease?.id !== leaseId || lease.client !== caller.client)
        throw new HubError('lease_unknown', { lease: leaseId })
    } else if (lease !== undefined && lease.client !== caller.client)
      throw new HubError('device_leased', { device, client: lease.clientName })
  }

  /** Gives back what a client held: its token was revoked. */
  dropClient(client: string): void {
    for (const lease of [...this.#byDevice.values()])
      if (lease.client === client) this.#byDevice.delete(lease.device)
  }

  /** The device was removed: one that gets its id later is free. */
  dropDevice(device: string): void {
    this.#byDevice.delete(device)
  }

  #live(device: string): Lease | undefined {
    const lease = this.#byDevice.get(device)
    if (lease === undefined || lease.endsAt > this.#clock.monotonic()) return lease
    this.#byDevice.delete(device)
    return undefined
  }

  #refuseForeign(device: string, caller: Caller): void {
    const lease = this.#live(device)
    if (lease !== undefined && lease.client !== caller.client)
      throw new HubError('device_leased', { device, client: lease.clientName })
  }

  #mine(id: string, caller: Caller): Lease {
    const lease = [...this.#byDevice.values()].find((held) => held.id === id)
    if (lease === undefined || lease.client !== caller.client || this.#live(lease.device) !== lease)
      throw new HubError('lease_unknown', { lease: id })
    return lease
  }

  #show(lease: Lease): Result<'lease.acquire'> {
    const remaining = lease.endsAt - this.#clock.monotonic()
    return { lease: lease.id, expiresAt: isoTime(this.#clock.now() + remaining), fence: lease.fence }
  }
}
