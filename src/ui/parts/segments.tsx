/** A choice of a few, all of them visible. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'

interface SegmentsProps<V extends string> {
  label: string
  value: V
  choices: readonly { value: V; text: string }[]
  onChoose: (value: V) => unknown
}

export function Segments<V extends string>({
  label,
  value,
  choices,
  onChoose,
}: SegmentsProps<V>): JSX.Element {
  const id = useId()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot stand in one line with its buttons
    <div class="segments-row" role="group" aria-labelledby={id}>
      <span id={id} class="label">
        {label}
      </span>
      <div class="segments">
        {choices.map((choice) => (
          <button
            key={choice.value}
            type="button"
            aria-pressed={choice.value === value}
            onClick={() => void onChoose(choice.value)}
          >
            {choice.text}
          </button>
        ))}
      </div>
    </div>
  )
}
