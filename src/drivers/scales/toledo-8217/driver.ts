/** Driver for scales that speak Toledo 8217: Mettler Toledo Ariva, Viva, Diva, and many others in that mode. */
import type { ScaleTarePayload } from '../../../protocol/job.ts'
import {
  type Attempt,
  type AttemptResult,
  defineDriver,
  type OpenDevice,
  type ProbeAnswer,
  type Weighing,
} from '../../driver.ts'
import { Adjuster } from './adjuster.ts'
import { Channel, type Context } from './channel.ts'
import { Line } from './line.ts'
import { WeightReader } from './reader.ts'
import { type Toledo8217Settings, toledo8217Limits, toledo8217Settings } from './settings.ts'

export const toledo8217 = defineDriver<Toledo8217Settings>({
  id: 'toledo-8217',
  name: 'Toledo 8217 scales',
  class: 'scale',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '7E1' },
  settings: toledo8217Settings,
  capabilities: ['weighing'],
  /** `Ehello` in echo mode comes back; nothing is weighed, zeroed or tared. */
  async probe(transport, { clock, answerMsMax }): Promise<ProbeAnswer | undefined> {
    const line = new Line({ transport, clock, stripParity: true })
    line.start()
    return (await line.echo('hello', answerMsMax)) ? { certain: true } : undefined
  },
  open: (context) => new Toledo8217Scale(context),
})

class Toledo8217Scale implements OpenDevice, Weighing {
  readonly capabilities = ['weighing'] as const
  readonly weighing: Weighing = this
  readonly #context: Context
  readonly #channel: Channel
  readonly #reader: WeightReader
  readonly #adjuster: Adjuster
  #cancelCheck: () => void = () => {}

  constructor(context: Context) {
    this.#context = context
    this.#channel = new Channel(context)
    this.#reader = new WeightReader(this.#channel)
    this.#adjuster = new Adjuster(this.#channel)
  }

  /** Any answer in the language will do: a scale that is loaded or moving is a working scale. */
  async start(): Promise<void> {
    this.#channel.start()
    void this.#context.transport.closed.then(() => this.stop())
    const measure = await this.#channel.exclusive(async () => {
      const first = await this.#channel.measure()
      // A scale that was left in echo mode, or in the middle of an answer, is put right by now.
      return first.kind === 'weight' || first.kind === 'status' ? first : await this.#channel.measure()
    })
    if (measure.kind === 'silent') throw this.#channel.timeoutError()
    if (measure.kind === 'invalid') throw this.#channel.invalidError(measure.reason)
    this.#planCheck(toledo8217Limits.livenessMs)
  }

  async stop(): Promise<void> {
    this.#cancelCheck()
    this.#channel.stop()
    this.#reader.stop()
  }

  read() {
    return this.#reader.read()
  }

  zero(attempt: Attempt): Promise<AttemptResult> {
    return this.#adjuster.zero(attempt)
  }

  tare(payload: ScaleTarePayload, attempt: Attempt): Promise<AttemptResult> {
    return this.#adjuster.tare(payload, attempt)
  }

  watch(on: boolean): void {
    this.#reader.watch(on && !this.#channel.stopped)
  }

  /** One timer while idle; a scale that has just answered is not asked again. */
  #planCheck(ms: number): void {
    if (this.#channel.stopped) return
    this.#cancelCheck = this.#context.clock.after(ms, () => void this.#check())
  }

  async #check(): Promise<void> {
    const quietMs = this.#context.clock.monotonic() - this.#channel.answeredAt
    if (quietMs < toledo8217Limits.livenessMs) return this.#planCheck(toledo8217Limits.livenessMs - quietMs)
    try {
      await this.#channel.exclusive(() => this.#channel.measure())
    } catch {
      // The port is gone; the hub knows by the transport and opens the device anew.
      return
    }
    const answered = this.#context.clock.monotonic() - this.#channel.answeredAt < toledo8217Limits.livenessMs
    this.#planCheck(answered ? toledo8217Limits.livenessMs : toledo8217Limits.recoveryMs)
  }
}
