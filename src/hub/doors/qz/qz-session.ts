/** One client of QZ Tray on its WebSocket: who it is, its certificate, its calls, and what it is told of by itself. */
import type { X509Certificate } from 'node:crypto'
import type { RawData, WebSocket } from 'ws'
import { HubError } from '../../../protocol/errors.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { nestsDeeper } from '../rpc.ts'
import { TokenBucket } from '../token-bucket.ts'
import { type CallTools, doCall, spokenVersion } from './calls.ts'
import { readPem, type SignedCall, signatureTrouble, type Trust } from './certificate.ts'
import { Ears } from './ears.ts'
import { qzLimits } from './qz-limits.ts'
import { sentenceOf } from './refusal.ts'

export interface SessionTools {
  hub: HubApi
  clock: Clock
  log: Log
  newId: () => string
  trust: Trust
  printer: string | undefined
  address: string
  hostname: string
}

/** Of qz-tray: it takes the other side for an incompatible version then. */
const incompatible = 4003
const policyViolation = 1008
const tryLater = 1013
const restart = 1012

type Message = Partial<SignedCall> & { uid?: unknown; certificate?: unknown }

export class QzSession {
  readonly #socket: WebSocket
  readonly #caller: Caller | undefined
  readonly #refusal: string
  readonly #tools: SessionTools
  readonly #bucket: TokenBucket
  readonly #ears: Ears | undefined
  readonly #undo: (() => void)[] = []
  #certificate: X509Certificate | undefined
  #greeted = false
  #pending = 0
  #missedBeats = 0
  #closing = false

  /** `caller` undefined: it is told `refusal` in the words that its library knows, and closed. */
  constructor(socket: WebSocket, caller: Caller | undefined, refusal: string, tools: SessionTools) {
    this.#socket = socket
    this.#caller = caller
    this.#refusal = refusal
    this.#tools = tools
    const { requestsBurstMax, requestsPerSecondMax } = qzLimits
    this.#bucket = new TokenBucket(tools.clock, requestsPerSecondMax, requestsBurstMax)
    if (caller === undefined) return
    this.#ears = new Ears(tools.hub, caller, (type, data) =>
      this.#send({ type, event: JSON.stringify(data) }),
    )
  }

  /** Whether it was let in and has shown its certificate, be it none. */
  get greeted(): boolean {
    return this.#greeted
  }

  start(): void {
    const { clock, log } = this.#tools
    this.#socket.on('message', (data, isBinary) => this.#message(data, isBinary))
    this.#socket.on('pong', () => {
      this.#missedBeats = 0
    })
    // `ws` closes by itself after a frame that breaks the protocol or a limit.
    this.#socket.on('error', (error) =>
      log.info({ reason: error.message }, 'a client of QZ Tray broke the protocol'),
    )
    this.#socket.on('close', () => this.#end())
    this.#undo.push(
      clock.after(qzLimits.certificateMsMax, () => {
        if (!this.#greeted) this.#close(policyViolation, 'no certificate came')
      }),
    )
  }

  beat(): void {
    if (this.#missedBeats >= qzLimits.heartbeatMissesMax) {
      this.#socket.terminate()
      return
    }
    this.#missedBeats++
    this.#socket.ping()
  }

  /** Says goodbye because the hub stops. Settles when the connection has ended. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#close(restart, 'restart')
    })
  }

  /** What the page may do was taken back. */
  revoke(): void {
    this.#close(policyViolation, 'origin_not_allowed')
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#missedBeats = 0
    if (this.#closing) return
    const text = isBinary ? '' : data.toString()
    // The keep-alive of the library wants no answer.
    if (text === 'ping') return
    if (!this.#bucket.take()) {
      this.#close(tryLater, 'rate_limited')
      return
    }
    const message = readMessage(text)
    const uid = message?.uid
    if (message === undefined || typeof uid !== 'string' || uid === '' || uid.length > 64) {
      this.#close(incompatible, 'not a request of qz-tray')
      return
    }
    if (message.certificate !== undefined) this.#greet(uid, message.certificate)
    else if (message.call === 'getVersion') this.#send({ uid, result: spokenVersion })
    else void this.#call(uid, message)
  }

  #greet(uid: string, given: unknown): void {
    this.#certificate = typeof given === 'string' ? readPem(given) : undefined
    const refusal = this.#refusedFor()
    if (refusal === undefined) {
      this.#greeted = true
      this.#send({ uid, result: null })
      return
    }
    // As QZ Tray says it when somebody answers its prompt with no.
    this.#send({ uid, error: `Connection blocked by client: ${refusal}` })
    this.#close(policyViolation, 'blocked')
  }

  /** Why it is not let in; undefined when it is. */
  #refusedFor(): string | undefined {
    const { clock, trust } = this.#tools
    if (this.#caller === undefined) return this.#refusal
    if (!trust.asked) return undefined
    if (this.#certificate === undefined) return 'the page shows no certificate'
    return trust.includes(this.#certificate, clock.now())
      ? undefined
      : 'the certificate of the page is not on the list of the hub, or not valid now'
  }

  async #call(uid: string, message: Message): Promise<void> {
    const { clock, log, trust } = this.#tools
    const call = String(message.call)
    const caller = this.#caller
    const ears = this.#ears
    if (!this.#greeted || caller === undefined || ears === undefined) {
      this.#send({ uid, error: 'Request blocked: the certificate comes first, be it null' })
      return
    }
    const trouble = signatureTrouble({ ...message, call }, this.#certificate, trust, clock.now())
    if (trouble !== undefined) {
      log.info({ call: call.slice(0, 60), reason: trouble, client: caller.name }, 'QZ Tray was told no')
      this.#send({ uid, error: `Request blocked: ${trouble}` })
      return
    }
    if (this.#pending >= qzLimits.pendingRequestsMax) {
      this.#send({ uid, error: new HubError('rate_limited').message })
      return
    }
    this.#pending++
    try {
      const tools: CallTools = { ...this.#tools, caller, ears }
      const result = await doCall(call, message.params, tools)
      this.#send({ uid, result: result ?? null })
    } catch (error) {
      const sentence = sentenceOf(error, log, call)
      log.info({ call: call.slice(0, 60), reason: sentence, client: caller.name }, 'QZ Tray was told no')
      this.#send({ uid, error: sentence })
    } finally {
      this.#pending--
    }
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    if (this.#closing) return
    this.#socket.send(JSON.stringify(message))
    if (this.#socket.bufferedAmount <= qzLimits.bufferedBytesMax) return
    this.#tools.log.warn({ client: this.#caller?.name }, 'a client of QZ Tray does not read; it is closed')
    this.#close(tryLater, 'slow_client')
  }

  #close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    this.#socket.close(code, reason)
    const { clock } = this.#tools
    this.#undo.push(clock.after(qzLimits.closeMsMax, () => this.#socket.terminate()))
  }

  #end(): void {
    this.#closing = true
    this.#greeted = false
    this.#ears?.end()
    for (const undo of this.#undo.splice(0)) undo()
  }
}

function readMessage(text: string): Message | undefined {
  if (nestsDeeper(text, qzLimits.nestingMax)) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Message) : undefined
  } catch {
    return undefined
  }
}
