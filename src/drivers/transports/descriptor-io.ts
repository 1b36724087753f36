/** Reading and writing of a descriptor that does not block: what serial ports and the nodes of usblp share. */
import { read, write } from 'node:fs'
import { promisify } from 'node:util'

const readFd = promisify(read)
const writeFd = promisify(write)

/** What is handed to the system at once, in bytes: so much may count as gone although it was not, when the end comes meanwhile. */
export const descriptorPieceBytes = 4 * 1024

type Readiness = 'readable' | 'writable' | 'disconnect'

/** The part of serialport's binding that knows when a descriptor is ready. */
export interface Poller {
  once(event: Readiness, callback: (error: Error | null) => void): unknown
  poll(flags: number): void
  stop(): void
}

/** Its flags for `poll` (enum uv_poll_event). */
const pollFlags: Readonly<Record<Readiness, number>> = { readable: 1, writable: 2, disconnect: 4 }

/** One reader and one writer of a descriptor. The descriptor stays the caller's, who closes it after `stop`. */
export class DescriptorIo {
  readonly #fd: number
  readonly #poller: Poller
  readonly #waiting = new Set<Readiness>()
  #stopped = false
  /** Calls under way. They would go on in whatever gets the number of a descriptor that is closed before they are over. */
  #reading: Promise<unknown> = Promise.resolve()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(fd: number, poller: Poller) {
    this.#fd = fd
    this.#poller = poller
  }

  /** Reads once; answers how many bytes came, and undefined when there are none now. Rejects with the system's error. */
  async read(buffer: Uint8Array): Promise<number | undefined> {
    try {
      const call = readFd(this.#fd, buffer, 0, buffer.length, null)
      this.#reading = call
      return (await call).bytesRead
    } catch (error) {
      if (isTryAgain(error)) return undefined
      throw error
    }
  }

  /**
   * Writes all bytes, waiting while none are taken, and tells `handed` as they go; ends early after `stop`. Rejects with the
   * system's error.
   */
  async write(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    let start = 0
    while (start < bytes.length && !this.#stopped) {
      const length = Math.min(bytes.length - start, descriptorPieceBytes)
      // Counted first: another thread writes, and the device may have the piece before we are told.
      handed(length)
      let taken = 0
      try {
        taken = await this.#write(bytes.subarray(start, start + length))
      } finally {
        // After `stop` the ending was told already: the whole piece stays counted, rather too much than too little.
        if (taken < length && !this.#stopped) handed(taken - length)
      }
      start += taken
      if (taken === 0) await this.ready('writable')
    }
  }

  /** Answers how many bytes were taken; 0 when there is no room now. An error means that none were. */
  async #write(piece: Uint8Array): Promise<number> {
    try {
      const call = writeFd(this.#fd, piece, 0, piece.length, null)
      this.#writing = call
      return (await call).bytesWritten
    } catch (error) {
      if (isTryAgain(error)) return 0
      throw error
    }
  }

  /**
   * Settles when the descriptor is ready, at once after `stop`; rejects when it is no good any more, or is stopped meanwhile.
   *
   * The poller watches only what it was asked for last, and after each event what it was ever asked for: who waits to write
   * would be forgotten when the reader begins to wait, and a busy reader would be called over and over. So after every change
   * it is told exactly what is waited for. It calls back without letting promises run: on an idle hub they would wait for the
   * next event, whatever and whenever that is, and a scan would wait with them. setImmediate lets them run in this turn.
   */
  ready(event: Readiness): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Never again then: polling a descriptor that was closed ends the process.
    if (this.#stopped) return Promise.resolve()
    this.#waiting.add(event)
    this.#poller.once(event, (error) => {
      this.#waiting.delete(event)
      this.#poll()
      setImmediate(() => (error ? reject(error) : resolve()))
    })
    this.#poll()
    return promise
  }

  #poll(): void {
    if (this.#stopped) return
    this.#poller.poll([...this.#waiting].reduce((flags, each) => flags | pollFlags[each], 0))
  }

  /** Begins nothing new, and ends what waits with an error. Settles when no call is under way: the descriptor may be closed. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#poller.stop()
    await Promise.allSettled([this.#reading, this.#writing])
  }
}

function isTryAgain(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '')
}
