/** The last events as they come, with pause and filter: for finding out what a device really does. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { HubEvent } from '../../../protocol/event.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { SearchField } from '../../parts/search-field.tsx'
import { clockText } from '../../parts/time.ts'
import { useConsole } from '../context.ts'

const shownMax = 100
const textCharsMax = 300

export function EventsView(): JSX.Element {
  const { state } = useConsole()
  const filter = useSignal('')
  const frozen = useSignal<readonly HubEvent[] | undefined>(undefined)
  const shown = useComputed(() => {
    const wanted = filter.value.trim().toLowerCase()
    return (frozen.value ?? state.events.value)
      .filter((event) => wanted === '' || lineOf(event).toLowerCase().includes(wanted))
      .slice(0, shownMax)
  }).value
  const paused = frozen.value !== undefined
  return (
    <>
      <div class="toolbar">
        <SearchField
          label="Filter the events"
          placeholder="Filter by topic, device or text"
          value={filter.value}
          onInput={(value) => {
            filter.value = value
          }}
        />
        <Button
          icon={paused ? 'play' : 'pause'}
          pressed={paused}
          onPress={() => {
            frozen.value = paused ? undefined : state.events.value
          }}
        >
          {paused ? 'Go on' : 'Pause'}
        </Button>
      </div>
      {shown.length === 0 ? (
        <div class="empty">
          <Icon name="events" size={48} />
          <h2>No events</h2>
          <p>Events appear here as they happen while this page is open.</p>
        </div>
      ) : (
        <ol class="events">
          {shown.map((event) => (
            <li key={event.seq}>
              <time dateTime={event.at}>{clockText(event.at)}</time>
              <strong>{event.topic}</strong>
              <span>{event.device}</span>
              <code>{textOf(event)}</code>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

function textOf(event: HubEvent): string {
  const text = JSON.stringify(event.data)
  return text.length > textCharsMax ? `${text.slice(0, textCharsMax)} …` : text
}

function lineOf(event: HubEvent): string {
  return `${event.topic} ${event.device ?? ''} ${JSON.stringify(event.data)}`
}
