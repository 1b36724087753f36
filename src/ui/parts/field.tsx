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
}

export function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, onInput, hint, placeholder, required, maxLength, kind = 'text' } = props
  const id = useId()
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
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
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
