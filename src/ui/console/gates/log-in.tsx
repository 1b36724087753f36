/** The log-in page: name and password, what to do about a lost one, and the other way in. */
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
import { GatePage } from './gate-page.tsx'

export function LogInGate(): JSX.Element {
  const { session } = useConsole()
  const name = useSignal('')
  const password = useSignal('')
  const error = useSignal<HubError | undefined>(undefined)
  const missing = useSignal(false)
  const locked = useLockedMs(error.value) > 0
  const logIn = async () => {
    missing.value = name.value.trim() === '' || password.value === ''
    if (missing.value) return
    error.value = undefined
    try {
      await session.logIn(name.value, password.value)
    } catch (thrown) {
      error.value = toHubError(thrown)
      password.value = ''
    }
  }
  return (
    <GatePage title={say('shell.login.title')}>
      {session.refusal.value !== undefined && error.value === undefined && (
        <p class="note" role="status">
          {say('shell.login.ended')}
        </p>
      )}
      <Form send={say('shell.login.do')} onSend={logIn} disabled={locked}>
        <TextField
          label={say('common.name')}
          autocomplete="username"
          autofocus
          value={name.value}
          error={missing.value && name.value.trim() === '' ? say('common.required') : undefined}
          onInput={(value) => {
            name.value = value
          }}
        />
        <PasswordField
          label={say('common.password')}
          kind="current"
          value={password.value}
          error={missing.value && password.value === '' ? say('common.required') : undefined}
          onInput={(value) => {
            password.value = value
          }}
        />
        <FormError error={error.value} />
      </Form>
      <details class="fold-help">
        <summary>{say('shell.login.lost')}</summary>
        <p>{say('shell.login.lost.user')}</p>
        <p>
          {say('shell.login.lost.owner')} <code>tillbridge setup --reset</code>
        </p>
        <Button look="quiet" icon="key" onPress={() => session.choose('setup')}>
          {say('shell.login.have_code')}
        </Button>
      </details>
      <Button look="quiet" onPress={() => session.choose('pair')}>
        {say('shell.login.pair')}
      </Button>
    </GatePage>
  )
}
