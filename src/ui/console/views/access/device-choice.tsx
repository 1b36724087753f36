/** Which devices a till may use: all of them, or those that are ticked. */
import type { JSX } from 'preact'
import { FieldError } from '../../../parts/field.tsx'
import { say } from '../../../words/say.ts'
import { classWord } from '../../../words/things.ts'
import { useConsole } from '../../context.ts'

interface DeviceChoiceProps {
  /** null for all. */
  value: readonly string[] | null
  error?: string | undefined
  onChange: (value: readonly string[] | null) => void
}

export function DeviceChoice({ value, error, onChange }: DeviceChoiceProps): JSX.Element {
  const { state } = useConsole()
  const devices = state.deviceList.value
  const toggle = (id: string, on: boolean) => {
    const others = (value ?? []).filter((other) => other !== id)
    onChange(on ? [...others, id] : others)
  }
  return (
    <fieldset class="choice">
      <legend class="label">{say('common.devices')}</legend>
      <label class="tick">
        <input
          type="checkbox"
          checked={value === null}
          onChange={(event) => onChange(event.currentTarget.checked ? null : [])}
        />
        <span>{say('access.devices.all')}</span>
      </label>
      {value !== null && (
        <ul class="ticks">
          {devices.map((device) => (
            <li key={device.id}>
              <label class="tick">
                <input
                  type="checkbox"
                  checked={value.includes(device.id)}
                  onChange={(event) => toggle(device.id, event.currentTarget.checked)}
                />
                <span>
                  {device.name} <span class="hint">{classWord(device.class)}</span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
      <FieldError error={error} />
    </fieldset>
  )
}
