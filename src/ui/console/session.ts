/** Pairing, the token, and the connection that feeds the console's state. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type CallOptions, type ClientStatus, createClient, type HubClient } from '../../protocol/client.ts'
import { HubError } from '../../protocol/errors.ts'
import type { HubEvent } from '../../protocol/event.ts'
import type { Job, JobKind, JobPayload, JobState } from '../../protocol/job.ts'
import type { MethodName, Params, Result, Role } from '../../protocol/methods.ts'
import { hubAddress, redeem, socketUrl } from '../parts/pairing.ts'
import type { UiClock } from '../parts/time.ts'
import type { ConsoleState } from './state.ts'

const tokenKey = 'tillbridge.token'
const roleKey = 'tillbridge.role'

export const sessionTimes = {
  /** Events are gathered for so long and drawn together. */
  gatherMs: 16,
  /** How often the counters in the header are asked for, in ms. */
  infoMs: 15_000,
} as const

/** The most that one `job.list` answers. */
const openJobsPage = 500
const topics = [
  'device.*',
  'scan',
  'scale.*',
  'drawer.*',
  'display.changed',
  'job.*',
  'port.*',
  'hub.*',
  'demo.*',
] as const

/** `unpaired`: there is no token, or the hub refused it. */
export type Link = 'unpaired' | ClientStatus

export interface SessionParts {
  storage: Storage
  /** Where the page came from; the hub is at the same place. */
  location: Location
  state: ConsoleState
  clock: UiClock
  /** What the hub lists this browser as. */
  clientName: string
}

export class Session {
  readonly #parts: SessionParts
  readonly #link = signal<Link>('connecting')
  readonly #role = signal<Role | undefined>(undefined)
  readonly #refusal = signal<HubError | undefined>(undefined)
  readonly #ready = signal(false)
  #client: HubClient | undefined
  #gathered: HubEvent[] = []
  /** Events that came while a snapshot is on its way. */
  #meanwhile: HubEvent[] | undefined
  #gathering = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  get link(): ReadonlySignal<Link> {
    return this.#link
  }

  get role(): ReadonlySignal<Role | undefined> {
    return this.#role
  }

  /** Why the hub does not know this browser any more. */
  get refusal(): Signal<HubError | undefined> {
    return this.#refusal
  }

  /** True once the first snapshot is there. */
  get ready(): ReadonlySignal<boolean> {
    return this.#ready
  }

  start(): void {
    const token = this.#parts.storage.getItem(tokenKey)
    if (token === null) this.#link.value = 'unpaired'
    else this.#connect(token)
    this.#askAgain()
  }

  /** Redeems a code. Throws HubError `pair_code_invalid`, `rate_limited`, `connection_lost`. */
  async pair(code: string): Promise<void> {
    const { token, role } = await redeem(hubAddress(this.#parts.location, '.'), code, this.#parts.clientName)
    this.#parts.storage.setItem(tokenKey, token)
    this.#parts.storage.setItem(roleKey, role)
    this.#refusal.value = undefined
    this.#connect(token)
  }

  /** Drops the token of this browser. The hub keeps it listed until somebody revokes it. */
  forget(): void {
    this.#client?.close()
    this.#client = undefined
    this.#parts.storage.removeItem(tokenKey)
    this.#parts.storage.removeItem(roleKey)
    this.#ready.value = false
    this.#link.value = 'unpaired'
  }

  /** Tries the connection now instead of at the next turn. */
  retry(): void {
    this.#client?.connect()
  }

  call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>> {
    return this.#client?.call(method, params, options) ?? Promise.reject(new HubError('connection_lost'))
  }

  /** Hands a job in and answers as soon as the hub has it; its end comes as an event. */
  async submit<K extends JobKind>(device: string, kind: K, payload: JobPayload[K]): Promise<Job> {
    if (this.#client === undefined) throw new HubError('connection_lost')
    const job = await this.#client.submitJob({ device, kind, payload })
    this.#parts.state.putJob(job)
    return job
  }

  #connect(token: string): void {
    this.#client?.close()
    const client = createClient({
      url: socketUrl(hubAddress(this.#parts.location, '.')),
      token,
      client: this.#parts.clientName,
    })
    this.#client = client
    this.#link.value = 'connecting'
    this.#role.value = (this.#parts.storage.getItem(roleKey) as Role | null) ?? undefined
    client.subscribe(topics, (event) => this.#gather(event))
    client.onGap(() => void this.#snapshot())
    client.onStatus((status) => {
      if (client === this.#client) this.#follow(status)
    })
    client.connect()
  }

  #follow(status: ClientStatus): void {
    this.#link.value = status
    if (status === 'refused') {
      this.#refusal.value = this.#client?.refusal ?? new HubError('unauthorized')
      this.forget()
    }
    if (status !== 'online') return
    this.#role.value = this.#client?.hub?.role
    if (this.#ready.value) void this.#askInfo()
    else void this.#snapshot()
  }

  async #snapshot(): Promise<void> {
    this.#meanwhile = []
    try {
      const [hub, { devices }, ...open] = await Promise.all([
        this.call('hub.info', {}),
        this.call('device.list', {}),
        ...(['pending', 'running', 'unknown'] as const).map((state) => this.#jobsIn(state)),
      ])
      this.#parts.state.take({ hub, devices, openJobs: open.flat() }, this.#meanwhile ?? [])
      this.#ready.value = true
    } catch {
      // The connection went away meanwhile; the next one takes a snapshot of its own.
      this.#ready.value = false
    } finally {
      this.#meanwhile = undefined
    }
  }

  async #jobsIn(state: JobState): Promise<readonly Job[]> {
    return (await this.call('job.list', { state, limit: openJobsPage })).jobs
  }

  async #askInfo(): Promise<void> {
    try {
      this.#parts.state.hub.value = await this.call('hub.info', {})
    } catch {
      // The next turn asks again.
    }
  }

  #askAgain(): void {
    this.#parts.clock.after(sessionTimes.infoMs, () => {
      if (this.#link.value === 'online') void this.#askInfo()
      this.#askAgain()
    })
  }

  #gather(event: HubEvent): void {
    this.#gathered.push(event)
    if (this.#gathering) return
    this.#gathering = true
    this.#parts.clock.after(sessionTimes.gatherMs, () => {
      this.#gathering = false
      const events = this.#gathered
      this.#gathered = []
      if (this.#meanwhile === undefined) this.#parts.state.apply(events)
      else this.#meanwhile.push(...events)
    })
  }
}
