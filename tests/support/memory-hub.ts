/** A hub in memory for the tests of doors: real tokens, codes, events and a few devices, without store and drivers. */
import type { Access, Caller, EventFrame, EventStream, Health, HubApi } from '../../src/hub/api.ts'
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

class MemoryAccess implements Access {
  readonly tokens = new Map<string, Caller>()
  readonly codes = new Map<string, Role>()
  readonly #listeners = new Set<(client: string) => void>()

  /** Keeps checks waiting until it settles, as a slow disk would. */
  held: Promise<void> = Promise.resolve()

  async check(token: string): Promise<Caller | undefined> {
    await this.held
    return this.tokens.get(token)
  }

  async pair(code: string, name: string): Promise<{ token: string; role: Role }> {
    const role = this.codes.get(code)
    if (role === undefined) throw new HubError('pair_code_invalid')
    this.codes.delete(code)
    const token = `token-of-${name}`
    this.tokens.set(token, { client: `client-${name}`, name, role })
    return { token, role }
  }

  onRevoked(listener: (client: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  revoke(token: string): void {
    const caller = this.tokens.get(token)
    this.tokens.delete(token)
    if (caller !== undefined) for (const listener of this.#listeners) listener(caller.client)
  }
}

type Answer = (params: unknown, caller: Caller) => unknown

export class MemoryHub implements HubApi {
  readonly version = '0.0.0-test'
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
    if (caller.role !== 'technician' && !roles.includes(caller.role))
      throw new HubError('forbidden', { role: caller.role, method })
    this.#mustBeReady()
    this.calls.push({ method, params, caller })
    const answer = this.#answers.get(method)
    return (
      answer === undefined ? { method, params, role: caller.role } : await answer(params, caller)
    ) as Result<M>
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
