/** The conversation with one IPP printer: a request and its own answer at a time, and nothing after it was let go. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverClock } from '../../driver.ts'
import type { Transport } from '../../transports/transport.ts'
import { decodeIpp, encodeIpp, type IppMessage } from './codec.ts'
import type { RequestOptions } from './operations.ts'

export const clientLimits = {
  /** Longest wait for the answer to a question, in ms. */
  answerMsMax: 5_000,
  /** Longest wait for the answer to a document: some printers answer only when they have read all of it. */
  documentMsMax: 120_000,
  /** Longest wait for the answer to a goodbye: a job that is given up has to end at once. */
  goodbyeMsMax: 400,
} as const

const userName = 'tillbridge'

export class IppClient {
  readonly #transport: Transport
  readonly #clock: DriverClock
  readonly #device: string
  readonly #version: readonly [number, number]
  readonly #stop = new AbortController()
  #requests = 0

  constructor(parts: {
    transport: Transport
    clock: DriverClock
    device: string
    version: '2.0' | '1.1'
  }) {
    this.#transport = parts.transport
    this.#clock = parts.clock
    this.#device = parts.device
    this.#version = parts.version === '2.0' ? [2, 0] : [1, 1]
  }

  start(): void {
    // Bytes are no part of this language.
    this.#transport.onBytes(() => {})
    void this.#transport.closed.then(() => this.stop())
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted
  }

  stop(): void {
    this.#stop.abort()
  }

  /**
   * Sends a request and answers what came back, whatever its status. Throws HubError `port_closed`, `answer_timeout`,
   * `answer_invalid`. `signal` ends the wait too.
   */
  async ask(
    make: (options: RequestOptions) => IppMessage,
    msMax: number = clientLimits.answerMsMax,
    signal?: AbortSignal,
  ): Promise<IppMessage> {
    const { exchange } = this.#transport
    if (exchange === undefined) throw this.#closed('it is not a port for IPP')
    if (this.stopped) throw this.#closed('the device was let go')
    this.#requests = (this.#requests % 0x7fff_fffe) + 1
    const requestId = this.#requests
    const request = make({
      printerUri: printerUri(this.#transport.port),
      requestId,
      user: userName,
      version: this.#version,
    })
    const bytes = await exchange.exchange(encodeIpp(request), { msMax, signal: this.#ends(signal) })
    if (this.stopped) throw this.#closed('the device was let go')
    const answer = decodeIpp(bytes)
    if ('reason' in answer) throw this.#invalid(answer.reason)
    if (answer.requestId !== requestId) throw this.#invalid('it belongs to another request')
    return answer
  }

  /** Waits; the end of the device or of `signal` ends it too. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    const ends = this.#ends(signal)
    if (ends.aborted) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const cancel = this.#clock.after(ms, resolve)
    const end = () => {
      cancel()
      resolve()
    }
    ends.addEventListener('abort', end, { once: true })
    return promise.finally(() => ends.removeEventListener('abort', end))
  }

  #ends(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal])
  }

  #closed(reason: string): HubError {
    return new HubError('port_closed', { port: this.#transport.port, reason })
  }

  #invalid(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.#device, reason })
  }
}

/** The printer's own address in requests: that of the port, without what only concerns the hub. */
export function printerUri(port: string): string {
  const [, rest = '', query = ''] = /^ipp:([^?]*)\??(.*)$/.exec(port) ?? []
  if (rest === '') return 'ipp://localhost/ipp/print'
  return `${/(^|&)tls=/.test(query) ? 'ipps' : 'ipp'}:${rest}`
}
