/** What a door sees of the hub: call a method, follow the events, check a token. Doors hold no state of their own. */
import type { Role, UserRole } from '../protocol/access.ts'
import type { MethodName, ParsedParams, Result } from '../protocol/methods.ts'

/** Who calls: a paired client or a user, on one connection or in one HTTP request. */
export interface Caller {
  /** Id of the token or session; a lease belongs to it. */
  client: string
  name: string
  role: Role
  /** Id of the user, for a session of the console. */
  user?: string
  /** The devices it is held to; absent for all. */
  devices?: ReadonlySet<string>
  /** Address it comes from; absent on the box itself. */
  from?: string
  /** Told when the connection ends; absent where there is none that stays (HTTP). */
  onClose?(listener: () => void): void
}

/** An event made ready once for all clients: the text of its JSON-RPC notification. */
export interface EventFrame {
  seq: number
  topic: string
  device?: string
  /** Of a job that moved to a backup: the device that it was sent to. */
  movedFrom?: string
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

/** A session of the console that was just begun. `secret` is for the cookie and shown nowhere else. */
export interface NewSession {
  secret: string
  user: string
  name: string
  role: UserRole
  /** How long the cookie is to be kept, in ms. */
  ms: number
}

/** What the guards of the doors turn away; the audit log tells of it, many of one kind from one source as one entry. */
export type Refused = 'token' | 'origin' | 'host' | 'forged' | 'plain' | 'flood'

export interface Access {
  /** False until an owner has set a password. */
  readonly setUp: boolean
  /** The paired client of a token, or undefined. Unknown tokens are remembered for a moment, so guessing costs no disk. */
  check(token: string, from?: string): Promise<Caller | undefined>
  /** A connection of this caller is open until the answer is called. */
  connected(caller: Caller): () => void
  /** The user of a session, by the secret of its cookie, or undefined. */
  checkSession(secret: string, from?: string): Promise<Caller | undefined>
  /** Makes the first owner. Throws `setup_code_invalid`, `setup_done`, `password_weak`, `locked_out`. */
  setUpOwner(
    request: { code: string; name: string; password: string },
    source: string,
    agent: string,
  ): Promise<NewSession>
  /** Throws `login_failed`, `locked_out`. */
  logIn(request: { name: string; password: string }, source: string, agent: string): Promise<NewSession>
  /** Ends a session; an unknown one is no error. */
  logOut(secret: string): Promise<void>
  /**
   * Redeems a pairing code. Throws HubError `pair_code_invalid`, `setup_required`, or `locked_out` after too many wrong
   * tries from this source.
   */
  pair(code: string, name: string, source: string): Promise<{ token: string; role: Role }>
  /**
   * Called when a token was taken back or changed, or a session ended: its connections close. `gone` is false for a change:
   * then they come back.
   */
  onRevoked(listener: (client: string, gone: boolean) => void): () => void
  /** True when pages of this origin may use the hub. An origin that may not is listed as seen. */
  originAllowed(origin: string, source: string): boolean
  /** Called when an origin was taken off the list: the connections of its pages close. */
  onOriginRemoved(listener: (origin: string) => void): () => void
  /** Tells log and audit of what a guard turned away. Never throws, and writes little however much is turned away. */
  refused(what: Refused, source: string, detail: Readonly<Record<string, string>>): void
  /**
   * Does an administrative act that is no method, such as a backup over HTTP, and tells the audit log: before it acts that it
   * does, afterwards how it ended. Throws `store_unavailable` without acting, and what `work` throws.
   */
  audit<T>(
    act: string,
    caller: Caller,
    detail: Readonly<Record<string, unknown>>,
    work: () => Promise<T>,
  ): Promise<T>
}

export interface Health {
  status: 'starting' | 'ready' | 'degraded'
  reasons: string[]
}

export interface HubApi {
  /** Id of the hub: stable, `a-z0-9-`; empty until `running`. */
  readonly hub: string
  /** Settles when the store is open: from then on there are events, and methods are answered. */
  readonly running: Promise<void>
  /** As the configuration calls it, for people. */
  readonly name: string
  readonly version: string
  readonly events: EventStream
  /** Throws `starting` or `store_unavailable` until the store is open. */
  readonly access: Access
  readonly network: Network
  readonly tls: Tls
  readonly care: CareApi
  health(): Health
  /** Runs a method for a caller that the door has authenticated. Params are parsed; the role is checked here. */
  call<M extends MethodName>(method: M, params: ParsedParams<M>, caller: Caller): Promise<Result<M>>
  /** True when a caller may know of an event. Asked for each client and event: it looks nothing up. */
  sees(caller: Caller, event: EventFrame): boolean
  /**
   * Somebody follows live weights from now on, until the answer is called. Scales are asked for changes only meanwhile:
   * an idle scale costs nothing.
   */
  wantWeights(): () => void
  /** Prometheus text. */
  metrics(): Promise<{ contentType: string; body: string }>
}

/** Names and addresses of the box, and what they allow. Works from the first moment: it needs no store. */
export interface Network {
  /** True when a Host header (with or without a port) names this hub. */
  isOwnHost(host: string): boolean
  /** True when a connection may carry a token or password: encrypted, from the box itself, or allowed by the shop. */
  carriesSecrets(connection: { encrypted: boolean; source: string }): boolean
  /** The address of the same host over https, to go on there; null when https is not served. */
  secureUrl(host: string): string | null
  /** The doors tell where they listen. */
  listening(ports: { bind: string; http: number; https: number | null }): void
}

export interface TlsMaterial {
  /** PEM: the leaf, then its chain. */
  cert: string
  key: string
}

export interface Tls {
  /** Which way the certificate is had. */
  readonly mode: 'own' | 'files' | 'acme'
  /** undefined while there is none. */
  current(): TlsMaterial | undefined
  /** Called with each certificate from now on. Answers how to stop. */
  onChange(listener: (material: TlsMaterial) => void): () => void
  /** The root that tills install, in PEM and DER; undefined unless the box has one of its own. */
  root(): { pem: string; der: Buffer; name: string } | undefined
}

/** A file made for a download. */
export interface FileToSend {
  /** Where it is; it may be gone after `done`. */
  path: string
  /** What it is to be called. */
  name: string
  done(): void
}

export interface CareApi {
  /** A backup of the whole box, encrypted with the passphrase. */
  backup(passphrase: string): Promise<FileToSend>
  /** Takes a file in, for `restore`. Throws `message_too_large` beyond `bytesMax`, `store_unavailable`. */
  upload(source: AsyncIterable<Uint8Array>, bytesMax: number): Promise<FileToSend>
  /**
   * Checks a backup and puts it in place at the restart that follows at once; the audit log of the restored hub tells that `by`
   * did it. Throws `backup_invalid`, `backup_passphrase`; nothing is changed then.
   */
  restore(file: string, passphrase: string, by: Caller): Promise<void>
  /** What a helper elsewhere needs to know of the box, without secrets and without what was sold. */
  supportBundle(): Promise<FileToSend>
}
