/** Asks the hub to try a device out, and says what came of it. */
import type { JSX } from 'preact'
import type { Device } from '../../../protocol/device.ts'
import { Button } from '../../parts/button.tsx'
import { useActions, useConsole } from '../context.ts'

interface TestButtonProps {
  device: Device
  look?: 'main' | 'plain'
}

export function TestButton({ device, look = 'plain' }: TestButtonProps): JSX.Element | null {
  const { session, toasts } = useConsole()
  const { call } = useActions()
  if (session.role.value !== 'technician') return null
  const test = async () => {
    const result = await call('device.test', { id: device.id })
    if (result !== undefined) toasts.show({ tone: result.ok ? 'good' : 'bad', text: result.message })
  }
  return (
    <Button size="big" look={look} onPress={test}>
      Test
    </Button>
  )
}
