/** The control of one setting, by its kind: choice, switch, number, text, several of a few, one line each. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { locale, say } from '../words/say.ts'
import { choicesOf, kindOf, type Schema, sameValue } from './schema-values.ts'

export interface SchemaInputProps {
  id: string
  path: string
  schema: Schema
  value: unknown
  /** What holds while nothing is set. */
  usual: unknown
  locked: boolean
  invalid: boolean
  describedBy: string
  labelledBy: string | undefined
  /** null: nothing is set. */
  onChange: (value: unknown) => void
}

export function SchemaInput(props: SchemaInputProps): JSX.Element {
  switch (kindOf(props.schema)) {
    case 'choice':
      return <ChoiceInput {...props} />
    case 'switch':
      return <SwitchInput {...props} />
    case 'number':
      return <NumberInput {...props} />
    case 'text':
      return <TextInput {...props} />
    case 'choices':
      return <ChoicesInput {...props} />
    case 'lines':
      return <LinesInput {...props} />
    default:
      return <p class="hint">{say('box.form.inFile')}</p>
  }
}

/** A value in a line of text. */
export function textOf(value: unknown): string {
  if (value === true) return say('box.form.on')
  if (value === false) return say('box.form.off')
  if (value === undefined || value === null || value === '') return say('box.form.nothing')
  if (Array.isArray(value)) return value.length === 0 ? say('box.form.nothing') : value.map(textOf).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const common = ({ id, locked, invalid, describedBy }: SchemaInputProps) => ({
  id,
  disabled: locked,
  'aria-invalid': invalid || undefined,
  'aria-describedby': describedBy,
})

function ChoiceInput(props: SchemaInputProps): JSX.Element {
  const { schema, value, usual, onChange } = props
  const choices = choicesOf(schema) ?? []
  const shown = value ?? usual
  const index = choices.indexOf(shown)
  return (
    <select
      {...common(props)}
      value={String(index)}
      onChange={(event) => onChange(choices[Number(event.currentTarget.value)] ?? null)}
    >
      {index < 0 && <option value="-1">{say('box.form.choose')}</option>}
      {choices.map((choice, at) => (
        <option key={String(choice)} value={String(at)}>
          {textOf(choice)}
        </option>
      ))}
    </select>
  )
}

function SwitchInput(props: SchemaInputProps): JSX.Element {
  const on = (props.value ?? props.usual) === true
  return (
    <span class="switch">
      <input
        {...common(props)}
        type="checkbox"
        checked={on}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span aria-hidden="true">{textOf(on)}</span>
    </span>
  )
}

function NumberInput(props: SchemaInputProps): JSX.Element {
  const { value, usual, schema, path, onChange } = props
  const shown = typeof value === 'number' ? value : usual
  const time = path.endsWith('Ms') ? spanText(shown) : ''
  return (
    <span class="number">
      <input
        {...common(props)}
        type="text"
        inputMode={schema.type === 'integer' && (schema.minimum ?? -1) >= 0 ? 'numeric' : 'text'}
        autocomplete="off"
        value={value === undefined || value === null ? '' : String(value)}
        placeholder={usual === undefined ? '' : String(usual)}
        onInput={(event) => onChange(numberOf(event.currentTarget.value))}
      />
      {time !== '' && <span class="hint">= {time}</span>}
    </span>
  )
}

/** The number that was typed, or the text itself, which then is said to be none. */
function numberOf(text: string): unknown {
  const trimmed = text.trim().replaceAll('_', '').replace(',', '.')
  if (trimmed === '') return null
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** Milliseconds as `12 hours`; nothing for less than a second. */
export function spanText(ms: unknown): string {
  if (typeof ms !== 'number') return ''
  const unit = units.find(([, size]) => ms >= size)
  if (unit === undefined) return ''
  const format = { style: 'unit', unit: unit[0], unitDisplay: 'long', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(locale.value, format).format(ms / unit[1])
}

function TextInput(props: SchemaInputProps): JSX.Element {
  const { value, usual, schema, onChange } = props
  return (
    <input
      {...common(props)}
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      maxLength={schema.maxLength}
      value={typeof value === 'string' ? value : ''}
      placeholder={typeof usual === 'string' ? usual : ''}
      onInput={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    />
  )
}

function ChoicesInput(props: SchemaInputProps): JSX.Element {
  const { schema, value, usual, locked, describedBy, labelledBy, onChange } = props
  const choices = choicesOf(schema.items ?? {}) ?? []
  const set = listOf(value ?? usual)
  return (
    // biome-ignore lint/a11y/useSemanticElements: the legend of a fieldset cannot stand in a line with its key and marks
    <div class="check-row" role="group" aria-labelledby={labelledBy} aria-describedby={describedBy}>
      {choices.map((choice) => (
        <label key={String(choice)} class="check">
          <input
            type="checkbox"
            disabled={locked}
            checked={set.includes(choice)}
            onChange={(event) =>
              onChange(
                choices.filter((other) =>
                  other === choice ? event.currentTarget.checked : set.includes(other),
                ),
              )
            }
          />
          {textOf(choice)}
        </label>
      ))}
    </div>
  )
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** One entry a line: nothing to learn, and pasting works. */
function LinesInput(props: SchemaInputProps): JSX.Element {
  const { schema, value, usual, onChange } = props
  const numbers = schema.items?.type !== 'string'
  const read = (text: string): unknown[] => {
    const given = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
    return numbers ? given.map(numberOf) : given
  }
  const lines = listOf(value ?? usual)
  // Empty lines stay while somebody types, and go when the value comes from elsewhere.
  const typed = useSignal(lines.join('\n'))
  const text = sameValue(read(typed.value), lines) ? typed.value : lines.join('\n')
  return (
    <textarea
      {...common(props)}
      rows={Math.min(8, Math.max(2, lines.length + 1))}
      spellcheck={false}
      value={text}
      placeholder={say('box.form.onePerLine')}
      onInput={(event) => {
        typed.value = event.currentTarget.value
        onChange(read(typed.value))
      }}
    />
  )
}
