/** Changing the own password: the current one, and the next one twice. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import { Form } from '../../parts/form.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { FormError } from './form-error.tsx'
import { NewPasswordFields, newPasswordProblem, type PasswordProblem } from './new-password.tsx'

export function OwnPasswordForm({ onDone }: { onDone: () => void }): JSX.Element {
  const { session, toasts } = useConsole()
  const current = useSignal('')
  const next = useSignal('')
  const again = useSignal('')
  const problem = useSignal<PasswordProblem | undefined>(undefined)
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
      <NewPasswordFields
        label={say('shell.password.new')}
        next={next}
        again={again}
        problem={problem.value}
      />
      <FormError error={error.value} />
    </Form>
  )
}
