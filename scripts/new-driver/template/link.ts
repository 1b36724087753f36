/** The conversation: one question at a time, each with an answer or an error in time. */
import type { DriverContext } from '../../../src/drivers/driver.ts'
import { HubError } from '../../../src/protocol/errors.ts'
import { AnswerReader, encodeCommand } from './codec.ts'
import type { TemplateLanguageSettings } from './settings.ts'

interface Question {
  resolve: (answer: string) => void
  reject: (error: HubError) => void
  cancel: () => void
}

export class Link {
  readonly context: DriverContext<TemplateLanguageSettings>
  readonly #reader = new AnswerReader()
  #question: Question | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #stopped = false
  #onUnasked: (line: string) => void

  /** `onUnasked` gets the lines that answer no question. */
  constructor(context: DriverContext<TemplateLanguageSettings>, onUnasked: (line: string) => void) {
    this.context = context
    this.#onUnasked = onUnasked
  }

  get stopped(): boolean {
    return this.#stopped
  }

  start(): void {
    this.context.transport.onBytes((bytes) => {
      for (const line of this.#reader.push(bytes)) this.#take(line)
    })
    void this.context.transport.closed.then(({ reason }) =>
      this.#fail(new HubError('port_closed', { port: this.context.transport.port, reason })),
    )
  }

  stop(): void {
    this.#stopped = true
    this.#fail(new HubError('stopping'))
  }

  /**
   * Answers what the device said. `sending` is called before the first byte leaves. Throws HubError `answer_timeout`,
   * `port_closed`, or `stopping`.
   */
  ask(letter: string, argument = '', sending: () => void = () => {}): Promise<string> {
    const answer = this.#turn.then(() => this.#ask(letter, argument, sending))
    this.#turn = answer.catch(() => {})
    return answer
  }

  async #ask(letter: string, argument: string, sending: () => void): Promise<string> {
    if (this.#stopped) throw new HubError('stopping')
    const { transport, clock, settings, device } = this.context
    sending()
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const cancel = clock.after(settings.answerMsMax, () =>
      this.#fail(new HubError('answer_timeout', { device, ms: settings.answerMsMax })),
    )
    this.#question = { resolve, reject, cancel }
    transport.write(encodeCommand(letter, argument)).catch((error: HubError) => this.#fail(error))
    return await promise
  }

  #take(line: string): void {
    if (this.#stopped) return
    const question = this.#question
    if (question === undefined) {
      this.#onUnasked(line)
      return
    }
    this.#question = undefined
    question.cancel()
    question.resolve(line)
  }

  #fail(error: HubError): void {
    const question = this.#question
    this.#question = undefined
    question?.cancel()
    question?.reject(error)
  }
}
