/** The contract suite of transports: every kind must keep these rules (src/drivers/transports/README.md). */
import { describe, expect, it, onTestFinished } from 'vitest'
import { keptBytesMax } from '../../src/drivers/transports/byte-transport.ts'
import { type Transport, transportLimits } from '../../src/drivers/transports/transport.ts'
import { HubError } from '../../src/protocol/errors.ts'
import { settle, type TestClock } from '../support/clock.ts'

/** The other end of an open transport. */
export interface Peer {
  write(bytes: Uint8Array): void
  /** Everything received since the port was made, over all connections. */
  received(): Uint8Array
  /** Settles when at least `count` bytes were received since the port was made. */
  until(count: number): Promise<Uint8Array>
  /** Takes no more bytes; false: goes on. */
  stall(on: boolean): void
  /** Pulls the cable. */
  cut(): void
}

/** A port that can be opened again and again, and its other end. */
export interface Port {
  open(): Promise<Transport>
  peer: Peer
  clock: TestClock
  stop(): Promise<void>
}

/** Counts received bytes and wakes whoever waits for them. */
export class Received {
  #bytes = Buffer.alloc(0)
  #waiting: { count: number; resolve: (bytes: Uint8Array) => void }[] = []

  push(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    for (const waiter of this.#waiting.filter(({ count }) => count <= this.#bytes.length))
      waiter.resolve(this.all())
    this.#waiting = this.#waiting.filter(({ count }) => count > this.#bytes.length)
  }

  all(): Uint8Array {
    return new Uint8Array(this.#bytes)
  }

  until(count: number): Promise<Uint8Array> {
    if (this.#bytes.length >= count) return Promise.resolve(this.all())
    return new Promise((resolve) => this.#waiting.push({ count, resolve }))
  }
}

/** Bytes whose place shows: a sawtooth of 251, so that no power of two hides a shift. */
export function pattern(length: number, from = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (from + index) % 251)
}

/** Rules of the suite, so that a test can count them. */
export const transportRules = [
  'T1',
  'T2',
  'T3',
  'T4',
  'T5',
  'T6',
  'T7',
  'T8',
  'T9',
  'T10',
  'T11',
  'T12',
  'T13',
] as const

export function transportContract(name: string, makePort: () => Promise<Port>): void {
  async function opened() {
    const port = await makePort()
    onTestFinished(() => port.stop())
    const transport = await port.open()
    onTestFinished(() => transport.close())
    return { port, transport, peer: port.peer, clock: port.clock }
  }

  /** Writes until the other side takes no more; answers the writes that hang, and how many bytes were asked for. */
  async function fill(transport: Transport) {
    const piece = pattern(transportLimits.writeBytesMax)
    let asked = 0
    for (let round = 0; round < 1_000; round++) {
      let settled = false
      const write = transport.write(piece)
      asked += piece.length
      const ended = write.then(
        () => undefined,
        (error: unknown) => error,
      )
      void ended.then(() => {
        settled = true
      })
      let before = -1
      while (!settled && before !== transport.bytesWritten) {
        before = transport.bytesWritten
        // A stopped process needs more than a turn of the loop to let the system's buffers fill up.
        for (let turn = 0; turn < 50 && !settled; turn++) await settle()
      }
      if (!settled) return { ended, asked }
    }
    throw new HubError('internal', { reason: 'the other side takes everything' })
  }

  describe(`transport: ${name}`, () => {
    it('[T1] bytes arrive whole and in order, both ways', async () => {
      const { transport, peer } = await opened()
      const received = new Received()
      transport.onBytes((bytes) => received.push(bytes))
      for (let start = 0; start < 5_000; start += 500) await transport.write(pattern(500, start))
      for (let start = 0; start < 3_000; start += 300) peer.write(pattern(300, start))
      expect(await peer.until(5_000)).toEqual(pattern(5_000))
      expect(await received.until(3_000)).toEqual(pattern(3_000))
    })

    it('[T2] overlapping writes keep their order and settle in it', async () => {
      const { transport, peer } = await opened()
      const settled: number[] = []
      const sizes = [1, 0, 3_000, 7, 900, 0, 2]
      let start = 0
      const writes = sizes.map((size, index) => {
        const write = transport.write(pattern(size, start))
        start += size
        return write.then(() => settled.push(index))
      })
      await Promise.all(writes)
      expect(settled).toEqual(sizes.map((_, index) => index))
      expect(await peer.until(start)).toEqual(pattern(start))
    })

    it('[T3] a write of writeBytesMax arrives whole; one byte more is refused and nothing of it leaves', async () => {
      const { transport, peer } = await opened()
      const whole = pattern(transportLimits.writeBytesMax)
      await transport.write(whole)
      const tooLong = transport.write(pattern(transportLimits.writeBytesMax + 1))
      await expect(tooLong).rejects.toMatchObject({ code: 'params_invalid' })
      await transport.write(Uint8Array.of(250))
      expect(await peer.until(whole.length + 1)).toEqual(Uint8Array.of(...whole, 250))
      expect(transport.bytesWritten).toBe(whole.length + 1)
    })

    it('[T4] a write stays pending while the other side takes nothing, and settles when it goes on', async () => {
      const { transport, peer } = await opened()
      peer.stall(true)
      const { ended, asked } = await fill(transport)
      expect(transport.bytesWritten).toBeLessThan(asked)
      peer.stall(false)
      expect(await ended).toBeUndefined()
      expect(transport.bytesWritten).toBe(asked)
      expect((await peer.until(asked)).length).toBe(asked)
    })

    it('[T5] a write after close rejects at once', async () => {
      const { transport, peer } = await opened()
      await transport.write(Uint8Array.of(1))
      await peer.until(1)
      const closing = transport.close()
      const duringClose = transport.write(Uint8Array.of(2))
      await expect(duringClose).rejects.toMatchObject({ code: 'port_closed' })
      await closing
      await expect(transport.write(Uint8Array.of(3))).rejects.toMatchObject({ code: 'port_closed' })
      expect(transport.bytesWritten).toBe(1)
    })

    it('[T6] close rejects what is pending, and nothing of it leaves after the port is opened again', async () => {
      const { port, transport, peer, clock } = await opened()
      peer.stall(true)
      const { ended } = await fill(transport)
      const after = transport.write(Uint8Array.of(255, 255, 255)).catch((error: unknown) => error)
      const closing = transport.close()
      await clock.advance(transportLimits.openMsMax)
      await closing
      expect(await ended).toMatchObject({ code: 'port_closed' })
      expect(await after).toMatchObject({ code: 'port_closed' })
      peer.stall(false)
      const second = await port.open()
      onTestFinished(() => second.close())
      await second.write(Uint8Array.of(251, 252, 253, 254))
      let seen = peer.received()
      while (!Buffer.from(seen).includes(Buffer.of(251, 252, 253, 254)))
        seen = await peer.until(seen.length + 1)
      expect(seen.includes(255)).toBe(false)
      // The contents of a reopened port begin with the new write: what came before it was taken before the close.
      expect(seen.length - 4).toBeLessThanOrEqual(transport.bytesWritten)
      expect(Buffer.from(seen).subarray(-4)).toEqual(Buffer.of(251, 252, 253, 254))
    })

    it('[T7] bytes that come before there is a listener are kept, in order', async () => {
      const { transport, peer } = await opened()
      for (let start = 0; start < keptBytesMax; start += 4_096) peer.write(pattern(4_096, start))
      for (let turn = 0; turn < 100; turn++) await settle()
      const received = new Received()
      transport.onBytes((bytes) => received.push(bytes))
      expect(Buffer.compare(await received.until(keptBytesMax), pattern(keptBytesMax))).toBe(0)
      peer.write(Uint8Array.of(7))
      expect((await received.until(keptBytesMax + 1)).at(-1)).toBe(7)
    })

    it('[T8] close is safe twice, and closed settles once, by us', async () => {
      const { transport } = await opened()
      await Promise.all([transport.close(), transport.close()])
      await transport.close()
      expect(await transport.closed).toMatchObject({ by: 'ours' })
    })

    it('[T9] a pulled cable closes with a reason, and pending writes reject', async () => {
      const { transport, peer, clock } = await opened()
      peer.stall(true)
      const { ended, asked } = await fill(transport)
      peer.cut()
      const reason = await transport.closed
      await clock.advance(transportLimits.openMsMax)
      expect(reason.by).toBe('lost')
      expect(reason.reason).not.toBe('')
      expect(await ended).toMatchObject({ code: 'port_closed' })
      await expect(transport.write(Uint8Array.of(1))).rejects.toBeInstanceOf(HubError)
      expect(transport.bytesWritten).toBeGreaterThanOrEqual(peer.received().length)
      expect(transport.bytesWritten).toBeLessThanOrEqual(asked)
    })

    it('[T10] what the device said before the cable was pulled still arrives; nothing arrives after our close', async () => {
      const lost = await opened()
      const said = new Received()
      lost.transport.onBytes((bytes) => said.push(bytes))
      lost.peer.write(pattern(100))
      await said.until(100)
      lost.peer.cut()
      await lost.transport.closed
      expect(said.all()).toEqual(pattern(100))
      const ours = await opened()
      const late = new Received()
      ours.transport.onBytes((bytes) => late.push(bytes))
      ours.peer.write(pattern(100))
      const closing = ours.transport.close()
      const atClose = late.all().length
      await closing
      await settle()
      expect(late.all().length).toBe(atClose)
    })

    it('[T11] bytesWritten rises before the write settles and never counts less than what arrived', async () => {
      const { transport, peer } = await opened()
      expect(transport.bytesWritten).toBe(0)
      let atSettle = -1
      const write = transport.write(pattern(2_000)).then(() => {
        atSettle = transport.bytesWritten
      })
      const arrived = (await peer.until(1)).length
      expect(transport.bytesWritten).toBeGreaterThanOrEqual(arrived)
      await write
      expect(atSettle).toBe(2_000)
      await peer.until(2_000)
      peer.cut()
      await transport.closed
      expect(transport.bytesWritten).toBe(peer.received().length)
    })

    it('[T12] a write that gets nowhere for writeMsMax rejects with write_timeout and the transport is lost', async () => {
      const { transport, peer, clock } = await opened()
      peer.stall(true)
      const { ended } = await fill(transport)
      let open = true
      void transport.closed.then(() => {
        open = false
      })
      await clock.advance(transportLimits.writeMsMax - 1)
      expect(open).toBe(true)
      // The time may have begun to run again with a byte taken late: two periods without one are enough in any case.
      await clock.advance(transportLimits.writeMsMax + 1)
      expect(await ended).toMatchObject({ code: 'write_timeout' })
      await clock.advance(transportLimits.openMsMax)
      expect(await transport.closed).toMatchObject({ by: 'lost' })
    })

    it('[T13] a listener that throws loses the transport, not the hub', async () => {
      const { transport, peer } = await opened()
      transport.onBytes(() => {
        throw new RangeError('bad frame')
      })
      peer.write(Uint8Array.of(1))
      const reason = await transport.closed
      expect(reason.by).toBe('lost')
      expect(reason.reason).toContain('bad frame')
    })
  })
}
