/** Ports without hardware: a wire in memory between a driver and its twin, and the `memory:` ports that twins offer. */
import { HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import type { PortAddress, Transport, TransportFaces } from './transport.ts'

/** The device's end of a wire in memory. What a twin takes. */
export interface MemoryEnd {
  /** Lost without a word once the wire is cut, as on a cable. */
  write(bytes: Uint8Array): void
  /** Bytes from the hub as they come. One listener; bytes before there is one are kept. */
  onBytes(listener: (bytes: Uint8Array) => void): void
  /** Pulls the cable. */
  close(): void
  /** True: takes no more bytes, so that writes of the hub stay pending. False: goes on. */
  pause(on: boolean): void
}

export interface MemoryOptions {
  /** Bytes are delivered, both ways, in pieces of at most this size. */
  chunkBytesMax?: number
  /** With a clock, a write that the device does not take times out. */
  clock?: TransportClock
  /** What the simulated port can do beside bytes. */
  faces?: TransportFaces
}

/** One direction of the wire: delivers later, in order, one piece per microtask. */
class Lane {
  readonly #chunkBytesMax: number
  #pieces: { bytes: Uint8Array; taken: () => void }[] = []
  #listener: ((bytes: Uint8Array) => void) | undefined
  #scheduled = false
  #paused = false
  #cut = false

  constructor(chunkBytesMax: number) {
    this.#chunkBytesMax = chunkBytesMax
  }

  /** `taken` is told the size of each piece when it is delivered. */
  push(bytes: Uint8Array, taken: (count: number) => void = () => {}): void {
    if (this.#cut) return
    for (let start = 0; start < bytes.length; start += this.#chunkBytesMax) {
      const piece = bytes.slice(start, start + this.#chunkBytesMax)
      this.#pieces.push({ bytes: piece, taken: () => taken(piece.length) })
    }
    this.#schedule()
  }

  listen(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener
    this.#schedule()
  }

  pause(on: boolean): void {
    this.#paused = on
    this.#schedule()
  }

  /** Drops what was not delivered. */
  cut(): void {
    this.#cut = true
    this.#pieces = []
  }

  /** Delivers everything now. */
  flush(): void {
    while (this.#pieces.length > 0 && this.#listener !== undefined) this.#deliverOne(this.#listener)
  }

  #schedule(): void {
    if (this.#scheduled || this.#pieces.length === 0) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      if (this.#paused || this.#listener === undefined) return
      this.#deliverOne(this.#listener)
      this.#schedule()
    })
  }

  #deliverOne(listener: (bytes: Uint8Array) => void): void {
    const piece = this.#pieces.shift()
    if (piece === undefined) return
    piece.taken()
    listener(piece.bytes)
  }
}

/** A wire in memory: the hub's end as a transport, and the device's end. Bytes arrive later, in order, never in the same turn. */
export function memoryPair(name = 'test', options: MemoryOptions = {}): [Transport, MemoryEnd] {
  const chunkBytesMax = options.chunkBytesMax ?? Number.POSITIVE_INFINITY
  const toDevice = new Lane(chunkBytesMax)
  const toHub = new Lane(chunkBytesMax)
  const wire: Wire = {
    send(bytes, handed) {
      const { promise, resolve } = Promise.withResolvers<void>()
      let left = bytes.length
      if (left === 0) resolve()
      toDevice.push(bytes, (count) => {
        handed(count)
        left -= count
        if (left === 0) resolve()
      })
      return promise
    },
    release() {
      toDevice.cut()
      toHub.cut()
      return Promise.resolve()
    },
  }
  const transport = new ByteTransport(`memory:${name}`, wire, options.clock, options.faces)
  toHub.listen((bytes) => transport.receive(bytes))
  const device: MemoryEnd = {
    write: (bytes) => toHub.push(bytes),
    onBytes: (listener) => toDevice.listen(listener),
    close() {
      // What the device said before the cable was pulled still arrives, as it does on a socket.
      toHub.flush()
      void transport.end({ by: 'lost', reason: 'the cable was pulled' })
    },
    pause: (on) => toDevice.pause(on),
  }
  return [transport, device]
}

interface Offer {
  accept: (end: MemoryEnd) => void
  faces: TransportFaces
  ends: Set<MemoryEnd>
}

/** The `memory:NAME` ports of a hub: offered by twins, opened like any other port. One connection at a time, like a cable. */
export class MemoryPorts {
  readonly #clock: TransportClock | undefined
  readonly #offers = new Map<string, Offer>()

  constructor(clock?: TransportClock) {
    this.#clock = clock
  }

  /** Offers a port; `accept` gets the device's end each time it is opened. Offering a name again replaces the offer. */
  offer(name: string, accept: (end: MemoryEnd) => void, faces: TransportFaces = {}): void {
    this.withdraw(name)
    this.#offers.set(name, { accept, faces, ends: new Set() })
  }

  /** Takes the port away: open transports to it are lost. */
  withdraw(name: string): void {
    const offer = this.#offers.get(name)
    this.#offers.delete(name)
    for (const end of offer?.ends ?? []) end.close()
  }

  /** Names on offer. */
  names(): string[] {
    return [...this.#offers.keys()]
  }

  /** Throws HubError `port_unavailable` when nobody offers the name, or somebody has it open. */
  open(address: PortAddress): Promise<Transport> {
    const offer = this.#offers.get(address.target)
    const refusal =
      offer === undefined ? 'nothing is offered here' : offer.ends.size > 0 ? 'it is open already' : undefined
    if (offer === undefined || refusal !== undefined) {
      const context = { port: address.url, reason: refusal ?? null }
      return Promise.reject(new HubError('port_unavailable', context))
    }
    const options = { faces: offer.faces, ...(this.#clock === undefined ? {} : { clock: this.#clock }) }
    const [transport, end] = memoryPair(address.target, options)
    offer.ends.add(end)
    void transport.closed.then(() => offer.ends.delete(end))
    offer.accept(end)
    return Promise.resolve(transport)
  }
}
