/**
 * A small printer language for tests of the hub: `P id\n` prints, `D\n` opens the drawer, `Q id\n` asks what became of a job.
 * Its driver and its twin meet on a wire in memory like any others; the twin obeys the test.
 */
import { z } from 'zod'
import {
  type Attempt,
  type AttemptResult,
  type DriverContext,
  type DriverFault,
  defineDriver,
  type OpenDevice,
  type Profile,
  type TwinWire,
} from '../../src/drivers/driver.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { PrintPayload } from '../../src/protocol/job.ts'

const settingsSchema = z.strictObject({ confirms: z.boolean().default(true) })
type Settings = z.infer<typeof settingsSchema>

interface Prepared {
  bytes: number
  text: string
}

class LinePrinter implements OpenDevice {
  readonly capabilities = ['printing', 'drawer'] as const
  readonly #context: DriverContext<Settings>
  #waiter: { answer: (line: string) => void } | undefined
  #received = ''

  constructor(context: DriverContext<Settings>) {
    this.#context = context
  }

  async start(): Promise<void> {
    this.#context.transport.onBytes((bytes) => {
      this.#received += Buffer.from(bytes).toString()
      for (let end = this.#received.indexOf('\n'); end >= 0; end = this.#received.indexOf('\n')) {
        this.#line(this.#received.slice(0, end))
        this.#received = this.#received.slice(end + 1)
      }
    })
    const hello = await this.#ask('H\n')
    if (hello !== 'H') throw new HubError('answer_invalid', { device: this.#context.device, reason: hello })
  }

  async stop(): Promise<void> {}

  readonly printing = {
    prepare: (payload: PrintPayload): Prepared => {
      if (payload.text?.includes('BAD') === true)
        throw new HubError('barcode_invalid', {
          path: 'payload.text',
          symbology: 'line',
          reason: 'it says BAD',
        })
      return { bytes: payload.text?.length ?? 0, text: payload.text ?? '' }
    },
    print: (prepared: { bytes: number }, attempt: Attempt): Promise<AttemptResult> =>
      this.#act(`P ${attempt.jobId} ${(prepared as Prepared).text}\n`, attempt),
    inquire: async (jobId: string) => {
      const answer = await this.#ask(`Q ${jobId}\n`)
      return answer === 'Y' ? ('done' as const) : answer === 'N' ? ('failed' as const) : undefined
    },
  }

  readonly drawer = {
    openDrawer: (_payload: unknown, attempt: Attempt): Promise<AttemptResult> => this.#act('D\n', attempt),
  }

  async #act(line: string, attempt: Attempt): Promise<AttemptResult> {
    attempt.sending()
    const answer = await Promise.race([
      this.#ask(line),
      this.#context.transport.closed.then(() => 'lost'),
      new Promise<string>((resolve) => attempt.signal.addEventListener('abort', () => resolve('aborted'))),
      new Promise<string>((resolve) => this.#context.clock.after(5_000, () => resolve('timeout'))),
    ])
    if (answer === 'K') return { state: 'done', outcome: { confirmed: this.#context.settings.confirms } }
    if (answer.startsWith('E'))
      return { state: 'failed', error: new HubError('printer_error', { device: this.#context.device }) }
    return { state: 'unknown', error: new HubError('job_outcome_unknown', { device: this.#context.device }) }
  }

  async #ask(line: string): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      this.#waiter = { answer: resolve }
    })
    await this.#context.transport.write(Buffer.from(line))
    return answer
  }

  #line(line: string): void {
    if (line.startsWith('F')) {
      const fault: DriverFault = { code: 'paper_out', blocking: true, message: 'Out of paper.' }
      this.#context.listener.faults(line === 'F paper_out' ? [fault] : [])
      return
    }
    this.#waiter?.answer(line)
    this.#waiter = undefined
  }
}

export const linePrinterDriver = defineDriver<Settings>({
  id: 'line-printer',
  name: 'Line printer of the tests',
  class: 'printer',
  transports: ['memory', 'tcp'],
  settings: settingsSchema,
  capabilities: ['printing', 'drawer'],
  open: (context) => new LinePrinter(context),
})

export const linePrinterProfile: Profile = {
  id: 'generic',
  driver: 'line-printer',
  name: 'Line printer',
  maker: 'Tests',
  settings: {},
  quirks: [],
  sources: ['tests/support/line-printer.ts'],
}

/** How the twin answers a print: at once, never, with an error, or by dropping the wire. */
export type LineBehaviour = 'ok' | 'hold' | 'error' | 'drop'

export class LinePrinterTwin {
  /** Ids of jobs in the order they came out. */
  readonly printed: string[] = []
  readonly asked: string[] = []
  drawerOpened = 0
  behaviour: LineBehaviour = 'ok'
  /** What it answers to an inquiry. */
  inquiry: 'Y' | 'N' | '?' = '?'
  #wire: TwinWire | undefined
  #received = ''

  attach(wire: TwinWire): void {
    this.#wire = wire
    this.#received = ''
    wire.onBytes((bytes) => {
      this.#received += Buffer.from(bytes).toString()
      for (let end = this.#received.indexOf('\n'); end >= 0; end = this.#received.indexOf('\n')) {
        const line = this.#received.slice(0, end)
        this.#received = this.#received.slice(end + 1)
        this.#line(line)
      }
    })
  }

  /** Lets a held print go on. */
  release(): void {
    this.#say('K')
  }

  paper(out: boolean): void {
    this.#say(out ? 'F paper_out' : 'F none')
  }

  #say(line: string): void {
    this.#wire?.write(Buffer.from(`${line}\n`))
  }

  #line(line: string): void {
    const [command, id] = line.split(' ')
    if (command === 'H') this.#say('H')
    else if (command === 'D') {
      this.drawerOpened++
      this.#say('K')
    } else if (command === 'Q') {
      this.asked.push(id ?? '')
      this.#say(this.inquiry)
    } else if (command === 'P') {
      this.printed.push(id ?? '')
      if (this.behaviour === 'ok') this.#say('K')
      else if (this.behaviour === 'error') this.#say('E jam')
      else if (this.behaviour === 'drop') this.#wire?.close()
    }
  }
}
