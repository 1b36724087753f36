/** The last events as they come, with pause and filter: for finding out what a device really does. */
import { useComputed, useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { HubEvent } from '../../../../protocol/event.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { SearchField } from '../../../parts/search-field.tsx'
import { clockText, dateTimeText } from '../../../parts/time.ts'
import { say, sayCount } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import { stateLimits } from '../../state.ts'
import { VirtualList } from './virtual-list.tsx'

/** Of an event's data this much stands in its row. */
const rowCharsMax = 300

export function EventsView(): JSX.Element {
  const { state } = useConsole()
  const filter = useSignal('')
  const frozen = useSignal<readonly HubEvent[] | undefined>(undefined)
  const open = useSignal<HubEvent | undefined>(undefined)
  const shown = useComputed(() => {
    const wanted = filter.value.trim().toLowerCase()
    const events = frozen.value ?? state.events.value
    return wanted === '' ? events : events.filter((event) => searchTextOf(event).includes(wanted))
  }).value
  const paused = frozen.value !== undefined
  const filtered = filter.value.trim() !== ''
  return (
    <>
      <div class="toolbar">
        <SearchField
          label={say('jobs.eventsFilter')}
          placeholder={say('jobs.eventsFilterHint')}
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
          {paused ? say('jobs.eventsGoOn') : say('jobs.eventsPause')}
        </Button>
        <p class="summary">
          {paused ? say('jobs.eventsPaused') : say('jobs.eventsKept', { max: stateLimits.eventsMax })}
        </p>
      </div>
      {shown.length === 0 ? (
        <div class="empty">
          <Icon name="events" size={48} />
          <h2>{filtered ? say('jobs.eventsNoMatch') : say('jobs.eventsNone')}</h2>
          <p>{filtered ? say('jobs.eventsNoMatchHint') : say('jobs.eventsNoneHint')}</p>
        </div>
      ) : (
        <>
          <VirtualList
            rows={shown}
            keyOf={({ seq }) => seq}
            label={say('jobs.eventsList')}
            class="events"
            marks={({ topic }) => ({ 'data-topic': topic })}
          >
            {(event) => (
              <button
                type="button"
                class="event-key"
                aria-haspopup="dialog"
                onClick={() => {
                  open.value = event
                }}
              >
                <time dateTime={event.at}>{clockText(event.at)}</time>
                <strong>{event.topic}</strong>
                <span>{event.device}</span>
                <code>{textOf(event).slice(0, rowCharsMax)}</code>
              </button>
            )}
          </VirtualList>
          <p class="hint list-end">{sayCount('jobs.eventsCount', shown.length)}</p>
        </>
      )}
      {open.value !== undefined && (
        <EventDialog
          event={open.value}
          onClose={() => {
            open.value = undefined
          }}
        />
      )}
    </>
  )
}

function EventDialog({ event, onClose }: { event: HubEvent; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={event.topic} onClose={onClose}>
      <p class="hint">
        {dateTimeText(event.at)}
        {event.device !== undefined && `, ${event.device}`}, {say('jobs.eventNumber', { seq: event.seq })}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="event-data" tabIndex={0} aria-label={say('jobs.eventData')}>
        <pre>
          <code>{JSON.stringify(event.data, null, 2)}</code>
        </pre>
      </section>
    </Dialog>
  )
}

/** Events do not change: what was made of one once serves for every drawing. */
const texts = new WeakMap<HubEvent, { shown: string; searched: string }>()

function textsOf(event: HubEvent): { shown: string; searched: string } {
  const known = texts.get(event)
  if (known !== undefined) return known
  const shown = JSON.stringify(event.data)
  const made = { shown, searched: `${event.topic} ${event.device ?? ''} ${shown}`.toLowerCase() }
  texts.set(event, made)
  return made
}

const textOf = (event: HubEvent) => textsOf(event).shown
const searchTextOf = (event: HubEvent) => textsOf(event).searched
