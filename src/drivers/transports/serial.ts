/** Serial ports: RS-232, and everything behind a USB-serial chip or CDC-ACM. */
import { read, write } from 'node:fs'
import { promisify } from 'node:util'
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { type ModemFace, type PortAddress, type Transport, transportLimits } from './transport.ts'

const readFd = promisify(read)
const writeFd = promisify(write)

export const serialDefaults = { baud: '9600', format: '8N1', flow: 'none' } as const
const readBytes = 16 * 1024

/**
 * What we use of the binding: it opens, locks, sets the line and polls; we read and write ourselves. The stream above it is
 * no good for money and drawers: it keeps what is written to a closed port and sends it after the next opening, and it reads
 * a hung-up line in a busy loop.
 */
interface SerialBinding {
  fd: number | null
  readonly isOpen: boolean
  readonly poller: { once(event: 'readable' | 'writable', callback: (error: Error | null) => void): unknown }
  set(flags: { dtr?: boolean; rts?: boolean }): Promise<void>
  get(): Promise<{ cts: boolean; dsr: boolean; dcd: boolean }>
  drain(): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens and locks a tty with the address's options on top of `defaults`. Throws HubError `port_unavailable` when it is not
 * there, locked, or does not open within `openMsMax`.
 */
export async function openSerial(
  address: PortAddress,
  clock: TransportClock,
  defaults: Readonly<Record<string, string>> = {},
): Promise<Transport> {
  const binding = await openBinding(address, { ...serialDefaults, ...defaults, ...address.options }, clock)
  const wire = new SerialWire(binding)
  const modem = await modemFace(binding, address.url)
  const transport = new ByteTransport(address.url, wire, clock, modem === undefined ? {} : { modem })
  void wire
    .readAll((bytes) => transport.receive(bytes))
    .then((reason) => transport.end({ by: 'lost', reason }))
  return transport
}

/**
 * CTS, DSR and DCD of an open port, or undefined when it has none (a pty, some CDC-ACM), which the system says when it is
 * asked. `lines` throws HubError `port_closed` once the port is closed or gone.
 */
export async function modemFace(
  binding: Pick<SerialBinding, 'get' | 'isOpen'>,
  port: string,
): Promise<ModemFace | undefined> {
  try {
    await binding.get()
  } catch {
    return undefined
  }
  return {
    async lines() {
      if (!binding.isOpen) throw new HubError('port_closed', { port, reason: 'the port was closed' })
      try {
        const { cts, dsr, dcd } = await binding.get()
        return { cts, dsr, dcd }
      } catch (error) {
        throw new HubError('port_closed', { port, reason: explain(error) }, error)
      }
    },
  }
}

async function openBinding(
  address: PortAddress,
  options: Readonly<Record<string, string>>,
  clock: TransportClock,
): Promise<SerialBinding> {
  const refused = (reason: string, cause?: unknown) =>
    new HubError('port_unavailable', { port: address.url, reason }, cause)
  const [, dataBits, parity, stopBits] = /^([5-8])([NEO])([12])$/.exec(options.format ?? '') ?? []
  const baudRate = Number(options.baud)
  if (dataBits === undefined || !Number.isInteger(baudRate) || baudRate < 1)
    throw refused('its baud or format is not one')
  const { SerialPort } = await import('serialport')
  const opening = SerialPort.binding.open({
    path: address.target,
    baudRate,
    dataBits: Number(dataBits) as 5 | 6 | 7 | 8,
    parity: parity === 'E' ? 'even' : parity === 'O' ? 'odd' : 'none',
    stopBits: Number(stopBits) as 1 | 2,
    rtscts: options.flow === 'rtscts',
    xon: options.flow === 'xonxoff',
    xoff: options.flow === 'xonxoff',
    lock: true,
  }) as Promise<unknown> as Promise<SerialBinding>
  const { promise: late, reject } = Promise.withResolvers<never>()
  const cancel = clock.after(transportLimits.openMsMax, () => {
    reject(refused(`it did not open within ${transportLimits.openMsMax} ms`))
    opening.then((binding) => binding.close()).catch(() => {})
  })
  try {
    const binding = await Promise.race([opening, late])
    // A device that needs these lines gets them; one without a modem (pty, some CDC-ACM) refuses and does not need them.
    await binding.set({ dtr: true, ...(options.flow === 'rtscts' ? {} : { rts: true }) }).catch(() => {})
    return binding
  } catch (error) {
    throw error instanceof HubError ? error : refused(explain(error), error)
  } finally {
    cancel()
  }
}

class SerialWire implements Wire {
  readonly #binding: SerialBinding
  /** Calls to the system under way. The port is not closed before they are over: they would go on in whatever gets its number. */
  #reading: Promise<unknown> = Promise.resolve()
  #writing: Promise<unknown> = Promise.resolve()
  #released = false

  constructor(binding: SerialBinding) {
    this.#binding = binding
  }

  /** Reads until the line ends; answers why. */
  async readAll(receive: (bytes: Uint8Array) => void): Promise<string> {
    const buffer = Buffer.alloc(readBytes)
    try {
      while (this.#binding.fd !== null && !this.#released) {
        try {
          const call = readFd(this.#binding.fd, buffer, 0, readBytes, null)
          this.#reading = call
          const { bytesRead } = await call
          // A tty that is there and has nothing to say answers EAGAIN; 0 is the end of a line that was hung up.
          if (bytesRead === 0) return 'the port is gone'
          receive(new Uint8Array(buffer.subarray(0, bytesRead)))
        } catch (error) {
          if (!isTryAgain(error)) throw error
          await this.#ready('readable')
        }
      }
      return 'the port was closed'
    } catch (error) {
      return explain(error)
    }
  }

  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    let start = 0
    while (start < bytes.length) {
      const fd = this.#binding.fd
      if (fd === null || this.#released) return
      try {
        const call = writeFd(fd, bytes, start, bytes.length - start, null)
        this.#writing = call
        const { bytesWritten } = await call
        handed(bytesWritten)
        start += bytesWritten
      } catch (error) {
        if (!isTryAgain(error)) throw error
        await this.#ready('writable')
      }
    }
    if (!this.#released) await this.#binding.drain()
  }

  /** Flushing drops what sits in the system's buffer because the device takes nothing: it must not leave on the next opening. */
  async release(abandoned: boolean): Promise<void> {
    this.#released = true
    await Promise.allSettled([this.#reading, this.#writing])
    if (!this.#binding.isOpen) return
    if (abandoned) await this.#binding.flush().catch(() => {})
    await this.#binding.close()
  }

  /**
   * The poller calls back without letting promises run: on an idle hub they would wait for the next event, whatever and
   * whenever that is, and a scan would wait with them. setImmediate lets them run in this turn.
   */
  #ready(event: 'readable' | 'writable'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#binding.poller.once(event, (error) => void setImmediate(() => (error ? reject(error) : resolve())))
    return promise
  }
}

function isTryAgain(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** The system's words for what a person sees most often. */
function explain(error: unknown): string {
  const text = errorText(error)
  if (/No such file/i.test(text)) return 'it is not plugged in'
  if (/Permission denied|EACCES/i.test(text))
    return 'the hub may not open it; its user must be in the group dialout'
  if (/Cannot lock|temporarily unavailable|EBUSY|busy/i.test(text)) return 'another program has it open'
  if (/EIO|ENXIO|EBADF|ENODEV|bad file descriptor/i.test(text)) return 'the port is gone'
  return text
}
