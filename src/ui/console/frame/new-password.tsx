/** The two fields of a new password, and what is wrong with them before the hub is asked. */
import type { Signal } from '@preact/signals'
import type { JSX } from 'preact'
import { PasswordField, passwordCharsMin } from '../../parts/password-field.tsx'
import { say } from '../../words/say.ts'

export interface PasswordProblem {
  field: 'next' | 'again'
  text: string
}

export function newPasswordProblem(next: string, again: string): PasswordProblem | undefined {
  const now = [...next].length
  if (now < passwordCharsMin)
    return { field: 'next', text: say('common.password.least', { min: passwordCharsMin, now }) }
  if (next !== again) return { field: 'again', text: say('shell.password.differ') }
  return undefined
}

interface FieldsProps {
  /** Of the first field. */
  label: string
  next: Signal<string>
  again: Signal<string>
  problem: PasswordProblem | undefined
}

export function NewPasswordFields({ label, next, again, problem }: FieldsProps): JSX.Element {
  // Once told, it follows what is typed.
  const wrong = problem && newPasswordProblem(next.value, again.value)
  return (
    <>
      <PasswordField
        label={label}
        kind="new"
        value={next.value}
        error={wrong?.field === 'next' ? wrong.text : undefined}
        onInput={(value) => {
          next.value = value
        }}
      />
      <PasswordField
        label={say('shell.password.again')}
        kind="repeat"
        value={again.value}
        error={wrong?.field === 'again' ? wrong.text : undefined}
        onInput={(value) => {
          again.value = value
        }}
      />
    </>
  )
}
