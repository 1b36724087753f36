/** The hub's own state: a badge in the header, and behind it reasons, version and this browser's pairing. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { ageText } from '../../parts/time.ts'
import { useConsole } from '../context.ts'
import { roleWords } from '../words.ts'

export function HealthBadge(): JSX.Element {
  const { state, session } = useConsole()
  if (session.ready.value && session.link.value !== 'online')
    return (
      <Badge tone="bad" icon="absent">
        Connection lost
      </Badge>
    )
  switch (state.hub.value?.status) {
    case 'ready':
      return (
        <Badge tone="good" icon="ready">
          Ready
        </Badge>
      )
    case 'degraded':
      return (
        <Badge tone="wait" icon="faulty">
          Degraded
        </Badge>
      )
    case 'starting':
      return (
        <Badge tone="busy" icon="busy">
          Starting
        </Badge>
      )
    default:
      return (
        <Badge tone="wait" icon="connecting">
          Connecting
        </Badge>
      )
  }
}

export function HubPanel({ onClose }: { onClose: () => void }): JSX.Element {
  const { state, session, clock } = useConsole()
  const sure = useSignal(false)
  const hub = state.hub.value
  return (
    <Dialog title={hub?.name ?? 'Hub'} onClose={onClose}>
      <div class="actions">
        <HealthBadge />
        {hub?.demo === true && <Badge tone="doubt">Demo devices are on</Badge>}
      </div>
      {hub !== undefined && hub.reasons.length > 0 && (
        <ul class="reasons">
          {hub.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {hub !== undefined && (
        <dl class="facts">
          <dt>Id</dt>
          <dd>{hub.hub}</dd>
          <dt>Version</dt>
          <dd>{hub.version}</dd>
          <dt>Started</dt>
          <dd>{ageText(clock.now.value - Date.parse(hub.startedAt))}</dd>
          <dt>Clients</dt>
          <dd>{hub.clients} connected now</dd>
          <dt>This browser</dt>
          <dd>{session.role.value === undefined ? 'paired' : roleWords[session.role.value]}</dd>
        </dl>
      )}
      <div class="actions">
        {sure.value ? (
          <>
            <p>This browser needs a new pairing code afterwards.</p>
            <Button look="danger" onPress={() => session.forget()}>
              Yes, forget it
            </Button>
            <Button
              onPress={() => {
                sure.value = false
              }}
            >
              Keep it
            </Button>
          </>
        ) : (
          <Button
            icon="key"
            onPress={() => {
              sure.value = true
            }}
          >
            Forget this browser
          </Button>
        )}
      </div>
    </Dialog>
  )
}
