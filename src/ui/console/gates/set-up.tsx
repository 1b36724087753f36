/** The first page of a new hub: the code of its ticket or terminal, and the first owner. Also for a lost password. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Form } from '../../parts/form.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { FormError, useLockedMs } from '../frame/form-error.tsx'
import { newPasswordProblem, type PasswordProblem } from '../frame/new-password.ts'
import { GatePage } from './gate-page.tsx'

const nameCharsMax = 60

export function SetUpGate({ code: given }: { code: string | undefined }): JSX.Element {
  const { session } = useConsole()
  const code = useSignal(given ?? '')
  const name = useSignal('')
  const next = useSignal('')
  const again = useSignal('')
  const tried = useSignal(false)
  const problem = useSignal<PasswordProblem | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const locked = useLockedMs(error.value) > 0
  const empty = (value: string) => (tried.value && value.trim() === '' ? say('common.required') : undefined)
  const setUp = async () => {
    tried.value = true
    error.value = undefined
    problem.value = newPasswordProblem(next.value, again.value)
    if (code.value.trim() === '' || name.value.trim() === '' || problem.value !== undefined) return
    try {
      await session.setUp(code.value.trim(), name.value.trim(), next.value)
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
  }
  return (
    <GatePage title={say('shell.setup.title')}>
      <p class="lead">{say('shell.setup.lead')}</p>
      <Form send={say('shell.setup.do')} onSend={setUp} disabled={locked}>
        <TextField
          label={say('shell.setup.code')}
          kind="code"
          maxLength={32}
          autofocus={given === undefined}
          hint={say(given === undefined ? 'shell.setup.code.hint' : 'shell.setup.code.given')}
          value={code.value}
          error={empty(code.value)}
          onInput={(value) => {
            code.value = value.toUpperCase()
          }}
        />
        <TextField
          label={say('shell.setup.name')}
          autocomplete="username"
          maxLength={nameCharsMax}
          autofocus={given !== undefined}
          value={name.value}
          error={empty(name.value)}
          onInput={(value) => {
            name.value = value
          }}
        />
        <PasswordField
          label={say('common.password')}
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
      {error.value?.code === 'setup_done' && (
        <Button look="quiet" onPress={() => session.choose('login')}>
          {say('shell.pair.login')}
        </Button>
      )}
    </GatePage>
  )
}
