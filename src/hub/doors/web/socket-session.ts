/** One WebSocket connection: hello, limits, requests, and events from where the client left off. */
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { HubError } from '../../../protocol/errors.ts'
import type { EventTopic, Position } from '../../../protocol/event.ts'
import type { ParsedRequest, RpcAnswer, RpcId, RpcRequest } from '../../../protocol/messages.ts'
import type { ParsedParams, Result } from '../../../protocol/methods.ts'
import { topicMatches } from '../../../protocol/topics.ts'
import type { Caller, EventFrame, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { callHub, errorAnswer, readCall, readMessage, resultAnswer } from '../rpc.ts'
import { TokenBucket } from '../token-bucket.ts'
import { whoGreets } from './greeting.ts'
import type { SocketVisitor } from './upgrades.ts'
import { closeCodes, type WebLimits } from './web-limits.ts'

export interface SessionTools {
  hub: HubApi
  clock: Clock
  log: Log
  limits: WebLimits
  /** True when as many have said hello as may. */
  full(): boolean
}

/** An event goes out as it was made: no compression, no copy. */
const eventOptions = { binary: false, compress: false } as const
const weightTopic: EventTopic = 'scale.weight'
/** Failures of hello that another try cannot mend. */
const finalHelloErrors = new Set(['unauthorized', 'params_invalid', 'request_forged'])

export class SocketSession {
  readonly #socket: WebSocket
  readonly #tools: SessionTools
  readonly #visitor: SocketVisitor
  readonly #bucket: TokenBucket
  /** What to undo when the connection ends. */
  readonly #undo: (() => void)[] = []
  #caller: Caller | undefined
  /** Settles when hello is answered; what came meanwhile waits for it. Undefined before hello. */
  #greeting: Promise<void> | undefined
  #closing = false
  #pending = 0
  #missedBeats = 0

  #topics: readonly string[] = []
  readonly #matches = new Map<string, boolean>()
  #resume: Position | undefined
  #resumed: boolean | undefined
  #epoch = ''
  /** Seq of the last event that was sent or passed over. */
  #cursor = 0
  #following = false
  #catchingUp = false
  #unwantWeights: (() => void) | undefined

  constructor(socket: WebSocket, visitor: SocketVisitor, tools: SessionTools) {
    this.#socket = socket
    this.#visitor = visitor
    this.#tools = tools
    const { clock, limits } = tools
    this.#bucket = new TokenBucket(clock, limits.requestsPerSecondMax, limits.requestsBurstMax)
  }

  /** The client, once it has said hello. */
  get caller(): Caller | undefined {
    return this.#caller
  }

  /** `wire` is what the WebSocket runs on; `bytes` of it have been read already. */
  start(wire: Duplex, bytes: number): void {
    const { clock, limits, log } = this.#tools
    this.#limitUngreeted(wire, bytes)
    this.#socket.on('message', (data, isBinary) => this.#message(data, isBinary))
    this.#socket.on('pong', () => {
      this.#missedBeats = 0
    })
    // `ws` closes by itself after a frame that breaks the protocol or a limit.
    this.#socket.on('error', (error) =>
      log.info({ reason: error.message }, 'a WebSocket client broke the protocol'),
    )
    this.#socket.on('close', () => this.#end())
    this.#undo.push(
      clock.after(limits.helloMsMax, () => {
        if (this.#caller === undefined) this.#close(closeCodes.unauthorized, 'hello_required')
      }),
    )
  }

  /** A stranger gets no memory for a large message: until hello is answered every byte counts, also of a frame half sent. */
  #limitUngreeted(wire: Duplex, read: number): void {
    let bytes = read
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      if (this.#caller !== undefined) wire.off('data', count)
      else if (bytes > this.#tools.limits.ungreetedBytesMax) {
        wire.off('data', count)
        const { log } = this.#tools
        log.info({ from: this.#visitor.source }, 'a WebSocket sent too much before hello and is closed')
        this.#close(closeCodes.tooLarge, 'message_too_large')
        this.#socket.pause()
      }
    }
    wire.on('data', count)
  }

  /** The door's heartbeat: cuts off who was silent too often, else pings. */
  beat(): void {
    if (this.#missedBeats >= this.#tools.limits.heartbeatMissesMax) {
      this.#socket.terminate()
      return
    }
    this.#missedBeats++
    this.#socket.ping()
  }

  /** Says goodbye because the hub stops. Settles when the connection has ended. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on('close', () => resolve())
      this.#close(closeCodes.restart, 'restart')
    })
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #message(data: RawData, isBinary: boolean): void {
    this.#missedBeats = 0
    if (this.#closing) return
    const message = this.#read(data, isBinary)
    if ('notification' in message) return
    if ('error' in message) this.#fail(message.id, message.error)
    else if (this.#pending >= this.#tools.limits.pendingRequestsMax)
      this.#fail(message.request.id, new HubError('rate_limited'))
    else this.#request(message.request)
  }

  /** What is over the rate is only looked at for its id, and not even that when it is long. */
  #read(data: RawData, isBinary: boolean): ParsedRequest {
    const { limits } = this.#tools
    const inRate = this.#bucket.take()
    const text = isBinary ? '' : data.toString()
    if (!inRate && (isBinary || text.length > limits.rateLimitedReadCharsMax))
      return { id: null, error: new HubError('rate_limited') }
    if (isBinary) return { id: null, error: new HubError('bad_json', { reason: 'it is a binary frame' }) }
    const message = readMessage(text, limits.nestingMax)
    if (inRate || !('request' in message)) return message
    return { id: message.request.id, error: new HubError('rate_limited') }
  }

  #request(request: RpcRequest): void {
    if (this.#greeting === undefined) {
      if (request.method === 'hello') {
        this.#greeting = this.#greet(request)
        return
      }
      this.#fail(request.id, new HubError('hello_required'))
      this.#close(closeCodes.unauthorized, 'hello_required')
      return
    }
    this.#pending++
    void this.#run(request).finally(() => this.#pending--)
  }

  async #run(request: RpcRequest): Promise<void> {
    if (this.#caller === undefined) await this.#greeting
    const caller = this.#caller
    if (caller === undefined || this.#closing) return
    if (request.method === 'event.subscribe') this.#subscribe(request)
    else if (request.method === 'hello')
      this.#fail(request.id, new HubError('bad_request', { reason: 'hello was said already' }))
    else this.#send(await callHub(request, caller, this.#tools))
  }

  async #greet(request: RpcRequest): Promise<void> {
    const { hub, log } = this.#tools
    try {
      const params = readCall(request).params as ParsedParams<'hello'>
      // From before the check: what is taken back while it is under way ends the connection, too.
      const greets = this.#endWith()
      const caller = await whoGreets(hub, this.#visitor, params.token)
      if (this.#closing) return
      greets(caller)
      if (this.#closing) return
      const { epoch } = hub.events
      if (params.resume !== undefined) await this.#prepareResume(params.resume)
      if (this.#closing) return
      if (this.#tools.full()) throw new HubError('rate_limited')
      this.#epoch = epoch
      this.#caller = { ...caller, onClose: (listener) => this.#undo.push(listener) }
      this.#undo.push(hub.access.connected(caller))
      this.#visitor.greeted()
      const result: Result<'hello'> = {
        hub: hub.hub,
        version: hub.version,
        epoch,
        seq: hub.events.seq,
        role: caller.role,
        name: caller.name,
        devices: caller.devices === undefined ? null : [...caller.devices],
        ...(this.#resumed === undefined ? {} : { resumed: this.#resumed }),
      }
      this.#send(resultAnswer(request.id, result))
    } catch (error) {
      const answer = errorAnswer(request.id, error, log, request.method)
      this.#send(answer)
      const code = 'error' in answer ? answer.error.data.code : 'internal'
      this.#close(closeCodeOf(code), code)
    }
  }

  /**
   * The connection ends with the right to it: when the token or session is taken back, or the origin of its page. Answers
   * how to say whose it is once that is known.
   */
  #endWith(): (caller: Caller) => void {
    const { access } = this.#tools.hub
    const { origin } = this.#visitor
    const meanwhile = new Map<string, boolean>()
    let client: string | undefined
    const end = (gone: boolean) => {
      // What the client may do is not what it was: it comes back and is greeted anew.
      if (gone) this.#close(closeCodes.revoked, 'unauthorized')
      else this.#close(closeCodes.restart, '')
    }
    this.#undo.push(
      access.onRevoked((revoked, gone) => {
        if (client === undefined) meanwhile.set(revoked, gone)
        else if (revoked === client) end(gone)
      }),
      access.onOriginRemoved((removed) => {
        if (removed === origin) this.#close(closeCodes.revoked, 'origin_not_allowed')
      }),
    )
    return (caller) => {
      client = caller.client
      const gone = meanwhile.get(client)
      if (gone !== undefined) end(gone)
    }
  }

  async #prepareResume(resume: Position): Promise<void> {
    const { events } = this.#tools.hub
    const kept = resume.epoch === events.epoch && resume.seq <= events.seq
    this.#resumed = kept && (await events.after(resume, 1)) !== undefined
    if (this.#resumed) this.#resume = resume
  }

  /** In one go from the position to the answer, so that no event of the new topics comes before it. */
  #subscribe(request: RpcRequest): void {
    const { hub } = this.#tools
    let topics: readonly string[]
    try {
      topics = (readCall(request).params as ParsedParams<'event.subscribe'>).topics
    } catch (error) {
      this.#fail(request.id, error)
      return
    }
    if (!this.#following) {
      this.#following = true
      this.#cursor = this.#resume?.seq ?? hub.events.seq
      this.#undo.push(hub.events.follow((event) => this.#announced(event)))
    }
    this.#topics = topics
    this.#matches.clear()
    this.#wantWeights(topics.some((pattern) => topicMatches(pattern, weightTopic)))
    const result: Result<'event.subscribe'> = {
      seq: this.#cursor,
      ...(this.#resumed === undefined ? {} : { resumed: this.#resumed }),
    }
    this.#resumed = undefined
    this.#send(resultAnswer(request.id, result))
    void this.#catchUp()
  }

  #wantWeights(wanted: boolean): void {
    if (wanted) this.#unwantWeights ??= this.#tools.hub.wantWeights()
    else {
      this.#unwantWeights?.()
      this.#unwantWeights = undefined
    }
  }

  #announced(event: EventFrame): void {
    if (this.#catchingUp || event.seq <= this.#cursor) return
    if (event.seq === this.#cursor + 1) this.#pass(event)
    else void this.#catchUp()
  }

  /** Sends recorded events up to the last announced one, in pages, each when the one before has left; then goes live. */
  async #catchUp(): Promise<void> {
    const { hub, limits, log } = this.#tools
    if (this.#catchingUp) return
    this.#catchingUp = true
    try {
      while (!this.#closing && (this.#epoch !== hub.events.epoch || this.#cursor < hub.events.seq)) {
        if (this.#epoch !== hub.events.epoch) return this.#close(closeCodes.restart, 'restart')
        const position = { epoch: this.#epoch, seq: this.#cursor }
        const page = await hub.events.after(position, limits.resumePageEvents)
        if (page === undefined || page.length === 0) return this.#closeSlow()
        for (const event of page) this.#pass(event)
        await this.#drained()
      }
    } catch (error) {
      log.error({ err: error }, 'events could not be read for a client that resumes')
      this.#close(closeCodes.tryLater, 'internal')
    } finally {
      this.#catchingUp = false
    }
  }

  #pass(event: EventFrame): void {
    this.#cursor = event.seq
    let matches = this.#matches.get(event.topic)
    if (matches === undefined) {
      matches = this.#topics.some((pattern) => topicMatches(pattern, event.topic))
      this.#matches.set(event.topic, matches)
    }
    if (!matches || this.#closing || this.#caller === undefined) return
    if (!this.#tools.hub.sees(this.#caller, event)) return
    this.#socket.send(event.frame, eventOptions)
    this.#checkBuffered()
  }

  /** Settles when what was sent has been handed to the network; at once when nothing waits. */
  #drained(): Promise<void> {
    if (this.#socket.bufferedAmount === 0) return Promise.resolve()
    // An empty pong is allowed unasked (RFC 6455, 5.5.3), and its callback comes after all before it.
    return new Promise((resolve) => this.#socket.pong('', false, () => resolve()))
  }

  #fail(id: RpcId | null, error: unknown): void {
    this.#send(errorAnswer(id, error, this.#tools.log))
  }

  #send(answer: RpcAnswer): void {
    if (this.#closing) return
    this.#socket.send(JSON.stringify(answer))
    this.#checkBuffered()
  }

  #checkBuffered(): void {
    if (this.#socket.bufferedAmount > this.#tools.limits.bufferedBytesMax) this.#closeSlow()
  }

  #closeSlow(): void {
    const { log } = this.#tools
    if (!this.#closing)
      log.warn({ client: this.#caller?.name }, 'a client does not read its events; it is closed')
    this.#close(closeCodes.slowClient, 'slow_client')
  }

  #close(code: number, reason: string): void {
    if (this.#closing) return
    this.#closing = true
    this.#socket.close(code, reason)
    const { clock, limits } = this.#tools
    this.#undo.push(clock.after(limits.closeMsMax, () => this.#socket.terminate()))
  }

  #end(): void {
    this.#closing = true
    this.#wantWeights(false)
    for (const undo of this.#undo.splice(0)) undo()
  }
}

function closeCodeOf(code: string): number {
  if (code === 'origin_not_allowed') return closeCodes.revoked
  return finalHelloErrors.has(code) ? closeCodes.unauthorized : closeCodes.tryLater
}
