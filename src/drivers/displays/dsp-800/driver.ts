/** Driver for pole displays that speak DSP-800, the one language of poles in which the display answers. */
import { HubError } from '../../../protocol/errors.ts'
import { type Attempt, type AttemptResult, type DriverContext, defineDriver } from '../../driver.ts'
import { Pole, type PoleLanguage } from '../common/pole.ts'
import { ack, commandsIn, dsp800Language, nak } from './codec.ts'
import { type Dsp800Settings, dsp800Limits, dsp800Settings } from './settings.ts'

export const dsp800 = defineDriver<Dsp800Settings>({
  id: 'dsp-800',
  name: 'DSP-800 pole displays',
  class: 'display',
  transports: ['serial', 'tcp', 'memory'],
  portDefaults: { baud: '9600', format: '8N1' },
  settings: dsp800Settings,
  capabilities: ['displaying'],
  // No probe: its only read-only question would write on the display.
  open: (context) => new Dsp800(context),
})

/** How the commands of one write were answered. */
type Answer = 'taken' | 'refused' | 'silent' | 'stopped'

class Dsp800 extends Pole<Dsp800Settings> {
  readonly #language: PoleLanguage
  /** Whether this display answers; found out at the start in `auto`. */
  #answers: boolean
  /** Of the job under way. */
  #inDoubt = false
  #answered: Promise<Answer> = Promise.resolve('silent')
  #wait: { left: number; settle: (answer: Answer) => void } | undefined
  /** Until then (monotonic) an answer may be one to an older command. */
  #doubtUntil = Number.NEGATIVE_INFINITY

  constructor(context: DriverContext<Dsp800Settings>) {
    const language = dsp800Language(context.settings)
    super(context, language)
    this.#language = language
    this.#answers = context.settings.answers !== 'none'
  }

  override async stop(): Promise<void> {
    await super.stop()
    this.#wait?.settle('stopped')
  }

  protected override async greet(bytes: Uint8Array): Promise<void> {
    const { settings, device } = this.context
    const own = settings.init === undefined ? commandsIn(this.#language.init()) : 0
    // A greeting from the settings may hold commands of whatever kind: it is counted as written.
    const given = settings.init === undefined ? 0 : commandsIn(Uint8Array.from(settings.init))
    const answered = this.#answers ? this.#awaitAnswers(own + given + settings.rows + 1) : undefined
    try {
      await super.greet(bytes)
    } catch (error) {
      this.#wait?.settle('stopped')
      throw error
    }
    const answer = await answered
    if (answer === 'stopped') throw this.closedError('the hub stops')
    if (settings.answers === 'auto') this.#answers = answer !== 'silent'
    else if (answer === 'silent') throw new HubError('answer_timeout', { device, ms: settings.answerMsMax })
    if (answer === 'refused')
      throw new HubError('answer_invalid', { device, reason: 'it refused the greeting of its language' })
    // A display that says nothing now may have said it too late.
    if (!this.#answers) this.#doubtUntil = Number.NEGATIVE_INFINITY
  }

  protected override sending(): void {
    if (!this.#answers) return
    // An answer that may belong to an older command proves nothing.
    this.#inDoubt = this.context.clock.monotonic() < this.#doubtUntil
    this.#answered = this.#awaitAnswers(this.context.settings.rows + 1)
  }

  protected override async settled(attempt: Attempt): Promise<AttemptResult> {
    if (!this.#answers) return super.settled(attempt)
    const { device, settings } = this.context
    const giveUp = () => this.#wait?.settle('stopped')
    attempt.signal.addEventListener('abort', giveUp, { once: true })
    if (attempt.signal.aborted) giveUp()
    const answer = await this.#answered
    attempt.signal.removeEventListener('abort', giveUp)
    if (answer === 'silent') {
      const late = new HubError('answer_timeout', { device, ms: settings.answerMsMax })
      return { state: 'unknown', error: late }
    }
    if (answer === 'stopped') {
      const reason = attempt.signal.aborted ? 'stopped' : 'link_lost'
      return { state: 'unknown', error: new HubError('job_outcome_unknown', { device, reason }) }
    }
    if (this.#inDoubt) return { state: 'done', outcome: { confirmed: false } }
    if (answer === 'refused')
      return { state: 'failed', error: new HubError('device_faulty', { device, fault: 'display_error' }) }
    return { state: 'done', outcome: { confirmed: true } }
  }

  protected override take(bytes: Uint8Array): void {
    if (this.stopped) return
    const now = this.context.clock.monotonic()
    for (const byte of bytes) {
      if (byte !== ack && byte !== nak) continue
      if (this.#wait === undefined) {
        // Nobody waits for it: it is late, and more of its kind may be.
        this.#doubtUntil = now + dsp800Limits.doubtMs
        continue
      }
      this.#wait.left--
      if (byte === nak) this.#wait.settle('refused')
      else if (this.#wait.left === 0) this.#wait.settle('taken')
    }
  }

  #awaitAnswers(count: number): Promise<Answer> {
    const { clock, settings } = this.context
    const { promise, resolve } = Promise.withResolvers<Answer>()
    const settle = (answer: Answer) => {
      if (this.#wait !== wait) return
      this.#wait = undefined
      cancel()
      // What is still to come after a refusal or a silence must not be taken for the answers of the next write.
      if (answer !== 'taken') this.#doubtUntil = clock.monotonic() + dsp800Limits.doubtMs
      resolve(answer)
    }
    const cancel = clock.after(settings.answerMsMax, () => settle('silent'))
    const wait = { left: count, settle }
    this.#wait = wait
    return promise
  }
}
