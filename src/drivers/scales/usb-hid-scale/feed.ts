/** The stream of a scale's reports: who waits gets the next one, and the scale's health is read off what comes and what does not. */
import { HubError } from '../../../protocol/errors.ts'
import type { DriverContext, DriverFault } from '../../driver.ts'
import type { ScaleLayout, ScaleReport, ScaleState } from './codec.ts'
import { type UsbHidScaleSettings, usbHidScaleLimits } from './settings.ts'

export type Context = DriverContext<UsbHidScaleSettings>
/** A report that says something of the load, or that nobody can read. */
export type FeedReport = Exclude<ScaleReport, { kind: 'other' }>

interface Waiter {
  take(report: FeedReport): void
  fail(error: Error): void
}

export class ReportFeed {
  readonly context: Context
  readonly #layout: ScaleLayout
  readonly #waiters = new Set<Waiter>()
  readonly #settleOver: () => void
  /** Settles when the feed has stopped. */
  readonly over: Promise<void>
  /** Told of every report, in order. */
  onReport: ((report: FeedReport) => void) | undefined
  #stopped = false
  #stopReason = 'the scale was let go'
  #stale: number
  #heardAt = 0
  #garbled = 0
  #cancelSilence: () => void = () => {}
  #fault: DriverFault['code'] | undefined
  #faultMessage: string | undefined

  constructor(context: Context, layout: ScaleLayout) {
    this.context = context
    this.#layout = layout
    this.#stale = context.settings.staleReports
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    this.#settleOver = resolve
  }

  get stopped(): boolean {
    return this.#stopped
  }

  start(): void {
    const { transport } = this.context
    if (this.#stopped) return
    transport.onBytes((bytes) => this.#take(bytes))
    void transport.closed.then(({ reason }) => {
      this.#stopReason = reason
      this.stop()
    })
  }

  /** Ends every wait with `port_closed`. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#settleOver()
    this.#cancelSilence()
    for (const waiter of [...this.#waiters]) waiter.fail(this.closedError())
  }

  /**
   * The next report that comes in after this call; `silent` when none comes within `msMax` or the signal aborts. Rejects
   * with `port_closed` once stopped.
   */
  next(msMax: number, signal?: AbortSignal): Promise<FeedReport | 'silent'> {
    if (this.#stopped) return Promise.reject(this.closedError())
    const { promise, resolve, reject } = Promise.withResolvers<FeedReport | 'silent'>()
    const end = () => {
      this.#waiters.delete(waiter)
      cancel()
      signal?.removeEventListener('abort', giveUp)
    }
    const waiter: Waiter = {
      take(report) {
        end()
        resolve(report)
      },
      fail(error) {
        end()
        reject(error)
      },
    }
    const giveUp = () => {
      end()
      resolve('silent')
    }
    const cancel = this.context.clock.after(msMax, giveUp)
    signal?.addEventListener('abort', giveUp, { once: true })
    this.#waiters.add(waiter)
    return promise
  }

  /** From here on silence is a fault. One timer, whatever comes. */
  watchSilence(): void {
    const { clock, settings } = this.context
    if (settings.silentMsMax === 0 || this.#stopped) return
    const quietMs = clock.monotonic() - this.#heardAt
    if (quietMs >= settings.silentMsMax) this.#setFault('not_responding', silentMessage)
    const ms = quietMs >= settings.silentMsMax ? settings.silentMsMax : settings.silentMsMax - quietMs
    this.#cancelSilence = clock.after(ms, () => this.watchSilence())
  }

  closedError(): HubError {
    return new HubError('port_closed', { port: this.context.transport.port, reason: this.#stopReason })
  }

  timeoutError(ms = this.context.settings.readMsMax): HubError {
    return new HubError('answer_timeout', { device: this.context.device, ms })
  }

  invalidError(reason: string): HubError {
    return new HubError('answer_invalid', { device: this.context.device, reason })
  }

  #take(bytes: Uint8Array): void {
    if (this.#stopped) return
    const report = this.#layout.read(bytes)
    if (report.kind === 'other') return
    const usable = report.kind === 'reading'
    const { device, log } = this.context
    if (usable) this.#noteReading(report.reading.state)
    else {
      log.debug({ device, reason: report.reason }, 'a report of the scale could not be read')
      this.#heardAt = this.context.clock.monotonic()
      if (++this.#garbled >= usbHidScaleLimits.garbledMax) this.#setFault('scale_error', garbledMessage)
    }
    for (const waiter of [...this.#waiters]) waiter.take(report)
    // A listener or a waiter may have stopped the device.
    if (!this.#stopped) this.onReport?.(report)
  }

  /** True while the next report may still be one of before the scale was opened. */
  isStale(): boolean {
    return this.#stale > 0
  }

  #noteReading(state: ScaleState): void {
    this.#heardAt = this.context.clock.monotonic()
    this.#garbled = 0
    if (this.#stale > 0) this.#stale--
    if (state === 'fault') this.#setFault('scale_error', 'The scale reports a fault. Switch it off and on.')
    else if (state === 'calibration')
      this.#setFault('scale_error', 'The scale wants to be calibrated. Call its service.')
    else this.#setFault(undefined)
  }

  #setFault(code: DriverFault['code'] | undefined, message?: string): void {
    if (code === this.#fault && message === this.#faultMessage) return
    this.#fault = code
    this.#faultMessage = message
    this.context.listener.faults(
      code === undefined || message === undefined ? [] : [{ code, blocking: true, message }],
    )
  }
}

const silentMessage = 'The scale sends nothing. Switch it on, and check its battery and cable.'
const garbledMessage =
  'The scale sends reports that cannot be read. Unplug it and plug it in again; if that does not help, set layout to fixed.'
