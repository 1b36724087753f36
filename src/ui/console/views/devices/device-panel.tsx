/** The folded part of a card: where the device is, what it says of itself, and what a technician may change. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import { Button } from '../../../parts/button.tsx'
import { Confirm } from '../../../parts/dialog.tsx'
import { Fact } from '../../../parts/fact.tsx'
import { SelectField } from '../../../parts/field.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { say } from '../../../words/say.ts'
import { capabilityWord, detailText, detailWord } from '../../../words/things.ts'
import { isTechnician, useActions, useConsole } from '../../context.ts'
import { LogLevelChoice } from './log-level.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { TraceDialog } from './trace-dialog.tsx'

export function DevicePanel({ device }: { device: Device }): JSX.Element {
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
        {say('devices.panel')}
      </summary>
      {open.value && (
        <div class="fold-body">
          <dl class="facts">
            <dt>{say('devices.port')}</dt>
            <dd>
              <code>{device.port}</code>
            </dd>
            <dt>{say('devices.driver')}</dt>
            <dd>{say('devices.driverAndProfile', { driver: device.driver, profile: device.profile })}</dd>
            <dt>{say('devices.canDo')}</dt>
            <dd>
              {device.capabilities.map((capability) => capabilityWord(capability)).join(', ') ||
                say('devices.canDoNothing')}
            </dd>
            <dt>{say('devices.id')}</dt>
            <dd>
              <code>{device.id}</code>
            </dd>
            {Object.entries(device.details).map(([key, value]) => (
              <Fact key={key} name={detailWord(key)}>
                {detailText(value)}
              </Fact>
            ))}
          </dl>
          {isTechnician(session.role.value) ? <Controls device={device} /> : <JobsLink device={device} />}
        </div>
      )}
    </details>
  )
}

function JobsLink({ device }: { device: Device }): JSX.Element {
  return (
    <a class="button look-plain size-normal" href={`#/jobs/${device.id}`}>
      <Icon name="jobs" />
      <span>{say('devices.itsJobs')}</span>
    </a>
  )
}

function Controls({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const { call } = useActions()
  const asking = useSignal<'settings' | 'trace' | 'remove' | undefined>(undefined)
  const disabled = device.state === 'disabled'
  const ask = (what: typeof asking.value) => () => {
    asking.value = what
  }
  const done = ask(undefined)
  const toggle = async () => {
    const changed = await call(disabled ? 'device.enable' : 'device.disable', { id: device.id })
    if (changed !== undefined) state.putDevice(changed)
  }
  return (
    <>
      {device.class === 'printer' && <BackupChoice device={device} />}
      <LogLevelChoice device={device} />
      <div class="actions">
        <Button icon="pencil" onPress={ask('settings')}>
          {say('devices.settings')}
        </Button>
        <Button icon="events" onPress={ask('trace')}>
          {say('devices.trace')}
        </Button>
        <JobsLink device={device} />
        <Button icon="disabled" onPress={toggle}>
          {disabled ? say('devices.enable') : say('devices.disable')}
        </Button>
        <Button icon="trash" onPress={ask('remove')}>
          {say('devices.remove')}
        </Button>
      </div>
      {asking.value === 'settings' && <SettingsDialog device={device} onClose={done} />}
      {asking.value === 'trace' && <TraceDialog device={device} onClose={done} />}
      {asking.value === 'remove' && (
        <Confirm
          title={say('devices.removeTitle', { name: device.name })}
          text={say('devices.removeText')}
          doIt={say('devices.remove')}
          onConfirm={() =>
            call('device.remove', { id: device.id }, say('devices.removed', { name: device.name }))
          }
          onClose={done}
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
      label={say('devices.backup')}
      value={typeof backup === 'string' ? backup : ''}
      choices={[
        { value: '', text: say('devices.backupNone') },
        ...others.map((other) => ({ value: other.id, text: other.name })),
      ]}
      onChange={async (id) => {
        const changed = await call('device.backup', { id: device.id, backup: id === '' ? null : id })
        if (changed !== undefined) state.putDevice(changed)
      }}
    />
  )
}
