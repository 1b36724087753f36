/** One device: name and state, faults with a way out, what its class can do, and behind a fold its settings. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import type { Device, Fault } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { ageText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import {
  classWord,
  deviceLook,
  faultAdvice,
  faultWord,
  shownFaults,
  stateAdvice,
} from '../../../words/things.ts'
import { isTechnician, useActions, useConsole } from '../../context.ts'
import { DevicePanel } from './device-panel.tsx'
import { DisplayFace } from './display.tsx'
import { DrawerFace } from './drawer.tsx'
import { PrinterFace } from './printer.tsx'
import { ScaleFace } from './scale.tsx'
import { ScannerFace } from './scanner.tsx'
import { TestButton } from './test-button.tsx'

export const deviceNameCharsMax = 80

interface DeviceCardProps {
  device: Device
  /** It was accepted a moment ago: the first thing to do is to try it. */
  isNew?: boolean
  /** The person has seen that it is there. */
  onSeen?: () => void
}

export function DeviceCard({ device, isNew = false, onSeen }: DeviceCardProps): JSX.Element {
  const headingId = useId()
  const look = deviceLook(device.state)
  const paper = device.demo && device.class === 'printer'
  return (
    <article
      class={`card device${paper ? ' device-wide' : ''}`}
      aria-labelledby={headingId}
      data-device={device.id}
    >
      <header class="device-head">
        <span class={`class-icon tone-${look.tone}`}>
          <Icon name={device.class} size={26} />
        </span>
        <div class="device-title">
          <Name device={device} headingId={headingId} />
          <p class="device-sub">
            {classWord(device.class)}
            {device.demo && `, ${say('devices.demo')}`}
          </p>
        </div>
        <span role="status" class="device-state">
          <Badge tone={look.tone} icon={look.icon}>
            {look.word}
          </Badge>
        </span>
      </header>
      {isNew && <NewNote device={device} onSeen={onSeen ?? (() => {})} />}
      <Trouble device={device} />
      <Face device={device} />
      <DevicePanel device={device} />
    </article>
  )
}

/** The same without its head: what a line opens into. */
export function DeviceBody({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const headingId = useId()
  return (
    <>
      <Trouble device={device} />
      <Face device={device} />
      {isTechnician(session.role.value) && <Name device={device} headingId={headingId} />}
      <DevicePanel device={device} />
    </>
  )
}

function Trouble({ device }: { device: Device }): JSX.Element {
  const advice = stateAdvice(device)
  return (
    <>
      {advice !== undefined && <p class="advice">{advice}</p>}
      <Faults faults={shownFaults(device)} />
    </>
  )
}

function NewNote({ device, onSeen }: { device: Device; onSeen: () => void }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  // The button that was pressed is gone: what comes next has the focus.
  useEffect(() => box.current?.querySelector('button')?.focus(), [])
  return (
    <div ref={box} class="new-note">
      <p role="status">
        <strong>{say('devices.inUseNow')}</strong> {say('devices.tryIt')}
      </p>
      <div class="actions">
        <TestButton device={device} look="main" />
        <Button size="big" look="quiet" onPress={onSeen}>
          {say('devices.seen')}
        </Button>
      </div>
    </div>
  )
}

function Face({ device }: { device: Device }): JSX.Element {
  switch (device.class) {
    case 'printer':
      return <PrinterFace device={device} />
    case 'scale':
      return <ScaleFace device={device} />
    case 'scanner':
      return <ScannerFace device={device} />
    case 'display':
      return <DisplayFace device={device} />
    case 'drawer':
      return <DrawerFace device={device} />
    case 'terminal':
      return (
        <div class="actions">
          <TestButton device={device} />
        </div>
      )
  }
}

function Faults({ faults }: { faults: readonly Fault[] }): JSX.Element {
  const { clock } = useConsole()
  return (
    <ul class="faults" aria-live="polite">
      {faults.map((fault) => (
        <li key={fault.code} class={fault.blocking ? 'fault tone-bad' : 'fault tone-wait'}>
          <Icon name="faulty" />
          <div>
            <p class="fault-head">
              <strong>{faultWord(fault.code)}</strong>
              <span>{ageText(clock.now.value - Date.parse(fault.since))}</span>
            </p>
            <p>{faultAdvice(fault)}</p>
          </div>
        </li>
      ))}
    </ul>
  )
}

/** The name, and for a technician a button that turns into a field. */
function Name({ device, headingId }: { device: Device; headingId: string }): JSX.Element {
  const { session, state } = useConsole()
  const { call } = useActions()
  const editing = useSignal(false)
  const rename = async (name: string) => {
    editing.value = false
    if (name.trim() === '' || name.trim() === device.name) return
    const renamed = await call('device.rename', { id: device.id, name: name.trim() })
    if (renamed !== undefined) state.putDevice(renamed)
  }
  if (editing.value)
    return (
      <NameField
        headingId={headingId}
        name={device.name}
        onDone={rename}
        onCancel={() => {
          editing.value = false
        }}
      />
    )
  return (
    <h2 id={headingId} class="device-name">
      {isTechnician(session.role.value) ? (
        <button
          type="button"
          class="name-button"
          title={say('devices.rename')}
          onClick={() => {
            editing.value = true
          }}
        >
          {device.name}
          <span class="hidden-text">, {say('devices.renameAloud')}</span>
          <Icon name="pencil" size={16} />
        </button>
      ) : (
        device.name
      )}
    </h2>
  )
}

interface NameFieldProps {
  headingId: string
  name: string
  onDone: (name: string) => void
  onCancel: () => void
}

function NameField({ headingId, name, onDone, onCancel }: NameFieldProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  return (
    <form
      class="name-row"
      onSubmit={(event) => {
        event.preventDefault()
        onDone(field.current?.value ?? '')
      }}
    >
      <h2 id={headingId} class="hidden-text">
        {name}
      </h2>
      <input
        ref={field}
        type="text"
        aria-label={say('devices.name')}
        defaultValue={name}
        maxLength={deviceNameCharsMax}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel()
        }}
      />
      <button type="submit" class="button look-main">
        {say('devices.save')}
      </button>
    </form>
  )
}
