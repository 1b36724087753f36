/** Changing the own password: the current one, and the next one twice. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import { Form } from '../../parts/form.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { FormError } from './form-error.tsx'
import { newPasswordProblem } from './new-password.ts'

export function OwnPasswordForm({ onDone }: { onDone: () => void }): JSX.Element {
  const { session, toasts } = useConsole()
  const current = useSignal('')
  const next = useSignal('')
  const again = useSignal('')
  const problem = useSignal<{ field: 'next' | 'again'; text: string } | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const change = async () => {
    error.value = undefined
    problem.value = newPasswordProblem(next.value, again.value)
    if (problem.value !== undefined) return
    try {
      await session.call('user.password', { current: current.value, next: next.value })
      toasts.show({ tone: 'good', text: say('shell.password.changed') })
      onDone()
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
  }
  return (
    <Form send={say('shell.password.change')} onSend={change}>
      <PasswordField
        label={say('shell.password.current')}
        kind="current"
        autofocus
        value={current.value}
        onInput={(value) => {
          current.value = value
        }}
      />
      <PasswordField
        label={say('shell.password.new')}
        kind="new"
        value={next.value}
        error={problem.value?.field === 'next' ? problem.value.text : undefined}
        onInput={(value) => {
          next.value = value
        }}
      />
      <PasswordField
        label={say('shell.password.again')}
        kind="repeat"
        value={again.value}
        error={problem.value?.field === 'again' ? problem.value.text : undefined}
        onInput={(value) => {
          again.value = value
        }}
      />
      <FormError error={error.value} />
    </Form>
  )
}
