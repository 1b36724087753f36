/** A hub in memory for the tests of doors: real tokens, codes, events and a few devices, without store and drivers. */
import type {
  Access,
  Caller,
  CareApi,
  EventFrame,
  EventStream,
  Health,
  HubApi,
  Network,
  NewSession,
  Refused,
  Tls,
  TlsMaterial,
} from '../../src/hub/api.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { EventData, EventTopic } from '../../src/protocol/event.ts'
import {
  type MethodName,
  methods,
  type ParsedParams,
  type Result,
  type Role,
} from '../../src/protocol/methods.ts'

export class MemoryEvents implements EventStream {
  epoch = 'epoch-1'
  seq = 0
  #frames: EventFrame[] = []
  readonly #listeners = new Set<(event: EventFrame) => void>()

  get followers(): number {
    return this.#listeners.size
  }

  publish<T extends EventTopic>(topic: T, data: EventData<T>, device?: string): EventFrame {
    this.seq++
    const params = {
      seq: this.seq,
      topic,
      ...(device === undefined ? {} : { device }),
      at: '2026-01-02T03:04:05.000Z',
      data,
    }
    const frame = {
      seq: this.seq,
      topic,
      ...(device === undefined ? {} : { device }),
      frame: Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: 'event', params })),
    }
    this.#frames.push(frame)
    for (const listener of this.#listeners) listener(frame)
    return frame
  }

  scan(code: string): EventFrame {
    return this.publish('scan', { code }, 'scanner-1')
  }

  follow(listener: (event: EventFrame) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async after(position: { epoch: string; seq: number }, limit: number): Promise<EventFrame[] | undefined> {
    await new Promise((resolve) => setImmediate(resolve))
    const first = this.#frames[0]?.seq ?? this.seq + 1
    if (position.epoch !== this.epoch || position.seq > this.seq || position.seq + 1 < first) return undefined
    return this.#frames.slice(position.seq + 1 - first, position.seq + 1 - first + limit)
  }

  /** Forgets all but the newest `count`. */
  keep(count: number): void {
    this.#frames = count === 0 ? [] : this.#frames.slice(-count)
  }

  /** What a power cut does: numbers start over under another epoch. */
  newEpoch(epoch: string, seq: number): void {
    this.epoch = epoch
    this.seq = seq
    this.#frames = []
  }
}

/** People, sessions, origins and codes that a test puts in; what the guards turned away is in `refusals`. */
class MemoryAccess implements Access {
  setUp = true
  readonly tokens = new Map<string, Caller>()
  readonly codes = new Map<string, Role>()
  readonly sessions = new Map<string, Caller>()
  readonly origins = new Set<string>()
  readonly seen: string[] = []
  readonly refusals: { what: Refused; source: string; detail: Readonly<Record<string, string>> }[] = []
  readonly audited: { act: string; caller: Caller }[] = []
  readonly #revoked = new Set<(client: string, gone: boolean) => void>()
  readonly #originRemoved = new Set<(origin: string) => void>()

  /** Clients of the open connections. */
  readonly connections: string[] = []

  connected({ client }: Caller): () => void {
    this.connections.push(client)
    return () => void this.connections.splice(this.connections.indexOf(client), 1)
  }

  /** Keeps checks waiting until it settles, as a slow disk would. */
  held: Promise<void> = Promise.resolve()

  async check(token: string): Promise<Caller | undefined> {
    await this.held
    return this.tokens.get(token)
  }

  async checkSession(secret: string): Promise<Caller | undefined> {
    await this.held
    return this.sessions.get(secret)
  }

  async setUpOwner(request: { code: string; name: string }): Promise<NewSession> {
    if (this.setUp) throw new HubError('setup_done')
    if (request.code !== 'SETUP00000') throw new HubError('setup_code_invalid')
    this.setUp = true
    return this.#begin(request.name)
  }

  async logIn(request: { name: string; password: string }): Promise<NewSession> {
    if (!this.setUp) throw new HubError('setup_required')
    if (request.password !== 'right password') throw new HubError('login_failed')
    return this.#begin(request.name)
  }

  async logOut(secret: string): Promise<void> {
    const caller = this.sessions.get(secret)
    this.sessions.delete(secret)
    if (caller !== undefined) for (const listener of this.#revoked) listener(caller.client, true)
  }

  async pair(code: string, name: string): Promise<{ token: string; role: Role }> {
    const role = this.codes.get(code)
    if (role === undefined) throw new HubError('pair_code_invalid')
    this.codes.delete(code)
    const token = `token-of-${name}`
    this.tokens.set(token, { client: `client-${name}`, name, role })
    return { token, role }
  }

  onRevoked(listener: (client: string, gone: boolean) => void): () => void {
    this.#revoked.add(listener)
    return () => this.#revoked.delete(listener)
  }

  originAllowed(origin: string): boolean {
    if (this.origins.has(origin)) return true
    this.seen.push(origin)
    return false
  }

  onOriginRemoved(listener: (origin: string) => void): () => void {
    this.#originRemoved.add(listener)
    return () => this.#originRemoved.delete(listener)
  }

  refused(what: Refused, source: string, detail: Readonly<Record<string, string>>): void {
    this.refusals.push({ what, source, detail })
  }

  audit<T>(act: string, caller: Caller, _detail: object, work: () => Promise<T>): Promise<T> {
    this.audited.push({ act, caller })
    return work()
  }

  revoke(token: string): void {
    const caller = this.tokens.get(token)
    this.tokens.delete(token)
    if (caller !== undefined) for (const listener of this.#revoked) listener(caller.client, true)
  }

  /** What another name or other devices do to a token. */
  change(token: string, name: string): void {
    const caller = this.tokens.get(token)
    if (caller === undefined) return
    this.tokens.set(token, { ...caller, name })
    for (const listener of this.#revoked) listener(caller.client, false)
  }

  removeOrigin(origin: string): void {
    this.origins.delete(origin)
    for (const listener of this.#originRemoved) listener(origin)
  }

  get listeners(): number {
    return this.#revoked.size + this.#originRemoved.size
  }

  #begin(name: string): NewSession {
    const number = this.sessions.size + 1
    const user = `user-${name}`
    this.sessions.set(`secret-${number}`, { client: `session-${number}`, name, role: 'owner', user })
    return { secret: `secret-${number}`, user, name, role: 'owner', ms: 3_600_500 }
  }
}

class MemoryNetwork implements Network {
  readonly hosts = new Set(['127.0.0.1', 'localhost', 'hub.local'])
  /** Whether plain connections may carry secrets. */
  plainAllowed = true
  ports: { bind: string; http: number; https: number | null } | undefined

  isOwnHost(host: string): boolean {
    return this.hosts.has(host.replace(/:\d+$/, ''))
  }

  carriesSecrets({ encrypted }: { encrypted: boolean }): boolean {
    return encrypted || this.plainAllowed
  }

  secureUrl(host: string): string | null {
    const https = this.ports?.https ?? null
    return https === null ? null : `https://${host.replace(/:\d+$/, '')}:${https}`
  }

  listening(ports: { bind: string; http: number; https: number | null }): void {
    this.ports = ports
  }
}

class MemoryTls implements Tls {
  readonly mode = 'own'
  material: TlsMaterial | undefined
  readonly #listeners = new Set<(material: TlsMaterial) => void>()

  current(): TlsMaterial | undefined {
    return this.material
  }

  onChange(listener: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  root(): undefined {}

  change(material: TlsMaterial): void {
    this.material = material
    for (const listener of this.#listeners) listener(material)
  }
}

const noCare: CareApi = {
  backup: () => Promise.reject(new HubError('internal')),
  upload: () => Promise.reject(new HubError('internal')),
  restore: () => Promise.reject(new HubError('internal')),
  supportBundle: () => Promise.reject(new HubError('internal')),
}

type Answer = (params: unknown, caller: Caller) => unknown

export class MemoryHub implements HubApi {
  readonly running = Promise.resolve()
  readonly name = 'Corner shop'
  readonly version = '0.0.0-test'
  readonly network = new MemoryNetwork()
  readonly tls = new MemoryTls()
  readonly care = noCare
  readonly memoryEvents = new MemoryEvents()
  readonly memoryAccess = new MemoryAccess()
  ready = true
  weightWishes = 0
  readonly calls: { method: MethodName; params: unknown; caller: Caller }[] = []
  readonly #answers = new Map<string, Answer>()

  constructor() {
    for (const role of ['cashier', 'technician', 'monitor'] as const)
      this.memoryAccess.tokens.set(`${role}-token`, { client: `${role}-1`, name: role, role })
  }

  get hub(): string {
    return this.ready ? 'hub-1' : 'starting'
  }

  get events(): EventStream {
    this.#mustBeReady()
    return this.memoryEvents
  }

  get access(): Access {
    this.#mustBeReady()
    return this.memoryAccess
  }

  health(): Health {
    return { status: this.ready ? 'ready' : 'starting', reasons: [] }
  }

  /** Replaces what a method answers; by default it answers what it was asked. */
  answer(method: MethodName, answer: Answer): void {
    this.#answers.set(method, answer)
  }

  async call<M extends MethodName>(method: M, params: ParsedParams<M>, caller: Caller): Promise<Result<M>> {
    const roles: readonly Role[] = methods[method].roles
    if (!roles.includes(caller.role)) throw new HubError('forbidden', { role: caller.role, method })
    this.#mustBeReady()
    this.calls.push({ method, params, caller })
    const answer = this.#answers.get(method)
    return (
      answer === undefined ? { method, params, role: caller.role } : await answer(params, caller)
    ) as Result<M>
  }

  sees(caller: Caller, event: EventFrame): boolean {
    return caller.devices === undefined || event.device === undefined || caller.devices.has(event.device)
  }

  wantWeights(): () => void {
    this.weightWishes++
    return () => {
      this.weightWishes--
    }
  }

  async metrics(): Promise<{ contentType: string; body: string }> {
    return { contentType: 'text/plain; version=0.0.4', body: 'tillbridge_up 1\n' }
  }

  #mustBeReady(): void {
    if (!this.ready) throw new HubError('starting')
  }
}
