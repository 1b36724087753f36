/** The first page of a new hub: the code of its ticket or terminal, and the first owner. Also for a lost password. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { type HubError, toHubError } from '../../../protocol/errors.ts'
import { Button } from '../../parts/button.tsx'
import { TextField } from '../../parts/field.tsx'
import { Form } from '../../parts/form.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'
import { FormError, useLockedMs } from '../frame/form-error.tsx'
import { NewPasswordFields, newPasswordProblem, type PasswordProblem } from '../frame/new-password.tsx'
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
        <NewPasswordFields label={say('common.password')} next={next} again={again} problem={problem.value} />
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
