/** One of many devices as a line: name, what is wrong with it, its state; it opens into its card. */
import type { JSX } from 'preact'
import { useId } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { sayCount } from '../../../words/say.ts'
import { blockingFaults, classWord, deviceLook, faultWord, shownFaults } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'
import { DeviceBody } from './device-card.tsx'

/** It cannot work until somebody has been there. */
export function needsSomebody(device: Device): boolean {
  return device.state === 'faulty' || blockingFaults(device).length > 0
}

interface DeviceLineProps {
  device: Device
  open: boolean
  onTurn: () => void
}

export function DeviceLine({ device, open, onTurn }: DeviceLineProps): JSX.Element {
  const { state } = useConsole()
  const bodyId = useId()
  const look = deviceLook(device.state)
  const faults = shownFaults(device)
  const waiting = state.queue(device.id).length
  return (
    <li class={`device-line${open ? ' open' : ''}`} data-device={device.id} data-state={device.state}>
      <h2>
        <button
          type="button"
          class="line-key"
          aria-expanded={open}
          aria-controls={open ? bodyId : undefined}
          onClick={onTurn}
        >
          <span class={`class-icon tone-${look.tone}`}>
            <Icon name={device.class} size={22} />
          </span>
          <span class="line-text">
            <span class="line-name">{device.name}</span>
            <span class="line-sub">
              {faults.length > 0 ? (
                <span class={faults.some(({ blocking }) => blocking) ? 'line-bad' : 'line-wait'}>
                  {faults.map(({ code }) => faultWord(code)).join(', ')}
                </span>
              ) : (
                <span>{classWord(device.class)}</span>
              )}
              {waiting > 0 && <span>{sayCount('devices.jobsWait', waiting)}</span>}
              <code>{device.port}</code>
            </span>
          </span>
          <Badge tone={look.tone} icon={look.icon}>
            {look.word}
          </Badge>
          <Icon name="chevron" />
        </button>
      </h2>
      {open && (
        <div id={bodyId} class="line-body">
          <DeviceBody device={device} />
        </div>
      )}
    </li>
  )
}
