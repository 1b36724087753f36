/** A cash drawer's face: open or closed, the key for it, and a warning when it opened without a job. */
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import { Badge } from '../../../parts/badge.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { clockText } from '../../../parts/time.ts'
import { say } from '../../../words/say.ts'
import { useActions, useConsole } from '../../context.ts'
import { DemoBox, PlugButton } from './demo.tsx'
import { RecentJobs } from './recent-jobs.tsx'
import { TestButton } from './test-button.tsx'

export function DrawerFace({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const { attempt } = useActions()
  const open = useDrawerOpen(device)
  return (
    <div class="face">
      <div class="status-line">
        <DrawerState device={device} />
        {open === undefined && <Badge tone="plain">{say('devices.drawerMute')}</Badge>}
      </div>
      <ForcedWarning device={device} />
      <div class="actions grow">
        {session.role.value !== 'monitor' && (
          <Button
            size="big"
            look="main"
            icon="drawer"
            onPress={() => attempt(() => session.submit(device.id, 'drawer.open', { reason: 'no_sale' }))}
          >
            {say('devices.openDrawer')}
          </Button>
        )}
        <TestButton device={device} />
      </div>
      {device.demo && (
        <DemoBox device={device}>
          <div class="hands">
            <DrawerHand device={device} />
            <PlugButton device={device} />
          </div>
        </DemoBox>
      )}
      <RecentJobs device={device} />
    </div>
  )
}

/** undefined for a drawer whose switch nobody wired, or while nobody knows. */
export function useDrawerOpen(device: Device): boolean | undefined {
  const { state } = useConsole()
  const { drawer, drawer_open: told } = device.details
  const live = state.live(device.id).drawerOpen.value
  if (live !== undefined) return live
  if (typeof told === 'boolean') return told
  return drawer === 'open' ? true : drawer === 'closed' ? false : undefined
}

export function DrawerState({ device }: { device: Device }): JSX.Element | null {
  const open = useDrawerOpen(device)
  if (open === undefined) return null
  return open ? (
    <Badge tone="wait" icon="drawer">
      {say('devices.drawerOpen')}
    </Badge>
  ) : (
    <Badge tone="plain" icon="drawer">
      {say('devices.drawerClosed')}
    </Badge>
  )
}

/** Says that the drawer was opened without a job, until a person has seen it. */
export function ForcedWarning({ device }: { device: Device }): JSX.Element | null {
  const { state } = useConsole()
  const { drawerForcedAt } = state.live(device.id)
  const at = drawerForcedAt.value
  if (at === undefined) return null
  return (
    <div class="fault tone-bad forced" role="alert">
      <Icon name="faulty" />
      <div>
        <p>
          <strong>{say('devices.forced')}</strong>, <time dateTime={at}>{clockText(at)}</time>
        </p>
        <p>{say('devices.forcedText')}</p>
      </div>
      <Button
        look="quiet"
        icon="close"
        label={say('devices.forcedSeen')}
        onPress={() => {
          drawerForcedAt.value = undefined
        }}
      />
    </div>
  )
}

/** A hand on the demo drawer. */
export function DrawerHand({ device }: { device: Device }): JSX.Element {
  const { order } = useActions()
  const open = useDrawerOpen(device) === true
  return (
    <Button onPress={() => order(device.id, { order: 'drawer', open: !open })}>
      {open ? say('devices.drawerClose') : say('devices.drawerForce')}
    </Button>
  )
}
