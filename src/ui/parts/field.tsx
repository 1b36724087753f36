/** Labelled form fields. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'

interface TextFieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  hint?: string
  placeholder?: string
  required?: boolean
  maxLength?: number
  /** Class of the input: `code` for fixed-width text. */
  kind?: 'code' | 'text'
  /** What is wrong with the value. */
  error?: string | undefined
  /** What browsers may fill in: `off` when left out. */
  autocomplete?: 'off' | 'username'
  autofocus?: boolean
}

/** What is wrong with a field, below it and read aloud with it. */
export function FieldError({ id, error }: { id?: string; error: string | undefined }): JSX.Element | null {
  if (error === undefined) return null
  return (
    <p class="field-error" id={id} role="alert">
      {error}
    </p>
  )
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, onInput, hint, placeholder, required, maxLength, kind = 'text', error } = props
  const { autocomplete = 'off', autofocus } = props
  const id = useId()
  const described = [error === undefined ? '' : `${id}-error`, hint === undefined ? '' : `${id}-hint`]
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class={kind}
        type="text"
        value={value}
        placeholder={placeholder}
        required={required}
        maxLength={maxLength}
        autocomplete={autocomplete}
        autocapitalize="off"
        spellcheck={false}
        autofocus={autofocus}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={described.join(' ').trim() || undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <FieldError id={`${id}-error`} error={error} />
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}

export interface Choice {
  value: string
  text: string
}

interface SelectFieldProps {
  label: string
  value: string
  choices: readonly Choice[]
  onChange: (value: string) => void
  hint?: string
}

export function SelectField({ label, value, choices, onChange, hint }: SelectFieldProps): JSX.Element {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.text}
          </option>
        ))}
      </select>
      {hint !== undefined && <p class="hint">{hint}</p>}
    </div>
  )
}
