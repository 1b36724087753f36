/** Asks the hub to try a device out, and says what came of it. */
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import type { Result } from '../../../../protocol/methods.ts'
import { Button } from '../../../parts/button.tsx'
import { say } from '../../../words/say.ts'
import { isTechnician, useActions, useConsole } from '../../context.ts'

interface TestButtonProps {
  device: Device
  look?: 'main' | 'plain'
}

/** In the language of the page where the answer says nothing of its own; else in the hub's words. */
function wordsOf(device: Device, { job, message, ok }: Result<'device.test'>): string {
  if (!ok) return message
  if (device.class === 'printer') return say('devices.testTicket')
  if (job !== undefined && device.class === 'display') return say('devices.testDisplay')
  if (job !== undefined && device.class === 'drawer') return say('devices.testDrawer')
  return device.class === 'scanner' ? say('devices.testScanner') : message
}

export function TestButton({ device, look = 'plain' }: TestButtonProps): JSX.Element | null {
  const { session, toasts } = useConsole()
  const { call } = useActions()
  if (!isTechnician(session.role.value)) return null
  const test = async () => {
    const result = await call('device.test', { id: device.id })
    if (result !== undefined) toasts.show({ tone: result.ok ? 'good' : 'bad', text: wordsOf(device, result) })
  }
  return (
    <Button size="big" look={look} onPress={test}>
      {say('devices.test')}
    </Button>
  )
}
