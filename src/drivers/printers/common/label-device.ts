/** A label printer of any language: what is printed is drawn as a picture, and the printer is asked how it fares. */
import type { z } from 'zod'
import { HubError } from '../../../protocol/errors.ts'
import type { PrintPayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  type Driver,
  type DriverContext,
  type DriverFault,
  defineDriver,
  type OpenDevice,
  type PreparedPrint,
  type Printing,
  type ProbeAnswer,
} from '../../driver.ts'
import { decodeBase64 } from '../../imaging/base64.ts'
import { type Bitmap, pad } from '../../imaging/bitmap.ts'
import type { Imaging } from '../../imaging/imaging.ts'
import { joined } from '../../imaging/joined.ts'
import type { Transport } from '../../transports/transport.ts'
import {
  type LabelCompletion,
  LabelLink,
  type LabelQuestions,
  type LabelReader,
  type LabelStatus,
  type LabelWord,
} from './label-link.ts'
import { type LabelSettings, labelLayout } from './label-settings.ts'
import { unsupported } from './layout/receipt.ts'
import { ReceiptPicture } from './receipt-picture.ts'
import type { Pending } from './run/conversation.ts'
import { type Fencing, type PrintCopies, PrintRun } from './run/print-run.ts'
import { Turns } from './run/turns.ts'
import { Watch } from './run/watch.ts'

export const labelLimits = {
  /** Longest wait for a first sign of life; the question is repeated once, half way. */
  helloMsMax: 2_600,
  /** Longest wait for the printer's name. */
  identityMsMax: 1_000,
  /** All copies of a job together, in bytes. */
  jobBytesMax: 64 * 1024 * 1024,
} as const

/** A slow printer: 50 mm a second, and a second to begin a label. */
const paperMmPerSecond = 50
const labelStartMs = 1_000

/** One label language. */
export interface LabelLanguage<S extends LabelSettings> {
  readonly id: string
  readonly name: string
  readonly settings: z.ZodType<S>
  readonly portDefaults: Readonly<Record<string, string>>
  readonly probeRank: number
  /**
   * Settings under which a status has to be answered before a probe asks for the name, for a language whose question for the
   * name does something to other devices.
   */
  readonly probeStatusFirst?: Readonly<Record<string, unknown>>
  questions(settings: S): LabelQuestions
  createReader(settings: S): LabelReader
  /** Sent once after the printer was found, before anything is asked in earnest. */
  greeting?(settings: S): Uint8Array | undefined
  /** Whether the printer is asked for its name. */
  asksIdentity(settings: S): boolean
  completion(settings: S): LabelCompletion
  /** One label, printed `copies` times. */
  label(page: Bitmap, copies: number, settings: S): Uint8Array
  /** Maker, model and firmware in the answer to the question for them; undefined when it is no such answer. */
  readIdentity(text: string): Omit<ProbeAnswer, 'certain'> | undefined
}

interface LabelJob extends PreparedPrint, PrintCopies {
  readonly outcome: { readonly copies: number; readonly labels?: number }
  /** Print commands in the job; undefined for bytes that another program made. */
  readonly commands: number | undefined
}

const notResponding: DriverFault = {
  code: 'not_responding',
  blocking: true,
  message: 'The printer does not answer. Check its power, its cable, its paper and its head.',
}

class LabelPrinter<S extends LabelSettings> implements OpenDevice, Printing {
  readonly capabilities = ['printing'] as const
  readonly printing: Printing = this
  readonly #context: DriverContext<S>
  readonly #language: LabelLanguage<S>
  readonly #picture: ReceiptPicture
  readonly #link: LabelLink
  readonly #turns = new Turns()
  readonly #watch: Watch
  #stopped = false
  #told = '[]'
  /** Bytes that another program made were sent on this link: acknowledgements of theirs may come at any time. */
  #uncounted = false

  constructor(context: DriverContext<S>, language: LabelLanguage<S>, imaging: Imaging) {
    this.#context = context
    this.#language = language
    this.#picture = new ReceiptPicture(imaging, labelLayout(context.settings))
    this.#link = linkOf(language, context)
    this.#watch = new Watch(this.#link, context.clock, () => this.#die())
  }

  async start(): Promise<void> {
    const { settings, listener } = this.#context
    const link = this.#link
    link.onStatus = (status) => this.#hear(status)
    link.start()
    if (settings.status !== 'none') {
      await this.#greet()
      await this.#introduce()
    }
    if (link.lost !== undefined) throw link.closedError()
    const { widthDots, heightDots } = labelLayout(settings)
    listener.details({ widthDots, ...(heightDots === undefined ? {} : { heightDots }), dpi: settings.dpi })
    if (settings.status !== 'none') this.#watch.start()
  }

  stop(): Promise<void> {
    this.#stopped = true
    this.#watch.stop()
    this.#link.onStatus = () => {}
    this.#link.stop()
    return Promise.resolve()
  }

  async #greet(): Promise<void> {
    const { clock, device, settings } = this.#context
    const { helloMsMax } = labelLimits
    const greeting = this.#language.greeting?.(settings)
    if (greeting !== undefined) this.#link.post(greeting)
    if (await this.#link.look(clock.monotonic() + helloMsMax)) return
    if (this.#link.lost !== undefined) throw this.#link.closedError()
    throw new HubError('answer_timeout', { device, ms: helloMsMax })
  }

  async #introduce(): Promise<void> {
    const { clock, listener, settings } = this.#context
    if (!this.#language.asksIdentity(settings) || this.#link.lost !== undefined) return
    const answer = await this.#link.ask('identity', clock.monotonic() + labelLimits.identityMsMax)
    if (this.#stopped) return
    if (answer?.kind === 'identity') listener.details({ ...this.#language.readIdentity(answer.text) })
    // It has no name to tell: not asking on would leave the question in the way of all others.
    else if (this.#link.lost === undefined) this.#link.forget()
  }

  prepare(payload: PrintPayload): PreparedPrint | Promise<PreparedPrint> {
    const { copies = 1 } = payload
    if (payload.pdf !== undefined) throw unsupported('payload.pdf', 'PDF is for page printers')
    if (payload.raw === undefined) return this.#draw(payload, copies)
    if (payload.openDrawer === true) throw unsupported('payload.openDrawer', 'it has no drawer')
    if (payload.pictures !== undefined)
      throw unsupported('payload.pictures', 'pictures among raw bytes are for receipt printers')
    const bytes = decodeBase64(payload.raw, 'payload.raw')
    return jobOf(Array(copies).fill(bytes), { paperMs: 0, commands: undefined, outcome: { copies } })
  }

  async #draw(payload: PrintPayload, copies: number): Promise<PreparedPrint> {
    const { settings } = this.#context
    const layout = labelLayout(settings)
    const pages = await this.#picture.draw(payload)
    const alone = pages.length === 1
    const labels = pages.map((page) =>
      this.#language.label(onLabel(page, layout.heightDots, settings), alone ? copies : 1, settings),
    )
    const rows = pages.reduce((sum, { height }) => sum + height, 0) * copies
    const paperMs =
      (rows / layout.dotsPerMm / paperMmPerSecond) * 1_000 + labelStartMs * pages.length * copies
    const outcome = { copies, labels: pages.length * copies }
    // Copies of several labels come in sets.
    const sets = alone ? 1 : copies
    return jobOf(Array(sets).fill(labels).flat(), { paperMs, commands: labels.length * sets, outcome })
  }

  print(prepared: PreparedPrint, attempt: Attempt): Promise<AttemptResult> {
    return this.#turns.attempt(attempt, this.#context.transport.port, async () => {
      const job = prepared as LabelJob
      this.#uncounted ||= job.commands === undefined
      const fencing = new LabelFencing(this.#link, this.#completion(), job.commands ?? 0)
      const { context, link, turns, watch } = this.#parts()
      const run = new PrintRun({ context, link, turns, watch, fencing }, job, attempt, {
        fences: [],
        copies: 1,
      })
      const result = await run.run()
      fencing.end()
      if (result.state !== 'done') return result
      return { state: 'done', outcome: { ...result.outcome, ...job.outcome } }
    })
  }

  #parts() {
    return { context: this.#context, link: this.#link, turns: this.#turns, watch: this.#watch }
  }

  /** Nobody has counted the print commands in bytes that another program made, nor seen whether they end the reports. */
  #completion(): LabelCompletion {
    const { settings } = this.#context
    if (settings.status === 'none') return 'none'
    const completion = this.#language.completion(settings)
    return completion === 'acks' && this.#uncounted ? 'status' : completion
  }

  #hear({ faults }: LabelStatus): void {
    const text = JSON.stringify(faults)
    if (this.#stopped || text === this.#told) return
    this.#told = text
    this.#context.listener.faults(faults)
  }

  #die(): void {
    if (this.#stopped) return
    this.#context.listener.faults([notResponding])
    this.#link.giveUp('the printer does not answer')
  }
}

/** One job's end, as the printer tells it. */
class LabelFencing implements Fencing {
  readonly #link: LabelLink
  readonly #completion: LabelCompletion
  readonly #commands: number
  #pending: Pending<LabelWord> | undefined

  constructor(link: LabelLink, completion: LabelCompletion, commands: number) {
    this.#link = link
    this.#completion = completion
    this.#commands = commands
  }

  /** Only by its word for this job. */
  confirms(): boolean {
    return this.#pending?.answer === 'printed'
  }

  settle(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  fenced(copy: Uint8Array) {
    if (this.#completion === 'status' || this.#completion === 'none') return { body: copy }
    const announce = () => {
      this.#pending = this.#link.follow(this.#completion, this.#commands)
      return this.#pending
    }
    return { body: copy, announce }
  }

  quiet(): Promise<void> {
    return Promise.resolve()
  }

  /** The job is over, however it ended. */
  end(): void {
    if (this.#pending === undefined) return
    const { answer } = this.#pending
    this.#pending.dropped = true
    this.#link.wake()
    // Acknowledgements that are still owed would be taken for those of the next job.
    if (answer === undefined && this.#completion === 'acks' && this.#link.lost === undefined)
      this.#link.giveUp('a print command was not acknowledged')
  }
}

function jobOf(
  parts: readonly Uint8Array[],
  facts: Pick<LabelJob, 'paperMs' | 'commands' | 'outcome'>,
): LabelJob {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  if (bytes > labelLimits.jobBytesMax)
    throw new HubError('receipt_too_long', { max: labelLimits.jobBytesMax, what: 'bytes for the printer' })
  return { bytes, copies: [joined(parts)], questions: 0, ...facts }
}

/** A page on a label of fixed height. */
function onLabel(page: Bitmap, heightDots: number | undefined, { vertical }: LabelSettings): Bitmap {
  const free = (heightDots ?? 0) - page.height
  if (free <= 0) return page
  const top = vertical === 'center' ? free >> 1 : 0
  return pad(page, { top, bottom: free - top })
}

function linkOf<S extends LabelSettings>(
  language: LabelLanguage<S>,
  context: Pick<DriverContext<S>, 'transport' | 'clock' | 'settings'> &
    Partial<Pick<DriverContext<S>, 'log'>>,
): LabelLink {
  const { transport, clock, log, settings } = context
  return new LabelLink({
    transport,
    clock,
    ...(log === undefined ? {} : { log }),
    questions: language.questions(settings),
    reader: language.createReader(settings),
  })
}

/** Asks for the name, which no other language has an answer to; where that is not harmless, only who gives a status first. */
async function probe<S extends LabelSettings>(
  language: LabelLanguage<S>,
  transport: Transport,
  { clock, answerMsMax }: Parameters<NonNullable<Driver['probe']>>[1],
): Promise<ProbeAnswer | undefined> {
  const settings = language.settings.parse(language.probeStatusFirst ?? {})
  const link = linkOf(language, { transport, clock, settings })
  link.start()
  if (language.probeStatusFirst !== undefined) {
    const status = await link.ask('status', clock.monotonic() + answerMsMax)
    if (status?.kind !== 'status') {
      link.stop()
      return undefined
    }
  }
  const answer = await link.ask('identity', clock.monotonic() + answerMsMax)
  link.stop()
  const read = answer?.kind === 'identity' ? language.readIdentity(answer.text) : undefined
  return read === undefined ? undefined : { ...read, certain: true }
}

export function labelDriver<S extends LabelSettings>(
  language: LabelLanguage<S>,
  imaging: Imaging,
): Driver<S> {
  return defineDriver({
    id: language.id,
    name: language.name,
    class: 'printer',
    paper: 'label',
    transports: ['tcp', 'serial', 'usb', 'memory'],
    portDefaults: language.portDefaults,
    settings: language.settings,
    capabilities: ['printing'],
    probeRank: language.probeRank,
    probe: (transport, tools) => probe(language, transport, tools),
    open: (context) => new LabelPrinter(context, language, imaging),
  })
}
