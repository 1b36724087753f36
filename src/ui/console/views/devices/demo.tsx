/** The frame around demo controls: what your hands would do to the real thing. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren, JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'
import { isTechnician, useActions, useConsole } from '../../context.ts'

export function DemoBox({
  device,
  children,
}: {
  device: Device
  children: ComponentChildren
}): JSX.Element | null {
  const { session } = useConsole()
  if (!isTechnician(session.role.value)) return null
  return (
    <fieldset class="demo">
      <legend>
        {say('devices.demoControls')}
        <span class="hidden-text">, {device.name}</span>
      </legend>
      {children}
    </fieldset>
  )
}

/** Pulls the cable and puts it back. Follows the hand: a cable out is not the only reason to be absent. */
export function PlugButton({ device }: { device: Device }): JSX.Element {
  const { order } = useActions()
  const plugged = useSignal(device.state !== 'absent')
  const turn = async () => {
    const on = !plugged.value
    if ((await order(device.id, { order: 'plug', on })) !== undefined) plugged.value = on
  }
  return <Button onPress={turn}>{plugged.value ? say('devices.pull') : say('devices.plug')}</Button>
}
