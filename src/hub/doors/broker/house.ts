/** What happens in the broker: the library with our rules in its hooks. */
import type { Duplex } from 'node:stream'
import {
  Aedes,
  type AedesPublishPacket,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from 'aedes'
import { errorText, HubError } from '../../../protocol/errors.ts'
import { sourceKey } from '../../access/source.ts'
import type { HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import type { Message } from '../mqtt/outgoing.ts'
import { type MessageRequest, Requests } from '../mqtt/requests.ts'
import { topicsOf } from '../mqtt/topics.ts'
import { Voice } from '../mqtt/voice.ts'
import { Rates } from '../rates.ts'
import { Acl } from './acl.ts'
import { brokerLimits } from './broker-limits.ts'
import type { Newcomer } from './broker-ports.ts'
import { type Guest, Guests, listensTo } from './guests.ts'
import { meterPackets } from './packet-meter.ts'
import { publishPacket } from './publish-packet.ts'

export interface HouseSettings {
  homeAssistant: boolean
  discoveryPrefix: string
}

interface HouseTools {
  hub: HubApi
  clock: Clock
  log: Log
}

/** Codes of CONNACK (MQTT 3.1.1, table 3.1). */
const returnCodes = { serverUnavailable: 3, badPassword: 4, notAuthorized: 5 } as const

export class House {
  readonly #tools: HouseTools
  readonly #aedes: Aedes
  readonly #acl: Acl
  readonly #topics
  readonly #requests: Requests
  readonly #voice: Voice
  readonly #guests: Guests
  readonly #rates: Rates
  readonly #newcomers = new WeakMap<Client, Newcomer & { arrived(): void }>()
  #strangers = 0
  #unrevoke: () => void = () => undefined

  constructor({ discoveryPrefix, homeAssistant }: HouseSettings, tools: HouseTools) {
    const { clock, hub, log } = tools
    const topics = topicsOf(hub.hub)
    this.#tools = tools
    this.#topics = topics
    this.#acl = new Acl(hub.hub, discoveryPrefix)
    this.#requests = new Requests({ hub, clock, log, topics })
    this.#guests = new Guests(topics.event, () => hub.wantWeights())
    this.#rates = new Rates(clock, {
      perSecond: brokerLimits.connectsPerSecondMax,
      burst: brokerLimits.connectsBurstMax,
      rememberedMax: brokerLimits.sourcesMax,
    })
    const say = (message: Message) => this.#say(message)
    const state = (topic: string, payload: string) => say({ topic, payload, retain: true })
    this.#voice = new Voice({
      ...{ hub, clock, topics },
      ears: { state, happening: say, passing: say },
      discovery: homeAssistant ? discoveryPrefix : undefined,
      mayRequest: true,
      tills: true,
    })
    this.#aedes = new Aedes({
      id: hub.hub,
      // Nobody is waited for: `#follows` ends whoever cannot follow. With a limit here one slow reader would hold up all others.
      concurrency: 0,
      connectTimeout: brokerLimits.connectMsMax,
      drainTimeout: brokerLimits.drainMsMax,
      queueLimit: brokerLimits.queueMax,
      maxInflightInbound: brokerLimits.inboundMax,
      maxTopicLevels: brokerLimits.levelsMax,
      preConnect: (_client, packet, done) => {
        const problem = greeted(packet)
        done(problem ?? null, problem === undefined)
      },
      authenticate: (client, _user, password, done) =>
        void this.#authenticate(client, password?.toString() ?? '').then(
          () => done(null, true),
          (error: unknown) => done(refusal(error), false),
        ),
      // Nothing in place of the subscription: the answer to it says that it failed.
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#subscribed(client, subscription) ? subscription : null),
      // The library ends the connection at an error: MQTT 3.1.1 has no other way to say no (3.3.5-2).
      authorizePublish: (client, packet, done) => done(this.#published(client, packet)),
      authorizeForward: (client, packet) => this.#forwarded(client, packet),
    })
  }

  get clients(): number {
    return this.#guests.size
  }

  async start(): Promise<void> {
    const { hub, log } = this.#tools
    await this.#aedes.listen()
    this.#aedes.on('clientDisconnect', (client) => this.#guests.remove(client))
    this.#aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#guests.of(client)?.filters.delete(filter)
      this.#guests.listens()
    })
    for (const event of ['clientError', 'connectionError'] as const)
      this.#aedes.on(event, (_client, error) =>
        log.debug({ reason: errorText(error) }, 'a connection to the broker broke'),
      )
    const forget = [
      hub.access.onRevoked((token) => {
        for (const [client] of this.#guests.ofToken(token)) client.close()
      }),
      hub.access.onOriginRemoved((removed) => {
        for (const [client, { origin }] of this.#guests) if (origin === removed) client.close()
      }),
    ]
    this.#unrevoke = () => {
      for (const each of forget) each()
    }
    this.#voice.start()
    await this.#voice.sayAll()
  }

  async stop(): Promise<void> {
    this.#unrevoke()
    this.#voice.stop()
    this.#say({ topic: this.#topics.status, payload: 'offline', retain: true })
    // What was just said goes out in the next turn.
    await new Promise<void>((resolve) => void setImmediate(resolve))
    await new Promise<void>((resolve) => void this.#aedes.close(() => resolve()))
  }

  enter(stream: Duplex, newcomer: Newcomer): void {
    const { clientsMax, connectBytesMax, packetBytesMax, strangersMax } = brokerLimits
    const crowded = this.#strangers >= strangersMax || this.#guests.size >= clientsMax
    if (crowded || !this.#rates.take(sourceKey(newcomer.source))) {
      this.#tools.hub.access.refused('flood', newcomer.source, { path: 'mqtt' })
      stream.destroy()
      return
    }
    this.#strangers++
    let known = false
    const counted = () => {
      if (!known) this.#strangers--
      known = true
    }
    stream.once('close', counted)
    const arrived = () => {
      counted()
      newcomer.greeted?.()
    }
    meterPackets(stream, () => (known ? packetBytesMax : connectBytesMax))
    this.#newcomers.set(this.#aedes.handle(stream), { ...newcomer, arrived })
  }

  /** Throws `tls_required`, `unauthorized`, `starting`. */
  async #authenticate(client: Client, token: string): Promise<void> {
    const { access, network } = this.#tools.hub
    const newcomer = this.#newcomers.get(client)
    if (newcomer === undefined) throw new HubError('unauthorized')
    const { encrypted, source } = newcomer
    if (!network.carriesSecrets({ encrypted, source })) {
      access.refused('plain', source, { path: 'mqtt' })
      throw new HubError('tls_required', { url: 'mqtts://' })
    }
    const caller = token === '' ? undefined : await access.check(token, source)
    if (caller === undefined) {
      access.refused('token', source, { path: 'mqtt', reason: token === '' ? 'none' : 'unknown' })
      throw new HubError('unauthorized')
    }
    newcomer.arrived()
    this.#rates.giveBack(sourceKey(source))
    // A name belongs to the token that came with it: nobody cuts another off by taking its name.
    const named = client as { id: string }
    named.id = `${caller.client}/${client.id}`
    this.#guests.add(client, {
      caller: { ...caller, from: source },
      origin: newcomer.origin,
      filters: new Set(),
      leave: access.connected(caller),
    })
    client.conn.once('close', () => this.#guests.remove(client))
    if (client.conn.destroyed) this.#guests.remove(client)
    // It may have been taken back while it was looked up, and whom that is told to was not there yet.
    if ((await access.check(token, source)) === undefined) throw new HubError('unauthorized')
  }

  #subscribed(client: Client, { topic }: Subscription): boolean {
    const guest = this.#guests.of(client)
    if (guest === undefined || !this.#acl.maySubscribe(guest.caller, topic)) return false
    if (guest.filters.size >= brokerLimits.filtersMax && !guest.filters.has(topic)) return false
    guest.filters.add(topic)
    this.#guests.listens()
    return true
  }

  /** Why a message is not taken; null for one that is. */
  #published(client: Client | null, packet: PublishPacket): Error | null {
    const { log } = this.#tools
    const caller = client === null ? undefined : this.#guests.of(client)?.caller
    // Without a client it is the will of one that is long gone.
    if (client === null || caller === undefined) return new HubError('unauthorized')
    const { topic } = packet
    const method = this.#acl.methodOf(topic)
    // The last will of a client is no request: it would be done because somebody went.
    if (method !== undefined && !client.closed) {
      void this.#answer({ method, payload: bytesOf(packet), retained: packet.retain, caller })
      packet.retain = false
      return null
    }
    if (this.#acl.mayPublish(caller, topic)) {
      if (packet.payload.toString() === 'online') this.#voice.discover()
      return null
    }
    log.info({ client: caller.name, topic }, 'a message that its sender may not publish ends the connection')
    return new HubError('forbidden', { role: caller.role, method: topic })
  }

  /** What the library is about to send to a client; null when it may not have it. */
  #forwarded(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const guest = this.#guests.of(client)
    if (guest === undefined || !this.#acl.mayHear(guest.caller, packet.topic, packet.payload)) return null
    return this.#follows(client, guest) ? packet : null
  }

  /** Whoever cannot follow is closed; the others are not held up by it. */
  #follows(client: Client, { caller }: Guest): boolean {
    if (client.conn.writableLength <= brokerLimits.bufferedBytesMax) return true
    this.#tools.log.warn({ client: caller.name }, 'a client of the broker does not read; it is cut off')
    client.conn.destroy()
    return false
  }

  async #answer(request: MessageRequest): Promise<void> {
    const answer = await this.#requests.answer(request)
    // A program may ask on one connection and listen on another: both are the same till.
    if (answer !== undefined) this.#send(answer, this.#guests.ofToken(request.caller.client))
  }

  #say(message: Message): void {
    // What is kept, the library keeps; it also sends it.
    if (message.retain)
      this.#aedes.publish({ ...message, cmd: 'publish', qos: 0, dup: false }, () => undefined)
    else this.#send(message, this.#guests)
  }

  /** To whom it may concern. The bytes are made once, where the library makes them anew for each. */
  #send({ payload, topic }: Message, guests: Iterable<[Client, Guest]>): void {
    let bytes: Buffer | undefined
    for (const [client, guest] of guests) {
      if (!listensTo(guest, topic) || !this.#acl.mayHear(guest.caller, topic, payload)) continue
      if (!this.#follows(client, guest)) continue
      bytes ??= publishPacket(topic, payload)
      client.conn.write(bytes)
    }
  }
}

/** Why a connection is refused at its first packet; otherwise it gets a session that ends with it: nothing is kept for the absent. */
function greeted(packet: ConnectPacket): Error | undefined {
  const { clientId, will } = packet
  if (clientId.length > brokerLimits.clientIdCharsMax)
    return new HubError('params_invalid', { path: 'clientId', reason: 'is too long' })
  if (will?.retain === true && will.payload.length > brokerLimits.connectBytesMax)
    return new HubError('message_too_large', { bytesMax: brokerLimits.connectBytesMax })
  packet.clean = true
  return undefined
}

const bytesOf = ({ payload }: PublishPacket): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : payload

function refusal(error: unknown): AuthenticateError {
  const code = error instanceof HubError ? error.code : 'internal'
  const returnCode =
    code === 'unauthorized'
      ? returnCodes.badPassword
      : code === 'tls_required'
        ? returnCodes.notAuthorized
        : returnCodes.serverUnavailable
  return Object.assign(new HubError('unauthorized'), { returnCode })
}
