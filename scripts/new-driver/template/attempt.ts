/** How a command that acts ends: done when the device says so, failed when it refuses, unknown when it falls silent. */
import type { Attempt, AttemptResult } from '../../../src/drivers/driver.ts'
import { HubError, toHubError } from '../../../src/protocol/errors.ts'
import type { Link } from './link.ts'

export async function act(
  link: Link,
  letter: string,
  argument: string,
  attempt: Attempt,
): Promise<AttemptResult> {
  let sent = false
  try {
    const givenUp = new Promise<never>((_, reject) => {
      attempt.signal.addEventListener('abort', () => reject(new HubError('stopping')), { once: true })
    })
    givenUp.catch(() => {})
    const asked = link.ask(letter, argument, () => {
      if (attempt.signal.aborted) throw new HubError('stopping')
      sent = true
      attempt.sending()
    })
    asked.catch(() => {})
    const answer = await Promise.race([asked, givenUp])
    if (answer === 'OK') return { state: 'done', outcome: { confirmed: true } }
    const reason = `${letter} was answered "${answer}"`
    return { state: 'failed', error: new HubError('answer_invalid', { device: link.context.device, reason }) }
  } catch (error) {
    return { state: sent ? 'unknown' : 'failed', error: toHubError(error) }
  }
}
