/** The configuration page: a form out of its schema, what was changed, saving it, and the restart that puts it in force. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { toHubError } from '../../../../protocol/errors.ts'
import type { Result } from '../../../../protocol/methods.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { SchemaForm } from '../../../parts/schema-form.tsx'
import { textOf } from '../../../parts/schema-inputs.tsx'
import {
  fieldsOf,
  problemOf,
  type Schema,
  sameValue,
  valueAt,
  withValue,
} from '../../../parts/schema-values.ts'
import { SearchField } from '../../../parts/search-field.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { type Asked, useActions, useAsked, useConsole } from '../../context.ts'
import '../../styles/box.css'
import '../../styles/schema-form.css'
import { CopyButton, Unasked } from './bits.tsx'
import { labelOf, settingWords } from './config-words.ts'
import { RestartNote } from './restart.tsx'

type ConfigInfo = Result<'config.get'>
/** New values by path; null goes back to the default. */
type Draft = ReadonlyMap<string, unknown>

const noDefaults = {}

export function ConfigView(): JSX.Element {
  const asked = useAsked('config.get', {})
  const config = asked.answer.value
  return (
    <div class="box-cards one">
      <Unasked of={[asked]} />
      {config !== undefined && <ConfigForm config={config} asked={asked} />}
    </div>
  )
}

/** Devices have a page of their own; of the rest what fits the search stays. */
function searched(schema: Schema, wanted: string): Schema {
  const { devices: _devices, ...properties } = schema.properties ?? {}
  const all = { ...schema, properties }
  if (wanted === '') return all
  const fits = (path: string, field: Schema) =>
    [path, labelOf(path), settingWords(path)?.hint ?? field.description ?? '']
      .join(' ')
      .toLowerCase()
      .includes(wanted)
  const kept = new Set(
    fieldsOf(all)
      .filter(({ path, schema: field }) => fits(path, field))
      .map(({ path }) => path),
  )
  return pruned(all, '', kept) ?? { properties: {} }
}

function pruned(schema: Schema, at: string, kept: ReadonlySet<string>): Schema | undefined {
  const properties: Record<string, Schema> = {}
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const path = at === '' ? key : `${at}.${key}`
    const found = property.properties === undefined ? property : pruned(property, path, kept)
    if (found !== undefined && (found.properties !== undefined || kept.has(path))) properties[key] = found
  }
  return Object.keys(properties).length === 0 ? undefined : { ...schema, properties }
}

function ConfigForm({ config, asked }: { config: ConfigInfo; asked: Asked<ConfigInfo> }): JSX.Element {
  const draft = useSignal<Draft>(new Map())
  const errors = useSignal<Readonly<Record<string, string>>>({})
  const search = useSignal('')
  const saving = useSignal(false)
  const schema = config.schema as Schema
  const wanted = search.value.trim().toLowerCase()
  const shown = useMemo(() => searched(schema, wanted), [schema, wanted])
  const fields = useMemo(() => new Map(fieldsOf(schema).map((field) => [field.path, field.schema])), [schema])
  const values = useComputed(() =>
    [...draft.value].reduce<Readonly<Record<string, unknown>>>(
      (tree, [path, value]) => withValue(tree, path, value ?? undefined),
      asked.answer.value?.values ?? {},
    ),
  ).value
  const wrong = [...draft.value].some(
    ([path, value]) => problemOf(fields.get(path) ?? {}, value) !== undefined,
  )
  // A field that was emptied stays empty while somebody types, though its default is what holds already.
  const changes: Draft = new Map(
    [...draft.value].filter(
      ([path, value]) => !sameValue(value ?? fields.get(path)?.default, valueAt(config.values, path)),
    ),
  )
  const change = (path: string, value: unknown) => {
    draft.value = new Map(draft.value).set(path, value)
    const { [path]: _gone, ...others } = errors.value
    errors.value = others
  }
  return (
    <>
      <RestartNote paths={config.restart} />
      <div class="log-bar">
        <SearchField
          label={say('box.config.search')}
          placeholder={say('box.config.search')}
          value={search.value}
          onInput={(value) => {
            search.value = value
          }}
        />
        <p class="box-file">
          {say('box.config.file')} <code>{config.file}</code>{' '}
          <CopyButton text={config.file} what={config.file} />
        </p>
      </div>
      <SchemaForm
        schema={shown}
        values={values}
        defaults={noDefaults}
        errors={errors.value}
        overridden={{ paths: new Set(config.overridden), why: say('box.config.overridden') }}
        changed={new Set(changes.keys())}
        restart={new Set(config.restart)}
        wordsOf={settingWords}
        onChange={change}
      />
      {Object.keys(shown.properties ?? {}).length === 0 && <p class="empty">{say('box.config.noneFits')}</p>}
      <p class="hint">{say('box.config.devices')}</p>
      <StrayErrors errors={errors.value} fields={fields} />
      <div class={`box-save${changes.size > 0 ? ' wanted' : ''}`} role="status">
        <p>
          {changes.size === 0 ? say('box.config.noChange') : sayCount('box.config.changes', changes.size)}
        </p>
        <div class="actions">
          <Button
            disabled={changes.size === 0}
            onPress={() => {
              draft.value = new Map()
              errors.value = {}
            }}
          >
            {say('box.config.discard')}
          </Button>
          <Button
            look="main"
            disabled={changes.size === 0 || wrong}
            onPress={() => {
              saving.value = true
            }}
          >
            {say('box.config.save')}
          </Button>
        </div>
      </div>
      {saving.value && (
        <SaveDialog
          config={config}
          draft={changes}
          fields={fields}
          onSaved={(next) => {
            asked.answer.value = next
            draft.value = new Map()
            errors.value = {}
          }}
          onRefused={(path, reason) => {
            errors.value = { [path]: reason }
          }}
          onClose={() => {
            saving.value = false
          }}
        />
      )}
    </>
  )
}

/** What the hub said of a path that has no field here. */
function StrayErrors(props: {
  errors: Readonly<Record<string, string>>
  fields: ReadonlyMap<string, Schema>
}): JSX.Element | null {
  const stray = Object.entries(props.errors).filter(([path]) => !props.fields.has(path))
  if (stray.length === 0) return null
  return (
    <div class="box-note bad" role="alert">
      {stray.map(([path, reason]) => (
        <p key={path}>
          <code>{path}</code>: {reason}
        </p>
      ))}
    </div>
  )
}

interface SaveProps {
  config: ConfigInfo
  draft: Draft
  fields: ReadonlyMap<string, Schema>
  onSaved: (next: ConfigInfo) => void
  onRefused: (path: string, reason: string) => void
  onClose: () => void
}

function SaveDialog({ config, draft, fields, onSaved, onRefused, onClose }: SaveProps): JSX.Element {
  const { session, toasts } = useConsole()
  const { attempt } = useActions()
  const save = async () => {
    const changes = [...draft].map(([path, value]) => ({ path, value }))
    try {
      onSaved(await session.call('config.set', { changes }))
      toasts.show({ tone: 'good', text: say('box.config.saved') })
    } catch (thrown) {
      const error = toHubError(thrown)
      const { path, reason } = error.context
      if (typeof path === 'string' && ['config_invalid', 'config_fixed'].includes(error.code))
        onRefused(fieldOf(path, fields), typeof reason === 'string' ? reason : say('box.config.overridden'))
      else await attempt(() => Promise.reject(error))
    }
    onClose()
  }
  return (
    <Dialog title={say('box.config.saveTitle')} onClose={onClose}>
      <ul class="box-changes">
        {[...draft].map(([path, value]) => (
          <li key={path}>
            <strong>{labelOf(path)}</strong> <code>{path}</code>
            <p>
              <span class="hidden-text">{say('box.config.from')} </span>
              <del>{textOf(valueAt(config.values, path))}</del> <span aria-hidden="true">→</span>{' '}
              <span class="hidden-text">{say('box.config.to')} </span>
              <ins>{textOf(value ?? fields.get(path)?.default)}</ins>
            </p>
          </li>
        ))}
      </ul>
      <p class="hint">{say('box.config.saveHint')}</p>
      <div class="actions end">
        <Button onPress={onClose}>{say('common.cancel')}</Button>
        <Button look="main" onPress={save}>
          {say('box.config.save')}
        </Button>
      </div>
    </Dialog>
  )
}

/** `network.hosts.1` and `network.hosts[1]` belong to the field `network.hosts`. */
function fieldOf(path: string, fields: ReadonlyMap<string, Schema>): string {
  for (const candidate of fields.keys())
    if (path === candidate || path.startsWith(`${candidate}.`) || path.startsWith(`${candidate}[`))
      return candidate
  return path
}
