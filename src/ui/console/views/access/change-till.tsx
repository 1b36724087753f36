/** Another name for a till, and the devices it is held to. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Dialog } from '../../../parts/dialog.tsx'
import { TextField } from '../../../parts/field.tsx'
import { Form } from '../../../parts/form.tsx'
import { say } from '../../../words/say.ts'
import { useActions } from '../../context.ts'
import { clientNameCharsMax } from './add-till.tsx'
import { DeviceChoice } from './device-choice.tsx'
import type { Till } from './tills.tsx'

interface ChangeTillProps {
  till: Till
  onDone: () => unknown
  onClose: () => void
}

export function ChangeTillDialog({ till, onDone, onClose }: ChangeTillProps): JSX.Element {
  const { call } = useActions()
  const name = useSignal(till.name)
  const devices = useSignal<readonly string[] | null>(till.devices)
  const tried = useSignal(false)
  const nameless = name.value.trim() === ''
  const nothing = devices.value !== null && devices.value.length === 0
  const save = async () => {
    tried.value = true
    if (nameless || nothing) return
    const limit = till.role === 'technician' ? {} : { devices: devices.value && [...devices.value] }
    const changed = await call('token.change', { id: till.id, name: name.value.trim(), ...limit })
    if (changed === undefined) return
    void onDone()
    onClose()
  }
  return (
    <Dialog title={say('access.change_of', { name: till.name })} onClose={onClose}>
      <Form send={say('common.save')} onSend={save}>
        <TextField
          label={say('common.name')}
          maxLength={clientNameCharsMax}
          value={name.value}
          error={tried.value && nameless ? say('common.required') : undefined}
          onInput={(value) => {
            name.value = value
          }}
        />
        {till.role !== 'technician' && (
          <DeviceChoice
            value={devices.value}
            error={tried.value && nothing ? say('access.devices.least') : undefined}
            onChange={(value) => {
              devices.value = value
            }}
          />
        )}
        <p class="hint">{say('access.till.reconnects')}</p>
      </Form>
    </Dialog>
  )
}
