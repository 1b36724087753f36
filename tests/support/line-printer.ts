/**
 * A small printer language for tests of the hub: `P id\n` prints, `D\n` opens the drawer, `Q id\n` asks what became of a job.
 * Answers to `D` begin with a `D` of their own, so that a drawer can open beside a print.
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
import { type FaultCode, faultCodeSchema } from '../../src/protocol/device.ts'
import { HubError } from '../../src/protocol/errors.ts'
import type { PrintPayload } from '../../src/protocol/job.ts'

const settingsSchema = z.strictObject({
  confirms: z.boolean().default(true),
  /** Faults with which its drawer opens all the same. */
  drawerDespite: z.array(faultCodeSchema).default([]),
})
type Settings = z.infer<typeof settingsSchema>

interface Prepared {
  bytes: number
  text: string
}

class LinePrinter implements OpenDevice {
  readonly capabilities = ['printing', 'drawer'] as const
  readonly #context: DriverContext<Settings>
  #waiter: { answer: (line: string) => void } | undefined
  #drawerWaiter: ((line: string) => void) | undefined
  #received = ''
  #forgetful = false

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
      this.#act((line) => this.#ask(line), `P ${attempt.jobId} ${(prepared as Prepared).text}\n`, attempt),
    evidence: () => (this.#forgetful ? undefined : 'before'),
    inquire: async (jobId: string, evidence: string) => {
      const answer = await this.#ask(`Q ${jobId} ${evidence}\n`)
      return answer === 'Y' ? ('done' as const) : answer === 'N' ? ('failed' as const) : undefined
    },
  }

  readonly drawer = {
    opensDespite: (fault: FaultCode) => this.#context.settings.drawerDespite.includes(fault),
    openDrawer: (_payload: unknown, attempt: Attempt): Promise<AttemptResult> =>
      this.#act((line) => this.#askDrawer(line), 'D\n', attempt),
  }

  async #act(ask: (line: string) => Promise<string>, line: string, attempt: Attempt): Promise<AttemptResult> {
    attempt.sending()
    const answer = await Promise.race([
      ask(line),
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

  async #askDrawer(line: string): Promise<string> {
    const answer = new Promise<string>((resolve) => {
      this.#drawerWaiter = resolve
    })
    await this.#context.transport.write(Buffer.from(line))
    return answer
  }

  #line(line: string): void {
    if (line.startsWith('F')) {
      const codes = line.split(' ').slice(1) as FaultCode[]
      this.#context.listener.faults(
        codes.map((code): DriverFault => ({ code, blocking: true, message: `It has ${code}.` })),
      )
      return
    }
    if (line === 'X') {
      this.#forgetful = true
      return
    }
    if (line.startsWith('O')) {
      this.#context.listener.drawer(line === 'O 1')
      return
    }
    if (line.startsWith('D')) {
      this.#drawerWaiter?.(line.slice(1))
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
  paper: 'receipt',
  transports: ['memory', 'tcp'],
  settings: settingsSchema,
  capabilities: ['printing', 'drawer'],
  async probe(transport, { clock, answerMsMax }) {
    const answer = new Promise<string>((resolve) => {
      transport.onBytes((bytes) => resolve(Buffer.from(bytes).toString()))
      clock.after(answerMsMax, () => resolve(''))
    })
    await transport.write(Buffer.from('H\n'))
    return (await answer) === 'H\n' ? { maker: 'Tests', model: 'Line Printer', certain: true } : undefined
  },
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
  /** The evidence that came with each of these questions; empty for none. */
  readonly askedWith: string[] = []
  /** Prints and questions as they came: `P a`, `Q a`. */
  readonly heard: string[] = []
  /** How often somebody opened its port. */
  attached = 0
  drawerOpened = 0
  /** The drawer answers only at `releaseDrawer`. */
  drawerHolds = false
  /** It has no counter from the next greeting on. */
  forgetful = false
  behaviour: LineBehaviour = 'ok'
  /** What it answers to an inquiry: yes, no, it cannot tell, nothing at all, or it drops the wire. */
  inquiry: 'Y' | 'N' | '?' | 'hold' | 'drop' = '?'
  #wire: TwinWire | undefined
  #received = ''

  attach(wire: TwinWire): void {
    this.attached++
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

  releaseDrawer(): void {
    this.#say('DK')
  }

  /** The drawer tells that it was opened or closed, by whomever. */
  drawer(open: boolean): void {
    this.#say(`O ${open ? 1 : 0}`)
  }

  paper(out: boolean): void {
    this.faults(...(out ? (['paper_out'] as const) : []))
  }

  /** Tells which faults there are, all of them blocking. */
  faults(...codes: FaultCode[]): void {
    this.#say(['F', ...codes].join(' '))
  }

  #say(line: string): void {
    this.#wire?.write(Buffer.from(`${line}\n`))
  }

  #line(line: string): void {
    const [command, id, more] = line.split(' ')
    if (command === 'P' || command === 'Q') this.heard.push(`${command} ${id}`)
    if (command === 'H') {
      if (this.forgetful) this.#say('X')
      this.#say('H')
    }
    if (command === 'D') {
      this.drawerOpened++
      if (!this.drawerHolds) this.#say('DK')
    } else if (command === 'Q') {
      this.asked.push(id ?? '')
      this.askedWith.push(more ?? '')
      if (this.inquiry === 'drop') this.#wire?.close()
      else if (this.inquiry !== 'hold') this.#say(this.inquiry)
    } else if (command === 'P') {
      this.printed.push(id ?? '')
      if (this.behaviour === 'ok') this.#say('K')
      else if (this.behaviour === 'error') this.#say('E jam')
      else if (this.behaviour === 'drop') this.#wire?.close()
    }
  }
}
