/** The ways in which a drawer on a serial line tells that it is open: modem lines, questions, or a stream of bytes. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverContext } from '../../driver.ts'
import type { ModemFace } from '../../transports/transport.ts'
import { AnswerFinder } from './codec.ts'
import { type SerialDrawerSettings, serialDrawerLimits } from './settings.ts'

export type Context = DriverContext<SerialDrawerSettings>

/** One look at the drawer: open, shut, or undefined when it did not tell. */
export interface Sensor {
  /** Throws when the drawer cannot be sensed on this port at all. */
  start(): Promise<void>
  look(): Promise<boolean | undefined>
  /** Bytes from the drawer. `tell` is called for what the drawer says without being asked. */
  take(bytes: Uint8Array, tell: (open: boolean) => void): void
  stop(): void
  /** False for a sensor that tells by itself. */
  readonly polled: boolean
}

export function createSensor(context: Context): Sensor | undefined {
  switch (context.settings.sense) {
    case 'none':
      return undefined
    case 'query':
      return new QuerySensor(context)
    case 'stream':
      return new StreamSensor(context)
    default:
      return new ModemSensor(context, context.settings.sense)
  }
}

/** CTS, DSR or DCD. There is no event for them. */
class ModemSensor implements Sensor {
  readonly polled = true
  readonly #context: Context
  readonly #line: 'cts' | 'dsr' | 'dcd'

  constructor(context: Context, line: 'cts' | 'dsr' | 'dcd') {
    this.#context = context
    this.#line = line
  }

  async start(): Promise<void> {
    if (this.#context.transport.modem !== undefined) return
    const reason = `this port has no modem lines to sense the drawer by ${this.#line}`
    throw new HubError('settings_invalid', { path: 'sense', reason })
  }

  async look(): Promise<boolean | undefined> {
    const modem = this.#context.transport.modem as ModemFace
    try {
      const { [this.#line]: on } = await modem.lines()
      return on === (this.#context.settings.openLine === 'on')
    } catch {
      // The port goes, or the driver of the adapter cannot tell: the device is told lost or faulty by others.
      return undefined
    }
  }

  take(): void {}

  stop(): void {}
}

/** A question and one of two answers. Only an answer to a question that is open counts. */
class QuerySensor implements Sensor {
  readonly polled = true
  readonly #context: Context
  readonly #finder: AnswerFinder
  #asked: { settle: (open: boolean | undefined) => void } | undefined
  /** Until then (monotonic) an answer may be one to an older question, so none is asked for. */
  #doubtUntil = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(context: Context) {
    this.#context = context
    const { queryOpen: open, queryClosed: closed } = context.settings
    this.#finder = new AnswerFinder({ open, closed })
  }

  async start(): Promise<void> {}

  async look(): Promise<boolean | undefined> {
    const { clock, settings, transport } = this.#context
    if (this.#stopped || this.#asked !== undefined || clock.monotonic() < this.#doubtUntil) return undefined
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>()
    const settle = (open: boolean | undefined) => {
      cancel()
      this.#asked = undefined
      if (open === undefined) this.#doubt()
      resolve(open)
    }
    const cancel = clock.after(settings.answerMsMax, () => settle(undefined))
    this.#asked = { settle }
    this.#finder.reset()
    transport.write(Uint8Array.from(settings.query)).catch(() => this.#asked?.settle(undefined))
    return promise
  }

  take(bytes: Uint8Array): void {
    for (const open of this.#finder.push(bytes)) {
      if (this.#asked === undefined) this.#doubt()
      else this.#asked.settle(open)
    }
  }

  stop(): void {
    this.#stopped = true
    this.#asked?.settle(undefined)
  }

  #doubt(): void {
    this.#doubtUntil = this.#context.clock.monotonic() + serialDrawerLimits.doubtMs
  }
}

/**
 * A byte again and again while the drawer is open. Silence means that it is shut, or that it was cut off: only after it was
 * seen open is a silence believed, and a job never ends on one.
 */
class StreamSensor implements Sensor {
  readonly polled = false
  readonly #context: Context
  #cancel: () => void = () => {}
  #stopped = false

  constructor(context: Context) {
    this.#context = context
  }

  async start(): Promise<void> {}

  look(): Promise<boolean | undefined> {
    return Promise.resolve(undefined)
  }

  take(bytes: Uint8Array, tell: (open: boolean) => void): void {
    const { clock, settings } = this.#context
    if (this.#stopped || !bytes.includes(settings.streamByte)) return
    tell(true)
    this.#cancel()
    this.#cancel = clock.after(settings.streamGapMs, () => tell(false))
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }
}
