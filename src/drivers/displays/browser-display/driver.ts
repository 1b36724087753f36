/** Driver for customer displays in a browser: it hands documents to pages and believes only what a page says it has painted. */
import { HubError } from '../../../protocol/errors.ts'
import type { DisplayShowPayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type Displaying,
  type DriverContext,
  defineDriver,
  type OpenDevice,
} from '../../driver.ts'
import { DelimiterFramer } from '../../framing/delimiter.ts'
import { decodeShown, encodeDocument, type ShownDocument } from './codec.ts'
import { type BrowserDisplaySettings, browserDisplayLimits, browserDisplaySettings } from './settings.ts'

export const browserDisplay = defineDriver<BrowserDisplaySettings>({
  id: 'browser-display',
  name: 'Customer displays in a browser',
  class: 'display',
  transports: ['page', 'memory'],
  settings: browserDisplaySettings,
  capabilities: ['displaying'],
  open: (context) => new BrowserDisplay(context),
})

type Painted = 'painted' | 'silent' | 'stopped'

class BrowserDisplay implements OpenDevice, Displaying {
  readonly capabilities = ['displaying'] as const
  readonly displaying: Displaying = this
  readonly #context: DriverContext<BrowserDisplaySettings>
  readonly #framer = new DelimiterFramer({
    delimiters: [[0x0a]],
    frameBytesMax: browserDisplayLimits.answerBytesMax,
  })
  #stopped = false
  #started = false
  #revision = 0
  #wait: { revision: number; settle: (painted: Painted) => void } | undefined
  /** The fault that no page shows what it should was told. */
  #missing = false

  constructor(context: DriverContext<BrowserDisplaySettings>) {
    this.#context = context
  }

  /** Clears the page. Throws `answer_timeout` when no page paints it and the settings want one. */
  async start(): Promise<void> {
    const { transport, settings, device } = this.#context
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(() => this.stop())
    const painted = await this.#send(this.#next(), null)
    if (painted === 'stopped' || this.#stopped) throw this.#closedError()
    if (painted === 'silent' && !settings.startWithoutPage)
      throw new HubError('answer_timeout', { device, ms: settings.showMsMax })
    this.#started = true
    this.#tell(painted === 'silent')
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wait?.settle('stopped')
  }

  show(document: DisplayShowPayload, attempt: Attempt): Promise<AttemptResult> {
    return this.#job(document, attempt)
  }

  clear(attempt: Attempt): Promise<AttemptResult> {
    return this.#job(null, attempt)
  }

  async #job(document: ShownDocument, attempt: Attempt): Promise<AttemptResult> {
    const { transport, device, settings } = this.#context
    if (this.#stopped || attempt.signal.aborted) return { state: 'failed', error: this.#closedError() }
    const revision = this.#next()
    const bytes = encodeDocument(revision, document).length
    if (bytes > browserDisplayLimits.documentBytesMax) {
      const reason = `the document has ${bytes} bytes, more than ${browserDisplayLimits.documentBytesMax}`
      return {
        state: 'failed',
        error: new HubError('payload_unsupported', { path: 'items', device, reason }),
      }
    }
    const before = transport.bytesWritten
    const abort = () => {
      if (this.#wait?.revision === revision) this.#wait.settle('stopped')
    }
    attempt.signal.addEventListener('abort', abort, { once: true })
    attempt.sending()
    try {
      const painted = await this.#send(revision, document)
      if (painted === 'stopped') return this.#unknown('link_lost')
      this.#tell(painted === 'silent')
      if (painted === 'painted') return { state: 'done', outcome: { confirmed: true } }
      return { state: 'unknown', error: new HubError('answer_timeout', { device, ms: settings.showMsMax }) }
    } catch (error) {
      if (transport.bytesWritten === before) return { state: 'failed', error: error as HubError }
      return this.#unknown('link_lost', error)
    } finally {
      attempt.signal.removeEventListener('abort', abort)
    }
  }

  /** Revisions rise over restarts of the hub, so that a page from before cannot confirm what it has not seen. */
  #next(): number {
    this.#revision = Math.max(this.#revision + 1, this.#context.clock.now())
    return this.#revision
  }

  async #send(revision: number, document: ShownDocument): Promise<Painted> {
    const { clock, settings, transport } = this.#context
    const { promise, resolve } = Promise.withResolvers<Painted>()
    // A newer document takes the place of an older one: whoever waited for that learns nothing more.
    this.#wait?.settle('silent')
    const cancel = clock.after(settings.showMsMax, () => settle('silent'))
    const settle = (painted: Painted) => {
      cancel()
      if (this.#wait?.revision === revision) this.#wait = undefined
      resolve(painted)
    }
    this.#wait = { revision, settle }
    const bytes = encodeDocument(revision, document)
    try {
      for (let start = 0; start < bytes.length; start += browserDisplayLimits.writeBytesMax) {
        await transport.write(bytes.subarray(start, start + browserDisplayLimits.writeBytesMax))
        if (this.#stopped) break
      }
    } catch (error) {
      settle('stopped')
      throw error
    }
    return promise
  }

  #take(bytes: Uint8Array): void {
    for (const line of this.#framer.push(bytes)) {
      const shown = this.#stopped ? undefined : decodeShown(line)
      // A revision that was never sent is no word about ours.
      if (shown === undefined || shown > this.#revision) continue
      if (this.#wait !== undefined && shown >= this.#wait.revision) this.#wait.settle('painted')
      if (this.#started && shown === this.#revision) this.#tell(false)
    }
  }

  /** Blocking: a job for a display that nobody sees waits or expires instead of ending unknown. */
  #tell(missing: boolean): void {
    if (this.#stopped || missing === this.#missing) return
    this.#missing = missing
    const message = 'No page shows this display. Open it in a browser, or check the network of the screen.'
    this.#context.listener.faults(missing ? [{ code: 'display_error', blocking: true, message }] : [])
  }

  #unknown(reason: string, cause?: unknown): AttemptResult {
    const context = { device: this.#context.device, reason }
    return { state: 'unknown', error: new HubError('job_outcome_unknown', context, cause) }
  }

  #closedError(): HubError {
    return new HubError('port_closed', { port: this.#context.transport.port, reason: 'the hub stops' })
  }
}
