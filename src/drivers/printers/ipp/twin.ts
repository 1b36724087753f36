/**
 * The simulated IPP Everywhere printer: one job at a time, a tray that runs empty, and answers as RFC 8011 has them. It reads and
 * writes messages by itself and shares nothing with the driver.
 */
import { HubError } from '../../../protocol/errors.ts'
import type { DemoOrder } from '../../../protocol/methods.ts'
import type { DriverClock, Twin, TwinWire } from '../../driver.ts'
import type { ExchangeFace, TransportFaces } from '../../transports/transport.ts'
import { TwinLine } from '../../twin-line.ts'

export interface IppTwinOptions {
  clock: DriverClock
  /** How long one job takes. */
  printMs?: number
  formats?: readonly string[]
  copiesMax?: number
  /** Knows Create-Job and Send-Document. */
  createsJobs?: boolean
}

/** Jobs that are remembered. */
const jobsMax = 100
/** Microtasks until a request has arrived. */
const connectionTurns = 4
const documentBytesMax = 64 * 1024 * 1024

export interface TwinJob {
  readonly id: number
  readonly name: string
  format: string
  readonly attributes: ReadonlyMap<string, string>
  document: Uint8Array | undefined
  state: number
  reason: string
}

interface Pending {
  readonly requestId: number
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (error: HubError) => void
}

/** A request as far as a printer looks into it: texts and integers by name. */
interface Request {
  readonly operation: number
  readonly id: number
  readonly version: readonly [number, number]
  readonly texts: ReadonlyMap<string, string>
  readonly numbers: ReadonlyMap<string, number>
  readonly document: Uint8Array
}

export class IppTwin implements Twin {
  onPaper: ((revision: number) => void) | undefined
  onPlug: ((on: boolean) => void) | undefined
  readonly faces: TransportFaces
  readonly jobs: TwinJob[] = []
  /** Operations it was asked for, newest last. */
  readonly asked: number[] = []
  paperState: 'full' | 'low' | 'out' = 'full'
  coverOpen = false
  /** It refuses documents with this status, for tests. */
  refuses: number | undefined
  /** It refuses questions about a job with this status, for tests. */
  refusesQuestions: number | undefined
  /** The next job that is printed ends as aborted, for tests. */
  abortsNext = false
  /** Why jobs are completed, for tests. */
  completedReason = 'job-completed-successfully'
  readonly #options: Required<IppTwinOptions>
  readonly #line: TwinLine
  readonly #pending = new Set<Pending>()
  #wire: TwinWire | undefined
  #receive: ((bytes: Uint8Array) => void) | undefined
  #cancelPrint: (() => void) | undefined
  #nextJob = 1
  #revision = 0

  constructor(options: IppTwinOptions) {
    this.#options = {
      printMs: 1_500,
      formats: ['application/pdf', 'image/pwg-raster'],
      copiesMax: 99,
      createsJobs: true,
      ...options,
    }
    this.#line = new TwinLine({
      clock: options.clock,
      onBytes: (bytes) => this.#answer(bytes),
      onPlug: (on) => {
        if (!on) this.#powerOff()
        this.onPlug?.(on)
      },
    })
    const exchange: ExchangeFace = { exchange: (body, how) => this.#exchange(body, how) }
    this.faces = { exchange }
  }

  get plugged(): boolean {
    return this.#line.plugged
  }

  /** The line of the base is an inner one: each exchange is a connection of its own, and what comes in on the wire is nothing. */
  attach(wire: TwinWire): void {
    this.#wire = wire
    wire.onBytes(() => {})
    this.#line.attach({
      write: (bytes) => this.#deliver(bytes),
      onBytes: (listener) => {
        this.#receive = listener
      },
      close: () => this.#cut(),
    })
  }

  order(order: DemoOrder): void {
    if (this.#line.order(order)) return
    switch (order.order) {
      case 'paper':
        this.paperState = order.state
        break
      case 'cover':
        this.coverOpen = order.open
        break
      case 'clear_paper':
        this.jobs.length = 0
        this.#touch()
        break
      default:
        throw new HubError('params_invalid', {
          path: 'order.order',
          reason: `a page printer cannot ${order.order}`,
        })
    }
    this.#pump()
  }

  /** The names of what was printed, as sheets: it has no eyes for what is on them. */
  paper() {
    const sheets = this.jobs.filter(({ state }) => state === 9).slice(-8)
    const drawn = sheets.map(
      ({ name, format }, index) =>
        `<rect x="${20 + index * 12}" y="${20 + index * 16}" width="210" height="297" fill="#fff" stroke="#888"/>` +
        `<text x="${34 + index * 12}" y="${44 + index * 16}" font-size="12">${escaped(name)} ${escaped(format)}</text>`,
    )
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 470" width="360" height="470">${drawn.join('')}</svg>`
    return { svg, revision: this.#revision, drawerOpen: false }
  }

  stop(): void {
    this.#powerOff()
    this.#line.stop()
    this.#fail('the printer was switched off')
  }

  async #exchange(
    body: Uint8Array,
    { msMax, signal }: { msMax: number; signal?: AbortSignal },
  ): Promise<Uint8Array> {
    if (!this.plugged || this.#receive === undefined) throw closed('the printer is switched off')
    if (signal?.aborted === true) throw closed('the request was given up')
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const requestId = new DataView(body.buffer, body.byteOffset, body.byteLength).getUint32(4)
    const pending: Pending = { requestId, resolve, reject }
    this.#pending.add(pending)
    const give = () => reject(closed('the request was given up'))
    signal?.addEventListener('abort', give, { once: true })
    const cancel = this.#options.clock.after(msMax, () =>
      reject(new HubError('answer_timeout', { device: 'twin', ms: msMax })),
    )
    // A connection takes its time.
    for (let turn = 0; turn < connectionTurns; turn++) await Promise.resolve()
    this.#receive?.(body)
    try {
      return await promise
    } finally {
      cancel()
      this.#pending.delete(pending)
      signal?.removeEventListener('abort', give)
    }
  }

  /** A late answer finds its connection closed. */
  #deliver(bytes: Uint8Array): void {
    const [newest] = [...this.#pending].slice(-1)
    const id = bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)
    const own = [...this.#pending].find(({ requestId }) => requestId === id) ?? newest
    own?.resolve(bytes)
  }

  #cut(): void {
    this.#fail('the connection was lost')
    this.#wire?.close()
  }

  #fail(reason: string): void {
    for (const { reject } of this.#pending) reject(closed(reason))
  }

  #powerOff(): void {
    this.#cancelPrint?.()
    this.#cancelPrint = undefined
    for (const job of this.jobs) if (job.state < 7) this.#end(job, 8, 'aborted-by-system')
  }

  #answer(bytes: Uint8Array): void {
    const request = readRequest(bytes)
    if (request === undefined) return
    this.asked.push(request.operation)
    if (this.asked.length > 1_000) this.asked.shift()
    const { status, groups } = this.#obey(request)
    this.#line.say(written(request, status, groups))
  }

  #obey(request: Request): { status: number; groups: Group[] } {
    const job = this.jobs.find(({ id }) => id === request.numbers.get('job-id'))
    switch (request.operation) {
      case 0x0b:
        return { status: 0, groups: [this.#printerGroup()] }
      case 0x02:
      case 0x05:
        return this.#newJob(request)
      case 0x06:
        if (job === undefined) return { status: 0x0406, groups: [] }
        if (this.refuses !== undefined) return { status: this.refuses, groups: [] }
        job.document = request.document
        job.format = request.texts.get('document-format') ?? ''
        this.#pump()
        return { status: 0, groups: [jobGroup(job)] }
      case 0x08:
        if (job === undefined) return { status: 0x0406, groups: [] }
        this.#end(job, 7, 'job-canceled-by-user')
        return { status: 0, groups: [] }
      case 0x09:
        if (this.refusesQuestions !== undefined) return { status: this.refusesQuestions, groups: [] }
        return job === undefined ? { status: 0x0406, groups: [] } : { status: 0, groups: [jobGroup(job)] }
      case 0x0a: {
        const ended = request.texts.get('which-jobs') === 'completed'
        const found = this.jobs.filter(({ state }) => state >= 7 === ended)
        return { status: 0, groups: found.map(jobGroup) }
      }
      default:
        return { status: 0x0501, groups: [] }
    }
  }

  #newJob(request: Request): { status: number; groups: Group[] } {
    const isWhole = request.operation === 0x02
    if (!isWhole && !this.#options.createsJobs) return { status: 0x0501, groups: [] }
    if (isWhole && this.refuses !== undefined) return { status: this.refuses, groups: [] }
    if (this.jobs.some(({ state }) => state < 7)) return { status: 0x0507, groups: [] }
    const format = request.texts.get('document-format') ?? ''
    if (isWhole && !this.#options.formats.includes(format)) return { status: 0x040a, groups: [] }
    const job: TwinJob = {
      id: this.#nextJob++,
      name: request.texts.get('job-name') ?? '',
      format,
      attributes: new Map([
        ...request.texts,
        ...[...request.numbers].map(([name, number]) => [name, String(number)] as const),
      ]),
      document: isWhole ? request.document : undefined,
      state: 3,
      reason: isWhole ? 'none' : 'job-incoming',
    }
    this.jobs.push(job)
    if (this.jobs.length > jobsMax) this.jobs.shift()
    this.#pump()
    return { status: 0, groups: [jobGroup(job)] }
  }

  get #blocked(): boolean {
    return this.coverOpen || this.paperState === 'out'
  }

  #pump(): void {
    const job = this.jobs.find(({ state, document }) => state < 7 && document !== undefined)
    if (job === undefined || this.#cancelPrint !== undefined) return
    job.state = this.#blocked ? 6 : 5
    job.reason = this.#blocked ? 'printer-stopped' : 'job-printing'
    if (this.#blocked) return
    this.#cancelPrint = this.#options.clock.after(this.#options.printMs, () => {
      this.#cancelPrint = undefined
      if (this.#blocked) return this.#pump()
      if (this.abortsNext) this.#end(job, 8, 'document-format-error')
      else this.#end(job, 9, this.completedReason)
      this.abortsNext = false
    })
  }

  #end(job: TwinJob, state: number, reason: string): void {
    if (job.state >= 7) return
    job.state = state
    job.reason = reason
    if (state === 9) this.#touch()
    this.#pump()
  }

  #touch(): void {
    this.#revision += 1
    this.onPaper?.(this.#revision)
  }

  #printerGroup(): Group {
    const { formats, copiesMax, createsJobs } = this.#options
    const reasons = [
      ...(this.coverOpen ? ['cover-open-error'] : []),
      ...(this.paperState === 'out' ? ['media-empty-error'] : []),
      ...(this.paperState === 'low' ? ['media-low-warning'] : []),
    ]
    const busy = this.jobs.some(({ state }) => state < 7)
    const operations = [0x02, 0x08, 0x09, 0x0a, 0x0b, ...(createsJobs ? [0x05, 0x06] : [])]
    return {
      tag: 4,
      attributes: [
        ['printer-name', 0x42, ['demo']],
        ['printer-make-and-model', 0x41, ['Demo Page 100']],
        ['printer-uuid', 0x45, ['urn:uuid:2f0c9d0a-7e6b-4d9a-9c1f-3a5f6f7d8e90']],
        ['printer-state', 0x23, [this.#blocked ? 5 : busy ? 4 : 3]],
        ['printer-state-reasons', 0x44, reasons.length === 0 ? ['none'] : reasons],
        ['printer-is-accepting-jobs', 0x22, [true]],
        ['document-format-supported', 0x49, formats],
        ['operations-supported', 0x23, operations],
        ['color-supported', 0x22, [false]],
        ['copies-supported', 0x33, [[1, copiesMax]]],
        ['media-default', 0x44, ['iso_a4_210x297mm']],
        ['media-ready', 0x44, ['iso_a4_210x297mm']],
      ],
    }
  }
}

const closed = (reason: string): HubError => new HubError('port_closed', { port: 'twin', reason })
const escaped = (text: string): string => text.replace(/[&<>]/g, (each) => `&#${each.charCodeAt(0)};`)

type Scalar = string | number | boolean | readonly [number, number]
interface Group {
  readonly tag: number
  readonly attributes: readonly (readonly [name: string, tag: number, values: readonly Scalar[]])[]
}

const jobGroup = ({ id, name, state, reason }: TwinJob): Group => ({
  tag: 2,
  attributes: [
    ['job-id', 0x21, [id]],
    ['job-name', 0x42, [name]],
    ['job-state', 0x23, [state]],
    ['job-state-reasons', 0x44, [reason]],
  ],
})

function written({ id, version }: Request, status: number, groups: readonly Group[]): Uint8Array {
  const out: number[] = [...version, status >> 8, status & 0xff, ...word(id), 1]
  put(out, 'attributes-charset', 0x47, ['utf-8'])
  put(out, 'attributes-natural-language', 0x48, ['en'])
  for (const { tag, attributes } of groups) {
    out.push(tag)
    for (const [name, kind, values] of attributes) put(out, name, kind, values)
  }
  out.push(3)
  return Uint8Array.from(out)
}

const word = (number: number): number[] => [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff)
const short = (number: number): number[] => [(number >> 8) & 0xff, number & 0xff]

function put(out: number[], name: string, tag: number, values: readonly Scalar[]): void {
  for (const [index, value] of values.entries()) {
    const own = new TextEncoder().encode(index === 0 ? name : '')
    const bytes =
      typeof value === 'string'
        ? [...new TextEncoder().encode(value)]
        : typeof value === 'boolean'
          ? [Number(value)]
          : typeof value === 'number'
            ? word(value)
            : value.flatMap(word)
    out.push(tag, ...short(own.length), ...own, ...short(bytes.length), ...bytes)
  }
}

/** A request, or undefined for bytes that are none. */
function readRequest(bytes: Uint8Array): Request | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 9 || bytes.length > documentBytesMax) return undefined
  const texts = new Map<string, string>()
  const numbers = new Map<string, number>()
  let at = 8
  const sized = (): Uint8Array => {
    const length = at + 2 <= bytes.length ? view.getUint16(at) : 0
    at += 2 + length
    return bytes.subarray(at - length, at)
  }
  let name = ''
  while (at < bytes.length && bytes[at] !== 3) {
    const tag = bytes[at]!
    at += 1
    if (tag < 0x10) continue
    const own = new TextDecoder().decode(sized())
    const value = sized()
    if (own === '') continue
    name = own
    if (tag === 0x21 && value.length === 4) numbers.set(name, view.getInt32(at - 4))
    else if (tag >= 0x40) texts.set(name, new TextDecoder().decode(value))
  }
  if (at >= bytes.length) return undefined
  const version = [bytes[0]!, bytes[1]!] as const
  return {
    operation: view.getUint16(2),
    id: view.getUint32(4),
    version,
    texts,
    numbers,
    document: bytes.slice(at + 1),
  }
}

export function createIppTwin(options: IppTwinOptions): IppTwin {
  return new IppTwin(options)
}
