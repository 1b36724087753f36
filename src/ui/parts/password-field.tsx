/** A field for a password: hidden until asked for, with a word on how good a new one is. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { accessNumbers } from '../../protocol/access.ts'
import { say } from '../words/say.ts'
import { Button } from './button.tsx'
import { FieldError } from './field.tsx'

/** What the hub takes, as literals: importing the schemas would bring the validator into the page. */
const numbers: Pick<typeof accessNumbers, 'passwordCharsMin' | 'passwordCharsMax'> = {
  passwordCharsMin: 10,
  passwordCharsMax: 200,
}
export const { passwordCharsMin } = numbers
/** From here on a password is called good. */
const goodChars = 16

interface PasswordFieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  /** `new`: browsers offer to make one, and its strength is told. */
  kind: 'current' | 'new' | 'repeat'
  error?: string | undefined
  hint?: string
  autofocus?: boolean
}

export function PasswordField(props: PasswordFieldProps): JSX.Element {
  const { label, value, onInput, kind, error, hint, autofocus } = props
  const id = useId()
  const open = useSignal(false)
  const word = kind === 'new' ? strengthOf(value) : hint
  // What is wrong with it often says the same; once is enough.
  const told = word === error ? undefined : word
  const described = [error === undefined ? '' : `${id}-error`, told === undefined ? '' : `${id}-hint`]
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <input
          id={id}
          type={(open.value ? 'text' : 'password') as 'password'}
          value={value}
          maxLength={numbers.passwordCharsMax}
          autocomplete={kind === 'current' ? 'current-password' : 'new-password'}
          autocapitalize="off"
          spellcheck={false}
          required
          autofocus={autofocus}
          aria-invalid={error !== undefined || undefined}
          aria-describedby={described.join(' ').trim() || undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <Button
          look="quiet"
          icon="eye"
          label={say('common.password.show')}
          pressed={open.value}
          onPress={() => {
            open.value = !open.value
          }}
        />
      </div>
      <FieldError id={`${id}-error`} error={error} />
      {told !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {told}
        </p>
      )}
    </div>
  )
}

/** Length is what counts; the hub refuses what is on lists of common passwords. */
function strengthOf(password: string): string {
  const chars = [...password].length
  if (chars < passwordCharsMin) return say('common.password.least', { min: passwordCharsMin, now: chars })
  if (new Set(password).size < passwordCharsMin / 2) return say('common.password.alike')
  return say(chars < goodChars ? 'common.password.fair' : 'common.password.good')
}
