/** How the hub is, as a badge. */
import type { JSX } from 'preact'
import { Badge } from '../../parts/badge.tsx'
import { say } from '../../words/say.ts'
import { useConsole } from '../context.ts'

export function HealthBadge(): JSX.Element {
  const { state, session } = useConsole()
  if (session.ready.value && session.link.value !== 'online')
    return (
      <Badge tone="bad" icon="absent">
        {say('shell.health.lost')}
      </Badge>
    )
  switch (state.hub.value?.status) {
    case 'ready':
      return (
        <Badge tone="good" icon="ready">
          {say('shell.health.ready')}
        </Badge>
      )
    case 'degraded':
      return (
        <Badge tone="wait" icon="faulty">
          {say('shell.health.degraded')}
        </Badge>
      )
    case 'starting':
      return (
        <Badge tone="busy" icon="busy">
          {say('shell.health.starting')}
        </Badge>
      )
    default:
      return (
        <Badge tone="wait" icon="connecting">
          {say('shell.health.connecting')}
        </Badge>
      )
  }
}
