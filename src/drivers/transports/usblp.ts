/** A USB printer by the kernel's own driver, /dev/usb/lpN: the way that needs no libusb. */
import { close, constants, open } from 'node:fs'
import { promisify } from 'node:util'
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { DescriptorIo, type Poller } from './descriptor-io.ts'
import type { PortAddress, Transport } from './transport.ts'
import { usbLimits, usbReasons } from './usb-wire.ts'

const openFd = promisify(open)
const closeFd = promisify(close)

const openFlags = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY

/** What usblp has for one read at most (USBLP_BUF_SIZE_IN of its source). */
const readBytes = 1024

/** What we use of serialport's binding. It is made for ttys, but what it does when it is made is to poll a descriptor. */
interface PollingBinding {
  readonly poller: Poller & { destroy(): void }
}

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
    const { poller } = new LinuxPortBinding(fd, { path: node, baudRate: 9600 } as never) as PollingBinding
    const wire = new UsblpWire(fd, poller, clock)
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
  readonly #io: DescriptorIo
  readonly #poller: PollingBinding['poller']
  readonly #clock: TransportClock
  #released = false
  #lose: (reason: string) => void = () => {}
  #wakeReader: () => void = () => {}

  constructor(fd: number, poller: PollingBinding['poller'], clock: TransportClock) {
    this.#fd = fd
    this.#poller = poller
    this.#io = new DescriptorIo(fd, poller)
    this.#clock = clock
  }

  start(receive: (bytes: Uint8Array) => void, lose: (reason: string) => void): void {
    this.#lose = lose
    // Watched for all the time: the reader may be pausing, or the printer be one that cannot answer.
    const gone = () => lose(usbReasons.gone)
    this.#io.ready('disconnect').then(gone, gone)
    this.#readAll(receive).then(lose, (error: unknown) => lose(explain(error)))
  }

  /**
   * usblp takes a piece, says so at once, and sends it on its own; it is ready for more when that piece has left. So a write
   * ends with waiting for that, and what is on its way counts as gone.
   */
  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    try {
      await this.#io.write(bytes, handed)
      await this.#io.ready('writable')
    } catch (error) {
      if (!this.#released) this.#lose(explain(error))
    }
  }

  /** usblp throws away what it still holds when its node is closed (its release kills the transfer under way). */
  async release(): Promise<void> {
    this.#released = true
    this.#wakeReader()
    await this.#io.stop()
    this.#poller.destroy()
    await closeFd(this.#fd).catch(() => {})
  }

  /** Reads until the printer is gone; answers why. */
  async #readAll(receive: (bytes: Uint8Array) => void): Promise<string> {
    const buffer = Buffer.alloc(readBytes)
    let troubled = false
    while (!this.#released) {
      try {
        const count = await this.#io.read(buffer)
        if (count === undefined) {
          await this.#io.ready('readable')
          continue
        }
        troubled = false
        receive(new Uint8Array(buffer.subarray(0, count)))
        // A printer that answers a read with nothing is not gone: it is one of those that always answer.
        if (count === 0) await this.#pause(usbLimits.emptyReadPauseMs)
      } catch (error) {
        if (this.#released) break
        const { code } = error as NodeJS.ErrnoException
        // usblp says EINVAL for a printer that cannot answer: it is only watched for its going.
        if (code === 'EINVAL') return new Promise(() => {})
        // A failed read is reported once as EIO and a new one begins, which EAGAIN waits for: one more try cannot spin.
        if (code !== 'EIO' || troubled) throw error
        troubled = true
      }
    }
    return 'the port was closed'
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
