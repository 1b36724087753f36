/** A new user, or another name, role or password for one. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { UserRole } from '../../../../protocol/access.ts'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import { Dialog } from '../../../parts/dialog.tsx'
import { SelectField, TextField } from '../../../parts/field.tsx'
import { Form } from '../../../parts/form.tsx'
import { say } from '../../../words/say.ts'
import { roleText } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'
import { FormError } from '../../frame/form-error.tsx'
import { NewPasswordFields, newPasswordProblem, type PasswordProblem } from '../../frame/new-password.tsx'
import type { User } from './users.tsx'

const userNameCharsMax = 60
const roles = ['technician', 'monitor', 'owner'] as const satisfies readonly UserRole[]

interface UserDialogProps {
  /** undefined: a new one. */
  user: User | undefined
  onDone: () => unknown
  onClose: () => void
}

export function UserDialog({ user, onDone, onClose }: UserDialogProps): JSX.Element {
  const { session } = useConsole()
  const name = useSignal(user?.name ?? '')
  const role = useSignal<UserRole>(user?.role ?? 'technician')
  const next = useSignal('')
  const again = useSignal('')
  const tried = useSignal(false)
  const problem = useSignal<PasswordProblem | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  const nameless = name.value.trim() === ''
  const save = async () => {
    tried.value = true
    const password = next.value
    // A user that is there keeps its password when none is typed.
    const unchanged = user !== undefined && password === '' && again.value === ''
    problem.value = unchanged ? undefined : newPasswordProblem(password, again.value)
    if (nameless || problem.value !== undefined) return
    const wanted = { name: name.value.trim(), role: role.value }
    try {
      if (user === undefined) await session.call('user.add', { ...wanted, password })
      else
        await session.call('user.change', {
          id: user.id,
          ...changes(user, wanted),
          ...(unchanged ? {} : { password }),
        })
      void onDone()
      onClose()
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
  }
  const title = user === undefined ? say('access.user.add') : say('access.change_of', { name: user.name })
  return (
    <Dialog title={title} onClose={onClose}>
      <Form send={say(user === undefined ? 'access.user.add' : 'common.save')} onSend={save}>
        <TextField
          label={say('common.name')}
          maxLength={userNameCharsMax}
          value={name.value}
          error={tried.value && nameless ? say('common.required') : undefined}
          onInput={(value) => {
            name.value = value
          }}
        />
        <SelectField
          label={say('common.role')}
          value={role.value}
          choices={roles.map((candidate) => ({ value: candidate, text: roleText(candidate) }))}
          onChange={(value) => {
            role.value = roles.find((candidate) => candidate === value) ?? 'technician'
          }}
        />
        <NewPasswordFields
          label={say(user === undefined ? 'common.password' : 'shell.password.new')}
          next={next}
          again={again}
          problem={problem.value}
        />
        {user !== undefined && <p class="hint">{say('access.user.change_hint')}</p>}
        <FormError error={error.value} />
      </Form>
    </Dialog>
  )
}

/** Only what is not as before: a change of the role ends the sessions of the user. */
function changes(user: User, wanted: { name: string; role: UserRole }): Partial<typeof wanted> {
  return {
    ...(wanted.name === user.name ? {} : { name: wanted.name }),
    ...(wanted.role === user.role ? {} : { role: wanted.role }),
  }
}
