/** One thing at a time: what writes to the printer waits for its turn. */
import { HubError } from '../../../../protocol/errors.ts'
import type { Attempt, AttemptResult } from '../../../driver.ts'

/** How an attempt ends that was given up before anything was sent. */
export function givenUp(port: string): AttemptResult {
  return { state: 'failed', error: new HubError('port_closed', { port, reason: 'the hub stops' }) }
}

export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** An attempt at a job: given up while it waits, it ends at once and never has its turn. */
  attempt({ signal }: Attempt, port: string, work: () => Promise<AttemptResult>): Promise<AttemptResult> {
    const { promise, resolve, reject } = Promise.withResolvers<AttemptResult>()
    const giveUp = () => resolve(givenUp(port))
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    const mine = this.take(async () => {
      signal.removeEventListener('abort', giveUp)
      return signal.aborted ? givenUp(port) : work()
    })
    mine.then(resolve, reject)
    return promise
  }
}
