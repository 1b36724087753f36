/** What is wrong with a new password before the hub is asked. */
import { passwordCharsMin } from '../../parts/password-field.tsx'
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
