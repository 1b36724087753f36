/** A locked till: the shop and the time from afar; a touch asks who is there. The order in hand stays. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Button } from '../../../parts/button.tsx'
import { clockText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useTill } from '../../context.ts'
import { LogIn } from './log-in.tsx'

export function LockScreen(): JSX.Element {
  const { clock, desk, link } = useTill()
  const asking = useSignal(false)
  const employee = desk.employee.value
  const away = link.stage.value !== 'online'
  if (asking.value && !away)
    return (
      <>
        <LogIn {...(employee?.hasPin && { only: employee.id })} />
        <Button
          size="big"
          look="quiet"
          onPress={() => {
            asking.value = false
          }}
        >
          {say('common.cancel')}
        </Button>
      </>
    )
  return (
    <button
      type="button"
      class="lock-screen"
      onClick={() => {
        desk.unlock()
        asking.value = true
      }}
    >
      <time class="amount">{clockText(new Date(clock.now.value).toISOString()).slice(0, 5)}</time>
      <span>{say('start.locked', { name: employee?.name ?? '' })}</span>
      <small>{say('start.locked.touch')}</small>
    </button>
  )
}
