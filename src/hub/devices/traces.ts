/** Traces: the bytes between the hub and its devices, kept for a technician who asks for them, card data struck out. */
import type { Transport } from '../../drivers/transports/transport.ts'
import { HubError } from '../../protocol/errors.ts'
import type { TraceEntry, TraceHeader } from '../../protocol/trace.ts'
import { type Clock, isoTime } from '../clock.ts'
import { maskTexts, PieceMask, withoutSecrets } from './masking.ts'

export const traceLimits = {
  entriesMax: 4_000,
  /** Bytes of one entry; a picture on its way to a printer is cut into several. */
  entryBytesMax: 4_096,
  /** Size of all entries of a trace as text, in characters; older ones are dropped. */
  charsMax: 4 * 1024 * 1024,
  /** Size of the entries of one answer; the rest comes with the next. */
  answerCharsMax: 1024 * 1024,
  /** A trace that nobody has asked for during this time ends. */
  idleMsMax: 120_000,
  tracesMax: 8,
} as const

/** What a device does while it is traced. */
export interface Tap {
  bytes(dir: 'in' | 'out', bytes: Uint8Array): void
  port(open: boolean, reason?: string): void
  told(what: string, data: unknown): void
}

export interface Traced {
  readonly id: string
  /** Greets the device anew, so that a trace holds the whole conversation. */
  reopen(): void
  /** Begins (or, with undefined, ends) to tell what it sends and hears. */
  tap(tap: Tap | undefined): void
  /** What a replay has to be opened with. */
  traceHeader(): Pick<TraceHeader, 'driver' | 'profile' | 'port' | 'settings'>
}

interface Trace {
  header: TraceHeader
  startedAt: number
  entries: { number: number; chars: number; entry: TraceEntry }[]
  chars: number
  next: number
  wake: Set<() => void>
  cancelIdle: () => void
  unit: Traced
}

export class Traces {
  readonly #clock: Clock
  readonly #traces = new Map<string, Trace>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * The entries from `after` on; waits up to `ms` for some. Without `after` a trace begins, with `fresh` by greeting the device
   * anew. Throws HubError `trace_gone` when the one asked for has ended, `rate_limited` when too many devices are traced,
   * `device_busy` when the device cannot be greeted now.
   */
  async read(
    unit: Traced,
    { after, ms, fresh }: { after?: number | undefined; ms: number; fresh?: boolean | undefined },
  ): Promise<{ trace: TraceHeader; entries: TraceEntry[]; next: number; lost: number }> {
    const known = this.#traces.get(unit.id)
    if (after !== undefined && (known === undefined || after > known.next))
      throw new HubError('trace_gone', { device: unit.id })
    if (known === undefined && this.#traces.size >= traceLimits.tracesMax) throw new HubError('rate_limited')
    if (fresh === true) {
      // What cannot be greeted keeps the trace that it has.
      unit.reopen()
      this.end(unit.id)
    }
    const trace = this.#traces.get(unit.id) ?? this.#begin(unit)
    this.#keepAlive(trace)
    const from = after ?? (fresh === true ? 0 : trace.next)
    if (from >= trace.next && ms > 0) await this.#more(trace, ms)
    const first = trace.entries[0]?.number ?? trace.next
    const { entries, next } = answerOf(trace, from)
    return { trace: trace.header, entries, next, lost: Math.max(0, first - from) }
  }

  /** The device is gone, or the hub stops. */
  end(id: string): void {
    const trace = this.#traces.get(id)
    if (trace === undefined) return
    this.#traces.delete(id)
    trace.cancelIdle()
    trace.unit.tap(undefined)
    wakeAll(trace)
  }

  stop(): void {
    for (const id of [...this.#traces.keys()]) this.end(id)
  }

  #begin(unit: Traced): Trace {
    const header = unit.traceHeader()
    const startedAt = this.#clock.monotonic()
    const trace: Trace = {
      header: {
        trace: 1,
        device: unit.id,
        ...header,
        settings: withoutSecrets(header.settings),
        startedAt: isoTime(this.#clock.now()),
      },
      startedAt,
      entries: [],
      chars: 0,
      next: 0,
      wake: new Set(),
      cancelIdle: () => {},
      unit,
    }
    const at = () => Math.round((this.#clock.monotonic() - startedAt) * 1000) / 1000
    const { entryBytesMax } = traceLimits
    const masks = { in: new PieceMask(), out: new PieceMask() }
    unit.tap({
      bytes: (dir, bytes) => {
        const masked = masks[dir].push(bytes)
        for (let start = 0; start < masked.length; start += entryBytesMax)
          this.#keep(trace, { t: at(), dir, hex: toHex(masked.subarray(start, start + entryBytesMax)) })
      },
      port: (open, reason) =>
        this.#keep(trace, { t: at(), dir: 'port', open, ...(reason === undefined ? {} : { reason }) }),
      told: (what, data) => this.#keep(trace, { t: at(), dir: 'told', what, data: maskTexts(data) }),
    })
    this.#traces.set(unit.id, trace)
    return trace
  }

  #keep(trace: Trace, entry: TraceEntry): void {
    const chars = 'hex' in entry ? entry.hex.length + 64 : JSON.stringify(entry).length
    trace.entries.push({ number: trace.next++, chars, entry })
    trace.chars += chars
    while (trace.entries.length > traceLimits.entriesMax || trace.chars > traceLimits.charsMax)
      trace.chars -= trace.entries.shift()?.chars ?? 0
    wakeAll(trace)
  }

  #keepAlive(trace: Trace): void {
    trace.cancelIdle()
    trace.cancelIdle = this.#clock.after(traceLimits.idleMsMax, () => this.end(trace.unit.id))
  }

  #more(trace: Trace, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        trace.wake.delete(wake)
        cancel()
        resolve()
      }
      const cancel = this.#clock.after(ms, wake)
      trace.wake.add(wake)
    })
  }
}

function wakeAll(trace: Trace): void {
  for (const wake of [...trace.wake]) wake()
}

/** As many of the entries from `from` on as go into one answer. */
function answerOf(trace: Trace, from: number): { entries: TraceEntry[]; next: number } {
  const entries: TraceEntry[] = []
  let chars = 0
  for (const { number, chars: size, entry } of trace.entries) {
    if (number < from) continue
    chars += size
    if (chars > traceLimits.answerCharsMax && entries.length > 0) return { entries, next: number }
    entries.push(entry)
  }
  return { entries, next: trace.next }
}

const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')

/** A transport that tells what goes through it. Costs one call for each piece while nobody looks. */
export function tapped(inner: Transport, tapOf: () => Tap | undefined): Transport {
  const { hid, modem, exchange } = inner
  return {
    port: inner.port,
    ...(modem === undefined ? {} : { modem }),
    ...(hid === undefined
      ? {}
      : {
          hid: {
            ...hid,
            sendFeature: (report: Uint8Array) => {
              tapOf()?.bytes('out', report)
              return hid.sendFeature(report)
            },
            getFeature: async (reportId: number, bytesMax: number) => {
              const report = await hid.getFeature(reportId, bytesMax)
              tapOf()?.bytes('in', report)
              return report
            },
          },
        }),
    ...(exchange === undefined
      ? {}
      : {
          exchange: {
            exchange: async (body: Uint8Array, options: { msMax: number; signal?: AbortSignal }) => {
              tapOf()?.bytes('out', body)
              const answer = await exchange.exchange(body, options)
              tapOf()?.bytes('in', answer)
              return answer
            },
          },
        }),
    get bytesWritten() {
      return inner.bytesWritten
    },
    write(bytes) {
      tapOf()?.bytes('out', bytes)
      return inner.write(bytes)
    },
    onBytes(listener) {
      inner.onBytes((bytes) => {
        tapOf()?.bytes('in', bytes)
        listener(bytes)
      })
    },
    closed: inner.closed,
    close: () => inner.close(),
  }
}
