/** A list that the hub has not answered yet, or will not. */
import type { JSX } from 'preact'
import type { HubError } from '../../../../protocol/errors.ts'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'
import { FormError } from '../../frame/form-error.tsx'

interface WaitingProps {
  error: HubError | undefined
  onAgain: () => unknown
}

export function Waiting({ error, onAgain }: WaitingProps): JSX.Element {
  if (error === undefined)
    return (
      <p class="empty" role="status">
        {say('common.loading')}
      </p>
    )
  return (
    <div class="empty">
      <FormError error={error} />
      <Button size="big" onPress={onAgain}>
        {say('common.retry')}
      </Button>
    </div>
  )
}

/** What is shown is older than it should be. */
export function AskFailed({ error }: { error: HubError | undefined }): JSX.Element | null {
  return error === undefined || error.code === 'connection_lost' ? null : <FormError error={error} />
}
