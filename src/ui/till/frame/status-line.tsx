/** Both links in words, always in sight; a touch leads to what works and what waits. */
import type { JSX } from 'preact'
import { say } from '../../words/say.ts'
import { useTill } from '../context.ts'
import { standingOf } from './standing.ts'

export function StatusLine(): JSX.Element {
  const till = useTill()
  const { cloud, here, hub, tone } = standingOf(till)
  return (
    <button
      type="button"
      class={`status-line tone-${tone}`}
      onClick={() => {
        till.screen.value = 'state'
      }}
    >
      <span class="status-dot" aria-hidden="true" />
      <span class="hidden-text">{say('till.status')}:</span>
      <span>{hub}</span>
      <span class="status-part">{cloud}</span>
      {here !== '' && <strong>{here}</strong>}
    </button>
  )
}
