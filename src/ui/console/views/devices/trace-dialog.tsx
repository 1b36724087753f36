/** The live bytes between the hub and a device, both ways, in hex and in letters. It ends when it is closed. */
import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import type { Device } from '../../../../protocol/device.ts'
import type { TraceEntry, TraceHeader } from '../../../../protocol/trace.ts'
import { Button } from '../../../parts/button.tsx'
import { Dialog } from '../../../parts/dialog.tsx'
import { say, sayCount } from '../../../words/say.ts'
import { useConsole } from '../../context.ts'
import { FormError } from '../../frame/form-error.tsx'
import { saveAs, useCopy } from '../box/bits.tsx'
import { type SeenEntry, TraceFeed } from './trace-feed.ts'
import { entryTime, hexText, letters, shownBytesMax, traceFile } from './trace-text.ts'

/** So many entries are drawn; the file has all that are kept. */
const drawnMax = 300
/** So near to the end, in px, counts as being there: the newest stays in sight. */
const endPx = 40

export function TraceDialog({ device, onClose }: { device: Device; onClose: () => void }): JSX.Element {
  const { session, clock } = useConsole()
  const feed = useMemo(() => new TraceFeed(session, device.id, clock), [session, device.id, clock])
  const frozen = useSignal<readonly SeenEntry[] | undefined>(undefined)
  useEffect(() => {
    feed.start(false)
    return () => feed.stop()
  }, [feed])
  const entries = frozen.value ?? feed.entries.value
  const error = feed.error.value
  const begin = (fresh: boolean) => {
    frozen.value = undefined
    feed.start(fresh)
  }
  return (
    <Dialog title={say('devices.traceTitle', { name: device.name })} onClose={onClose}>
      <div class="trace">
        <div class="actions">
          <Button
            icon={frozen.value === undefined ? 'pause' : 'play'}
            pressed={frozen.value !== undefined}
            onPress={() => {
              frozen.value = frozen.value === undefined ? feed.entries.peek() : undefined
            }}
          >
            {frozen.value === undefined ? say('devices.tracePause') : say('devices.traceGoOn')}
          </Button>
          <Button icon="restart" title={say('devices.traceFreshHint')} onPress={() => begin(true)}>
            {say('devices.traceFresh')}
          </Button>
          <Keep device={device} header={feed.header.value} entries={entries} />
        </div>
        <p class="hint" role="status">
          {feed.header.value === undefined
            ? say('devices.traceStarting')
            : sayCount('devices.traceCount', entries.length)}
          {feed.lost.value > 0 && ` ${sayCount('devices.traceLost', feed.lost.value)}`}
        </p>
        {error !== undefined && (
          <div class="trace-error">
            <FormError error={error} />
            <Button onPress={() => begin(false)}>{say('devices.traceAgain')}</Button>
          </div>
        )}
        <Entries header={feed.header.value} entries={entries} following={frozen.value === undefined} />
      </div>
    </Dialog>
  )
}

interface KeepProps {
  device: Device
  header: TraceHeader | undefined
  entries: readonly SeenEntry[]
}

function Keep({ device, header, entries }: KeepProps): JSX.Element {
  const { clock } = useConsole()
  const copy = useCopy()
  const file = () =>
    traceFile(
      header,
      entries.map(({ entry }) => entry),
    )
  return (
    <>
      <Button icon="copy" disabled={entries.length === 0} onPress={() => copy(file())}>
        {say('common.copy')}
      </Button>
      <Button
        icon="backup"
        disabled={entries.length === 0}
        onPress={() =>
          saveAs(clock, new Blob([file()], { type: 'application/x-ndjson' }), `${device.id}.jsonl`)
        }
      >
        {say('devices.traceSave')}
      </Button>
    </>
  )
}

interface EntriesProps {
  header: TraceHeader | undefined
  entries: readonly SeenEntry[]
  following: boolean
}

function Entries({ header, entries, following }: EntriesProps): JSX.Element {
  const box = useRef<HTMLElement>(null)
  const atEnd = useRef(true)
  useLayoutEffect(() => {
    if (following && atEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [entries, following])
  return (
    <section
      ref={box}
      class="trace-entries"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={say('devices.traceBytes')}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < endPx
      }}
    >
      {entries.length === 0 ? (
        <p class="scan-none">{say('devices.traceNone')}</p>
      ) : (
        <ol>
          {entries.slice(-drawnMax).map((seen) => (
            <Entry key={seen.number} header={header} seen={seen} />
          ))}
        </ol>
      )}
    </section>
  )
}

function Entry({ header, seen }: { header: TraceHeader | undefined; seen: SeenEntry }): JSX.Element {
  const { entry } = seen
  return (
    <li class={`trace-${entry.dir}`} data-dir={entry.dir}>
      <time>{entryTime(header, entry)}</time>
      <What entry={entry} />
    </li>
  )
}

function What({ entry }: { entry: TraceEntry }): JSX.Element {
  if (entry.dir === 'told')
    return (
      <>
        <span class="trace-way">{say('devices.traceTold', { what: entry.what })}</span>
        <code class="trace-told">{JSON.stringify(entry.data)}</code>
      </>
    )
  if (entry.dir === 'port')
    return (
      <>
        <span class="trace-way">{entry.open ? say('devices.traceOpened') : say('devices.traceClosed')}</span>
        <code class="trace-told">{entry.reason}</code>
      </>
    )
  const rest = entry.hex.length / 2 - shownBytesMax
  return (
    <>
      <span class="trace-way">{entry.dir === 'out' ? say('devices.traceOut') : say('devices.traceIn')}</span>
      <code class="trace-hex">{hexText(entry.hex)}</code>
      <code class="trace-letters">{letters(entry.hex)}</code>
      {rest > 0 && <span class="trace-rest">{sayCount('devices.traceRest', rest)}</span>}
    </>
  )
}
