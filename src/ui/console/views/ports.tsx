/** What discovery found, and the form by which a technician accepts a device. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { DeviceClass, PortRecord } from '../../../protocol/device.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { SelectField, TextField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useActions, useConsole } from '../context.ts'
import type { DriverInfo } from '../state.ts'
import { classWords } from '../words.ts'
import { deviceNameCharsMax } from './device-card.tsx'

const sourceWords: Readonly<Record<PortRecord['source'], string>> = {
  serial: 'serial or USB cable',
  mdns: 'announced on the network',
  config: 'named in the configuration',
  manual: 'added by hand',
  demo: 'demo',
}

export function PortsView(): JSX.Element {
  const { state, session } = useConsole()
  const { call } = useActions()
  const adding = useSignal<PortRecord | 'by-hand' | undefined>(undefined)
  const changes = state.portChanges.value
  const devices = state.devices.value.size
  const online = session.link.value === 'online'
  useEffect(() => {
    if (!online) return
    void call('port.list', {}).then((answer) => {
      if (answer !== undefined) state.ports.value = answer.ports
    })
  }, [changes, devices, online])
  useEffect(() => {
    if (!online) return
    void call('driver.list', {}).then((answer) => {
      if (answer !== undefined) state.drivers.value = answer.drivers
    })
  }, [online])
  const ports = state.ports.value
  return (
    <>
      <div class="toolbar">
        <p class="summary">
          Places where a device may be. A network printer that does not announce itself is added by its
          address.
        </p>
        <Button
          size="big"
          look="main"
          icon="add"
          onPress={() => {
            adding.value = 'by-hand'
          }}
        >
          Add by address
        </Button>
      </div>
      {ports.length === 0 ? (
        <div class="empty">
          <Icon name="plug" size={48} />
          <h2>No ports found</h2>
          <p>Plug a device into the hub; it appears here within seconds.</p>
        </div>
      ) : (
        <ul class="rows">
          {ports.map((port) => (
            <PortRow
              key={port.url}
              port={port}
              onAdd={() => {
                adding.value = port
              }}
            />
          ))}
        </ul>
      )}
      {adding.value !== undefined && (
        <AddDialog
          port={adding.value === 'by-hand' ? undefined : adding.value}
          drivers={state.drivers.value}
          onClose={() => {
            adding.value = undefined
          }}
        />
      )}
    </>
  )
}

function PortRow({ port, onAdd }: { port: PortRecord; onAdd: () => void }): JSX.Element {
  const { state } = useConsole()
  const device = port.device === null ? undefined : state.devices.value.get(port.device)
  return (
    <li class="row">
      <Icon name={port.suggestion?.class ?? 'plug'} size={26} />
      <div class="row-text">
        <p>
          <strong>{port.label}</strong>
        </p>
        <p class="row-sub">
          <code>{port.url}</code>, {sourceWords[port.source]}
        </p>
        {port.suggestion !== null && (
          <p class="row-sub">
            Looks like a {classWords[port.suggestion.class].toLowerCase()}: {port.suggestion.driver},{' '}
            {port.suggestion.profile}
          </p>
        )}
      </div>
      {port.device === null ? (
        <Button icon="add" look={port.suggestion === null ? 'plain' : 'main'} onPress={onAdd}>
          Add
        </Button>
      ) : (
        <Badge tone="good" icon="ready">
          {device?.name ?? port.device}
        </Badge>
      )}
    </li>
  )
}

interface AddDialogProps {
  port: PortRecord | undefined
  drivers: readonly DriverInfo[]
  onClose: () => void
}

function AddDialog({ port, drivers, onClose }: AddDialogProps): JSX.Element {
  const { state, toasts } = useConsole()
  const { call } = useActions()
  const driver = useSignal(port?.suggestion?.driver ?? drivers[0]?.id ?? '')
  const profile = useSignal(port?.suggestion?.profile ?? '')
  const address = useSignal(port?.url ?? '')
  const name = useSignal('')
  const chosen = drivers.find((candidate) => candidate.id === driver.value)
  const profiles = chosen?.profiles ?? []
  const chosenProfile = profiles.some((candidate) => candidate.id === profile.value) ? profile.value : ''
  const probe = async () => {
    const found = await call('port.probe', { port: address.value.trim() })
    if (found === undefined) return
    if (found.suggestion === null) {
      toasts.show({
        tone: 'bad',
        text: 'Nothing there that the hub knows. You can still choose a driver yourself.',
      })
      return
    }
    driver.value = found.suggestion.driver
    profile.value = found.suggestion.profile
    toasts.show({ tone: 'good', text: `Found: ${found.label}` })
  }
  const add = async () => {
    if (chosen === undefined) return
    const added = await call('device.add', {
      class: chosen.class as DeviceClass,
      driver: chosen.id,
      port: address.value.trim(),
      ...(chosenProfile === '' ? {} : { profile: chosenProfile }),
      ...(name.value.trim() === '' ? {} : { name: name.value.trim() }),
    })
    if (added === undefined) return
    state.putDevice(added)
    toasts.show({ tone: 'good', text: `${added.name} was added.` })
    onClose()
  }
  return (
    <Dialog title={port === undefined ? 'Add by address' : 'Add a device'} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <TextField
          label="Port"
          kind="code"
          required
          maxLength={400}
          placeholder="tcp://192.168.1.50:9100"
          hint="tcp://ADDRESS:PORT, serial:/dev/ttyUSB0?baud=9600, usb:04b8:0202"
          value={address.value}
          onInput={(value) => {
            address.value = value
          }}
        />
        <div class="actions">
          <Button icon="search" disabled={address.value.trim() === ''} onPress={probe}>
            Ask what is there
          </Button>
        </div>
        <SelectField
          label="Driver"
          value={driver.value}
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
          label="Profile"
          value={chosenProfile}
          choices={[
            { value: '', text: 'as the driver thinks best' },
            ...profiles.map((candidate) => ({ value: candidate.id, text: candidate.name })),
          ]}
          onChange={(value) => {
            profile.value = value
          }}
        />
        <TextField
          label="Name"
          maxLength={deviceNameCharsMax}
          placeholder="Kitchen printer"
          value={name.value}
          onInput={(value) => {
            name.value = value
          }}
        />
        <div class="actions end">
          <button type="submit" class="button look-main size-big" disabled={chosen === undefined}>
            Add the device
          </button>
        </div>
      </form>
    </Dialog>
  )
}
