/** Serial ports: RS-232, and everything behind a USB-serial chip or CDC-ACM. */
import { errorText, HubError } from '../../protocol/errors.ts'
import { ByteTransport, type Wire } from './byte-transport.ts'
import type { TransportClock } from './clock.ts'
import { DescriptorIo, type Poller } from './descriptor-io.ts'
import { openInTime } from './open-in-time.ts'
import type { ModemFace, PortAddress, Transport } from './transport.ts'
import { Turns } from './turns.ts'

export const serialDefaults = { baud: '9600', format: '8N1', flow: 'none' } as const
const readBytes = 16 * 1024

/**
 * Draining holds a thread of Node's pool for as long as the line takes no data. Two are left: with none, a few lines that are
 * stuck would stop the whole hub, and nobody could let go of them.
 */
export function drainsMax(poolSize: string | undefined): number {
  const threads = Number(poolSize)
  return Math.max(1, (threads >= 1 ? threads : 4) - 2)
}
const drains = new Turns(drainsMax(process.env.UV_THREADPOOL_SIZE))

/**
 * What we use of the binding: it opens, locks, sets the line and polls; we read and write ourselves. The stream above it is
 * no good for money and drawers: it keeps what is written to a closed port and sends it after the next opening, and it reads
 * a hung-up line in a busy loop.
 */
interface SerialBinding {
  /** Of a port that is open. */
  readonly fd: number
  readonly isOpen: boolean
  readonly poller: Poller
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
  wire.start(
    (bytes) => transport.receive(bytes),
    (reason) => void transport.end({ by: 'lost', reason }),
  )
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

function openBinding(
  address: PortAddress,
  options: Readonly<Record<string, string>>,
  clock: TransportClock,
): Promise<SerialBinding> {
  return openInTime(address, clock, explain, async (refused) => {
    const [, dataBits, parity, stopBits] = /^([5-8])([NEO])([12])$/.exec(options.format ?? '') ?? []
    const baudRate = Number(options.baud)
    if (dataBits === undefined || !Number.isInteger(baudRate) || baudRate < 1)
      throw refused('its baud or format is not one')
    const { SerialPort } = await import('serialport')
    const binding = (await SerialPort.binding.open({
      path: address.target,
      baudRate,
      dataBits: Number(dataBits) as 5 | 6 | 7 | 8,
      parity: parity === 'E' ? 'even' : parity === 'O' ? 'odd' : 'none',
      stopBits: Number(stopBits) as 1 | 2,
      rtscts: options.flow === 'rtscts',
      xon: options.flow === 'xonxoff',
      xoff: options.flow === 'xonxoff',
      lock: true,
    })) as unknown as SerialBinding
    // A device that needs these lines gets them; one without a modem (pty, some CDC-ACM) refuses and does not need them.
    await binding.set({ dtr: true, ...(options.flow === 'rtscts' ? {} : { rts: true }) }).catch(() => {})
    return binding
  })
}

class SerialWire implements Wire {
  readonly #binding: SerialBinding
  readonly #io: DescriptorIo
  #released = false
  #lose: (reason: string) => void = () => {}

  constructor(binding: SerialBinding) {
    this.#binding = binding
    this.#io = new DescriptorIo(binding.fd, binding.poller)
  }

  /** Reads from now on, until the end. `lose` is called when the connection is over, with the reason. */
  start(receive: (bytes: Uint8Array) => void, lose: (reason: string) => void): void {
    this.#lose = lose
    this.#readAll(receive).then(lose, (error: unknown) => lose(explain(error)))
  }

  async send(bytes: Uint8Array, handed: (count: number) => void): Promise<void> {
    try {
      await this.#io.write(bytes, handed)
      await drains.take(async () => {
        if (!this.#released) await this.#binding.drain()
      })
    } catch (error) {
      if (!this.#released) this.#lose(explain(error))
    }
  }

  async #readAll(receive: (bytes: Uint8Array) => void): Promise<string> {
    const buffer = Buffer.alloc(readBytes)
    while (!this.#released) {
      const count = await this.#io.read(buffer)
      // A tty that is there and has nothing to say says so; 0 is the end of a line that was hung up.
      if (count === 0) return 'the port is gone'
      if (count === undefined) await this.#io.ready('readable')
      else receive(new Uint8Array(buffer.subarray(0, count)))
    }
    return 'the port was closed'
  }

  /** Flushing drops what sits in the system's buffer because the device takes nothing: it must not leave on the next opening. */
  async release(abandoned: boolean): Promise<void> {
    this.#released = true
    await this.#io.stop()
    if (!this.#binding.isOpen) return
    if (abandoned) await this.#binding.flush().catch(() => {})
    await this.#binding.close()
  }
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
