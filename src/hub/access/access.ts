/** Who may in: the one place that the doors and the methods ask; the parts beside it do the work. */
import type { Role } from '../../protocol/access.ts'
import { HubError, toHubError } from '../../protocol/errors.ts'
import type { EventData, EventTopic } from '../../protocol/event.ts'
import type { Params, Result } from '../../protocol/methods.ts'
import type { Store, UserRow } from '../../store/store.ts'
import type { Access as AccessApi, Caller, NewSession, Refused } from '../api.ts'
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { Audit, doerOf, type Refusal } from './audit.ts'
import { Codes } from './codes.ts'
import { Connections } from './connections.ts'
import { LockOut } from './lockout.ts'
import { Origins } from './origins.ts'
import { Passwords, refuseWeak } from './passwords.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import { SetUp } from './set-up.ts'
import { Tokens } from './tokens.ts'
import { Users } from './users.ts'

type Changed = EventData<'access.changed'>['what']

export interface AccessTools {
  store: Store
  clock: Clock
  newId: () => string
  log: Log
  hubName: string
  settings: SessionSettings & { origins: readonly string[] }
  publish<T extends EventTopic>(topic: T, data: EventData<T>): void
}

/** What a door turned away, as the code that it answered. */
const refusedWith = {
  token: 'unauthorized',
  origin: 'origin_not_allowed',
  host: 'host_not_allowed',
  forged: 'request_forged',
  plain: 'tls_required',
  flood: 'rate_limited',
} as const satisfies Record<Refused, string>

export class Access implements AccessApi {
  readonly name = 'access'
  readonly auditLog: Audit
  readonly tokens: Tokens
  readonly codes: Codes
  readonly users: Users
  readonly sessions: Sessions
  readonly origins: Origins
  readonly #connections: Connections
  readonly #tools: AccessTools
  readonly #setUp: SetUp
  readonly #lockOut: LockOut
  readonly #passwords = new Passwords()
  readonly #revokedListeners = new Set<(client: string, gone: boolean) => void>()
  readonly #originListeners = new Set<(origin: string) => void>()
  #setUpCode: string | undefined

  constructor(tools: AccessTools) {
    this.#tools = tools
    const { clock, publish, settings, store } = tools
    this.#setUp = new SetUp(store)
    this.#lockOut = new LockOut(clock)
    this.auditLog = new Audit(tools)
    this.tokens = new Tokens(tools)
    this.codes = new Codes(tools)
    this.#connections = new Connections({ clock, changed: () => this.changed('tokens') })
    this.sessions = new Sessions({
      ...tools,
      ended: (id) => {
        this.#closeConnections(id, true)
        this.changed('sessions')
      },
    })
    this.users = new Users({
      ...tools,
      passwords: this.#passwords,
      sessions: this.sessions,
    })
    this.origins = new Origins({
      store,
      clock,
      configured: settings.origins,
      seen: (origin) => publish('origin.seen', { origin }),
    })
  }

  /** Makes a set-up code when there is no owner. A disk that takes none now is no reason not to serve. */
  async start(): Promise<void> {
    await this.origins.load()
    if (!(await this.#setUp.load())) return
    try {
      this.#setUpCode = await this.#setUp.newCode()
    } catch (error) {
      this.#tools.log.warn(
        { reason: toHubError(error).message },
        'no set-up code could be made; when there is room on the disk, tillbridge setup makes one',
      )
    }
  }

  async stop(): Promise<void> {
    this.#connections.stop()
    this.sessions.stop()
    await this.origins.stop()
    await this.auditLog.stop()
  }

  get setUp(): boolean {
    return !this.#setUp.needed
  }

  /** The code of this start, while there is no owner. */
  get setUpCode(): string | undefined {
    return this.#setUp.needed ? this.#setUpCode : undefined
  }

  check(token: string, from?: string): Promise<Caller | undefined> {
    return this.tokens.check(token, from)
  }

  checkSession(secret: string, from?: string): Promise<Caller | undefined> {
    return this.sessions.check(secret, from)
  }

  /** Sessions of people are no tills: who looks at the console is told to nobody. */
  connected({ client, user }: Caller): () => void {
    return user === undefined ? this.#connections.opened(client) : () => {}
  }

  listTokens(): Promise<Result<'token.list'>> {
    return this.tokens.list((client) => this.#connections.of(client))
  }

  /** A caller does something on a connection that was checked before. */
  used(caller: Caller): void {
    if (caller.user !== undefined) this.sessions.used(caller.client)
  }

  async setUpOwner(
    { code, name, password }: { code: string; name: string; password: string },
    source: string,
    agent: string,
  ): Promise<NewSession> {
    const { clock, hubName, newId, store } = this.#tools
    return this.#guarded({ act: 'setup', source, detail: { name } }, async (right) => {
      await this.#setUp.check(code)
      right()
      refuseWeak(password, [name, hubName])
      const hash = await this.#passwords.hash(password)
      const owner: UserRow = { id: newId(), name, role: 'owner', password: hash, createdAt: clock.now() }
      return this.auditLog.act('setup', { who: name, role: 'owner', from: source }, { name }, async () => {
        const user = await this.#setUp.redeem(code, owner)
        this.#setUpCode = undefined
        // With the lost password go the sessions that were got with it.
        this.sessions.forgetOf(user.id)
        this.changed('users')
        await store.access.userLoggedIn(user.id, clock.now(), source)
        return this.#begin(user, source, agent)
      })
    })
  }

  async logIn(
    { name, password }: { name: string; password: string },
    source: string,
    agent: string,
  ): Promise<NewSession> {
    if (!this.setUp) throw new HubError('setup_required')
    const { clock, store } = this.#tools
    // The name that was typed is told only of a user: people type their password there.
    const detail: { name?: string } = {}
    return this.#guarded({ act: 'login', source, detail }, async (right) => {
      await this.#lockOut.delay(name)
      const user = await store.access.userByName(name)
      if (user !== undefined) detail.name = user.name
      if (!(await this.#passwords.matches(password, user?.password)) || user === undefined) {
        this.#lockOut.wrongFor(name)
        throw new HubError('login_failed')
      }
      right()
      this.#lockOut.rightFor(name)
      const doer = { who: user.name, role: user.role, from: source }
      return this.auditLog.act('login', doer, { name: user.name }, async () => {
        await store.access.userLoggedIn(user.id, clock.now(), source)
        return this.#begin(user, source, agent)
      })
    })
  }

  async logOut(secret: string): Promise<void> {
    await this.sessions.endBySecret(secret)
  }

  async pair(code: string, name: string, source: string): Promise<{ token: string; role: Role }> {
    if (!this.setUp) throw new HubError('setup_required')
    return this.#guarded({ act: 'pair', source, detail: { name } }, async (right) => {
      const row = await this.codes.take(code)
      right()
      const { role, devices } = row
      const client = row.name ?? name
      const doer = { who: client, role, from: source }
      return this.auditLog.act('pair', doer, { name: client, role, devices }, async () => {
        const token = await this.tokens.issue({ name: client, role, devices })
        this.changed('codes')
        this.changed('tokens')
        return { token, role }
      })
    })
  }

  /**
   * The change is an act, a wrong try a refusal: anybody may try, and must not push acts out of the audit log. Throws
   * `user_unknown` for a client, which has no password, `password_wrong`, `password_weak`, `locked_out`.
   */
  ownPassword(passwords: Params<'user.password'>, caller: Caller): Promise<void> {
    const { client, from = 'box', name: who, role, user: id } = caller
    if (id === undefined) throw new HubError('user_unknown', { id: client })
    return this.#guarded({ act: 'user.password', source: from, who, role }, async (right) => {
      const user = await this.users.prove(id, passwords.current)
      right()
      refuseWeak(passwords.next, [user.name, this.#tools.hubName], 'next')
      await this.audit('user.password', caller, {}, () =>
        this.users.changePassword(user, passwords.next, client),
      )
    })
  }

  onRevoked(listener: (client: string, gone: boolean) => void): () => void {
    this.#revokedListeners.add(listener)
    return () => this.#revokedListeners.delete(listener)
  }

  originAllowed(origin: string, source: string): boolean {
    return this.origins.allowed(origin, source)
  }

  onOriginRemoved(listener: (origin: string) => void): () => void {
    this.#originListeners.add(listener)
    return () => this.#originListeners.delete(listener)
  }

  /** A method that the role of the caller may not call. */
  refusedCall(method: string, caller: Caller): void {
    const { from = 'box', name, role } = caller
    this.auditLog.refuse({ act: method, result: 'forbidden', source: from, who: name, role })
  }

  refused(what: Refused, source: string, detail: Readonly<Record<string, string>>): void {
    this.auditLog.refuse({ act: `${what}.refused`, result: refusedWith[what], source, detail })
  }

  audit<T>(
    act: string,
    caller: Caller,
    detail: Readonly<Record<string, unknown>>,
    work: () => Promise<T>,
  ): Promise<T> {
    return this.auditLog.act(act, doerOf(caller), detail, work)
  }

  /** A client is not what it was: its connections close and come back. */
  async changeToken(change: Parameters<Tokens['change']>[0]): ReturnType<Tokens['change']> {
    const token = await this.tokens.change(change)
    this.#closeConnections(token.id, false)
    this.changed('tokens')
    return token
  }

  async revokeToken(id: string): Promise<void> {
    await this.tokens.revoke(id)
    this.#closeConnections(id, true)
    this.changed('tokens')
  }

  async removeOrigin(text: string): Promise<void> {
    const origin = await this.origins.remove(text)
    for (const listener of this.#originListeners) listener(origin)
    this.changed('origins')
  }

  changed(what: Changed): void {
    this.#tools.publish('access.changed', { what })
  }

  #closeConnections(client: string, gone: boolean): void {
    for (const listener of this.#revokedListeners) listener(client, gone)
  }

  /** A try that counts for the lock-out, and for the audit log when it is refused. */
  async #guarded<T>(tried: Omit<Refusal, 'result'>, work: (right: () => void) => Promise<T>): Promise<T> {
    let right = () => {}
    try {
      right = this.#lockOut.begin(tried.source)
      return await work(right)
    } catch (error) {
      const { code, context, who } = toHubError(error)
      // A disk that is full or a queue that is long is nobody's guess.
      if (who === 'retry' || code === 'store_unavailable' || code === 'internal') right()
      else this.auditLog.refuse({ ...tried, result: code, detail: { ...tried.detail, ...dropped(context) } })
      if (context.dropped !== undefined) this.changed('codes')
      throw error
    }
  }

  async #begin(user: UserRow, source: string, agent: string): Promise<NewSession> {
    const session = await this.sessions.begin(user, source, agent)
    this.changed('sessions')
    return session
  }
}

/** How many codes died of one try too many. */
const dropped = ({ dropped: count }: HubError['context']) => (count === undefined ? {} : { dropped: count })
