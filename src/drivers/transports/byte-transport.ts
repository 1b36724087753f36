/** The half of a transport that is the same for every kind: order, limits, timeouts, and one honest ending. */
import { errorText, HubError } from '../../protocol/errors.ts'
import type { TransportClock } from './clock.ts'
import {
  type CloseReason,
  type ExchangeFace,
  type HidFace,
  type ModemFace,
  type Transport,
  type TransportFaces,
  transportLimits,
} from './transport.ts'

/** The half that differs: how bytes get to the system. */
export interface Wire {
  /**
   * Hands bytes to the system and settles when it has taken all of them. Called for one piece at a time. Tells `handed`
   * how many bytes were passed on as soon as they were: before it settles, and also when it fails.
   */
  send(bytes: Uint8Array, handed: (count: number) => void): Promise<void>
  /**
   * Bytes told to `handed` that the system has not taken yet. 0 when it cannot be known, as after a loss: then all of them
   * count as gone, because a job that may have reached paper must not look as if it had not.
   */
  queued?(): number
  /**
   * Lets go of the port. `abandoned` says that a write was under way: what of it has not left must not leave any more.
   * Settles when the port is free.
   */
  release(abandoned: boolean): Promise<void>
}

/** Bytes that arrive before anybody listens are kept up to this size; what comes after is dropped. */
export const keptBytesMax = 64 * 1024

interface PendingWrite {
  bytes: Uint8Array
  resolve: () => void
  reject: (error: HubError) => void
}

export class ByteTransport implements Transport {
  readonly port: string
  readonly closed: Promise<CloseReason>
  readonly hid?: HidFace
  readonly modem?: ModemFace
  readonly exchange?: ExchangeFace
  readonly #wire: Wire
  readonly #clock: TransportClock | undefined
  readonly #settleClosed: (reason: CloseReason) => void
  readonly #writes: PendingWrite[] = []
  #sending = false
  #stopWatching: () => void = () => {}
  #handed = 0
  #queuedAtEnd = 0
  #ending: { reason: CloseReason; released: Promise<void> } | undefined
  #listener: ((bytes: Uint8Array) => void) | undefined
  #kept: Uint8Array[] = []
  #keptBytes = 0

  /** Without a clock a write waits for as long as the other side likes. */
  constructor(port: string, wire: Wire, clock: TransportClock | undefined, faces: TransportFaces = {}) {
    if (faces.hid !== undefined) this.hid = faces.hid
    if (faces.modem !== undefined) this.modem = faces.modem
    if (faces.exchange !== undefined) this.exchange = faces.exchange
    this.port = port
    this.#wire = wire
    this.#clock = clock
    const { promise, resolve } = Promise.withResolvers<CloseReason>()
    this.closed = promise
    this.#settleClosed = resolve
  }

  get bytesWritten(): number {
    return this.#handed - (this.#ending === undefined ? this.#queuedNow() : this.#queuedAtEnd)
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#ending !== undefined) return Promise.reject(this.#closedError(this.#ending.reason))
    if (bytes.length > transportLimits.writeBytesMax) {
      const reason = `${bytes.length} bytes are more than a transport takes at once (${transportLimits.writeBytesMax})`
      return Promise.reject(new HubError('params_invalid', { path: 'bytes', reason }))
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#writes.push({ bytes, resolve, reject })
    if (!this.#sending) void this.#sendAll()
    return promise
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener
    if (this.#kept.length > 0) queueMicrotask(() => this.#deliverKept())
  }

  close(): Promise<void> {
    return this.end({ by: 'ours', reason: 'closed by the hub' })
  }

  /** For the wire: bytes came in. */
  receive(bytes: Uint8Array): void {
    if (this.#ending !== undefined || bytes.length === 0) return
    if (this.#listener !== undefined && this.#kept.length === 0) this.#deliver(bytes)
    else if (this.#keptBytes < keptBytesMax) {
      const kept = bytes.subarray(0, keptBytesMax - this.#keptBytes)
      this.#kept.push(kept)
      this.#keptBytes += kept.length
    }
  }

  /** For the wire: it is over. The first reason counts. */
  end(reason: CloseReason): Promise<void> {
    return this.#end(reason, this.#closedError(reason))
  }

  #end(reason: CloseReason, error: HubError): Promise<void> {
    if (this.#ending !== undefined) return this.#ending.released
    if (reason.by === 'lost') this.#deliverKept()
    this.#queuedAtEnd = this.#queuedNow()
    const { promise: released, resolve } = Promise.withResolvers<void>()
    this.#ending = { reason, released }
    for (const write of this.#writes) write.reject(error)
    const abandoned = this.#writes.length > 0
    this.#writes.length = 0
    this.#stopWatching()
    const finish = () => {
      this.#settleClosed(reason)
      resolve()
    }
    this.#wire.release(abandoned).then(finish, finish)
    return released
  }

  async #sendAll(): Promise<void> {
    this.#sending = true
    for (let write = this.#writes[0]; write !== undefined; write = this.#writes[0]) {
      this.#watchProgress()
      try {
        await this.#wire.send(write.bytes, (count) => {
          this.#handed += count
        })
      } catch (error) {
        void this.end({ by: 'lost', reason: errorText(error) })
      }
      if (this.#ending !== undefined) return
      this.#stopWatching()
      this.#writes.shift()
      write.resolve()
    }
    this.#sending = false
  }

  /** Ends the transport when no byte is taken for `writeMsMax`. */
  #watchProgress(): void {
    const ms = transportLimits.writeMsMax
    let seen = this.bytesWritten
    const check = () => {
      const now = this.bytesWritten
      if (now === seen) {
        const reason = `no data was taken for ${ms} ms`
        void this.#end({ by: 'lost', reason }, new HubError('write_timeout', { port: this.port, ms }))
        return
      }
      seen = now
      cancel = this.#clock?.after(ms, check)
    }
    let cancel = this.#clock?.after(ms, check)
    this.#stopWatching = () => cancel?.()
  }

  #queuedNow(): number {
    return this.#wire.queued?.() ?? 0
  }

  #deliverKept(): void {
    if (this.#listener === undefined || this.#ending !== undefined) return
    const kept = this.#kept
    this.#kept = []
    this.#keptBytes = 0
    for (const bytes of kept) this.#deliver(bytes)
  }

  /** A listener that throws must not take the hub down with it: its device is lost instead, with the reason. */
  #deliver(bytes: Uint8Array): void {
    if (this.#ending !== undefined) return
    try {
      this.#listener?.(bytes)
    } catch (error) {
      void this.end({ by: 'lost', reason: `what came in could not be handled: ${errorText(error)}` })
    }
  }

  #closedError(reason: CloseReason): HubError {
    return new HubError('port_closed', { port: this.port, reason: reason.reason })
  }
}
