/** Everything that is not selling: large, in words, and with the reason where it cannot be done now. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { Right } from '../../../protocol/till/people.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { TextField } from '../../parts/field.tsx'
import { Icon, type IconName } from '../../parts/icon.tsx'
import { say } from '../../words/say.ts'
import { useActions, useTill } from '../context.ts'
import type { Screen } from '../contract.ts'
import { TillIcon, type TillIconName } from '../parts/icons.tsx'

interface Entry {
  text: string
  icon: JSX.Element
  act: () => unknown
  /** Why not now; undefined when it can be done. */
  reason?: string | undefined
}

const common = (name: IconName) => <Icon name={name} size={24} />
const own = (name: TillIconName) => <TillIcon name={name} />

export function MoreMenu({ onClose }: { onClose: () => void }): JSX.Element {
  const { desk, link, screen } = useTill()
  const asking = useSignal(false)
  const away = link.stage.value !== 'online'
  const needs = (right: Right, hub = true): string | undefined => {
    if (!desk.may(right)) return say('till.needs_right', { right: say(`till.right.${right}`) })
    return hub && away ? say('till.needs_hub') : undefined
  }
  const go = (to: Screen) => () => {
    screen.value = to
  }
  const training = desk.training.value
  const entries: Entry[] = [
    { text: say('till.menu.cash'), icon: own('cash'), act: go('cash'), reason: needs('cashier', false) },
    {
      text: say('till.menu.drawer'),
      icon: common('drawer'),
      act: () => {
        asking.value = true
      },
      reason: needs('cashier'),
    },
    { text: say('till.menu.closing'), icon: own('z'), act: go('closing'), reason: needs('cashier') },
    {
      text: say('till.menu.sessions'),
      icon: own('orders'),
      act: go('sessions'),
      reason: away ? say('till.needs_hub') : undefined,
    },
    { text: say('till.menu.reports'), icon: own('chart'), act: go('reports'), reason: needs('cashier') },
    { text: say('till.menu.state'), icon: own('cloud'), act: go('state') },
    { text: say('till.menu.settings'), icon: common('config'), act: go('settings') },
    {
      text: training ? say('till.menu.training.end') : say('till.menu.training'),
      icon: own('school'),
      act: () => {
        desk.training.value = !training
        screen.value = 'sell'
      },
    },
    { text: say('till.menu.log_out'), icon: common('leave'), act: () => desk.logOut() },
  ]
  if (asking.value) return <DrawerDialog onClose={onClose} />
  return (
    <Dialog title={say('till.nav.more')} onClose={onClose}>
      <div class="more-menu">
        {entries.map(({ act, icon, reason, text }) => (
          <button
            key={text}
            type="button"
            class="more-entry"
            aria-disabled={reason !== undefined || undefined}
            onClick={() => {
              if (reason !== undefined) return
              void act()
              if (!asking.value) onClose()
            }}
          >
            {icon}
            <span>{text}</span>
            {reason !== undefined && <small>{reason}</small>}
          </button>
        ))}
      </div>
    </Dialog>
  )
}

/** A drawer opens without a sale only with a reason: it is in the ledger. */
function DrawerDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const { desk } = useTill()
  const { attempt } = useActions()
  const reason = useSignal('')
  const open = async () => {
    if (reason.value.trim() === '') return
    const done = await attempt(async () => {
      await desk.openDrawer(reason.value.trim())
      return true
    })
    if (done) onClose()
  }
  return (
    <Dialog title={say('till.menu.drawer')} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void open()
        }}
      >
        <TextField
          label={say('till.drawer.reason')}
          value={reason.value}
          maxLength={200}
          autofocus
          onInput={(text) => {
            reason.value = text
          }}
        />
        <div class="actions end">
          <Button size="big" onPress={onClose}>
            {say('common.cancel')}
          </Button>
          <Button size="big" look="main" disabled={reason.value.trim() === ''} onPress={open}>
            {say('till.menu.drawer')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
