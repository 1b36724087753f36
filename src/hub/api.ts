/** What a door sees of the hub: call a method, follow the events, check a token. Doors hold no state of their own. */
import type { MethodName, ParsedParams, Result, Role } from '../protocol/methods.ts'

/** Who calls: a paired client, on one connection or in one HTTP request. */
export interface Caller {
  /** Id of the token; a lease belongs to it. */
  client: string
  name: string
  role: Role
  /** Told when the connection ends; absent where there is none that stays (HTTP). */
  onClose?(listener: () => void): void
}

/** An event made ready once for all clients: the text of its JSON-RPC notification. */
export interface EventFrame {
  seq: number
  topic: string
  device?: string
  /** `{"jsonrpc":"2.0","method":"event","params":{seq,topic,device,at,data}}` in UTF-8. */
  frame: Buffer
}

export interface EventStream {
  readonly epoch: string
  /** Number of the last announced event. */
  readonly seq: number
  /** Called with each event after it is recorded, in order. Answers how to stop. */
  follow(listener: (event: EventFrame) => void): () => void
  /**
   * Events after `seq`, in order, up to `limit`: from memory when they are still there, else from the log.
   * undefined when some are gone, or the epoch is another one.
   */
  after(position: { epoch: string; seq: number }, limit: number): Promise<EventFrame[] | undefined>
}

export interface Access {
  /** The paired client of a token, or undefined. Unknown tokens are remembered for a moment, so guessing costs no disk. */
  check(token: string): Promise<Caller | undefined>
  /** Redeems a pairing code. Throws HubError `pair_code_invalid`, or `rate_limited` after too many wrong tries. */
  pair(code: string, name: string, source: string): Promise<{ token: string; role: Role }>
  /** Called when a token was taken back: its connections close. */
  onRevoked(listener: (client: string) => void): () => void
}

export interface Health {
  status: 'starting' | 'ready' | 'degraded'
  reasons: string[]
}

export interface HubApi {
  /** Id of the hub: stable, `a-z0-9-`. */
  readonly hub: string
  readonly version: string
  readonly events: EventStream
  readonly access: Access
  health(): Health
  /** Runs a method for a caller that the door has authenticated. Params are parsed; the role is checked here. */
  call<M extends MethodName>(method: M, params: ParsedParams<M>, caller: Caller): Promise<Result<M>>
  /**
   * Somebody follows live weights from now on, until the answer is called. Scales are asked for changes only meanwhile:
   * an idle scale costs nothing.
   */
  wantWeights(): () => void
  /** Prometheus text. */
  metrics(): Promise<{ contentType: string; body: string }>
}
