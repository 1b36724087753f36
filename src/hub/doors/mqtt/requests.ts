/** Requests that come as messages: read, held to limits, called, and answered on the topic that they name. */
import { errorText, HubError } from '../../../protocol/errors.ts'
import type { RpcAnswer } from '../../../protocol/messages.ts'
import { isMethod, methods } from '../../../protocol/methods.ts'
import type { Caller, HubApi } from '../../api.ts'
import type { Clock } from '../../clock.ts'
import type { Log } from '../../log.ts'
import { Rates } from '../rates.ts'
import { callHub, errorAnswer, nestsDeeper } from '../rpc.ts'
import type { Message } from './outgoing.ts'
import type { HubTopics } from './topics.ts'

export const requestLimits = {
  /** A request, in bytes; a receipt with pictures fits. */
  requestBytesMax: 4 * 1_024 * 1_024,
  nestingMax: 64,
  /** Of each caller. */
  requestsPerSecondMax: 100,
  requestsBurstMax: 400,
  /** Requests of a caller that are under way. */
  pendingMax: 256,
  /** Callers whose rates are remembered. */
  callersMax: 1_000,
} as const

export interface MessageRequest {
  method: string
  payload: Buffer
  /** Published to be kept: it would be done again at each connection. */
  retained: boolean
  caller: Caller
  /** Of MQTT 5: where the answer goes, and what comes back with it. */
  responseTopic?: string | undefined
  correlation?: Buffer | undefined
}

const idPattern = /^[A-Za-z0-9._-]{1,64}$/

type ReadRequest =
  | { id?: string; params: Record<string, unknown> }
  | { id?: string; params?: undefined; error: HubError }

export class Requests {
  readonly #tools: { hub: HubApi; log: Log; topics: HubTopics }
  readonly #rates: Rates
  /** How many of each caller are under way. */
  readonly #pending = new Map<string, number>()

  constructor({ clock, ...tools }: { hub: HubApi; clock: Clock; log: Log; topics: HubTopics }) {
    this.#tools = tools
    this.#rates = new Rates(clock, {
      perSecond: requestLimits.requestsPerSecondMax,
      burst: requestLimits.requestsBurstMax,
      rememberedMax: requestLimits.callersMax,
    })
  }

  /** Does a request. Answers what is to be published; undefined when it is not done because nobody could be answered. Never rejects. */
  async answer(request: MessageRequest): Promise<Message | undefined> {
    const { hub, log } = this.#tools
    const { caller, correlation, method, payload, responseTopic, retained } = request
    if (retained) {
      // A drawer would open whenever the link comes back.
      log.warn({ method }, 'a retained request on the broker is ignored; publish it without retain')
      return undefined
    }
    const read = readRequest(payload)
    const { id } = read
    const to = this.#answerTopic(responseTopic, id)
    if (to === undefined) {
      log.warn({ method }, 'a request on the broker has neither an id nor a response topic, and is not done')
      return undefined
    }
    let answer: RpcAnswer
    if (read.params === undefined) answer = errorAnswer(id ?? null, read.error, log, method)
    else if (!this.#rates.take(caller.client) || !this.#begin(caller.client))
      answer = errorAnswer(id ?? null, new HubError('rate_limited'), log, method)
    else {
      const params = paramsOf(method, read.params)
      const call = { jsonrpc: '2.0' as const, id: id ?? '', method, params }
      answer = await callHub(call, caller, { hub, log }).finally(() => this.#end(caller.client))
    }
    const text = 'error' in answer ? { id, error: answer.error } : { id, result: answer.result }
    return {
      topic: to,
      payload: JSON.stringify(text),
      retain: false,
      ...(correlation !== undefined && { correlation }),
    }
  }

  #begin(client: string): boolean {
    const pending = this.#pending.get(client) ?? 0
    if (pending >= requestLimits.pendingMax) return false
    this.#pending.set(client, pending + 1)
    return true
  }

  #end(client: string): void {
    const pending = (this.#pending.get(client) ?? 1) - 1
    if (pending === 0) this.#pending.delete(client)
    else this.#pending.set(client, pending)
  }

  /** Where the answer goes. A response topic of the hub's own would let one request call the next, for ever. */
  #answerTopic(responseTopic: string | undefined, id: string | undefined): string | undefined {
    const { hub, topics } = this.#tools
    if (responseTopic !== undefined) {
      const own = responseTopic.startsWith(`tillbridge/${hub.hub}/`)
      const ownAnswer = responseTopic.startsWith(topics.response(''))
      return /[#+\0]/.test(responseTopic) || responseTopic.startsWith('$') || (own && !ownAnswer)
        ? undefined
        : responseTopic
    }
    return id === undefined ? undefined : topics.response(id)
  }
}

function readRequest(payload: Buffer): ReadRequest {
  if (payload.length > requestLimits.requestBytesMax) return { error: new HubError('message_too_large') }
  const text = payload.toString() || '{}'
  if (nestsDeeper(text, requestLimits.nestingMax))
    return {
      error: new HubError('bad_request', {
        reason: `it nests deeper than ${requestLimits.nestingMax} levels`,
      }),
    }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { error: new HubError('bad_json', { reason: errorText(error) }) }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { error: new HubError('bad_request', { reason: 'it is no object' }) }
  const params = value as Record<string, unknown>
  const { id } = params
  if (id === undefined) return { params }
  if (typeof id !== 'string' || !idPattern.test(id))
    return {
      error: new HubError('params_invalid', {
        path: 'id',
        reason: 'is not 1 to 64 of A-Z, a-z, 0-9, ., _ and -',
      }),
    }
  return { id, params }
}

/** `id` names the request; to methods that have an id of their own (`job.submit`, `device.get`) it is that as well. */
function paramsOf(method: string, params: Record<string, unknown>): Record<string, unknown> {
  const schema: object | undefined = isMethod(method) ? methods[method].params : undefined
  const shape = schema !== undefined && 'shape' in schema ? (schema.shape as object) : {}
  if ('id' in shape) return params
  const { id: _id, ...rest } = params
  return rest
}
