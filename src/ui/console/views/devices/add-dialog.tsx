/** The form by which a technician accepts a device: where it is, in which language, under which name. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { DeviceClass, PortRecord } from '../../../../protocol/device.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { SelectField, TextField } from '../../../parts/field.tsx'
import { Progress } from '../../../parts/progress.tsx'
import { say } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import type { DriverInfo } from '../../state.ts'
import type { Suggestion } from '../../use-ports.ts'
import { deviceNameCharsMax } from './device-card.tsx'
import { probeTimes, useProbe } from './port-row.tsx'

/** One of each kind of address. */
const portExamples = 'tcp://192.168.1.50:9100, serial:/dev/ttyUSB0?baud=9600, usb:04b8:0202, page:counter'

/** What the form starts with. */
export interface AddStart {
  port?: PortRecord
  address?: string
  driver?: string
  name?: string
}

interface AddDialogProps {
  start: AddStart
  drivers: readonly DriverInfo[]
  onClose: () => void
}

export function AddDialog({ start, drivers, onClose }: AddDialogProps): JSX.Element {
  const { state, toasts, clock } = useConsole()
  const { call } = useActions()
  const ask = useProbe()
  const { port } = start
  const suggestion = useSignal<Suggestion | null>(port?.suggestion ?? null)
  const driver = useSignal(suggestion.value?.driver ?? start.driver ?? '')
  const profile = useSignal(suggestion.value?.profile ?? '')
  const address = useSignal(suggestion.value?.port ?? port?.url ?? start.address ?? '')
  const name = useSignal((suggestion.value === null ? start.name : port?.label) ?? '')
  const asking = useSignal(false)
  const chosen = drivers.find((candidate) => candidate.id === driver.value) ?? drivers[0]
  const profiles = chosen?.profiles ?? []
  const chosenProfile = profiles.some((candidate) => candidate.id === profile.value) ? profile.value : ''
  const probe = async () => {
    asking.value = true
    const found = await ask(address.value.trim())
    asking.value = false
    if (found === undefined) return
    if (found.suggestion === null) {
      toasts.show({
        tone: 'bad',
        text: say('devices.nothingKnown'),
      })
      return
    }
    suggestion.value = found.suggestion
    driver.value = found.suggestion.driver
    profile.value = found.suggestion.profile
    address.value = found.suggestion.port ?? address.value
    toasts.show({ tone: 'good', text: say('devices.foundThing', { thing: found.label }) })
  }
  const add = async () => {
    if (chosen === undefined) return
    // What was found out about the thing holds for the language in which it was found out.
    const settings = chosen.id === suggestion.value?.driver ? suggestion.value.settings : undefined
    const added = await call('device.add', {
      class: chosen.class as DeviceClass,
      driver: chosen.id,
      port: address.value.trim(),
      ...(chosenProfile === '' ? {} : { profile: chosenProfile }),
      ...(name.value.trim() === '' ? {} : { name: name.value.trim() }),
      ...(settings === undefined ? {} : { settings }),
    })
    if (added === undefined) return
    state.putDevice(added)
    toasts.show({ tone: 'good', text: say('devices.added', { name: added.name }) })
    onClose()
  }
  return (
    <Dialog
      title={port === undefined ? say('devices.addByAddress') : say('devices.addTitle')}
      onClose={onClose}
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <TextField
          label={say('devices.port')}
          kind="code"
          required
          maxLength={400}
          placeholder="tcp://192.168.1.50:9100"
          hint={say('devices.portHint', { examples: portExamples })}
          value={address.value}
          onInput={(value) => {
            address.value = value
          }}
        />
        <div class="actions">
          <Button icon="search" disabled={address.value.trim() === '' || asking.value} onPress={probe}>
            {say('devices.ask')}
          </Button>
        </div>
        {asking.value && (
          <Progress clock={clock} text={say('devices.asking')} msMax={probeTimes.askedMsMax} />
        )}
        <SelectField
          label={say('devices.driver')}
          value={chosen?.id ?? ''}
          choices={drivers.map((candidate) => ({
            value: candidate.id,
            text: `${candidate.name} (${candidate.id})`,
          }))}
          onChange={(value) => {
            driver.value = value
            profile.value = ''
          }}
        />
        <SelectField
          label={say('devices.profile')}
          value={chosenProfile}
          choices={[
            { value: '', text: say('devices.profileAuto') },
            ...profiles.map((candidate) => ({ value: candidate.id, text: candidate.name })),
          ]}
          onChange={(value) => {
            profile.value = value
          }}
        />
        <TextField
          label={say('devices.nameShort')}
          maxLength={deviceNameCharsMax}
          placeholder={say('devices.nameExample')}
          value={name.value}
          onInput={(value) => {
            name.value = value
          }}
        />
        <div class="actions end">
          <button type="submit" class="button look-main size-big" disabled={chosen === undefined}>
            {say('devices.addDo')}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
