/** The connection of the till to its hub: pairing, since when it is away, and how far the upstreams are. */
import { type ReadonlySignal, signal } from '@preact/signals'
import type { ClientStatus } from '../../../protocol/client-connection.ts'
import { type CallOptions, type CoreClient, createCoreClient } from '../../../protocol/client-core.ts'
import type { EventOf, TopicPattern, TopicsOf } from '../../../protocol/client-events.ts'
import { HubError } from '../../../protocol/errors.ts'
import type { HubEvent } from '../../../protocol/event.ts'
import type { JobKind } from '../../../protocol/job.ts'
import type { MethodName, Params, Result, Role } from '../../../protocol/methods.ts'
import type { UpstreamStatus } from '../../../protocol/till/upstream.ts'
import { hubAddress, redeem, socketUrl } from '../../parts/pairing.ts'
import type { UiClock } from '../../parts/time.ts'
import type { Link } from '../contract.ts'

/** Its own, so that console and till on one machine keep a pairing each. */
export const tokenKey = 'tillbridge.till.token'

export const linkTimes = {
  /** While the hub is away it is tried again so often, in ms: a cashier sees the shop come back within a breath. */
  againMs: 2_500,
} as const

interface LinkParts {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  location: Location
  clock: UiClock
  clientName: string
  /** Makes the client; the usual one when left out. */
  create?: typeof createCoreClient
}

type Listener = { topics: readonly TopicPattern[]; hear: (event: HubEvent) => void; leave: () => void }

export class HubLink implements Link {
  readonly #parts: LinkParts
  readonly #stage = signal<'unpaired' | 'connecting' | 'online' | 'offline'>('connecting')
  readonly #offlineSince = signal<number | null>(null)
  readonly #refusal = signal<HubError | undefined>(undefined)
  readonly #role = signal<Role | undefined>(undefined)
  readonly #hubName = signal('')
  readonly #upstreams = signal<readonly UpstreamStatus[]>([])
  readonly #fresh = new Set<() => void>()
  readonly #listeners = new Set<Listener>()
  readonly sentCodes = new Set<string>()
  #client: CoreClient | undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
  }

  get stage(): ReadonlySignal<'unpaired' | 'connecting' | 'online' | 'offline'> {
    return this.#stage
  }

  get offlineSince(): ReadonlySignal<number | null> {
    return this.#offlineSince
  }

  get refusal(): ReadonlySignal<HubError | undefined> {
    return this.#refusal
  }

  get role(): ReadonlySignal<Role | undefined> {
    return this.#role
  }

  get hubName(): ReadonlySignal<string> {
    return this.#hubName
  }

  get upstreams(): ReadonlySignal<readonly UpstreamStatus[]> {
    return this.#upstreams
  }

  start(): void {
    const token = this.#parts.storage.getItem(tokenKey)
    if (token === null) this.#stage.value = 'unpaired'
    else this.#connect(token)
  }

  async pair(code: string): Promise<void> {
    const { token } = await redeem(hubAddress(this.#parts.location, '..'), code, this.#parts.clientName)
    this.#parts.storage.setItem(tokenKey, token)
    this.#refusal.value = undefined
    this.#connect(token)
  }

  /** Hangs up, and tries no more: another tab is the till now. */
  stop(): void {
    this.#client?.close()
    this.#client = undefined
    this.#offlineSince.value ??= this.#parts.clock.read()
    this.#stage.value = 'offline'
  }

  async call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>> {
    if (this.#client === undefined) throw new HubError('connection_lost')
    return this.#client.call(method, params, options)
  }

  readonly subscribe: CoreClient['subscribe'] = (topics, listener) => {
    const hear = listener as (event: HubEvent) => void
    const entry: Listener = { topics, hear, leave: () => undefined }
    this.#listeners.add(entry)
    this.#listen(entry)
    return () => {
      this.#listeners.delete(entry)
      entry.leave()
    }
  }

  readonly submitJob: CoreClient['submitJob'] = async <K extends JobKind>(
    request: Parameters<CoreClient['submitJob']>[0],
  ) =>
    this.#need().submitJob<K>(request as Parameters<CoreClient['submitJob']>[0] & { kind: K; payload: never })

  readonly runJob: CoreClient['runJob'] = async <K extends JobKind>(
    request: Parameters<CoreClient['runJob']>[0],
  ) => this.#need().runJob<K>(request as Parameters<CoreClient['runJob']>[0] & { kind: K; payload: never })

  onFresh(listener: () => void): () => void {
    this.#fresh.add(listener)
    if (this.#stage.peek() === 'online') listener()
    return () => this.#fresh.delete(listener)
  }

  #need(): CoreClient {
    if (this.#client === undefined) throw new HubError('connection_lost')
    return this.#client
  }

  #connect(token: string): void {
    this.#client?.close()
    const { clientName, create = createCoreClient, location } = this.#parts
    const client = create({ url: socketUrl(hubAddress(location, '..')), token, client: clientName })
    this.#client = client
    this.#stage.value = 'connecting'
    for (const entry of this.#listeners) this.#listen(entry)
    client.subscribe(['till.outbox.changed'], (event) => this.#take(event.data))
    client.onGap(() => this.#tell())
    client.onStatus((status) => {
      if (client === this.#client) this.#follow(status)
    })
    client.connect()
  }

  #listen(entry: Listener): void {
    entry.leave()
    const leave = this.#client?.subscribe(
      entry.topics,
      entry.hear as (event: EventOf<TopicsOf<TopicPattern>>) => void,
    )
    entry.leave = leave ?? (() => undefined)
  }

  #follow(status: ClientStatus): void {
    const { clock, storage } = this.#parts
    if (status === 'online') {
      this.#role.value = this.#client?.hub?.role
      this.#offlineSince.value = null
      this.#stage.value = 'online'
      this.#tell()
      return
    }
    if (status === 'refused') {
      this.#refusal.value = this.#client?.refusal
      this.#client?.close()
      this.#client = undefined
      storage.removeItem(tokenKey)
      this.#stage.value = 'unpaired'
      return
    }
    // Between two tries the client says `connecting`: for people the hub is away all the while.
    if (status === 'offline') {
      this.#offlineSince.value ??= clock.read()
      this.#stage.value = 'offline'
      const client = this.#client
      clock.after(linkTimes.againMs, () => {
        if (client === this.#client && client?.status === 'offline') client.connect()
      })
    }
  }

  #tell(): void {
    const client = this.#client
    if (client === undefined) return
    for (const listener of this.#fresh) listener()
    client.call('hub.info', {}).then(
      ({ name }) => {
        this.#hubName.value = name
      },
      () => undefined,
    )
    client.call('till.outbox.status', {}).then(
      ({ upstreams }) => {
        this.#upstreams.value = upstreams
      },
      () => undefined,
    )
  }

  #take(status: UpstreamStatus): void {
    const others = this.#upstreams.value.filter(({ upstream }) => upstream !== status.upstream)
    this.#upstreams.value = [...others, status].sort((a, b) => (a.upstream < b.upstream ? -1 : 1))
  }
}
