/** The field above a long list that leaves what fits. */
import type { JSX } from 'preact'
import { Icon } from './icon.tsx'

interface SearchFieldProps {
  /** What it does, for a screen reader. */
  label: string
  placeholder: string
  value: string
  onInput: (value: string) => void
}

export function SearchField({ label, placeholder, value, onInput }: SearchFieldProps): JSX.Element {
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden-text">{label}</span>
      <input
        type="search"
        placeholder={placeholder}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}
