/** A pole display as a device: it is written to and says nothing, so that all it can promise is that the bytes have left. */
import { HubError } from '../../../protocol/errors.ts'
import type { DisplayShowPayload } from '../../../protocol/job.ts'
import type { Attempt, AttemptResult, Displaying, DriverContext, OpenDevice } from '../../driver.ts'
import { Letters } from './letters.ts'
import { linesOf, padded, type Screen } from './lines.ts'
import type { PoleSettings } from './pole-settings.ts'

/** A language of poles, as bytes. */
export interface PoleLanguage {
  /** Sent once at the start: modes, code page, brightness, cursor off. */
  init(): Uint8Array
  /**
   * Rewrites every line in place, without clearing first: a cleared tube flickers. `lines` are the display's rows, of its
   * columns each.
   */
  frame(lines: readonly Uint8Array[]): Uint8Array
}

/** A display that takes and says nothing. Drivers of displays that answer override `take`, `greet` and `settled`. */
export class Pole<S extends PoleSettings> implements OpenDevice, Displaying {
  readonly capabilities = ['displaying'] as const
  readonly displaying: Displaying = this
  protected readonly context: DriverContext<S>
  readonly #language: PoleLanguage
  readonly #screen: Screen
  #stopped = false

  constructor(context: DriverContext<S>, language: PoleLanguage) {
    const { columns, rows, codePage, totalLabel } = context.settings
    this.context = context
    this.#language = language
    this.#screen = { columns, rows, totalLabel, letters: new Letters(codePage) }
  }

  protected get stopped(): boolean {
    return this.#stopped
  }

  /** Throws what the transport throws. A display that is switched off cannot be told from one that is on. */
  async start(): Promise<void> {
    const { transport, settings } = this.context
    transport.onBytes((bytes) => this.take(bytes))
    void transport.closed.then(() => this.stop())
    const init = settings.init === undefined ? this.#language.init() : Uint8Array.from(settings.init)
    await this.greet(join([init, this.#frame(this.#idle())]))
    if (this.#stopped) throw this.closedError('the hub stops')
  }

  async stop(): Promise<void> {
    this.#stopped = true
  }

  show(document: DisplayShowPayload, attempt: Attempt): Promise<AttemptResult> {
    const lines = linesOf(document, this.#screen)
    if (lines === undefined) {
      const reason = 'it shows letters only'
      return Promise.resolve(
        failed('payload_unsupported', { path: 'qr', device: this.context.device, reason }),
      )
    }
    return this.#write(lines, attempt)
  }

  clear(attempt: Attempt): Promise<AttemptResult> {
    return this.#write(this.#idle(), attempt)
  }

  /** Bytes from the display; a pole has none. */
  protected take(_bytes: Uint8Array): void {}

  /** Sends the first bytes. */
  protected async greet(bytes: Uint8Array): Promise<void> {
    await this.context.transport.write(bytes)
  }

  /** What came of a job whose bytes have left. */
  protected settled(_attempt: Attempt): Promise<AttemptResult> {
    return Promise.resolve({ state: 'done', outcome: { confirmed: false } })
  }

  /** Told before the bytes of a job leave. */
  protected sending(): void {}

  protected closedError(reason: string): HubError {
    return new HubError('port_closed', { port: this.context.transport.port, reason })
  }

  async #write(lines: readonly string[], attempt: Attempt): Promise<AttemptResult> {
    const { transport, device } = this.context
    if (this.#stopped || attempt.signal.aborted)
      return { state: 'failed', error: this.closedError('the hub stops') }
    const bytes = this.#frame(lines)
    const before = transport.bytesWritten
    attempt.sending()
    this.sending()
    try {
      await transport.write(bytes)
    } catch (error) {
      if (transport.bytesWritten === before) return { state: 'failed', error: error as HubError }
      const lost = new HubError('job_outcome_unknown', { device, reason: 'link_lost' }, error)
      return { state: 'unknown', error: lost }
    }
    return this.settled(attempt)
  }

  #idle(): string[] {
    return padded(this.context.settings.idleLines, this.#screen)
  }

  #frame(lines: readonly string[]): Uint8Array {
    return this.#language.frame(lines.map((line) => this.#screen.letters.encode(line)))
  }
}

function failed(code: 'payload_unsupported', context: Record<string, string>): AttemptResult {
  return { state: 'failed', error: new HubError(code, context) }
}

/** Pieces of bytes as one. */
export function join(pieces: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]))
}
