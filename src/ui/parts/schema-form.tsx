/** A form derived from a JSON Schema: a section for each table, a field for each setting, with its range, default and error. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import { say } from '../words/say.ts'
import { detailWord } from '../words/things.ts'
import { Badge } from './badge.tsx'
import { Button } from './button.tsx'
import { FieldError } from './field.tsx'
import { SchemaInput, spanText, textOf } from './schema-inputs.tsx'
import { bare, kindOf, problemOf, type Schema, sameValue, valueAt } from './schema-values.ts'

/** Words for a path that read better than its name in the file. */
export interface FieldWords {
  label: string
  hint?: string | undefined
}

export interface SchemaFormProps {
  schema: Schema
  /** What is set, as a tree; what is not in it has its default. */
  values: Readonly<Record<string, unknown>>
  /** Defaults as a tree: they win over those of the schema. */
  defaults: Readonly<Record<string, unknown>>
  /** By path: what the hub said of it. */
  errors: Readonly<Record<string, string>>
  /** Paths that cannot be changed here, and why they cannot. */
  overridden?: { paths: ReadonlySet<string>; why: string }
  /** Paths that were changed and not saved yet. */
  changed?: ReadonlySet<string>
  /** Paths whose value is saved and not in force yet. */
  restart?: ReadonlySet<string>
  wordsOf?: (path: string) => FieldWords | undefined
  /** The word on the button that goes back to the default. */
  backText?: string
  /** `null` goes back to the default. */
  onChange: (path: string, value: unknown) => void
}

export function SchemaForm(props: SchemaFormProps): JSX.Element {
  return <Fields {...props} at="" />
}

function Fields(props: SchemaFormProps & { at: string }): JSX.Element {
  const { schema, at } = props
  return (
    <div class="schema-fields">
      {Object.entries(schema.properties ?? {}).map(([key, property]) => {
        const path = at === '' ? key : `${at}.${key}`
        const found = bare(property)
        return kindOf(found) === 'section' ? (
          <Section key={path} {...props} schema={found} path={path} />
        ) : (
          <Field key={path} {...props} schema={found} path={path} />
        )
      })}
    </div>
  )
}

type PartProps = SchemaFormProps & { path: string }

function Section(props: PartProps): JSX.Element {
  const { path, schema, wordsOf } = props
  const words = wordsOf?.(path)
  const hint = words?.hint ?? schema.description
  return (
    <fieldset class="schema-section" data-section={path}>
      <legend>{words?.label ?? nameOf(path)}</legend>
      {hint !== undefined && <p class="hint">{hint}</p>}
      <Fields {...props} at={path} />
    </fieldset>
  )
}

function Field(props: PartProps): JSX.Element {
  const { path, schema, values, defaults, onChange, wordsOf, backText } = props
  const id = useId()
  const words = wordsOf?.(path)
  const value = valueAt(values, path)
  const usual = valueAt(defaults, path) ?? schema.default
  const fileOnly = schema.readOnly === true && kindOf(schema) !== 'other'
  const overridden = props.overridden?.paths.has(path) === true ? props.overridden : undefined
  const locked = fileOnly || overridden !== undefined
  const error = props.errors[path] ?? problemOf(schema, value)
  const kind = kindOf(schema)
  const grouped = kind === 'choices' || kind === 'other'
  const changed = props.changed?.has(path) === true
  return (
    <div class={`field schema-field${changed ? ' changed' : ''}`} data-path={path}>
      <div class="schema-head">
        {grouped ? (
          <span class="label" id={`${id}-label`}>
            {words?.label ?? nameOf(path)}
          </span>
        ) : (
          <label for={id}>{words?.label ?? nameOf(path)}</label>
        )}
        <code class="schema-key">{path}</code>
        {changed && <Badge tone="busy">{say('box.form.changed')}</Badge>}
        {props.restart?.has(path) === true && <Badge tone="wait">{say('box.form.needsRestart')}</Badge>}
      </div>
      <SchemaInput
        id={id}
        path={path}
        schema={schema}
        value={value}
        usual={usual}
        locked={locked}
        invalid={error !== undefined}
        describedBy={`${id}-hint ${id}-error`}
        labelledBy={grouped ? `${id}-label` : undefined}
        onChange={(next) => onChange(path, next)}
      />
      <FieldError id={`${id}-error`} error={error} />
      <div class="schema-foot">
        <p class="hint" id={`${id}-hint`}>
          {overridden !== undefined && `${overridden.why} `}
          {fileOnly && `${say('box.form.inFile')} `}
          {words?.hint ?? schema.description ?? ''} {rangeText(path, schema)}
        </p>
        {!locked && value !== undefined && usual !== undefined && !sameValue(value, usual) && (
          <Button look="quiet" onPress={() => onChange(path, null)}>
            {backText ?? say('box.form.back')} ({textOf(usual)})
          </Button>
        )}
      </div>
    </div>
  )
}

/** Better than nothing for a setting that nobody has words for. */
function nameOf(path: string): string {
  return detailWord(path.split('.').at(-1) ?? path)
}

function rangeText(path: string, schema: Schema): string {
  const { minimum: min, maximum: max } = schema
  // What zod writes for "any whole number" says nothing to people.
  const least = min === undefined || min <= Number.MIN_SAFE_INTEGER ? undefined : min
  const most = max === undefined || max >= Number.MAX_SAFE_INTEGER ? undefined : max
  const said = (value: number): string => {
    const time = path.endsWith('Ms') ? spanText(value) : ''
    return time === '' ? String(value) : `${value} (${time})`
  }
  if (least !== undefined && most !== undefined)
    return say('box.form.range', { min: said(least), max: said(most) })
  if (least !== undefined) return say('box.form.atLeast', { min: said(least) })
  if (most !== undefined) return say('box.form.atMost', { max: said(most) })
  return ''
}
