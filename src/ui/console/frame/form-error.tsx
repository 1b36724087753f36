/** Why the hub did not take a form: the sentence, what to do, the code; and how long a lock-out still lasts. */
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { HubError } from '../../../protocol/errors.ts'
import { hintFor, sentenceOf } from '../../parts/error-words.ts'
import { countdownText } from '../../parts/time.ts'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'

export function FormError({ error, id }: { error: HubError | undefined; id?: string }): JSX.Element {
  const { state } = useConsole()
  const left = useLockedMs(error)
  return (
    <div id={id} role="alert">
      {error !== undefined && !(error.code === 'locked_out' && left <= 0) && (
        <p class="form-error">
          {error.code === 'locked_out' ? (
            <>
              {say('shell.locked')} <strong class="left">{countdownText(left)}</strong>
            </>
          ) : (
            <>
              {sentenceOf(error, state.devices.value)} {hintFor(error.code, error.who)}
            </>
          )}{' '}
          <code>{error.code}</code>
        </p>
      )}
    </div>
  )
}

/** ms until the next try may be made; 0 when it may be made now. */
export function useLockedMs(error: HubError | undefined): number {
  const { clock } = useConsole()
  const until = useMemo(() => {
    const seconds = error?.code === 'locked_out' ? Number(error.context.seconds) : 0
    return seconds > 0 ? clock.read() + seconds * 1_000 : undefined
  }, [error, clock])
  // Only a lock-out is drawn anew each second.
  return until === undefined ? 0 : Math.max(0, until - clock.now.value)
}
