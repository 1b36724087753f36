/** Who uses the console and how it got in: set-up, log-in or pairing; and the connection that feeds its state. */
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { reachSchema, sessionResultSchema, setUpStateSchema } from '../../protocol/access.ts'
import type { ClientStatus } from '../../protocol/client-connection.ts'
import { type CallOptions, type CoreClient, createCoreClient } from '../../protocol/client-core.ts'
import { HubError, toHubError } from '../../protocol/errors.ts'
import type { HubEvent } from '../../protocol/event.ts'
import type { Job, JobKind, JobPayload, JobState } from '../../protocol/job.ts'
import type { MethodName, Params, Result, Role } from '../../protocol/methods.ts'
import { askHub } from '../parts/http.ts'
import { hubAddress, redeem, socketUrl } from '../parts/pairing.ts'
import type { UiClock } from '../parts/time.ts'
import type { ConsoleState } from './state.ts'

type SessionResult = (typeof sessionResultSchema)['_output']
type SetUpState = (typeof setUpStateSchema)['_output']
type Reach = (typeof reachSchema)['_output']

const tokenKey = 'tillbridge.token'
const roleKey = 'tillbridge.role'

export const sessionTimes = {
  /** Events are gathered for so long and drawn together. */
  gatherMs: 16,
  /** How often the counters in the header are asked for, in ms. */
  infoMs: 15_000,
  /** Before a hub that did not answer the first question is asked again. */
  againMs: 2_000,
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
  'access.changed',
  'origin.seen',
  'network.changed',
  'demo.*',
] as const

/**
 * Which page stands before the console. `asking`: not known yet. `away`: the hub does not answer. `plain`: this connection
 * may carry no secret. `in`: none, the console itself.
 */
export type Gate = 'asking' | 'away' | 'plain' | 'setup' | 'login' | 'pair' | 'in'

export interface Person {
  name: string
  role: Role
  /** Set for somebody who has logged in; a paired browser has none. */
  user?: string
}

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
  readonly sentCodes = new Set<string>()
  readonly #parts: SessionParts
  readonly #gate = signal<Gate>('asking')
  readonly #link = signal<ClientStatus>('connecting')
  readonly #person = signal<Person | undefined>(undefined)
  readonly #role = signal<Role | undefined>(undefined)
  readonly #refusal = signal<HubError | undefined>(undefined)
  readonly #ready = signal(false)
  readonly #secureUrl = signal<string | undefined>(undefined)
  readonly #hubName = signal('Tillbridge')
  readonly #justPaired = signal(false)
  #client: CoreClient | undefined
  #gathered: HubEvent[] = []
  /** Events that came while a snapshot is on its way. */
  #meanwhile: HubEvent[] | undefined
  #gathering = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  get gate(): ReadonlySignal<Gate> {
    return this.#gate
  }

  get link(): ReadonlySignal<ClientStatus> {
    return this.#link
  }

  get person(): ReadonlySignal<Person | undefined> {
    return this.#person
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

  /** At the gate `plain`: where to go on; undefined when the hub serves no https. */
  get secureUrl(): ReadonlySignal<string | undefined> {
    return this.#secureUrl
  }

  /** As the shop calls its hub, for the pages before the console. */
  get hubName(): ReadonlySignal<string> {
    return this.#hubName
  }

  /** True after this page has paired, until somebody has read it. */
  get justPaired(): Signal<boolean> {
    return this.#justPaired
  }

  get hub(): URL {
    return hubAddress(this.#parts.location, '.')
  }

  /** Of a paired browser, for requests beside the connection; undefined for who has logged in. */
  get token(): string | undefined {
    return this.#parts.storage.getItem(tokenKey) ?? undefined
  }

  /** `code`: the page was opened to pair this browser, whoever is logged in. */
  start(code: string | undefined): void {
    const { token } = this
    if (code !== undefined) void this.#askGate('pair')
    else if (token !== undefined) this.#connect(token)
    else void this.#askSession()
    this.#askAgain()
  }

  /** Redeems a code. Throws HubError `pair_code_invalid`, `locked_out`, `setup_required`, `connection_lost`. */
  async pair(code: string): Promise<void> {
    const { token, role } = await this.#carefully(() => redeem(this.hub, code, this.#parts.clientName))
    this.#parts.storage.setItem(tokenKey, token)
    this.#parts.storage.setItem(roleKey, role)
    this.#justPaired.value = true
    this.#connect(token)
  }

  /** Throws HubError `login_failed`, `locked_out`, `connection_lost`. */
  async logIn(name: string, password: string): Promise<void> {
    await this.#enter('api/v1/session', { name, password })
  }

  /** Makes the first owner. Throws HubError `setup_code_invalid`, `setup_done`, `password_weak`, `locked_out`. */
  async setUp(code: string, name: string, password: string): Promise<void> {
    await this.#enter('api/v1/setup', { code, name, password })
  }

  /** Ends the session of a user; a paired browser drops its token, which stays listed until somebody revokes it. */
  async leave(): Promise<void> {
    const loggedIn = this.#person.value?.user !== undefined
    if (loggedIn) await askHub(this.hub, 'DELETE', 'api/v1/session')
    this.#drop()
    this.#refusal.value = undefined
    await this.#askGate(loggedIn ? 'login' : 'pair')
  }

  /** Shows another way in: with a code instead of a password, or the other way round. */
  choose(gate: 'login' | 'pair' | 'setup'): void {
    this.#refusal.value = undefined
    this.#gate.value = gate
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

  /** Which page stands before the console: the wanted one, unless the hub is new or the connection may carry no secret. */
  async #askGate(wanted: 'login' | 'pair'): Promise<void> {
    try {
      const { needed, name, secureUrl } = await askHub<SetUpState>(this.hub, 'GET', 'api/v1/setup')
      this.#hubName.value = name
      this.#secureUrl.value = secureUrl ?? undefined
      if (secureUrl !== null) this.#gate.value = 'plain'
      else this.#gate.value = needed ? 'setup' : wanted
    } catch {
      this.#away(() => this.#askGate(wanted))
    }
  }

  /** Is somebody logged in on this browser? */
  async #askSession(): Promise<void> {
    try {
      const { needed, secureUrl } = await askHub<SetUpState>(this.hub, 'GET', 'api/v1/setup')
      if (!needed && secureUrl === null) {
        this.#greet(await askHub<SessionResult>(this.hub, 'GET', 'api/v1/session'))
        return
      }
    } catch (thrown) {
      const error = toHubError(thrown)
      if (error.code === 'connection_lost' || error.who === 'retry') {
        this.#away(() => this.#askSession())
        return
      }
      if (error.code === 'tls_required') {
        // The hub serves no https: there is nowhere to send anybody.
        this.#gate.value = 'plain'
        return
      }
    }
    await this.#askGate('login')
  }

  #away(ask: () => Promise<void>): void {
    this.#gate.value = 'away'
    this.#parts.clock.after(sessionTimes.againMs, () => void ask())
  }

  async #enter(path: string, body: unknown): Promise<void> {
    this.#greet(await this.#carefully(() => askHub<SessionResult>(this.hub, 'POST', path, body)))
  }

  /** Errors that say that this is the wrong page lead to the right one. */
  async #carefully<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (thrown) {
      const error = toHubError(thrown)
      if (error.code === 'tls_required') {
        const url = error.context.url
        this.#secureUrl.value = typeof url === 'string' ? url : undefined
        this.#gate.value = 'plain'
      }
      if (error.code === 'setup_required') this.choose('setup')
      throw error
    }
  }

  #greet({ user, name, role }: SessionResult): void {
    this.#person.value = { user, name, role }
    this.#role.value = role
    this.#connect(undefined)
  }

  #drop(): void {
    this.#client?.close()
    this.#client = undefined
    this.#parts.storage.removeItem(tokenKey)
    this.#parts.storage.removeItem(roleKey)
    this.#person.value = undefined
    this.#role.value = undefined
    this.#ready.value = false
  }

  /** With a token, or by the cookie of who has logged in. */
  #connect(token: string | undefined): void {
    this.#client?.close()
    const client = createCoreClient({
      url: socketUrl(this.hub),
      ...(token === undefined ? {} : { token }),
      client: this.#parts.clientName,
    })
    this.#client = client
    this.#refusal.value = undefined
    this.#link.value = 'connecting'
    this.#gate.value = 'in'
    if (token !== undefined)
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
    if (status === 'refused') this.#refused(this.#client?.refusal ?? new HubError('unauthorized'))
    if (status === 'offline' && !this.#ready.value) void this.#askWhy()
    if (status !== 'online') return
    const hello = this.#client?.hub
    if (hello !== undefined) {
      const before = this.#person.value
      this.#role.value = hello.role
      this.#person.value = { ...before, name: hello.name ?? before?.name ?? '', role: hello.role }
    }
    if (this.#ready.value) void this.#askInfo()
    else void this.#snapshot()
  }

  #refused(error: HubError): void {
    const way = this.#person.value?.user === undefined ? 'pair' : 'login'
    this.#drop()
    this.#refusal.value = error
    void this.#askGate(way)
  }

  /** A refused upgrade tells a browser nothing: the hub is asked whether this connection may carry a token at all. */
  async #askWhy(): Promise<void> {
    try {
      const { tokensAllowed } = await askHub<Reach>(this.hub, 'GET', 'api/v1/reach')
      if (tokensAllowed || this.#gate.value !== 'in') return
      this.#client?.close()
      await this.#askGate('login')
    } catch {
      // It is away: the client goes on trying.
    }
  }

  async #snapshot(): Promise<void> {
    this.#meanwhile = []
    try {
      const [hub, { devices }, ...open] = await Promise.all([
        this.call('hub.info', {}),
        this.call('device.list', {}),
        ...(['pending', 'running', 'unknown'] as const).map((state) => this.#jobsIn(state)),
      ])
      this.#hubName.value = hub.name
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
      const hub = await this.call('hub.info', {})
      this.#parts.state.hub.value = hub
      this.#hubName.value = hub.name
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
