/** The folded part of a card: where the device is, what it says of itself, and what a technician may change. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Device } from '../../../protocol/device.ts'
import { Button } from '../../parts/button.tsx'
import { Confirm } from '../../parts/dialog.tsx'
import { SelectField } from '../../parts/field.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useActions, useConsole } from '../context.ts'
import { capabilityWords, detailText, detailWord } from '../words.ts'

export function DeviceSettings({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const open = useSignal(false)
  return (
    <details
      class="fold"
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        <Icon name="chevron" />
        Details and settings
      </summary>
      {open.value && (
        <div class="fold-body">
          <dl class="facts">
            <dt>Port</dt>
            <dd>
              <code>{device.port}</code>
            </dd>
            <dt>Driver</dt>
            <dd>
              {device.driver}, profile {device.profile}
            </dd>
            <dt>Can do</dt>
            <dd>
              {device.capabilities.map((capability) => capabilityWords[capability]).join(', ') ||
                'nothing yet'}
            </dd>
            <dt>Id</dt>
            <dd>
              <code>{device.id}</code>
            </dd>
            {Object.entries(device.details).map(([key, value]) => (
              <Fact key={key} name={detailWord(key)} text={detailText(value)} />
            ))}
          </dl>
          {session.role.value === 'technician' && <Controls device={device} />}
        </div>
      )}
    </details>
  )
}

function Fact({ name, text }: { name: string; text: string }): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  )
}

function Controls({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const asking = useSignal(false)
  const disabled = device.state === 'disabled'
  const toggle = async () => {
    const changed = await call(disabled ? 'device.enable' : 'device.disable', { id: device.id })
    if (changed !== undefined) state.putDevice(changed)
  }
  return (
    <>
      {device.class === 'printer' && <BackupChoice device={device} />}
      <div class="actions">
        <Button icon="disabled" onPress={toggle}>
          {disabled ? 'Enable' : 'Disable'}
        </Button>
        <Button
          icon="trash"
          onPress={() => {
            asking.value = true
          }}
        >
          Remove
        </Button>
      </div>
      {asking.value && (
        <Confirm
          title={`Remove ${device.name}?`}
          text="Tills can no longer use it, and jobs that wait for it fail. The hub forgets its name and settings; the device can be added again."
          doIt="Remove"
          onConfirm={() => call('device.remove', { id: device.id }, `${device.name} was removed.`)}
          onClose={() => {
            asking.value = false
          }}
        />
      )}
    </>
  )
}

function BackupChoice({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const others = state.deviceList.value.filter(
    (other) => other.id !== device.id && other.capabilities.includes('printing'),
  )
  const backup = device.details.backup
  return (
    <SelectField
      label="When this printer cannot print, send its jobs to"
      value={typeof backup === 'string' ? backup : ''}
      choices={[
        { value: '', text: 'nobody: let them wait' },
        ...others.map((other) => ({ value: other.id, text: other.name })),
      ]}
      onChange={async (id) => {
        const changed = await call('device.backup', { id: device.id, backup: id === '' ? null : id })
        if (changed !== undefined) state.putDevice(changed)
      }}
    />
  )
}
