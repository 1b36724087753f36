/** A USB printer by the kernel's own driver, /dev/usb/lpN: the way that needs no libusb. */
import { close, constants, open, read, write } from 'node:fs'
import { promisify } from 'node:util'
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import type { PortAddress, Transport } from './transport.ts'
import { usbLimits, usbReasons } from './usb-wire.ts'

const openFd = promisify(open)
const closeFd = promisify(close)
const readFd = promisify(read)
const writeFd = promisify(write)

const openFlags = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY

/** What usblp has for one read at most (USBLP_BUF_SIZE_IN of its source). */
const readBytes = 1024

type Readiness = 'readable' | 'writable' | 'disconnect'

/** The part of serialport's binding that knows when a descriptor is ready. */
interface Poller {
  once(event: Readiness, callback: (error: Error | null) => void): unknown
  poll(flags: number): void
  stop(): void
  destroy(): void
}

/** Its flags for `poll` (enum uv_poll_event). */
const pollFlags: Readonly<Record<Readiness, number>> = { readable: 1, writable: 2, disconnect: 4 }

/** Whether another program has the printer open: usblp lets in one at a time. A node that is not there is not busy. */
export async function isUsblpBusy(node: string): Promise<boolean> {
  try {
    await closeFd(await openFd(node, openFlags))
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EBUSY'
  }
}

/** Opens the node of a printer. Throws HubError `port_unavailable` when it is not there, taken, or not ours to open. */
export async function openUsblp(
  address: PortAddress,
  node: string,
  clock: TransportClock,
): Promise<Transport> {
  let fd: number | undefined
  try {
    fd = await openFd(node, openFlags)
    const { LinuxPortBinding } = await import('@serialport/bindings-cpp')
    // It is made for ttys, but what it does when it is made is to poll a descriptor, and usblp can be polled.
    const { poller } = new LinuxPortBinding(fd, { path: node, baudRate: 9600 } as never)
    const wire = new UsblpWire(fd, poller as Poller, clock)
    const transport = new ByteTransport(address.url, wire, clock)
    wire.start(
      (bytes) => transport.receive(bytes),
      (reason) => void transport.end({ by: 'lost', reason }),
    )
    return transport
  } catch (error) {
    if (fd !== undefined) await closeFd(fd).catch(() => {})
    throw new HubError('port_unavailable', { port: address.url, reason: explain(error) }, error)
  }
}

class UsblpWire implements Wire {
  readonly #fd: number
  readonly #poller: Poller
  readonly #clock: TransportClock
  readonly #waiting = new Set<Readiness>()
  #released = false
  #lose: (reason: string) => void = () => {}
  #wakeReader: () => void = () => {}
  /** Calls under way. The node is not closed before they are over: they would go on in whatever gets its number. */
  #reading: Promise<unknown> = Promise.resolve()
  #writing: Promise<unknown> = Promise.resolve()

  constructor(fd: number, poller: Poller, clock: TransportClock) {
    this.#fd = fd
    this.#poller = poller
    this.#clock = clock
  }

  start(receive: (bytes: Uint8Array) => void, lose: (reason: string) => void): void {
    this.#lose = lose
    // Watched for all the time: the reader may be pausing, or the printer be one that cannot answer.
    const gone = () => lose(usbReasons.gone)
    this.#ready('disconnect').then(gone, gone)
    this.#readAll(receive).then(lose, (error: unknown) => lose(explain(error)))
  }

  /**
   * usblp takes a piece, says so at once, and sends it on its own; it is ready for more when that piece has left. So a write
   * ends with waiting for that, and what is on its way counts as gone.
   */
  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    let start = 0
    try {
      while (start < bytes.length && !this.#released) {
        const length = Math.min(bytes.length - start, usbLimits.pieceBytes)
        // Counted first: another thread writes, and the printer may have the piece before we are told.
        handed(length)
        const taken = await this.#write(bytes.subarray(start, start + length))
        if (this.#released) return
        if (taken < length) handed(taken - length)
        start += taken
        if (taken === 0) await this.#ready('writable')
      }
      if (!this.#released) await this.#ready('writable')
    } catch (error) {
      if (!this.#released) this.#lose(explain(error))
    }
  }

  /** Answers how many bytes were taken; 0 when the last piece has not left yet. */
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

  /** usblp throws away what it still holds when its node is closed (its release kills the transfer under way). */
  async release(): Promise<void> {
    this.#released = true
    this.#wakeReader()
    this.#poller.stop()
    await Promise.allSettled([this.#reading, this.#writing])
    this.#poller.destroy()
    await closeFd(this.#fd).catch(() => {})
  }

  /** Reads until the printer is gone; answers why. */
  async #readAll(receive: (bytes: Uint8Array) => void): Promise<string> {
    const buffer = Buffer.alloc(readBytes)
    let troubled = false
    while (!this.#released) {
      try {
        const call = readFd(this.#fd, buffer, 0, buffer.length, null)
        this.#reading = call
        const { bytesRead } = await call
        troubled = false
        receive(new Uint8Array(buffer.subarray(0, bytesRead)))
        // A printer that answers a read with nothing is not gone: it is one of those that always answer.
        if (bytesRead === 0) await this.#pause(usbLimits.emptyReadPauseMs)
      } catch (error) {
        if (this.#released) break
        const { code } = error as NodeJS.ErrnoException
        if (isTryAgain(error)) await this.#ready('readable')
        // usblp says EINVAL for a printer that cannot answer: it is only watched for its going.
        else if (code === 'EINVAL') return new Promise(() => {})
        // A failed read is reported once as EIO and a new one begins, which EAGAIN waits for: one more try cannot spin.
        else if (code === 'EIO' && !troubled) troubled = true
        else throw error
      }
    }
    return 'the port was closed'
  }

  /**
   * The poller watches only what it was asked for last: who waits to write would be forgotten when the reader begins to wait.
   * So all that is waited for is asked for each time. By setImmediate, as it calls back without letting promises run (serial.ts).
   */
  #ready(event: Readiness): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.add(event)
    this.#poller.once(event, (error) => {
      this.#waiting.delete(event)
      setImmediate(() => (error ? reject(error) : resolve()))
    })
    this.#poller.poll([...this.#waiting].reduce((flags, each) => flags | pollFlags[each], 0))
    return promise
  }

  #pause(ms: number): Promise<void> {
    if (this.#released) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#wakeReader = () => {
        cancel()
        resolve()
      }
    })
  }
}

function isTryAgain(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** The system's words for what a person sees most often. */
function explain(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'it is not plugged in'
    case 'EACCES':
    case 'EPERM':
      return 'the hub may not open it; its user must be in the group lp, or the udev rules of the hub be installed'
    case 'EBUSY':
      return 'another program has it open (see tillbridge doctor)'
    case 'ENODEV':
    case 'ENXIO':
    case 'EBADF':
      return usbReasons.gone
    case 'EIO':
      return usbReasons.broken
    default:
      return errorText(error)
  }
}
