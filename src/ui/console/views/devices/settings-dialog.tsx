/** The settings of a device: a form made of its driver's schema, its profile and its port; errors stand at their field. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import { type HubError, toHubError } from '../../../../protocol/errors.ts'
import type { Params, Result } from '../../../../protocol/methods.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { hintFor, sentenceOf } from '../../../parts/error-words.ts'
import { SelectField, TextField } from '../../../parts/field.tsx'
import { SchemaForm } from '../../../parts/schema-form.tsx'
import {
  fieldsOf,
  problemOf,
  type Schema,
  sameValue,
  valueAt,
  withValue,
} from '../../../parts/schema-values.ts'
import { say } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import { FormError } from '../../frame/form-error.tsx'
import { usePorts } from '../../use-ports.ts'
import '../../styles/schema-form.css'
import { JsonSetting } from './json-setting.tsx'
import { settingsFields } from './settings-schema.ts'

type Settings = Readonly<Record<string, unknown>>

interface SettingsDialogProps {
  device: Device
  onClose: () => void
}

export function SettingsDialog({ device, onClose }: SettingsDialogProps): JSX.Element {
  const { session } = useConsole()
  const found = useSignal<Result<'device.settings'> | undefined>(undefined)
  const error = useSignal<HubError | undefined>(undefined)
  useEffect(() => {
    session.call('device.settings', { id: device.id }).then(
      (answer) => {
        found.value = answer
      },
      (thrown: unknown) => {
        error.value = toHubError(thrown)
      },
    )
  }, [session, device.id, found, error])
  return (
    <Dialog title={say('devices.settingsTitle', { name: device.name })} onClose={onClose}>
      {found.value !== undefined ? (
        <SettingsForm device={device} found={found.value} onClose={onClose} />
      ) : error.value !== undefined ? (
        <FormError error={error.value} />
      ) : (
        <p role="status">{say('common.loading')}</p>
      )}
    </Dialog>
  )
}

interface SettingsFormProps extends SettingsDialogProps {
  found: Result<'device.settings'>
}

function SettingsForm({ device, found, onClose }: SettingsFormProps): JSX.Element {
  const { session, state, toasts } = useConsole()
  usePorts()
  const { schema, asJson } = settingsFields(found.schema as Schema)
  const settings = useSignal<Settings>(found.settings)
  const profile = useSignal(device.profile)
  const port = useSignal(device.port)
  const wrongJson = useSignal<ReadonlySet<string>>(new Set())
  const error = useSignal<HubError | undefined>(undefined)
  const profiles = state.drivers.value.find(({ id }) => id === device.driver)?.profiles ?? []
  const fields = fieldsOf(schema)
  const usual = (name: string) => valueAt(found.profile, name)
  const broken =
    wrongJson.value.size > 0 ||
    fields.some((field) => problemOf(field.schema, valueAt(settings.value, field.path)) !== undefined)
  const changes = changesOf(device, found, {
    settings: settings.value,
    profile: profile.value,
    port: port.value.trim(),
  })
  const change = (path: string, value: unknown) => {
    error.value = undefined
    settings.value = withValue(settings.value, path, value ?? undefined)
  }
  const save = async () => {
    if (changes === undefined) return
    error.value = undefined
    try {
      state.putDevice(await session.call('device.configure', { id: device.id, ...changes }))
      toasts.show({ tone: 'good', text: say('devices.settingsSaved', { name: device.name }) })
      onClose()
    } catch (thrown) {
      error.value = toHubError(thrown)
    }
  }
  const at = error.value && fieldOf(error.value, [...fields.map(({ path }) => path), ...asJson])
  const reason = String(error.value?.context.reason ?? '')
  const changed = new Set(
    fields
      .map(({ path }) => path)
      .filter((path) => !sameValue(valueAt(settings.value, path), valueAt(found.settings, path))),
  )
  return (
    <form
      class="form settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <SelectField
        label={say('devices.profile')}
        hint={say('devices.profileHint')}
        value={profile.value}
        choices={
          profiles.length > 0
            ? profiles.map(({ id, name }) => ({ value: id, text: name }))
            : [{ value: device.profile, text: device.profile }]
        }
        onChange={(id) => {
          profile.value = id
        }}
      />
      <TextField
        label={say('devices.port')}
        kind="code"
        maxLength={400}
        value={port.value}
        onInput={(value) => {
          error.value = undefined
          port.value = value
        }}
      />
      {fields.length > 0 && (
        <SchemaForm
          schema={schema}
          values={settings.value}
          defaults={found.profile}
          errors={at === undefined ? {} : { [at]: reason }}
          changed={changed}
          backText={say('devices.backToProfile')}
          onChange={change}
        />
      )}
      {asJson.map((name) => (
        <JsonSetting
          key={name}
          name={name}
          value={settings.value[name]}
          usual={usual(name)}
          error={at === name ? reason : undefined}
          onChange={(value) => change(name, value)}
          onWrong={(wrong) => {
            const names = new Set(wrongJson.value)
            if (wrong) names.add(name)
            else names.delete(name)
            wrongJson.value = names
          }}
        />
      ))}
      <div role="alert">
        {error.value !== undefined && (
          <p class="form-error">
            {at !== undefined
              ? say('devices.settingsRefused')
              : `${sentenceOf(error.value, state.devices.value)} ${hintFor(error.value.code, error.value.who)}`}{' '}
            <code>{error.value.code}</code>
          </p>
        )}
      </div>
      <div class="actions end form-foot">
        <p class="hint">{say('devices.settingsHint')}</p>
        <Button size="big" onPress={onClose}>
          {say('common.cancel')}
        </Button>
        <button type="submit" class="button look-main size-big" disabled={changes === undefined || broken}>
          {say('common.save')}
        </button>
      </div>
    </form>
  )
}

interface Wanted {
  settings: Settings
  profile: string
  port: string
}

/** What is to be told to the hub; undefined when everything is as it was. */
function changesOf(
  device: Device,
  found: Result<'device.settings'>,
  { settings, profile, port }: Wanted,
): Omit<Params<'device.configure'>, 'id'> | undefined {
  const changes = {
    ...(sameSettings(settings, found.settings) ? {} : { settings: { ...settings } }),
    ...(profile === device.profile ? {} : { profile }),
    ...(port === device.port || port === '' ? {} : { port }),
  }
  return Object.keys(changes).length === 0 ? undefined : changes
}

function sameSettings(a: Settings, b: Settings): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => sameValue(a[name], b[name]))
}

/** `settings.columns` of the hub is the field `columns`; a place within a list or a map is said at the whole of it. */
function fieldOf({ code, context }: HubError, names: readonly string[]): string | undefined {
  if (code !== 'settings_invalid') return undefined
  const path = String(context.path).replace(/^settings\./, '')
  return names.find((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
}
