/** A customer display's face: what it shows as far as the hub tells, and for one in a browser the address of its page. */
import type { JSX } from 'preact'
import type { Device } from '../../../../protocol/device.ts'
import type { DisplayShowPayload } from '../../../../protocol/job.ts'
import { Button } from '../../../parts/button.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { isPage } from '../../../words/things.ts'
import { useActions, useConsole } from '../../context.ts'
import { DemoBox, PlugButton } from './demo.tsx'
import { RecentJobs } from './recent-jobs.tsx'
import { TestButton } from './test-button.tsx'

/** Last items of a cart that stand on the card. */
const itemsShown = 3

export function DisplayFace({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const { attempt } = useActions()
  const inBrowser = isPage(device)
  return (
    <div class="face">
      {inBrowser && <Shown device={device} />}
      <div class="actions grow">
        <TestButton device={device} look="main" />
        {session.role.value !== 'monitor' && (
          <Button size="big" onPress={() => attempt(() => session.submit(device.id, 'display.clear', {}))}>
            {say('devices.displayClear')}
          </Button>
        )}
      </div>
      {inBrowser && <PageLink device={device} />}
      {device.demo && !inBrowser && (
        <DemoBox device={device}>
          <div class="hands">
            <PlugButton device={device} />
          </div>
        </DemoBox>
      )}
      <RecentJobs device={device} />
    </div>
  )
}

function Shown({ device }: { device: Device }): JSX.Element {
  const { state } = useConsole()
  const document = state.live(device.id).display.value
  return (
    <div class="display-panel" aria-live="polite">
      {document === undefined ? (
        <p class="scan-none">{say('devices.displayNext')}</p>
      ) : document === null ? (
        <p class="scan-none">{say('devices.displayIdle')}</p>
      ) : (
        <Document document={document} />
      )}
    </div>
  )
}

function Document({ document }: { document: DisplayShowPayload }): JSX.Element {
  const { items = [], lines, message, qr, total } = document
  const bare = items.length === 0 && total === undefined && message === undefined
  const earlier = items.length - itemsShown
  return (
    <>
      {earlier > 0 && <p class="display-more">{sayCount('devices.displayMore', earlier)}</p>}
      {items.slice(-itemsShown).map((item, index) => (
        // The last lines of a cart have no names of their own.
        <p key={index} class="display-line">
          <span dir="auto">
            {item.quantity === undefined ? '' : `${item.quantity} × `}
            {item.text}
          </span>
          <span>{item.amount}</span>
        </p>
      ))}
      {bare && lines?.map((line, index) => <p key={index}>{line}</p>)}
      {message !== undefined && <p dir="auto">{message}</p>}
      {total !== undefined && (
        <p class="display-line display-total">
          <span dir="auto">{total.label ?? say('devices.total')}</span>
          <span>{total.amount}</span>
        </p>
      )}
      {qr !== undefined && <p class="display-more">{say('devices.displayQr')}</p>}
    </>
  )
}

function PageLink({ device }: { device: Device }): JSX.Element {
  const { session } = useConsole()
  const address = new URL(`display/#device=${device.id}`, session.hub).href
  return (
    <p class="display-link">
      {say('devices.displayLink')}{' '}
      <a href={address} target="_blank" rel="noreferrer">
        {address}
      </a>
    </p>
  )
}
